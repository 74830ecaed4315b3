"""`types` and `functions`: what can be written in templates, without a server."""

from __future__ import annotations

import click

from longshore.cli.options import example, json_option
from longshore.cli.session import Session


@click.command(epilog=example("longshore types", "longshore types OS::Nova::Server"))
@click.argument("name", required=False)
@json_option
@click.pass_obj
def types(session: Session, *, name: str | None) -> None:
    """List the resource types of Heat templates, or show one: properties, attributes, an example.

    Needs no server.
    """
    from longshore.cli import catalogue
    from longshore.model.catalogue import TypeLine, TypeView

    if name is None:
        session.answer(session.local.get("/v1/types"), tuple[TypeLine, ...], catalogue.types)
    else:
        raw = session.local.get(f"/v1/types/{_part(name)}")
        session.answer(raw, TypeView, catalogue.resource_type)


@click.command(epilog=example("longshore functions --version wallaby", "longshore functions str_replace"))
@click.argument("name", required=False)
@click.option("--version", default="", help="Only those of this template version, by date or release.")
@json_option
@click.pass_obj
def functions(session: Session, *, name: str | None, version: str) -> None:
    """List the functions of Heat templates and which versions have them, or show one.

    Needs no server.
    """
    from longshore.cli import catalogue
    from longshore.model.catalogue import Functions

    query = {"version": version, "name": name or ""}
    show = catalogue.functions if name is None else catalogue.function
    session.answer(session.local.get("/v1/functions", query), Functions, show)


def _part(name: str) -> str:
    """A word of the user's as a part of a path."""
    from urllib.parse import quote

    return quote(name, safe=":")
