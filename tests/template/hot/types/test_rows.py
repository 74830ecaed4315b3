"""Every row of a resource type is well made: it holds of its own defaults and examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from longshore.template.findings import At, Findings
from longshore.template.hot.types import forms, properties, registry, rules
from longshore.template.hot.types.example import example
from longshore.template.hot.types.schema import Form, Pattern, Property, ResourceType, compiled

ROWS = tuple(registry.every())

_NAMED = """
OS::Heat::None OS::Heat::Value OS::Heat::Stack OS::Heat::Delay OS::Heat::RandomString
OS::Heat::ResourceGroup OS::Heat::ResourceChain OS::Heat::AutoScalingGroup OS::Heat::InstanceGroup
OS::Heat::ScalingPolicy OS::Heat::SoftwareConfig OS::Heat::SoftwareComponent OS::Heat::SoftwareDeployment
OS::Heat::StructuredConfig OS::Heat::SoftwareDeploymentGroup OS::Heat::StructuredDeployment
OS::Heat::StructuredDeploymentGroup OS::Heat::CloudConfig OS::Heat::MultipartMime OS::Heat::DeployedServer
OS::Heat::AccessPolicy OS::Heat::WaitCondition OS::Heat::WaitConditionHandle
OS::Heat::UpdateWaitConditionHandle OS::Heat::SwiftSignal OS::Heat::SwiftSignalHandle OS::Heat::TestResource
OS::Heat::HARestarter DockerInc::Docker::Container OS::Nova::Server OS::Nova::ServerGroup OS::Nova::KeyPair
OS::Nova::Flavor OS::Neutron::Net OS::Neutron::Subnet OS::Neutron::Port OS::Neutron::Router
OS::Neutron::RouterInterface OS::Neutron::SecurityGroup OS::Neutron::SecurityGroupRule
OS::Neutron::FloatingIP OS::Neutron::FloatingIPAssociation OS::Cinder::Volume OS::Cinder::VolumeAttachment
OS::Zun::Container OS::Magnum::Cluster OS::Magnum::ClusterTemplate OS::Trove::Instance OS::Zaqar::Queue
OS::Swift::Container OS::Sahara::Cluster OS::Sahara::ClusterTemplate OS::Sahara::NodeGroupTemplate
OS::Sahara::DataSource OS::Sahara::ImageRegistry OS::Sahara::Job OS::Sahara::JobBinary
OS::Octavia::LoadBalancer OS::Octavia::Listener OS::Octavia::Pool OS::Octavia::PoolMember
OS::Octavia::HealthMonitor OS::Octavia::L7Policy OS::Octavia::L7Rule OS::Octavia::Quota OS::Octavia::Flavor
OS::Octavia::FlavorProfile OS::Octavia::AvailabilityZone OS::Octavia::AvailabilityZoneProfile
AWS::AutoScaling::AutoScalingGroup AWS::AutoScaling::LaunchConfiguration AWS::AutoScaling::ScalingPolicy
AWS::CloudFormation::Stack AWS::CloudFormation::WaitCondition AWS::CloudFormation::WaitConditionHandle
AWS::CloudWatch::Alarm AWS::EC2::EIP AWS::EC2::EIPAssociation AWS::EC2::Instance AWS::EC2::InternetGateway
AWS::EC2::NetworkInterface AWS::EC2::RouteTable AWS::EC2::SecurityGroup AWS::EC2::Subnet
AWS::EC2::SubnetRouteTableAssociation AWS::EC2::VPC AWS::EC2::VPCGatewayAttachment AWS::EC2::Volume
AWS::EC2::VolumeAttachment AWS::ElasticLoadBalancing::LoadBalancer AWS::IAM::AccessKey AWS::IAM::User
AWS::RDS::DBInstance AWS::S3::Bucket
"""


def each_property(props: Mapping[str, Property], way: str) -> Iterator[tuple[str, Property]]:
    for name, prop in props.items():
        yield from with_inner(prop, f"{way}.{name}")


def with_inner(prop: Property, way: str) -> Iterator[tuple[str, Property]]:
    yield way, prop
    if prop.items is not None:
        yield from with_inner(prop.items, f"{way}[]")
    yield from each_property(prop.fields or {}, way)


def faults(row: ResourceType, values: Mapping[str, object]) -> list[str]:
    findings = Findings()
    properties.check(row, values, None, At(findings))
    return [f"{each.code} at {each.path}: {each.message}" for each in findings.faults()]


@pytest.mark.parametrize("name", _NAMED.split())
def test_promised_types_are_there(name: str) -> None:
    row = registry.find(name)
    assert row is not None
    assert row.name == name


def test_the_container_of_one_engine_is_whole() -> None:
    row = registry.find("DockerInc::Docker::Container")
    assert row is not None
    assert len(row.properties) == 25
    assert {"info", "network_ip", "logs_tail"} <= row.attributes.keys()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_is_well_made(row: ResourceType) -> None:
    assert row.about.endswith(".")
    assert "\n" not in row.about
    assert len(row.about) <= 100
    assert "show" in row.attributes
    assert row.status in ("supported", "deprecated", "hidden", "unsupported")
    assert row.instead == "" or registry.find(row.instead) is not None
    for alias in row.aliases:
        fields = row.properties
        for step in alias.within:
            inner = fields[step].items or fields[step]
            fields = inner.fields or {}
        assert {alias.old, alias.new} <= fields.keys()
        assert fields[alias.old].kind == fields[alias.new].kind


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_defaults_and_constraints_fit_their_kind(row: ResourceType) -> None:
    for way, prop in (*each_property(row.properties, row.name), *each_property(row.update_policy, row.name)):
        assert prop.default is None or not prop.required, way
        for constraint in prop.constraints:
            if isinstance(constraint, Pattern):
                compiled(constraint.expression)
            if isinstance(constraint, Form):
                # A form without a service is checked here; one with a service only a cloud can tell.
                assert (
                    forms.is_known(constraint.name)
                    or "." in constraint.name
                    or constraint.name == "test_constr"
                )
        findings = Findings()
        single = ResourceType(name="A::B::C", about="A thing.", properties={"x": prop})
        found = properties.check(single, {"x": None}, None, At(findings))
        if prop.default is not None and not prop.absent:
            assert found == {"x": prop.default}, way
            assert findings.clean, way


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_example_holds_against_its_own_row(row: ResourceType) -> None:
    (resource,) = example(row)["resources"].values()  # type: ignore[attr-defined]
    wrong = faults(row, resource.get("properties", {}))
    # The example gives what the table asks for; what rules ask for beside that they say themselves.
    assert all(each.startswith("missing-property") for each in wrong), wrong


def test_rules_are_for_types_that_are_there() -> None:
    for name in rules.RULES:
        row = registry.find(name)
        assert row is not None
        assert not row.placeholder
