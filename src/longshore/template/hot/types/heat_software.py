"""Configurations of software and their deployment."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    DEPRECATED,
    REQUIRED,
    UPDATES,
    allowed,
    anything,
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

_DEPLOYMENT = {
    "config": string(UPDATES),
    "input_values": mapping(None, UPDATES),
    "actions": listing(
        None,
        UPDATES,
        allowed("CREATE", "UPDATE", "DELETE", "SUSPEND", "RESUME"),
        default=["CREATE", "UPDATE"],
    ),
    "signal_transport": string(
        allowed("CFN_SIGNAL", "TEMP_URL_SIGNAL", "HEAT_SIGNAL", "NO_SIGNAL", "ZAQAR_SIGNAL"),
        default="CFN_SIGNAL",
    ),
}

_CONFIG = {
    "inputs": listing(
        mapping(
            {
                "default": anything(),
                "description": string(),
                "name": string(REQUIRED),
                "replace_on_change": boolean(default=False),
                "type": string(
                    allowed("String", "Number", "CommaDelimitedList", "Json", "Boolean"), default="String"
                ),
            }
        )
    ),
    "outputs": listing(
        mapping(
            {
                "description": string(),
                "error_output": boolean(default=False),
                "name": string(REQUIRED),
                "type": string(
                    allowed("String", "Number", "CommaDelimitedList", "Json", "Boolean"), default="String"
                ),
            }
        )
    ),
    "options": mapping(),
}

_UPDATE_POLICY = {
    "batch_create": mapping(
        {"max_batch_size": integer(between(1), default=1), "pause_time": number(between(0), default=0)}
    ),
    "rolling_update": mapping(
        {"max_batch_size": integer(between(1), default=1), "pause_time": number(between(0), default=0)}
    ),
}

ROWS = rows(
    row(
        "OS::Heat::CloudConfig",
        "Settings for cloud-init as structured data.",
        {"cloud_config": mapping()},
        "config:string",
    ),
    row(
        "OS::Heat::DeployedServer",
        "A server that exists already, to deploy software on.",
        {
            "name": string(UPDATES),
            "metadata": mapping(None, UPDATES, DEPRECATED),
            "software_config_transport": string(
                UPDATES,
                allowed("POLL_SERVER_CFN", "POLL_SERVER_HEAT", "POLL_TEMP_URL", "ZAQAR_MESSAGE"),
                default="POLL_SERVER_CFN",
            ),
            "deployment_swift_data": mapping(
                {"container": string(length(1)), "object": string(length(1))}, UPDATES, default={}
            ),
        },
        "name:string os_collect_config:map",
        snapshot=True,
    ),
    row(
        "OS::Heat::MultipartMime",
        "Several pieces of user data in one MIME message.",
        {
            "group": string(default="Heat::Ungrouped"),
            "parts": listing(
                mapping(
                    {
                        "config": string(REQUIRED),
                        "filename": string(),
                        "type": string(allowed("text", "multipart"), default="text"),
                        "subtype": string(),
                    }
                ),
                default=[],
            ),
        },
        "config:string",
    ),
    row(
        "OS::Heat::SoftwareComponent",
        "Configurations of software, one per action.",
        {
            "configs": listing(
                mapping(
                    {
                        "actions": listing(string(), length(1), default=["CREATE", "UPDATE"]),
                        "config": string(),
                        "tool": string(REQUIRED),
                    }
                ),
                REQUIRED,
                length(1),
            ),
            **_CONFIG,
        },
        "config:string",
    ),
    row(
        "OS::Heat::SoftwareConfig",
        "A configuration of software: a script or the like, with inputs and outputs.",
        {
            "group": string(default="Heat::Ungrouped"),
            "config": string(),
            **_CONFIG,
        },
        "config:string",
    ),
    row(
        "OS::Heat::SoftwareDeployment",
        "Applies a configuration to a server and waits for it to be done.",
        {
            **_DEPLOYMENT,
            "server": string(REQUIRED),
            "name": string(UPDATES),
        },
        "deploy_stdout:string deploy_stderr:string deploy_status_code:string",
        any_attribute=True,
    ),
    row(
        "OS::Heat::SoftwareDeploymentGroup",
        "Applies a configuration to several servers.",
        {
            "servers": mapping(None, REQUIRED, UPDATES),
            **_DEPLOYMENT,
            "name": string(UPDATES),
        },
        "deploy_stdouts:map deploy_stderrs:map deploy_status_codes:map",
        any_attribute=True,
        update_policy=_UPDATE_POLICY,
    ),
    row(
        "OS::Heat::SoftwareDeployments",
        "Applies a configuration to several servers: an elder name.",
        {
            "servers": mapping(None, REQUIRED, UPDATES),
            **_DEPLOYMENT,
            "name": string(UPDATES),
        },
        "deploy_stdouts:map deploy_stderrs:map deploy_status_codes:map",
        status="hidden",
        instead="OS::Heat::SoftwareDeploymentGroup",
        any_attribute=True,
        update_policy=_UPDATE_POLICY,
    ),
    row(
        "OS::Heat::StructuredConfig",
        "A configuration of software as a map rather than a text.",
        {
            "group": string(default="Heat::Ungrouped"),
            **_CONFIG,
            "config": mapping(),
        },
        "config:string",
    ),
    row(
        "OS::Heat::StructuredDeployment",
        "Applies a structured configuration to a server.",
        {
            **_DEPLOYMENT,
            "server": string(REQUIRED),
            "name": string(UPDATES),
            "input_key": string(default="get_input"),
            "input_values_validate": string(allowed("LAX", "STRICT"), default="LAX"),
        },
        "deploy_stdout:string deploy_stderr:string deploy_status_code:string",
        any_attribute=True,
    ),
    row(
        "OS::Heat::StructuredDeploymentGroup",
        "Applies a structured configuration to several servers.",
        {
            "servers": mapping(None, REQUIRED, UPDATES),
            **_DEPLOYMENT,
            "name": string(UPDATES),
            "input_key": string(default="get_input"),
            "input_values_validate": string(allowed("LAX", "STRICT"), default="LAX"),
        },
        "deploy_stdouts:map deploy_stderrs:map deploy_status_codes:map",
        any_attribute=True,
        update_policy=_UPDATE_POLICY,
    ),
    row(
        "OS::Heat::StructuredDeployments",
        "Applies a structured configuration to several servers: an elder name.",
        {
            "servers": mapping(None, REQUIRED, UPDATES),
            **_DEPLOYMENT,
            "name": string(UPDATES),
            "input_key": string(default="get_input"),
            "input_values_validate": string(allowed("LAX", "STRICT"), default="LAX"),
        },
        "deploy_stdouts:map deploy_stderrs:map deploy_status_codes:map",
        status="hidden",
        instead="OS::Heat::StructuredDeploymentGroup",
        any_attribute=True,
        update_policy=_UPDATE_POLICY,
    ),
)
