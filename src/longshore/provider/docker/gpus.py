"""GPUs in the engine's words: what a task asks of it, and what its host has. Pure."""

from __future__ import annotations

from longshore.model.seams import TaskOrder
from longshore.provider.docker.answers import GenericResource

_CARD = 1000
"""Thousandths of a card, as a task's resources count them."""

GPUS = "io.longshore.gpus"
GPU_MODEL = "io.longshore.gpu-model"
"""Labels of an engine that say what GPUs its machine has: the engine itself does not tell."""


def device_requests(order: TaskOrder) -> dict[str, object]:
    """The part of a container's `HostConfig` that hands it its cards; nothing where it has none.

    A share of a card is the whole card to the engine: who else is on it is kept by us alone.
    """
    gpu = order.spec.resources.gpu
    if not gpu:
        return {}
    request: dict[str, object] = {"Driver": "nvidia", "Capabilities": [["gpu"]]}
    if order.cards:
        request["DeviceIDs"] = [str(card) for card in order.cards]
    else:
        request["Count"] = -(-gpu // _CARD)
    return {"DeviceRequests": [request]}


def counted(resources: list[GenericResource] | None) -> dict[str, int]:
    """The generic resources that the engine's daemon was configured with, by kind."""
    found: dict[str, int] = {}
    for resource in resources or []:
        discrete, named = resource.discrete_resource_spec, resource.named_resource_spec
        if discrete is not None:
            found[discrete.kind] = found.get(discrete.kind, 0) + discrete.value
        elif named is not None:
            found[named.kind] = found.get(named.kind, 0) + 1
    return dict(sorted(found.items()))
