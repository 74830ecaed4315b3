"""Reservations."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    REQUIRED,
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
        "OS::Blazar::Host",
        "A physical host that can be reserved.",
        {
            "name": string(REQUIRED),
            "extra_capability": mapping(),
        },
        "hypervisor_hostname:string hypervisor_type:string hypervisor_version:integer "
        "vcpus:integer cpu_info:map memory_mb:integer local_gb:integer service_name:string "
        "reservable:boolean status:string trust_id:string extra_capability:map "
        "created_at:string updated_at:string",
    ),
    row(
        "OS::Blazar::Lease",
        "A reservation of hosts or servers for a time.",
        {
            "name": string(REQUIRED),
            "start_date": string(REQUIRED, pattern(r"\d{4}-\d{2}-\d{2}\s\d{2}:\d{2}")),
            "end_date": string(REQUIRED, pattern(r"\d{4}-\d{2}-\d{2}\s\d{2}:\d{2}")),
            "before_end_date": string(pattern(r"\d{4}-\d{2}-\d{2}\s\d{2}:\d{2}")),
            "reservations": listing(
                mapping(
                    {
                        "resource_type": string(REQUIRED, allowed("virtual:instance", "physical:host")),
                        "min": integer(between(1)),
                        "max": integer(between(1)),
                        "hypervisor_properties": string(),
                        "resource_properties": string(),
                        "before_end": string(allowed("default", "snapshot"), default="default"),
                        "amount": integer(between(0, 2147483647)),
                        "vcpus": integer(between(0, 2147483647)),
                        "memory_mb": integer(between(0, 2147483647)),
                        "disk_gb": integer(between(0, 2147483647)),
                        "affinity": boolean(default=False),
                    }
                ),
                REQUIRED,
            ),
            "events": listing(
                mapping({"event_type": string(REQUIRED), "time": string(REQUIRED)}), default=[]
            ),
        },
        "name:string start_date:string end_date:string created_at:string updated_at:string "
        "status:string degraded:boolean user_id:string project_id:string trust_id:string "
        "reservations:list events:list",
    ),
)
