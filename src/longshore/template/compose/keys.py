"""Every key of Compose, one row each: how it is checked, why it is refused, or why it may be idle.

The keys are those of the Compose specification's schema; a test holds the two together.
"""

from __future__ import annotations

import re

from longshore.template.compose import forms, ports, volumes
from longshore.template.compose.deploy import DEPLOY, DEVICE, STRATEGY, gpus
from longshore.template.findings import At
from longshore.template.nodes import Node, Scalar
from longshore.template.schema import (
    Check,
    Table,
    choice,
    does,
    duration,
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
    if not isinstance(kept, Scalar) or _RESTART.fullmatch(kept.text):
        return kept
    message = f'"{kept.text[:40]}" is none of {", ".join(_WORDS)}'
    at.fault("bad-value", node.mark, message, at.near(kept.text, _WORDS))
    return None


def image(node: Node, at: At) -> Node | None:
    """The name of an image, with its tag or digest."""
    kept = text(node, at)
    if not isinstance(kept, Scalar):
        return None
    if len(kept.text) <= _LONGEST_IMAGE and _IMAGE.fullmatch(kept.text):
        return kept
    lower = kept.text.lower().strip()
    fits = len(lower) <= _LONGEST_IMAGE and _IMAGE.fullmatch(lower)
    hint = f'write "{lower}"' if fits else "write NAME, NAME:TAG or NAME@DIGEST, in small letters"
    at.fault("bad-image", node.mark, f'"{kept.text[:80]}" is no name of an image', hint)
    return None


def platform(node: Node, at: At) -> Node | None:
    """`linux/amd64`, `linux/arm64/v8`."""
    kept = text(node, at)
    if not isinstance(kept, Scalar):
        return None
    if not re.fullmatch(r"[a-z0-9]+(?:/[a-z0-9]+){0,2}", kept.text):
        words = f'"{kept.text[:40]}" is no platform'
        at.fault("bad-value", node.mark, words, "write linux/amd64 or linux/arm64")
        return None
    if kept.text.startswith("windows"):
        unsupported(node, at, "containers of Windows are not done", "use an image for linux")
        return None
    return kept


def context(node: Node, at: At) -> Node | None:
    """The folder of a build; archives and repositories on the net are for later."""
    kept = text(node, at)
    if not isinstance(kept, Scalar):
        return None
    if "://" in kept.text or kept.text.startswith("git@"):
        hint = "clone it, and name the folder"
        unsupported(node, at, "a build context that is not a folder is not done yet", hint)
        return None
    return kept


def driver(*known: str) -> Check:
    """A driver of networks or volumes that Longshore makes."""

    def check(node: Node, at: At) -> Node | None:
        kept = text(node, at)
        if not isinstance(kept, Scalar) or kept.text in known:
            return kept
        hint = f"write driver: {known[0]}, or make it yourself and write external: true"
        unsupported(node, at, f'the driver "{kept.text[:40]}" is not done yet', hint)
        return None

    return check


_KERNEL = "it weakens or tunes the container's isolation, which Longshore does not do yet; remove it"
_CPU = "use cpus, or deploy.resources.limits.cpus"
_HOST_NET = "put the service on a network under networks, and publish its ports"
_BY_NAME = "remove it: services on the same network reach each other by name"
_FOR_NOW = "remove it until Longshore does it"
_HOOK = "put it into the image's entrypoint"
_ADDRESS = "remove it: addresses are given by the engine; reach services by name"

ENV_FILE: Table = {
    "path": does(text),
    "required": does(truth),
    "format": does(choice("raw")),
}

HEALTHCHECK: Table = {
    "disable": does(truth),
    "interval": does(duration),
    "retries": does(whole()),
    "test": does(forms.probe),
    "timeout": does(duration),
    "start_period": does(duration),
    "start_interval": refuses("use interval and start_period"),
}

BUILD: Table = {
    "context": does(context),
    "dockerfile": does(text),
    "dockerfile_inline": does(text),
    "args": does(forms.environment),
    "target": does(text),
    "labels": does(forms.labels),
    **dict.fromkeys(
        (
            *("additional_contexts", "cache_from", "cache_to", "entitlements", "extra_hosts"),
            *(
                "isolation",
                "network",
                "no_cache",
                "no_cache_filter",
                "platforms",
                "privileged",
                "provenance",
                "pull",
            ),
            *("sbom", "secrets", "shm_size", "ssh", "tags", "ulimits"),
        ),
        refuses("remove it, or build the image yourself and name it by image"),
    ),
}

DEPENDENCY: Table = {
    "condition": does(choice("service_started", "service_healthy", "service_completed_successfully")),
    "required": does(truth),
    "restart": does(truth),
}

ATTACHMENT: Table = {
    "aliases": does(listed(text)),
    **dict.fromkeys(
        (
            *("driver_opts", "gw_priority", "interface_name", "ipv4_address", "ipv6_address"),
            *("link_local_ips", "mac_address", "priority"),
        ),
        refuses(_ADDRESS),
    ),
}

GRANT: Table = {
    "source": does(text),
    "target": does(text),
    "uid": does(whole()),
    "gid": does(whole()),
    "mode": does(forms.mode),
}

PORT: Table = {
    "target": does(whole(1, 65535)),
    "published": does(ports.host_port),
    "host_ip": does(text),
    "protocol": does(ports.protocol),
    "mode": does(choice("ingress", "host")),
    # Remarks for people: kept in the normalised project, and of no effect anywhere.
    "name": does(text),
    "app_protocol": does(text),
}

MOUNT: Table = {
    "type": does(choice("volume", "bind", "tmpfs")),
    "source": does(text),
    "target": does(text),
    "read_only": does(truth),
    "consistency": idles("it means something on macOS only"),
    "bind": does(
        table(
            {
                "create_host_path": does(truth),
                "propagation": refuses(_KERNEL),
                "recursive": refuses(_KERNEL),
                "selinux": refuses(_KERNEL),
            },
            null=True,
        )
    ),
    "volume": does(
        table(
            {
                "labels": refuses("write labels under the volume itself"),
                "nocopy": refuses(_FOR_NOW),
                "subpath": refuses("mount a volume of its own"),
            },
            null=True,
        )
    ),
    "tmpfs": does(table({"size": does(size), "mode": refuses(_FOR_NOW)}, null=True)),
    "image": refuses("copy the files into the service's own image"),
}

SERVICE: Table = {
    "build": does(forms.build(table(BUILD))),
    "command": does(forms.command),
    "configs": does(forms.grants(table(GRANT, required=("source",)))),
    "cpus": does(number()),
    "depends_on": does(forms.dependencies(table(DEPENDENCY, required=("condition",)))),
    "deploy": does(table(DEPLOY, null=True)),
    "entrypoint": does(forms.command),
    "env_file": does(forms.env_files(table(ENV_FILE, required=("path",)))),
    "environment": does(forms.environment),
    "expose": does(ports.exposed),
    "gpus": does(gpus(table(DEVICE))),
    "healthcheck": does(table(HEALTHCHECK)),
    "image": does(image),
    "labels": does(forms.labels),
    "mem_limit": does(size),
    "mem_reservation": does(size),
    "networks": does(optional(forms.attachments(table(ATTACHMENT)))),
    "pids_limit": does(whole(-1)),
    "platform": does(platform),
    "ports": does(ports.ports(table(PORT, required=("target",)))),
    "profiles": does(listed(text)),
    "restart": does(restart),
    "scale": does(whole(high=100_000)),
    "secrets": does(forms.grants(table(GRANT, required=("source",)))),
    "stop_grace_period": does(duration),
    "tmpfs": does(volumes.tmpfs),
    "user": does(text),
    "volumes": does(volumes.mounts(table(MOUNT, required=("type", "target")))),
    "working_dir": does(text),
    "x-longshore": does(table(STRATEGY)),
    "attach": idles("logs are shown on asking: longshore logs -f"),
    "develop": idles("it is read by docker compose watch only"),
    "annotations": refuses("use labels"),
    "blkio_config": refuses(_KERNEL),
    "cap_add": refuses(_KERNEL),
    "cap_drop": refuses(_KERNEL),
    "cgroup": refuses(_KERNEL),
    "cgroup_parent": refuses(_KERNEL),
    "container_name": refuses("remove it: Longshore names containers, so that there can be many"),
    "cpu_count": refuses(_CPU),
    "cpu_percent": refuses(_CPU),
    "cpu_period": refuses(_CPU),
    "cpu_quota": refuses(_CPU),
    "cpu_rt_period": refuses(_CPU),
    "cpu_rt_runtime": refuses(_CPU),
    "cpu_shares": refuses(_CPU),
    "cpuset": refuses(_CPU),
    "credential_spec": refuses("it is for containers of Windows; remove it"),
    "device_cgroup_rules": refuses(_KERNEL),
    "devices": refuses(_FOR_NOW),
    "dns": refuses(_BY_NAME),
    "dns_opt": refuses(_BY_NAME),
    "dns_search": refuses(_BY_NAME),
    "domainname": refuses(_BY_NAME),
    "extends": refuses("write the keys out, or share them by a YAML anchor and <<"),
    "external_links": refuses("join the other stack's network: networks, external: true"),
    "extra_hosts": refuses(_BY_NAME),
    "group_add": refuses("give the group in user: UID:GID"),
    "hostname": refuses("remove it, or use an alias: networks: {NAME: {aliases: [...]}}"),
    "init": refuses("put an init such as tini into the image"),
    "ipc": refuses(_KERNEL),
    "isolation": refuses("it is for containers of Windows; remove it"),
    "label_file": refuses("write the labels under labels"),
    "links": refuses(f"{_BY_NAME}; use aliases for another one"),
    "logging": refuses("remove it: read logs with longshore logs"),
    "mac_address": refuses(_ADDRESS),
    "mem_swappiness": refuses("use mem_limit"),
    "memswap_limit": refuses("use mem_limit"),
    "models": refuses("run the model as a service"),
    "network_mode": refuses(_HOST_NET),
    "oom_kill_disable": refuses(_KERNEL),
    "oom_score_adj": refuses(_KERNEL),
    "pid": refuses(_KERNEL),
    "post_start": refuses(_HOOK),
    "pre_start": refuses(_HOOK),
    "pre_stop": refuses(_HOOK),
    "privileged": refuses(_KERNEL),
    "provider": refuses("run it as a service with an image"),
    "pull_policy": refuses("remove it: images are pinned by digest when a plan is made"),
    "pull_refresh_after": refuses("remove it: images are pinned by digest when a plan is made"),
    "read_only": refuses(_FOR_NOW),
    "runtime": refuses(_FOR_NOW),
    "security_opt": refuses(_KERNEL),
    "shm_size": refuses("mount a tmpfs at /dev/shm: tmpfs: /dev/shm:size=64m"),
    "stdin_open": refuses("remove it; longshore exec opens a terminal in a running task"),
    "stop_signal": refuses("put STOPSIGNAL into the image's Dockerfile"),
    "storage_opt": refuses(_KERNEL),
    "sysctls": refuses(_KERNEL),
    "tty": refuses("remove it; longshore exec opens a terminal in a running task"),
    "ulimits": refuses(_KERNEL),
    "use_api_socket": refuses("mount the engine's socket as a volume, if you must"),
    "userns_mode": refuses(_KERNEL),
    "uts": refuses(_KERNEL),
    "volumes_from": refuses("mount the same named volume in both services"),
}

_OPTIONS = named(word, pattern=r".+")

NETWORK: Table = {
    "name": does(text),
    "driver": does(driver("bridge")),
    "driver_opts": does(_OPTIONS),
    "external": does(forms.external),
    "internal": does(truth),
    "labels": does(forms.labels),
    "attachable": idles("every container may join a bridge"),
    "enable_ipv4": refuses(_FOR_NOW),
    "enable_ipv6": refuses(_FOR_NOW),
    "ipam": refuses(_ADDRESS),
}

VOLUME: Table = {
    "name": does(text),
    "driver": does(driver("local")),
    "driver_opts": does(_OPTIONS),
    "external": does(forms.external),
    "labels": does(forms.labels),
}

SECRET: Table = {
    "environment": does(text),
    "file": does(text),
    # Kept in the normalised project; a secret is delivered by its key, as Docker Compose does.
    "name": does(text),
    "labels": does(forms.labels),
    "external": refuses("give its content: file: ./path, or environment: NAME"),
    "driver": refuses("give its content: file: ./path, or environment: NAME"),
    "driver_opts": refuses("give its content: file: ./path, or environment: NAME"),
    "template_driver": refuses("write the text out; variables are replaced"),
}

CONFIG: Table = {
    "content": does(text),
    "environment": does(text),
    "file": does(text),
    "name": does(text),
    "labels": does(forms.labels),
    "external": refuses("give its content: file: ./path, content: …, or environment: NAME"),
    "template_driver": refuses("write the text out; variables are replaced"),
}

TOP: Table = {
    "name": does(text),
    "services": does(named(table(SERVICE))),
    "networks": does(named(table(NETWORK, null=True))),
    "volumes": does(named(table(VOLUME, null=True))),
    "secrets": does(named(table(SECRET))),
    "configs": does(named(table(CONFIG))),
    "version": idles("the format has had one version since 2020"),
    "include": refuses("name the files one after another: longshore up a.yaml b.yaml"),
    "models": refuses("run the model as a service"),
}
