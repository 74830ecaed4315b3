"""A fault of a template: what is wrong, where, and what to write instead."""

from __future__ import annotations

import msgspec


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong with a text that a user handed in.

    `line` and `column` count from 1, 0 where the fault has no place; `path` is the way within the
    template (`services.web.ports[0]`); `hint` is the nearest right word, or the edit that mends it.
    """

    code: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    path: str = ""
    hint: str = ""
