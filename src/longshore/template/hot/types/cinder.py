"""Block storage."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    HIDDEN,
    REQUIRED,
    UPDATES,
    alias,
    allowed,
    between,
    boolean,
    form,
    integer,
    listing,
    mapping,
    row,
    rows,
    string,
)

ROWS = rows(
    row(
        "OS::Cinder::EncryptedVolumeType",
        "How volumes of a type are encrypted.",
        {
            "provider": string(REQUIRED, UPDATES),
            "control_location": string(UPDATES, allowed("front-end", "back-end"), default="front-end"),
            "cipher": string(UPDATES, allowed("aes-xts-plain64", "aes-cbc-essiv")),
            "key_size": integer(UPDATES),
            "volume_type": string(REQUIRED, form("cinder.vtype")),
        },
    ),
    row(
        "OS::Cinder::QoSAssociation",
        "Ties specifications of quality to types of volumes.",
        {
            "qos_specs": string(REQUIRED, form("cinder.qos_specs")),
            "volume_types": listing(string(form("cinder.vtype")), REQUIRED, UPDATES),
        },
    ),
    row(
        "OS::Cinder::QoSSpecs",
        "Specifications of the quality of volumes.",
        {
            "name": string(),
            "specs": mapping(None, REQUIRED, UPDATES),
        },
    ),
    row(
        "OS::Cinder::Quota",
        "How much block storage a project may use.",
        {
            "project": string(REQUIRED, form("keystone.project")),
            "gigabytes": integer(UPDATES, between(-1)),
            "volumes": integer(UPDATES, between(-1)),
            "backups": integer(UPDATES, between(-1)),
            "backup_gigabytes": integer(UPDATES, between(-1)),
            "snapshots": integer(UPDATES, between(-1)),
        },
    ),
    row(
        "OS::Cinder::Volume",
        "A block volume, empty or made from an image, a snapshot, a backup or another volume.",
        {
            "availability_zone": string(),
            "size": integer(UPDATES, between(1)),
            "snapshot_id": string(form("cinder.snapshot")),
            "backup_id": string(UPDATES, form("cinder.backup")),
            "name": string(UPDATES),
            "description": string(UPDATES),
            "volume_type": string(UPDATES, form("cinder.vtype")),
            "metadata": mapping(None, UPDATES, default={}),
            "imageRef": string(HIDDEN),
            "image": string(form("glance.image")),
            "source_volid": string(form("cinder.volume")),
            "scheduler_hints": mapping(),
            "read_only": boolean(UPDATES),
            "multiattach": boolean(HIDDEN, default=False),
        },
        "availability_zone:string size:string snapshot_id:string display_name:string "
        "display_description:string volume_type:string metadata:string source_volid:string "
        "status:string created_at:string bootable:string metadata_values:map encrypted:string "
        "attachments:string attachments_list:list multiattach:boolean",
        snapshot=True,
        aliases=(alias("imageRef", "image"),),
    ),
    row(
        "OS::Cinder::VolumeAttachment",
        "Plugs a volume into a server.",
        {
            "instance_uuid": string(REQUIRED, UPDATES),
            "volume_id": string(REQUIRED, UPDATES, form("cinder.volume")),
            "mountpoint": string(UPDATES),
        },
    ),
    row(
        "OS::Cinder::VolumeType",
        "A type of volumes.",
        {
            "name": string(REQUIRED, UPDATES),
            "metadata": mapping(None, UPDATES),
            "is_public": boolean(UPDATES, default=True),
            "description": string(UPDATES),
            "projects": listing(string(form("keystone.project")), UPDATES, default=[]),
        },
    ),
)
