"""`config` and `validate`: templates without a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from longshore.cli.options import example, json_option, template_options
from longshore.cli.session import Session

if TYPE_CHECKING:
    from longshore.model.template import Reading


@click.command(
    epilog=example("longshore config compose.yaml", "longshore config shop.hot.yaml -P size=3 --json")
)
@template_options
@json_option
@click.pass_obj
def config(session: Session) -> None:
    """Print templates as they are understood: laid over each other, with variables filled in.

    Of a Compose file a Compose file is printed: a $ that stands for itself is doubled, but not with
    --json. Of a Heat template its outline: parameters with their values, resources with what they
    need and their properties worked out, as far as they can be known before, outputs. Faults are
    printed as by validate. Needs no server.
    """
    import msgspec

    from longshore.cli.document import escaped, yaml_text
    from longshore.cli.verdict import normalised

    reading = _read(session)
    found = normalised(reading)
    if session.json:
        session.write(msgspec.json.encode(found))
    else:
        click.echo(yaml_text(found if reading.config is None else escaped(found)), nl=False)


@click.command(
    epilog=example("longshore validate compose.yaml", "longshore validate web.yaml -e prod.yaml --json")
)
@template_options
@json_option
@click.pass_obj
def validate(session: Session) -> None:
    """Look for faults in templates, and list them all with place and remedy. Needs no server.

    Exits with 0 where there are none, with 2 where there are some. With --json one object is
    printed: `ok`, and the parameters, resources and outputs found, or `faults`.
    """
    import msgspec

    from longshore.cli.verdict import sentence, verdict

    reading = _read(session)
    if session.json:
        session.write(msgspec.json.encode(verdict(reading)))
        return
    templates = session.sources.templates if session.sources else ()
    names = session.names()
    click.echo(sentence(reading, ", ".join(names[name] for name in templates)))
    for refusal in reading.refusals:
        session.warn(refusal, "refused at plan")


def _read(session: Session) -> Reading:
    """The reading of what the options name.

    Raises:
        Invalid: there are faults, or a file cannot be read, or may not be.
    """
    from longshore.cli.reading import read
    from longshore.model.errors import Invalid, Refused

    session.judging = True
    try:
        return read(session, session.local)[2]
    except Refused as error:
        # To plan, a file outside the project is a refusal; here it is one more fault of the template.
        raise Invalid(error.message, code=error.code, remedy=error.remedy, facts=error.facts) from None
