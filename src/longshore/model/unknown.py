"""What only the world can tell, as a value that passes through templates and plans."""

from __future__ import annotations

import msgspec
from typing_extensions import override


class Unknown(msgspec.Struct, frozen=True, kw_only=True, tag="unknown", tag_field="is"):
    """A value known only after `resource` has been made: an address, an id, a random string."""

    resource: str
    attribute: str

    @override
    def __str__(self) -> str:
        """In words, as plans print it."""
        return f"known after {self.resource}.{self.attribute}"
