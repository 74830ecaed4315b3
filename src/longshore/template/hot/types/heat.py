"""Values, waiting and signals."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    HIDDEN,
    REQUIRED,
    UPDATES,
    allowed,
    anything,
    between,
    boolean,
    form,
    integer,
    listing,
    mapping,
    number,
    placeholder,
    row,
    rows,
    string,
)

ROWS = rows(
    row(
        "OS::Heat::AccessPolicy",
        "Which resources' metadata a user of the stack may read.",
        {"AllowedResources": listing(None, REQUIRED)},
    ),
    row(
        "OS::Heat::Delay",
        "Waits a while, with some randomness if asked for.",
        {
            "min_wait": number(UPDATES, between(0), default=0),
            "max_jitter": number(UPDATES, between(0), default=0),
            "jitter_multiplier": number(UPDATES, between(0), default=1.0),
            "actions": listing(
                None, UPDATES, allowed("CREATE", "DELETE", "SUSPEND", "RESUME"), default=["CREATE"]
            ),
        },
    ),
    placeholder(
        "OS::Heat::None", "Takes any property, gives any attribute, does nothing.", status="supported"
    ),
    row(
        "OS::Heat::RandomString",
        "A random string, made once and then kept.",
        {
            "length": integer(between(1, 512), default=32),
            "sequence": string(
                HIDDEN,
                allowed(
                    "lettersdigits", "letters", "lowercase", "uppercase", "digits", "hexdigits", "octdigits"
                ),
            ),
            "character_classes": listing(
                mapping(
                    {
                        "class": string(
                            allowed(
                                "lettersdigits",
                                "letters",
                                "lowercase",
                                "uppercase",
                                "digits",
                                "hexdigits",
                                "octdigits",
                            ),
                            default="lettersdigits",
                        ),
                        "min": integer(between(1, 512), default=1),
                    }
                ),
                default=[{"class": "lettersdigits", "min": 1}],
            ),
            "character_sequences": listing(
                mapping({"sequence": string(REQUIRED), "min": integer(between(1, 512), default=1)})
            ),
            "salt": string(),
        },
        "value:string",
    ),
    row(
        "OS::Heat::SwiftSignal",
        "Waits until enough signals have been written to an object.",
        {
            "handle": string(REQUIRED),
            "timeout": number(REQUIRED, between(1, 43200)),
            "count": integer(between(1, 1000), default=1),
        },
        "data:string",
    ),
    row(
        "OS::Heat::SwiftSignalHandle",
        "An object whose URL takes signals.",
        {},
        "token:string endpoint:string curl_cli:string",
        named=False,
    ),
    row(
        "OS::Heat::TestResource",
        "Holds a value, waits or fails as asked: for trying things out.",
        {
            "constraint_prop_secs": number(UPDATES, form("test_constr"), default=0),
            "attr_wait_secs": number(UPDATES, default=0),
            "value": string(UPDATES, default="test_string"),
            "update_replace_value": string(),
            "fail": boolean(UPDATES, default=False),
            "update_replace": boolean(UPDATES, default=False),
            "wait_secs": number(UPDATES, default=0),
            "action_wait_secs": mapping(
                {"create": number(UPDATES), "update": number(UPDATES), "delete": number(UPDATES)}, UPDATES
            ),
            "client_name": string(UPDATES, default=""),
            "entity_name": string(UPDATES, default=""),
        },
        "output",
    ),
    row("OS::Heat::UpdateWaitConditionHandle", "A handle that asks for new signals on every update.", {}),
    row(
        "OS::Heat::Value",
        "Holds a value, to be used in several places.",
        {
            "value": anything(REQUIRED, UPDATES),
            "type": string(UPDATES, allowed("string", "number", "comma_delimited_list", "json", "boolean")),
        },
        "value",
    ),
    row(
        "OS::Heat::WaitCondition",
        "Waits until enough signals have come to a handle.",
        {
            "handle": string(REQUIRED),
            "timeout": number(REQUIRED, between(1, 43200)),
            "count": integer(UPDATES, between(1), default=1),
        },
        "data:string",
    ),
    row(
        "OS::Heat::WaitConditionHandle",
        "Where servers signal that they are ready.",
        {
            "signal_transport": string(
                allowed(
                    "CFN_SIGNAL",
                    "TEMP_URL_SIGNAL",
                    "HEAT_SIGNAL",
                    "NO_SIGNAL",
                    "ZAQAR_SIGNAL",
                    "TOKEN_SIGNAL",
                ),
                default="TOKEN_SIGNAL",
            )
        },
        "token:string endpoint:string curl_cli:string signal:string",
    ),
)
