"""Every key of Compose, one row each: how it is checked, and what becomes of it when it is run.

The keys are those of the Compose specification's schema; a test holds the two together. Tables of what
stands within a service are in `parts`, those of networks, volumes and the like in `resources`.
"""

from __future__ import annotations

import re

from longshore.template.compose import commands, forms, neighbours, options, ports, volumes
from longshore.template.compose.deploy import DEPLOY, DEVICE, STRATEGY, gpus, replicas
from longshore.template.compose.parts import (
    ATTACHMENT,
    BLKIO,
    BUILD,
    CREDENTIAL_SPEC,
    DEPENDENCY,
    DEVELOP,
    ENV_FILE,
    EXTENDS,
    FIRST_HOOK,
    GRANT,
    HEALTHCHECK,
    HOOK,
    LIMITS,
    LOGGING,
    MODEL_USE,
    MOUNT,
    PORT,
    PROVIDER,
    device,
)
from longshore.template.compose.resources import CONFIG, INCLUDE, MODEL, NETWORK, SECRET, VOLUME
from longshore.template.findings import At
from longshore.template.nodes import Node, Scalar
from longshore.template.schema import (
    Table,
    anything,
    choice,
    does,
    duration,
    fitting,
    flag,
    idles,
    listed,
    named,
    number,
    optional,
    refuses,
    size,
    table,
    text,
    truth,
    unsupported,
    whole,
    whole_size,
    word,
)

_RESTART = re.compile(r"no|always|unless-stopped|on-failure(?::\d{1,6})?")
_WORDS = ("no", "always", "on-failure", "unless-stopped")
_IMAGE = re.compile(
    r"(?:[A-Za-z0-9.\-_]+(?::\d+)?/|\[[0-9a-f:]+\](?::\d+)?/)?"
    r"[a-z0-9]+(?:[._\-/]+[a-z0-9]+)*(?::[\w][\w.\-]{0,127})?(?:@[a-z0-9]+:[0-9a-f]{32,})?"
)
_LONGEST_IMAGE = 512


def restart(node: Node, at: At) -> Node | None:
    """`no`, `always`, `unless-stopped`, `on-failure` or `on-failure:3`."""
    if isinstance(node, Scalar) and node.data is False:
        at.fault("wrong-type", node.mark, "expected a string, got false", 'write restart: "no"')
        return None
    kept = text(node, at)
    if isinstance(kept, Scalar) and kept.text and not _RESTART.fullmatch(kept.text):
        message = f'"{kept.text[:40]}" is none of {", ".join(_WORDS)}'
        at.refuse("bad-value", node.mark, message, at.near(kept.text, _WORDS))
    return kept


def image(node: Node, at: At) -> Node | None:
    """The name of an image, with its tag or digest."""
    kept = text(node, at)
    if not isinstance(kept, Scalar):
        return None
    # An empty one says as little as none.
    if not kept.text or (len(kept.text) <= _LONGEST_IMAGE and _IMAGE.fullmatch(kept.text)):
        return kept
    lower = kept.text.lower().strip()
    fits = len(lower) <= _LONGEST_IMAGE and _IMAGE.fullmatch(lower)
    hint = f'write "{lower}"' if fits else "write NAME, NAME:TAG or NAME@DIGEST, in small letters"
    at.refuse("bad-image", node.mark, f'"{kept.text[:80]}" is no name of an image', hint)
    return kept


def platform(node: Node, at: At) -> Node | None:
    """`linux/amd64`, `linux/arm64/v8`."""
    kept = text(node, at)
    if not isinstance(kept, Scalar):
        return None
    if kept.text and not re.fullmatch(r"[a-z0-9]+(?:/[a-z0-9]+){0,2}", kept.text):
        words = f'"{kept.text[:40]}" is no platform'
        at.refuse("bad-value", node.mark, words, "write linux/amd64 or linux/arm64")
    if kept.text.startswith("windows"):
        unsupported(node, at, "containers of Windows are not done", "use an image for linux")
    return kept


_CPU = "it is for containers of Windows; use cpus"
_HOST_NET = "put the services on a network under networks: there they reach each other by name"
_ALONE = "remove it: tasks come and go, and may lie on other hosts than those they would share with"
_HOOK = "put it into the image's entrypoint"
_ADDRESS = "remove it: addresses are given by the engine; reach services by name"
_PINNED = "remove it: images are pinned by digest when a plan is made"
_PULL = r"always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+"

SERVICE: Table = {
    "build": does(forms.alone("context", table(BUILD))),
    "command": does(commands.command, "a shell's operators outside of quotes end it, as with Docker Compose"),
    "configs": does(forms.grants(table(GRANT))),
    "cpus": does(number()),
    "depends_on": does(forms.dependencies(table(DEPENDENCY, required=("condition",)))),
    "deploy": does(table(DEPLOY, null=True)),
    "entrypoint": does(commands.command),
    "env_file": does(forms.env_files(table(ENV_FILE, required=("path",)))),
    "environment": does(forms.environment),
    "expose": does(ports.exposed),
    "extends": does(forms.alone("service", table(EXTENDS, required=("service",)))),
    "gpus": does(gpus(table(DEVICE, closed=False))),
    "healthcheck": does(table(HEALTHCHECK)),
    "image": does(image),
    "labels": does(forms.labels),
    "mem_limit": does(size),
    "mem_reservation": does(whole_size),
    "networks": does(forms.attachments(table(ATTACHMENT))),
    "pids_limit": does(whole(cut=True)),
    "platform": does(platform),
    "ports": does(ports.ports(table(PORT))),
    "profiles": does(listed(text)),
    "restart": does(restart),
    "scale": does(replicas),
    "secrets": does(forms.grants(table(GRANT))),
    "stop_grace_period": does(duration),
    "tmpfs": does(volumes.tmpfs),
    "user": does(text),
    "volumes": does(volumes.mounts(table(MOUNT, required=("type", "target")))),
    "working_dir": does(text),
    "x-longshore": does(table(STRATEGY)),
    "attach": idles(truth, "logs are shown on asking: longshore logs -f"),
    "develop": idles(table(DEVELOP, null=True), "it is read by docker compose watch only"),
    "annotations": refuses(forms.filled, "use labels"),
    "blkio_config": does(table(BLKIO, extensible=False)),
    "cap_add": does(listed(text)),
    "cap_drop": does(listed(text)),
    "cgroup": does(choice("host", "private")),
    "cgroup_parent": does(text),
    "container_name": does(
        fitting("[a-zA-Z0-9][a-zA-Z0-9_.-]+", "two letters or digits, or more"),
        "it is a further name on the service's networks; containers are named by Longshore",
    ),
    "cpu_count": refuses(whole(low=0), _CPU),
    "cpu_percent": refuses(whole(0, 100), _CPU),
    "cpu_period": does(whole(cut=True)),
    "cpu_quota": does(whole(cut=True)),
    "cpu_rt_period": does(whole(cut=True)),
    "cpu_rt_runtime": does(whole(cut=True)),
    "cpu_shares": does(whole(cut=True)),
    "cpuset": does(text),
    "credential_spec": refuses(table(CREDENTIAL_SPEC), "it is for containers of Windows; remove it"),
    "device_cgroup_rules": does(listed(text, distinct=True)),
    "devices": does(listed(device), "hosts are not chosen by them: say where they are by deploy.placement"),
    "dns": does(listed(text, single=True)),
    "dns_opt": does(listed(text)),
    "dns_search": does(listed(text, single=True)),
    "domainname": does(text),
    "external_links": refuses(
        listed(text, distinct=True), "join the other stack's network: networks, external: true"
    ),
    "extra_hosts": does(forms.hosts),
    "group_add": does(listed(word, distinct=True)),
    "hostname": does(text),
    "init": does(truth),
    "ipc": does(options.only(*options.IPC_MODES, hint=_ALONE)),
    "isolation": does(options.only("default", hint="it is for containers of Windows; remove it")),
    "label_file": does(listed(text, single=True)),
    "links": does(listed(text), "an alias is a name of the other service for all on that network"),
    "logging": does(table(LOGGING), "longshore logs shows what the engine can read back of it"),
    "mac_address": refuses(text, _ADDRESS),
    "mem_swappiness": does(whole_size),
    "memswap_limit": does(size),
    "models": refuses(forms.models(table(MODEL_USE)), "run the model as a service"),
    "network_mode": does(
        options.only(*options.NETWORK_MODES, hint=_HOST_NET),
        "with host, ports that are not under ports are not known to be taken",
    ),
    "oom_kill_disable": does(truth),
    "oom_score_adj": does(whole(-1000, 1000)),
    "pid": does(optional(options.only("host", hint=_ALONE))),
    "post_start": refuses(listed(table(HOOK, required=("command",))), _HOOK),
    "pre_start": refuses(listed(table(FIRST_HOOK)), _HOOK),
    "pre_stop": refuses(listed(table(HOOK, required=("command",))), _HOOK),
    "privileged": does(truth),
    "provider": refuses(table(PROVIDER, required=("type",)), "run it as a service with an image"),
    "pull_policy": does(
        fitting(_PULL, "always, missing, never or build"),
        "it holds when a plan is made, which pins the digest; daily, weekly and every_ are as missing",
    ),
    "pull_refresh_after": refuses(text, _PINNED),
    "read_only": does(truth),
    "runtime": does(text),
    "security_opt": does(listed(text, distinct=True)),
    "shm_size": does(size),
    "stdin_open": does(truth),
    "stop_signal": does(text),
    "storage_opt": does(named(anything, pattern=r"(?s).+")),
    "sysctls": does(forms.filled),
    "tty": does(truth),
    "ulimits": does(LIMITS),
    "use_api_socket": refuses(flag, "mount the engine's socket as a volume, if you must"),
    "userns_mode": does(options.only("host", hint="remove it, or write host")),
    "uts": does(options.only("host", hint="remove it, or write host")),
    "volumes_from": does(
        neighbours.sources, "the same volumes and binds are mounted again, on the host that has them"
    ),
}

TOP: Table = {
    "name": does(text),
    "services": does(named(table(SERVICE))),
    "networks": does(named(table(NETWORK, null=True), strict=False)),
    "volumes": does(named(table(VOLUME, null=True))),
    "secrets": does(named(table(SECRET))),
    "configs": does(named(table(CONFIG))),
    "version": idles(text, "the format has had one version since 2020"),
    "include": does(listed(forms.alone("path", table(INCLUDE, extensible=False)))),
    "models": refuses(named(table(MODEL, required=("model",)), strict=False), "run the model as a service"),
}
