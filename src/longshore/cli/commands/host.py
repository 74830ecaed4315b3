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
    _drain(session, name, {"undo": False}, "is being drained: its tasks leave as others take their place")


@hosts.command(epilog=example("longshore hosts undrain north-1"))
@click.argument("name")
@json_option
@click.pass_obj
def undrain(session: Session, *, name: str) -> None:
    """Let a drained host take tasks again."""
    _drain(session, name, {"undo": True}, "takes tasks again")


def _drain(session: Session, name: str, body: dict[str, bool], words: str) -> None:
    """Ask for it, and say what follows."""
    from urllib.parse import quote

    raw = session.client.post(f"/v1/hosts/{quote(name, safe='')}/drain", body)
    if session.json:
        session.write(raw)
    else:
        session.say(f"{name} {words}")
