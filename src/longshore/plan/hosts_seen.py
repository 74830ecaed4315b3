"""What a look at a cloud shows: own hosts that are new, lent ones that came, failed or went."""

from __future__ import annotations

import msgspec

from longshore.model.clock import Micros
from longshore.model.cloud import Cloud
from longshore.model.host import Host
from longshore.model.ids import HostId
from longshore.model.lifecycle import HostState
from longshore.model.report import CloudSeen, CloudSilent, LentHost
from longshore.plan.agenda import Subject
from longshore.plan.host import fail_host, forget_host
from longshore.plan.task import touch_waiting
from longshore.plan.turn import Turn

OURS = "io.longshore."
"""The beginning of the labels that we put on what we make."""


def see_silent_cloud(turn: Turn, seen: CloudSilent) -> None:
    """A cloud does not answer: nothing is bought there meanwhile."""
    cloud = turn.estate.clouds.get(seen.cloud)
    if cloud is not None and not cloud.silent_since:
        turn.estate.put(msgspec.structs.replace(cloud, silent_since=seen.since, reason=seen.reason))
        turn.note("cloud.silent", seen.cloud, seen.reason)


def see_cloud(turn: Turn, seen: CloudSeen) -> None:
    """Take in a cloud's offers and hosts."""
    cloud = turn.estate.clouds.get(seen.cloud)
    if cloud is None:
        return
    # A quote is asked for again and again; it is news only where more than its age changed.
    news = [q.undated for q in cloud.offers] != [q.undated for q in seen.offers] or cloud.silent_since
    cloud = msgspec.structs.replace(
        cloud, offers=seen.offers, looked_at=seen.at, silent_since=Micros(0), reason=""
    )
    known = {h.foreign_id: h for h in turn.estate.hosts.values() if h.cloud == cloud.name and h.foreign_id}
    strangers = []
    for lent in seen.hosts:
        host = turn.estate.hosts.get(lent.host) if lent.host else known.get(lent.foreign_id)
        if host is not None:
            _see_listed(turn, host, lent)
        elif lent.host:
            strangers.append(lent.foreign_id)
        elif cloud.own and not cloud.removing:
            _declare(turn, cloud, lent)
    listed = {lent.foreign_id for lent in seen.hosts}
    for foreign_id, host in known.items():
        if foreign_id not in listed:
            _see_unlisted(turn, host)
    if tuple(strangers) != cloud.strangers:
        for foreign_id in strangers:
            turn.note("cloud.stranger", cloud.name, f"host {foreign_id} is ours, but not in the journal")
        cloud = msgspec.structs.replace(cloud, strangers=tuple(strangers))
    turn.estate.put(cloud)
    turn.touch(Subject.CLOUD, cloud.name)
    if news:
        turn.note("cloud.seen", cloud.name, f"it answers, with {len(seen.offers)} offers")
        for key in turn.estate.waiting():
            turn.touch(Subject.SERVICE, key)


def _declare(turn: Turn, cloud: Cloud, lent: LentHost) -> None:
    """An own host, seen for the first time."""
    taken = turn.estate.host_named(lent.name)
    host = Host(
        id=HostId(turn.ids.new("host")),
        name=lent.name if taken is None else f"{cloud.name}-{lent.name}",
        cloud=cloud.name,
        own=True,
        state=HostState.BOOTING,
        labels=lent.labels,
        region=lent.region,
        zone=lent.zone,
        realm=lent.realm,
        price=cloud.price,
        foreign_id=lent.foreign_id,
        address=lent.address,
        requested_at=turn.now,
    )
    turn.estate.put(host)
    turn.note("host.declared", host.name, f"an own host of {cloud.name}")


def _see_listed(turn: Turn, host: Host, lent: LentHost) -> None:
    """A host that its cloud lists: where it is reached, and whether it failed to come."""
    if lent.failed and host.state in {HostState.REQUESTED, HostState.BOOTING}:
        fail_host(turn, host, lent.failed)
        return
    new = msgspec.structs.replace(
        host,
        address=lent.address or host.address,
        # Our own marks say whose it is, and are nothing to place by.
        labels={
            **host.labels,
            **{k: v for k, v in lent.labels.items() if not k.startswith(OURS)},
            **host.marks,
        },
        # What a person said of it holds.
        region=host.region or lent.region,
        zone=host.zone or lent.zone,
        realm=lent.realm or host.realm,
        foreign_id=lent.foreign_id,
    )
    if new != host:
        turn.estate.put(new)
        touch_waiting(turn, host.id)


def _see_unlisted(turn: Turn, host: Host) -> None:
    """A host that its cloud lists no longer: given back, or taken away behind our back.

    A list may lag behind, so a host whose engine answers is there whatever the list says.
    """
    if host.state is HostState.RELEASING and turn.estate.open_step(host.id) is None:
        forget_host(turn, host)
    elif host.state is HostState.READY and host.lost:
        for task in list(turn.estate.tasks_on(host.id)):
            turn.touch(Subject.SERVICE, task.key)
        forget_host(turn, host)
