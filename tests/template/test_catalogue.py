"""Every resource type is told of, and its example is right by its own row."""

from typing import Any

import pytest

from longshore.template import catalogue
from longshore.template.findings import At, Findings
from longshore.template.hot.types import registry
from longshore.template.hot.types.properties import check


@pytest.mark.parametrize("name", registry.names())
def test_a_type_has_an_example_that_is_right(name: str) -> None:
    view = catalogue.type_named(name)
    assert view is not None
    resources: Any = view.example["resources"]
    (resource,) = resources.values()
    assert resource["type"] == name
    row = registry.find(name)
    assert row is not None
    findings = Findings()
    check(row, resource.get("properties", {}), None, At(findings))
    assert [fault.message for fault in findings.faults()] == []


def test_versions_are_known_by_date_and_by_release() -> None:
    by_date, by_release = catalogue.functions("2021-04-16"), catalogue.functions("wallaby")
    assert by_date is not None
    assert by_date == by_release
    assert catalogue.functions("2021") is None
