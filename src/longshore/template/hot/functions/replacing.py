"""Functions that fill words of a text in: `str_replace` and its kin.

The longest words come first, and what was filled in is not looked at again: `IP` may stand for a
text that holds `IP`.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from longshore.model.unknown import Unknown
from longshore.template.hot.functions.row import (
    Example,
    Function,
    Use,
    Work,
    Wrong,
    is_call,
    parts,
    shape,
    unknown_in,
    words,
)

Written = Callable[[object, str], str]


def _replace_check(args: object) -> None:
    found = shape(args)
    if not isinstance(found, dict):
        raise Wrong(f"takes a mapping with template and params, not {words(found)}")
    for key in ("template", "params"):
        if key not in found:
            raise Wrong(f"has no {key}")
    _params_check(found["params"], "params")


def _params_check(params: object, step: object) -> None:
    if not is_call(params) and not isinstance(shape(params), dict):
        raise Wrong(f"takes a mapping of what to replace, not {words(shape(params))}", step)


def _cfn_replace_check(args: object) -> None:
    if not isinstance(shape(args), list):
        raise Wrong(f"takes a list, not {words(shape(args))}")
    _params_check(parts(args, 2)[0], 0)


def _plain(value: object, name: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        raise Wrong(f'fills in text and numbers; "{name}" is {words(value)}', "params", name)
    return str(value)


def _json(value: object, name: str) -> str:
    if value is None:
        return ""
    return json.dumps(value, sort_keys=True) if isinstance(value, list | dict) else _plain(value, name)


def _full(value: object, name: str) -> str:
    text = "" if value in ({}, []) else _json(value, name)
    if not text:
        raise Wrong(f'fills in nothing empty; "{name}" is', "params", name)
    return text


def _replacing(written: Written, *, strict: bool = False) -> Work:
    def work(args: object, use: Use) -> object:
        if isinstance(args, Unknown):
            return args
        assert isinstance(args, dict)
        return _fill(args.get("template"), args.get("params"), use, written, strict=strict)

    return work


def _cfn_replace(args: object, use: Use) -> object:
    params, template = parts(args, 2)
    return _fill(template, params, use, _plain, strict=False)


def _fill(template: object, params: object, use: Use, written: Written, *, strict: bool) -> object:
    if not isinstance(template, str | Unknown):
        raise Wrong(f"takes text as its template, not {words(template)}", "template")
    if not isinstance(params, dict | Unknown):
        raise Wrong(f"takes a mapping of what to replace, not {words(params)}", "params")
    if isinstance(template, Unknown) or isinstance(params, Unknown):
        return template if isinstance(template, Unknown) else params
    if (unknown := unknown_in(params)) is not None:
        # What is known is looked at even where the whole is not.
        for name, value in params.items():
            if unknown_in(value) is None:
                written(value, name)
        return unknown
    if len(params) == 1 and not strict:
        return _fill_one(template, params, use, written)
    return _fill_all(template, params, use, written, strict=strict)


def _fill_one(template: str, params: dict[str, object], use: Use, written: Written) -> str:
    """The usual case, at the speed of the machine."""
    ((name, value),) = params.items()
    if not name:
        raise Wrong("replaces a word, and this one is empty", "params", name)
    text = written(value, name)
    use.makes(len(template) + template.count(name) * len(text))
    return template.replace(name, text)


def _fill_all(template: str, params: dict[str, object], use: Use, written: Written, *, strict: bool) -> str:
    """Longest words first, and what is filled in is not looked at again."""
    # Every second piece is text of the template; between them stands what was filled in.
    pieces = [template]
    unused: list[str] = []
    for name in sorted(sorted(params), key=len, reverse=True):
        if not name:
            raise Wrong("replaces a word, and this one is empty", "params", name)
        text = written(params[name], name)
        use.makes(len(template) + len(pieces))
        if not any(name in piece for piece in pieces[::2]):
            unused.append(name)
            continue
        pieces = _split_all(pieces, name, text)
    if strict and unused:
        raise Wrong(f"has params that the template does not hold: {', '.join(unused)}", "params")
    use.makes(sum(map(len, pieces)))
    return "".join(pieces)


def _split_all(pieces: list[str], name: str, text: str) -> list[str]:
    found: list[str] = []
    for index, piece in enumerate(pieces):
        if index % 2 or name not in piece:
            found.append(piece)
            continue
        for part in piece.split(name):
            found.extend((part, text))
        found.pop()
    return found


_REPLACE_FORM = "{template: text, params: {word: value, ...}}"
_REPLACE_PURPOSE = "Text with words replaced by values"
_FILL = "{template: host=IP, params: {IP: 10.0.0.5}}"

FUNCTIONS: dict[str, Function] = {
    "str_replace.plain": Function(
        name="str_replace",
        form=_REPLACE_FORM,
        purpose=f"{_REPLACE_PURPOSE}: text and numbers.",
        example=Example(f"str_replace: {_FILL}", "host=10.0.0.5"),
        check=_replace_check,
        work=_replacing(_plain),
        mixed=True,
    ),
    "str_replace": Function(
        name="str_replace",
        form=_REPLACE_FORM,
        purpose=f"{_REPLACE_PURPOSE}; lists and mappings are written as JSON.",
        example=Example(
            "str_replace: {template: servers=LIST, params: {LIST: [a, b]}}", 'servers=["a", "b"]'
        ),
        check=_replace_check,
        work=_replacing(_json),
        mixed=True,
    ),
    "str_replace_strict": Function(
        name="str_replace_strict",
        form=_REPLACE_FORM,
        purpose=f"{_REPLACE_PURPOSE}; every word has to be found.",
        example=Example(f"str_replace_strict: {_FILL}", "host=10.0.0.5"),
        check=_replace_check,
        work=_replacing(_json, strict=True),
        mixed=True,
    ),
    "str_replace_vstrict": Function(
        name="str_replace_vstrict",
        form=_REPLACE_FORM,
        purpose=f"{_REPLACE_PURPOSE}; every word has to be found, and no value may be empty.",
        example=Example(f"str_replace_vstrict: {_FILL}", "host=10.0.0.5"),
        check=_replace_check,
        work=_replacing(_full, strict=True),
        mixed=True,
    ),
    "Fn::Replace": Function(
        name="Fn::Replace",
        form="[{word: value, ...}, text]",
        purpose=f"{_REPLACE_PURPOSE}: text and numbers.",
        example=Example('"Fn::Replace": [{IP: 10.0.0.5}, host=IP]', "host=10.0.0.5"),
        check=_cfn_replace_check,
        work=_cfn_replace,
        mixed=True,
    ),
}
