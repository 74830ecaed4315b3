"""`stacks`, and the verbs on a stack that is there: `scale`, `restart`, `rollback`, `down`."""

from __future__ import annotations

import click

from longshore.cli.options import detach_option, json_option, yes_option
from longshore.cli.session import Session


@click.command(short_help="List stacks.")
@click.option("--all", "-a", "everything", is_flag=True, help="Those that are down, too.")
@json_option
@click.pass_obj
def stacks(session: Session, *, everything: bool) -> None:
    """List stacks with what is ready of them and what they take of the bill.

    \b
    Example:
      longshore stacks --all
    """
    from longshore.cli import tables
    from longshore.model.view import StackView

    raw = session.client.get("/v1/stacks", {"all": everything})
    session.answer(raw, list[StackView], tables.stacks)


@click.command(short_help="Set how many replicas services have.")
@click.argument("stack")
@click.argument("counts", nargs=-1, required=True, metavar="SVC=N...")
@yes_option
@detach_option
@json_option
@click.pass_obj
def scale(session: Session, *, stack: str, counts: tuple[str, ...], yes: bool, detach: bool) -> int:
    """Set how many replicas services have, until a later `up` restores what the file says.

    Asks first only where it would cost more.

    \b
    Example:
      longshore scale shop web=5 api=3
    """
    from longshore.cli.names import parse_counts, parse_stack
    from longshore.cli.proposal import carry_out, costs_more
    from longshore.cli.reading import plan_intent
    from longshore.model.ask import Scale

    raw, plan = plan_intent(session, parse_stack(stack), Scale(replicas=parse_counts(counts)))
    return carry_out(session, raw, plan, ask=costs_more(plan) and not yes, detach=detach)


@click.command(short_help="Restart containers in place.")
@click.argument("name")
@detach_option
@json_option
@click.pass_obj
def restart(session: Session, *, name: str, detach: bool) -> int:
    """Restart the containers of a stack or service in place.

    \b
    Example:
      longshore restart shop/web
    """
    from longshore.cli.names import parse_name
    from longshore.cli.proposal import carry_out
    from longshore.cli.reading import plan_intent
    from longshore.model.ask import Restart
    from longshore.model.errors import Invalid

    named = parse_name(name)
    if named.slot:
        raise Invalid(
            "one replica alone cannot be restarted",
            code="name-too-narrow",
            remedy=f"restart the service: longshore restart {named.stack}/{named.service}",
        )
    services = (named.service,) if named.service else ()
    raw, plan = plan_intent(session, named.stack, Restart(services=services))
    return carry_out(session, raw, plan, ask=False, detach=detach)


@click.command(short_help="Go back to the last generation that was done.")
@click.argument("stack")
@yes_option
@detach_option
@json_option
@click.pass_obj
def rollback(session: Session, *, stack: str, yes: bool, detach: bool) -> int:
    """Go back to the last generation of a stack that was done.

    \b
    Example:
      longshore rollback shop
    """
    from longshore.cli.names import parse_stack
    from longshore.cli.proposal import carry_out
    from longshore.cli.reading import plan_intent
    from longshore.model.ask import Rollback

    raw, plan = plan_intent(session, parse_stack(stack), Rollback())
    return carry_out(session, raw, plan, ask=not yes, detach=detach)


@click.command(short_help="Take a stack down; its volumes stay.")
@click.argument("stack")
@click.option("--volumes", "-v", is_flag=True, help="Remove its volumes and what is in them, too.")
@yes_option
@detach_option
@json_option
@click.pass_obj
def down(session: Session, *, stack: str, volumes: bool, yes: bool, detach: bool) -> int:
    """Take a stack down. Its volumes stay unless --volumes is given.

    \b
    Example:
      longshore down shop
    """
    from longshore.cli.names import parse_stack
    from longshore.cli.proposal import carry_out
    from longshore.cli.reading import plan_intent
    from longshore.model.ask import Down

    raw, plan = plan_intent(session, parse_stack(stack), Down(volumes=volumes))
    return carry_out(session, raw, plan, ask=not yes, detach=detach)
