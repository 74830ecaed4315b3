"""Tables of what stands within a service: build, ports, mounts, health check and the like."""

from __future__ import annotations

from longshore.template.compose import commands, forms, options, ports, volumes
from longshore.template.findings import At
from longshore.template.nodes import Map, Node, Scalar, Seq, mapping, scalar
from longshore.template.schema import (
    Check,
    Table,
    choice,
    distinct,
    does,
    duration,
    flag,
    idles,
    listed,
    named,
    number,
    plain,
    refuses,
    table,
    text,
    truth,
    unsupported,
    whole,
    whole_size,
    word,
)

FOR_NOW = "remove it until Longshore does it"
_ADDRESS = "remove it: addresses are given by the engine; reach services by name"
_RECURSIVE = "remove it: mounts below a bind come along as the engine has it"
_BUILDS = "remove it, or build the image yourself and name it by image"

DICT_OF_WORDS = named(word, pattern=r"(?s).+")
"""Options of drivers: any name, with a string or a number."""


def context(node: Node, at: At) -> Node | None:
    """The folder of a build; archives and repositories on the net are for later."""
    kept = text(node, at)
    if isinstance(kept, Scalar) and is_remote(kept.text):
        hint = "clone it, and name the folder"
        unsupported(node, at, "a build context that is not a folder is not done yet", hint)
    return kept


def one_platform(node: Node, at: At) -> Node | None:
    """The platforms of a build; an engine builds for one at a time."""
    kept = listed(text)(node, at)
    if isinstance(kept, Seq) and len(kept.items) > 1:
        unsupported(kept, at, "building for several platforms is not done yet", "keep one of them")
    return kept


def is_remote(context: str) -> bool:
    """Whether a build's context is fetched by the builder, not a folder of the client."""
    return "://" in context or context.startswith(("git@", "github.com/", "service:"))


def limits_of(check: Check) -> Check:
    """`ulimits`: one number for both limits, or a mapping with both; names are small letters."""

    def one(node: Node, at: At) -> Node | None:
        return check(node, at) if isinstance(node, Map) else whole()(node, at)

    return named(one, pattern=r"[a-z]+", strict=False)


def device(node: Node, at: At) -> Node | None:
    """`source:target:permissions`, or a mapping."""
    if isinstance(node, Map):
        return table(DEVICE, required=("source",))(node, at)
    kept = text(node, at)
    if not isinstance(kept, Scalar):
        return None
    source, *rest = kept.text.split(":")
    if len(rest) > 2 or not source:
        at.fault("bad-value", node.mark, f'"{kept.text[:60]}" is no device', 'write "/dev/x:/dev/x:rwm"')
        return None
    target = rest[0] if rest else source
    permissions = rest[1] if len(rest) == 2 else "rwm"
    return mapping(
        {
            "source": scalar(source, node.mark),
            "target": scalar(target, node.mark),
            "permissions": scalar(permissions, node.mark),
        },
        node.mark,
    )


def count(node: Node, at: At) -> Node | None:
    """How many devices: a number, or `all`, which is -1 in the long form."""
    if isinstance(node, Scalar) and node.data == "all":
        return scalar(-1, node.mark)
    return whole()(node, at)


def option(node: Node, at: At) -> Node | None:
    """An option of a provider: a plain value, or several; the long form is a list of texts."""

    def one(item: Node, here: At) -> Node | None:
        if isinstance(item, Scalar) and isinstance(item.data, bool):
            return scalar(str(item.data).lower(), item.mark)
        return word(item, here)

    return listed(one, single=True)(node, at)


def option_word(node: Node, at: At) -> Node | None:
    """A string, or true or false, as text."""
    if isinstance(node, Scalar) and isinstance(node.data, bool):
        return scalar(str(node.data).lower(), node.mark)
    return text(node, at)


def _logged(node: Node, at: At) -> Node | None:
    """An option of a logging driver: a string, a number, or nothing, which is empty."""
    if isinstance(node, Scalar) and node.data is None:
        return scalar("", node.mark)
    return word(node, at)


ENV_FILE: Table = {
    "path": does(text),
    "required": does(truth),
    "format": does(text),
}

HEALTHCHECK: Table = {
    "disable": does(truth),
    "interval": does(duration),
    "retries": does(whole(low=0, cut=True)),
    "test": does(commands.probe),
    "timeout": does(duration),
    "start_period": does(duration),
    "start_interval": refuses(duration, "use interval and start_period"),
}

ULIMIT: Table = {"soft": does(whole()), "hard": does(whole())}
LIMITS = limits_of(table(ULIMIT, required=("soft", "hard")))

GRANT: Table = {
    "source": does(text),
    "target": does(text),
    "uid": does(forms.owner),
    "gid": does(forms.owner),
    "mode": does(forms.mode),
}

BUILD: Table = {
    "context": does(context),
    "dockerfile": does(text),
    "dockerfile_inline": does(text),
    "args": does(forms.environment),
    "target": does(text),
    "labels": does(forms.labels),
    "additional_contexts": refuses(forms.contexts, _BUILDS),
    "cache_from": does(listed(text), "images that are on the engine; caches elsewhere are not asked"),
    "cache_to": refuses(listed(text), _BUILDS),
    "entitlements": refuses(listed(text), _BUILDS),
    "extra_hosts": does(forms.hosts),
    "isolation": does(options.only("default", hint="it is for containers of Windows; remove it")),
    "network": does(text),
    "no_cache": does(truth),
    "no_cache_filter": refuses(listed(text, single=True, distinct=True), _BUILDS),
    "platforms": does(one_platform),
    "privileged": refuses(truth, _BUILDS),
    "provenance": refuses(option_word, _BUILDS),
    "pull": does(truth),
    "sbom": refuses(option_word, _BUILDS),
    "secrets": refuses(forms.grants(table(GRANT)), _BUILDS),
    "shm_size": does(whole_size),
    "ssh": refuses(forms.ssh, _BUILDS),
    "tags": does(listed(text)),
    "ulimits": does(LIMITS),
}


DEPENDENCY: Table = {
    "condition": does(choice("service_started", "service_healthy", "service_completed_successfully")),
    "required": does(truth),
    "restart": does(truth),
}

ATTACHMENT: Table = {
    "aliases": does(listed(text)),
    "driver_opts": does(DICT_OF_WORDS),
    "gw_priority": refuses(plain(number()), _ADDRESS),
    "interface_name": refuses(text, _ADDRESS),
    "ipv4_address": does(text, "of a service with one replica"),
    "ipv6_address": refuses(text, _ADDRESS),
    "link_local_ips": refuses(listed(text), _ADDRESS),
    "mac_address": refuses(text, _ADDRESS),
    "priority": refuses(plain(number()), _ADDRESS),
}

PORT: Table = {
    "target": does(ports.target),
    "published": does(ports.published),
    "host_ip": does(ports.host_ip),
    "protocol": does(ports.protocol),
    "mode": does(text),
    # Remarks for people: kept in the normalised project, and of no effect anywhere.
    "name": does(text),
    "app_protocol": does(text),
}

MOUNT_BIND: Table = {
    "create_host_path": does(truth),
    "propagation": does(text),
    "recursive": refuses(choice("enabled", "disabled", "writable", "readonly"), _RECURSIVE),
    "selinux": does(choice("z", "Z")),
}

MOUNT_VOLUME: Table = {
    "labels": refuses(distinct(forms.labels), "write labels under the volume itself"),
    "nocopy": does(truth),
    "subpath": refuses(text, "mount a volume of its own"),
}

MOUNT_TMPFS: Table = {"size": does(volumes.tmpfs_size), "mode": does(forms.mode)}

MOUNT_IMAGE: Table = {"subpath": does(text)}

MOUNT: Table = {
    "type": does(volumes.kind),
    "source": does(text),
    "target": does(text),
    "read_only": does(truth),
    "consistency": idles(text, "it means something on macOS only"),
    "bind": does(table(MOUNT_BIND)),
    "volume": does(table(MOUNT_VOLUME)),
    "tmpfs": does(table(MOUNT_TMPFS)),
    "image": refuses(table(MOUNT_IMAGE), "copy the files into the service's own image"),
}

DEVICE: Table = {"source": does(text), "target": does(text), "permissions": does(text)}

_RATE = listed(table({"path": does(text), "rate": does(whole_size)}, extensible=False))
_WEIGHTS = listed(table({"path": does(text), "weight": does(whole(low=0))}, extensible=False))

BLKIO: Table = {
    "device_read_bps": does(_RATE),
    "device_read_iops": does(_RATE),
    "device_write_bps": does(_RATE),
    "device_write_iops": does(_RATE),
    "weight": does(whole(low=0)),
    "weight_device": does(_WEIGHTS),
}

CREDENTIAL_SPEC: Table = {"config": does(text), "file": does(text), "registry": does(text)}

HOOK: Table = {
    "command": does(commands.command),
    "user": does(text),
    "privileged": does(truth),
    "working_dir": does(text),
    "environment": does(distinct(forms.environment)),
}

FIRST_HOOK: Table = {**HOOK, "image": does(text), "per_replica": does(truth)}

_SEVERAL = listed(text, single=True, distinct=True)

WATCH: Table = {
    "ignore": does(_SEVERAL),
    "include": does(_SEVERAL),
    "path": does(text),
    "action": does(choice("rebuild", "sync", "restart", "sync+restart", "sync+exec")),
    "target": does(text),
    "exec": does(table(HOOK, required=("command",))),
    "initial_sync": does(flag),
}

DEVELOP: Table = {"watch": does(listed(table(WATCH, required=("path", "action"))))}

EXTENDS: Table = {"service": does(text), "file": does(text)}

PROVIDER: Table = {
    "type": does(text),
    "options": does(named(option, pattern=r"(?s).+")),
}

LOGGING: Table = {
    "driver": does(text),
    "options": does(named(_logged, pattern=r"(?s).+")),
}


MODEL_USE: Table = {"endpoint_var": does(text), "model_var": does(text)}
