"""Balancers."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    REQUIRED,
    UPDATES,
    allowed,
    between,
    boolean,
    form,
    integer,
    listing,
    mapping,
    number,
    row,
    rows,
    string,
)

ROWS = rows(
    row(
        "OS::Octavia::AvailabilityZone",
        "A zone in which balancers can be.",
        {
            "description": string(UPDATES, default=""),
            "enabled": boolean(UPDATES, default=True),
            "name": string(UPDATES),
            "availability_zone_profile": string(REQUIRED, form("octavia.availabilityzoneprofile")),
        },
        "availability_zone_profile_id:string",
    ),
    row(
        "OS::Octavia::AvailabilityZoneProfile",
        "What a zone of balancers is made of.",
        {
            "name": string(UPDATES),
            "availability_zone_data": string(REQUIRED, UPDATES, form("json_string")),
            "provider_name": string(UPDATES),
        },
    ),
    row(
        "OS::Octavia::Flavor",
        "A kind of balancers.",
        {
            "description": string(UPDATES, default=""),
            "enabled": boolean(UPDATES, default=True),
            "name": string(UPDATES),
            "flavor_profile": string(REQUIRED, form("octavia.flavorprofile")),
        },
        "flavor_profile_id:string",
    ),
    row(
        "OS::Octavia::FlavorProfile",
        "What a kind of balancers is made of.",
        {
            "name": string(UPDATES),
            "flavor_data": string(REQUIRED, UPDATES, form("json_string")),
            "provider_name": string(UPDATES),
        },
    ),
    row(
        "OS::Octavia::HealthMonitor",
        "Watches the members of a pool.",
        {
            "admin_state_up": boolean(UPDATES, default=True),
            "delay": integer(REQUIRED, UPDATES, between(0)),
            "expected_codes": string(UPDATES),
            "http_method": string(
                UPDATES,
                allowed("GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "OPTIONS", "CONNECT", "PATCH"),
            ),
            "max_retries": integer(REQUIRED, UPDATES, between(1, 10)),
            "pool": string(REQUIRED, form("octavia.pool")),
            "timeout": integer(REQUIRED, UPDATES, between(0)),
            "type": string(REQUIRED, allowed("PING", "TCP", "HTTP", "HTTPS", "UDP-CONNECT")),
            "url_path": string(UPDATES),
            "tenant_id": string(),
        },
        "pools:list",
    ),
    row(
        "OS::Octavia::L7Policy",
        "Decides by content where requests go.",
        {
            "name": string(UPDATES),
            "description": string(UPDATES),
            "admin_state_up": boolean(UPDATES, default=True),
            "action": string(REQUIRED, UPDATES, allowed("REJECT", "REDIRECT_TO_POOL", "REDIRECT_TO_URL")),
            "redirect_pool": string(UPDATES, form("octavia.pool")),
            "redirect_url": string(UPDATES),
            "position": number(UPDATES, between(1)),
            "listener": string(REQUIRED, form("octavia.listener")),
        },
        "rules:list",
    ),
    row(
        "OS::Octavia::L7Rule",
        "One condition of a policy on content.",
        {
            "admin_state_up": boolean(UPDATES, default=True),
            "l7policy": string(REQUIRED, form("octavia.l7policy")),
            "type": string(REQUIRED, UPDATES, allowed("HOST_NAME", "PATH", "FILE_TYPE", "HEADER", "COOKIE")),
            "compare_type": string(
                REQUIRED, UPDATES, allowed("REGEX", "STARTS_WITH", "ENDS_WITH", "CONTAINS", "EQUAL_TO")
            ),
            "invert": boolean(UPDATES, default=False),
            "key": string(UPDATES),
            "value": string(REQUIRED, UPDATES),
        },
    ),
    row(
        "OS::Octavia::Listener",
        "A port at which a balancer takes requests.",
        {
            "protocol_port": integer(REQUIRED, between(1, 65535)),
            "protocol": string(REQUIRED, allowed("TCP", "HTTP", "HTTPS", "TERMINATED_HTTPS", "PROXY", "UDP")),
            "loadbalancer": string(REQUIRED, form("octavia.loadbalancer")),
            "default_pool": string(UPDATES, form("octavia.pool")),
            "name": string(UPDATES),
            "admin_state_up": boolean(UPDATES, default=True),
            "description": string(UPDATES, default=""),
            "default_tls_container_ref": string(UPDATES),
            "sni_container_refs": listing(None, UPDATES),
            "connection_limit": integer(UPDATES, between(-1), default=-1),
            "tenant_id": string(),
            "allowed_cidrs": listing(string(form("net_cidr")), UPDATES),
        },
        "loadbalancers:list default_pool_id:string",
    ),
    row(
        "OS::Octavia::LoadBalancer",
        "A balancer.",
        {
            "description": string(UPDATES, default=""),
            "name": string(UPDATES),
            "provider": string(),
            "vip_address": string(form("ip_addr")),
            "vip_subnet": string(REQUIRED, form("neutron.subnet")),
            "admin_state_up": boolean(UPDATES, default=True),
            "tenant_id": string(form("keystone.project")),
            "flavor": string(form("octavia.flavor")),
            "availability_zone": string(form("octavia.availabilityzone")),
        },
        "vip_address:string vip_port_id:string vip_subnet_id:string pools:list flavor_id:string",
    ),
    row(
        "OS::Octavia::Pool",
        "Members among which requests are spread.",
        {
            "admin_state_up": boolean(UPDATES, default=True),
            "description": string(UPDATES, default=""),
            "session_persistence": mapping(
                {
                    "type": string(REQUIRED, allowed("SOURCE_IP", "HTTP_COOKIE", "APP_COOKIE")),
                    "cookie_name": string(),
                },
                UPDATES,
            ),
            "name": string(UPDATES),
            "lb_algorithm": string(
                REQUIRED, UPDATES, allowed("ROUND_ROBIN", "LEAST_CONNECTIONS", "SOURCE_IP", "SOURCE_IP_PORT")
            ),
            "listener": string(form("octavia.listener")),
            "loadbalancer": string(form("octavia.loadbalancer")),
            "protocol": string(REQUIRED, allowed("TCP", "HTTP", "HTTPS", "TERMINATED_HTTPS", "PROXY", "UDP")),
            "tls_enabled": boolean(UPDATES, default=False),
        },
        "healthmonitor_id:string listeners:string members:list",
    ),
    row(
        "OS::Octavia::PoolMember",
        "One member of a pool.",
        {
            "pool": string(REQUIRED, form("octavia.pool")),
            "address": string(REQUIRED, form("ip_addr")),
            "protocol_port": integer(REQUIRED, between(1, 65535)),
            "monitor_address": string(form("ip_addr")),
            "monitor_port": integer(between(1, 65535)),
            "weight": integer(UPDATES, between(0, 256), default=1),
            "admin_state_up": boolean(UPDATES, default=True),
            "subnet": string(form("neutron.subnet")),
            "tags": listing(None, UPDATES),
        },
    ),
    row(
        "OS::Octavia::Quota",
        "How many balancers a project may have.",
        {
            "project": string(REQUIRED, form("keystone.project")),
            "healthmonitor": integer(UPDATES, between(-1)),
            "listener": integer(UPDATES, between(-1)),
            "loadbalancer": integer(UPDATES, between(-1)),
            "pool": integer(UPDATES, between(-1)),
            "member": integer(UPDATES, between(-1)),
        },
    ),
)
