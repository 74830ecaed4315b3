"""Names."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    DEPRECATED,
    REQUIRED,
    UPDATES,
    alias,
    allowed,
    between,
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
        "OS::Designate::RecordSet",
        "Records of one name and type within a zone.",
        {
            "name": string(length(None, 255)),
            "ttl": integer(UPDATES, between(1, 2147483647)),
            "description": string(UPDATES, length(None, 160)),
            "type": string(
                REQUIRED,
                allowed(
                    "A",
                    "AAAA",
                    "CNAME",
                    "MX",
                    "SRV",
                    "TXT",
                    "SPF",
                    "NS",
                    "PTR",
                    "SSHFP",
                    "SOA",
                    "CAA",
                    "CERT",
                    "NAPTR",
                ),
            ),
            "records": listing(None, REQUIRED, UPDATES),
            "zone": string(REQUIRED, form("designate.zone")),
        },
    ),
    row(
        "OS::Designate::Zone",
        "A zone of names.",
        {
            "name": string(REQUIRED, length(None, 255)),
            "ttl": integer(UPDATES, between(1, 2147483647)),
            "description": string(UPDATES, length(None, 160)),
            "email": string(UPDATES),
            "type": string(allowed("PRIMARY", "SECONDARY"), default="PRIMARY"),
            "masters": listing(None, UPDATES, DEPRECATED),
            "primaries": listing(None, UPDATES),
            "attributes": mapping(),
        },
        "serial:string",
        aliases=(alias("primaries", "masters"),),
    ),
)
