"""What a plain scalar means in YAML 1.1, as Heat reads it.

`yes`, `on` and the like are true and false, `010` is eight, `12:30` is 750 in base sixty; what looks
like a date stays text, for Heat never guesses dates. A text that is JSON throughout keeps JSON's
numbers: there `1e3` is a number, which YAML 1.1 takes for a word.
"""

from __future__ import annotations

import json
import re

from longshore.template.nodes import Data

_WORDS: dict[str, Data] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **{w: True for word in ("yes", "true", "on") for w in (word, word.capitalize(), word.upper())},
    **{w: False for word in ("no", "false", "off") for w in (word, word.capitalize(), word.upper())},
    **{sign + word: float(sign + "inf") for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}

_INT = re.compile(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*(?P<sixty>(?::[0-5]?[0-9])+)?)")
_FLOAT = re.compile(
    r"[-+]?[0-9][0-9_]*(?P<sixty>(?::[0-5]?[0-9])+)\.[0-9_]*"
    r"|(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?"
)
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")

_JSON_WORDS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_SURROGATES = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")

_NUMBER_BEGINS = frozenset("0123456789+-.")

_LONGEST_NUMBER = 400
"""Past this a row of digits is text: no template means it, and Python is slow to read them."""


def resolve(text: str) -> Data:
    """The value of a plain scalar."""
    # Nearly every scalar is a word that begins with a letter: two look-ups settle it.
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_BEGINS or len(text) > _LONGEST_NUMBER:
        return text
    found = _INT.fullmatch(text)
    if found is not None:
        return _int(text, sixty=found["sixty"] is not None)
    found = _FLOAT.fullmatch(text)
    if found is not None:
        return _float(text, sixty=found["sixty"] is not None)
    return text


def prepared_json(text: str) -> str:
    """JSON in a form that a reader of YAML takes: no tabs, no character written as two halves."""
    return _SURROGATES.sub(lambda found: str(json.loads(f'"{found[0]}"')), text.replace("\t", " "))


def resolve_json(text: str) -> Data:
    """The value of an unquoted word in a text that is JSON."""
    if text in _JSON_WORDS:
        return _JSON_WORDS[text]
    if _JSON_NUMBER.fullmatch(text) and len(text) <= _LONGEST_NUMBER:
        return int(text) if text.lstrip("-").isdigit() else float(text)
    return resolve(text)


def is_json(text: str) -> bool:
    """Whether a text is JSON, which Heat tries before it tries YAML."""
    if not text.lstrip().startswith("{"):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _int(text: str, *, sixty: bool) -> int | str:
    digits = text.replace("_", "")
    sign, bare = (digits[0], digits[1:]) if digits[0] in "+-" else ("", digits)
    try:
        if sixty:
            whole = 0
            for part in bare.split(":"):
                whole = whole * 60 + int(part)
        elif bare[:2] in ("0b", "0x"):
            whole = int(bare, 0)
        else:
            whole = int(bare, 8 if bare[0] == "0" else 10)
    except ValueError:
        # 0x_ and the like: the form of a number without its digits.
        return text
    return -whole if sign == "-" else whole


def _float(text: str, *, sixty: bool) -> float | str:
    digits = text.replace("_", "")
    sign, bare = (digits[0], digits[1:]) if digits[0] in "+-" else ("", digits)
    try:
        value = 0.0
        if sixty:
            for part in bare.split(":"):
                value = value * 60 + float(part)
        else:
            value = float(bare)
    except ValueError:
        return text
    return -value if sign == "-" else value
