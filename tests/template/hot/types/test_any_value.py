"""Whatever a template gives a resource, checking it ends with faults at most, never with an error."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from longshore.model.unknown import Unknown
from longshore.template.findings import At, Findings
from longshore.template.hot.types import between, properties, registry
from longshore.template.hot.types.implied import Declared, everything
from longshore.template.hot.types.schema import Property, ResourceType

ROWS = tuple(registry.every())
RULED = tuple(row for row in ROWS if row.name.startswith(("OS::Neutron", "OS::Nova", "OS::Heat", "AWS")))

plain = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "a", "10.0.0.0/24", "true", "5", "r0", "r1", "SOFTWARE_CONFIG"])
    | st.just(Unknown(resource="r0", attribute="id"))
)
anything = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)


def shaped(prop: Property) -> st.SearchStrategy[object]:
    """Values of about the right shape, so that the rules behind the conversion are reached."""
    if prop.items is not None:
        return st.lists(shaped(prop.items), max_size=2) | anything
    if prop.fields is not None:
        fields = {name: shaped(inner) for name, inner in prop.fields.items()}
        return st.fixed_dictionaries({}, optional=fields) | anything
    choices = [value for each in prop.constraints for value in getattr(each, "values", ())]
    return (st.sampled_from(choices) | anything) if choices else anything


def resources(rows: tuple[ResourceType, ...]) -> st.SearchStrategy[tuple[ResourceType, dict[str, object]]]:
    def given_to(row: ResourceType) -> st.SearchStrategy[tuple[ResourceType, dict[str, object]]]:
        fields = {name: shaped(prop) for name, prop in row.properties.items()}
        known = st.fixed_dictionaries({}, optional=fields)
        more = st.dictionaries(st.text(max_size=4), anything, max_size=1)
        return st.builds(lambda a, b: (row, {**b, **a}), known, more)

    return st.sampled_from(rows).flatmap(given_to)


@settings(max_examples=80, deadline=None)
@given(resources(ROWS), st.booleans())
def test_a_resource(resource: tuple[ResourceType, dict[str, object]], nested: bool) -> None:
    row, values = resource
    at = At(Findings())
    if nested:
        properties.check_loosely(row, values, None, at)
    else:
        found = properties.check(row, values, None, at)
        again = At(Findings())
        if at.findings.clean and not row.placeholder:
            # What came out goes in again: it is of the kinds the row asks for.
            assert properties.check(row, found, None, again) == found
            assert again.findings.clean


@settings(max_examples=50, deadline=None)
@given(st.lists(resources(RULED), min_size=1, max_size=5))
def test_resources_together(several: list[tuple[ResourceType, dict[str, object]]]) -> None:
    declared = {
        f"r{i}": Declared(name=f"r{i}", type=row.name, properties=values, depends=("r0",))
        for i, (row, values) in enumerate(several)
    }
    waits = everything(declared)
    for name in declared:
        assert name not in waits.get(name, ())
        assert set(waits.get(name, ())) <= declared.keys()
        between.check(name, declared, waits.get(name, ()), None, At(Findings()))
