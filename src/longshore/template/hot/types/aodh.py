"""Alarms."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    REQUIRED,
    UPDATES,
    allowed,
    between,
    boolean,
    form,
    integer,
    length,
    listing,
    mapping,
    number,
    row,
    rows,
    string,
)

_ALARM = {
    "description": string(UPDATES),
    "enabled": boolean(UPDATES, default=True),
    "alarm_actions": listing(None, UPDATES),
    "ok_actions": listing(None, UPDATES),
    "insufficient_data_actions": listing(None, UPDATES),
    "alarm_queues": listing(string(form("zaqar.queue")), UPDATES, default=[]),
    "ok_queues": listing(string(form("zaqar.queue")), UPDATES, default=[]),
    "insufficient_data_queues": listing(string(form("zaqar.queue")), UPDATES, default=[]),
    "repeat_actions": boolean(UPDATES, default=True),
    "severity": string(UPDATES, allowed("low", "moderate", "critical"), default="low"),
    "time_constraints": listing(
        mapping(
            {
                "description": string(),
                "duration": integer(REQUIRED, between(0)),
                "name": string(REQUIRED),
                "start": string(REQUIRED, form("cron_expression")),
                "timezone": string(form("timezone")),
            }
        ),
        default=[],
    ),
}

_THRESHOLD = {
    "comparison_operator": string(UPDATES, allowed("le", "ge", "eq", "lt", "gt", "ne")),
    "threshold": number(REQUIRED, UPDATES),
}

ROWS = rows(
    row(
        "OS::Aodh::Alarm",
        "Fires when a meter passes a threshold.",
        {
            **_THRESHOLD,
            "evaluation_periods": integer(UPDATES),
            "meter_name": string(REQUIRED),
            "period": integer(UPDATES),
            "statistic": string(UPDATES, allowed("count", "avg", "sum", "min", "max")),
            "matching_metadata": mapping(None, UPDATES, default={}),
            "query": listing(
                mapping(
                    {
                        "field": string(),
                        "type": string(
                            allowed("integer", "float", "string", "boolean", "datetime"), default="string"
                        ),
                        "op": string(allowed("le", "ge", "eq", "lt", "gt", "ne")),
                        "value": string(),
                    }
                ),
                UPDATES,
            ),
            **_ALARM,
        },
        status="deprecated",
        instead="OS::Aodh::GnocchiAggregationByResourcesAlarm",
    ),
    row(
        "OS::Aodh::CompositeAlarm",
        "Fires when a rule built of several rules holds.",
        {
            "composite_rule": mapping(
                {
                    "operator": string(REQUIRED, UPDATES, allowed("or", "and")),
                    "rules": listing(None, REQUIRED, UPDATES, length(2)),
                },
                REQUIRED,
                UPDATES,
            ),
            **_ALARM,
        },
    ),
    row(
        "OS::Aodh::EventAlarm",
        "Fires when an event comes that matches a query.",
        {
            "event_type": string(UPDATES, default="*"),
            "query": listing(
                mapping(
                    {
                        "field": string(),
                        "type": string(
                            allowed("integer", "float", "string", "boolean", "datetime"), default="string"
                        ),
                        "op": string(allowed("le", "ge", "eq", "lt", "gt", "ne")),
                        "value": string(),
                    }
                ),
                UPDATES,
            ),
            **_ALARM,
        },
    ),
    row(
        "OS::Aodh::GnocchiAggregationByMetricsAlarm",
        "Fires on the aggregate of several metrics.",
        {
            "metrics": listing(None, REQUIRED, UPDATES),
            **_THRESHOLD,
            "evaluation_periods": integer(UPDATES),
            "aggregation_method": string(UPDATES),
            "granularity": integer(UPDATES),
            **_ALARM,
        },
    ),
    row(
        "OS::Aodh::GnocchiAggregationByResourcesAlarm",
        "Fires on a metric aggregated over the resources of a query.",
        {
            "metric": string(REQUIRED, UPDATES),
            "query": string(REQUIRED, UPDATES),
            "resource_type": string(REQUIRED, UPDATES),
            **_THRESHOLD,
            "evaluation_periods": integer(UPDATES),
            "aggregation_method": string(UPDATES),
            "granularity": integer(UPDATES),
            **_ALARM,
        },
    ),
    row(
        "OS::Aodh::GnocchiResourcesAlarm",
        "Fires on a metric of one resource.",
        {
            "metric": string(REQUIRED, UPDATES),
            "resource_id": string(REQUIRED, UPDATES),
            "resource_type": string(REQUIRED, UPDATES),
            **_THRESHOLD,
            "evaluation_periods": integer(UPDATES),
            "aggregation_method": string(UPDATES),
            "granularity": integer(UPDATES),
            **_ALARM,
        },
    ),
    row(
        "OS::Aodh::LBMemberHealthAlarm",
        "Fires when a member of a balancer's pool is unhealthy.",
        {
            "pool": string(REQUIRED, UPDATES),
            "stack": string(REQUIRED),
            "autoscaling_group_id": string(REQUIRED, UPDATES),
            **_ALARM,
        },
    ),
    row(
        "OS::Aodh::PrometheusAlarm",
        "Fires on a query of Prometheus.",
        {
            **_THRESHOLD,
            "query": string(REQUIRED, UPDATES),
            **_ALARM,
        },
    ),
)
