"""Functions of conditions: comparing, joining, and choosing a value by one."""

from __future__ import annotations

from longshore.model.unknown import Unknown
from longshore.template.hot.functions.row import (
    Example,
    Function,
    Use,
    Wrong,
    as_list,
    parts,
    shape,
    words,
)

_PARAMETERS = {"stage": "live", "zones": ["a", "b"]}


def named(value: object, use: Use) -> bool:
    """Whether a condition holds that is given by its name, or outright.

    Nothing at all holds. What is known only later does not: Heat too takes what it cannot know yet
    for nothing, and nothing equals no value that a template compares with.
    """
    if value is None:
        return True
    if isinstance(value, bool):
        return value
    if isinstance(value, Unknown):
        return False
    conditions = use.scope.conditions
    if not isinstance(value, str):
        raise Wrong(f"takes a condition, not {words(value)}", code="unknown-condition")
    if value not in conditions:
        message = f'takes a condition, and there is none called "{value}"'
        raise Wrong(message, code="unknown-condition", word=value, among=conditions)
    return conditions[value]


def _equals_check(args: object) -> None:
    if not isinstance(shape(args), list):
        raise Wrong(f"takes a list of two values, not {words(shape(args))}")
    parts(args, 2)


def _equals(args: object, _use: Use) -> object:
    # What is known only later compares as nothing, and so does what `if` left out.
    known = [None if isinstance(value, Unknown) else value for value in as_list(args)]
    first, second = (*known, None, None)[:2]
    return first == second


def _several_check(args: object) -> None:
    found = shape(args)
    if not isinstance(found, list):
        raise Wrong(f"takes a list of conditions, not {words(found)}")
    if len(found) < 2:
        raise Wrong("takes two conditions or more")


def _and(args: object, use: Use) -> object:
    return all(named(value, use) for value in as_list(args))


def _or(args: object, use: Use) -> object:
    return any(named(value, use) for value in as_list(args))


def _not_check(args: object) -> None:
    if args is None:
        raise Wrong("takes a condition")


def _not(args: object, use: Use) -> object:
    return not named(args, use)


def _cfn_not_check(args: object) -> None:
    if not isinstance(shape(args), list):
        raise Wrong(f"takes a list of one condition, not {words(shape(args))}")
    parts(args, 1)


def _cfn_not(args: object, use: Use) -> object:
    return not named(next(iter(as_list(args)), None), use)


def _chosen(args: object, _use: Use) -> object:
    return args


def _pair(name: str, choice: str, *counts: int) -> Function:
    return Function(
        name=name,
        form="[condition, value if it holds, value otherwise]",
        purpose="One of two values, by a condition.",
        example=Example(f"{name}: [{choice}, gold, silver]", "gold", {"conditions": {choice: True}}),
        work=_chosen,
        mixed=True,
        chooses=counts,
    )


FUNCTIONS: dict[str, Function] = {
    "if": _pair("if", "is_live", 3),
    "if.absent": Function(
        name="if",
        form="[condition, value if it holds, value otherwise (may be left out)]",
        purpose="One of two values, by a condition; without the second the value may be absent.",
        example=Example(
            "{size: 1, zone: {if: [is_live, north]}}", {"size": 1}, {"conditions": {"is_live": False}}
        ),
        work=_chosen,
        mixed=True,
        chooses=(2, 3),
    ),
    "Fn::If": _pair("Fn::If", "IsLive", 3),
    "equals": Function(
        name="equals",
        form="[value, value]",
        purpose="Whether two values are the same.",
        example=Example(
            "equals: [{get_param: stage}, live]", result=True, surroundings={"parameters": _PARAMETERS}
        ),
        check=_equals_check,
        work=_equals,
        mixed=True,
    ),
    "Fn::Equals": Function(
        name="Fn::Equals",
        form="[value, value]",
        purpose="Whether two values are the same.",
        example=Example(
            '"Fn::Equals": [{Ref: stage}, test]', result=False, surroundings={"parameters": _PARAMETERS}
        ),
        check=_equals_check,
        work=_equals,
        mixed=True,
    ),
    "not": Function(
        name="not",
        form="condition",
        purpose="Whether a condition does not hold.",
        example=Example("not: is_live", result=False, surroundings={"conditions": {"is_live": True}}),
        check=_not_check,
        work=_not,
    ),
    "Fn::Not": Function(
        name="Fn::Not",
        form="[condition]",
        purpose="Whether a condition does not hold.",
        example=Example('"Fn::Not": [IsLive]', result=False, surroundings={"conditions": {"IsLive": True}}),
        check=_cfn_not_check,
        work=_cfn_not,
    ),
    "and": Function(
        name="and",
        form="[condition, condition, ...]",
        purpose="Whether all conditions hold.",
        example=Example("and: [is_live, true]", result=True, surroundings={"conditions": {"is_live": True}}),
        check=_several_check,
        work=_and,
    ),
    "Fn::And": Function(
        name="Fn::And",
        form="[condition, condition, ...]",
        purpose="Whether all conditions hold.",
        example=Example(
            '"Fn::And": [IsLive, false]', result=False, surroundings={"conditions": {"IsLive": True}}
        ),
        check=_several_check,
        work=_and,
    ),
    "or": Function(
        name="or",
        form="[condition, condition, ...]",
        purpose="Whether any condition holds.",
        example=Example("or: [is_live, false]", result=True, surroundings={"conditions": {"is_live": True}}),
        check=_several_check,
        work=_or,
    ),
    "Fn::Or": Function(
        name="Fn::Or",
        form="[condition, condition, ...]",
        purpose="Whether any condition holds.",
        example=Example(
            '"Fn::Or": [IsLive, true]', result=True, surroundings={"conditions": {"IsLive": False}}
        ),
        check=_several_check,
        work=_or,
    ),
}
