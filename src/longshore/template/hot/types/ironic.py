"""Physical servers."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    REQUIRED,
    UPDATES,
    boolean,
    form,
    mapping,
    row,
    rows,
    string,
)

ROWS = rows(
    row(
        "OS::Ironic::Port",
        "A network interface of a physical server.",
        {
            "node": string(REQUIRED, UPDATES, form("ironic.node")),
            "address": string(REQUIRED, UPDATES),
            "portgroup": string(UPDATES, form("ironic.portgroup")),
            "local_link_connection": mapping(None, UPDATES),
            "pxe_enabled": boolean(UPDATES),
            "physical_network": string(UPDATES),
            "extra": mapping(None, UPDATES),
            "is_smartnic": boolean(UPDATES),
        },
        "address:string node_uuid:string portgroup_uuid:string local_link_connection:map "
        "pxe_enabled:boolean physical_network:string internal_info:map extra:map "
        "is_smartnic:boolean",
    ),
)
