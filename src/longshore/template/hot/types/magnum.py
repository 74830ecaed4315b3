"""Clusters of containers."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    REQUIRED,
    UPDATES,
    allowed,
    between,
    boolean,
    form,
    integer,
    mapping,
    row,
    rows,
    string,
)

_TEMPLATE = {
    "image": string(REQUIRED, form("glance.image")),
    "flavor": string(form("nova.flavor")),
    "master_flavor": string(form("nova.flavor")),
    "external_network": string(REQUIRED, form("neutron.network")),
    "fixed_network": string(form("neutron.network")),
    "fixed_subnet": string(form("neutron.subnet")),
    "dns_nameserver": string(form("ip_addr")),
    "docker_volume_size": integer(between(1)),
    "docker_storage_driver": string(allowed("devicemapper", "overlay"), default="devicemapper"),
    "coe": string(REQUIRED, allowed("kubernetes", "swarm", "mesos")),
    "network_driver": string(),
    "volume_driver": string(allowed("cinder", "rexray")),
    "http_proxy": string(),
    "https_proxy": string(),
    "no_proxy": string(),
    "labels": mapping(),
    "tls_disabled": boolean(default=False),
    "public": boolean(UPDATES, default=False),
    "registry_enabled": boolean(default=False),
    "server_type": string(allowed("vm", "bm"), default="vm"),
    "master_lb_enabled": boolean(default=True),
    "floating_ip_enabled": boolean(default=True),
}

ROWS = rows(
    row(
        "OS::Magnum::BayModel",
        "What clusters are made like, under its elder name.",
        {
            "name": string(),
            **_TEMPLATE,
            "keypair": string(form("nova.keypair")),
        },
        status="hidden",
        instead="OS::Magnum::ClusterTemplate",
    ),
    row(
        "OS::Magnum::Cluster",
        "A cluster of an orchestrator of containers.",
        {
            "name": string(),
            "cluster_template": string(REQUIRED, form("magnum.cluster_template")),
            "keypair": string(form("nova.keypair")),
            "node_count": integer(UPDATES, between(1), default=1),
            "master_count": integer(UPDATES, between(1), default=1),
            "discovery_url": string(UPDATES),
            "create_timeout": integer(UPDATES, between(0), default=60),
        },
        "api_address:string stack_id:string coe_version:string master_addresses:list "
        "status:string master_count:integer node_addresses:list status_reason:string "
        "node_count:integer name:string container_version:string discovery_url:string "
        "cluster_template_id:string keypair:string create_timeout:integer",
    ),
    row(
        "OS::Magnum::ClusterTemplate",
        "What clusters are made like.",
        {
            "name": string(),
            **_TEMPLATE,
            "keypair": string(form("nova.keypair")),
        },
    ),
)
