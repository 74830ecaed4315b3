"""Draws docs/picture.svg: a plan, an explanation and a status, as the commands really print them.

On a simulated estate, so that the picture can be drawn anywhere. The drawing holds no address: it looks the
same with no net at hand, in whatever monospaced font there is.
"""

# A script at the edge: it starts processes and waits.
# ruff: noqa: S603, TID251

from __future__ import annotations

import re
import subprocess
import sys
import time

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text
from trial import LONGSHORE, PATIENCE, ROOT, Trial

PICTURE = ROOT / "docs" / "picture.svg"
COLUMNS = 104
SHOP = "examples/shop/compose.yaml"

# Ink on paper, with colours that can be told apart in both; the same as on the page of examples/shop.
THEME = TerminalTheme(
    (251, 250, 246),
    (20, 50, 63),
    [(20, 50, 63), (176, 58, 46), (39, 119, 76), (150, 104, 12),
     (15, 111, 140), (122, 74, 140), (15, 111, 140), (91, 118, 131)],
)  # fmt: skip

SCENE: tuple[tuple[str, ...], ...] = (
    ("clouds", "add", "sim", "own", "--own", "--price", "0.008",
     "--set", "hosts=3", "--set", "cpu=0.5", "--set", "memory=1GiB"),
    ("clouds", "add", "sim", "north", "--set", "flavors=small:1:2GiB:0.012,large:4:8GiB:0.040"),
    ("clouds", "add", "sim", "south", "--set", "flavors=small:1:2GiB:0.010,medium:2:4GiB:0.019"),
)  # fmt: skip
SHOWN: tuple[tuple[str, ...], ...] = (
    ("plan", "--scale", "shop", "api=18"),
    ("explain", "shop/db"),
    ("status",),
)


def draw(trial: Trial) -> str:
    """Set the scene, run the commands that are shown, and give the drawing."""
    for words in SCENE:
        _run(trial, *words)
    while trial.read("status")["reachable"] < 3:
        time.sleep(0.2)
    trial.note()
    _run(trial, "up", "--yes", SHOP)
    paper = Console(record=True, width=COLUMNS, file=open("/dev/null", "w"), force_terminal=True)  # noqa: PTH123, SIM115
    for number, words in enumerate(SHOWN):
        if number:
            paper.print()
        paper.print(Text(f"$ longshore {' '.join(words)}", "bold cyan"))
        paper.print(Text.from_ansi(_run(trial, *words)))
    return _without_addresses(paper.export_svg(title="longshore", theme=THEME))


def _run(trial: Trial, *words: str) -> str:
    """What a command prints on standard output, in colour."""
    done = subprocess.run(
        [str(LONGSHORE), *words],
        env={**trial.environ, "COLUMNS": str(COLUMNS), "FORCE_COLOR": "1", "TERM": "xterm-256color"},
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=True,
    )  # fmt: skip
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


def _without_addresses(svg: str) -> str:
    """The drawing without the fonts it would fetch, and without a word on who drew it."""
    svg = re.sub(r"\s*@font-face \{.*?\}\n", "\n", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace")
    # Leading spaces count, also where a viewer takes the hard ones for soft.
    svg = svg.replace("<text ", '<text xml:space="preserve" ')
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def main() -> int:
    """Draw, and say where."""
    trial = Trial("picture", {"LONGSHORE_LOCAL": "no", "LONGSHORE_LOOK": "1"})
    try:
        PICTURE.write_text(draw(trial))
    except subprocess.CalledProcessError as error:
        print(
            f"longshore {error.cmd[1]} exited with {error.returncode}: {error.stderr.strip()}",
            file=sys.stderr,
        )
        return 1
    finally:
        trial.close()
    print(f"longshore: {PICTURE.relative_to(ROOT)} is drawn")
    return 0


if __name__ == "__main__":
    sys.exit(main())
