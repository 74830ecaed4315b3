"""Functions that make text: joining, splitting, digests, addresses."""

from __future__ import annotations

import hashlib
import json
import urllib.parse
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


def _join_check(args: object) -> None:
    if not isinstance(shape(args), list):
        raise Wrong(f"takes a list, not {words(shape(args))}")
    parts(args, 2)


def _join_many_check(args: object) -> None:
    found = shape(args)
    if not isinstance(found, list):
        raise Wrong(f"takes a list, not {words(found)}")
    if len(found) < 2:
        raise Wrong("takes a delimiter and a list")


def _joining(item: Callable[[object], str], *, several: bool = False) -> Work:
    """The work of joining; `several`: whether it takes many lists, and whatever is empty for one."""

    def work(args: object, use: Use) -> object:
        assert isinstance(args, list)
        found: list[object] = []
        for index, items in enumerate(args[1:], 1):
            if items is None or (several and not items):
                continue
            if not isinstance(items, list | Unknown):
                raise Wrong(f"joins lists, this is {words(items)}", index)
            found.extend([items] if isinstance(items, Unknown) else items)
        delimiter = args[0] if args else None
        if not isinstance(delimiter, str | Unknown):
            raise Wrong(f"takes text as its delimiter, not {words(delimiter)}", 0)
        # What is known is looked at even where the whole is not.
        unknown = unknown_in([delimiter, *found])
        texts = [item(value) for value in found if unknown_in(value) is None]
        if unknown is not None:
            return unknown
        use.makes(sum(map(len, texts)) + len(str(delimiter)) * len(texts))
        return str(delimiter).join(texts)

    return work


def _text_only(item: object) -> str:
    if item is None:
        return ""
    if not isinstance(item, str):
        raise Wrong(f"joins text only, and one item is {words(item)}", 1)
    return item


def _text_or_json(item: object) -> str:
    if isinstance(item, list | dict):
        return json.dumps(item, sort_keys=True)
    if item is None or isinstance(item, str):
        return item or ""
    raise Wrong(f"joins text, lists and mappings, and one item is {words(item)}", 1)


def _str_split_check(args: object) -> None:
    if isinstance(shape(args), str | dict):
        raise Wrong(f"takes a list, not {words(shape(args))}")


def _str_split(args: object, use: Use) -> object:
    if not isinstance(args, list) or len(args) < 2:
        raise Wrong("takes a delimiter and a text")
    delimiter, text, *index = args
    if text is None:
        return None
    found = _split(delimiter, text, use)
    if not index:
        return found
    try:
        return found[int(index[0])]
    except (ValueError, TypeError):
        raise Wrong(f"takes a number as its index, not {words(index[0])}", 2) from None
    except IndexError:
        message = f"has {len(found)} parts here, so the index goes from 0 to {len(found) - 1}"
        raise Wrong(message, 2) from None


def _split(delimiter: object, text: object, use: Use) -> list[str]:
    if not isinstance(delimiter, str) or not delimiter:
        shown = "empty text" if delimiter == "" else words(delimiter)
        raise Wrong(f"takes text as its delimiter, not {shown}", 0)
    if not isinstance(text, str):
        raise Wrong(f"splits text, not {words(text)}", 1)
    use.makes(len(text))
    return text.split(delimiter)


def _cfn_split_check(args: object) -> None:
    if not isinstance(shape(args), list):
        raise Wrong(f"takes a list, not {words(shape(args))}")
    delimiter = parts(args, 2)[0]
    if not isinstance(delimiter, str):
        raise Wrong(f"takes text as its delimiter, not {words(delimiter)}", 0)


def _cfn_split(args: object, use: Use) -> object:
    delimiter, text = parts(args, 2)
    return list(_split(delimiter, text, use))


def _base64(args: object, _use: Use) -> object:
    if not isinstance(args, str):
        raise Wrong(f"takes text, not {words(args)}")
    return args


def _digest(args: object, use: Use) -> object:
    if not isinstance(args, list) or not all(isinstance(item, str) for item in args):
        raise Wrong("takes a list of two texts: an algorithm and a value")
    if len(args) != 2:
        raise Wrong(f"takes an algorithm and a value, not {len(args)} arguments")
    name, value = args
    use.makes(len(value))
    try:
        made = hashlib.new(name.lower())
        made.update(value.encode("latin-1"))
        return made.hexdigest()
    except UnicodeEncodeError:
        raise Wrong("takes a value of Latin-1 characters only", 1) from None
    except (ValueError, TypeError):
        known = sorted(hashlib.algorithms_guaranteed)
        raise Wrong(f'does not know the algorithm "{name}"', 0, word=name, among=known) from None


_URL_KEYS = ("scheme", "username", "password", "host", "port", "path", "query", "fragment")
_LAST_PORT = 65535


def _url_check(args: object) -> None:
    found = shape(args)
    if not isinstance(found, dict):
        raise Wrong(f"takes a mapping, not {words(found)}")
    for key, value in found.items():
        if key not in _URL_KEYS:
            raise Wrong(f'has no "{key}"', key, word=key, among=_URL_KEYS)
        if not is_call(value):
            _url_part(key, shape(value))


def _url_part(key: str, value: object) -> None:
    if key == "query":
        if not isinstance(value, dict):
            raise Wrong(f"takes a mapping as its query, not {words(value)}", key)
    elif key == "port":
        _port(value)
    elif not isinstance(value, str):
        raise Wrong(f"takes text as its {key}, not {words(value)}", key)


def _port(value: object) -> None:
    try:
        number = int(value) if isinstance(value, str | int | float) else 0
    except ValueError:
        raise Wrong(f'takes a number as its port, not "{value}"', "port") from None
    if not 0 < number <= _LAST_PORT:
        raise Wrong(f"takes a port from 1 to {_LAST_PORT}", "port")


def _make_url(args: object, use: Use) -> object:
    _url_check(args)
    assert isinstance(args, dict)
    use.makes(sum(len(str(value)) for value in args.values()))
    scheme = args.get("scheme", "")
    if ":" in scheme:
        raise Wrong('takes a scheme without ":"', "scheme")
    query = urllib.parse.urlencode(args.get("query", {})).replace("%2F", "/")
    path = urllib.parse.quote(args.get("path", ""))
    fragment = urllib.parse.quote(args.get("fragment", ""))
    return urllib.parse.urlunsplit((scheme, _authority(args), path, query, fragment))


def _authority(args: dict[str, object]) -> str:
    user = urllib.parse.quote(str(args.get("username", "")), safe="")
    password = urllib.parse.quote(str(args.get("password", "")), safe="")
    host = str(args.get("host", ""))
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    host = urllib.parse.quote(host, safe=":")
    # An IPv6 address stands in brackets, so that its colons are not taken for the port's.
    host = f"[{host}]" if ":" in host else host
    who = f"{user}:{password}@" if password else f"{user}@" if user else ""
    port = f":{args['port']}" if args.get("port") else ""
    return f"{who}{host}{port}"


FUNCTIONS: dict[str, Function] = {
    "list_join.one": Function(
        name="list_join",
        form="[delimiter, [text, ...]]",
        purpose="The texts of a list, joined.",
        example=Example('list_join: [", ", [a, b]]', "a, b"),
        check=_join_check,
        work=_joining(_text_only),
        mixed=True,
    ),
    "list_join": Function(
        name="list_join",
        form="[delimiter, [text, ...], ...]",
        purpose="The texts of lists, joined; lists and mappings among them are written as JSON.",
        example=Example('list_join: ["-", [a, b], [c]]', "a-b-c"),
        check=_join_many_check,
        work=_joining(_text_or_json, several=True),
        mixed=True,
    ),
    "Fn::Join": Function(
        name="Fn::Join",
        form="[delimiter, [text, ...]]",
        purpose="The texts of a list, joined.",
        example=Example('"Fn::Join": ["-", [a, b]]', "a-b"),
        check=_join_check,
        work=_joining(_text_only),
        mixed=True,
    ),
    "str_split": Function(
        name="str_split",
        form="[delimiter, text, index (may be left out)]",
        purpose="The parts of a text, or one of them.",
        example=Example('str_split: [",", "a,b", 1]', "b"),
        check=_str_split_check,
        work=_str_split,
    ),
    "Fn::Split": Function(
        name="Fn::Split",
        form="[delimiter, text]",
        purpose="The parts of a text.",
        example=Example('"Fn::Split": [",", "a,b"]', ["a", "b"]),
        check=_cfn_split_check,
        work=_cfn_split,
    ),
    "Fn::Base64": Function(
        name="Fn::Base64",
        form="text",
        purpose="The text itself: Heat encodes it where the cloud wants it so.",
        example=Example('"Fn::Base64": echo', "echo"),
        work=_base64,
    ),
    "digest": Function(
        name="digest",
        form="[algorithm, text]",
        purpose="The digest of a text, in hexadecimal.",
        example=Example("digest: [md5, longshore]", "24803db8f1a58c9841a810cb0dcf89b8"),
        work=_digest,
    ),
    "make_url": Function(
        name="make_url",
        form=f"{{{', '.join(_URL_KEYS)}}}, any of them",
        purpose="An address from its parts, each quoted as it has to be.",
        example=Example(
            "make_url: {scheme: https, host: shop.example, port: 8443, path: /a b, query: {q: x/y}}",
            "https://shop.example:8443/a%20b?q=x/y",
        ),
        check=_url_check,
        work=_make_url,
    ),
}
