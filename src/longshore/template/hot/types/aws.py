"""Groups, stacks, signals and users in the words of CloudFormation."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    ABSENT,
    LOOSE,
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
    row,
    rows,
    string,
)

ROWS = rows(
    row(
        "AWS::AutoScaling::AutoScalingGroup",
        "A group of like servers that grows and shrinks, in the words of CloudFormation.",
        {
            "AvailabilityZones": listing(None, REQUIRED),
            "LaunchConfigurationName": string(UPDATES),
            "InstanceId": string(form("nova.server")),
            "MaxSize": integer(REQUIRED, UPDATES),
            "MinSize": integer(REQUIRED, UPDATES),
            "Cooldown": integer(UPDATES),
            "DesiredCapacity": integer(UPDATES),
            "HealthCheckGracePeriod": integer(ABSENT),
            "HealthCheckType": string(ABSENT, allowed("EC2", "ELB")),
            "LoadBalancerNames": listing(),
            "VPCZoneIdentifier": listing(string()),
            "Tags": listing(mapping({"Key": string(REQUIRED), "Value": string(REQUIRED)})),
        },
        "InstanceList:string",
        update_policy={
            "AutoScalingRollingUpdate": mapping(
                {
                    "MinInstancesInService": integer(default=0),
                    "MaxBatchSize": integer(default=1),
                    "PauseTime": string(default="PT0S"),
                }
            )
        },
    ),
    row(
        "AWS::AutoScaling::LaunchConfiguration",
        "How the servers of a group are made.",
        {
            "ImageId": string(form("glance.image")),
            "InstanceType": string(form("nova.flavor")),
            "InstanceId": string(form("nova.server")),
            "KeyName": string(form("nova.keypair")),
            "UserData": string(),
            "SecurityGroups": listing(),
            "KernelId": string(ABSENT),
            "RamDiskId": string(ABSENT),
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
            "NovaSchedulerHints": listing(mapping({"Key": string(REQUIRED), "Value": string(REQUIRED)})),
        },
    ),
    row(
        "AWS::AutoScaling::ScalingPolicy",
        "By how much a signal makes a group grow or shrink.",
        {
            "AutoScalingGroupName": string(REQUIRED),
            "ScalingAdjustment": integer(REQUIRED, UPDATES),
            "AdjustmentType": string(
                REQUIRED, UPDATES, allowed("ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity")
            ),
            "Cooldown": integer(UPDATES),
            "MinAdjustmentStep": integer(UPDATES, between(0)),
        },
        "AlarmUrl:string",
    ),
    row(
        "AWS::CloudFormation::Stack",
        "A stack within the stack, made from a template at a URL.",
        {
            "TemplateURL": string(REQUIRED, UPDATES),
            "TimeoutInMinutes": integer(UPDATES),
            "Parameters": mapping(None, UPDATES),
        },
        any_attribute=True,
    ),
    row(
        "AWS::CloudFormation::WaitCondition",
        "Waits until enough signals have come to a handle.",
        {
            "Handle": string(REQUIRED),
            "Timeout": integer(REQUIRED, between(1, 43200)),
            "Count": integer(UPDATES, between(1), default=1),
        },
        "Data:string",
    ),
    row(
        "AWS::CloudFormation::WaitConditionHandle",
        "A signed URL to which servers signal that they are ready.",
        {},
    ),
    row(
        "AWS::ElasticLoadBalancing::LoadBalancer",
        "A balancer that is a server of its own, running HAProxy.",
        {
            "AvailabilityZones": listing(None, REQUIRED),
            "HealthCheck": mapping(
                {
                    "HealthyThreshold": integer(REQUIRED),
                    "Interval": integer(REQUIRED),
                    "Target": string(REQUIRED),
                    "Timeout": integer(REQUIRED),
                    "UnhealthyThreshold": integer(REQUIRED),
                }
            ),
            "Instances": listing(None, UPDATES),
            "Listeners": listing(
                mapping(
                    {
                        "InstancePort": integer(REQUIRED),
                        "LoadBalancerPort": integer(REQUIRED),
                        "Protocol": string(REQUIRED, allowed("TCP", "HTTP")),
                        "SSLCertificateId": string(ABSENT),
                        "PolicyNames": listing(None, ABSENT),
                    }
                ),
                REQUIRED,
            ),
            "AppCookieStickinessPolicy": string(ABSENT),
            "LBCookieStickinessPolicy": string(ABSENT),
            "SecurityGroups": listing(None, UPDATES),
            "Subnets": listing(None, ABSENT),
        },
        "CanonicalHostedZoneName:string CanonicalHostedZoneNameID:string DNSName:string "
        "SourceSecurityGroup.GroupName:string SourceSecurityGroup.OwnerAlias:string",
    ),
    row(
        "AWS::IAM::AccessKey",
        "A pair of keys for a user.",
        {
            "Serial": integer(ABSENT),
            "UserName": string(REQUIRED),
            "Status": string(ABSENT, allowed("Active", "Inactive")),
        },
        "UserName:string SecretAccessKey:string",
    ),
    row(
        "AWS::IAM::User",
        "A user of the stack, with limited rights.",
        {
            "Path": string(),
            "Groups": listing(),
            "LoginProfile": mapping({"Password": string()}),
            "Policies": listing(),
        },
    ),
    row(
        "AWS::S3::Bucket",
        "A container of objects.",
        {
            "AccessControl": string(
                allowed(
                    "Private",
                    "PublicRead",
                    "PublicReadWrite",
                    "AuthenticatedRead",
                    "BucketOwnerRead",
                    "BucketOwnerFullControl",
                )
            ),
            "WebsiteConfiguration": mapping({"IndexDocument": string(), "ErrorDocument": string()}),
            "Tags": listing(mapping({"Key": string(REQUIRED), "Value": string(REQUIRED)})),
        },
        "DomainName:string WebsiteURL:string",
    ),
    row(
        "AWS::CloudWatch::Alarm",
        "Fires when a metric passes a threshold.",
        {
            "AlarmDescription": string(UPDATES),
            "EvaluationPeriods": string(REQUIRED, UPDATES),
            "MetricName": string(REQUIRED, UPDATES),
            "Namespace": string(UPDATES),
            "Period": string(REQUIRED, UPDATES),
            "ComparisonOperator": string(
                REQUIRED,
                UPDATES,
                allowed(
                    "GreaterThanOrEqualToThreshold",
                    "GreaterThanThreshold",
                    "LessThanThreshold",
                    "LessThanOrEqualToThreshold",
                ),
            ),
            "Statistic": string(
                REQUIRED, UPDATES, allowed("SampleCount", "Average", "Sum", "Minimum", "Maximum")
            ),
            "Threshold": string(REQUIRED, UPDATES),
            "Units": string(
                UPDATES,
                allowed(
                    "Seconds",
                    "Microseconds",
                    "Milliseconds",
                    "Bytes",
                    "Kilobytes",
                    "Megabytes",
                    "Gigabytes",
                    "Terabytes",
                    "Bits",
                    "Kilobits",
                    "Megabits",
                    "Gigabits",
                    "Terabits",
                    "Percent",
                    "Count",
                    "Bytes/Second",
                    "Kilobytes/Second",
                    "Megabytes/Second",
                    "Gigabytes/Second",
                    "Terabytes/Second",
                    "Bits/Second",
                    "Kilobits/Second",
                    "Megabits/Second",
                    "Gigabits/Second",
                    "Terabits/Second",
                    "Count/Second",
                    "None",
                ),
            ),
            "AlarmActions": listing(None, UPDATES, LOOSE),
            "OKActions": listing(None, UPDATES, LOOSE),
            "InsufficientDataActions": listing(None, UPDATES, LOOSE),
            "Dimensions": listing(None, UPDATES, LOOSE),
        },
        any_attribute=True,
    ),
    row(
        "AWS::RDS::DBInstance",
        "A database on a server of its own.",
        {
            "AllocatedStorage": string(REQUIRED, UPDATES),
            "DBInstanceClass": string(REQUIRED, UPDATES),
            "DBName": string(REQUIRED, UPDATES),
            "DBSecurityGroups": listing(None, UPDATES, LOOSE),
            "Engine": string(REQUIRED, UPDATES, allowed("MySQL")),
            "MasterUsername": string(REQUIRED, UPDATES),
            "MasterUserPassword": string(REQUIRED, UPDATES),
            "Port": string(UPDATES),
            "KeyName": string(UPDATES),
        },
        "Endpoint.Address Endpoint.Port",
        any_attribute=True,
    ),
)
