"""A host of the lab as the engine that holds it sees it: the image, the container, the files in it."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping

from longshore.model.host import Capacity
from longshore.provider.lab.authority import Pair

PORT = 2376
"""Docker's registered port for TLS."""

IMAGE = "longshore-lab-host:1"
"""Built when the first host is made. The number counts what is in it."""

DOCKERFILE = """\
FROM debian:bookworm-slim
RUN apt-get update \\
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends docker.io iptables iproute2 \\
 && rm -rf /var/lib/apt/lists/*
COPY host /usr/local/bin/host
RUN chmod 755 /usr/local/bin/host
VOLUME /var/lib/docker
ENTRYPOINT ["/usr/local/bin/host"]
"""

ENTRY = """\
#!/bin/sh
# Where the host is not privileged, what its engine must write to was mounted read-only.
for place in /sys $(awk '$3 ~ /^cgroup/ {print $2}' /proc/mounts); do
    mount -o remount,rw,bind "$place" 2>/dev/null
done
# A killed host leaves these, and its engine would take them for another that runs.
rm -f /var/run/docker.pid /var/run/docker/containerd/containerd.pid
dockerd --host=unix:///var/run/docker.sock --host=tcp://0.0.0.0:2376 --tlsverify \\
    --tlscacert=/etc/longshore/ca.pem --tlscert=/etc/longshore/host.pem \\
    --tlskey=/etc/longshore/host-key.pem "$@" &
engine=$!
trap 'kill -TERM $engine' TERM INT
# A signal ends the first wait; the second waits for the engine to have put everything away.
wait $engine
wait $engine
"""

_KEYS = "/etc/longshore"

_RIGHTS: Mapping[bool, dict[str, object]] = {
    True: {"Privileged": True},
    # Where that is forbidden: all that a Docker Engine needs, and nothing of the machine's limits.
    False: {
        "CapAdd": ["ALL"],
        "CapDrop": ["SYS_RESOURCE"],
        "SecurityOpt": ["seccomp=unconfined", "apparmor=unconfined"],
        "MaskedPaths": [],
        "ReadonlyPaths": [],
        "DeviceCgroupRules": ["a *:* rwm"],
    },
}
"""How a host is let do what an engine does, by whether it may be privileged."""


def body(
    *,
    name: str,
    capacity: Capacity,
    labels: dict[str, str],
    facts: dict[str, str],
    network: str,
    privileged: bool,
) -> dict[str, object]:
    """What to ask the engine for.

    Args:
        name: The host's name, and its engine's.
        capacity: The bounds of cores and memory; 0: none.
        labels: The container's, by which it is found again.
        facts: The labels of the host's engine, which placing goes by.
        network: The network of the engine that holds it.
        privileged: Whether that engine may make privileged containers.
    """
    told = {**facts}
    if capacity.cpu:
        told["io.longshore.cpu"] = str(capacity.cpu)
    if capacity.memory:
        told["io.longshore.memory"] = str(capacity.memory)
    return {
        "Image": IMAGE,
        "Hostname": name,
        "Cmd": [f"--label={key}={value}" for key, value in sorted(told.items())],
        "Labels": labels,
        "StopSignal": "SIGTERM",
        "HostConfig": {
            "NanoCpus": capacity.cpu * 1_000_000,
            "Memory": capacity.memory,
            "MemorySwap": capacity.memory,
            "NetworkMode": network,
            **_RIGHTS[privileged],
        },
    }


def keys(ca: bytes, pair: Pair) -> bytes:
    """A tar of what a host's engine knows us by, and shows us."""
    return _tar(
        {f"{_KEYS}/ca.pem": ca, f"{_KEYS}/host.pem": pair.certificate, f"{_KEYS}/host-key.pem": pair.key},
        0o600,
    )


def context() -> bytes:
    """A tar of what the image is built from."""
    return _tar({"Dockerfile": DOCKERFILE.encode(), "host": ENTRY.encode()}, 0o644)


def _tar(files: Mapping[str, bytes], mode: int) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, content in files.items():
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()
