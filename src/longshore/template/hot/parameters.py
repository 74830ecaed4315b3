"""The parameters of a template: what it asks for, and the values it gets.

A value is what was given; else the default of an environment; else the template's own default. A
default is checked even where a value takes its place, since the template itself is wrong then. A
parameter without a value passes on as `BROKEN`, so that what is missing is said once.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from longshore.model.unknown import Unknown
from longshore.template.findings import At
from longshore.template.hot import constraints
from longshore.template.hot.constraints import Limit
from longshore.template.hot.expression import BROKEN
from longshore.template.hot.kinds import CFN_KINDS, HOT_KINDS, BadValue, Kind, converted
from longshore.template.hot.scope import hint
from longshore.template.hot.types.schema import Constraint, Form
from longshore.template.hot.versions import Version
from longshore.template.nodes import Map, Mark, Node, Seq, is_nothing, kind_of, value_of


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter as its template declares it.

    `default` is None where there is none; `mark` is the place of the name. What is wrong with one that
    is `broken` has been told, so its default is nothing to go on with.
    """

    name: str
    kind: Kind
    mark: Mark
    description: str = ""
    default: object = None
    default_mark: Mark | None = None
    hidden: bool = False
    label: str = ""
    immutable: bool = False
    tags: tuple[object, ...] = ()
    limits: tuple[Limit, ...] = ()
    broken: bool = False


class Given(msgspec.Struct, frozen=True):
    """A value that came from outside the template, and where it was written, if that is known."""

    value: object
    mark: Mark | None = None


_MOST_LISTED = 10
"""Names of parameters that a message lists."""

_HOT_KEYS = ("type", "description", "default", "schema", "constraints", "hidden", "label", "immutable")
_TAGS_SINCE = "2018-03-02"
_MODULO_SINCE = "2017-02-24"
_CFN_KEYS = (
    "Type",
    "Default",
    "NoEcho",
    "AllowedValues",
    "AllowedPattern",
    "MaxLength",
    "MinLength",
    "MaxValue",
    "MinValue",
    "Description",
    "ConstraintDescription",
    "Label",
)


def read(section: Node | None, version: Version, at: At) -> dict[str, Parameter]:
    """The parameters that a section declares; what is wrong with a declaration is a fault."""
    if section is None or _empty(section):
        return {}
    if not isinstance(section, Map):
        at.fault("wrong-type", section.mark, f"expected parameters by name, got {kind_of(section)}")
        return {}
    reads = _read_cfn if version.cfn else _read_hot
    found: dict[str, Parameter] = {}
    for name, node in section.items.items():
        here = at.key(name)
        if not isinstance(node, Map):
            words = f'the parameter "{name}" is a mapping with its type, this is {kind_of(node)}'
            here.fault("wrong-type", node.mark, words, "type: string")
            continue
        parameter = reads(name, node, section.at(name), version, here)
        if parameter is not None:
            before = at.findings.count
            _check(parameter, here)
            broken = at.findings.count > before
            found[name] = msgspec.structs.replace(parameter, broken=True) if broken else parameter
    return found


def _empty(node: Node) -> bool:
    """What Heat takes for an empty section: nothing, and whatever Python holds to be false."""
    return not value_of(node)


def _read_hot(name: str, node: Map, mark: Mark, version: Version, at: At) -> Parameter | None:
    tagged = version.name >= _TAGS_SINCE
    if not _keys_fit(node, (*_HOT_KEYS, "tags") if tagged else _HOT_KEYS, at):
        return None
    kind = _kind(node, "type", HOT_KINDS, mark, at)
    tags = node.get("tags")
    if tags is not None and not isinstance(tags, Seq):
        at.key("tags").fault("wrong-type", tags.mark, f"tags are a list, this is {kind_of(tags)}")
    found = _limits(node.get("constraints"), at.key("constraints"), modulo=version.name >= _MODULO_SINCE)
    if kind is None or found is None:
        return None
    return _parameter(
        name,
        kind,
        node,
        mark,
        default="default",
        description=value_of(node.get("description")),
        label=value_of(node.get("label")),
        # Any value that is not empty hides, the word "false" too: as in Heat.
        hidden=bool(value_of(node.get("hidden"))),
        immutable=bool(value_of(node.get("immutable"))),
        tags=tuple(map(value_of, tags.items)) if isinstance(tags, Seq) else (),
        limits=found,
    )


def _limits(node: Node | None, at: At, *, modulo: bool) -> tuple[Limit, ...] | None:
    if node is None or is_nothing(node):
        return ()
    if not isinstance(node, Seq):
        at.fault("wrong-type", node.mark, f"constraints are a list, this is {kind_of(node)}")
        return None
    read_all = [constraints.read(item, at.item(i), modulo=modulo) for i, item in enumerate(node.items)]
    found = tuple(limit for limit in read_all if limit is not None)
    return found if len(found) == len(read_all) else None


def _read_cfn(name: str, node: Map, mark: Mark, _version: Version, at: At) -> Parameter | None:
    if not _keys_fit(node, _CFN_KEYS, at):
        return None
    kind = _kind(node, "Type", CFN_KINDS, mark, at)
    found = _cfn_limits(node, at)
    if kind is None or found is None:
        return None
    return _parameter(
        name,
        kind,
        node,
        mark,
        default="Default",
        description=value_of(node.get("Description")),
        label=value_of(node.get("Label")),
        hidden=str(value_of(node.get("NoEcho"))).lower() == "true",
        limits=found,
    )


def _cfn_limits(node: Map, at: At) -> tuple[Limit, ...] | None:
    """The constraints of CloudFormation's format, which stand beside the type."""
    words = value_of(node.get("ConstraintDescription"))
    said = words if isinstance(words, str) else ""
    found: list[Constraint | None] = []
    for reads, least, most in (
        (constraints.range_of, "MinValue", "MaxValue"),
        (constraints.length_of, "MinLength", "MaxLength"),
    ):
        bounds = {
            short: node.items[long] for short, long in (("min", least), ("max", most)) if long in node.items
        }
        if bounds:
            first = least if least in node.items else most
            found.append(reads(Map(bounds, (), node.at(first)), at))
    if "AllowedValues" in node.items:
        found.append(constraints.allowed_of(node.items["AllowedValues"], at.key("AllowedValues")))
    if "AllowedPattern" in node.items:
        found.append(constraints.pattern_of(node.items["AllowedPattern"], at.key("AllowedPattern")))
    whole = tuple(Limit(each, said) for each in found if each is not None)
    return whole if len(whole) == len(found) else None


def _keys_fit(node: Map, known: tuple[str, ...], at: At) -> bool:
    fits = True
    for key in node.items:
        if key not in known:
            words = f'a parameter has no "{key}"'
            at.fault("unknown-key", node.at(key), words, hint(at, key, known))
            fits = False
    return fits


def _kind(node: Map, key: str, kinds: Mapping[str, Kind], mark: Mark, at: At) -> Kind | None:
    written = node.get(key)
    if written is None:
        at.fault("missing-key", mark, "a parameter needs a type", f"{key}: {next(iter(kinds))}")
        return None
    word = value_of(written)
    kind = kinds.get(word) if isinstance(word, str) else None
    if kind is None:
        words = f"expected one of {', '.join(kinds)}, got {kind_of(written)}"
        if isinstance(word, str):
            words = f'there is no type "{word}" of parameters; there are {", ".join(kinds)}'
        at.key(key).fault("bad-value", written.mark, words, hint(at, str(word), kinds))
    return kind


def _parameter(
    name: str,
    kind: Kind,
    node: Map,
    mark: Mark,
    *,
    default: str,
    description: object,
    label: object,
    **rest: object,
) -> Parameter:
    written = node.get(default)
    return Parameter(
        name=name,
        kind=kind,
        mark=mark,
        description="" if description is None else str(description),
        label="" if label is None else str(label),
        default=value_of(written),
        default_mark=written.mark if written is not None else None,
        **rest,  # type: ignore[arg-type]
    )


def _check(parameter: Parameter, at: At) -> None:
    """Whether the constraints fit the type, and the default the constraints."""
    for limit in parameter.limits:
        if not constraints.fits(limit, parameter.kind):
            name = type(limit.constraint).__name__.lower()
            words = f"a constraint of {name} does not fit the type {parameter.kind}"
            at.fault("bad-value", parameter.mark, words)
            return
    default = parameter.default
    if default is None:
        return
    if parameter.kind is Kind.LIST:
        if not isinstance(default, list | str):
            words = "expected words between commas, or a list"
            at.fault("bad-parameter", parameter.default_mark or parameter.mark, words)
            return
        default = [str(each) for each in default] if isinstance(default, list) else default.split(",")
    for limit in parameter.limits:
        wrong = (
            None if isinstance(limit.constraint, Form) else constraints.broken(limit, default, parameter.kind)
        )
        if wrong is not None:
            words = f'the default of "{parameter.name}" breaks a constraint: {wrong}'
            at.fault("bad-parameter", parameter.default_mark or parameter.mark, words)


def values(
    section: Node | None,
    declared: Mapping[str, Parameter],
    given: Mapping[str, Given],
    defaults: Mapping[str, Given],
    at: At,
) -> dict[str, object]:
    """A typed value for every parameter; what is missing, unknown or unfit is a fault.

    Args:
        section: the parameters as written: those that could not be read have no value, but are known.
        declared: the parameters of the template.
        given: values by name; one that is None counts as not given.
        defaults: defaults of an environment; those of other templates' parameters are no fault.
        at: where the parameters stand in the template.
    """
    written = section.items if isinstance(section, Map) else {}
    for name, chosen in given.items():
        if name not in written:
            candidates = ", ".join(list(written)[:_MOST_LISTED]) or "none"
            words = f'the template has no parameter "{name}"; it has: {candidates}'
            mark = chosen.mark or Mark("", 0, 0)
            at.fault("unknown-parameter", mark, words, hint(at, name, written))
    found: dict[str, object] = dict.fromkeys(written, BROKEN)
    for name, parameter in declared.items():
        chosen_or_none = _chosen(parameter, given.get(name), defaults.get(name))
        if parameter.broken and (chosen_or_none is None or chosen_or_none.mark is parameter.default_mark):
            continue
        if chosen_or_none is None:
            words = f'the parameter "{name}" has neither a value nor a default'
            at.key(name).fault("missing-parameter", parameter.mark, words, f"-P {name}=…")
            found[name] = BROKEN
        else:
            found[name] = typed(parameter, chosen_or_none, at.key(name))
    return found


def loose_values(
    declared: Mapping[str, Parameter], given: Mapping[str, Given], defaults: Mapping[str, Given]
) -> dict[str, object]:
    """Values for a nested template, which Heat does not check: what does not fit is known only later."""
    found: dict[str, object] = {}
    for name, parameter in declared.items():
        chosen = _chosen(parameter, given.get(name), defaults.get(name))
        if chosen is None:
            found[name] = BROKEN
            continue
        found[name] = chosen.value
        if not isinstance(chosen.value, Unknown):
            try:
                found[name] = converted(chosen.value, parameter.kind)
            except BadValue:
                found[name] = BROKEN
    return found


def _chosen(parameter: Parameter, given: Given | None, default: Given | None) -> Given | None:
    for each in (given, default):
        if each is not None and each.value is not None:
            return each
    return None if parameter.default is None else Given(parameter.default, parameter.default_mark)


def typed(parameter: Parameter, given: Given, at: At) -> object:
    """A value as the parameter's kind holds it; `BROKEN`, with a fault, where it does not fit."""
    value = given.value
    if isinstance(value, Unknown):
        return value
    mark = given.mark or parameter.mark
    try:
        own = converted(value, parameter.kind)
    except BadValue as bad:
        _unfit(parameter, mark, str(bad), at)
        return BROKEN
    # Heat holds lists and JSON against the constraints once read, all else as it was given.
    held = own if parameter.kind in (Kind.LIST, Kind.JSON) else value
    for limit in parameter.limits:
        wrong = constraints.broken(limit, held, parameter.kind)
        if wrong is not None:
            _unfit(parameter, mark, wrong, at)
            return BROKEN
    return own


def _unfit(parameter: Parameter, mark: Mark, why: str, at: At) -> None:
    shown = "" if parameter.hidden else f": {why}"
    words = f'the value of "{parameter.name}" does not fit{shown}'
    at.fault("bad-parameter", mark, words, "give another value")


def pseudo(version: Version, stack: str) -> dict[str, object]:
    """The parameters that every template has; of most only the world knows the value."""
    names = (
        ("AWS::StackId", "AWS::StackName", "AWS::Region")
        if version.cfn
        else ("OS::stack_id", "OS::stack_name", "OS::region", "OS::project_id")
    )
    found: dict[str, object] = {name: Unknown(resource="stack", attribute=name) for name in names}
    if stack:
        found[names[1]] = stack
    return found
