"""Options that several commands share. Each leaves what it says in the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from longshore.cli.session import Session

F = TypeVar("F", bound=Callable[..., Any])


def example(*lines: str) -> str:
    """A command's epilog: how it is used, line by line as written."""
    return "\n".join(("\b", "Example:", *(f"  {line}" for line in lines)))


def json_option(command: F) -> F:
    """`--json`."""
    return click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_json,
        help="Print the server's JSON on standard output, and nothing else.",
    )(command)


def yes_option(command: F) -> F:
    """`--yes`."""
    return click.option("-y", "--yes", is_flag=True, help="Do not ask; apply.")(command)


def detach_option(command: F) -> F:
    """`--detach`."""
    return click.option("-d", "--detach", is_flag=True, help="Do not wait until it is done.")(command)


def template_options(command: F) -> F:
    """FILE… and what docker compose and Heat's client say about it; they go to `Session.selection`."""
    rows: tuple[Callable[[F], F], ...] = (
        click.argument("file", nargs=-1, type=click.Path(), expose_value=False, callback=_files),
        click.option(
            "-f",
            "--file",
            "files",
            multiple=True,
            type=click.Path(),
            expose_value=False,
            callback=_files,
            help="The same as FILE, as docker compose writes it.",
        ),
        click.option(
            "-p", "--project-name", expose_value=False, callback=_select, help="The name of the stack."
        ),
        click.option(
            "--profile",
            multiple=True,
            expose_value=False,
            callback=_select,
            help="Take in the services of this profile.",
        ),
        click.option(
            "--env-file",
            multiple=True,
            type=click.Path(),
            expose_value=False,
            callback=_select,
            help="Take variables from this file instead of .env.",
        ),
        click.option(
            "--root",
            multiple=True,
            type=click.Path(file_okay=False),
            expose_value=False,
            callback=_select,
            help="Files may also be read from below this folder.",
        ),
        click.option(
            "--parameters",
            multiple=True,
            type=click.Path(),
            metavar="FILE",
            expose_value=False,
            callback=_select,
            help="Parameter values, as YAML or JSON; a later file wins.",
        ),
        click.option(
            "-P",
            "--parameter",
            multiple=True,
            metavar="KEY=VALUE",
            expose_value=False,
            callback=_select,
            help="One parameter's value; it wins over files.",
        ),
        click.option(
            "-e",
            "--environment",
            multiple=True,
            type=click.Path(),
            metavar="FILE",
            expose_value=False,
            callback=_select,
            help="A Heat environment; a later one wins.",
        ),
        click.option(
            "--dialect",
            metavar="NAME",
            expose_value=False,
            callback=_select,
            help="The template's language (compose, hot), rather than by its keys.",
        ),
    )
    for option in reversed(rows):
        command = option(command)
    return command


def _json(context: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click calls it so
    """Keep `--json`, wherever in the words it stood."""
    session: Session = context.obj
    session.json = session.json or value


def _select(context: click.Context, option: click.Parameter, value: Any) -> None:  # noqa: ANN401 - by option
    """Keep an option for templates."""
    session: Session = context.obj
    if value and option.name:
        session.selection = session.selection._replace(**{option.name: value})


def _files(context: click.Context, _: click.Parameter, value: tuple[str, ...]) -> None:
    """Keep FILE and -f in one list."""
    session: Session = context.obj
    if value:
        files = (*session.selection.files, *value)
        session.selection = session.selection._replace(files=files)
