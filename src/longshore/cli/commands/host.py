"""`hosts`: machines with a container engine."""

from __future__ import annotations

import click

from longshore.cli.options import example, json_option
from longshore.cli.session import Session


@click.group(
    epilog=example("longshore hosts", "longshore hosts drain north-1"),
    invoke_without_command=True,
)
@json_option
@click.pass_context
def hosts(context: click.Context) -> None:
    """List hosts with their room, tasks and price."""
    from longshore.cli import tables
    from longshore.model.view import HostView

    if context.invoked_subcommand is not None:
        return
    session: Session = context.obj
    session.answer(session.client.get("/v1/hosts"), list[HostView], tables.hosts)


@hosts.command(epilog=example("longshore hosts drain north-1"))
@click.argument("name")
@json_option
@click.pass_obj
def drain(session: Session, *, name: str) -> None:
    """Have a host's tasks leave it, and let it take no new ones."""
    _post(
        session,
        name,
        "drain",
        {"undo": False},
        "is being drained: its tasks leave as others take their place",
    )


@hosts.command(epilog=example("longshore hosts undrain north-1"))
@click.argument("name")
@json_option
@click.pass_obj
def undrain(session: Session, *, name: str) -> None:
    """Let a drained host take tasks again."""
    _post(session, name, "drain", {"undo": True}, "takes tasks again")


@hosts.command(
    "set",
    epilog=example(
        "longshore hosts set box2 --zone attic --label disk=ssd",
        "longshore hosts set box2 --taint dedicated=gpu:NoSchedule",
    ),
)
@click.argument("name")
@click.option(
    "--label", "labels", multiple=True, metavar="K=V", help="A label of it; holds over its cloud's."
)
@click.option("--unlabel", multiple=True, metavar="K", help="Take a label away.")
@click.option(
    "--taint", "taints", multiple=True, metavar="K=V:EFFECT", help="Keep tasks off that do not mind."
)
@click.option("--untaint", multiple=True, metavar="K", help="Take the taints of a key away.")
@click.option("--zone", help="The zone it is in; '' for that of its cloud.")
@click.option("--region", help="The region it is in; '' for that of its cloud.")
@click.option("--reserve", metavar="ROOM", help="Keep so much for the machine itself; none: nothing.")
@click.option("--overcommit-cpu", metavar="N", help="Let tasks reserve N times its processors.")
@click.option("--overcommit-memory", metavar="N", help="Let tasks reserve N times its memory.")
@json_option
@click.pass_obj
def set_(  # noqa: PLR0913 - each is an option
    session: Session,
    *,
    name: str,
    labels: tuple[str, ...],
    unlabel: tuple[str, ...],
    taints: tuple[str, ...],
    untaint: tuple[str, ...],
    zone: str | None,
    region: str | None,
    reserve: str | None,
    overcommit_cpu: str | None,
    overcommit_memory: str | None,
) -> None:
    """Set a host's labels, taints and zone, and how its room may be used."""
    from longshore.cli.amounts import parse_ratio, parse_room, parse_taint
    from longshore.cli.names import parse_pairs

    body = {
        "labels": {**parse_pairs(labels, "--label disk=ssd"), **dict.fromkeys(unlabel)},
        "taints": [parse_taint(taint) for taint in taints],
        "untaint": untaint,
        "zone": zone,
        "region": region,
        "reserved": None if reserve is None else parse_room(reserve),
        "overcommit_cpu": None if overcommit_cpu is None else parse_ratio(overcommit_cpu),
        "overcommit_memory": None if overcommit_memory is None else parse_ratio(overcommit_memory),
    }
    said = {key: value for key, value in body.items() if value not in (None, {}, [], ())}
    if not said:
        raise click.UsageError("Say what to set: --label, --taint, --zone, --reserve or another option.")
    _post(session, name, "settings", said, "is set; see: longshore explain " + name)


@hosts.command(
    epilog=example(
        "longshore hosts keep box2 --for shop --room cpu=2 --length 2h",
        "longshore hosts keep box2 --for shop --room none",
    )
)
@click.argument("name")
@click.option("--for", "whom", required=True, metavar="WHOM", help="STACK, STACK/SERVICE or project:NAME.")
@click.option("--room", required=True, metavar="ROOM", help="Like cpu=2,memory=4GiB; none: keep no more.")
@click.option("--length", metavar="TIME", help="Keep it so long, like 2h; else until it is taken back.")
@json_option
@click.pass_obj
def keep(session: Session, *, name: str, whom: str, room: str, length: str | None) -> None:
    """Keep room on a host for a stack, a service or a project."""
    from longshore.cli.amounts import parse_length, parse_room

    amount = parse_room(room)
    body = {"whom": whom, "room": amount, "length": 0 if length is None else parse_length(length)}
    words = f"keeps room for {whom}" if room != "none" else f"keeps no room for {whom}"
    _post(session, name, "kept", body, words)


def _post(session: Session, name: str, what: str, body: object, words: str) -> None:
    """Ask for it, and say what follows."""
    from urllib.parse import quote

    raw = session.client.post(f"/v1/hosts/{quote(name, safe='')}/{what}", body)
    if session.json:
        session.write(raw)
    else:
        session.say(f"{name} {words}")
