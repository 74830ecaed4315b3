"""Networks, subnets and ports."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    FIXED,
    HIDDEN,
    REQUIRED,
    UPDATES,
    alias,
    allowed,
    between,
    boolean,
    form,
    integer,
    length,
    listing,
    mapping,
    row,
    rows,
    string,
)

ROWS = rows(
    row(
        "OS::Neutron::AddressScope",
        "A scope within which addresses are unique.",
        {
            "name": string(UPDATES),
            "shared": boolean(UPDATES, default=False),
            "tenant_id": string(form("keystone.project")),
            "ip_version": integer(allowed(4, 6), default=4),
        },
        named=False,
    ),
    row(
        "OS::Neutron::Net",
        "A network.",
        {
            "name": string(UPDATES),
            "value_specs": mapping(None, UPDATES, default={}),
            "admin_state_up": boolean(UPDATES, default=True),
            "tenant_id": string(),
            "shared": boolean(UPDATES, default=False),
            "dhcp_agent_ids": listing(None, UPDATES),
            "port_security_enabled": boolean(UPDATES),
            "qos_policy": string(UPDATES, form("neutron.qos_policy")),
            "dns_domain": string(UPDATES, form("dns_domain")),
            "availability_zone_hints": listing(),
            "tags": listing(string(), UPDATES),
        },
        "status:string name:string subnets:list admin_state_up:string tenant_id:string "
        "port_security_enabled:boolean mtu:integer qos_policy_id:string l2_adjacency:boolean "
        "segments:list",
        named=False,
    ),
    row(
        "OS::Neutron::Port",
        "A port of a network: the interface of a server or router.",
        {
            "name": string(UPDATES),
            "network_id": string(HIDDEN, form("neutron.network")),
            "network": string(REQUIRED, form("neutron.network")),
            "device_id": string(UPDATES, default=""),
            "device_owner": string(UPDATES, default=""),
            "fixed_ips": listing(
                mapping(
                    {
                        "subnet_id": string(HIDDEN, form("neutron.subnet")),
                        "subnet": string(form("neutron.subnet")),
                        "ip_address": string(form("ip_addr")),
                    }
                ),
                UPDATES,
            ),
            "security_groups": listing(None, UPDATES),
            "replacement_policy": string(UPDATES, HIDDEN, allowed("REPLACE_ALWAYS", "AUTO"), default="AUTO"),
            "dns_name": string(UPDATES, form("dns_name")),
            "tags": listing(string(), UPDATES),
            "value_specs": mapping(None, UPDATES, default={}),
            "admin_state_up": boolean(UPDATES, default=True),
            "mac_address": string(form("mac_addr")),
            "allowed_address_pairs": listing(
                mapping(
                    {
                        "mac_address": string(form("mac_addr")),
                        "ip_address": string(REQUIRED, form("ip_or_cidr")),
                    }
                ),
                UPDATES,
            ),
            "binding:vnic_type": string(
                UPDATES,
                allowed(
                    "normal",
                    "direct",
                    "macvtap",
                    "direct-physical",
                    "baremetal",
                    "virtio-forwarder",
                    "smart-nic",
                ),
                default="normal",
            ),
            "port_security_enabled": boolean(UPDATES),
            "qos_policy": string(UPDATES, form("neutron.qos_policy")),
            "propagate_uplink_status": boolean(UPDATES),
            "no_fixed_ips": boolean(UPDATES, default=False),
        },
        "admin_state_up:string device_id:string device_owner:string fixed_ips:list "
        "mac_address:string name:string network_id:string security_groups:list status:string "
        "tenant_id:string allowed_address_pairs:list subnets:list "
        "port_security_enabled:boolean qos_policy_id:string dns_assignment:map network:map "
        "propagate_uplink_status:boolean",
        named=False,
        aliases=(
            alias("network_id", "network"),
            alias("subnet_id", "subnet", "fixed_ips"),
        ),
    ),
    row(
        "OS::Neutron::ProviderNet",
        "A network mapped to a physical one.",
        {
            "name": string(UPDATES),
            "network_type": string(
                REQUIRED, UPDATES, allowed("local", "vlan", "vxlan", "gre", "geneve", "flat")
            ),
            "physical_network": string(UPDATES),
            "segmentation_id": string(UPDATES),
            "admin_state_up": boolean(UPDATES, default=True),
            "shared": boolean(UPDATES, default=True),
            "port_security_enabled": boolean(UPDATES),
            "router_external": boolean(UPDATES, default=False),
            "tags": listing(string(), UPDATES),
            "dns_domain": string(UPDATES, form("dns_domain")),
            "availability_zone_hints": listing(None, UPDATES),
            "tenant_id": string(),
        },
        "status:string subnets:list segments:list",
        named=False,
    ),
    row(
        "OS::Neutron::Quota",
        "How much of the network a project may use.",
        {
            "project": string(REQUIRED, form("keystone.project")),
            "subnet": integer(UPDATES, between(-1)),
            "network": integer(UPDATES, between(-1)),
            "floatingip": integer(UPDATES, between(-1)),
            "security_group_rule": integer(UPDATES, between(-1)),
            "security_group": integer(UPDATES, between(-1)),
            "router": integer(UPDATES, between(-1)),
            "port": integer(UPDATES, between(-1)),
            "subnetpool": integer(UPDATES, between(-1)),
            "rbac_policy": integer(UPDATES, between(-1)),
        },
        named=False,
    ),
    row(
        "OS::Neutron::RBACPolicy",
        "Lets other projects use a network or the like.",
        {
            "object_type": string(
                REQUIRED, allowed("network", "qos_policy", "security_group", "address_scope", "subnetpool")
            ),
            "target_tenant": string(REQUIRED, UPDATES),
            "action": string(REQUIRED, allowed("access_as_shared", "access_as_external")),
            "object_id": string(REQUIRED),
            "tenant_id": string(),
        },
        named=False,
    ),
    row(
        "OS::Neutron::Segment",
        "A part of a network at layer 2.",
        {
            "network": string(REQUIRED, form("neutron.network")),
            "network_type": string(REQUIRED, allowed("local", "vlan", "vxlan", "gre", "geneve", "flat")),
            "physical_network": string(),
            "segmentation_id": integer(between(1)),
            "name": string(UPDATES),
            "description": string(UPDATES),
        },
        named=False,
    ),
    row(
        "OS::Neutron::Subnet",
        "A range of addresses within a network.",
        {
            "network_id": string(HIDDEN, form("neutron.network")),
            "network": string(REQUIRED, form("neutron.network")),
            "subnetpool": string(form("neutron.subnetpool")),
            "prefixlen": integer(between(0)),
            "cidr": string(form("net_cidr")),
            "value_specs": mapping(None, UPDATES, default={}),
            "name": string(UPDATES),
            "ip_version": integer(allowed(4, 6), default=4),
            "dns_nameservers": listing(None, UPDATES, default=[]),
            "gateway_ip": string(UPDATES),
            "enable_dhcp": boolean(UPDATES, default=True),
            "allocation_pools": listing(
                mapping(
                    {"start": string(REQUIRED, form("ip_addr")), "end": string(REQUIRED, form("ip_addr"))}
                ),
                UPDATES,
            ),
            "tenant_id": string(),
            "host_routes": listing(
                mapping(
                    {
                        "destination": string(REQUIRED, form("net_cidr")),
                        "nexthop": string(REQUIRED, form("ip_addr")),
                    }
                ),
                UPDATES,
            ),
            "ipv6_ra_mode": string(allowed("dhcpv6-stateful", "dhcpv6-stateless", "slaac")),
            "ipv6_address_mode": string(allowed("dhcpv6-stateful", "dhcpv6-stateless", "slaac")),
            "segment": string(UPDATES, form("neutron.segment")),
            "tags": listing(string(), UPDATES),
        },
        "name:string network_id:string tenant_id:string allocation_pools:list "
        "gateway_ip:string host_routes:list ip_version:string cidr:string "
        "dns_nameservers:list enable_dhcp:string",
        named=False,
        aliases=(alias("network_id", "network"),),
    ),
    row(
        "OS::Neutron::SubnetPool",
        "Prefixes from which subnets are taken.",
        {
            "name": string(UPDATES),
            "prefixes": listing(string(form("net_cidr")), REQUIRED, UPDATES, length(1)),
            "address_scope": string(UPDATES, form("neutron.address_scope")),
            "default_quota": integer(UPDATES, between(0)),
            "default_prefixlen": integer(UPDATES, between(0)),
            "min_prefixlen": integer(UPDATES, between(0)),
            "max_prefixlen": integer(UPDATES, between(0)),
            "is_default": boolean(UPDATES, default=False),
            "tenant_id": string(),
            "shared": boolean(default=False),
            "tags": listing(string(), UPDATES),
        },
        named=False,
    ),
    row(
        "OS::Neutron::Trunk",
        "Several networks over one port.",
        {
            "name": string(UPDATES),
            "port": string(REQUIRED, FIXED, form("neutron.port")),
            "sub_ports": listing(
                mapping(
                    {
                        "port": string(REQUIRED, form("neutron.port")),
                        "segmentation_type": string(REQUIRED, allowed("vlan")),
                        "segmentation_id": integer(REQUIRED, between(1, 4094)),
                    }
                ),
                UPDATES,
            ),
            "description": string(UPDATES),
            "admin_state_up": boolean(UPDATES),
        },
        "port_id:string",
        named=False,
    ),
)
