"""Types are found by name, by an elder name, and only where somebody registered them."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from longshore.template.hot.types import registry


def test_the_index_tells_what_the_modules_hold() -> None:
    for module, words in registry.PLACES.items():
        rows = importlib.import_module(f"longshore.template.hot.types.{module}").ROWS
        assert sorted(words.split()) == sorted(rows)
        assert all(row.name == name for name, row in rows.items())


@pytest.mark.parametrize(
    ("elder", "today"),
    [
        ("OS::Quantum::Net", "OS::Neutron::Net"),
        ("OS::Metering::Alarm", "OS::Aodh::Alarm"),
        ("OS::Ceilometer::Alarm", "OS::Aodh::Alarm"),
        ("OS::Ceilometer::CombinationAlarm", "OS::Aodh::CombinationAlarm"),
    ],
)
def test_elder_names_are_known(elder: str, today: str) -> None:
    row = registry.find(elder)
    assert row is not None
    assert row.name == today


@pytest.mark.parametrize(
    "name", ["OS::BAR::FOO", "Mock::AWS::LB", "OS::Test::GenericResource", "os::nova::server", ""]
)
def test_what_nobody_registered_is_not_found(name: str) -> None:
    assert registry.find(name) is None


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("OS::Nova::Sever", "OS::Nova::Server"),
        ("os::neutron::port", "OS::Neutron::Port"),
        ("OS::Heat::RandomStrings", "OS::Heat::RandomString"),
        ("x" * 5000, ""),
    ],
)
def test_the_nearest_name(wrong: str, right: str) -> None:
    assert registry.near(wrong) == right


def test_one_type_loads_one_module() -> None:
    code = (
        "import sys\n"
        "from longshore.template.hot.types import registry\n"
        "registry.find('OS::Nova::KeyPair')\n"
        "names = {f'longshore.template.hot.types.{each}' for each in registry.PLACES}\n"
        "print(*sorted(names & sys.modules.keys()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["longshore.template.hot.types.nova"]
