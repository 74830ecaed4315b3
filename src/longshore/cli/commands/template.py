"""`config` and `validate`: templates without a server."""

from __future__ import annotations

import click

from longshore.cli.options import example, json_option, template_options
from longshore.cli.session import Session


@click.command(epilog=example("longshore config compose.yaml"))
@template_options
@json_option
@click.pass_obj
def config(session: Session) -> None:
    """Print templates as they are understood: laid over each other, with variables filled in.

    What is printed is a template itself: a $ that stands for itself is doubled. Needs no server. With
    --json the whole reading is printed, the template under `config`.
    """
    from longshore.cli.document import escaped, yaml_text
    from longshore.cli.reading import read

    _, raw, reading = read(session, session.local)
    if session.json:
        session.write(raw)
    else:
        click.echo(yaml_text(escaped(reading.config or {})), nl=False)


@click.command(epilog=example("longshore validate compose.yaml"))
@template_options
@json_option
@click.pass_obj
def validate(session: Session) -> None:
    """Look for faults in templates, and list them all with place and remedy. Needs no server."""
    from longshore.cli.prose import plural
    from longshore.cli.reading import read

    _, raw, reading = read(session, session.local)
    if session.json:
        session.write(raw)
        return
    templates = session.sources.templates if session.sources else ()
    names = ", ".join("standard input" if name == "-" else name for name in templates)
    graph = reading.graph
    if graph is None:
        click.echo(f"{names} is right.")
        return
    counts = (plural(len(graph.services), "service"), plural(len(graph.networks), "network"))
    click.echo(
        f"{names} is right: {graph.name}, {', '.join(counts)}, {plural(len(graph.volumes), 'volume')}."
    )
