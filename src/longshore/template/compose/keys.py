"""Every key of Compose, one row each: how it is checked, and what becomes of it when it is run.

The keys are those of the Compose specification's schema; a test holds the two together. Tables of what
stands within a service are in `parts`, those of networks, volumes and the like in `resources`.
"""

from __future__ import annotations

import re

from longshore.template.compose import commands, forms, ports, volumes
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
    FOR_NOW,
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


_KERNEL = "it weakens or tunes the container's isolation, which Longshore does not do yet; remove it"
_CPU = "use cpus, or deploy.resources.limits.cpus"
_HOST_NET = "put the service on a network under networks, and publish its ports"
_BY_NAME = "remove it: services on the same network reach each other by name"
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
    "gpus": does(gpus(table(DEVICE))),
    "healthcheck": does(table(HEALTHCHECK)),
    "image": does(image),
    "labels": does(forms.labels),
    "mem_limit": does(size),
    "mem_reservation": does(size),
    "networks": does(forms.attachments(table(ATTACHMENT))),
    "pids_limit": does(whole()),
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
    "blkio_config": refuses(table(BLKIO, extensible=False), _KERNEL),
    "cap_add": refuses(listed(text), _KERNEL),
    "cap_drop": refuses(listed(text), _KERNEL),
    "cgroup": refuses(choice("host", "private"), _KERNEL),
    "cgroup_parent": refuses(text, _KERNEL),
    "container_name": refuses(
        fitting("[a-zA-Z0-9][a-zA-Z0-9_.-]+", "letters and digits"),
        "remove it: Longshore names containers, so that there can be many",
    ),
    "cpu_count": refuses(whole(low=0), _CPU),
    "cpu_percent": refuses(number(0, 100), _CPU),
    "cpu_period": refuses(whole(), _CPU),
    "cpu_quota": refuses(whole(), _CPU),
    "cpu_rt_period": refuses(whole(), _CPU),
    "cpu_rt_runtime": refuses(whole(), _CPU),
    "cpu_shares": refuses(whole(), _CPU),
    "cpuset": refuses(text, _CPU),
    "credential_spec": refuses(table(CREDENTIAL_SPEC), "it is for containers of Windows; remove it"),
    "device_cgroup_rules": refuses(listed(text, distinct=True), _KERNEL),
    "devices": refuses(listed(device), FOR_NOW),
    "dns": refuses(listed(text, single=True), _BY_NAME),
    "dns_opt": refuses(listed(text), _BY_NAME),
    "dns_search": refuses(listed(text, single=True), _BY_NAME),
    "domainname": refuses(text, _BY_NAME),
    "external_links": refuses(
        listed(text, distinct=True), "join the other stack's network: networks, external: true"
    ),
    "extra_hosts": refuses(forms.hosts, _BY_NAME),
    "group_add": refuses(listed(word, distinct=True), "give the group in user: UID:GID"),
    "hostname": refuses(text, "remove it, or use an alias: networks: {NAME: {aliases: [...]}}"),
    "init": refuses(truth, "put an init such as tini into the image"),
    "ipc": refuses(text, _KERNEL),
    "isolation": refuses(text, "it is for containers of Windows; remove it"),
    "label_file": refuses(listed(text, single=True), "write the labels under labels"),
    "links": refuses(listed(text), f"{_BY_NAME}; use aliases for another one"),
    "logging": refuses(table(LOGGING), "remove it: read logs with longshore logs"),
    "mac_address": refuses(text, _ADDRESS),
    "mem_swappiness": refuses(size, "use mem_limit"),
    "memswap_limit": refuses(size, "use mem_limit"),
    "models": refuses(forms.attachments(table(MODEL_USE)), "run the model as a service"),
    "network_mode": refuses(text, _HOST_NET),
    "oom_kill_disable": refuses(truth, _KERNEL),
    "oom_score_adj": refuses(whole(-1000, 1000), _KERNEL),
    "pid": refuses(optional(text), _KERNEL),
    "post_start": refuses(listed(table(HOOK, required=("command",))), _HOOK),
    "pre_stop": refuses(listed(table(HOOK, required=("command",))), _HOOK),
    "privileged": refuses(truth, _KERNEL),
    "provider": refuses(table(PROVIDER, required=("type",)), "run it as a service with an image"),
    "pull_policy": refuses(fitting(_PULL, "always, missing, never or build"), _PINNED),
    "pull_refresh_after": refuses(text, _PINNED),
    "read_only": refuses(truth, FOR_NOW),
    "runtime": refuses(text, FOR_NOW),
    "security_opt": refuses(listed(text, distinct=True), _KERNEL),
    "shm_size": refuses(size, "mount a tmpfs at /dev/shm: tmpfs: /dev/shm:size=64m"),
    "stdin_open": refuses(truth, "remove it; longshore exec opens a terminal in a running task"),
    "stop_signal": refuses(text, "put STOPSIGNAL into the image's Dockerfile"),
    "storage_opt": refuses(named(anything, pattern=r"(?s).+"), _KERNEL),
    "sysctls": refuses(forms.filled, _KERNEL),
    "tty": refuses(truth, "remove it; longshore exec opens a terminal in a running task"),
    "ulimits": refuses(LIMITS, _KERNEL),
    "use_api_socket": refuses(flag, "mount the engine's socket as a volume, if you must"),
    "userns_mode": refuses(text, _KERNEL),
    "uts": refuses(text, _KERNEL),
    "volumes_from": refuses(listed(text, distinct=True), "mount the same named volume in both services"),
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
