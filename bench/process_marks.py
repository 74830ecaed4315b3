"""Marks of processes: how quickly the command line answers, and what an idle server holds."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from server import LONGSHORE, server


def _once(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def help_ratio() -> float:
    """`longshore --help` against `python -c pass`: medians of 15, interleaved."""
    bare, helped = [], []
    for _ in range(15):
        bare.append(_once([sys.executable, "-c", "pass"]))
        helped.append(_once([str(LONGSHORE), "--help"]))
    return statistics.median(helped) / statistics.median(bare)


def resident() -> float:
    """Resident megabytes of a server with the local cloud, ten seconds after its last request."""
    with server() as found:
        time.sleep(10)
        status = Path(f"/proc/{found.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
