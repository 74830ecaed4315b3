"""Groups of resources, how they scale, and stacks within stacks."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    REQUIRED,
    UPDATES,
    allowed,
    between,
    boolean,
    integer,
    length,
    listing,
    mapping,
    number,
    row,
    rows,
    string,
)

ROWS = rows(
    row(
        "OS::Heat::AutoScalingGroup",
        "A group of like resources that scaling policies grow and shrink.",
        {
            "resource": mapping(None, REQUIRED, UPDATES),
            "max_size": integer(REQUIRED, UPDATES, between(0)),
            "min_size": integer(REQUIRED, UPDATES, between(0)),
            "cooldown": integer(UPDATES),
            "desired_capacity": integer(UPDATES),
            "rolling_updates": mapping(
                {
                    "min_in_service": integer(between(0), default=0),
                    "max_batch_size": integer(between(1), default=1),
                    "pause_time": number(between(0), default=0),
                },
                UPDATES,
                default={"min_in_service": 0, "max_batch_size": 1, "pause_time": 0},
            ),
        },
        "outputs:map outputs_list:list current_size:integer refs:list refs_map:map",
        any_attribute=True,
    ),
    row(
        "OS::Heat::InstanceGroup",
        "A group of like servers made from a launch configuration.",
        {
            "AvailabilityZones": listing(None, REQUIRED),
            "LaunchConfigurationName": string(REQUIRED, UPDATES),
            "Size": integer(REQUIRED, UPDATES),
            "LoadBalancerNames": listing(),
            "Tags": listing(mapping({"Key": string(REQUIRED), "Value": string(REQUIRED)})),
        },
        "InstanceList:string",
        update_policy={
            "RollingUpdate": mapping(
                {
                    "MinInstancesInService": integer(default=0),
                    "MaxBatchSize": integer(default=1),
                    "PauseTime": string(default="PT0S"),
                }
            )
        },
    ),
    row(
        "OS::Heat::ResourceChain",
        "Resources of several types, one after the other or at the same time.",
        {
            "resources": listing(None, REQUIRED, UPDATES),
            "concurrent": boolean(default=False),
            "resource_properties": mapping(),
        },
        "refs:list attributes:map",
        any_attribute=True,
    ),
    row(
        "OS::Heat::ResourceGroup",
        "So many copies of one resource.",
        {
            "count": integer(UPDATES, between(0), default=1),
            "index_var": string(length(3), default="%index%"),
            "resource_def": mapping(
                {"type": string(REQUIRED), "properties": mapping(), "metadata": mapping()}, REQUIRED, UPDATES
            ),
            "removal_policies": listing(mapping({"resource_list": listing(default=[])}), UPDATES, default=[]),
            "removal_policies_mode": string(UPDATES, allowed("append", "update"), default="append"),
        },
        "refs:list refs_map:map attributes:map removed_rsrc_list:list",
        any_attribute=True,
        update_policy={
            "rolling_update": mapping(
                {
                    "min_in_service": integer(between(0), default=0),
                    "max_batch_size": integer(between(1), default=1),
                    "pause_time": number(between(0), default=0),
                }
            ),
            "batch_create": mapping(
                {
                    "max_batch_size": integer(between(1), default=1),
                    "pause_time": number(between(0), default=0),
                }
            ),
        },
    ),
    row(
        "OS::Heat::ScalingPolicy",
        "By how much a signal makes a group grow or shrink.",
        {
            "auto_scaling_group_id": string(REQUIRED),
            "scaling_adjustment": number(REQUIRED, UPDATES),
            "adjustment_type": string(
                REQUIRED,
                UPDATES,
                allowed("change_in_capacity", "exact_capacity", "percent_change_in_capacity"),
            ),
            "cooldown": number(UPDATES),
            "min_adjustment_step": integer(UPDATES, between(0)),
        },
        "alarm_url:string signal_url:string",
    ),
    row(
        "OS::Heat::Stack",
        "A stack from a template given as text, if need be in another region or cloud.",
        {
            "context": mapping(
                {
                    "region_name": string(),
                    "credential_secret_id": string(UPDATES),
                    "ca_cert": string(UPDATES),
                    "insecure": boolean(UPDATES, default=False),
                },
                UPDATES,
            ),
            "template": string(REQUIRED, UPDATES),
            "timeout": integer(UPDATES),
            "parameters": mapping(None, UPDATES, default={}),
        },
        "stack_name:string outputs:map",
        named=False,
    ),
)
