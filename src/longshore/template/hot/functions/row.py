"""What a row of the table of functions is, and what its two functions are given.

`check` sees the arguments as parsed, before anything is worked out: a nested function among them is
still a `Call`. `work` sees them worked out. Either raises `Wrong` with words that go on after the
name of the function; the evaluator knows where it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Literal

import msgspec

from longshore.model.unknown import Unknown
from longshore.template.hot.scope import Scope
from longshore.template.nodes import Map

Kind = Literal["resource", "attribute", "parameter", "condition", "file"]
Steps = tuple[object, ...]
Way = tuple["Way", object] | None
"""A way into a value, last step first: cheap to lengthen, and only faults ever look at it."""

_NODE_WEIGHT = 16
"""Characters a value counts for besides its text: what a place in a list takes, roughly."""

_ALLOWANCE = 32
"""A text that is made costs far less than one that has to be read: it counts a thirty-second. Sixty
megabytes in all: a thousand servers with fifty kilobytes of `user_data` each stay below."""


BROKEN = Unknown(resource="", attribute="")
"""The value of what is at fault: passes through everything, so that one fault is told once."""


class Wrong(Exception):
    """Arguments that a function cannot take.

    Attributes:
        message: what is wrong, after the name of the function.
        steps: the way within the arguments to what is wrong.
        code: the code of the fault.
        word: what was written where one of `among` belongs; the nearest of them is the remedy.
            Where there is none, the remedy is how the function is written.
    """

    def __init__(
        self,
        message: str,
        *steps: object,
        code: str = "bad-arguments",
        word: str = "",
        among: Collection[str] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.steps = steps
        self.code = code
        self.word = word
        self.among = among


class Use(msgspec.Struct, frozen=True):
    """What a function may use besides its arguments; `spend` counts characters it makes."""

    scope: Scope
    spend: Callable[[int], None]

    def makes(self, characters: int) -> None:
        """Count what is about to be made; raises `TooMuch` before it is."""
        self.spend(characters // _ALLOWANCE)


class Target(msgspec.Struct, frozen=True):
    """What the arguments refer to; `steps` lead to the name within them.

    The name is empty where what stands there is none, or one that only the world can tell.
    """

    kind: Kind
    name: str
    path: tuple[object, ...] = ()
    steps: Steps = ()


class Example(msgspec.Struct, frozen=True):
    """A use of a function, as YAML, and what comes of it. A test holds the two together."""

    text: str
    result: object
    surroundings: Mapping[str, object] = {}


Check = Callable[[object], None]
Work = Callable[[object, Use], object]
Refers = Callable[[object, Scope], Target | None]


class Function(msgspec.Struct, frozen=True, kw_only=True):
    """One function of the language.

    Attributes:
        name: the word in the template.
        form: its arguments, in words.
        purpose: one line of documentation.
        example: a use of it.
        check: what is looked at while parsing; None: anything will do.
        work: what it evaluates to.
        refers: what its arguments, once worked out, refer to.
        binds: whether it ties one resource to another, so that the name has to be known while
            parsing; and what is wrong with the name is wrong wherever it stands.
        mixed: whether `work` copes with `Unknown` within its arguments; otherwise one unknown part
            makes the whole unknown.
        chooses: the number of arguments it may have, where it takes a branch while parsing.
    """

    name: str
    form: str
    purpose: str
    example: Example
    check: Check | None = None
    work: Work
    refers: Refers | None = None
    binds: bool = False
    mixed: bool = False
    chooses: tuple[int, ...] = ()


class Call(msgspec.Struct, frozen=True):
    """A function at its place among parsed values; `steps` is the way to its arguments."""

    row: Function
    args: object
    node: Map
    steps: Way = None


class ListOf(msgspec.Struct, frozen=True):
    """A list with a function somewhere within."""

    items: list[object]


class MapOf(msgspec.Struct, frozen=True):
    """A mapping with a function somewhere within."""

    items: dict[str, object]


class _Absent(msgspec.Struct, frozen=True):
    """A value that `if` leaves out."""


ABSENT = _Absent()
"""The value that is not there; only lists and mappings know it, and leave it out."""


class _Failed(msgspec.Struct, frozen=True):
    """A function that could not be parsed; the fault is written down."""


FAILED = _Failed()
"""What is left of a function that is at fault."""

LIVE = frozenset({Call, ListOf, MapOf, _Absent, _Failed})
"""The types of parsed values that have to be worked out; any other is its own value."""


def shape(args: object) -> object:
    """Parsed arguments as a plain list or mapping, one level deep."""
    return args.items if isinstance(args, ListOf | MapOf) else args


def is_call(value: object) -> bool:
    """Whether a parsed value is a function, which may come to anything."""
    return isinstance(value, Call | _Failed)


def parts(args: object, *counts: int) -> list[object]:
    """The arguments as a list of so many; raises `Wrong` where they are not.

    Text and mappings count as lists of characters and keys, as they do in Heat.
    """
    found = shape(args)
    if not isinstance(found, list | str | dict):
        raise Wrong(f"takes a list, not {words(found)}")
    if len(found) not in counts:
        wanted = " or ".join(map(str, counts))
        raise Wrong(f"takes {wanted} arguments, not {len(found)}")
    return list(found)


def as_list(args: object) -> list[object]:
    """Arguments that are a list once worked out; raises `Wrong` where they are not."""
    if not isinstance(args, list):
        raise Wrong(f"takes a list, not {words(args)}")
    return args


def words(value: object) -> str:
    """What a value is, in the words of a message."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list() | ListOf():
            return "a list"
        case dict() | MapOf():
            return "a mapping"
        case Unknown():
            return "a value that is known later"
        case _:
            return "a function"


def unknown_in(value: object) -> Unknown | None:
    """The first part of a value that only the world can tell."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, list):
        found = value
    elif isinstance(value, dict):
        found = list(value.values())
    else:
        return None
    for item in found:
        if (unknown := unknown_in(item)) is not None:
            return unknown
    return None


def weight(value: object) -> int:
    """About how many characters a value holds."""
    if isinstance(value, str):
        return _NODE_WEIGHT + len(value)
    if isinstance(value, list):
        return _NODE_WEIGHT + sum(map(weight, value))
    if isinstance(value, dict):
        return _NODE_WEIGHT + sum(len(key) + weight(item) for key, item in value.items())
    return _NODE_WEIGHT
