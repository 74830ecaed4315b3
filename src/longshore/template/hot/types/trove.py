"""Databases."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    REQUIRED,
    UPDATES,
    between,
    form,
    integer,
    length,
    listing,
    mapping,
    pattern,
    row,
    rows,
    string,
)

ROWS = rows(
    row(
        "OS::Trove::Cluster",
        "A cluster of databases.",
        {
            "name": string(length(None, 255)),
            "datastore_type": string(REQUIRED, length(None, 255)),
            "datastore_version": string(REQUIRED, length(None, 255)),
            "instances": listing(
                mapping(
                    {
                        "flavor": string(REQUIRED, form("trove.flavor")),
                        "volume_size": integer(REQUIRED, between(1, 150)),
                        "networks": listing(
                            mapping(
                                {
                                    "network": string(form("neutron.network")),
                                    "port": string(form("neutron.port")),
                                    "fixed_ip": string(form("ip_addr")),
                                }
                            ),
                            default=[],
                        ),
                        "availability_zone": string(),
                    }
                ),
                REQUIRED,
            ),
        },
        "instances:list ip:list",
    ),
    row(
        "OS::Trove::Instance",
        "A database server.",
        {
            "name": string(UPDATES, length(None, 255)),
            "flavor": string(REQUIRED, UPDATES, form("trove.flavor")),
            "datastore_type": string(length(None, 255)),
            "datastore_version": string(length(None, 255)),
            "size": integer(REQUIRED, UPDATES, between(1, 150)),
            "networks": listing(
                mapping(
                    {
                        "network": string(form("neutron.network")),
                        "port": string(form("neutron.port")),
                        "fixed_ip": string(form("ip_addr")),
                    }
                ),
                default=[],
            ),
            "databases": listing(
                mapping(
                    {
                        "character_set": string(default="utf8"),
                        "collate": string(default="utf8_general_ci"),
                        "name": string(
                            REQUIRED,
                            length(None, 64),
                            pattern(r"[a-zA-Z0-9_\-]+[a-zA-Z0-9_@?#\s\-]*[a-zA-Z0-9_\-]+"),
                        ),
                    }
                ),
                UPDATES,
                default=[],
            ),
            "users": listing(
                mapping(
                    {
                        "name": string(
                            REQUIRED,
                            UPDATES,
                            length(None, 16),
                            pattern(r"[a-zA-Z0-9_]+[a-zA-Z0-9_@?#\s]*[a-zA-Z0-9_]+"),
                        ),
                        "password": string(
                            REQUIRED, UPDATES, pattern(r"[a-zA-Z0-9_]+[a-zA-Z0-9_@?#\s]*[a-zA-Z0-9_]+")
                        ),
                        "host": string(UPDATES, default="%"),
                        "databases": listing(string(), REQUIRED, UPDATES, length(1)),
                    }
                ),
                UPDATES,
                default=[],
            ),
            "availability_zone": string(),
            "restore_point": string(),
            "replica_of": string(),
            "replica_count": integer(),
        },
        "hostname:string href:string",
    ),
)
