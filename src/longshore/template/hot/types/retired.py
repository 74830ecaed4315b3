"""Types of services that are gone: templates may still name them, and nothing is made."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    placeholder,
    rows,
)

ROWS = rows(
    placeholder(
        "OS::Aodh::CombinationAlarm",
        "Fired when several alarms did; no longer made.",
        instead="OS::Aodh::CompositeAlarm",
    ),
    placeholder(
        "OS::Designate::Domain",
        "A domain of the elder name service; no longer made.",
        instead="OS::Designate::Zone",
    ),
    placeholder(
        "OS::Designate::Record",
        "A record of the elder name service; no longer made.",
        instead="OS::Designate::RecordSet",
    ),
    placeholder(
        "OS::Glance::Image",
        "An image fetched from a location; no longer made.",
        instead="OS::Glance::WebImage",
    ),
    placeholder("OS::Heat::HARestarter", "Restarted a failed server; does nothing any more."),
    placeholder(
        "OS::Magnum::Bay", "A cluster of containers, under its elder name.", instead="OS::Magnum::Cluster"
    ),
    placeholder("OS::Monasca::AlarmDefinition", "An alarm of the retired monitoring service."),
    placeholder("OS::Monasca::Notification", "A notification of the retired monitoring service."),
    placeholder(
        "OS::Neutron::HealthMonitor",
        "Watched the members of a balancer; no longer made.",
        instead="OS::Octavia::HealthMonitor",
    ),
    placeholder(
        "OS::Neutron::LBaaS::HealthMonitor",
        "Watched the members of a pool; no longer made.",
        instead="OS::Octavia::HealthMonitor",
    ),
    placeholder(
        "OS::Neutron::LBaaS::L7Policy",
        "Decided by content where requests go; no longer made.",
        instead="OS::Octavia::L7Policy",
    ),
    placeholder(
        "OS::Neutron::LBaaS::L7Rule",
        "Was part of a policy on content; no longer made.",
        instead="OS::Octavia::L7Rule",
    ),
    placeholder(
        "OS::Neutron::LBaaS::Listener",
        "Was a port of a balancer; no longer made.",
        instead="OS::Octavia::Listener",
    ),
    placeholder(
        "OS::Neutron::LBaaS::LoadBalancer",
        "Was a balancer of version 2; no longer made.",
        instead="OS::Octavia::LoadBalancer",
    ),
    placeholder(
        "OS::Neutron::LBaaS::Pool", "Was a pool of members; no longer made.", instead="OS::Octavia::Pool"
    ),
    placeholder(
        "OS::Neutron::LBaaS::PoolMember",
        "Was a member of a pool; no longer made.",
        instead="OS::Octavia::PoolMember",
    ),
    placeholder(
        "OS::Neutron::LoadBalancer",
        "Put servers into a pool of version 1; no longer made.",
        instead="OS::Octavia::LoadBalancer",
    ),
    placeholder("OS::Neutron::Pool", "Was a pool of version 1; no longer made.", instead="OS::Octavia::Pool"),
    placeholder(
        "OS::Neutron::PoolMember",
        "Was a member of a pool of version 1; no longer made.",
        instead="OS::Octavia::PoolMember",
    ),
    placeholder("OS::Sahara::Cluster", "A cluster for data processing; no longer made."),
    placeholder(
        "OS::Sahara::ClusterTemplate", "What data processing clusters were made like; no longer made."
    ),
    placeholder("OS::Sahara::DataSource", "Where data to process came from or went; no longer made."),
    placeholder("OS::Sahara::ImageRegistry", "An image known to data processing; no longer made."),
    placeholder("OS::Sahara::Job", "A job of data processing; no longer made."),
    placeholder("OS::Sahara::JobBinary", "A program of a data processing job; no longer made."),
    placeholder("OS::Sahara::NodeGroupTemplate", "Like nodes of a data processing cluster; no longer made."),
    placeholder("OS::Senlin::Cluster", "A cluster of the retired clustering service."),
    placeholder("OS::Senlin::Node", "A node of the retired clustering service."),
    placeholder("OS::Senlin::Policy", "A policy of the retired clustering service."),
    placeholder("OS::Senlin::Profile", "A profile of the retired clustering service."),
    placeholder("OS::Senlin::Receiver", "A receiver of the retired clustering service."),
    placeholder("OS::Vitrage::Template", "A template of root cause analysis; no longer made."),
)
