"""Which resources wait for others that they do not name.

A port waits for the subnets of its network, a public address for the gateway that leads outside, and so
on: the services need it so, and no template says it. The rules compare properties as Heat sees them
before anything is made. A value known only later is an empty text there, and so is the identity of
what the network service has not made yet: two such values are equal, which errs towards waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from longshore.model.unknown import Unknown
from longshore.template.hot.types import registry


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """A resource as others see it.

    Attributes:
        name: its name in the template.
        type: the registered type that it is.
        properties: as evaluated, with `get_resource` as a name.
        depends: what it names or refers to.
        metadata: as evaluated.
        plain: whether its type makes it, rather than a template in the place of the type.
    """

    name: str
    type: str
    properties: Mapping[str, object]
    depends: tuple[str, ...] = ()
    metadata: object = None
    plain: bool = True


def everything(resources: Mapping[str, Declared]) -> dict[str, tuple[str, ...]]:
    """What each resource waits for without naming it; those that wait for nothing are left out."""
    around = _Around(resources)
    waiting = (each for kind in _WAITS for each in around.of(kind) if each.plain)
    return {each.name: found for each in waiting if (found := _of(each, around))}


class _Around:
    """The resources of a template, by their types."""

    def __init__(self, resources: Mapping[str, Declared]) -> None:
        self.resources = resources
        self._by_type: dict[str, list[Declared]] = {}
        for each in resources.values():
            self._by_type.setdefault(_type(each), []).append(each)
        self._subnets: dict[str | None, list[str]] | None = None

    def of(self, kind: str) -> list[Declared]:
        """All resources of a type."""
        return self._by_type.get(kind, [])

    def subnets(self) -> dict[str | None, list[str]]:
        """The subnets by what is known of their network."""
        if self._subnets is None:
            self._subnets = {}
            for subnet in self.of("OS::Neutron::Subnet"):
                network = self.text(subnet, "network", "network_id")
                if network is not None:
                    self._subnets.setdefault(network, []).append(subnet.name)
        return self._subnets

    def text(self, resource: Declared, name: str, elder: str = "") -> str | None:
        """A property as Heat sees it before anything is made; None where it is not given."""
        given = resource.properties
        key = elder if elder in given else name
        return self.seen(given[key]) if key in given else None

    def seen(self, value: object) -> str:
        """A value as Heat sees it before anything is made."""
        if value is None or isinstance(value, Unknown):
            return ""
        text = str(value)
        if text in self.resources:
            row = registry.find(self.resources[text].type)
            return text if row is None or row.named else ""
        return text


def _of(resource: Declared, around: _Around) -> tuple[str, ...]:
    found = dict.fromkeys(_WAITS[_type(resource)](resource, around))
    found.pop(resource.name, None)
    return tuple(found)


def _type(resource: Declared) -> str:
    return registry.canonical(resource.type)


def _port(port: Declared, around: _Around) -> Iterator[str]:
    """A port may get an address of any subnet of its network."""
    network = around.text(port, "network", "network_id")
    if network is not None:
        yield from around.subnets().get(network, ())


def _server(server: Declared, around: _Around) -> Iterator[str]:
    """A server may get an address of any subnet of its networks, or of those nobody knows yet."""
    nets = server.properties.get("networks")
    if not isinstance(nets, list) or not nets:
        return
    wanted = {around.seen(net.get("uuid", net.get("network"))) for net in nets if isinstance(net, Mapping)}
    for network, subnets in around.subnets().items():
        if not network or "" in wanted or network in wanted:
            yield from subnets


def _router(router: Declared, around: _Around) -> Iterator[str]:
    """A router takes an address in each subnet of its outer network."""
    network = _outer_network(router, around)
    if network is not None:
        yield from around.subnets().get(network, ())


def _outer_network(router: Declared, around: _Around) -> str | None:
    gateway = router.properties.get("external_gateway_info")
    if not isinstance(gateway, Mapping) or "network" not in gateway:
        return None
    return around.seen(gateway["network"])


def _router_gateway(gateway: Declared, around: _Around) -> Iterator[str]:
    """The gateway of a router comes after its interfaces, and after the subnets outside."""
    yield from _interfaces_of(around.text(gateway, "router_id"), around)
    network = around.text(gateway, "network", "network_id")
    yield from around.subnets().get(network, ())


def _interfaces_of(router: str | None, around: _Around) -> Iterator[str]:
    for interface in around.of("OS::Neutron::RouterInterface"):
        if router is not None and around.text(interface, "router", "router_id") == router:
            yield interface.name


def _extra_route(route: Declared, around: _Around) -> Iterator[str]:
    """A route of a router comes after the router's interfaces and gateways."""
    router = around.text(route, "router_id")
    yield from _interfaces_of(router, around)
    for gateway in around.of("OS::Neutron::RouterGateway"):
        if router is not None and around.text(gateway, "router_id") == router:
            yield gateway.name


def _extra_routes(routes: Declared, around: _Around) -> Iterator[str]:
    return _interfaces_of(around.text(routes, "router"), around)


def _floating_ip(address: Declared, around: _Around) -> Iterator[str]:
    """A public address needs the way outside: gateways to its network, and to the subnet of its port."""
    network = around.text(address, "floating_network", "floating_network_id")
    if network is not None:
        for gateway in around.of("OS::Neutron::RouterGateway"):
            # A gateway whose network nobody knows yet is no match for anything.
            if network and around.text(gateway, "network", "network_id") == network:
                yield gateway.name
        for router in around.of("OS::Neutron::Router"):
            if _outer_network(router, around) == network:
                yield router.name
    ports = _ports_of(address, around)
    for interface in around.of("OS::Neutron::RouterInterface"):
        subnet = _interface_subnet(interface, around)
        if any(_reaches(port, subnet, around) for port in ports):
            yield interface.name


def _reaches(port: Declared, subnet: str, around: _Around) -> bool:
    fixed = _fixed_subnets(port, around)
    # Without addresses of its own a port may be in any subnet that nobody knows yet.
    return subnet in fixed if fixed else not subnet


def _association(association: Declared, around: _Around) -> Iterator[str]:
    """Tying an address to a port needs the interface to the port's first subnet."""
    ports = _ports_of(association, around)
    for interface in around.of("OS::Neutron::RouterInterface"):
        subnet = _interface_subnet(interface, around)
        if any(_fixed_subnets(port, around)[:1] == [subnet] for port in ports):
            yield interface.name


def _ports_of(resource: Declared, around: _Around) -> list[Declared]:
    named = (around.resources[name] for name in resource.depends if name in around.resources)
    return [each for each in named if _type(each) == "OS::Neutron::Port"]


def _fixed_subnets(port: Declared, around: _Around) -> list[str]:
    fixed = port.properties.get("fixed_ips")
    found = fixed if isinstance(fixed, list) else []
    return [around.seen(ip.get("subnet_id", ip.get("subnet"))) for ip in found if isinstance(ip, Mapping)]


def _interface_subnet(interface: Declared, around: _Around) -> str:
    return around.text(interface, "subnet", "subnet_id") or ""


def _vpc_gateway(gateway: Declared, around: _Around) -> Iterator[str]:
    """A gateway opens routers, which are the route tables of its VPC."""
    vpc = around.text(gateway, "VpcId")
    for table in around.of("AWS::EC2::RouteTable"):
        if vpc is not None and around.text(table, "VpcId") == vpc:
            yield table.name


_WAITS: dict[str, Callable[[Declared, _Around], Iterator[str]]] = {
    "AWS::EC2::VPCGatewayAttachment": _vpc_gateway,
    "OS::Neutron::ExtraRoute": _extra_route,
    "OS::Neutron::ExtraRouteSet": _extra_routes,
    "OS::Neutron::FloatingIP": _floating_ip,
    "OS::Neutron::FloatingIPAssociation": _association,
    "OS::Neutron::FloatingIPPortForward": _association,
    "OS::Neutron::Port": _port,
    "OS::Neutron::Router": _router,
    "OS::Neutron::RouterGateway": _router_gateway,
    "OS::Nova::Server": _server,
}
