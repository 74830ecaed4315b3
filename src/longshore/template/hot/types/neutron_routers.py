"""Routers, public addresses and gateways."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
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
        "OS::Neutron::ExtraRoute",
        "A further route of a router.",
        {
            "router_id": string(REQUIRED, form("neutron.router")),
            "destination": string(REQUIRED),
            "nexthop": string(REQUIRED),
        },
        status="unsupported",
        named=False,
    ),
    row(
        "OS::Neutron::ExtraRouteSet",
        "Further routes of a router, kept together.",
        {
            "router": string(REQUIRED, form("neutron.router")),
            "routes": listing(
                mapping(
                    {
                        "destination": string(REQUIRED, form("net_cidr")),
                        "nexthop": string(REQUIRED, form("ip_addr")),
                    }
                ),
                UPDATES,
                default=[],
            ),
        },
        named=False,
    ),
    row(
        "OS::Neutron::FloatingIP",
        "A public address, tied to a port if one is named.",
        {
            "floating_network_id": string(HIDDEN, form("neutron.network")),
            "floating_network": string(REQUIRED, form("neutron.network")),
            "floating_subnet": string(form("neutron.subnet")),
            "value_specs": mapping(default={}),
            "port_id": string(UPDATES, form("neutron.port")),
            "fixed_ip_address": string(UPDATES, form("ip_addr")),
            "floating_ip_address": string(form("ip_addr")),
            "dns_name": string(UPDATES, form("rel_dns_name")),
            "dns_domain": string(UPDATES, form("dns_domain")),
        },
        "router_id:string tenant_id:string floating_network_id:string fixed_ip_address:string "
        "floating_ip_address:string port_id:string",
        named=False,
        aliases=(alias("floating_network_id", "floating_network"),),
    ),
    row(
        "OS::Neutron::FloatingIPAssociation",
        "Ties a public address to a port.",
        {
            "floatingip_id": string(REQUIRED, UPDATES),
            "port_id": string(REQUIRED, UPDATES, form("neutron.port")),
            "fixed_ip_address": string(UPDATES, form("ip_addr")),
        },
        named=False,
    ),
    row(
        "OS::Neutron::FloatingIPPortForward",
        "Passes a port of a public address on to a server.",
        {
            "internal_ip_address": string(REQUIRED, UPDATES, form("ip_addr")),
            "internal_port_number": integer(UPDATES, between(1, 65535)),
            "external_port": integer(REQUIRED, UPDATES, between(1, 65535)),
            "internal_port": string(REQUIRED, UPDATES, form("neutron.port")),
            "protocol": string(REQUIRED, UPDATES, allowed("tcp", "udp", "icmp", "icmp6", "sctp", "dccp")),
            "floating_ip": string(REQUIRED),
        },
        named=False,
    ),
    row(
        "OS::Neutron::L2Gateway",
        "A gateway that joins networks at layer 2.",
        {
            "name": string(REQUIRED, UPDATES),
            "devices": listing(
                mapping(
                    {
                        "device_name": string(REQUIRED),
                        "interfaces": listing(
                            mapping({"name": string(REQUIRED), "segmentation_id": listing()}), REQUIRED
                        ),
                    }
                ),
                REQUIRED,
                UPDATES,
            ),
        },
        named=False,
    ),
    row(
        "OS::Neutron::L2GatewayConnection",
        "Joins a network to a layer 2 gateway.",
        {
            "l2_gateway_id": string(REQUIRED),
            "network_id": string(REQUIRED, form("neutron.network")),
            "segmentation_id": string(),
        },
        named=False,
    ),
    row(
        "OS::Neutron::NetworkGateway",
        "A gateway of networks to hardware outside.",
        {
            "name": string(UPDATES),
            "devices": listing(
                mapping({"id": string(REQUIRED), "interface_name": string(REQUIRED)}),
                REQUIRED,
                UPDATES,
                length(1),
            ),
            "connections": listing(
                mapping(
                    {
                        "network_id": string(HIDDEN, form("neutron.network")),
                        "network": string(REQUIRED, form("neutron.network")),
                        "segmentation_type": string(allowed("flat", "vlan"), default="flat"),
                        "segmentation_id": integer(between(0, 4094)),
                    }
                ),
                UPDATES,
                default=[],
            ),
        },
        "default:string",
        named=False,
        aliases=(alias("network_id", "network", "connections"),),
    ),
    row(
        "OS::Neutron::Router",
        "A router between subnets and, if asked for, the outside.",
        {
            "name": string(UPDATES),
            "external_gateway_info": mapping(
                {
                    "network": string(REQUIRED, UPDATES),
                    "enable_snat": boolean(UPDATES),
                    "external_fixed_ips": listing(
                        mapping(
                            {"ip_address": string(form("ip_addr")), "subnet": string(form("neutron.subnet"))}
                        ),
                        UPDATES,
                    ),
                },
                UPDATES,
            ),
            "value_specs": mapping(None, UPDATES, default={}),
            "admin_state_up": boolean(UPDATES, default=True),
            "l3_agent_id": string(UPDATES, HIDDEN),
            "l3_agent_ids": listing(string(), UPDATES),
            "distributed": boolean(),
            "ha": boolean(),
            "availability_zone_hints": listing(None, UPDATES),
            "tags": listing(string(), UPDATES),
            "tenant_id": string(),
        },
        "status:string external_gateway_info:map name:string admin_state_up:string tenant_id:string",
        named=False,
    ),
    row(
        "OS::Neutron::RouterGateway",
        "Joins a router to an outside network: an elder way.",
        {
            "router_id": string(REQUIRED, form("neutron.router")),
            "network_id": string(HIDDEN, form("neutron.network")),
            "network": string(form("neutron.network")),
        },
        status="hidden",
        instead="OS::Neutron::Router",
        named=False,
        aliases=(alias("network_id", "network"),),
    ),
    row(
        "OS::Neutron::RouterInterface",
        "Joins a router to a subnet.",
        {
            "router": string(REQUIRED, form("neutron.router")),
            "router_id": string(HIDDEN, form("neutron.router")),
            "subnet_id": string(HIDDEN, form("neutron.subnet")),
            "subnet": string(form("neutron.subnet")),
            "port_id": string(HIDDEN, form("neutron.port")),
            "port": string(form("neutron.port")),
        },
        named=False,
        aliases=(
            alias("port_id", "port"),
            alias("router_id", "router"),
            alias("subnet_id", "subnet"),
        ),
    ),
)
