"""`explain` and `whatif`: why it is so, and what would be."""

from __future__ import annotations

import click

from longshore.cli.options import example, json_option
from longshore.cli.session import Session


@click.command(epilog=example("longshore explain shop/web.1", "longshore explain 3fa9c1d2"))
@click.argument("subject")
@json_option
@click.pass_obj
def explain(session: Session, *, subject: str) -> None:
    """Say why a task, service, host, plan or change is as it is, and what would change it."""
    from longshore.cli import planview
    from longshore.model.plan import Explanation

    with session.working("looking for the reasons"):
        raw = session.client.post("/v1/explain", {"subject": subject})
    session.answer(raw, Explanation, planview.explanation)


@click.group(epilog=example("longshore whatif lose host north-1", "longshore whatif price north=2.0"))
@json_option
def whatif() -> None:
    """Say what would happen; nothing is done."""


@whatif.group(epilog=example("longshore whatif lose cloud north"))
@json_option
def lose() -> None:
    """Say what would happen if hosts or clouds were lost."""


@lose.command(epilog=example("longshore whatif lose host north-1 north-2"))
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@json_option
@click.pass_obj
def host(session: Session, *, names: tuple[str, ...]) -> None:
    """Say what would happen if these hosts were lost."""
    _ask(session, hosts=names)


@lose.command(epilog=example("longshore whatif lose cloud north"))
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@json_option
@click.pass_obj
def cloud(session: Session, *, names: tuple[str, ...]) -> None:
    """Say what would happen if these clouds were lost."""
    _ask(session, clouds=names)


@whatif.command(epilog=example("longshore whatif price north=2.0"))
@click.argument("factors", nargs=-1, required=True, metavar="CLOUD=FACTOR...")
@json_option
@click.pass_obj
def price(session: Session, *, factors: tuple[str, ...]) -> None:
    """Say what would happen if a cloud's prices were multiplied."""
    from longshore.cli.names import parse_factors

    _ask(session, prices=parse_factors(factors))


def _ask(
    session: Session,
    *,
    hosts: tuple[str, ...] = (),
    clouds: tuple[str, ...] = (),
    prices: dict[str, int] | None = None,
) -> None:
    """Ask, and show the answer."""
    from longshore.cli import planview
    from longshore.model.ask import AskWhatIf
    from longshore.model.plan import WhatIf

    ask = AskWhatIf(lose_hosts=hosts, lose_clouds=clouds, prices=prices or {})
    with session.working("rehearsing"):
        raw = session.client.post("/v1/whatif", ask)
    session.answer(raw, WhatIf, lambda answer, _: planview.whatif(answer))
