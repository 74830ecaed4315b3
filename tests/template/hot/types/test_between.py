"""What one resource has to be for another that uses it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from longshore.model.unknown import Unknown
from longshore.template.findings import At, Findings
from longshore.template.hot.types import between
from longshore.template.hot.types.implied import Declared

DEPLOYMENT, SERVER = "OS::Heat::SoftwareDeployment", "OS::Nova::Server"
LATER = Unknown(resource="x", attribute="y")
SOFTWARE = {"user_data_format": "SOFTWARE_CONFIG"}


def told(about: Declared, *others: Declared, waits: tuple[str, ...] = ()) -> list[str]:
    findings = Findings()
    resources = {each.name: each for each in (about, *others)}
    between.check(about.name, resources, waits, None, At(findings, "p"))
    return [f"{each.code} {each.path}" for each in findings.faults()]


def declared(
    kind: str, properties: Mapping[str, object], name: str = "it", metadata: object = None
) -> Declared:
    return Declared(name=name, type=kind, properties=properties, metadata=metadata)


@pytest.mark.parametrize(
    ("server", "wanted"),
    [
        (declared(SERVER, SOFTWARE, "web"), []),
        (declared(SERVER, {"user_data_format": "RAW"}, "web"), ["conflict p.server"]),
        (declared(SERVER, {}, "web"), ["conflict p.server"]),
        (declared("OS::Heat::DeployedServer", {}, "web"), []),
        (declared(SERVER, {}, "other"), []),
    ],
)
def test_software_is_deployed_on_servers_made_for_it(server: Declared, wanted: list[str]) -> None:
    assert told(declared(DEPLOYMENT, {"server": "web"}), server) == wanted


def test_deployments_of_a_server_are_not_the_users_to_tell() -> None:
    assert told(declared(SERVER, SOFTWARE, metadata={"deployments": []})) == ["conflict p"]
    assert told(declared(SERVER, {}, metadata={"deployments": []})) == []
    assert told(declared(SERVER, SOFTWARE, metadata={"other": []})) == []


def test_a_group_waits_for_its_launch_configuration() -> None:
    group = declared("OS::Heat::InstanceGroup", {"LaunchConfigurationName": "launch"})
    launch = declared("AWS::AutoScaling::LaunchConfiguration", {}, "launch")
    assert told(group, launch, waits=("launch",)) == []
    assert told(group, launch) == ["bad-value p.LaunchConfigurationName"]
    assert told(group) == ["unknown-resource p.LaunchConfigurationName"]
    assert told(group, declared(SERVER, {}, "launch"), waits=("launch",)) == [
        "bad-value p.LaunchConfigurationName"
    ]
    later = declared("OS::Heat::InstanceGroup", {"LaunchConfigurationName": LATER})
    assert told(later) == ["bad-value p.LaunchConfigurationName"]
    like = declared("AWS::AutoScaling::AutoScalingGroup", {"InstanceId": "web"})
    assert told(like) == []


def test_a_policy_is_about_resources_that_are_there() -> None:
    policy = declared("OS::Heat::AccessPolicy", {"AllowedResources": ["web", "gone"]})
    assert told(policy, declared(SERVER, {}, "web")) == ["unknown-resource p.AllowedResources[1]"]


def test_a_template_in_the_place_of_a_type_keeps_no_such_rule() -> None:
    policy = Declared(
        name="it", type="OS::Heat::AccessPolicy", properties={"AllowedResources": ["gone"]}, plain=False
    )
    assert told(policy) == []
