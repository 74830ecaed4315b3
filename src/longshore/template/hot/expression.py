"""Values of a template that may hold functions: parsed once, then worked out.

A value is parsed with the scope it stands in, because `if` takes a branch while parsing: what the
other branch says is neither checked nor refers to anything, as in Heat. A part without functions
stays the plain value it is, so that a large template costs little more than a look at each value.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from longshore.template.findings import At
from longshore.template.hot.functions import REMOVED, ROWS
from longshore.template.hot.functions.logic import named
from longshore.template.hot.functions.row import (
    ABSENT,
    BROKEN,
    FAILED,
    LIVE,
    Call,
    Function,
    Kind,
    ListOf,
    MapOf,
    Use,
    Way,
    Wrong,
    unknown_in,
)
from longshore.template.hot.scope import Facade, Scope, nearest
from longshore.template.nodes import Map, Mark, Node, Scalar, Seq

__all__ = [
    "BROKEN",
    "Expression",
    "Reference",
    "check",
    "evaluate",
    "holds",
    "parse",
    "parse_condition",
    "references",
]


class Reference(msgspec.Struct, frozen=True):
    """What a value refers to. `path` is what follows the name: an attribute and the way into it.

    The name of a resource is empty where what stands there can be none.
    """

    kind: Kind
    name: str
    path: tuple[object, ...]
    mark: Mark
    way: Way = None


class Expression(msgspec.Struct, frozen=True):
    """A parsed value. `node` is where it was written; `found` is what it refers to, in order."""

    value: object
    node: Node
    found: tuple[Reference, ...] = ()

    @property
    def literal(self) -> bool:
        """Whether no function stands in it, so that its value is the same in every scope."""
        return type(self.value) not in LIVE


def parse(node: Node, scope: Scope, at: At) -> Expression:
    """Parse a value; what is wrong with the form of a function is a fault.

    Args:
        node: the value as written.
        scope: its surroundings; parameters and conditions have to be known by now.
        at: where the value stands, and where faults go.
    """
    parser = _Parser(scope, at)
    value = parser.parsed(node, scope.version.functions, None)
    return Expression(value, node, tuple(parser.found))


def parse_condition(node: Node, scope: Scope, at: At) -> Expression:
    """Parse the definition of a condition, or the word that names one."""
    parser = _Parser(scope, at)
    value = parser.parsed(node, _within_conditions(scope), None)
    return Expression(value, node, tuple(parser.found))


def references(expression: Expression) -> tuple[Reference, ...]:
    """What a value refers to, in the order written, of the branches that are taken."""
    return expression.found


def check(expression: Expression, scope: Scope, at: At) -> None:
    """Write down what a value refers to and is not there: resources, and their attributes."""
    for reference in expression.found:
        if reference.kind not in ("resource", "attribute"):
            continue
        facade = scope.resource(reference.name)
        if facade is None:
            words = _missing(reference.name)
            hint = _hint(at, reference.name, scope.names)
            _at(at, reference.way).fault("unknown-resource", reference.mark, words, hint)
        elif reference.kind == "attribute" and reference.path:
            _check_attribute(reference, facade, at)


def _check_attribute(reference: Reference, facade: Facade, at: At) -> None:
    attribute = reference.path[0]
    if attribute is BROKEN:
        return
    hint = ""
    if not isinstance(attribute, str | int):
        words = "what stands here is no name of an attribute, or is known only later"
    elif facade.attributes is None or str(attribute) in facade.attributes:
        return
    else:
        words = f'"{reference.name}" ({facade.type}) has no attribute "{attribute}"'
        hint = _hint(at, str(attribute), facade.attributes)
    _at(at, reference.way).fault("unknown-attribute", reference.mark, words, hint)


def _missing(name: str) -> str:
    if not name:
        return "what stands here is no name of a resource, or is known only later"
    return f'there is no resource "{name}"'


def evaluate(expression: Expression, scope: Scope, at: At) -> object:
    """Work a value out: plain JSON values, `Unknown` where only the world can tell.

    What cannot be worked out is a fault, and `BROKEN` in its place. The caller must not change what
    it gets: literal parts are shared between evaluations. Where `if` leaves a value out, the list
    or mapping around it does not have it; a whole value that is left out is None.
    """
    if expression.literal:
        return expression.value
    found = _Evaluator(scope, at).value(expression.value)
    return None if found is ABSENT else found


def holds(expression: Expression, scope: Scope, at: At) -> bool:
    """Whether a parsed condition holds, or one that is named; faults count as holding."""
    found = evaluate(expression, scope, at)
    if found is BROKEN:
        return True
    try:
        return named(found, Use(scope, at.findings.spend))
    except Wrong as wrong:
        words = f"this {wrong.message}"
        hint = _hint(at, wrong.word, wrong.among)
        at.fault(wrong.code, expression.node.mark, words, hint)
        return True


def _within_conditions(scope: Scope) -> Mapping[str, str]:
    """The functions of conditions; the version's others are known, but not allowed there."""
    version = scope.version
    others = {word: key if ROWS[key] is REMOVED else _NOT_HERE for word, key in version.functions.items()}
    return {**others, **version.conditions}


_NOT_HERE = ""


class _Parser:
    """Parses one value and gathers what it refers to."""

    def __init__(self, scope: Scope, at: At) -> None:
        self.found: list[Reference] = []
        self._scope = scope
        self._at = at

    def parsed(self, node: Node, functions: Mapping[str, str], way: Way) -> object:
        """The parsed form of a node: itself where it is plain, else `Call`, `ListOf` or `MapOf`."""
        if type(node) is Scalar:
            return node.data
        if type(node) is Seq:
            return self._list(node, functions, way)
        assert isinstance(node, Map)
        if len(node.items) == 1:
            ((word, args),) = node.items.items()
            key = functions.get(word)
            if key is not None:
                return self._call(word, key, node, args, functions, (way, word))
        return self._map(node, functions, way)

    # Most values are scalars: both loops take them without a call, for the sake of large templates.

    def _list(self, node: Seq, functions: Mapping[str, str], way: Way) -> object:
        items: list[object] = []
        live = False
        for index, item in enumerate(node.items):
            if type(item) is Scalar:
                items.append(item.data)
                continue
            value = self.parsed(item, functions, (way, index))
            live = live or type(value) in LIVE
            items.append(value)
        return ListOf(items) if live else items

    def _map(self, node: Map, functions: Mapping[str, str], way: Way) -> object:
        entries: dict[str, object] = {}
        live = False
        for name, item in node.items.items():
            if type(item) is Scalar:
                entries[name] = item.data
                continue
            value = self.parsed(item, functions, (way, name))
            live = live or type(value) in LIVE
            entries[name] = value
        return MapOf(entries) if live else entries

    def _call(
        self,
        word: str,
        key: str,
        node: Map,
        args: Node,
        functions: Mapping[str, str],
        way: Way,
    ) -> object:
        if key == _NOT_HERE:
            words = f'"{word}" may not stand in a condition'
            allowed = ", ".join(self._scope.version.conditions)
            _at(self._at, way).fault("bad-arguments", node.at(word), words, f"one of {allowed}")
            return FAILED
        row = ROWS[key]
        if row.chooses:
            chosen = self._chosen(row, node, args, functions, way)
            return Call(row, chosen, node, way)
        call = Call(row, self.parsed(args, functions, way), node, way)
        try:
            if row.check is not None:
                row.check(call.args)
            self._refer(call, args)
        except Wrong as wrong:
            _fault(self._at, call, wrong)
            return FAILED
        return call

    def _chosen(self, row: Function, node: Map, args: Node, functions: Mapping[str, str], way: Way) -> object:
        """The branch that a condition takes."""
        items = args.items if isinstance(args, Seq) else ()
        if len(items) not in row.chooses:
            shown = f"{len(items)} arguments" if isinstance(args, Seq) else "no list"
            _fault(self._at, Call(row, None, node, way), Wrong(f"takes {row.form}, this is {shown}"))
            return FAILED
        within = (way, 0)
        at = _at(self._at, within)
        condition = parse_condition(items[0], self._scope, at)
        self.found.extend(condition.found)
        if isinstance(condition.value, str):
            self.found.append(Reference("condition", condition.value, (), items[0].mark, within))
        index = 1 if holds(condition, self._scope, at) else 2
        return self.parsed(items[index], functions, (way, index)) if index < len(items) else ABSENT

    def _refer(self, call: Call, args: Node) -> None:
        if call.row.refers is None:
            return
        value = call.args
        if type(value) in LIVE:
            # Else what is wrong within the arguments is told when the whole is worked out.
            at = self._at if call.row.binds else At(self._at.findings.aside())
            value = _Evaluator(self._scope, at).value(value)
        target = call.row.refers(value, self._scope)
        if target is not None:
            mark, way = _place(args, call.steps, target.steps)
            self.found.append(Reference(target.kind, target.name, target.path, mark, way))


class _Evaluator:
    """Works values out in one scope."""

    def __init__(self, scope: Scope, at: At) -> None:
        self._at = at
        self._use = Use(scope, at.findings.spend)
        self._may_be_absent = scope.version.may_be_absent

    def value(self, parsed: object) -> object:
        """What a parsed value comes to; `ABSENT` where there is none."""
        kind = type(parsed)
        if kind not in LIVE:
            return parsed
        if isinstance(parsed, Call):
            return self._result(parsed)
        if isinstance(parsed, ListOf):
            items = [self.value(item) if type(item) in LIVE else item for item in parsed.items]
            return [item for item in items if item is not ABSENT] if self._may_be_absent else items
        if isinstance(parsed, MapOf):
            entries = {
                name: self.value(item) if type(item) in LIVE else item for name, item in parsed.items.items()
            }
            if self._may_be_absent:
                return {name: item for name, item in entries.items() if item is not ABSENT}
            return entries
        return ABSENT if parsed is ABSENT else BROKEN

    def _result(self, call: Call) -> object:
        row = call.row
        args = self.value(call.args)
        if row.chooses:
            return args
        if args is ABSENT:
            args = None
        if not row.mixed and type(call.args) in LIVE and (unknown := unknown_in(args)) is not None:
            return unknown
        try:
            return row.work(args, self._use)
        except Wrong as wrong:
            _fault(self._at, call, wrong)
            return BROKEN


def _fault(at: At, call: Call, wrong: Wrong) -> None:
    node = call.node
    ((word, args),) = node.items.items()
    mark, way = _place(args, call.steps, wrong.steps)
    hint = _hint(at, wrong.word, wrong.among) if wrong.word else f"{word}: {call.row.form}"
    _at(at, way).fault(wrong.code, mark, f'"{word}" {wrong.message}', hint)


def _place(node: Node, way: Way, steps: tuple[object, ...]) -> tuple[Mark, Way]:
    """The place that steps within a node lead to, as far as they were written out."""
    for step in steps:
        if isinstance(node, Map) and step in node.items:
            node = node.items[str(step)]
        elif isinstance(node, Seq) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            break
        way = (way, step)
    return node.mark, way


def _at(at: At, way: Way) -> At:
    """The place that a way leads to from here."""
    steps: list[object] = []
    while way is not None:
        way, step = way
        steps.append(step)
    for step in reversed(steps):
        at = at.item(step) if isinstance(step, int) else at.key(str(step))
    return at


def _hint(at: At, word: str, among: Collection[str]) -> str:
    # Nobody reads the remedies of faults that are not shown, and looking for them is slow.
    return "" if at.findings.full else nearest(word, among)
