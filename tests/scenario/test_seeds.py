"""Several hundred seeds, in batches. `LONGSHORE_SEED=17` tells the story of one seed alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.scenario.platform import Platform, play
from tests.scenario.story import FIRED, tell

from longshore.model.clock import HOUR

ONLY = os.environ.get("LONGSHORE_SEED", "")
SEEDS = 300
BATCH = 10
AT_LEAST = 30
BATCHES = [(int(ONLY), int(ONLY) + 1)] if ONLY else [(n, n + BATCH) for n in range(0, SEEDS, BATCH)]

TOLD: list[int] = []


@pytest.mark.parametrize(("first", "behind"), BATCHES)
def test_seeds(tmp_path: Path, first: int, behind: int) -> None:
    for seed in range(first, behind):
        folder = tmp_path / str(seed)
        folder.mkdir()

        async def scene(p: Platform, seed: int = seed) -> None:
            await tell(p, seed)

        play(folder, scene, limit=48 * HOUR, ids=seed + 1)
        TOLD.append(seed)


def test_a_story_hangs_on_its_seed_alone() -> None:
    """Not on the order of sets, nor on where things lie in memory: two processes tell the same."""
    root = Path(__file__).parents[2]
    told = []
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": f"{root / 'src'}:{root}"}
        command = [sys.executable, "-m", "tests.scenario.teller", "41", "47", "102"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        told.append(done.stdout)
    assert told[0] == told[1]
    assert len(told[0].splitlines()) == 3


def test_every_kind_of_fault_fired() -> None:
    if len(TOLD) < SEEDS:
        pytest.skip("not all seeds ran")
    seldom = {kind: count for kind, count in FIRED.items() if count < AT_LEAST}
    assert not seldom, f"these fired less than {AT_LEAST} times: {seldom}"
