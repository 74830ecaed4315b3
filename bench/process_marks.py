"""Marks of processes: how quickly the command line answers, and what an idle server holds."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LONGSHORE = Path(sys.executable).parent / "longshore"


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
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "LONGSHORE_STATE": folder}
        log = (Path(folder) / "log").open("wb")
        server = subprocess.Popen(
            [str(LONGSHORE), "serve"], env=environ, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        try:
            _wait_for_host(environ)
            time.sleep(10)
            status = Path(f"/proc/{server.pid}/status").read_text()
        finally:
            server.terminate()
            server.wait(15)
            log.close()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _wait_for_host(environ: dict[str, str]) -> None:
    for _ in range(100):
        done = subprocess.run(
            [str(LONGSHORE), "hosts", "--json"], env=environ, capture_output=True, text=True, check=False
        )
        if done.returncode == 0 and '"ready"' in done.stdout:
            return
        time.sleep(0.1)
    raise SystemExit("bench: the server's host did not become ready")
