"""In nested templates only names are checked, and the values that a type's own rules look at."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from longshore.template.findings import At, Findings
from longshore.template.hot.types import properties, registry, rules

LOOSE: list[tuple[str, Mapping[str, object], list[str]]] = [
    ("OS::Nova::Server", {"image": "i", "flavor": "f", "key_name": ["a"]}, []),
    ("OS::Nova::Server", {"image": "i"}, ["missing-property"]),
    ("OS::Nova::Server", {"image": ["i"], "flavor": "f"}, ["wrong-type image"]),
    ("OS::Nova::Server", {"flavor": "f"}, ["missing-property"]),
    ("OS::Nova::Server", {"image": "i", "flavor": "f", "imgae": 1}, ["unknown-property imgae"]),
    ("OS::Heat::RandomString", {"length": 5000}, []),
    ("OS::Heat::RandomString", {"length": "x"}, ["wrong-type length"]),
    ("OS::Heat::Value", {"type": "boolean", "value": "x"}, []),
    ("OS::Heat::Delay", {"min_wait": 99999}, []),
    ("OS::Neutron::Port", {}, []),
    ("OS::Neutron::Subnet", {"cidr": "10.0.0.0/24"}, []),
    ("OS::Neutron::Subnet", {"network": "a"}, ["missing-property"]),
    ("OS::Heat::SoftwareConfig", {"config": [1]}, []),
    ("OS::Heat::SoftwareDeployment", {"config": "a"}, ["missing-property"]),
    (
        "AWS::EC2::Instance",
        {"ImageId": "i", "InstanceType": "t", "Monitoring": True},
        ["bad-value Monitoring"],
    ),
    ("OS::Sahara::Job", {"anything": 1}, []),
]


@pytest.mark.parametrize(("kind", "values", "wanted"), LOOSE)
def test_within(kind: str, values: Mapping[str, object], wanted: list[str]) -> None:
    row = registry.find(kind)
    assert row is not None
    findings = Findings()
    properties.check_loosely(row, values, None, At(findings))
    assert [f"{each.code} {each.path}".strip() for each in findings.faults()] == wanted


def test_what_is_looked_at_is_there() -> None:
    for name in rules.LOOKED_AT:
        row = registry.find(name)
        assert row is not None
        assert set(rules.looked_at(row)) <= row.properties.keys(), name
