"""Every code of an error that the simulator raises; those it shares with a real engine mean the same."""

from __future__ import annotations

CODES = {
    "bad-setting": "a setting of the cloud does not exist, or cannot be read",
    "bad-state": "the file in which a simulated world survives cannot be read",
    "cloud-error": "the cloud failed, and nothing was done",
    "cloud-silent": "the cloud took it and did not answer",
    "cloud-unreachable": "the cloud does not answer",
    "container-missing": "the task's container is not there",
    "engine-error": "the engine failed, and nothing was done",
    "engine-silent": "the engine took it and did not answer",
    "engine-unreachable": "the host's engine does not answer",
    "external-missing": "a network or volume that the template calls external is not there",
    "image-missing": "an image is neither on the host nor to be had",
    "in-use": "a network or volume is held by containers",
    "mesh-error": "a host was asked to manage a mesh that it cannot",
    "name-taken": "something of that name was made by others",
    "network-missing": "a network is not there",
    "no-capacity": "the cloud has no such host left",
    "no-such-flavor": "the cloud does not lend hosts of that size",
    "no-such-host": "the cloud has no such host",
    "not-running": "a command can be run in a running container only",
    "own-host": "a host that was not lent cannot be given back",
    "port-taken": "a port on the host is held by another container",
    "quota": "the cloud lends no more hosts than it already does",
    "start-failed": "the container was made, but could not be started",
    "volume-missing": "a volume is not there",
}
