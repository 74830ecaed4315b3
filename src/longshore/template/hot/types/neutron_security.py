"""What may pass a network: security groups, firewalls and VPNs."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    HIDDEN,
    REQUIRED,
    UNSUPPORTED,
    UPDATES,
    alias,
    allowed,
    between,
    boolean,
    form,
    integer,
    listing,
    mapping,
    row,
    rows,
    string,
)

_PROTOCOLS = (
    "tcp udp icmp icmpv6 ipv6-icmp ah dccp egp esp gre igmp ipv6-encap ipv6-frag ipv6-nonxt ipv6-opts"
    " ipv6-route ospf pgm rsvp sctp udplite vrrp"
)

_CIPHERS = (
    "3des",
    "aes-128",
    "aes-192",
    "aes-256",
    "aes-128-ccm-8",
    "aes-192-ccm-8",
    "aes-256-ccm-8",
    "aes-128-ccm-12",
    "aes-192-ccm-12",
    "aes-256-ccm-12",
    "aes-128-ccm-16",
    "aes-192-ccm-16",
    "aes-256-ccm-16",
    "aes-128-gcm-8",
    "aes-192-gcm-8",
    "aes-256-gcm-8",
    "aes-128-gcm-12",
    "aes-192-gcm-12",
    "aes-256-gcm-12",
    "aes-128-gcm-16",
    "aes-192-gcm-16",
    "aes-256-gcm-16",
    "aes-128-ctr",
    "aes-192-ctr",
    "aes-256-ctr",
)

_PROTOCOL = allowed(*_PROTOCOLS.split(), *(str(number) for number in range(256)))
"""A protocol by its number or its name."""


ROWS = rows(
    row(
        "OS::Neutron::Firewall",
        "A firewall that follows a policy.",
        {
            "name": string(UPDATES),
            "description": string(UPDATES),
            "admin_state_up": boolean(UPDATES, default=True),
            "firewall_policy_id": string(REQUIRED, UPDATES),
            "value_specs": mapping(None, UPDATES, default={}),
            "shared": boolean(UPDATES, UNSUPPORTED),
        },
        "name:string description:string admin_state_up:string firewall_policy_id:string "
        "shared:string status:string tenant_id:string",
        named=False,
    ),
    row(
        "OS::Neutron::FirewallPolicy",
        "An ordered list of rules of a firewall.",
        {
            "name": string(UPDATES),
            "description": string(UPDATES),
            "shared": boolean(UPDATES, default=False),
            "audited": boolean(UPDATES, default=False),
            "firewall_rules": listing(None, UPDATES),
        },
        "name:string description:string firewall_rules:list shared:string audited:string tenant_id:string",
        named=False,
    ),
    row(
        "OS::Neutron::FirewallRule",
        "Which traffic a firewall lets through.",
        {
            "name": string(UPDATES),
            "description": string(UPDATES),
            "shared": boolean(UPDATES, default=False),
            "protocol": string(UPDATES, allowed("tcp", "udp", "icmp", "any"), default="any"),
            "ip_version": string(UPDATES, allowed("4", "6"), default="4"),
            "source_ip_address": string(UPDATES, form("net_cidr")),
            "destination_ip_address": string(UPDATES, form("net_cidr")),
            "source_port": string(UPDATES),
            "destination_port": string(UPDATES),
            "action": string(UPDATES, allowed("allow", "deny"), default="deny"),
            "enabled": boolean(UPDATES, default=True),
        },
        "name:string description:string firewall_policy_id:string shared:string "
        "protocol:string ip_version:string source_ip_address:string "
        "destination_ip_address:string source_port:string destination_port:string "
        "action:string enabled:string position:string tenant_id:string",
        named=False,
    ),
    row(
        "OS::Neutron::IKEPolicy",
        "How the keys of a VPN are agreed on.",
        {
            "name": string(UPDATES),
            "description": string(UPDATES),
            "auth_algorithm": string(
                UPDATES, allowed("sha1", "sha256", "sha384", "sha512", "aes-xcbc", "aes-cmac"), default="sha1"
            ),
            "encryption_algorithm": string(
                UPDATES,
                allowed(*_CIPHERS),
                default="aes-128",
            ),
            "phase1_negotiation_mode": string(allowed("main"), default="main"),
            "lifetime": mapping(
                {
                    "units": string(allowed("seconds", "kilobytes"), default="seconds"),
                    "value": integer(default=3600),
                },
                UPDATES,
            ),
            "pfs": string(
                UPDATES,
                allowed(
                    "group2",
                    "group5",
                    "group14",
                    "group15",
                    "group16",
                    "group17",
                    "group18",
                    "group19",
                    "group20",
                    "group21",
                    "group22",
                    "group23",
                    "group24",
                    "group25",
                    "group26",
                    "group27",
                    "group28",
                    "group29",
                    "group30",
                    "group31",
                ),
                default="group5",
            ),
            "ike_version": string(UPDATES, allowed("v1", "v2"), default="v1"),
        },
        "auth_algorithm:string description:string encryption_algorithm:string "
        "ike_version:string lifetime:map name:string pfs:string "
        "phase1_negotiation_mode:string tenant_id:string",
        named=False,
    ),
    row(
        "OS::Neutron::IPsecPolicy",
        "How the traffic of a VPN is secured.",
        {
            "name": string(UPDATES),
            "description": string(UPDATES),
            "transform_protocol": string(allowed("esp", "ah", "ah-esp"), default="esp"),
            "encapsulation_mode": string(allowed("tunnel", "transport"), default="tunnel"),
            "auth_algorithm": string(
                allowed("sha1", "sha256", "sha384", "sha512", "aes-xcbc", "aes-cmac"), default="sha1"
            ),
            "encryption_algorithm": string(
                allowed(*_CIPHERS),
                default="aes-128",
            ),
            "lifetime": mapping(
                {
                    "units": string(allowed("seconds", "kilobytes"), default="seconds"),
                    "value": integer(default=3600),
                }
            ),
            "pfs": string(
                allowed(
                    "group2",
                    "group5",
                    "group14",
                    "group15",
                    "group16",
                    "group17",
                    "group18",
                    "group19",
                    "group20",
                    "group21",
                    "group22",
                    "group23",
                    "group24",
                    "group25",
                    "group26",
                    "group27",
                    "group28",
                    "group29",
                    "group30",
                    "group31",
                ),
                default="group5",
            ),
        },
        "auth_algorithm:string description:string encapsulation_mode:string "
        "encryption_algorithm:string lifetime:map name:string pfs:string tenant_id:string "
        "transform_protocol:string",
        named=False,
    ),
    row(
        "OS::Neutron::IPsecSiteConnection",
        "A VPN connection to another site.",
        {
            "name": string(UPDATES),
            "description": string(UPDATES),
            "peer_address": string(REQUIRED),
            "peer_id": string(REQUIRED),
            "peer_cidrs": listing(string(form("net_cidr")), REQUIRED),
            "mtu": integer(default=1500),
            "dpd": mapping(
                {
                    "actions": string(
                        allowed("clear", "disabled", "hold", "restart", "restart-by-peer"), default="hold"
                    ),
                    "interval": integer(default=30),
                    "timeout": integer(default=120),
                }
            ),
            "psk": string(REQUIRED),
            "initiator": string(allowed("bi-directional", "response-only"), default="bi-directional"),
            "admin_state_up": boolean(UPDATES, default=True),
            "ikepolicy_id": string(REQUIRED),
            "ipsecpolicy_id": string(REQUIRED),
            "vpnservice_id": string(REQUIRED),
        },
        "admin_state_up:string auth_mode:string description:string dpd:map "
        "ikepolicy_id:string initiator:string ipsecpolicy_id:string mtu:string name:string "
        "peer_address:string peer_cidrs:list peer_id:string psk:string route_mode:string "
        "status:string tenant_id:string vpnservice_id:string",
        named=False,
    ),
    row(
        "OS::Neutron::SecurityGroup",
        "Which traffic may reach and leave ports.",
        {
            "name": string(UPDATES),
            "description": string(UPDATES),
            "rules": listing(
                mapping(
                    {
                        "direction": string(allowed("ingress", "egress"), default="ingress"),
                        "ethertype": string(allowed("IPv4", "IPv6"), default="IPv4"),
                        "port_range_min": integer(between(0, 65535)),
                        "port_range_max": integer(between(0, 65535)),
                        "protocol": string(_PROTOCOL),
                        "remote_mode": string(
                            allowed("remote_ip_prefix", "remote_group_id"), default="remote_ip_prefix"
                        ),
                        "remote_group_id": string(form("neutron.security_group")),
                        "remote_ip_prefix": string(form("net_cidr")),
                        "description": string(),
                    }
                ),
                UPDATES,
                default=[],
            ),
            "stateful": boolean(UPDATES),
        },
        named=False,
    ),
    row(
        "OS::Neutron::SecurityGroupRule",
        "One rule of a security group.",
        {
            "security_group": string(REQUIRED, form("neutron.security_group")),
            "description": string(),
            "direction": string(allowed("ingress", "egress"), default="ingress"),
            "ethertype": string(allowed("IPv4", "IPv6"), default="IPv4"),
            "port_range_min": integer(between(0, 65535)),
            "port_range_max": integer(between(0, 65535)),
            "protocol": string(_PROTOCOL, default="tcp"),
            "remote_group": string(form("neutron.security_group")),
            "remote_ip_prefix": string(form("net_cidr")),
        },
        named=False,
    ),
    row(
        "OS::Neutron::VPNService",
        "A VPN at a router.",
        {
            "name": string(UPDATES),
            "description": string(UPDATES),
            "admin_state_up": boolean(UPDATES, default=True),
            "subnet_id": string(HIDDEN, form("neutron.subnet")),
            "subnet": string(REQUIRED, form("neutron.subnet")),
            "router_id": string(HIDDEN, form("neutron.router")),
            "router": string(REQUIRED, form("neutron.router")),
        },
        "admin_state_up:string description:string name:string router_id:string status:string "
        "subnet_id:string tenant_id:string",
        named=False,
        aliases=(
            alias("subnet_id", "subnet"),
            alias("router_id", "router"),
        ),
    ),
)
