"""A cloud converges: one that is being removed goes when nothing of it is left."""

from __future__ import annotations

from longshore.model.lifecycle import HostState
from longshore.plan.agenda import Subject
from longshore.plan.host import forget_host, release
from longshore.plan.turn import Turn


def converge_cloud(turn: Turn, name: str) -> None:
    """Give back a removed cloud's hosts, then forget it."""
    cloud = turn.estate.clouds.get(name)
    if cloud is None or not cloud.removing:
        return
    hosts = [h for h in turn.estate.hosts.values() if h.cloud == name]
    for host in hosts:
        if any(True for _ in turn.estate.tasks_on(host.id)):
            turn.touch(Subject.HOST, host.id)
            return
        if host.own:
            forget_host(turn, host)
        elif host.state is not HostState.RELEASING:
            release(turn, host, f"the cloud {name} is being removed")
    if not any(h.cloud == name for h in turn.estate.hosts.values()):
        turn.estate.drop(cloud)
        turn.note("cloud.removed", name, "nothing of it is left")
