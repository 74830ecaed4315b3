"""`apply` and `cancel`: a plan on its way."""

from __future__ import annotations

import click

from longshore.cli.options import detach_option, example, json_option
from longshore.cli.session import Session


@click.command(epilog=example("longshore apply 3fa9c1d2"))
@click.argument("plan")
@detach_option
@json_option
@click.pass_obj
def apply(session: Session, *, plan: str, detach: bool) -> int:
    """Apply a plan by its hash, or the beginning of it.

    Refused if what the plan binds has moved since: then plan again.
    """
    from longshore.cli import proposal

    return proposal.apply(session, plan, detach=detach)


@click.command(epilog=example("longshore cancel shop --revert"))
@click.argument("stack")
@click.option("--revert", is_flag=True, help="Go back to where the change began, instead of stopping here.")
@json_option
@click.pass_obj
def cancel(session: Session, *, stack: str, revert: bool) -> None:
    """Stop a stack's open change: freeze it where it is, or revert it."""
    from longshore.cli import tables
    from longshore.cli.names import parse_stack
    from longshore.model.change import Change

    raw = session.client.post(f"/v1/stacks/{parse_stack(stack)}/cancel", {"revert": revert})
    session.answer(raw, Change, tables.change)
