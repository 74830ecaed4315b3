"""`explain` and `whatif`: why it is so, and what would be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from longshore.cli.options import example, json_option
from longshore.cli.session import Session

if TYPE_CHECKING:
    from longshore.model.ask import AskWhatIf


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


@click.group(
    epilog=example("longshore whatif lose host north-1", "longshore whatif --scale shop/web=2"),
    invoke_without_command=True,
)
@click.option("--lose-host", "hosts", multiple=True, metavar="NAME", help="This host is lost.")
@click.option("--lose-zone", "zones", multiple=True, metavar="NAME", help="All hosts of this zone are lost.")
@click.option("--lose-cloud", "clouds", multiple=True, metavar="NAME", help="This cloud is lost.")
@click.option("--scale", multiple=True, metavar="STACK/SERVICE=N", help="A service has N times its replicas.")
@click.option(
    "--add-host", "more", multiple=True, metavar="CLOUD/FLAVOR=N", help="There are N such hosts more."
)
@click.option(
    "--price", "prices", multiple=True, metavar="CLOUD=N", help="Its prices are N times what they are."
)
@click.option("--survive", is_flag=True, help="Then try the loss of every host, each alone.")
@json_option
@click.pass_context
def whatif(
    context: click.Context,
    *,
    hosts: tuple[str, ...],
    zones: tuple[str, ...],
    clouds: tuple[str, ...],
    scale: tuple[str, ...],
    more: tuple[str, ...],
    prices: tuple[str, ...],
    survive: bool,
) -> None:
    """Say what would happen; nothing is done. Several options are one question."""
    from longshore.cli.names import parse_counts, parse_factors
    from longshore.model.ask import AskWhatIf

    if context.invoked_subcommand is not None:
        return
    question = AskWhatIf(
        lose_hosts=hosts,
        lose_zones=zones,
        lose_clouds=clouds,
        scale=parse_factors(tuple(word.removesuffix("x") for word in scale)),
        add_hosts=parse_counts(more),
        prices=parse_factors(prices),
        survive=survive,
    )
    if question == AskWhatIf():
        raise click.UsageError("Say what: --lose-host, --scale, --survive or another option.")
    _put(context.obj, question)


@whatif.group(epilog=example("longshore whatif lose cloud north"))
@json_option
def lose() -> None:
    """Say what would happen if hosts, zones or clouds were lost."""


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


@lose.command(epilog=example("longshore whatif lose zone z1"))
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@json_option
@click.pass_obj
def zone(session: Session, *, names: tuple[str, ...]) -> None:
    """Say what would happen if all hosts of these zones were lost."""
    from longshore.model.ask import AskWhatIf

    _put(session, AskWhatIf(lose_zones=names))


@whatif.command(epilog=example("longshore whatif survive"))
@json_option
@click.pass_obj
def survive(session: Session) -> None:
    """Say whether the loss of any one host would leave tasks down; all are tried."""
    from longshore.model.ask import AskWhatIf

    _put(session, AskWhatIf(survive=True))


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
    """A question about losses or prices."""
    from longshore.model.ask import AskWhatIf

    _put(session, AskWhatIf(lose_hosts=hosts, lose_clouds=clouds, prices=prices or {}))


def _put(session: Session, ask: AskWhatIf) -> None:
    """Ask, and show the answer."""
    from longshore.cli import planview
    from longshore.model.plan import WhatIf

    with session.working("rehearsing"):
        raw = session.client.post("/v1/whatif", ask)
    session.answer(raw, WhatIf, lambda answer, _: planview.whatif(answer))
