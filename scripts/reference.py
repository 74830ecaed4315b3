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

from longshore.cli.catalogue import span
from longshore.model.clock import SECOND
from longshore.provider.docker import faults as docker
from longshore.provider.docker.address import SETTINGS as ADDRESS
from longshore.provider.lab.settings import SETTINGS as LAB
from longshore.provider.simulator import codes as simulator
from longshore.provider.simulator.settings import SETTINGS as SIMULATOR
from longshore.settings import SETTINGS, Settings
from longshore.template import catalogue
from longshore.template import codes as template
from longshore.template.compose import deploy, keys, parts, resources
from longshore.template.hot.versions import VERSIONS, Version
from longshore.template.schema import Table

DOCS = Path(__file__).resolve().parent.parent / "docs"
LENGTHS = {"grace", "settle", "min_life", "look", "answer"}
"""Fields of `Settings` that are lengths of time, in microseconds."""

COMPOSE: tuple[tuple[str, Table], ...] = (
    ("At the top", keys.TOP),
    ("include[]", resources.INCLUDE),
    ("services.NAME", keys.SERVICE),
    ("services.NAME.blkio_config", parts.BLKIO),
    ("services.NAME.build", parts.BUILD),
    ("services.NAME.credential_spec", parts.CREDENTIAL_SPEC),
    ("services.NAME.depends_on.NAME", parts.DEPENDENCY),
    ("services.NAME.deploy", deploy.DEPLOY),
    ("services.NAME.deploy.placement", deploy.PLACEMENT),
    ("services.NAME.deploy.resources.limits", deploy.LIMITS),
    ("services.NAME.deploy.resources.reservations", deploy.RESERVATIONS),
    ("services.NAME.deploy.resources.reservations.devices[], gpus[]", deploy.DEVICE),
    ("services.NAME.deploy.resources.reservations.generic_resources[]", deploy.COUNTED),
    ("services.NAME.deploy.restart_policy", deploy.RESTART_POLICY),
    ("services.NAME.deploy.update_config", deploy.UPDATE),
    ("services.NAME.deploy.rollback_config", deploy.ROLLBACK),
    ("services.NAME.develop", parts.DEVELOP),
    ("services.NAME.develop.watch[]", parts.WATCH),
    ("services.NAME.devices[]", parts.DEVICE),
    ("services.NAME.env_file[]", parts.ENV_FILE),
    ("services.NAME.extends", parts.EXTENDS),
    ("services.NAME.healthcheck", parts.HEALTHCHECK),
    ("services.NAME.logging", parts.LOGGING),
    ("services.NAME.models.NAME", parts.MODEL_USE),
    ("services.NAME.networks.NAME", parts.ATTACHMENT),
    ("services.NAME.ports[]", parts.PORT),
    ("services.NAME.post_start[], pre_stop[]", parts.HOOK),
    ("services.NAME.pre_start[]", parts.FIRST_HOOK),
    ("services.NAME.provider", parts.PROVIDER),
    ("services.NAME.secrets[], configs[]", parts.GRANT),
    ("services.NAME.ulimits.NAME", parts.ULIMIT),
    ("services.NAME.volumes[]", parts.MOUNT),
    ("services.NAME.volumes[].bind", parts.MOUNT_BIND),
    ("services.NAME.volumes[].image", parts.MOUNT_IMAGE),
    ("services.NAME.volumes[].tmpfs", parts.MOUNT_TMPFS),
    ("services.NAME.volumes[].volume", parts.MOUNT_VOLUME),
    ("services.NAME.x-longshore", deploy.STRATEGY),
    ("services.NAME.x-longshore.affinities[]", deploy.AFFINITY),
    ("services.NAME.x-longshore.skew[]", deploy.SKEW),
    ("services.NAME.x-longshore.tolerations[]", deploy.TOLERATION),
    ("networks.NAME", resources.NETWORK),
    ("networks.NAME.ipam", resources.IPAM),
    ("networks.NAME.ipam.config[]", resources.SUBNET),
    ("volumes.NAME", resources.VOLUME),
    ("secrets.NAME", resources.SECRET),
    ("configs.NAME", resources.CONFIG),
    ("models.NAME", resources.MODEL),
)


WHOLE = {
    **dict.fromkeys(
        (
            "services.NAME.credential_spec",
            "services.NAME.models.NAME",
            "services.NAME.post_start[], pre_stop[]",
            "services.NAME.pre_start[]",
            "services.NAME.provider",
            "services.NAME.volumes[].image",
            "networks.NAME.ipam.config[]",
            "models.NAME",
        ),
        "Checked, and refused at plan as a whole",
    ),
    **dict.fromkeys(
        ("services.NAME.develop", "services.NAME.develop.watch[]"), "Checked, and left aside as a whole"
    ),
}
"""What becomes of all keys of a section, since one above says so."""


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
    """Every key of Compose: what runs, what runs otherwise, what is left aside, what a plan refuses."""
    told = []
    for title, rows in COMPOSE:
        plain = [f"`{key}`" for key, row in rows.items() if not (row.differs or row.idle or row.refused)]
        lines = [f"### {title}"]
        if title in WHOLE:
            told.append(f"### {title}\n\n{WHOLE[title]}: {', '.join(f'`{key}`' for key in rows)}.")
            continue
        if plain:
            lines += ["", f"Runs: {', '.join(plain)}."]
        found = [(f"`{key}`", "runs differently", row.differs) for key, row in rows.items() if row.differs]
        found += [
            (f"`{key}`", "left aside, with a warning", row.idle) for key, row in rows.items() if row.idle
        ]
        refused: dict[str, list[str]] = {}
        for key, row in rows.items():
            if row.refused:
                refused.setdefault(row.refused, []).append(f"`{key}`")
        found += [(", ".join(names), "refused at plan", remedy) for remedy, names in refused.items()]
        if found:
            lines += ["", _table(("key", "what becomes of it", "how, why, or what to do instead"), found)]
        told.append("\n".join(lines))
    return "\n\n".join(told)


def hot_versions() -> str:
    """Every version of Heat's templates, with what it adds and takes away."""
    rows = []
    before: Version | None = None
    for version in VERSIONS:
        if before is not None and before.key != version.key:
            before = None
        names = " or ".join(f"`{name}`" for name in version.names)
        rows.append((f"`{version.key}`: {names}", _changes(before, version)))
        before = version
    return _table(("version", "has, or adds to the one before"), rows)


def _changes(before: Version | None, version: Version) -> str:
    """What a version says that the one before it does not."""
    had = before.functions if before else {}
    added = [word for word, key in version.functions.items() if word not in had and key != "removed"]
    other = [w for w, key in version.functions.items() if had.get(w, key) != key and key != "removed"]
    gone = [w for w, key in version.functions.items() if key == "removed" and had.get(w, key) != key]
    conditions = [word for word in version.conditions if not before or word not in before.conditions]
    sections = [word for word in version.sections if before and word not in before.sections]
    keys = [word for word in version.resource.words() if before and word not in before.resource.words()]
    parts = [
        ("functions", added),
        ("reworked", other),
        ("in conditions", conditions),
        ("sections", sections),
        ("keys of resources", keys),
        ("taken away", gone),
    ]
    return "; ".join(f"{what} {', '.join(f'`{w}`' for w in words)}" for what, words in parts if words) or "-"


def hot_functions() -> str:
    """Every function with what it takes, and where it is one of several forms, of which versions."""
    found = catalogue.functions()
    assert found is not None
    rows = []
    for view in found.functions:
        versions = span({*view.versions, *view.conditions}, found.versions)
        where = "condition" if not view.versions else "value, condition" if view.conditions else "value"
        rows.append((f"`{view.name}`", versions, where, f"`{view.form}`", view.about))
    return _table(("function", "versions", "stands as", "takes", "gives"), rows)


def hot_types() -> str:
    """Every resource type with a line about it; below, those that do nothing any more."""
    lines = catalogue.types()
    rows = [(f"`{line.name}`", line.about) for line in lines if line.status == "supported"]
    rest = [f"`{line.name}`" for line in lines if line.status != "supported"]
    retired = f"Known, but deprecated or retired: {', '.join(rest)}."
    return f"{_table(('type', 'is'), rows)}\n\n{retired}"


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
    "hot versions": hot_versions,
    "hot functions": hot_functions,
    "hot types": hot_types,
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
