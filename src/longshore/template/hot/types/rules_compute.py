"""Rules of servers, volumes, images, containers and databases."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from longshore.template.hot.types.given import (
    Broken,
    Given,
    Rule,
    conflict,
    every,
    missing,
    needed,
    needless,
)

_SOURCES = ("volume_id", "snapshot_id", "image", "swap_size")


def _devices(given: Given) -> Iterator[Broken]:
    if given.values.keys().isdisjoint(("block_device_mapping", "block_device_mapping_v2")):
        return
    for device in given.each("block_device_mapping"):
        sources = [name for name in ("volume_id", "snapshot_id") if device.has(name)]
        if len(sources) > 1:
            yield conflict(device, *sources)
        if not sources:
            yield missing(device, "volume_id", "snapshot_id")
    if given["block_device_mapping"] and given["block_device_mapping_v2"]:
        yield conflict(given, "block_device_mapping_v2", "block_device_mapping")
    for device in given.each("block_device_mapping_v2"):
        sources = [name for name in _SOURCES if device.has(name)]
        # A size and a format of the same ephemeral disk are one source.
        sources += [name for name in ("ephemeral_size", "ephemeral_format") if device[name]][:1]
        if len(sources) > 1:
            yield conflict(device, *sources)
        if not sources:
            yield missing(device, *_SOURCES, "ephemeral_size", "ephemeral_format")


def _boot(given: Given) -> Iterator[Broken]:
    """A server boots from one thing: its image, or a volume."""
    if given.has("image") and "block_device_mapping_v2" not in given.values:
        return
    elder = any(device["device_name"] == "vda" for device in given.each("block_device_mapping"))
    devices = 1 if given.has("image") else 0
    for device in given.each("block_device_mapping_v2"):
        sources = [name for name in ("volume_id", "snapshot_id", "image") if device.has(name)]
        if sources and device["boot_index"] in (None, 0):
            devices += len(sources)
    if not devices and not elder:
        words = "there is nothing to boot from: neither an image nor a bootable volume"
        yield Broken(words, given.trail, "missing-property", "image")
    listed = given["block_device_mapping_v2"]
    if isinstance(listed, list) and listed and (devices > 1 or (not devices and elder)):
        trail = given.at("block_device_mapping_v2")
        yield Broken("a server boots from one thing, and from one only", trail, "conflict")


def _server_network(net: Given) -> Iterator[Broken]:
    own = [name for name in ("network", "port", "subnet") if net.has(name)]
    allocate = net["allocate_network"]
    if not own and not allocate:
        yield missing(net, "network", "port", "subnet", "allocate_network")
    if allocate and sum(1 for name in net.props if net.has(name)) != 1:
        yield Broken('"allocate_network" stands alone', net.at("allocate_network"), "conflict")
    if net["fixed_ip"] and net.has("port"):
        yield conflict(net, "port", "fixed_ip")
    if net.has("floating_ip") and own == ["network"] and not net["port_extra_properties"]:
        yield needless(net, "floating_ip", "where only a network is named: Heat makes no port then")


def _server_networks(given: Given) -> Iterator[Broken]:
    if "networks" not in given.values:
        return
    # Heat looks at networks after it has asked the cloud about the image; here nobody asks.
    warns = bool(given["image"])
    found = [*every("networks", _server_network)(given), *_server_ports(given)]
    yield from (msgspec.structs.replace(each, warns=warns) for each in found)


def _server_ports(given: Given) -> Iterator[Broken]:
    nets = list(given.each("networks"))
    if any(net["allocate_network"] for net in nets) and len(nets) != 1:
        words = '"allocate_network" is for a server of one network'
        yield Broken(words, given.at("networks"), "conflict")
    if given["security_groups"] and any(net.has("port") for net in nets):
        words = '"security_groups" is not for a server with ports of its own: the ports have them'
        yield Broken(words, given.at("security_groups"), "conflict")


def _volume(given: Given) -> Iterator[Broken]:
    """A volume has a size, or takes it from one snapshot or volume."""
    if given["backup_id"]:
        return
    sources = [name for name in ("snapshot_id", "source_volid", "image") if given[name]]
    if not given.has("size"):
        if len(sources) > 1:
            yield conflict(given, *sources)
        elif not sources or sources == ["image"]:
            yield missing(given, "size", "snapshot_id", "source_volid", "backup_id")
    elif given["size"] and len(sources) > 1:
        yield conflict(given, *sources)


def _volume_type(given: Given) -> Iterator[Broken]:
    if given["projects"] and given["is_public"]:
        yield needless(given, "projects", "where the type is public")


def _image(given: Given) -> Iterator[Broken]:
    container, disk = given["container_format"], given["disk_format"]
    if container in ("ami", "ari", "aki") and disk != container:
        words = f'with the container_format {container} goes the disk_format "{container}"'
        yield Broken(words, given.at("disk_format"), hint=str(container))
    if given["members"] and given["visibility"] != "shared":
        yield needless(given, "members", "unless the visibility is shared")


_RESTARTS = ("always", "unless-stopped", "on-failure", "no")


def _restart(given: Given) -> Iterator[Broken]:
    policy = given.text("restart_policy")
    if not policy:
        return
    name, colon, rest = policy.partition(":")
    right = (name == "on-failure" and ":" not in rest) if colon else name in _RESTARTS
    if not right:
        words = f'"{policy}" is none of no, always, unless-stopped, on-failure[:count]'
        yield Broken(words, given.at("restart_policy"))


def _mount(mount: Given) -> Iterator[Broken]:
    if mount["volume_id"] and mount["volume_size"]:
        yield conflict(mount, "volume_id", "volume_size")
    if not mount.has("volume_id") and not mount.has("volume_size"):
        yield missing(mount, "volume_id", "volume_size")


def _container_network(net: Given) -> Iterator[Broken]:
    if not net.has("network") and not net.has("port"):
        yield missing(net, "network", "port")
    if net["fixed_ip"] and net.has("port"):
        yield conflict(net, "port", "fixed_ip")


def _nic(nic: Given) -> Iterator[Broken]:
    if nic.has("network") and nic.has("port"):
        yield conflict(nic, "network", "port")
    if not nic.has("network") and not nic.has("port"):
        yield missing(nic, "network", "port")


def _after_datastore(*rules: Rule) -> Rule:
    """Rules that Heat looks at after it has asked the cloud about the datastore; here nobody asks."""

    def rule(given: Given) -> Iterator[Broken]:
        warns = bool(given["datastore_type"])
        if given["datastore_version"] and not warns:
            yield needed(given, "datastore_type", 'where there is a "datastore_version"')
        found = [each for inner in rules for each in inner(given)]
        yield from (msgspec.structs.replace(each, warns=warns) for each in found)

    return rule


def _databases(given: Given) -> Iterator[Broken]:
    """Users may only use databases that the instance has."""
    users = list(given.each("users"))
    if not users:
        return
    if not given["databases"]:
        yield needed(given, "databases", "where there are users")
        return
    names = {base["name"] for base in given.each("databases")}
    for user in users:
        wanted = user["databases"]
        for name in wanted if isinstance(wanted, list) else ():
            if isinstance(name, str) and name not in names:
                yield Broken(f'there is no database "{name}"', user.at("databases"))


def _aws_devices(given: Given) -> Iterator[Broken]:
    for device in given.each("BlockDeviceMappings"):
        ebs = device.within("Ebs")
        if not device["Ebs"]:
            yield missing(device, "Ebs")
        elif ebs is not None and not ebs["SnapshotId"]:
            yield missing(ebs, "SnapshotId")


def _instance_groups(given: Given) -> Iterator[Broken]:
    groups = given["SecurityGroups"] or given["SecurityGroupIds"]
    if groups and given["NetworkInterfaces"]:
        yield conflict(given, "NetworkInterfaces", "SecurityGroups")


def _launch(given: Given) -> Iterator[Broken]:
    if given["InstanceId"]:
        return
    for name in ("ImageId", "InstanceType"):
        if not given[name]:
            yield needed(given, name, 'unless there is an "InstanceId"')


def _address(given: Given) -> Iterator[Broken]:
    if given["EIP"] and given["AllocationId"]:
        yield conflict(given, "EIP", "AllocationId")
    if not given["EIP"] and not given["AllocationId"]:
        yield missing(given, "EIP", "AllocationId")
    if given["EIP"] and not given["InstanceId"]:
        yield needed(given, "InstanceId", 'where there is an "EIP"')
    elif not given["InstanceId"] and not given["NetworkInterfaceId"]:
        yield missing(given, "InstanceId", "NetworkInterfaceId")


def _health_check(given: Given) -> Iterator[Broken]:
    check = given.within("HealthCheck")
    if check is None:
        return
    interval, timeout = check.number("Interval"), check.number("Timeout")
    if interval is not None and timeout is not None and interval < timeout:
        yield Broken('"Interval" is shorter than "Timeout"', check.at("Interval"))


RULES: dict[str, tuple[Rule, ...]] = {
    "AWS::AutoScaling::LaunchConfiguration": (_aws_devices, _launch),
    "AWS::EC2::EIPAssociation": (_address,),
    "AWS::EC2::Instance": (_instance_groups, _aws_devices),
    "AWS::ElasticLoadBalancing::LoadBalancer": (_health_check,),
    "OS::Cinder::Volume": (_volume,),
    "OS::Cinder::VolumeType": (_volume_type,),
    "OS::Glance::WebImage": (_image,),
    "OS::Nova::Server": (_devices, _boot, _server_networks),
    "OS::Trove::Cluster": (_after_datastore(every("instances", every("networks", _nic))),),
    "OS::Trove::Instance": (_after_datastore(_databases, every("networks", _nic)),),
    "OS::Zun::Container": (_restart, every("mounts", _mount), every("networks", _container_network)),
}
