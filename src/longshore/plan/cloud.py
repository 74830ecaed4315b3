"""A cloud converges: it has the hosts it is to keep; one being removed goes when nothing of it is left."""

from __future__ import annotations

from longshore.model.lifecycle import HostState
from longshore.plan.agenda import Subject
from longshore.plan.buying import keep
from longshore.plan.host import forget_host, release
from longshore.plan.turn import Turn


def converge_cloud(turn: Turn, name: str) -> None:
    """Have a cloud keep its hosts; give back those of a removed one, then forget it."""
    cloud = turn.estate.clouds.get(name)
    if cloud is None:
        return
    if not cloud.removing:
        if cloud.keep and cloud.looked_at and not cloud.silent_since:
            keep(turn, cloud)
        return
    hosts = [h for h in turn.estate.hosts.values() if h.cloud == name]
    for host in hosts:
        if any(True for _ in turn.estate.tasks_on(host.id)):
            turn.touch(Subject.HOST, host.id)
            return
        # Own hosts were there before; those that were made are unmade.
        if host.own and host.quote is None:
            forget_host(turn, host)
        elif host.state is not HostState.RELEASING:
            release(turn, host, f"the cloud {name} is being removed")
    if not any(h.cloud == name for h in turn.estate.hosts.values()):
        turn.estate.drop(cloud)
        turn.note("cloud.removed", name, "nothing of it is left")
