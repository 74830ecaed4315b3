"""Resources wait for others that they do not name, as the services behind them need it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from longshore.model.unknown import Unknown
from longshore.template.hot.types.implied import Declared, everything

CASES = Path(__file__).parents[5] / "shared" / "cases" / "hot.jsonl"

NET, SUBNET, PORT = "OS::Neutron::Net", "OS::Neutron::Subnet", "OS::Neutron::Port"
ROUTER, INTERFACE, GATEWAY = (
    "OS::Neutron::Router",
    "OS::Neutron::RouterInterface",
    "OS::Neutron::RouterGateway",
)
ADDRESS, TIE, SERVER = "OS::Neutron::FloatingIP", "OS::Neutron::FloatingIPAssociation", "OS::Nova::Server"
LATER = Unknown(resource="x", attribute="id")

Scene = dict[str, tuple[str, dict[str, object]]]


def waits(scene: Scene, **depends: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return everything(
        {
            name: Declared(name=name, type=kind, properties=given, depends=depends.get(name, ()))
            for name, (kind, given) in scene.items()
        }
    )


SCENES: dict[str, tuple[Scene, dict[str, tuple[str, ...]]]] = {
    "a port waits for the subnets of its network": (
        {
            "sub": (SUBNET, {"network": "blue"}),
            "other": (SUBNET, {"network_id": "red"}),
            "port": (PORT, {"network_id": "blue"}),
        },
        {"port": ("sub",)},
    ),
    "networks that are not made yet are all alike": (
        {
            "a": (NET, {}),
            "b": (NET, {}),
            "sub_a": (SUBNET, {"network": "a"}),
            "sub_b": (SUBNET, {"network": "b"}),
            "port": (PORT, {"network": "a"}),
        },
        {"port": ("sub_a", "sub_b")},
    ),
    "a server waits for the subnets of its networks": (
        {
            "sub": (SUBNET, {"network": "blue"}),
            "other": (SUBNET, {"network": "red"}),
            "server": (SERVER, {"networks": [{"uuid": "blue"}]}),
        },
        {"server": ("sub",)},
    ),
    "a server with a port of its own waits for all subnets": (
        {
            "sub": (SUBNET, {"network": "blue"}),
            "server": (SERVER, {"networks": [{"port": LATER}]}),
        },
        {"server": ("sub",)},
    ),
    "a server without networks waits for none": (
        {"sub": (SUBNET, {"network": "blue"}), "server": (SERVER, {"networks": []})},
        {},
    ),
    "a router waits for the subnets outside": (
        {
            "sub": (SUBNET, {"network": "public"}),
            "router": (ROUTER, {"external_gateway_info": {"network": "public"}}),
        },
        {"router": ("sub",)},
    ),
    "a gateway comes after interfaces and subnets": (
        {
            "router": (ROUTER, {}),
            "sub": (SUBNET, {"network": "public"}),
            "inner": (INTERFACE, {"router": "router", "subnet": "s"}),
            "gateway": (GATEWAY, {"router_id": "router", "network": "public"}),
        },
        {"gateway": ("inner", "sub")},
    ),
    "an address waits for the way outside": (
        {
            "gateway": (GATEWAY, {"router_id": "r", "network": "public"}),
            "router": (ROUTER, {"external_gateway_info": {"network": "public"}}),
            "other": (ROUTER, {"external_gateway_info": {"network": "private"}}),
            "address": (ADDRESS, {"floating_network": "public"}),
        },
        {"address": ("gateway", "router")},
    ),
    "routes come after interfaces and gateways": (
        {
            "inner": (INTERFACE, {"router_id": "r", "subnet": "s"}),
            "outer": (GATEWAY, {"router_id": "r", "network": "n"}),
            "elsewhere": (INTERFACE, {"router_id": "q", "subnet": "s"}),
            "route": ("OS::Neutron::ExtraRoute", {"router_id": "r"}),
            "routes": ("OS::Neutron::ExtraRouteSet", {"router": "r"}),
        },
        {"outer": ("inner",), "route": ("inner", "outer"), "routes": ("inner",)},
    ),
    "the gateway of a VPC opens its route tables": (
        {
            "table": ("AWS::EC2::RouteTable", {"VpcId": "vpc"}),
            "other": ("AWS::EC2::RouteTable", {"VpcId": "another"}),
            "open": ("AWS::EC2::VPCGatewayAttachment", {"VpcId": "vpc"}),
        },
        {"open": ("table",)},
    ),
    "elder names count": (
        {
            "sub": ("OS::Quantum::Subnet", {"network_id": "n"}),
            "port": ("OS::Quantum::Port", {"network_id": "n"}),
        },
        {"port": ("sub",)},
    ),
}


@pytest.mark.parametrize(("scene", "wanted"), SCENES.values(), ids=SCENES.keys())
def test_scene(scene: Scene, wanted: dict[str, tuple[str, ...]]) -> None:
    assert waits(scene) == wanted


TIED: Scene = {
    "sub": (SUBNET, {"network": "n"}),
    "port": (PORT, {"network": "m", "fixed_ips": [{"subnet": "sub"}]}),
    "inner": (INTERFACE, {"router": "r", "subnet": "sub"}),
    "address": (ADDRESS, {"floating_network": "public", "port_id": "port"}),
    "tie": (TIE, {"floatingip_id": "address", "port_id": "port"}),
}


def test_an_address_of_a_port_waits_for_the_interface_of_its_subnet() -> None:
    assert waits(TIED, address=("port",), tie=("address", "port")) == {
        "address": ("inner",),
        "tie": ("inner",),
    }


def test_an_address_without_that_port_does_not() -> None:
    assert waits(TIED) == {}


def test_a_template_in_the_place_of_a_type_waits_for_nothing_unnamed() -> None:
    found = everything(
        {
            "sub": Declared(name="sub", type=SUBNET, properties={"network": "n"}),
            "port": Declared(name="port", type=PORT, properties={"network": "n"}, plain=False),
        }
    )
    assert found == {}


@pytest.mark.skipif(not CASES.exists(), reason="the shared cases are not here")
def test_the_order_is_heats_in_every_case() -> None:
    differing: list[str] = []
    compared = 0
    for line in CASES.read_text().splitlines():
        record = json.loads(line)
        told = record["oracle"]
        if not told["outcome"].startswith("accepted"):
            continue
        named = {(who, what) for who, what in told["edges_explicit"]}
        declared = {
            name: Declared(
                name=name,
                type=each["type"],
                properties=told["resolved"].get(name, {}).get("properties") or {},
                depends=tuple(what for who, what in named if who == name),
            )
            for name, each in told["resources"].items()
        }
        found = {(who, what) for who, others in everything(declared).items() for what in others}
        compared += 1
        if found | named != {(who, what) for who, what in told["edges"]}:
            differing.append(record["case"]["id"])
    assert compared > 300
    assert differing == []
