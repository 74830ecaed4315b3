"""A template that uses one resource type: what has to be given, with values that are right."""

from __future__ import annotations

from collections.abc import Mapping

from longshore.template.hot.types.schema import (
    Allowed,
    Form,
    Kind,
    Length,
    Multiple,
    Pattern,
    Property,
    Range,
    ResourceType,
    compiled,
)

VERSION = "2021-04-16"
"""The template version that examples are written in: the newest."""

_FORMS: dict[str, str] = {
    "allowed_address_pair": "192.0.2.10",
    "cron_expression": "0 3 * * *",
    "dns_domain": "example.com.",
    "dns_name": "web.example.com.",
    "expiration": "2030-01-01T00:00:00Z",
    "ip_addr": "192.0.2.10",
    "ip_or_cidr": "192.0.2.0/24",
    "iso_8601": "2030-01-01T00:00:00Z",
    "json_string": "{}",
    "mac_addr": "02:00:00:00:00:10",
    "neutron.network": "private",
    "neutron.port": "a-port",
    "neutron.router": "a-router",
    "neutron.subnet": "a-subnet",
    "net_cidr": "192.0.2.0/24",
    "nova.flavor": "m1.small",
    "nova.keypair": "my-key",
    "glance.image": "debian-12",
    "rel_dns_name": "web",
    "test_constr": "word",
    "timezone": "UTC",
}
"""Values of forms that have a name; of others the name itself stands for something of that sort."""

_TEXTS = (
    "web",
    "1",
    "a1",
    "192.0.2.10",
    "2030-01-01T00:00:00Z",
    "0" * 8,
    "a" * 32,
    "AA:BB",
    "10",
    "/dev/vdb",
    "2030-01-01 00:00",
)
"""What is tried where a text has to match a pattern, in turn."""


_ALSO: dict[str, tuple[str, ...]] = {
    "AWS::AutoScaling::AutoScalingGroup": ("LaunchConfigurationName",),
    "AWS::AutoScaling::LaunchConfiguration": ("ImageId", "InstanceType"),
    "AWS::EC2::EIPAssociation": ("EIP", "InstanceId"),
    "OS::Barbican::Order": ("algorithm", "bit_length"),
    "OS::Cinder::Quota": ("gigabytes",),
    "OS::Cinder::Volume": ("size",),
    "OS::Designate::Zone": ("email",),
    "OS::Mistral::CronTrigger": ("pattern",),
    "OS::Mistral::Workflow": ("tasks",),
    "OS::Neutron::Quota": ("network",),
    "OS::Neutron::RouterInterface": ("subnet",),
    "OS::Neutron::Subnet": ("cidr",),
    "OS::Nova::Quota": ("instances",),
    "OS::Nova::Server": ("image", "networks"),
    "OS::Octavia::Pool": ("listener",),
    "OS::Octavia::Quota": ("loadbalancer",),
}
"""What a type needs by its rules, of which no single property is required."""

_VALUES: dict[tuple[str, str], object] = {
    ("OS::Mistral::Workflow", "tasks"): [{"name": "hello", "action": "std.noop"}],
    ("OS::Nova::Server", "networks"): [{"network": "private"}],
    ("OS::Zaqar::Subscription", "subscriber"): "https://example.com/messages",
}
"""Values that no row tells of."""


def example(row: ResourceType) -> dict[str, object]:
    """A whole template with one resource of this type, as little as is right."""
    names = dict.fromkeys((*row.needs, *_ALSO.get(row.name, ())))
    needed = {n: _VALUES.get((row.name, n)) or _value(n, row.properties[n]) for n in names}
    resource: dict[str, object] = {"type": row.name}
    if needed:
        resource["properties"] = needed
    return {"heat_template_version": VERSION, "resources": {_name(row.name): resource}}


def _name(kind: str) -> str:
    """`my_server` for a server."""
    word = kind.rpartition("::")[2]
    cut = "".join(
        f"_{c}" if c.isupper() and i and not word[i - 1].isupper() else c for i, c in enumerate(word)
    )
    return f"my_{cut.lower()}"


def _value(name: str, row: Property) -> object:
    """A value that a property takes."""
    choice = next((each for each in row.constraints if isinstance(each, Allowed)), None)
    if choice is not None:
        return [choice.values[0]] if row.kind is Kind.LIST else choice.values[0]
    match row.kind:
        case Kind.STRING:
            return _text(name, row)
        case Kind.INTEGER | Kind.NUMBER:
            return _number(row)
        case Kind.BOOLEAN:
            return True
        case Kind.LIST:
            least = next((each.least or 1 for each in row.constraints if isinstance(each, Length)), 1)
            return [_value(name, row.items) if row.items is not None else "web"] * least
        case Kind.MAP:
            return _map(row.fields, row.needs)
        case Kind.ANY:
            return "web"


def _map(fields: Mapping[str, Property] | None, needs: tuple[str, ...]) -> dict[str, object]:
    if fields is None:
        return {"key": "value"}
    return {name: _value(name, fields[name]) for name in needs}


def _text(name: str, row: Property) -> str:
    for each in row.constraints:
        if isinstance(each, Form):
            return _FORMS.get(each.name, f"my-{each.name.rpartition('.')[2].replace('_', '-')}")
        if isinstance(each, Pattern):
            return next((text for text in _TEXTS if compiled(each.expression).fullmatch(text)), "web")
        if isinstance(each, Length) and (each.least or 0) > len(name) + 3:
            return "a" * (each.least or 0)
    return f"my-{name.replace('_', '-')}"


def _number(row: Property) -> int:
    least, step, offset = 1, 1, 0
    for each in row.constraints:
        if isinstance(each, Range):
            least = int(each.least if each.least is not None else min(1, each.most or 1))
        if isinstance(each, Multiple):
            step, offset = each.step, each.offset
    return least + (offset - least) % step
