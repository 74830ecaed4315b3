"""Fills the tables in docs/ that the code has as well, between `<!-- NAME -->` and `<!-- end -->`.

python3 scripts/reference.py            writes the files
python3 scripts/reference.py --check    writes nothing, names those that would change; exits 1 if any
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from longshore.model.clock import SECOND
from longshore.provider.docker import faults as docker
from longshore.provider.docker.address import SETTINGS as ADDRESS
from longshore.provider.lab.settings import SETTINGS as LAB
from longshore.provider.simulator import codes as simulator
from longshore.provider.simulator.settings import SETTINGS as SIMULATOR
from longshore.settings import SETTINGS, Settings
from longshore.template import codes as template
from longshore.template.compose import deploy, keys
from longshore.template.schema import Table

DOCS = Path(__file__).resolve().parent.parent / "docs"
LENGTHS = {"grace", "settle", "min_life", "look", "answer"}
"""Fields of `Settings` that are lengths of time, in microseconds."""

COMPOSE: tuple[tuple[str, Table], ...] = (
    ("At the top", keys.TOP),
    ("services.NAME", keys.SERVICE),
    ("services.NAME.build", keys.BUILD),
    ("services.NAME.depends_on.NAME", keys.DEPENDENCY),
    ("services.NAME.deploy", deploy.DEPLOY),
    ("services.NAME.deploy.placement", deploy.PLACEMENT),
    ("services.NAME.deploy.resources.limits", deploy.LIMITS),
    ("services.NAME.deploy.resources.reservations", deploy.RESERVATIONS),
    ("services.NAME.deploy.restart_policy", deploy.RESTART_POLICY),
    ("services.NAME.deploy.update_config, rollback_config", deploy.UPDATE),
    ("services.NAME.env_file[]", keys.ENV_FILE),
    ("services.NAME.healthcheck", keys.HEALTHCHECK),
    ("services.NAME.networks.NAME", keys.ATTACHMENT),
    ("services.NAME.ports[]", keys.PORT),
    ("services.NAME.secrets[], configs[]", keys.GRANT),
    ("services.NAME.volumes[]", keys.MOUNT),
    ("services.NAME.x-longshore", deploy.STRATEGY),
    ("networks.NAME", keys.NETWORK),
    ("volumes.NAME", keys.VOLUME),
    ("secrets.NAME", keys.SECRET),
    ("configs.NAME", keys.CONFIG),
)


def settings() -> str:
    """Every variable that shapes the server."""
    defaults = {field.name: field.default for field in msgspec.structs.fields(Settings)}
    rows = []
    for setting in SETTINGS:
        value = defaults[setting.field]
        words = {None: "unknown", True: "yes"}.get(value) if value is None or value is True else str(value)
        if setting.field in LENGTHS and isinstance(value, int):
            words = f"{value / SECOND:g}"
        rows.append((f"`{setting.name}`", words or "", setting.meaning))
    return _table(("variable", "without it", "means"), rows)


def simulated() -> str:
    """Every setting of a simulated cloud that is the user's to choose."""
    rows = [
        (f"`{key}`", f"`{row.default}`" if row.default else "", row.doc)
        for key, row in SIMULATOR.items()
        if key != "state"
    ]
    return _table(("setting", "without it", "means"), rows)


def compose() -> str:
    """Every key of Compose: what is done, what is left aside, and what is refused with which remedy."""
    parts = []
    for title, rows in COMPOSE:
        done = [f"`{key}`" for key, row in rows.items() if row.check is not None]
        lines = [f"### {title}", "", f"Runs: {', '.join(done)}."]
        idle = [(f"`{key}`", row.idle) for key, row in rows.items() if row.idle]
        if idle:
            lines += ["", _table(("left aside, with a warning", "because"), idle)]
        refused: dict[str, list[str]] = {}
        for key, row in rows.items():
            if row.refused:
                refused.setdefault(row.refused, []).append(f"`{key}`")
        if refused:
            lines += [
                "",
                _table(
                    ("refused", "what to do instead"), [(", ".join(k), why) for why, k in refused.items()]
                ),
            ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def codes(found: Mapping[str, str]) -> str:
    """Codes with what they mean."""
    return _table(("code", "means"), [(f"`{code}`", words) for code, words in found.items()])


TABLES: dict[str, Callable[[], str]] = {
    "settings": settings,
    "simulator": simulated,
    "lab": lambda: _table(
        ("setting", "without it", "means"),
        [(f"`{key}`", f"`{row.default}`" if row.default else "", row.doc) for key, row in LAB.items()],
    ),
    "address": lambda: _table(("setting", "means"), [(f"`{key}`", words) for key, words in ADDRESS.items()]),
    "compose": compose,
    "template codes": lambda: codes(template.CODES),
    "engine codes": lambda: codes({**simulator.CODES, **docker.CODES}),
}


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines)


def filled(text: str) -> str:
    """A page with its tables as they should be."""

    def fill(match: re.Match[str]) -> str:
        return f"<!-- {match[1]} -->\n\n{TABLES[match[1]]()}\n\n<!-- end -->"

    names = "|".join(TABLES)
    return re.sub(rf"<!-- ({names}) -->.*?<!-- end -->", fill, text, flags=re.DOTALL)


def main(words: list[str]) -> int:
    """Fill all pages, or only say which would change."""
    stale = 0
    for page in sorted(DOCS.glob("*.md")):
        text = page.read_text()
        wanted = filled(text)
        if wanted == text:
            continue
        if words == ["--check"]:
            print(f"docs/{page.name} is out of date")
            stale = 1
        else:
            page.write_text(wanted)
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
