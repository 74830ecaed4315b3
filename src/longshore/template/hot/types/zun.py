"""Containers, by the container service."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    REQUIRED,
    UPDATES,
    allowed,
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
        "OS::Zun::Container",
        "A container run by the container service.",
        {
            "name": string(UPDATES),
            "image": string(REQUIRED),
            "command": string(),
            "cpu": number(UPDATES),
            "memory": integer(UPDATES),
            "environment": mapping(),
            "workdir": string(),
            "labels": mapping(),
            "image_pull_policy": string(allowed("ifnotpresent", "always", "never")),
            "restart_policy": string(),
            "interactive": boolean(),
            "tty": boolean(),
            "image_driver": string(allowed("docker", "glance")),
            "hints": mapping(),
            "hostname": string(),
            "security_groups": listing(default=[]),
            "mounts": listing(
                mapping(
                    {
                        "volume_id": string(form("cinder.volume")),
                        "volume_size": integer(),
                        "mount_path": string(REQUIRED),
                    }
                )
            ),
            "networks": listing(
                mapping(
                    {
                        "network": string(form("neutron.network")),
                        "fixed_ip": string(form("ip_addr")),
                        "port": string(form("neutron.port")),
                    }
                ),
                UPDATES,
            ),
        },
        "name:string addresses:map",
    ),
)
