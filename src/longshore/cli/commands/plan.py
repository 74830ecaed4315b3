"""`up` and `plan`: from templates, or a verb on a stack that is there, to a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from longshore.cli.options import detach_option, example, json_option, template_options, yes_option
from longshore.cli.session import Session

if TYPE_CHECKING:
    from longshore.model.plan import Plan


@click.command(epilog=example("longshore up compose.yaml", "longshore up -p shop --profile debug --yes"))
@template_options
@yes_option
@detach_option
@click.option("--build", is_flag=True, help="Build images even where they are there.")
@click.option("--no-build", is_flag=True, help="Never build; a missing image is an error.")
@json_option
@click.pass_obj
def up(session: Session, *, yes: bool, detach: bool, build: bool, no_build: bool) -> int:
    """Plan, show, ask, and apply what templates say.

    FILE is a template, several that are laid over each other, or - for standard input. Without one,
    compose.yaml (or as docker compose names it) is looked for here and above.

    Ctrl-C stops the looking only: the change goes on, and `longshore cancel STACK` stops it. With
    --json the change is printed, or the plan where nothing is to be done or something is refused.
    """
    from longshore.cli.proposal import carry_out
    from longshore.cli.reading import plan_templates

    if build and no_build:
        raise click.UsageError("--build and --no-build exclude each other.")
    raw, plan = plan_templates(session, build=build, may_build=not no_build)
    return carry_out(session, raw, plan, ask=not yes, detach=detach)


@click.command(epilog=example("longshore plan compose.yaml", "longshore plan --scale shop web=5"))
@template_options
@click.option("--down", metavar="STACK", help="Plan to take this stack down.")
@click.option("--volumes", "-v", is_flag=True, help="With --down: its volumes too.")
@click.option("--scale", metavar="STACK", help="Plan other numbers of replicas: --scale STACK SVC=N…")
@click.option("--rollback", metavar="STACK", help="Plan to go back to the last generation that was done.")
@click.option("--build", is_flag=True, help="Build images even where they are there.")
@json_option
@click.pass_obj
def plan(
    session: Session,
    *,
    down: str | None,
    volumes: bool,
    scale: str | None,
    rollback: str | None,
    build: bool,
) -> int:
    """Show what would be done, where, why, and what it costs; do nothing.

    The plan's hash can be applied as it is, as long as the world does not move:
    `longshore apply HASH`. Exits with 0 whether or not there is something to do, with 3 where
    something is refused.
    """
    from longshore.cli.proposal import show
    from longshore.cli.reading import plan_templates

    if sum(word is not None for word in (down, scale, rollback)) > 1:
        raise click.UsageError("--down, --scale and --rollback exclude each other.")
    if volumes and down is None:
        raise click.UsageError("--volumes goes with --down.")
    if down is not None or rollback is not None or scale is not None:
        raw, found = _plan_verb(session, down, volumes, scale, rollback)
    else:
        raw, found = plan_templates(session, build=build, may_build=True)
    return show(session, raw, found)


def _plan_verb(
    session: Session,
    down: str | None,
    volumes: bool,  # noqa: FBT001 - one flag among four words
    scale: str | None,
    rollback: str | None,
) -> tuple[bytes, Plan]:
    """The plan of the one verb that was named."""
    from longshore.cli.names import parse_counts, parse_stack
    from longshore.cli.reading import plan_intent
    from longshore.model.ask import Down, Rollback, Scale

    words = session.selection.files
    if scale is not None:
        if not words:
            raise click.UsageError("--scale needs SVC=N, like web=3.")
        return plan_intent(session, parse_stack(scale), Scale(replicas=parse_counts(words)))
    if words:
        raise click.UsageError("--down and --rollback take no files.")
    if down is not None:
        return plan_intent(session, parse_stack(down), Down(volumes=volumes))
    return plan_intent(session, parse_stack(rollback or ""), Rollback())
