"""Images."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    REQUIRED,
    UPDATES,
    allowed,
    between,
    boolean,
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
        "OS::Glance::WebImage",
        "An image that the image service fetches from the web.",
        {
            "name": string(),
            "id": string(),
            "min_disk": integer(between(0), default=0),
            "min_ram": integer(between(0), default=0),
            "protected": boolean(UPDATES, default=False),
            "disk_format": string(
                REQUIRED,
                allowed("ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"),
            ),
            "container_format": string(
                REQUIRED, allowed("ami", "ari", "aki", "bare", "ovf", "ova", "docker")
            ),
            "location": string(REQUIRED),
            "tags": listing(None, UPDATES),
            "architecture": string(UPDATES),
            "kernel_id": string(
                UPDATES,
                pattern(
                    r"^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$"
                ),
            ),
            "os_distro": string(UPDATES),
            "os_version": string(UPDATES),
            "owner": string(UPDATES),
            "extra_properties": mapping(None, UPDATES, default={}),
            "visibility": string(
                UPDATES, allowed("public", "private", "community", "shared"), default="private"
            ),
            "ramdisk_id": string(
                UPDATES,
                pattern(
                    r"^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$"
                ),
            ),
            "active": boolean(UPDATES, default=True),
            "members": listing(string(), UPDATES),
        },
    ),
)
