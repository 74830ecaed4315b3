"""A mesh converges: from whatever its hosts say, by one step for each at a time, to one that can agree."""

from __future__ import annotations

import msgspec
import pytest

from longshore.model.clock import SECOND, Micros
from longshore.model.cloud import Pool
from longshore.model.host import Host
from longshore.model.ids import HostId, Ids
from longshore.model.lifecycle import HostState
from longshore.model.mesh import Member, Membership, Standing
from longshore.model.report import Done, HostReport, HostSeen, Missed
from longshore.model.step import TendMesh
from longshore.plan.assume import assume
from longshore.plan.converge import converge
from longshore.plan.estate import Estate
from longshore.plan.intake import take_in
from longshore.plan.turn import Turn

REALM = "mesh:bridge/"
NOW = Micros(1_000 * SECOND)
ALONE = Membership()


def member(name: str, *, mesh: str = "m", manager: bool = False, agrees: bool = False) -> Membership:
    return Membership(
        standing=Standing.ACTIVE, node=f"node-{name}", mesh=mesh, manager=manager, agrees=agrees
    )


def leader(name: str, *others: Member) -> Membership:
    own = Member(node=f"node-{name}", manager=True, ready=True, reachable=True, leads=True)
    return msgspec.structs.replace(member(name, manager=True, agrees=True), members=(own, *others))


def host(name: str, mesh: Membership = ALONE, **changes: object) -> Host:
    plain = Host(
        id=HostId(name),
        name=name,
        cloud="public",
        own=True,
        state=HostState.READY,
        realm=REALM,
        mesh=mesh,
        address=f"tcp://10.0.0.{ord(name[-1])}:2376",
        requested_at=Micros(ord(name[-1])),
    )
    return msgspec.structs.replace(plain, **changes)


LOST = {"silent_since": Micros(5), "lost": True}
SILENT = {"silent_since": Micros(5)}


def estate(*hosts: Host) -> Estate:
    made = Estate()
    made.load([Pool(), *hosts])
    return made


def decided(made: Estate, now: int = NOW) -> list[str]:
    """The steps of a turn, as `act host [via]`."""
    turn = Turn(made, Micros(now), Ids(1))
    converge(turn)
    found = []
    for step in turn.steps:
        if isinstance(step.action, TendMesh):
            via = f" via {step.action.via}" if step.action.via else ""
            found.append(f"{step.action.act} {step.action.host}{via}")
    return found


MANAGER = member("a", manager=True, agrees=True)

CASES: dict[str, tuple[list[Host], list[str]]] = {
    "nothing yet: the first founds it": ([host("a"), host("b")], ["found a"]),
    "the others join it": (
        [host("a", MANAGER), host("b"), host("c")],
        ["join b via a", "join c via a"],
    ),
    "one and two hosts have one manager": ([host("a", MANAGER), host("b", member("b"))], []),
    "three have three, one after the other": (
        [host("a", MANAGER), host("b", member("b")), host("c", member("c"))],
        ["promote b via a"],
    ),
    "a silent manager is replaced": (
        [
            host("a", MANAGER),
            host("b", member("b", manager=True, agrees=True)),
            host("c", member("c", manager=True), **SILENT),
            host("d", member("d")),
        ],
        ["promote d via a"],
    ),
    "and laid down when there are enough": (
        [
            host("a", MANAGER),
            host("b", member("b", manager=True, agrees=True)),
            host("c", member("c", manager=True), **SILENT),
            host("d", member("d", manager=True, agrees=True)),
        ],
        ["demote c via a"],
    ),
    "a draining manager is replaced before it goes": (
        [
            host("a", MANAGER, draining=True),
            host("b", member("b", manager=True, agrees=True)),
            host("c", member("c", manager=True, agrees=True)),
            host("d", member("d")),
        ],
        ["promote d via a"],
    ),
    "silent managers may come back": (
        [
            host("a", member("a", manager=True)),
            host("b", member("b", manager=True), **SILENT),
            host("c", member("c", manager=True), **SILENT),
        ],
        [],
    ),
    "most managers lost: one that is left begins anew": (
        [
            host("a", member("a", manager=True)),
            host("b", member("b", manager=True), **LOST),
            host("c", member("c", manager=True), **LOST),
        ],
        ["revive a"],
    ),
    "all managers lost: the rest leave": (
        [host("a", member("a", manager=True), **LOST), host("b", member("b")), host("c", member("c"))],
        ["leave b", "leave c"],
    ),
    "one in another mesh leaves it": (
        [host("a", MANAGER), host("b", member("b", mesh="other"))],
        ["leave b"],
    ),
    "members that are no hosts any more are struck off": (
        [host("a", leader("a", Member(node="node-gone")))],
        ["expel a via a"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_mesh_needs_next(case: str) -> None:
    hosts, wanted = CASES[case]
    assert decided(estate(*hosts)) == wanted


def test_from_nothing_it_comes_to_rest_with_three_managers_own_hosts_first() -> None:
    hosts = [host(name, own=name in "de") for name in "abcde"]
    made = estate(*hosts)
    ids = Ids(3)
    for _ in range(20):
        turn = Turn(made, NOW, ids)
        converge(turn)
        if not turn.steps:
            break
        for step in turn.steps:
            for _, seen in assume(made, step, NOW):
                take_in(Turn(made, NOW, ids), seen)
    managers = {h.id for h in made.hosts.values() if h.mesh.manager}
    assert managers == {"d", "e", "a"}
    assert {h.mesh.mesh for h in made.hosts.values()} == {"mesh-d"}


def test_a_member_in_trouble_is_left_alone_for_a_while() -> None:
    made = estate(host("a", MANAGER), host("b", Membership(standing=Standing.ERROR, error="no leader")))
    assert decided(made) == []
    assert decided(made, NOW + 59 * SECOND) == []
    assert decided(made, NOW + 60 * SECOND) == ["leave b"]


def test_what_an_engine_refused_is_not_tried_again_at_once() -> None:
    made = estate(host("a", MANAGER), host("b"))
    turn = Turn(made, NOW, Ids(1))
    converge(turn)
    (step,) = turn.steps
    take_in(Turn(made, NOW, Ids(2)), Missed(step=step.id, at=NOW, code="engine-error", reason="no"))
    assert decided(made) == []
    assert decided(made, NOW + 5 * SECOND) == ["join b via a"]


def test_a_look_that_knows_less_forgets_nothing() -> None:
    made = estate(host("a", MANAGER), host("b"))
    turn = Turn(made, NOW, Ids(1))
    converge(turn)
    (step,) = turn.steps
    take_in(Turn(made, NOW, Ids(2)), Done(step=step.id, at=NOW, mesh=member("b", mesh="m")))
    report = HostReport(host=HostId("b"), began=NOW, at=NOW, mesh=member("b", mesh=""))
    take_in(Turn(made, NOW, Ids(3)), HostSeen(report=report))
    found = made.hosts.get("b")
    assert found is not None
    assert found.mesh.mesh == "m"


def test_hosts_without_a_realm_have_no_mesh() -> None:
    assert decided(estate(host("a", realm=""), host("b", realm=""))) == []
