"""Workflows."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    HIDDEN,
    REQUIRED,
    UPDATES,
    allowed,
    boolean,
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
        "OS::Mistral::CronTrigger",
        "Starts a workflow at set times.",
        {
            "name": string(),
            "pattern": string(form("cron_expression")),
            "workflow": mapping(
                {"name": string(REQUIRED, form("mistral.workflow")), "input": mapping()}, REQUIRED
            ),
            "first_time": string(),
            "count": integer(),
        },
        "next_execution_time:string remaining_executions:integer",
    ),
    row(
        "OS::Mistral::ExternalResource",
        "A resource that workflows make, change and delete.",
        {
            "actions": mapping(
                {
                    "CREATE": mapping(
                        {
                            "workflow": string(REQUIRED, form("mistral.workflow")),
                            "params": mapping(default={}),
                        }
                    ),
                    "UPDATE": mapping(
                        {
                            "workflow": string(REQUIRED, form("mistral.workflow")),
                            "params": mapping(default={}),
                        }
                    ),
                    "SUSPEND": mapping(
                        {
                            "workflow": string(REQUIRED, form("mistral.workflow")),
                            "params": mapping(default={}),
                        }
                    ),
                    "RESUME": mapping(
                        {
                            "workflow": string(REQUIRED, form("mistral.workflow")),
                            "params": mapping(default={}),
                        }
                    ),
                    "DELETE": mapping(
                        {
                            "workflow": string(REQUIRED, form("mistral.workflow")),
                            "params": mapping(default={}),
                        }
                    ),
                },
                REQUIRED,
            ),
            "input": mapping(None, UPDATES, default={}),
            "description": string(default="Heat managed"),
            "replace_on_change_inputs": listing(default=[]),
            "always_update": boolean(default=False),
        },
        "output:map",
    ),
    row(
        "OS::Mistral::Workflow",
        "A workflow of tasks.",
        {
            "name": string(),
            "type": string(REQUIRED, UPDATES, allowed("direct", "reverse")),
            "use_request_body_as_input": boolean(UPDATES),
            "tags": listing(None, UPDATES),
            "description": string(UPDATES),
            "input": mapping(None, UPDATES),
            "output": mapping(None, UPDATES),
            "params": mapping(None, UPDATES),
            "task_defaults": mapping(
                {
                    "on_success": listing(),
                    "on_error": listing(),
                    "on_complete": listing(),
                    "requires": listing(),
                    "retry": mapping(),
                    "wait_before": integer(),
                    "wait_after": integer(),
                    "pause_before": boolean(),
                    "timeout": integer(),
                    "concurrency": integer(),
                },
                UPDATES,
            ),
            "tasks": listing(
                mapping(
                    {
                        "name": string(REQUIRED),
                        "description": string(),
                        "input": mapping(),
                        "action": string(),
                        "workflow": string(form("mistral.workflow")),
                        "publish": mapping(),
                        "on_success": listing(),
                        "on_error": listing(),
                        "on_complete": listing(),
                        "policies": mapping(None, HIDDEN),
                        "requires": listing(),
                        "retry": mapping(),
                        "wait_before": integer(),
                        "wait_after": integer(),
                        "pause_before": boolean(),
                        "timeout": integer(),
                        "with_items": string(),
                        "keep_result": boolean(),
                        "concurrency": integer(),
                        "target": string(),
                        "join": string(),
                    }
                ),
                REQUIRED,
                UPDATES,
                length(1),
            ),
        },
        "data:map alarm_url:string executions:list",
        named=False,
    ),
)
