"""What a person says of a host: labels, taints, zone, how its room may be used, and for whom it is kept."""

from __future__ import annotations

import msgspec

from longshore.model.ask import KeepRoom, SetHost
from longshore.model.clock import Micros
from longshore.model.errors import Invalid, NotFound
from longshore.model.host import Capacity, Host, Kept, Share, Taint
from longshore.plan.agenda import Subject
from longshore.plan.estate import Estate
from longshore.plan.task import touch_waiting
from longshore.plan.turn import Turn

NO_ROOM = Capacity()


def find_host(estate: Estate, name: str) -> Host:
    """The host of this name.

    Raises:
        NotFound: `no-such-host`.
    """
    host = estate.host_named(name)
    if host is None:
        raise NotFound(f"there is no host {name}", code="no-such-host", remedy="longshore hosts")
    return host


def set_host(turn: Turn, body: SetHost, actor: str) -> Host:
    """Set what a person may say of a host. The same again changes nothing."""
    old = find_host(turn.estate, body.host)
    marks = {**old.marks, **{k: v for k, v in body.labels.items() if v is not None}}
    gone = [key for key, value in body.labels.items() if value is None]
    labels = {**old.labels, **marks}
    new = msgspec.structs.replace(
        old,
        marks={k: v for k, v in marks.items() if k not in gone},
        labels={k: v for k, v in labels.items() if k not in gone},
        taints=_tainted(old.taints, body),
        zone=old.zone if body.zone is None else body.zone,
        region=old.region if body.region is None else body.region,
        share=_shared(old.share, body),
    )
    words = ", ".join(_differences(old, new))
    if not words:
        return old
    turn.estate.put(new)
    turn.note("host.set", new.name, words, actor=actor)
    _look_again(turn, new)
    return new


def _tainted(old: tuple[Taint, ...], body: SetHost) -> tuple[Taint, ...]:
    """The taints, new ones in place of those of the same key and effect."""
    named = {(taint.key, taint.effect): taint for taint in old if taint.key not in body.untaint}
    named |= {(taint.key, taint.effect): taint for taint in body.taints}
    return tuple(named[key] for key in sorted(named))


def _shared(old: Share, body: SetHost) -> Share:
    return Share(
        reserved=old.reserved if body.reserved is None else body.reserved,
        overcommit_cpu=old.overcommit_cpu if body.overcommit_cpu is None else body.overcommit_cpu,
        overcommit_memory=(
            old.overcommit_memory if body.overcommit_memory is None else body.overcommit_memory
        ),
    )


def _differences(old: Host, new: Host) -> list[str]:
    """What is set otherwise now, in words."""
    words = [f"label {k}={v}" for k, v in new.marks.items() if old.marks.get(k) != v]
    words += [f"no label {k}" for k in old.labels if k not in new.labels]
    words += [f"taint {taint_words(t)}" for t in new.taints if t not in old.taints]
    words += [f"no taint {taint_words(t)}" for t in old.taints if t not in new.taints]
    for field in ("zone", "region"):
        was, now = getattr(old, field), getattr(new, field)
        if was != now:
            words.append(f"{field} {now}" if now else f"no {field}")
    if old.share != new.share:
        words.append("the use of its room")
    return words


def taint_words(taint: Taint) -> str:
    """`dedicated=gpu:NoSchedule`."""
    return f"{taint.key}{'=' if taint.value else ''}{taint.value}:{taint.effect}"


def keep_room(turn: Turn, body: KeepRoom, actor: str) -> Host:
    """Keep room on a host for somebody, or keep it no longer.

    Raises:
        Invalid: `room-kept-too-much`: more than the host has; `room-kept-past`: its time is over already.
        NotFound: `no-such-host`.
    """
    old = find_host(turn.estate, body.host)
    others = tuple(kept for kept in old.kept if kept.whom != body.whom)
    if body.room == NO_ROOM:
        new = msgspec.structs.replace(old, kept=others)
        words = f"no room is kept for {body.whom}"
    else:
        _check(turn, old, others, body)
        kept = Kept(whom=body.whom, room=body.room, until=body.until)
        new = msgspec.structs.replace(old, kept=(*others, kept))
        words = f"room is kept for {body.whom}"
    if new == old:
        return old
    turn.estate.put(new)
    turn.note("host.kept", new.name, words, actor=actor)
    _look_again(turn, new)
    return new


def _check(turn: Turn, host: Host, others: tuple[Kept, ...], body: KeepRoom) -> None:
    """See that the host has as much, with what is kept for others, and that there is time."""
    if body.until and body.until <= turn.now:
        raise Invalid(
            "the time until which room is to be kept is over",
            code="room-kept-past",
            remedy="name a later one",
        )
    rooms = [kept.room for kept in others] + [body.room]
    for what in ("cpu", "memory", "disk", "pids"):
        there, asked = getattr(host.capacity, what), sum(getattr(room, what) for room in rooms)
        if asked > there and getattr(body.room, what):
            raise Invalid(
                f"{host.name} has not as much {what} as is to be kept there",
                code="room-kept-too-much",
                remedy="longshore hosts shows what it has; keep less, or some on another host",
                facts={"there": there, "asked": asked},
            )


def expire_kept(turn: Turn, host: Host) -> Host:
    """Room whose time is over is kept no longer; the rest is looked at again in time."""
    left = tuple(kept for kept in host.kept if not kept.until or kept.until > turn.now)
    for kept in left:
        if kept.until:
            turn.look_again(Micros(kept.until), Subject.HOST, host.id)
    if left == host.kept:
        return host
    new = msgspec.structs.replace(host, kept=left)
    turn.estate.put(new)
    gone = ", ".join(kept.whom for kept in host.kept if kept not in left)
    turn.note("host.kept", host.name, f"room is kept no longer for {gone}: its time is over")
    _look_again(turn, new)
    return new


def _look_again(turn: Turn, host: Host) -> None:
    """Who is there may have to go, and who waits may find a place."""
    for task in turn.estate.tasks_on(host.id):
        turn.touch(Subject.SERVICE, task.key)
    touch_waiting(turn, host.id)
