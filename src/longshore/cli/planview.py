"""A plan, a what-if and an explanation as people read them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from longshore.cli import prose
from longshore.cli.tables import facts, remedies, table
from longshore.model.clock import MINUTE, SECOND
from longshore.model.decision import Decision
from longshore.model.money import Total
from longshore.model.plan import Difference, Explanation, Loss, Plan, PlanStep, Refusal, Row, WhatIf

_MOST = 60
"""Lines of steps that are shown: two screens; `--json` has them all."""

_NAMED = 10
"""Tasks that are named one by one; of more the number says more."""


def plan(answer: Plan) -> RenderableType:
    """What would be done, where, why, and what it costs."""
    head = Text(answer.stack, "bold")
    move = f"{answer.base}" if answer.empty else f"{answer.base} → {answer.generation}"
    head.append(f"  generation {move}  plan {prose.short(answer.hash)}", "dim")
    parts: list[RenderableType] = [head]
    if answer.empty:
        parts.append(Text("Nothing to do: this is what is wanted already."))
    if answer.steps:
        parts += ["", steps(answer.steps)]
    rows = _prices(answer.price, answer.difference)
    if answer.share.amounts or answer.share.unknown:
        rows.append(("Share", f"{prose.rates(answer.share)}: what this stack takes of it"))
    if answer.purchases and answer.purchases != answer.effect.hosts_bought:
        buys = [f"{count} x {what}" for what, count in sorted(answer.purchases.items())]
        rows.append(("May buy", ", ".join(buys)))
    rows += _effect(answer.effect)
    if answer.known_after:
        rows.append(("Known after", ", ".join(answer.known_after)))
    if answer.quiet and answer.duration >= SECOND:
        rows.append(("Time", f"about {prose.length(answer.duration)}"))
    parts += ["", facts(rows), *_refusals(answer.refusals)]
    if not answer.quiet:
        horizon = prose.length(answer.horizon)
        parts.append(
            Text(f"The rehearsal came to no rest within {horizon}: later steps are not shown.", "yellow")
        )
    parts += [Text(f"warning: {words}", "yellow") for words in answer.warnings]
    return Group(*parts)


def steps(found: Sequence[PlanStep]) -> RenderableType:
    """Steps as a table, those alike drawn together in one line."""
    rows = grouped(found)
    shown = table("STEP! SUBJECT PLACE WHY", rows[:_MOST])
    if len(rows) <= _MOST:
        return shown
    return Group(shown, Text(f"… and {len(rows) - _MOST:,} more lines; --json has all steps", "dim"))


def grouped(found: Sequence[PlanStep]) -> list[tuple[str, str, str, str]]:
    """Rows of verb, subject, place and reason, in order of first appearance.

    Steps that differ only in a number become one row: `shop/web.1-3` on a host, `north-1-3` bought,
    `shop_default` provided on `north-1-3`. What is done only after a while says so.
    """
    rows: dict[tuple[str, str, str, str], list[str]] = {}
    for step in found:
        host, space, cloud = step.place.partition(" ")
        reason = f"{step.reason} (after {prose.length(step.at)})" if step.at >= MINUTE else step.reason
        if step.subject == host:
            key, name = (step.verb, "", cloud.strip("()"), reason), step.subject
        elif space and step.verb.startswith(("provide", "remove")):
            key, name = (step.verb, step.subject, cloud, reason), host
        else:
            key, name = (step.verb, "", step.place, reason), step.subject
        rows.setdefault(key, []).append(name)
    return [
        (verb, subject, f"{words} {place}", reason) if subject else (verb, words, place, reason)
        for (verb, subject, place, reason), names in rows.items()
        for words in prose.names(names)
    ]


def whatif(answer: WhatIf) -> RenderableType:
    """What would happen, and what it would cost."""
    parts: list[RenderableType] = [Text(answer.question, "bold")]
    if answer.words:
        parts.append(Text(answer.words))
    if answer.steps:
        parts += ["", steps(answer.steps)]
    if answer.losses:
        parts += ["", _losses(answer.losses)]
    # Asked of survival alone, nothing changes that would have a price.
    alone = bool(answer.losses) and not answer.price.amounts and not answer.price.unknown
    rows = [] if alone else _prices(answer.price, answer.difference) + _effect(answer.effect)
    if answer.quiet and answer.duration >= SECOND:
        rows.append(("Time", f"at rest again after {prose.length(answer.duration)}"))
    parts += ["", facts(rows), *_refusals(answer.refusals)]
    if not answer.quiet:
        parts.append(Text("The rehearsal came to no rest: later steps are not shown.", "yellow"))
    return Group(*parts)


def _losses(losses: Sequence[Loss]) -> RenderableType:
    """What the loss of each host would come to; those that would leave tasks down come first."""
    rows = []
    for loss in losses[:_MOST]:
        bought = ", ".join(f"{count} x {what}" for what, count in sorted(loss.bought.items()))
        down = _names(loss.down) + ("" if loss.rehearsed else " (unless hosts are bought)")
        rows.append((loss.host, str(loss.tasks), down if loss.down else "none", bought or "-"))
    shown = table("LOST TASKS> NOT_UP BOUGHT", rows)
    if len(losses) <= _MOST:
        return shown
    return Group(shown, Text(f"and {len(losses) - _MOST:,} hosts more, as --json shows"))


def explanation(answer: Explanation, now: int) -> RenderableType:
    """Why something is as it is: sentences, the decisions, the hosts, the smallest changes."""
    parts: list[RenderableType] = [Text(f"{answer.subject} ({answer.kind})", "bold")]
    parts += [Text(words) for words in answer.words]
    for decision in answer.decisions:
        parts += ["", *_decision(decision, now)]
    if answer.table:
        parts += ["", Text("As the hosts are now", "bold"), _hosts(answer.table)]
    if answer.remedies:
        parts += ["", Text("What would change it", "bold"), remedies(answer.remedies)]
    return Group(*parts)


def _decision(decision: Decision, now: int) -> list[RenderableType]:
    """One stored decision."""
    head = Text(f"{decision.kind} {decision.subject}", "bold")
    head.append(f"  {prose.ago(now, decision.at)}", "dim")
    lines: list[RenderableType] = [head, Text(decision.words)]
    if decision.considered:
        words = f"{prose.plural(decision.considered, 'host')} looked at, {decision.fit} fit"
        if decision.excluded:
            most = sorted(decision.excluded.items(), key=lambda rule: (-rule[1], rule[0]))
            words += "; not by " + ", ".join(f"{rule} {count}" for rule, count in most)
        lines.append(Text(f"  {words}"))
    for chosen in decision.chosen:
        alike = f" (and {chosen.alike} alike)" if chosen.alike else ""
        lines.append(
            Text(f"  chosen {chosen.name} x {chosen.count}{alike}: {prose.terms(chosen.terms)}".rstrip(": "))
        )
    if decision.next_best and decision.next_best.name not in {c.name for c in decision.chosen}:
        best = decision.next_best
        lines.append(Text(f"  next {best.name}: {prose.terms(best.terms)}".rstrip(": ")))
    lines += [Text(f"  not {miss.name}: {miss.words}") for miss in decision.misses]
    if decision.quote:
        quote = decision.quote
        price = f"{prose.hourly(quote.price)} per hour"
        source = f"by {quote.source or 'an unnamed source'}, {prose.ago(now, quote.at)}"
        lines.append(Text(f"  at {quote.cloud}/{quote.flavor}, {price} ({source})"))
    return lines


def _hosts(rows: Sequence[Row]) -> RenderableType:
    """The full table of an explanation."""
    return table(
        "HOST CLOUD FITS! PRICE/H TERMS WHY",
        [
            (
                row.host,
                row.cloud,
                "yes" if row.fits else "no",
                row.price,
                prose.terms(row.terms),
                row.words,
            )
            for row in rows
        ],
    )


def _prices(after: Total, difference: Total) -> list[tuple[str, str]]:
    """The bill's lines, labelled once."""
    first, *rest = prose.price_lines(after, difference)
    return [("Price", first), *(("", line) for line in rest)]


def _refusals(refusals: Sequence[Refusal]) -> list[RenderableType]:
    """What cannot be had, and what would help."""
    lines: list[RenderableType] = []
    for refusal in refusals:
        count = prose.plural(refusal.count, "replica")
        lines += ["", Text(f"Refused: {refusal.subject}, {count}: {refusal.words}", "red")]
        lines.append(remedies(refusal.remedies))
    return lines


def _effect(effect: Difference) -> list[tuple[str, str]]:
    """What else changes: hosts, and tasks of others."""
    rows: list[tuple[str, str]] = []
    counts = [f"{n} x {what} bought" for what, n in sorted(effect.hosts_bought.items())]
    counts += [f"{n} x {what} given back" for what, n in sorted(effect.hosts_released.items())]
    if counts:
        rows.append(("Hosts", ", ".join(counts)))
    if effect.tasks_moved:
        rows.append(("Replaced", _names(effect.tasks_moved)))
    if effect.tasks_down:
        rows.append(("Not up", _names(effect.tasks_down)))
    return rows


def _names(names: Sequence[str]) -> str:
    """Names, those alike drawn together, or how many where they are many."""
    drawn = prose.names(names)
    rest = len(drawn) - _NAMED
    return ", ".join(drawn[:_NAMED]) + (f" and {rest:,} more" if rest > 0 else "")
