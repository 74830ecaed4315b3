"""Every code a fault or a warning of a template may carry, and what it means."""

from __future__ import annotations

CODES: dict[str, str] = {
    # The text.
    "empty-template": "there is nothing in the file",
    "yaml-syntax": "the text is not YAML",
    "bad-character": "a character that YAML does not allow",
    "duplicate-key": "a mapping has the same key twice",
    "bad-key": "a key of a mapping is not a word",
    "bad-merge": "`<<` takes a mapping, or a list of mappings",
    "unsupported-tag": "a YAML tag that means nothing here, such as `!reset`",
    "too-large": "the text, or what it expands to, is larger than a reading allows",
    "too-deep": "values are nested deeper than a reading allows",
    "too-many-faults": "further faults are not shown",
    # The dialect.
    "unknown-dialect": "the text is in no language that Longshore knows",
    "dialect-not-yet": "a language that Longshore knows, but does not read yet",
    # Files and variables.
    "missing-file": "a file that the template names is not there",
    "missing-variable": "a variable that must have a value has none",
    "unset-variable": "a variable has no value and was read as empty text",
    "bad-interpolation": "a `$` that begins no variable",
    "bad-env-file": "a line of an environment file that cannot be read",
    # Keys and values.
    "unknown-key": "a key that the language does not have",
    "unsupported-key": "a key of the language that Longshore does not do yet",
    "idle-key": "a key that changes nothing here, and is left aside",
    "missing-key": "a key that has to be there is not",
    "wrong-type": "a value of the wrong type",
    "bad-value": "a value of the right type that means nothing",
    "unsupported-value": "a value of the language that Longshore does not do yet",
    "old-boolean": "`yes`, `on` and the like where YAML 1.2 says true or false",
    "conflict": "two keys that contradict each other",
    "reserved-label": "a label that only Longshore may set",
    "bad-constraint": "a placement constraint that cannot be read",
    "bad-image": "not the name of an image",
    "bad-project-name": "a project's name that cannot be used",
    # Resources of a template.
    "unknown-type": "a type of resource that nobody registered",
    "unknown-property": "a property that the type of resource does not have",
    "missing-property": "a property that has to be there is not",
    # What must agree.
    "no-services": "nothing to run",
    "no-image": "a service has neither an image nor a build",
    "unknown-service": "a service is named that is not there",
    "unknown-network": "a network is named that is not there",
    "unknown-volume": "a volume is named that is not there",
    "unknown-secret": "a secret is named that is not there",
    "unknown-config": "a config is named that is not there",
    "unused": "something is defined that no service uses; it is not made",
    "disabled-dependency": "a service needs one that the chosen profiles leave out",
    "dependency-cycle": "services wait for each other in a ring",
    "port-taken": "two services publish the same port of the host",
    "target-taken": "two mounts of a service share a target",
}
