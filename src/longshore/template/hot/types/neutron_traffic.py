"""What happens to traffic: its quality, its counting, chains of services and taps."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    REQUIRED,
    UNSUPPORTED,
    UPDATES,
    allowed,
    between,
    boolean,
    form,
    integer,
    listing,
    mapping,
    pattern,
    row,
    rows,
    string,
)

ROWS = rows(
    row(
        "OS::Neutron::FlowClassifier",
        "Which traffic goes through a chain of services.",
        {
            "name": string(UPDATES),
            "description": string(UPDATES),
            "protocol": string(allowed("tcp", "udp", "icmp")),
            "ethertype": string(allowed("IPv4", "IPv6"), default="IPv4"),
            "source_ip_prefix": string(form("net_cidr")),
            "destination_ip_prefix": string(form("net_cidr")),
            "source_port_range_min": integer(between(1, 65535)),
            "source_port_range_max": integer(between(1, 65535)),
            "destination_port_range_min": integer(between(1, 65535)),
            "destination_port_range_max": integer(between(1, 65535)),
            "logical_source_port": string(form("neutron.port")),
            "logical_destination_port": string(form("neutron.port")),
            "l7_parameters": mapping(None, UNSUPPORTED),
        },
        status="unsupported",
    ),
    row(
        "OS::Neutron::MeteringLabel",
        "A label under which traffic is counted.",
        {
            "name": string(),
            "description": string(),
            "shared": boolean(default=False),
        },
        "name:string description:string shared:string",
    ),
    row(
        "OS::Neutron::MeteringRule",
        "Which traffic a label counts.",
        {
            "metering_label_id": string(REQUIRED),
            "remote_ip_prefix": string(REQUIRED),
            "direction": string(allowed("ingress", "egress"), default="ingress"),
            "excluded": boolean(default=False),
        },
        "direction:string excluded:string metering_label_id:string remote_ip_prefix:string",
    ),
    row(
        "OS::Neutron::PortChain",
        "An ordered chain of services that traffic goes through.",
        {
            "name": string(UPDATES),
            "description": string(UPDATES),
            "port_pair_groups": listing(string(form("neutron.port_pair_group")), REQUIRED, UPDATES),
            "flow_classifiers": listing(string(form("neutron.flow_classifier")), UPDATES, default=[]),
            "chain_parameters": mapping(default={"correlation": "mpls"}),
        },
        status="unsupported",
    ),
    row(
        "OS::Neutron::PortPair",
        "The ports by which traffic enters and leaves a service.",
        {
            "name": string(UPDATES),
            "description": string(UPDATES),
            "ingress": string(REQUIRED, form("neutron.port")),
            "egress": string(REQUIRED, form("neutron.port")),
            "service_function_parameters": mapping(default={"correlation": None}),
        },
        status="unsupported",
    ),
    row(
        "OS::Neutron::PortPairGroup",
        "Port pairs among which traffic is spread.",
        {
            "name": string(UPDATES),
            "description": string(UPDATES),
            "port_pairs": listing(string(form("neutron.port_pair")), REQUIRED, UPDATES),
        },
        status="unsupported",
    ),
    row(
        "OS::Neutron::QoSBandwidthLimitRule",
        "Bounds the bandwidth under a policy.",
        {
            "max_kbps": integer(REQUIRED, UPDATES, between(0)),
            "max_burst_kbps": integer(UPDATES, between(0), default=0),
            "direction": string(UPDATES, allowed("egress", "ingress"), default="egress"),
            "policy": string(REQUIRED, form("neutron.qos_policy")),
            "tenant_id": string(),
        },
    ),
    row(
        "OS::Neutron::QoSDscpMarkingRule",
        "Marks the traffic under a policy.",
        {
            "dscp_mark": integer(
                REQUIRED,
                UPDATES,
                allowed(0, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 46, 48, 56),
            ),
            "policy": string(REQUIRED, form("neutron.qos_policy")),
            "tenant_id": string(),
        },
    ),
    row(
        "OS::Neutron::QoSMinimumBandwidthRule",
        "Keeps a bandwidth free under a policy.",
        {
            "min_kbps": integer(REQUIRED, UPDATES, between(0)),
            "direction": string(UPDATES, allowed("egress", "ingress"), default="egress"),
            "policy": string(REQUIRED, form("neutron.qos_policy")),
            "tenant_id": string(),
        },
    ),
    row(
        "OS::Neutron::QoSMinimumPacketRateRule",
        "Keeps a rate of packets free under a policy.",
        {
            "min_kpps": integer(REQUIRED, UPDATES, between(0)),
            "direction": string(UPDATES, allowed("any", "egress", "ingress"), default="egress"),
            "policy": string(REQUIRED, form("neutron.qos_policy")),
            "tenant_id": string(),
        },
    ),
    row(
        "OS::Neutron::QoSPolicy",
        "A policy of the quality of networks.",
        {
            "name": string(UPDATES),
            "description": string(UPDATES),
            "shared": boolean(UPDATES, default=False),
            "tenant_id": string(),
        },
        "rules:list",
    ),
    row(
        "OS::Neutron::TaaS::TapFlow",
        "Which port's traffic is copied.",
        {
            "name": string(UPDATES, default=""),
            "description": string(UPDATES, default=""),
            "port": string(REQUIRED, form("neutron.port")),
            "tap_service": string(REQUIRED, form("neutron.taas.tap_service")),
            "direction": string(allowed("IN", "OUT", "BOTH"), default="BOTH"),
            "vlan_filter": string(pattern(r"^([0-9]+(-[0-9]+)?)(,([0-9]+(-[0-9]+)?))*$")),
        },
    ),
    row(
        "OS::Neutron::TaaS::TapService",
        "Where copied traffic goes.",
        {
            "name": string(UPDATES, default=""),
            "description": string(UPDATES, default=""),
            "port": string(REQUIRED, form("neutron.port")),
        },
    ),
)
