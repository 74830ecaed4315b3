"""Rules of networks, routers, balancers and names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from longshore.template.hot.types import forms
from longshore.template.hot.types.given import (
    Broken,
    Given,
    Rule,
    conflict,
    exclude,
    missing,
    needed,
    needless,
    one,
)

_MOST_VLAN = 4094
"""The largest number of a VLAN (IEEE 802.1Q)."""


def _value_specs(given: Given) -> Iterator[Broken]:
    specs = given["value_specs"]
    if not isinstance(specs, Mapping):
        return
    for key in specs:
        if key in given.props or key in ("shared", "tenant_id"):
            trail = (*given.at("value_specs"), str(key))
            yield Broken(f'"{key}" may not be there: it is a property, or not for tenants', trail)


def _fixed_address(given: Given) -> Iterator[Broken]:
    if given.has("fixed_ip_address") and not given.has("port_id"):
        yield needed(given, "port_id", 'where there is a "fixed_ip_address"')


def _gateway_connections(given: Given) -> Iterator[Broken]:
    for link in given.each("connections"):
        if link["segmentation_type"] == "vlan" and not link.has("segmentation_id"):
            yield needed(link, "segmentation_id", "for a vlan")
        if link["segmentation_type"] == "flat" and link["segmentation_id"]:
            yield needless(link, "segmentation_id", "in a flat network, unless it is 0")


def _provider_net(given: Given) -> Iterator[Broken]:
    kind = given["network_type"]
    if given["segmentation_id"] and kind in ("local", "flat"):
        yield needless(given, "segmentation_id", f"in a {kind} network")
    if given["physical_network"] and kind in ("vxlan", "gre", "geneve", "local"):
        yield needless(given, "physical_network", f"in a {kind} network")


_SHAREABLE = {"network": ("access_as_shared", "access_as_external")}


def _shared_object(given: Given) -> Iterator[Broken]:
    kind, action = given.text("object_type"), given.text("action")
    actions = _SHAREABLE.get(kind or "", ("access_as_shared",))
    if kind is not None and action is not None and action not in actions:
        words = f'"{action}" is not for objects of the type {kind}'
        yield Broken(words, given.at("action"), hint=actions[0])


def _router(given: Given) -> Iterator[Broken]:
    listed = given["l3_agent_ids"]
    # The elder property names one agent more.
    agents = (len(listed) if isinstance(listed, list) else 0) + bool(given["l3_agent_id"])
    if {"l3_agent_id", "l3_agent_ids"} <= given.values.keys():
        yield conflict(given, "l3_agent_ids", "l3_agent_id")
    if given["distributed"] and agents:
        yield conflict(given, "distributed", "l3_agent_id" if given["l3_agent_id"] else "l3_agent_ids")
    if given["ha"] and given["distributed"]:
        yield conflict(given, "ha", "distributed")
    if not given["ha"] and agents > 1:
        yield Broken("only a router with ha may have several agents", given.at("l3_agent_ids"))


def _group_name(given: Given) -> Iterator[Broken]:
    if given["name"] == "default":
        yield Broken('a security group may not be called "default"', given.at("name"))


def _port_range(given: Given) -> Iterator[Broken]:
    least, most = given.number("port_range_min"), given.number("port_range_max")
    if given["protocol"] in ("icmp", "icmpv6", "ipv6-icmp") or least is None or most is None:
        return
    if most < least:
        yield Broken("the range of ports ends before it begins", given.at("port_range_max"))


def _remotes(given: Given) -> Iterator[Broken]:
    if given.has("remote_group") and given.has("remote_ip_prefix"):
        yield conflict(given, "remote_group", "remote_ip_prefix")


def _segment(given: Given) -> Iterator[Broken]:
    kind, number = given.text("network_type"), given.number("segmentation_id")
    if kind in ("flat", "vlan") and not given.has("physical_network"):
        yield needed(given, "physical_network", f"in a {kind} network")
    if kind == "vlan" and not given.has("segmentation_id"):
        yield needed(given, "segmentation_id", "for a vlan")
    if kind in ("local", "flat") and given.has("segmentation_id"):
        yield needless(given, "segmentation_id", f"in a {kind} network")
    if kind in ("vxlan", "gre", "geneve") and given.has("physical_network"):
        yield needless(given, "physical_network", f"in a {kind} network")
    if kind == "vlan" and number is not None and number > _MOST_VLAN:
        yield Broken(f"the number of a vlan is at most {_MOST_VLAN}", given.at("segmentation_id"))


def _subnet_range(given: Given) -> Iterator[Broken]:
    if given.has("subnetpool") and given["cidr"]:
        yield conflict(given, "subnetpool", "cidr")
    if not given.has("subnetpool") and not given["cidr"]:
        yield missing(given, "cidr", "subnetpool")
    if given["prefixlen"] and given["cidr"]:
        yield conflict(given, "prefixlen", "cidr")


def _subnet_modes(given: Given) -> Iterator[Broken]:
    ra, address = given["ipv6_ra_mode"], given["ipv6_address_mode"]
    if given["ip_version"] == 4 and (ra or address):
        yield needless(given, "ipv6_ra_mode" if ra else "ipv6_address_mode", "with ip_version 4")
    if isinstance(ra, str) and isinstance(address, str) and ra and address and ra != address:
        words = '"ipv6_ra_mode" and "ipv6_address_mode" have to be equal'
        yield Broken(words, given.at("ipv6_address_mode"), hint=ra)


def _subnet_gateway(given: Given) -> Iterator[Broken]:
    gateway = given.text("gateway_ip")
    if gateway and gateway not in ("~", "auto") and forms.broken("ip_addr", gateway):
        yield Broken(f'"{gateway}" is no IP address', given.at("gateway_ip"))


def _prefixes(given: Given) -> Iterator[Broken]:
    names = ("min_prefixlen", "default_prefixlen", "max_prefixlen")
    lengths = [(name, given.number(name)) for name in names]
    known = [(name, length) for name, length in lengths if length]
    for (lower, least), (upper, most) in pairwise(known):
        if least > most:
            yield Broken(f'"{lower}" is larger than "{upper}"', given.at(lower))


def _quota(given: Given) -> Iterator[Broken]:
    """A quota bounds something: beside whose it is, something is given."""
    if sum(1 for name in given.props if given.has(name)) <= 1:
        yield missing(given, *(name for name in given.props if name != "project"))


def _l7policy(given: Given) -> Iterator[Broken]:
    action, pool, url = given["action"], given.has("redirect_pool"), given.has("redirect_url")
    if action == "REJECT" and (pool or url):
        yield needless(given, "redirect_pool" if pool else "redirect_url", "where the action is REJECT")
    for name, own, other in (
        ("POOL", "redirect_pool", "redirect_url"),
        ("URL", "redirect_url", "redirect_pool"),
    ):
        if action == f"REDIRECT_TO_{name}":
            if given.has(other):
                yield needless(given, other, f"where the action is {action}")
            if not given.has(own):
                yield needed(given, own, f"where the action is {action}")


def _l7rule(given: Given) -> Iterator[Broken]:
    if given["type"] in ("HEADER", "COOKIE") and not given.has("key"):
        yield needed(given, "key", f"where the type is {given['type']}")


def _listener(given: Given) -> Iterator[Broken]:
    if given["protocol"] == "TERMINATED_HTTPS" and not given.has("default_tls_container_ref"):
        yield needed(given, "default_tls_container_ref", "where the protocol is TERMINATED_HTTPS")


def _pool_owner(given: Given) -> Iterator[Broken]:
    if not given.has("listener") and not given.has("loadbalancer"):
        yield missing(given, "listener", "loadbalancer")


def _persistence(given: Given) -> Iterator[Broken]:
    session = given.within("session_persistence")
    if session is None:
        return
    if session["type"] == "APP_COOKIE" and not session["cookie_name"]:
        yield needed(session, "cookie_name", "where the type is APP_COOKIE")
    if session["type"] == "SOURCE_IP" and session["cookie_name"]:
        yield needless(session, "cookie_name", "where the type is SOURCE_IP")


def _zone(given: Given) -> Iterator[Broken]:
    for kind, name in (("PRIMARY", "email"), ("SECONDARY", "masters")):
        if given["type"] == kind and not given[name]:
            yield needed(given, name, f"where the type is {kind}")


RULES: dict[str, tuple[Rule, ...]] = {
    "OS::Designate::Zone": (_zone,),
    "OS::Neutron::Firewall": (_value_specs,),
    "OS::Neutron::FloatingIP": (_fixed_address,),
    "OS::Neutron::Net": (_value_specs,),
    "OS::Neutron::NetworkGateway": (_gateway_connections,),
    "OS::Neutron::Port": (exclude("fixed_ips", "no_fixed_ips"),),
    "OS::Neutron::ProviderNet": (_provider_net,),
    "OS::Neutron::Quota": (_quota,),
    "OS::Neutron::RBACPolicy": (_shared_object,),
    "OS::Neutron::Router": (_router,),
    "OS::Neutron::RouterInterface": (one("subnet", "port"),),
    "OS::Neutron::SecurityGroup": (_group_name,),
    "OS::Neutron::SecurityGroupRule": (_remotes, _port_range),
    "OS::Neutron::Segment": (_segment,),
    "OS::Neutron::Subnet": (_subnet_range, _subnet_modes, _subnet_gateway),
    "OS::Neutron::SubnetPool": (_prefixes,),
    "OS::Octavia::L7Policy": (_l7policy,),
    "OS::Octavia::L7Rule": (_l7rule,),
    "OS::Octavia::Listener": (_listener,),
    "OS::Octavia::Pool": (_pool_owner, _persistence),
    "OS::Octavia::Quota": (_quota,),
    "OS::Nova::Quota": (_quota,),
    "OS::Cinder::Quota": (_quota,),
}
