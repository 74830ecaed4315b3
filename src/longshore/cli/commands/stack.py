"""`stacks`, and the verbs on a stack that is there: `scale`, `restart`, `rollback`, `down`."""

from __future__ import annotations

import click

from longshore.cli.options import detach_option, example, json_option, yes_option
from longshore.cli.session import Session


@click.command(epilog=example("longshore stacks --all"))
@click.option("--all", "-a", "everything", is_flag=True, help="Those that are down, too.")
@json_option
@click.pass_obj
def stacks(session: Session, *, everything: bool) -> None:
    """List stacks with what is ready of them and what they take of the bill."""
    from longshore.cli import tables
    from longshore.model.view import StackView

    raw = session.client.get("/v1/stacks", {"all": everything})
    session.answer(raw, list[StackView], tables.stacks)


@click.command(epilog=example("longshore scale shop web=5 api=3"))
@click.argument("stack")
@click.argument("counts", nargs=-1, required=True, metavar="SVC=N...")
@yes_option
@detach_option
@json_option
@click.pass_obj
def scale(session: Session, *, stack: str, counts: tuple[str, ...], yes: bool, detach: bool) -> int:
    """Set how many replicas services have, until a later `up` restores what the file says.

    Asks first only where it would cost more.
    """
    from longshore.cli.names import parse_counts, parse_stack
    from longshore.cli.proposal import carry_out, costs_more
    from longshore.cli.reading import plan_intent
    from longshore.model.ask import Scale

    raw, plan = plan_intent(session, parse_stack(stack), Scale(replicas=parse_counts(counts)))
    return carry_out(session, raw, plan, ask=costs_more(plan) and not yes, detach=detach)


@click.command(epilog=example("longshore restart shop/web"))
@click.argument("name")
@detach_option
@json_option
@click.pass_obj
def restart(session: Session, *, name: str, detach: bool) -> int:
    """Restart the containers of a stack or service in place."""
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


@click.command(epilog=example("longshore rollback shop"))
@click.argument("stack")
@yes_option
@detach_option
@json_option
@click.pass_obj
def rollback(session: Session, *, stack: str, yes: bool, detach: bool) -> int:
    """Go back to the last generation of a stack that was done."""
    from longshore.cli.names import parse_stack
    from longshore.cli.proposal import carry_out
    from longshore.cli.reading import plan_intent
    from longshore.model.ask import Rollback

    raw, plan = plan_intent(session, parse_stack(stack), Rollback())
    return carry_out(session, raw, plan, ask=not yes, detach=detach)


@click.command(epilog=example("longshore down shop"))
@click.argument("stack")
@click.option("--volumes", "-v", is_flag=True, help="Remove its volumes and what is in them, too.")
@yes_option
@detach_option
@json_option
@click.pass_obj
def down(session: Session, *, stack: str, volumes: bool, yes: bool, detach: bool) -> int:
    """Take a stack down. Its volumes stay unless --volumes is given."""
    from longshore.cli.names import parse_stack
    from longshore.cli.proposal import carry_out
    from longshore.cli.reading import plan_intent
    from longshore.model.ask import Down

    raw, plan = plan_intent(session, parse_stack(stack), Down(volumes=volumes))
    return carry_out(session, raw, plan, ask=not yes, detach=detach)
