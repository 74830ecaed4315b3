"""Build the image that hosts of the lab are made from, if the engine at hand has none yet."""

from __future__ import annotations

import asyncio
import os
import sys

from longshore.main import WallClock
from longshore.model.errors import LongshoreError
from longshore.provider.docker.address import DEFAULT_URL, Address
from longshore.provider.lab.cloud import LabCloud
from longshore.provider.lab.machine import IMAGE


async def main() -> int:
    """Print the image's name; 0 where it is there in the end."""
    parent = Address(url=os.environ.get("DOCKER_HOST") or DEFAULT_URL)
    lab = LabCloud("lab", {}, cell="setup", clock=WallClock(), parent=parent, folder=None)
    try:
        await lab.prepare()
    except LongshoreError as error:
        print(f"{error}", file=sys.stderr)
        return 1
    finally:
        await lab.close()
    print(IMAGE)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
