"""What properties need, exclude and bound each other by, type by type."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from longshore.model.unknown import Unknown
from longshore.template.findings import At, Findings
from longshore.template.hot.types import properties, registry

LATER = Unknown(resource="other", attribute="id")
SERVER = {"flavor": "m1.small"}
BOOTED = {**SERVER, "block_device_mapping_v2": [{"volume_id": "v"}]}
WORKFLOW = {"type": "direct", "tasks": [{"name": "a", "action": "std.noop"}]}
ORDER = {"type": "key", "algorithm": "aes", "bit_length": 256}
TASK = {"name": "a", "action": "std.noop"}


def found(kind: str, values: Mapping[str, object]) -> tuple[list[str], list[str]]:
    """The faults and the warnings, as code and path."""
    row = registry.find(kind)
    assert row is not None
    findings = Findings()
    properties.check(row, values, None, At(findings))
    told = [
        [f"{each.code} {each.path}".strip() for each in which]
        for which in (findings.faults(), findings.warnings())
    ]
    return told[0], told[1]


RIGHT: list[tuple[str, Mapping[str, object]]] = [
    ("OS::Nova::Server", {**SERVER, "image": "debian"}),
    ("OS::Nova::Server", {**SERVER, "image": LATER}),
    ("OS::Nova::Server", BOOTED),
    ("OS::Nova::Server", {**SERVER, "block_device_mapping": [{"device_name": "vda", "volume_id": "v"}]}),
    ("OS::Nova::Server", {**BOOTED, "networks": [{"uuid": "n"}, {"port": "p"}, {"subnet": "s"}]}),
    ("OS::Nova::Server", {**BOOTED, "networks": [{"allocate_network": "auto"}]}),
    ("OS::Cinder::Volume", {"size": 1}),
    ("OS::Cinder::Volume", {"snapshot_id": "s"}),
    ("OS::Cinder::Volume", {"backup_id": "b"}),
    ("OS::Cinder::Volume", {"size": 5, "imageRef": "i"}),
    ("OS::Neutron::Subnet", {"network_id": "n", "cidr": "10.0.0.0/24", "gateway_ip": ""}),
    ("OS::Neutron::Subnet", {"network": "n", "subnetpool": "p", "prefixlen": 26}),
    ("OS::Neutron::RouterInterface", {"router_id": "r", "subnet_id": LATER}),
    ("OS::Neutron::SecurityGroupRule", {"security_group": "g", "port_range_min": 80, "port_range_max": 80}),
    (
        "OS::Neutron::SecurityGroupRule",
        {"security_group": "g", "protocol": "icmp", "port_range_min": 8, "port_range_max": 0},
    ),
    ("OS::Neutron::Segment", {"network": "n", "network_type": "vxlan", "segmentation_id": 9000}),
    ("OS::Heat::AutoScalingGroup", {"min_size": 1, "max_size": 3, "desired_capacity": 2, "resource": {}}),
    ("OS::Heat::AutoScalingGroup", {"min_size": LATER, "max_size": 3, "resource": {}}),
    ("OS::Heat::RandomString", {"length": 4, "character_classes": [{"class": "digits", "min": 4}]}),
    ("OS::Heat::RandomString", {"length": 1, "sequence": "hexdigits"}),
    ("OS::Heat::Delay", {"min_wait": 3599}),
    ("OS::Heat::Value", {"type": "boolean", "value": "TRUE"}),
    ("OS::Heat::Value", {"type": "number", "value": "1.5"}),
    ("OS::Heat::Value", {"value": {"any": "thing"}}),
    ("OS::Zun::Container", {"image": "nginx", "restart_policy": "on-failure:3"}),
    ("OS::Mistral::Workflow", WORKFLOW),
    ("OS::Barbican::Order", ORDER),
    ("OS::Designate::Zone", {"name": "example.com.", "type": "SECONDARY", "primaries": ["192.0.2.1"]}),
    ("OS::Octavia::Pool", {"lb_algorithm": "ROUND_ROBIN", "protocol": "HTTP", "listener": "l"}),
    ("OS::Sahara::Cluster", {"whatever": {"was": "there"}}),
    ("OS::Heat::None", {"anything": 1}),
]

WRONG: list[tuple[str, Mapping[str, object], list[str]]] = [
    ("OS::Nova::Server", SERVER, ["missing-property"]),
    (
        "OS::Nova::Server",
        {**BOOTED, "image": "debian"},
        ["conflict block_device_mapping_v2"],
    ),
    (
        "OS::Nova::Server",
        {**SERVER, "image": "i", "block_device_mapping": [{"device_name": "vdb"}]},
        ["missing-property block_device_mapping[0]"],
    ),
    (
        "OS::Nova::Server",
        {**SERVER, "block_device_mapping_v2": [{"volume_id": "v", "snapshot_id": "s"}]},
        ["conflict block_device_mapping_v2", "conflict block_device_mapping_v2[0].snapshot_id"],
    ),
    (
        "OS::Nova::Server",
        {**BOOTED, "networks": [{"fixed_ip": "10.0.0.1"}]},
        ["missing-property networks[0]"],
    ),
    (
        "OS::Nova::Server",
        {**BOOTED, "networks": [{"port": "p", "fixed_ip": "10.0.0.1"}]},
        ["conflict networks[0].fixed_ip"],
    ),
    (
        "OS::Nova::Server",
        {**BOOTED, "networks": [{"port": "p"}], "security_groups": ["web"]},
        ["conflict security_groups"],
    ),
    ("OS::Cinder::Volume", {"image": "i"}, ["missing-property"]),
    ("OS::Cinder::Volume", {"size": 1, "image": "i", "snapshot_id": "s"}, ["conflict image"]),
    ("OS::Cinder::Volume", {"image": "i", "imageRef": "i", "size": 1}, ["conflict imageRef"]),
    ("OS::Neutron::Subnet", {"network": "n"}, ["missing-property"]),
    (
        "OS::Neutron::Subnet",
        {"network": "n", "cidr": "10.0.0.0/24", "gateway_ip": "10.0.0"},
        ["bad-value gateway_ip"],
    ),
    (
        "OS::Neutron::Subnet",
        {"network": "n", "cidr": "10.0.0.0/24", "ipv6_ra_mode": "slaac"},
        ["conflict ipv6_ra_mode"],
    ),
    ("OS::Neutron::RouterInterface", {"router": "r"}, ["missing-property"]),
    ("OS::Neutron::RouterInterface", {"router": "r", "subnet": "s", "port": "p"}, ["conflict port"]),
    (
        "OS::Neutron::Port",
        {"network": "n", "fixed_ips": [{"subnet": "s"}], "no_fixed_ips": True},
        ["conflict no_fixed_ips"],
    ),
    (
        "OS::Neutron::FloatingIP",
        {"floating_network": "n", "fixed_ip_address": "10.0.0.1"},
        ["missing-property"],
    ),
    ("OS::Neutron::SecurityGroup", {"name": "default"}, ["bad-value name"]),
    (
        "OS::Neutron::SecurityGroupRule",
        {"security_group": "g", "port_range_min": 90, "port_range_max": 80},
        ["bad-value port_range_max"],
    ),
    ("OS::Neutron::Net", {"value_specs": {"name": "a", "other": 1}}, ["bad-value value_specs.name"]),
    ("OS::Neutron::Router", {"distributed": True, "l3_agent_id": "a"}, ["conflict l3_agent_id"]),
    ("OS::Neutron::Quota", {"project": "p"}, ["missing-property"]),
    ("OS::Neutron::Segment", {"network": "n", "network_type": "vlan"}, ["missing-property"] * 2),
    (
        "OS::Neutron::RBACPolicy",
        {"object_type": "qos_policy", "target_tenant": "t", "object_id": "o", "action": "access_as_external"},
        ["bad-value action"],
    ),
    ("OS::Heat::AutoScalingGroup", {"min_size": 3, "max_size": 1, "resource": {}}, ["bad-value min_size"]),
    (
        "OS::Heat::AutoScalingGroup",
        {"min_size": 1, "max_size": 3, "desired_capacity": 4, "resource": {}},
        ["bad-value desired_capacity"],
    ),
    ("OS::Heat::RandomString", {"length": 2, "character_classes": [{"min": 2}, {}]}, ["bad-value length"]),
    ("OS::Heat::Delay", {"min_wait": 3000, "max_jitter": 601}, ["bad-value min_wait"]),
    ("OS::Heat::Value", {"type": "boolean", "value": "maybe"}, ["wrong-type value"]),
    ("OS::Heat::Value", {"type": "json", "value": []}, ["wrong-type value"]),
    (
        "OS::Heat::ScalingPolicy",
        {
            "auto_scaling_group_id": "g",
            "scaling_adjustment": 1,
            "adjustment_type": "change_in_capacity",
            "min_adjustment_step": 1,
        },
        ["conflict min_adjustment_step"],
    ),
    (
        "OS::Heat::SoftwareComponent",
        {"configs": [{"tool": "script"}, {"tool": "script", "actions": ["CREATE"]}]},
        ["conflict configs[1].actions"],
    ),
    ("OS::Zun::Container", {"image": "nginx", "restart_policy": "sometimes"}, ["bad-value restart_policy"]),
    (
        "OS::Zun::Container",
        {"image": "nginx", "mounts": [{"mount_path": "/a"}]},
        ["missing-property mounts[0]"],
    ),
    ("OS::Mistral::CronTrigger", {"workflow": {"name": "w"}}, ["missing-property"]),
    (
        "OS::Mistral::Workflow",
        {**WORKFLOW, "tasks": [{**TASK, "workflow": "w", "concurrency": 2}]},
        ["conflict tasks[0].action", "missing-property tasks[0]"],
    ),
    ("OS::Barbican::Order", {"type": "key", "algorithm": "aes"}, ["missing-property"]),
    ("OS::Barbican::Order", {**ORDER, "ca_id": "c"}, ["conflict ca_id"]),
    (
        "OS::Barbican::Secret",
        {"payload": "x", "payload_content_encoding": "base64"},
        ["conflict payload_content_encoding"],
    ),
    ("OS::Keystone::User", {"roles": [{"role": "r"}]}, ["missing-property roles[0]"]),
    (
        "OS::Magnum::ClusterTemplate",
        {"image": "i", "external_network": "n", "coe": "swarm", "volume_driver": "cinder"},
        ["bad-value volume_driver"],
    ),
    ("OS::Zaqar::Subscription", {"queue_name": "q", "subscriber": "ftp://x"}, ["bad-value subscriber"]),
    (
        "OS::Glance::WebImage",
        {"location": "l", "container_format": "ami", "disk_format": "raw"},
        ["bad-value disk_format"],
    ),
    ("OS::Octavia::L7Policy", {"listener": "l", "action": "REDIRECT_TO_URL"}, ["missing-property"]),
    (
        "OS::Trove::Instance",
        {"flavor": "f", "size": 1, "users": [{"name": "ann", "password": "abc", "databases": ["x"]}]},
        ["missing-property"],
    ),
    ("AWS::AutoScaling::LaunchConfiguration", {"ImageId": "i"}, ["missing-property"]),
    (
        "AWS::AutoScaling::AutoScalingGroup",
        {"AvailabilityZones": ["a"], "MinSize": 1, "MaxSize": 1},
        ["missing-property"],
    ),
    ("AWS::EC2::EIPAssociation", {"EIP": "1.2.3.4"}, ["missing-property"]),
    (
        "AWS::EC2::VPC",
        {"CidrBlock": "10.0.0.0/16", "Tags": [{"Key": "a", "Value": "b"}]},
        ["bad-value Tags[0]"],
    ),
]


@pytest.mark.parametrize(("kind", "values"), RIGHT)
def test_right(kind: str, values: Mapping[str, object]) -> None:
    assert found(kind, values) == ([], [])


@pytest.mark.parametrize(("kind", "values", "wanted"), WRONG)
def test_wrong(kind: str, values: Mapping[str, object], wanted: list[str]) -> None:
    assert sorted(found(kind, values)[0]) == sorted(wanted)


def test_what_heat_looks_at_only_after_asking_a_cloud_warns() -> None:
    nets = [{"port": "p", "fixed_ip": "10.0.0.1"}]
    faults, warnings = found("OS::Nova::Server", {**SERVER, "image": "debian", "networks": nets})
    assert faults == []
    assert warnings == ["conflict networks[0].fixed_ip"]


@pytest.mark.parametrize(
    ("pause", "wanted"), [("PT0S", []), ("PT1H", []), ("PT1H1S", ["bad-value"]), ("5m", ["bad-value"])]
)
def test_pauses_of_an_update(pause: str, wanted: list[str]) -> None:
    row = registry.find("OS::Heat::InstanceGroup")
    assert row is not None
    findings = Findings()
    properties.check_update_policy(row, {"RollingUpdate": {"PauseTime": pause}}, None, At(findings))
    assert [each.code for each in findings.faults()] == wanted


def test_an_update_policy_is_checked_like_properties() -> None:
    row = registry.find("OS::Heat::InstanceGroup")
    assert row is not None
    findings = Findings()
    properties.check_update_policy(row, {"RollingUpdate": "foo", "Other": 1}, None, At(findings))
    assert {each.code for each in findings.faults()} == {"wrong-type", "unknown-property"}
