"""Shared file systems."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    HIDDEN,
    REQUIRED,
    UPDATES,
    allowed,
    boolean,
    form,
    integer,
    listing,
    mapping,
    row,
    rows,
    string,
)

ROWS = rows(
    row(
        "OS::Manila::SecurityService",
        "A service that says who may use shares.",
        {
            "name": string(UPDATES),
            "type": string(REQUIRED, allowed("ldap", "kerberos", "active_directory")),
            "dns_ip": string(UPDATES),
            "server": string(UPDATES),
            "domain": string(UPDATES),
            "user": string(UPDATES),
            "password": string(UPDATES),
            "description": string(UPDATES),
        },
    ),
    row(
        "OS::Manila::Share",
        "A file system shared over the network.",
        {
            "share_protocol": string(REQUIRED, allowed("NFS", "CIFS", "GlusterFS", "HDFS", "CEPHFS")),
            "size": integer(REQUIRED),
            "snapshot": string(form("manila.share_snapshot")),
            "name": string(UPDATES),
            "metadata": mapping(None, UPDATES),
            "share_network": string(form("manila.share_network")),
            "description": string(UPDATES),
            "share_type": string(form("manila.share_type")),
            "is_public": boolean(UPDATES, default=False),
            "access_rules": listing(
                mapping(
                    {
                        "access_to": string(REQUIRED),
                        "access_type": string(REQUIRED, allowed("ip", "user", "cert", "cephx")),
                        "access_level": string(allowed("ro", "rw")),
                    }
                ),
                UPDATES,
                default=[],
            ),
        },
        "availability_zone:string host:string export_locations:list share_server_id:string "
        "created_at:string status:string project_id:string",
    ),
    row(
        "OS::Manila::ShareNetwork",
        "The network on which shares are offered.",
        {
            "name": string(UPDATES),
            "neutron_network": string(UPDATES, form("neutron.network")),
            "neutron_subnet": string(UPDATES, form("neutron.subnet")),
            "nova_network": string(UPDATES, HIDDEN),
            "description": string(UPDATES),
            "security_services": listing(string(), UPDATES, default=[]),
        },
        "segmentation_id:string cidr:string ip_version:string network_type:string",
    ),
    row(
        "OS::Manila::ShareType",
        "A type of shares.",
        {
            "name": string(REQUIRED),
            "is_public": boolean(default=True),
            "driver_handles_share_servers": boolean(REQUIRED),
            "extra_specs": mapping(None, UPDATES),
            "snapshot_support": boolean(default=True),
        },
    ),
)
