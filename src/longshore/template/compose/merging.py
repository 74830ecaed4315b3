"""How Compose joins several files: the keys where lists are not put end to end, and what is taken back.

`!reset` takes back what earlier files, or an extended service, say at a place; `!override` does so and
puts its own value there. A value that is nothing takes nothing away.
"""

from __future__ import annotations

from longshore.template.compose import ports, volumes
from longshore.template.merge import Rule, Way, merge, replace, unique
from longshore.template.nodes import Map, Node, Scalar, Seq, is_nothing, remade, string_of

_SERVICE: Way = ("services", "*")
_RESET = "!reset"


def strip(node: Node, way: Way = ()) -> tuple[Node | None, list[Way]]:
    """A tree without its tags, and the places that they take back; None: nothing is left of it."""
    if node.tag:
        return (None if node.tag == _RESET else node), [way]
    if isinstance(node, Scalar):
        return node, []
    found: list[Way] = []
    if isinstance(node, Seq):
        kept: list[Node] = []
        for i, item in enumerate(node.items):
            left, taken = strip(item, (*way, str(i)))
            found += taken
            if left is not None:
                kept.append(left)
        return (Seq(tuple(kept), node.mark) if found else node), found
    items: dict[str, Node] = {}
    for key, value in node.items.items():
        left, taken = strip(value, (*way, key))
        found += taken
        if left is not None:
            items[key] = left
    return (Map(items, node.keyed, node.mark, node.typed) if found else node), found


def is_tagged(node: Node) -> bool:
    """Whether anything in a tree bears a tag."""
    if node.tag:
        return True
    if isinstance(node, Map):
        return any(map(is_tagged, node.items.values()))
    return isinstance(node, Seq) and any(map(is_tagged, node.items))


def without(node: Node, ways: list[Way]) -> Node:
    """A tree without what lies at some places; a place within a list is left alone."""
    if not isinstance(node, Map) or not ways or not node.items:
        return node
    items: dict[str, Node] = {}
    for key, value in node.items.items():
        below = [way[1:] for way in ways if way and way[0] == key]
        if () not in below:
            items[key] = without(value, below)
    return Map(items, node.keyed, node.mark)


_OWN_WAYS = {
    "command",
    "entrypoint",
    "environment",
    "labels",
    "annotations",
    "sysctls",
    "extra_hosts",
    "args",
}
"""Where nothing is a value of its own."""


def settled(over: Node, base: Node) -> Node:
    """A later tree without the values that are nothing where the earlier one has something."""
    if not isinstance(over, Map) or not isinstance(base, Map) or not base.items:
        return over
    items: dict[str, Node] = {}
    for key, value in over.items.items():
        if key in _OWN_WAYS or key not in base.items:
            items[key] = value
        elif not is_nothing(value):
            items[key] = settled(value, base.items[key])
    return Map(items, over.keyed, over.mark, over.typed)


def _field(*names: str, home: str = "") -> Rule:
    """Items are the same where the first of these fields that is given is."""

    def key(item: Node) -> object:
        if not isinstance(item, Map):
            return string_of(item)
        first = next((n for n in names if item.get(n) is not None), names[0])
        said = string_of(item.get(first))
        return said if first == names[0] else home + said

    return unique(key)


def _name(item: Node) -> object:
    """What stands before `=`: how Compose knows options, ports and the like again."""
    return string_of(item).partition("=")[0]


def _hosts(base: Node, over: Node) -> Node:
    """Addresses of both, each once."""
    if not isinstance(base, Map) or not isinstance(over, Map):
        return over
    items, marks = dict(base.items), dict(base.marks)
    for name, value in over.items.items():
        known = items.get(name)
        items[name] = unique(string_of)(known, value) if known is not None else value
        marks.setdefault(name, over.at(name))
    return Map(items, marks, base.mark)


def _logging(base: Node, over: Node) -> Node:
    """Options are joined only where both mean the same driver, or one names none."""
    if not isinstance(base, Map) or not isinstance(over, Map):
        return over
    before, after = base.get("driver"), over.get("driver")
    if before is None or after is None or string_of(before) == string_of(after):
        return merge(base, over, {})
    return over


def _subnets(base: Node, over: Node) -> Node:
    """Address ranges are known by their subnet."""
    if not isinstance(base, Seq) or not isinstance(over, Seq):
        return over
    later = {string_of(s.get("subnet")): s for s in over.items if isinstance(s, Map)}
    earlier = {string_of(s.get("subnet")): s for s in base.items if isinstance(s, Map)}
    kept = [merge(s, later[name], {}) if name in later else s for name, s in earlier.items()]
    return Seq((*kept, *(s for name, s in later.items() if name not in earlier)), base.mark)


def _pair(base: Node, over: Node) -> Node:
    """Of pairs the later holds, also where it is nothing: then it is the client's own."""
    if not isinstance(base, Map) or not isinstance(over, Map):
        return over
    marks = {**base.marks, **over.marks}
    return Map({**base.items, **over.items}, marks, base.mark)


_PAIRS: tuple[Way, ...] = (
    *((*_SERVICE, key) for key in ("environment", "labels", "annotations", "sysctls", "ulimits")),
    *((*_SERVICE, "build", key) for key in ("args", "labels", "additional_contexts")),
    (*_SERVICE, "deploy", "labels"),
    ("networks", "*", "labels"),
    ("volumes", "*", "labels"),
)

_NAMED = ("cap_add", "cap_drop", "dns", "dns_opt", "dns_search", "expose", "links", "profiles", "tmpfs")

_ONCE: dict[str, Rule] = {
    **{key: unique(_name) for key in _NAMED},
    "configs": _field("target", "source", home="/"),
    "devices": _field("target"),
    "env_file": _field("path"),
    "ports": unique(ports.identity),
    "secrets": _field("target", "source", home="/run/secrets/"),
    "volumes": unique(volumes.target_of),
}
"""Lists of a service that say each thing once, in one file as in several."""

_TAGS = unique(_name)

RULES: dict[Way, Rule] = {
    **dict.fromkeys(_PAIRS, _pair),
    **{(*_SERVICE, key): rule for key, rule in _ONCE.items()},
    (*_SERVICE, "build", "tags"): _TAGS,
    (*_SERVICE, "build", "extra_hosts"): _hosts,
    (*_SERVICE, "command"): replace,
    (*_SERVICE, "entrypoint"): replace,
    (*_SERVICE, "extra_hosts"): _hosts,
    (*_SERVICE, "healthcheck", "test"): replace,
    (*_SERVICE, "logging"): _logging,
    ("networks", "*", "ipam", "config"): _subnets,
}


def unified(service: Node) -> Node:
    """A service in long form, with each thing said once."""
    if not isinstance(service, Map):
        return service
    items = dict(service.items)
    for key, rule in _ONCE.items():
        node = items.get(key)
        if isinstance(node, Seq) and len(node.items) > 1:
            once = rule(Seq((), node.mark), node)
            items[key] = once if isinstance(once, Seq) and len(once.items) < len(node.items) else node
    build = items.get("build")
    if isinstance(build, Map) and isinstance(tags := build.get("tags"), Seq):
        single = {**build.items, "tags": _TAGS(Seq((), tags.mark), tags)}
        items["build"] = Map(single, build.keyed, build.mark)
    return remade(service, items)
