"""`events`: the journal."""

from __future__ import annotations

import click

from longshore.cli.options import example, json_option
from longshore.cli.session import Session


@click.command(epilog=example("longshore events -f --stack shop"))
@click.option("--follow", "-f", is_flag=True, help="Go on with what happens.")
@click.option("--stack", default="", help="Of this stack only.")
@click.option(
    "--tail", "-n", type=click.IntRange(0, 10_000), default=50, show_default=True, help="The last N entries."
)
@json_option
@click.pass_obj
def events(session: Session, *, follow: bool, stack: str, tail: int) -> None:
    """Show the journal: when, who, what, and why. With -f and --json, one document per line."""
    from longshore.cli import stream, tables
    from longshore.model.journal import Entry

    raw = session.client.get("/v1/journal", {"after": -max(tail, 1), "stack": stack})
    if follow:
        stream.journal(session, raw, stack, tail)
        return
    session.answer(raw if tail else b"[]", list[Entry], tables.journal)
