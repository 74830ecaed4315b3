"""Answers as tables: each function takes what the server said and gives something rich can print.

Pure, and fit for 80 columns: cells fold, nothing is cut off. Words of others are shown as they are,
never read as markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from longshore.cli import prose
from longshore.model.change import Change
from longshore.model.clock import Micros
from longshore.model.host import Quote
from longshore.model.journal import Entry
from longshore.model.lifecycle import HostState
from longshore.model.money import Total, format_total
from longshore.model.view import CloudView, Cost, CostLine, HostView, StackView, Status, TaskView

STYLES = {
    "active": "green",
    "applying": "cyan",
    "booting": "cyan",
    "cancelled": "yellow",
    "completed": "green",
    "done": "green",
    "draining": "yellow",
    "failed": "red",
    "gone": "dim",
    "healthy": "green",
    "lost": "red",
    "placed": "cyan",
    "reachable": "green",
    "ready": "green",
    "running": "green",
    "starting": "cyan",
    "stopping": "yellow",
    "superseded": "yellow",
    "unhealthy": "red",
    "unreachable": "red",
}
"""Colours of the house's words for states and conditions; the words say the same without them."""


def table(headers: str, rows: Iterable[Sequence[str]]) -> Table:
    """A plain table. A header that ends in `>` is for numbers, one in `!` keeps its words whole."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in headers.split():
        made.add_column(
            name.rstrip(">!").replace("_", " "),
            justify="right" if name.endswith(">") else "left",
            no_wrap=name.endswith((">", "!")),
            overflow="fold",
        )
    for row in rows:
        made.add_row(*(Text(cell, STYLES.get(cell, "")) for cell in row))
    return made


def facts(rows: Iterable[tuple[str, str]]) -> Table:
    """Labels with a sentence each, which wraps beside its label and not below it."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(style="bold", no_wrap=True)
    made.add_column(overflow="fold")
    for label, words in rows:
        made.add_row(Text(label), Text(words))
    return made


def remedies(words: Iterable[str]) -> Table:
    """What to do, each behind an arrow."""
    return facts(("  →", remedy) for remedy in words if remedy)


def tasks(views: Sequence[TaskView], now: int) -> RenderableType:
    """`ps`: what runs, where, and how it fares."""
    if not views:
        return Text("No tasks. (--all shows those that ended.)", "dim")
    rows = []
    for view in views:
        task = view.task
        since = task.ended_at or task.started_at or task.placed_at
        health = "" if task.health == "none" else str(task.health)
        ports = prose.listing(task.published) if task.published else ""
        state = str(task.state) if task.exit_code is None else f"{task.state} ({task.exit_code})"
        restarts, when = str(task.restarts), prose.age(now, since)
        rows.append((view.name, view.image, view.host, state, health, restarts, ports, when))
    shown = table("NAME IMAGE HOST STATE HEALTH RESTARTS> PORTS AGE>", rows)
    return _with_notes(shown, [f"{view.name}: {view.task.reason}" for view in views if view.task.reason])


def stacks(views: Sequence[StackView], now: int) -> RenderableType:
    """`stacks`: what is wanted, and how much of it is there."""
    if not views:
        return Text("No stacks. Begin with: longshore up compose.yaml", "dim")
    rows = [
        (
            view.name,
            view.state,
            str(view.generation),
            f"{view.ready}/{view.wanted}",
            prose.listing(service.name for service in view.services),
            format_total(view.share),
            str(view.change.state) if view.change else "",
            prose.age(now, view.changed_at),
        )
        for view in views
    ]
    waiting = [
        f"{view.name}/{service.name} waits: {service.waiting}"
        for view in views
        for service in view.services
        if service.waiting
    ]
    shown = table("NAME STATE! GEN> READY> SERVICES SHARE/H CHANGE! AGE>", rows)
    return _with_notes(shown, waiting)


def hosts(views: Sequence[HostView], now: int) -> RenderableType:
    """`hosts`: room and its price."""
    if not views:
        return Text("No hosts. Add a cloud that has some: longshore clouds add --help", "dim")
    rows = []
    for view in views:
        host = view.host
        cpu = f"{prose.cores(view.cpu)}/{prose.cores(host.capacity.cpu)}"
        memory = f"{prose.memory(view.memory)}/{prose.memory(host.capacity.memory)}"
        since = prose.age(now, host.ready_at or host.requested_at)
        where = f"{host.cloud} (own)" if host.own else f"{host.cloud}/{host.flavor}"
        # One word is enough, and leaves room: a host that is ready is so unless a condition says otherwise.
        usual = host.state is not HostState.READY or view.condition == "reachable"
        state = str(host.state) if usual else view.condition
        price = prose.hourly(host.price)
        rows.append((host.name, where, state, str(view.tasks), cpu, memory, price, since))
    shown = table("NAME CLOUD STATE! TASKS> CPU! MEMORY! PRICE/H! AGE>", rows)
    return _with_notes(shown, [f"{v.host.name}: {v.host.reason}" for v in views if v.host.reason])


def clouds(views: Sequence[CloudView], now: int) -> RenderableType:
    """`clouds`: who lends hosts, and within which bounds."""
    if not views:
        return Text("No clouds. See what can be added: longshore clouds drivers", "dim")
    rows = []
    for view in views:
        cloud = view.cloud
        bounds = []
        if cloud.max_hosts:
            bounds.append(prose.plural(cloud.max_hosts, "host"))
        if cloud.max_price is not None:
            bounds.append(f"{prose.hourly(cloud.max_price)}/h")
        looked = "silent" if cloud.silent_since else prose.ago(now, cloud.looked_at)
        own = prose.hourly(cloud.price) if cloud.own else ""
        rows.append(
            (
                cloud.name,
                cloud.driver,
                "own" if cloud.own else "lent",
                str(cloud.order),
                str(view.hosts),
                own,
                prose.listing(bounds),
                format_total(view.bill),
                looked,
            )
        )
    shown = table("NAME DRIVER! KIND! ORDER> HOSTS> EACH/H AT_MOST BILL/H LOOKED", rows)
    return _with_notes(shown, [f"{v.cloud.name}: {v.cloud.reason}" for v in views if v.cloud.reason])


def offers(quotes: Sequence[Quote], now: int) -> RenderableType:
    """`clouds offers`: what can be had, with each price's source and age."""
    if not quotes:
        return Text("No offers.", "dim")
    rows = [
        (
            quote.flavor,
            str(quote.kind),
            prose.cores(quote.capacity.cpu),
            prose.memory(quote.capacity.memory),
            prose.hourly(quote.price),
            prose.monthly(quote.price),
            prose.length(quote.boot) if quote.boot else "-",
            quote.source,
            prose.age(now, quote.at),
        )
        for quote in quotes
    ]
    return table("FLAVOR KIND! CPU> MEMORY> PER_HOUR PER_MONTH BOOT> SOURCE AGE>", rows)


def drivers(documents: dict[str, str]) -> RenderableType:
    """`clouds drivers`: the kinds of cloud that can be added."""
    return table("DRIVER! WHAT", sorted(documents.items()))


def cost(answer: Cost, now: int) -> RenderableType:
    """`cost`: the bill by host, and who takes how much of it."""
    parts: list[RenderableType] = [Text("BILL", "bold")]
    parts.append(table("HOST KIND! PER_HOUR PER_MONTH WHAT SOURCE AGE>", _cost_rows(answer.hosts, now)))
    parts.append(_sum("in all", answer.bill))
    parts += ["", Text("SHARE", "bold")]
    rows = [(r[0], r[2], r[3], r[4]) for r in _cost_rows(answer.shares, now)]
    parts.append(table("SERVICE PER_HOUR PER_MONTH WHAT", rows))
    parts += [_sum("in all", answer.shared), _sum("idle", answer.idle)]
    return Group(*parts)


def status(answer: Status, now: int) -> RenderableType:
    """`status`: one screen, with each warning's remedy."""
    version = answer.version
    started = prose.ago(now, version.started_at)
    lines: list[RenderableType] = [
        Text(
            "All is well." if answer.ok else "Something wants attention.", "green" if answer.ok else "yellow"
        )
    ]
    rows = [
        ("server", f"{version.version}, process {version.pid}, cell {version.cell}, started {started}"),
        ("stacks", f"{answer.stacks:,}"),
        ("tasks", f"{answer.ready:,} of {answer.tasks:,} ready"),
        ("hosts", f"{answer.reachable:,} of {answer.hosts:,} reachable"),
        ("bill", prose.rates(answer.bill)),
    ]
    lines.append(facts(rows))
    for warning in answer.warnings:
        lines += ["", Text(f"warning: {warning.words}", "yellow"), remedies([warning.remedy])]
    return Group(*lines)


def journal(entries: Sequence[Entry], now: int) -> RenderableType:
    """`events`: when, who, what, why."""
    if not entries:
        return Text("Nothing has happened yet.", "dim")
    rows = [(prose.ago(now, e.at), e.actor, e.kind, e.subject, e.words) for e in entries]
    return table("WHEN! WHO WHAT SUBJECT WHY", rows)


def entry_line(entry: Entry, clock: str) -> Text:
    """One line of a journal that is followed; `clock` is its time of day."""
    line = Text(f"{clock}  ", "dim")
    line.append(entry.subject, "bold")
    line.append(f"  {entry.kind}", STYLES.get(entry.kind.rpartition(".")[2], ""))
    line.append(f"  {entry.words}" if entry.words else "")
    return line.append(f"  ({entry.actor})", "dim")


def change(answer: Change, now: int) -> RenderableType:
    """What has become of a change, in a line or two."""
    line = Text(f"{answer.stack_name}: ", "bold")
    line.append(str(answer.state), STYLES.get(str(answer.state), ""))
    line.append(f", generation {answer.base} → {answer.generation}, asked {prose.ago(now, answer.at)}")
    line.append(f" by {answer.actor}")
    reason = [Text(answer.reason)] if answer.reason else []
    return Group(line, *reason, *([remedies([answer.remedy])] if answer.remedy else []))


def _with_notes(shown: RenderableType, notes: Sequence[str]) -> RenderableType:
    """A table, and below it what no column has room for."""
    if not notes:
        return shown
    return Group(shown, "", *(Text(note, "yellow") for note in notes))


def _cost_rows(lines: Sequence[CostLine], now: int) -> list[tuple[str, ...]]:
    """Subject, kind, per hour, per month, detail, source, age."""
    return [
        (
            line.subject,
            line.kind,
            prose.hourly(line.price),
            prose.monthly(line.price),
            line.detail,
            line.source,
            prose.age(now, Micros(line.at)),
        )
        for line in lines
    ]


def _sum(name: str, total: Total) -> Text:
    """A total below a table."""
    return Text(f"{name}: {prose.rates(total)}")
