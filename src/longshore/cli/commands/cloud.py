"""`clouds`: whatever lends hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from longshore.cli.options import example, json_option
from longshore.cli.session import Session

if TYPE_CHECKING:
    from longshore.model.money import Money


@click.group(
    epilog=example("longshore clouds", "longshore clouds drivers"),
    invoke_without_command=True,
)
@json_option
@click.pass_context
def clouds(context: click.Context) -> None:
    """List clouds with their hosts, bounds and bill."""
    from longshore.cli import tables
    from longshore.model.view import CloudView

    if context.invoked_subcommand is not None:
        return
    session: Session = context.obj
    session.answer(session.client.get("/v1/clouds"), list[CloudView], tables.clouds)


@clouds.command(
    epilog=example(
        "longshore clouds add local here --own --price 0.02",
        "longshore clouds add lab onprem --own --hosts 2 --price 0.01",
        "longshore clouds add sim north --set seed=7 --max-hosts 5 --max-price 0.50",
    )
)
@click.argument("driver")
@click.argument("name")
@click.option("--own", is_flag=True, help="Its hosts are yours: paid for whether used or not.")
@click.option("--price", default="", help="What each own host costs per hour, like 0.045 or '0.045 USD'.")
@click.option("--set", "settings", multiple=True, metavar="K=V", help="A setting of the driver.")
@click.option("--hosts", type=click.IntRange(min=0), default=0, help="Have so many made, and keep them.")
@click.option("--max-hosts", type=click.IntRange(min=0), default=0, help="Never have more hosts there.")
@click.option("--max-price", default="", help="Never pay more per hour for all of them together.")
@click.option("--order", type=int, default=0, help="Lower comes first, among those that lend.")
@json_option
@click.pass_obj
def add(  # noqa: PLR0913 - each is an option
    session: Session,
    *,
    driver: str,
    name: str,
    own: bool,
    price: str,
    settings: tuple[str, ...],
    hosts: int,
    max_hosts: int,
    max_price: str,
    order: int,
) -> None:
    """Use a cloud from now on. What drivers there are: `longshore clouds drivers`.

    A cloud that is there already, named with the same settings, is given these prices and bounds.
    """
    import msgspec

    from longshore.cli.names import parse_pairs
    from longshore.model.cloud import Cloud

    wanted = Cloud(
        name=name,
        driver=driver,
        own=own,
        order=order,
        price=_money(price),
        keep=hosts,
        max_hosts=max_hosts,
        max_price=_money(max_price),
        settings=parse_pairs(settings, "--set seed=7"),
    )
    with session.working(f"looking at {name}"):
        raw = session.client.post("/v1/clouds", wanted)
    # One that was looked at before was there before.
    done = "changed" if msgspec.json.decode(raw, type=Cloud).looked_at else "added"
    see = "hosts: longshore hosts" if own else f"offers: longshore clouds offers {name}"
    _tell(session, raw, f"{name} is {done}; see its {see}")


@clouds.command(
    epilog=example(
        "longshore clouds change local --price 0.02",
        "longshore clouds change north --max-hosts 8 --max-price 0",
    )
)
@click.argument("name")
@click.option("--price", default="", help="What each own host costs per hour, like 0.045 or '0.045 USD'.")
@click.option("--hosts", type=click.IntRange(min=0), help="Have so many made, and keep them.")
@click.option("--max-hosts", type=click.IntRange(min=0), help="Never have more hosts there; 0: no bound.")
@click.option("--max-price", default="", help="Never pay more per hour for all of them; 0: no bound.")
@click.option("--order", type=int, help="Lower comes first, among those that lend.")
@json_option
@click.pass_obj
def change(
    session: Session,
    *,
    name: str,
    price: str,
    hosts: int | None,
    max_hosts: int | None,
    max_price: str,
    order: int | None,
) -> None:
    """Give a cloud another price, other bounds or another place in the order."""
    import msgspec

    from longshore.model.errors import NotFound
    from longshore.model.view import CloudView

    if not price and hosts is None and max_hosts is None and not max_price and order is None:
        raise click.UsageError("Say what to change: --price, --hosts, --max-hosts, --max-price or --order.")
    views = msgspec.json.decode(session.client.get("/v1/clouds"), type=list[CloudView])
    now = next((view.cloud for view in views if view.cloud.name == name), None)
    if now is None:
        raise NotFound(
            f"there is no cloud {name!r}",
            code="no-such-cloud",
            remedy="longshore clouds shows which there are",
        )
    bound = _money(max_price)
    wanted = msgspec.structs.replace(
        now,
        price=_money(price) or now.price,
        keep=now.keep if hosts is None else hosts,
        max_hosts=now.max_hosts if max_hosts is None else max_hosts,
        max_price=now.max_price if bound is None else (bound if bound.nano else None),
        order=now.order if order is None else order,
    )
    _tell(session, session.client.post("/v1/clouds", wanted), f"{name} is changed; see: longshore clouds")


@clouds.command(epilog=example("longshore clouds remove north"))
@click.argument("name")
@json_option
@click.pass_obj
def remove(session: Session, *, name: str) -> None:
    """Use a cloud no longer; refused while tasks run there."""
    _tell(
        session, session.client.delete(f"/v1/clouds/{quote(name, safe='')}"), f"{name} is not in use any more"
    )


@clouds.command(epilog=example("longshore clouds offers north"))
@click.argument("name")
@json_option
@click.pass_obj
def offers(session: Session, *, name: str) -> None:
    """List what a cloud offers, with prices, their source and age."""
    from longshore.cli import tables
    from longshore.model.host import Quote

    raw = session.client.get(f"/v1/clouds/{quote(name, safe='')}/offers")
    session.answer(raw, list[Quote], tables.offers)


@clouds.command(epilog=example("longshore clouds drivers"))
@json_option
@click.pass_obj
def drivers(session: Session) -> None:
    """List the kinds of cloud that can be added."""
    from longshore.cli import tables

    session.answer(session.client.get("/v1/drivers"), dict[str, str], lambda found, _: tables.drivers(found))


def _money(text: str) -> Money | None:
    """A price, if one was given."""
    from longshore.model.errors import Invalid
    from longshore.model.money import parse_money

    if not text:
        return None
    try:
        return parse_money(text)
    except ValueError as error:
        raise Invalid(str(error), code="price-unreadable", remedy="like --price 0.045") from None


def _tell(session: Session, raw: bytes, words: str) -> None:
    """The answer as JSON, or a sentence."""
    if session.json:
        session.write(raw)
    else:
        session.say(words)
