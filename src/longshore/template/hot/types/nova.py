"""Servers and what belongs to them."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    DEPRECATED,
    HIDDEN,
    REQUIRED,
    UPDATES,
    alias,
    allowed,
    between,
    boolean,
    form,
    integer,
    length,
    listing,
    mapping,
    number,
    row,
    rows,
    string,
)

ROWS = rows(
    row(
        "OS::Nova::Flavor",
        "A size of servers.",
        {
            "tenants": listing(string(form("keystone.project")), UPDATES, default=[]),
            "flavorid": string(),
            "name": string(),
            "ram": integer(REQUIRED),
            "vcpus": integer(REQUIRED),
            "disk": integer(default=0),
            "swap": integer(default=0),
            "ephemeral": integer(default=0),
            "rxtx_factor": number(default=1.0),
            "extra_specs": mapping(None, UPDATES),
            "is_public": boolean(default=True),
        },
        "is_public:boolean extra_specs:map",
    ),
    row(
        "OS::Nova::FloatingIP",
        "A public address, by an elder way.",
        {"pool": string()},
        "pool:string ip:string",
        status="hidden",
        instead="OS::Neutron::FloatingIP",
    ),
    row(
        "OS::Nova::FloatingIPAssociation",
        "Ties a public address to a server, by an elder way.",
        {
            "server_id": string(REQUIRED, UPDATES, form("nova.server")),
            "floating_ip": string(REQUIRED, UPDATES),
        },
        status="hidden",
        instead="OS::Neutron::FloatingIPAssociation",
    ),
    row(
        "OS::Nova::HostAggregate",
        "A group of physical hosts.",
        {
            "name": string(REQUIRED, UPDATES),
            "availability_zone": string(UPDATES),
            "hosts": listing(string(form("nova.host")), UPDATES),
            "metadata": mapping(None, UPDATES, default={}),
        },
    ),
    row(
        "OS::Nova::KeyPair",
        "A pair of keys that servers let in.",
        {
            "name": string(REQUIRED, length(1, 255)),
            "save_private_key": boolean(default=False),
            "public_key": string(),
            "type": string(allowed("ssh", "x509")),
            "user": string(form("keystone.user")),
        },
        "public_key:string private_key:string",
        named=False,
    ),
    row(
        "OS::Nova::Quota",
        "How much of the servers a project may use.",
        {
            "project": string(REQUIRED, form("keystone.project")),
            "cores": integer(UPDATES, between(-1)),
            "fixed_ips": integer(UPDATES, between(-1)),
            "floating_ips": integer(UPDATES, between(-1)),
            "instances": integer(UPDATES, between(-1)),
            "injected_files": integer(UPDATES, DEPRECATED, between(-1)),
            "injected_file_content_bytes": integer(UPDATES, DEPRECATED, between(-1)),
            "injected_file_path_bytes": integer(UPDATES, DEPRECATED, between(-1)),
            "key_pairs": integer(UPDATES, between(-1)),
            "metadata_items": integer(UPDATES, between(-1)),
            "ram": integer(UPDATES, between(-1)),
            "security_groups": integer(UPDATES, between(-1)),
            "security_group_rules": integer(UPDATES, between(-1)),
            "server_groups": integer(UPDATES, between(-1)),
            "server_group_members": integer(UPDATES, between(-1)),
        },
    ),
    row(
        "OS::Nova::Server",
        "A server, from an image or a volume.",
        {
            "name": string(UPDATES),
            "image": string(UPDATES, form("glance.image")),
            "block_device_mapping": listing(
                mapping(
                    {
                        "device_name": string(REQUIRED),
                        "volume_id": string(form("cinder.volume")),
                        "snapshot_id": string(form("cinder.snapshot")),
                        "volume_size": integer(),
                        "delete_on_termination": boolean(),
                    }
                )
            ),
            "block_device_mapping_v2": listing(
                mapping(
                    {
                        "device_name": string(),
                        "volume_id": string(form("cinder.volume")),
                        "image_id": string(HIDDEN, form("glance.image")),
                        "image": string(form("glance.image")),
                        "snapshot_id": string(form("cinder.snapshot")),
                        "swap_size": integer(),
                        "ephemeral_size": integer(between(1)),
                        "ephemeral_format": string(allowed("ext2", "ext3", "ext4", "xfs", "ntfs")),
                        "device_type": string(allowed("cdrom", "disk")),
                        "disk_bus": string(allowed("ide", "lame_bus", "sata", "scsi", "usb", "virtio")),
                        "boot_index": integer(),
                        "volume_size": integer(),
                        "delete_on_termination": boolean(),
                        "volume_type": string(form("cinder.vtype")),
                    }
                )
            ),
            "flavor": string(REQUIRED, UPDATES, form("nova.flavor")),
            "flavor_update_policy": string(UPDATES, allowed("RESIZE", "REPLACE"), default="RESIZE"),
            "image_update_policy": string(
                UPDATES, allowed("REBUILD", "REPLACE", "REBUILD_PRESERVE_EPHEMERAL"), default="REBUILD"
            ),
            "key_name": string(form("nova.keypair")),
            "admin_user": string(HIDDEN),
            "availability_zone": string(),
            "security_groups": listing(default=[]),
            "networks": listing(
                mapping(
                    {
                        "uuid": string(HIDDEN, form("neutron.network")),
                        "network": string(form("neutron.network")),
                        "allocate_network": string(UPDATES, allowed("none", "auto")),
                        "fixed_ip": string(form("ip_addr")),
                        "port": string(form("neutron.port")),
                        "port_extra_properties": mapping(
                            {
                                "value_specs": mapping(None, UPDATES, default={}),
                                "admin_state_up": boolean(UPDATES, default=True),
                                "mac_address": string(form("mac_addr")),
                                "allowed_address_pairs": listing(
                                    mapping(
                                        {
                                            "mac_address": string(form("mac_addr")),
                                            "ip_address": string(REQUIRED, form("ip_or_cidr")),
                                        }
                                    ),
                                    UPDATES,
                                ),
                                "binding:vnic_type": string(
                                    UPDATES,
                                    allowed(
                                        "normal",
                                        "direct",
                                        "macvtap",
                                        "direct-physical",
                                        "baremetal",
                                        "virtio-forwarder",
                                        "smart-nic",
                                    ),
                                    default="normal",
                                ),
                                "port_security_enabled": boolean(UPDATES),
                                "qos_policy": string(UPDATES, form("neutron.qos_policy")),
                                "propagate_uplink_status": boolean(UPDATES),
                                "no_fixed_ips": boolean(UPDATES, default=False),
                            },
                            UPDATES,
                        ),
                        "subnet": string(),
                        "floating_ip": string(),
                        "tag": string(),
                    }
                ),
                UPDATES,
            ),
            "scheduler_hints": mapping(),
            "metadata": mapping(None, UPDATES, default={}),
            "user_data_format": string(
                allowed("HEAT_CFNTOOLS", "RAW", "SOFTWARE_CONFIG"), default="HEAT_CFNTOOLS"
            ),
            "software_config_transport": string(
                UPDATES,
                allowed("POLL_SERVER_CFN", "POLL_SERVER_HEAT", "POLL_TEMP_URL", "ZAQAR_MESSAGE"),
                default="POLL_SERVER_CFN",
            ),
            "user_data_update_policy": string(
                UPDATES, allowed("REPLACE", "IGNORE", "REBUILD"), default="REPLACE"
            ),
            "user_data": string(UPDATES, default=""),
            "reservation_id": string(),
            "config_drive": boolean(),
            "diskConfig": string(allowed("AUTO", "MANUAL")),
            "personality": mapping(None, DEPRECATED, default={}),
            "admin_pass": string(UPDATES),
            "tags": listing(string(), UPDATES),
            "deployment_swift_data": mapping(
                {"container": string(length(1)), "object": string(length(1))}, UPDATES, default={}
            ),
        },
        "name:string addresses:map networks:map first_address instance_name:string "
        "accessIPv4:string accessIPv6:string console_urls:map tags:list os_collect_config:map",
        snapshot=True,
        aliases=(
            alias("uuid", "network", "networks"),
            alias("image_id", "image", "block_device_mapping_v2"),
        ),
    ),
    row(
        "OS::Nova::ServerGroup",
        "Servers that are to be kept together or apart.",
        {
            "name": string(),
            "policies": listing(
                string(),
                allowed("anti-affinity", "affinity", "soft-anti-affinity", "soft-affinity"),
                default=["anti-affinity"],
            ),
            "rules": mapping({"max_server_per_host": number()}),
        },
    ),
)
