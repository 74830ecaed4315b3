"""Queues of messages."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    REQUIRED,
    UPDATES,
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
        "OS::Zaqar::MistralTrigger",
        "Starts a workflow for each message of a queue.",
        {
            "queue_name": string(REQUIRED, form("zaqar.queue")),
            "ttl": integer(UPDATES, between(60), default=220367260800),
            "workflow_id": string(REQUIRED, UPDATES, form("mistral.workflow")),
            "params": mapping(None, UPDATES, default={}),
            "input": mapping(None, UPDATES, default={}),
        },
    ),
    row(
        "OS::Zaqar::Queue",
        "A queue of messages.",
        {
            "name": string(length(None, 64)),
            "metadata": mapping(None, UPDATES),
        },
        "queue_id href",
    ),
    row(
        "OS::Zaqar::SignedQueueURL",
        "A signed URL by which a queue can be used without an account.",
        {
            "queue": string(REQUIRED),
            "paths": listing(),
            "ttl": integer(),
            "methods": listing(string(allowed("GET", "DELETE", "PATCH", "POST", "PUT"))),
        },
        "signature expires paths methods project query_str",
    ),
    row(
        "OS::Zaqar::Subscription",
        "Passes the messages of a queue on to a subscriber.",
        {
            "queue_name": string(REQUIRED, form("zaqar.queue")),
            "subscriber": string(REQUIRED, UPDATES),
            "ttl": integer(UPDATES, between(60), default=220367260800),
            "options": mapping(None, UPDATES),
        },
    ),
)
