"""`cost`: the bill and the shares."""

from __future__ import annotations

import click

from longshore.cli.options import example, json_option
from longshore.cli.session import Session


@click.command(epilog=example("longshore cost shop"))
@click.argument("stack", required=False, default="")
@json_option
@click.pass_obj
def cost(session: Session, *, stack: str) -> None:
    """Show the bill per host, and the share of it that each service takes."""
    from longshore.cli import tables
    from longshore.cli.names import parse_stack
    from longshore.model.view import Cost

    raw = session.client.get("/v1/cost", {"stack": parse_stack(stack) if stack else ""})
    session.answer(raw, Cost, tables.cost)
