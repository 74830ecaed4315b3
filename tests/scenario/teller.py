"""Tells the stories of the seeds given as arguments, and prints a digest of each journal."""

from __future__ import annotations

import hashlib
import logging
import sys
import tempfile
from pathlib import Path

import msgspec
from tests.scenario.platform import Platform, play
from tests.scenario.story import tell

from longshore.model.clock import HOUR


def digest_of(seed: int, folder: Path) -> str:
    """The digest of everything that a seed's journal says."""
    kept = []

    async def scene(p: Platform) -> None:
        await tell(p, seed)
        kept.append(msgspec.json.encode(p.store.journal(limit=1_000_000)))

    play(folder, scene, limit=48 * HOUR, ids=seed + 1)
    return hashlib.sha256(kept[0]).hexdigest()


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        for number in sys.argv[1:]:
            own = Path(folder) / number
            own.mkdir()
            sys.stdout.write(f"{number} {digest_of(int(number), own)}\n")
