"""`ps`, `logs` and `exec`: replicas at work."""

from __future__ import annotations

import sys

import click

from longshore.cli.options import example, json_option
from longshore.cli.session import Session


@click.command(epilog=example("longshore ps shop/web"))
@click.argument("name", required=False)
@click.option("--all", "-a", "everything", is_flag=True, help="Those that have ended, too.")
@json_option
@click.pass_obj
def ps(session: Session, *, name: str | None, everything: bool) -> None:
    """List tasks: what runs, on which host, since when, and how it fares."""
    from longshore.cli import tables
    from longshore.cli.names import parse_name
    from longshore.model.view import TaskView

    named = parse_name(name).query() if name else {}
    raw = session.client.get("/v1/tasks", {**named, "all": everything})
    session.answer(raw, list[TaskView], tables.tasks)


@click.command(epilog=example("longshore logs -f --tail 20 shop/web"))
@click.argument("name")
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes.")
@click.option("--tail", "-n", type=click.IntRange(min=0), help="Only the last N lines of each.")
@json_option
@click.pass_obj
def logs(session: Session, *, name: str, follow: bool, tail: int | None) -> None:
    """Show what the tasks of a stack or service write. With --json, one document per line."""
    from longshore.cli import stream
    from longshore.cli.names import parse_name

    named = parse_name(name)
    last = -1 if tail is None else tail
    lines = session.client.lines("/v1/logs", {**named.query(), "follow": follow, "tail": last})
    stream.logs(session, lines, prefix=not named.slot)


@click.command(
    "exec",
    epilog=example("longshore exec shop/db psql -U shop", "longshore exec -T shop/web.1 cat /etc/hosts"),
    context_settings={"allow_interspersed_args": False},
)
@click.argument("name")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("--interactive/--no-stdin", "-i", default=True, help="Send standard input (the default).")
@click.option("--tty", "-t", is_flag=True, help="With a terminal (the default where there is one).")
@click.option("--no-tty", "-T", is_flag=True, help="Without a terminal.")
@json_option
@click.pass_obj
def execute(
    session: Session, *, name: str, command: tuple[str, ...], interactive: bool, tty: bool, no_tty: bool
) -> int:
    """Run a command in a task's container; exits as the command does.

    Of a service without a number, the first replica that is ready is taken.
    """
    from longshore.cli import terminal

    if tty and no_tty:
        raise click.UsageError("-t and -T exclude each other.")
    at_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if tty and not at_terminal:
        raise click.UsageError("-t needs a terminal for standard input and output.")
    if command[0] == "--" and len(command) > 1:
        command = command[1:]
    with_tty = at_terminal and not no_tty and not session.json
    return terminal.execute(session, _task(session, name), command, tty=with_tty, stdin=interactive)


def _task(session: Session, name: str) -> str:
    """The one task that is meant."""
    import msgspec

    from longshore.cli.names import parse_name
    from longshore.model.errors import Invalid, NotFound
    from longshore.model.view import TaskView

    named = parse_name(name)
    if not named.service:
        raise Invalid(
            f"{name!r} is a stack",
            code="name-too-wide",
            remedy=f"name a service of it: {named.stack}/SERVICE",
        )
    if named.slot:
        return name
    views = msgspec.json.decode(session.client.get("/v1/tasks", named.query()), type=list[TaskView])
    ready = sorted((v for v in views if v.task.ready), key=lambda view: view.task.slot)
    if not ready:
        raise NotFound(
            f"no task of {name} is ready", code="task-not-ready", remedy=f"see why: longshore ps {name} --all"
        )
    return ready[0].name
