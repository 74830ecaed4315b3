"""What a plain scalar means in YAML 1.2, as the reference Compose reader takes it.

`yes`, `on` and `22:22` are text; numbers may be decimal, hexadecimal, octal (`0o17`, and `017` as
YAML 1.1 had it) or binary, with underscores; only the spellings of true, false and null below are
not text.
"""

from __future__ import annotations

import re

from longshore.template.nodes import Data

_WORDS: dict[str, Data] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{sign + word: float(sign + "inf") for sign in ("", "+", "-") for word in (".inf", ".Inf")},
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}

_INT = re.compile(r"[-+]?(?:0x[0-9a-fA-F_]+|0o[0-7_]+|0b[01_]+|[0-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.?[0-9]*)(?:[eE][-+]?[0-9]+)?")

_LONGEST_NUMBER = 40
"""Past this a row of digits is text: no quantity needs more, and Python is slow to read them."""


def resolve(text: str) -> Data:
    """The value of a plain scalar."""
    if text in _WORDS:
        return _WORDS[text]
    # Nearly every scalar is a word: a look at its first character settles it.
    if text[0] not in "0123456789+-." or len(text) > _LONGEST_NUMBER:
        return text
    if _INT.fullmatch(text):
        return _int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _int(text: str) -> int | str:
    digits = text.replace("_", "")
    sign, bare = (digits[0], digits[1:]) if digits[0] in "+-" else ("", digits)
    legacy_octal = len(bare) > 1 and bare[0] == "0" and bare[1] not in "xob"
    try:
        return int(sign + bare, 8 if legacy_octal else 0)
    except ValueError:
        # 089 and the like: digits, but of no base.
        return int(sign + bare) if legacy_octal else text
