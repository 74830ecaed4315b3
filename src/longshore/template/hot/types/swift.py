"""Containers of objects."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    boolean,
    mapping,
    row,
    rows,
    string,
)

ROWS = rows(
    row(
        "OS::Swift::Container",
        "A container of objects.",
        {
            "name": string(),
            "X-Container-Read": string(),
            "X-Container-Write": string(),
            "X-Container-Meta": mapping(default={}),
            "X-Account-Meta": mapping(default={}),
            "PurgeOnDelete": boolean(default=False),
        },
        "DomainName:string WebsiteURL:string RootURL:string ObjectCount:integer "
        "BytesUsed:integer HeadContainer:map",
    ),
)
