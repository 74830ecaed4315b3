"""Servers, networks and volumes in the words of CloudFormation."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    ABSENT,
    DEPRECATED,
    FIXED,
    REQUIRED,
    UPDATES,
    allowed,
    between,
    boolean,
    form,
    integer,
    listing,
    mapping,
    number,
    pattern,
    row,
    rows,
    string,
)

_TAGS = {
    "Tags": listing(mapping({"Key": string(REQUIRED), "Value": string(REQUIRED)}, ABSENT)),
}

ROWS = rows(
    row(
        "AWS::EC2::EIP",
        "A public address, given to a server if one is named.",
        {
            "Domain": string(DEPRECATED, allowed("vpc")),
            "InstanceId": string(UPDATES, form("nova.server")),
        },
        "AllocationId:string",
    ),
    row(
        "AWS::EC2::EIPAssociation",
        "Ties a public address to a server or a network interface.",
        {
            "InstanceId": string(UPDATES, form("nova.server")),
            "EIP": string(UPDATES, form("ip_addr")),
            "AllocationId": string(UPDATES),
            "NetworkInterfaceId": string(UPDATES),
        },
    ),
    row(
        "AWS::EC2::Instance",
        "A server, in the words of CloudFormation.",
        {
            "ImageId": string(REQUIRED, form("glance.image")),
            "InstanceType": string(REQUIRED, UPDATES, form("nova.flavor")),
            "KeyName": string(form("nova.keypair")),
            "AvailabilityZone": string(),
            "DisableApiTermination": string(ABSENT),
            "KernelId": string(ABSENT),
            "Monitoring": boolean(ABSENT),
            "PlacementGroupName": string(ABSENT),
            "PrivateIpAddress": string(ABSENT),
            "RamDiskId": string(ABSENT),
            "SecurityGroups": listing(),
            "SecurityGroupIds": listing(),
            "NetworkInterfaces": listing(None, UPDATES),
            "SourceDestCheck": boolean(ABSENT),
            "SubnetId": string(UPDATES),
            "Tags": listing(mapping({"Key": string(REQUIRED), "Value": string(REQUIRED)}), UPDATES),
            "NovaSchedulerHints": listing(mapping({"Key": string(REQUIRED), "Value": string(REQUIRED)})),
            "Tenancy": string(ABSENT, allowed("dedicated", "default")),
            "UserData": string(),
            "Volumes": listing(
                mapping({"Device": string(REQUIRED), "VolumeId": string(REQUIRED, form("cinder.volume"))}),
                default=[],
            ),
            "BlockDeviceMappings": listing(
                mapping(
                    {
                        "DeviceName": string(REQUIRED),
                        "Ebs": mapping(
                            {
                                "DeleteOnTermination": boolean(default=True),
                                "Iops": number(ABSENT),
                                "SnapshotId": string(form("cinder.snapshot")),
                                "VolumeSize": string(),
                                "VolumeType": string(ABSENT),
                            }
                        ),
                        "NoDevice": mapping(None, ABSENT),
                        "VirtualName": string(ABSENT),
                    }
                )
            ),
        },
        "AvailabilityZone:string PrivateDnsName:string PublicDnsName:string PrivateIp:string PublicIp:string",
    ),
    row(
        "AWS::EC2::InternetGateway",
        "Stands for the way from a VPC to the outside; makes nothing by itself.",
        {**_TAGS},
    ),
    row(
        "AWS::EC2::NetworkInterface",
        "A port of a subnet that a server can plug in.",
        {
            "Description": string(),
            "GroupSet": listing(None, UPDATES),
            "PrivateIpAddress": string(),
            "SourceDestCheck": boolean(ABSENT),
            "SubnetId": string(REQUIRED, form("neutron.subnet")),
            **_TAGS,
        },
        "PrivateIpAddress:string",
    ),
    row(
        "AWS::EC2::RouteTable",
        "A router for the subnets of a VPC.",
        {
            "VpcId": string(REQUIRED),
            **_TAGS,
        },
    ),
    row(
        "AWS::EC2::SecurityGroup",
        "Which traffic may reach and leave servers.",
        {
            "GroupDescription": string(REQUIRED),
            "VpcId": string(),
            "SecurityGroupIngress": listing(
                mapping(
                    {
                        "CidrIp": string(),
                        "FromPort": string(),
                        "ToPort": string(),
                        "IpProtocol": string(),
                        "SourceSecurityGroupId": string(),
                        "SourceSecurityGroupName": string(),
                        "SourceSecurityGroupOwnerId": string(ABSENT),
                    }
                ),
                UPDATES,
            ),
            "SecurityGroupEgress": listing(
                mapping(
                    {
                        "CidrIp": string(),
                        "FromPort": string(),
                        "ToPort": string(),
                        "IpProtocol": string(),
                        "SourceSecurityGroupId": string(),
                        "SourceSecurityGroupName": string(),
                        "SourceSecurityGroupOwnerId": string(ABSENT),
                    }
                ),
                UPDATES,
            ),
        },
    ),
    row(
        "AWS::EC2::Subnet",
        "A range of addresses within a VPC.",
        {
            "AvailabilityZone": string(),
            "CidrBlock": string(REQUIRED),
            "VpcId": string(REQUIRED),
            **_TAGS,
        },
        "AvailabilityZone:string",
    ),
    row(
        "AWS::EC2::SubnetRouteTableAssociation",
        "Puts a subnet behind a route table.",
        {
            "RouteTableId": string(REQUIRED),
            "SubnetId": string(REQUIRED, form("neutron.subnet")),
        },
    ),
    row(
        "AWS::EC2::VPC",
        "A network of one's own.",
        {
            "CidrBlock": string(),
            "InstanceTenancy": string(ABSENT, allowed("default", "dedicated"), default="default"),
            **_TAGS,
        },
    ),
    row(
        "AWS::EC2::VPCGatewayAttachment",
        "Opens a VPC to the outside through its gateway.",
        {
            "VpcId": string(REQUIRED),
            "InternetGatewayId": string(),
            "VpnGatewayId": string(ABSENT),
        },
    ),
    row(
        "AWS::EC2::Volume",
        "A block volume.",
        {
            "AvailabilityZone": string(REQUIRED, FIXED),
            "Size": integer(FIXED, between(1)),
            "SnapshotId": string(FIXED, form("cinder.backup")),
            "Tags": listing(mapping({"Key": string(REQUIRED), "Value": string(REQUIRED)}), FIXED),
        },
        snapshot=True,
    ),
    row(
        "AWS::EC2::VolumeAttachment",
        "Plugs a volume into a server.",
        {
            "InstanceId": string(REQUIRED, FIXED, form("nova.server")),
            "VolumeId": string(REQUIRED, FIXED, form("cinder.volume")),
            "Device": string(REQUIRED, FIXED, pattern(r"/dev/vd[b-z]")),
        },
    ),
)
