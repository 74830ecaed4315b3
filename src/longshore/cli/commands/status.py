"""`status`: one screen."""

from __future__ import annotations

import click

from longshore.cli.options import example, json_option
from longshore.cli.session import Session


@click.command(epilog=example("longshore status"))
@json_option
@click.pass_obj
def status(session: Session) -> None:
    """Say on one screen whether all is well, and what to do about each warning."""
    from longshore.cli import tables
    from longshore.model.view import Status

    session.answer(session.client.get("/v1/status"), Status, tables.status)
