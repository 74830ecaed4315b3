"""What no table of properties can say: which of them need, exclude or bound each other.

A rule gets the properties of one resource, converted and without fault so far, and says what is wrong
with them together. They are the checks Heat makes without asking a cloud; a value known only later
counts as given. Rules between resources are in `implied`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from longshore.template.hot.types import rules_compute, rules_heat, rules_network
from longshore.template.hot.types.given import Broken, Given, Rule
from longshore.template.hot.types.schema import ResourceType

RULES: dict[str, tuple[Rule, ...]] = {
    **rules_compute.RULES,
    **rules_heat.RULES,
    **rules_network.RULES,
}
"""The rules of each type that has any."""

_ALL = "*"

LONGEST_PAUSE = 3600
"""Seconds that a rolling update may pause between two batches."""

_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")
_GROUPS = {
    "AWS::AutoScaling::AutoScalingGroup": "AutoScalingRollingUpdate",
    "OS::Heat::InstanceGroup": "RollingUpdate",
}


LOOKED_AT: dict[str, str] = {
    "AWS::AutoScaling::AutoScalingGroup": (
        "MinSize MaxSize DesiredCapacity VPCZoneIdentifier InstanceId LaunchConfigurationName"
    ),
    "AWS::AutoScaling::LaunchConfiguration": "ImageId InstanceType InstanceId BlockDeviceMappings",
    "AWS::AutoScaling::ScalingPolicy": "AdjustmentType MinAdjustmentStep",
    "AWS::EC2::EIPAssociation": "EIP AllocationId InstanceId NetworkInterfaceId",
    "AWS::EC2::Instance": "SecurityGroups SecurityGroupIds NetworkInterfaces SubnetId BlockDeviceMappings",
    "AWS::ElasticLoadBalancing::LoadBalancer": "HealthCheck",
    "OS::Barbican::CertificateContainer": _ALL,
    "OS::Barbican::GenericContainer": "secrets",
    "OS::Barbican::Order": _ALL,
    "OS::Barbican::RSAContainer": _ALL,
    "OS::Barbican::Secret": "payload payload_content_type payload_content_encoding",
    "OS::Cinder::Quota": _ALL,
    "OS::Cinder::Volume": "size snapshot_id backup_id imageRef image source_volid",
    "OS::Cinder::VolumeType": "is_public projects",
    "OS::Designate::Zone": "email type masters primaries",
    "OS::Glance::WebImage": "disk_format container_format visibility members",
    "OS::Heat::AccessPolicy": "AllowedResources",
    "OS::Heat::AutoScalingGroup": "min_size max_size desired_capacity",
    "OS::Heat::InstanceGroup": "LaunchConfigurationName",
    "OS::Heat::RandomString": "length sequence character_classes character_sequences",
    "OS::Heat::ScalingPolicy": "adjustment_type min_adjustment_step",
    "OS::Heat::SoftwareComponent": "configs",
    "OS::Heat::SoftwareDeployment": "server",
    "OS::Heat::StructuredDeployment": "server",
    "OS::Keystone::Group": "roles",
    "OS::Keystone::GroupRoleAssignment": "roles",
    "OS::Keystone::User": "roles",
    "OS::Keystone::UserRoleAssignment": "roles",
    "OS::Magnum::BayModel": "coe volume_driver",
    "OS::Magnum::ClusterTemplate": "coe volume_driver",
    "OS::Manila::ShareNetwork": "neutron_network neutron_subnet nova_network",
    "OS::Mistral::CronTrigger": "pattern first_time",
    "OS::Mistral::Workflow": "type params tasks",
    "OS::Neutron::Firewall": "value_specs",
    "OS::Neutron::FloatingIP": "value_specs port_id fixed_ip_address",
    "OS::Neutron::Net": "value_specs",
    "OS::Neutron::NetworkGateway": "connections",
    "OS::Neutron::Port": "fixed_ips value_specs no_fixed_ips",
    "OS::Neutron::ProviderNet": "network_type physical_network segmentation_id",
    "OS::Neutron::Quota": _ALL,
    "OS::Neutron::RBACPolicy": "object_type action",
    "OS::Neutron::Router": "value_specs l3_agent_id l3_agent_ids distributed ha",
    "OS::Neutron::RouterInterface": "subnet_id subnet port_id port",
    "OS::Neutron::SecurityGroup": "name stateful",
    "OS::Neutron::SecurityGroupRule": "port_range_min port_range_max protocol remote_group remote_ip_prefix",
    "OS::Neutron::Segment": "network_type physical_network segmentation_id",
    "OS::Neutron::Subnet": (
        "subnetpool prefixlen cidr value_specs ip_version gateway_ip ipv6_ra_mode ipv6_address_mode"
    ),
    "OS::Neutron::SubnetPool": "default_prefixlen min_prefixlen max_prefixlen",
    "OS::Nova::KeyPair": "public_key type user",
    "OS::Nova::Quota": _ALL,
    "OS::Nova::Server": "image block_device_mapping block_device_mapping_v2 flavor user_data_format",
    "OS::Nova::ServerGroup": "policies rules",
    "OS::Octavia::L7Policy": "action redirect_pool redirect_url",
    "OS::Octavia::L7Rule": "type key",
    "OS::Octavia::Listener": "protocol default_tls_container_ref",
    "OS::Octavia::Pool": "session_persistence listener loadbalancer",
    "OS::Octavia::Quota": _ALL,
    "OS::Trove::Cluster": "datastore_type datastore_version instances",
    "OS::Trove::Instance": "datastore_type datastore_version users databases networks",
    "OS::Zaqar::Subscription": "subscriber",
    "OS::Zun::Container": "restart_policy mounts networks",
}
"""The properties that a type's own checks look at, even in nested templates, where nobody else does."""

_NOT_NESTED = frozenset({"OS::Heat::Delay", "OS::Heat::Value"})
"""Types whose rules hold only in the outermost template."""


def broken(row: ResourceType, values: Mapping[str, object], *, nested: bool = False) -> tuple[Broken, ...]:
    """The rules of a type that these properties break; in nested templates a few do not hold."""
    if nested and row.name in _NOT_NESTED:
        return ()
    given = Given(row.properties, values)
    return tuple(each for rule in RULES.get(row.name, ()) for each in rule(given))


def looked_at(row: ResourceType) -> Collection[str]:
    """The properties that a type's own checks look at."""
    words = LOOKED_AT.get(row.name, "")
    return row.properties.keys() if words == _ALL else words.split()


def broken_update_policy(row: ResourceType, values: Mapping[str, object]) -> tuple[Broken, ...]:
    """The rules of a type that this update policy breaks."""
    name = _GROUPS.get(row.name)
    policy = Given(row.update_policy, values).within(name) if name is not None else None
    pause = policy.text("PauseTime") if policy is not None else None
    if policy is None or pause is None:
        return ()
    match = _DURATION.fullmatch(pause)
    if match is None:
        return (Broken(f'"{pause}" is no duration, such as PT5M', policy.at("PauseTime")),)
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    if hours * 3600 + minutes * 60 + seconds > LONGEST_PAUSE:
        return (Broken(f"a pause is at most {LONGEST_PAUSE} seconds", policy.at("PauseTime")),)
    return ()
