"""Finds the row of a resource type, and loads only the module that holds it.

`PLACES` is an index of the modules: it names every type without loading any, so that reading a small
template pays for the services it uses and for no other.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterator
from functools import cache

from longshore.template.hot.types.schema import ResourceType

PLACES: dict[str, str] = {
    "aodh": (
        "OS::Aodh::Alarm OS::Aodh::CompositeAlarm OS::Aodh::EventAlarm "
        "OS::Aodh::GnocchiAggregationByMetricsAlarm OS::Aodh::GnocchiAggregationByResourcesAlarm "
        "OS::Aodh::GnocchiResourcesAlarm OS::Aodh::LBMemberHealthAlarm OS::Aodh::PrometheusAlarm"
    ),
    "aws": (
        "AWS::AutoScaling::AutoScalingGroup AWS::AutoScaling::LaunchConfiguration "
        "AWS::AutoScaling::ScalingPolicy AWS::CloudFormation::Stack AWS::CloudFormation::WaitCondition "
        "AWS::CloudFormation::WaitConditionHandle AWS::CloudWatch::Alarm "
        "AWS::ElasticLoadBalancing::LoadBalancer AWS::IAM::AccessKey AWS::IAM::User AWS::RDS::DBInstance "
        "AWS::S3::Bucket"
    ),
    "aws_ec2": (
        "AWS::EC2::EIP AWS::EC2::EIPAssociation AWS::EC2::Instance AWS::EC2::InternetGateway "
        "AWS::EC2::NetworkInterface AWS::EC2::RouteTable AWS::EC2::SecurityGroup AWS::EC2::Subnet "
        "AWS::EC2::SubnetRouteTableAssociation AWS::EC2::VPC AWS::EC2::VPCGatewayAttachment "
        "AWS::EC2::Volume AWS::EC2::VolumeAttachment"
    ),
    "barbican": (
        "OS::Barbican::CertificateContainer OS::Barbican::GenericContainer OS::Barbican::Order "
        "OS::Barbican::RSAContainer OS::Barbican::Secret"
    ),
    "blazar": "OS::Blazar::Host OS::Blazar::Lease",
    "cinder": (
        "OS::Cinder::EncryptedVolumeType OS::Cinder::QoSAssociation OS::Cinder::QoSSpecs "
        "OS::Cinder::Quota OS::Cinder::Volume OS::Cinder::VolumeAttachment OS::Cinder::VolumeType"
    ),
    "designate": "OS::Designate::RecordSet OS::Designate::Zone",
    "docker": "DockerInc::Docker::Container",
    "glance": "OS::Glance::WebImage",
    "heat": (
        "OS::Heat::AccessPolicy OS::Heat::Delay OS::Heat::None OS::Heat::RandomString "
        "OS::Heat::SwiftSignal OS::Heat::SwiftSignalHandle OS::Heat::TestResource "
        "OS::Heat::UpdateWaitConditionHandle OS::Heat::Value OS::Heat::WaitCondition "
        "OS::Heat::WaitConditionHandle"
    ),
    "heat_groups": (
        "OS::Heat::AutoScalingGroup OS::Heat::InstanceGroup OS::Heat::ResourceChain "
        "OS::Heat::ResourceGroup OS::Heat::ScalingPolicy OS::Heat::Stack"
    ),
    "heat_software": (
        "OS::Heat::CloudConfig OS::Heat::DeployedServer OS::Heat::MultipartMime "
        "OS::Heat::SoftwareComponent OS::Heat::SoftwareConfig OS::Heat::SoftwareDeployment "
        "OS::Heat::SoftwareDeploymentGroup OS::Heat::SoftwareDeployments OS::Heat::StructuredConfig "
        "OS::Heat::StructuredDeployment OS::Heat::StructuredDeploymentGroup "
        "OS::Heat::StructuredDeployments"
    ),
    "ironic": "OS::Ironic::Port",
    "keystone": (
        "OS::Keystone::Domain OS::Keystone::Endpoint OS::Keystone::Group "
        "OS::Keystone::GroupRoleAssignment OS::Keystone::Project OS::Keystone::Region OS::Keystone::Role "
        "OS::Keystone::Service OS::Keystone::User OS::Keystone::UserRoleAssignment"
    ),
    "magnum": "OS::Magnum::BayModel OS::Magnum::Cluster OS::Magnum::ClusterTemplate",
    "manila": "OS::Manila::SecurityService OS::Manila::Share OS::Manila::ShareNetwork OS::Manila::ShareType",
    "mistral": "OS::Mistral::CronTrigger OS::Mistral::ExternalResource OS::Mistral::Workflow",
    "neutron": (
        "OS::Neutron::AddressScope OS::Neutron::Net OS::Neutron::Port OS::Neutron::ProviderNet "
        "OS::Neutron::Quota OS::Neutron::RBACPolicy OS::Neutron::Segment OS::Neutron::Subnet "
        "OS::Neutron::SubnetPool OS::Neutron::Trunk"
    ),
    "neutron_routers": (
        "OS::Neutron::ExtraRoute OS::Neutron::ExtraRouteSet OS::Neutron::FloatingIP "
        "OS::Neutron::FloatingIPAssociation OS::Neutron::FloatingIPPortForward OS::Neutron::L2Gateway "
        "OS::Neutron::L2GatewayConnection OS::Neutron::NetworkGateway OS::Neutron::Router "
        "OS::Neutron::RouterGateway OS::Neutron::RouterInterface"
    ),
    "neutron_security": (
        "OS::Neutron::Firewall OS::Neutron::FirewallPolicy OS::Neutron::FirewallRule "
        "OS::Neutron::IKEPolicy OS::Neutron::IPsecPolicy OS::Neutron::IPsecSiteConnection "
        "OS::Neutron::SecurityGroup OS::Neutron::SecurityGroupRule OS::Neutron::VPNService"
    ),
    "neutron_traffic": (
        "OS::Neutron::FlowClassifier OS::Neutron::MeteringLabel OS::Neutron::MeteringRule "
        "OS::Neutron::PortChain OS::Neutron::PortPair OS::Neutron::PortPairGroup "
        "OS::Neutron::QoSBandwidthLimitRule OS::Neutron::QoSDscpMarkingRule "
        "OS::Neutron::QoSMinimumBandwidthRule OS::Neutron::QoSMinimumPacketRateRule "
        "OS::Neutron::QoSPolicy OS::Neutron::TaaS::TapFlow OS::Neutron::TaaS::TapService"
    ),
    "nova": (
        "OS::Nova::Flavor OS::Nova::FloatingIP OS::Nova::FloatingIPAssociation OS::Nova::HostAggregate "
        "OS::Nova::KeyPair OS::Nova::Quota OS::Nova::Server OS::Nova::ServerGroup"
    ),
    "octavia": (
        "OS::Octavia::AvailabilityZone OS::Octavia::AvailabilityZoneProfile OS::Octavia::Flavor "
        "OS::Octavia::FlavorProfile OS::Octavia::HealthMonitor OS::Octavia::L7Policy OS::Octavia::L7Rule "
        "OS::Octavia::Listener OS::Octavia::LoadBalancer OS::Octavia::Pool OS::Octavia::PoolMember "
        "OS::Octavia::Quota"
    ),
    "retired": (
        "OS::Aodh::CombinationAlarm OS::Designate::Domain OS::Designate::Record OS::Glance::Image "
        "OS::Heat::HARestarter OS::Magnum::Bay OS::Monasca::AlarmDefinition OS::Monasca::Notification "
        "OS::Neutron::HealthMonitor OS::Neutron::LBaaS::HealthMonitor OS::Neutron::LBaaS::L7Policy "
        "OS::Neutron::LBaaS::L7Rule OS::Neutron::LBaaS::Listener OS::Neutron::LBaaS::LoadBalancer "
        "OS::Neutron::LBaaS::Pool OS::Neutron::LBaaS::PoolMember OS::Neutron::LoadBalancer "
        "OS::Neutron::Pool OS::Neutron::PoolMember OS::Sahara::Cluster OS::Sahara::ClusterTemplate "
        "OS::Sahara::DataSource OS::Sahara::ImageRegistry OS::Sahara::Job OS::Sahara::JobBinary "
        "OS::Sahara::NodeGroupTemplate OS::Senlin::Cluster OS::Senlin::Node OS::Senlin::Policy "
        "OS::Senlin::Profile OS::Senlin::Receiver OS::Vitrage::Template"
    ),
    "swift": "OS::Swift::Container",
    "trove": "OS::Trove::Cluster OS::Trove::Instance",
    "zaqar": "OS::Zaqar::MistralTrigger OS::Zaqar::Queue OS::Zaqar::SignedQueueURL OS::Zaqar::Subscription",
    "zun": "OS::Zun::Container",
}
"""Which types each module holds, as words."""

RENAMED: dict[str, str] = {
    "OS::Metering::Alarm": "OS::Aodh::Alarm",
    "OS::Ceilometer::Alarm": "OS::Aodh::Alarm",
    "OS::Ceilometer::GnocchiResourcesAlarm": "OS::Aodh::GnocchiResourcesAlarm",
    "OS::Ceilometer::GnocchiAggregationByMetricsAlarm": "OS::Aodh::GnocchiAggregationByMetricsAlarm",
    "OS::Ceilometer::GnocchiAggregationByResourcesAlarm": "OS::Aodh::GnocchiAggregationByResourcesAlarm",
    "OS::Ceilometer::CombinationAlarm": "OS::Aodh::CombinationAlarm",
}
"""Elder names of types, as Heat's own environment maps them."""

_ELDER_NETWORK, _NETWORK = "OS::Quantum", "OS::Neutron"
"""The network service's first name; all its types can still be called by it."""


@cache
def find(name: str) -> ResourceType | None:
    """The row of a type, also under an elder name; None where nobody registered it."""
    name = canonical(name)
    module = _index().get(name)
    if module is None:
        return None
    loaded = importlib.import_module(f"longshore.template.hot.types.{module}")
    found: ResourceType = loaded.ROWS[name]
    return found


def canonical(name: str) -> str:
    """The name of today for an elder one; any other name as it is."""
    if name.startswith(_ELDER_NETWORK):
        return _NETWORK + name.removeprefix(_ELDER_NETWORK)
    return RENAMED.get(name, name)


def names() -> tuple[str, ...]:
    """The names of all types, in order."""
    return tuple(sorted(_index()))


def every() -> Iterator[ResourceType]:
    """All rows, by name; loads all modules."""
    for name in names():
        row = find(name)
        if row is not None:
            yield row


def near(name: str) -> str:
    """The name of a type that is nearest to one that nobody registered, or nothing."""
    # Long words are no slips of the pen, and comparing them is slow.
    if len(name) > 80:
        return ""
    known = names()
    found = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if found:
        return found[0]
    same = {each.lower(): each for each in known}
    return same.get(name.lower(), "")


@cache
def _index() -> dict[str, str]:
    return {name: module for module, words in PLACES.items() for name in words.split()}
