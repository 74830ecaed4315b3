"""A service's options in the engine's words. Pure: rows of a name there and a value here.

What is left at its default is left out, so that the engine's own default holds.
"""

from __future__ import annotations

from longshore.model.options import BlockIo, Cpu, Options, Rate, Ulimit


def container_options(options: Options) -> dict[str, object]:
    """What stands at the top of a container's body."""
    return _said(
        {
            "Domainname": options.domainname,
            "Tty": options.tty,
            "OpenStdin": options.stdin_open,
            "StopSignal": options.stop_signal,
        }
    )


def host_options(options: Options) -> dict[str, object]:
    """What stands in its `HostConfig`."""
    said = _said(
        {
            "NetworkMode": options.network_mode,
            "Dns": list(options.dns),
            "DnsOptions": list(options.dns_options),
            "DnsSearch": list(options.dns_search),
            "ExtraHosts": list(options.extra_hosts),
            "GroupAdd": list(options.group_add),
            "ReadonlyRootfs": options.read_only,
            "Privileged": options.privileged,
            "CapAdd": list(options.cap_add),
            "CapDrop": list(options.cap_drop),
            "SecurityOpt": list(options.security_opt),
            "Devices": [
                {
                    "PathOnHost": device.source,
                    "PathInContainer": device.target,
                    "CgroupPermissions": device.permissions,
                }
                for device in options.devices
            ],
            "DeviceCgroupRules": list(options.device_cgroup_rules),
            "Sysctls": options.sysctls,
            "Runtime": options.runtime,
            "PidMode": options.pid,
            "IpcMode": options.ipc,
            "UTSMode": options.uts,
            "UsernsMode": options.userns,
            "CgroupnsMode": options.cgroup,
            "CgroupParent": options.cgroup_parent,
            "ShmSize": options.shm_size,
            "Ulimits": ulimits(options.ulimits),
            "MemorySwap": options.memswap_limit,
            "OomKillDisable": options.oom_kill_disable,
            "OomScoreAdj": options.oom_score_adj,
            "StorageOpt": options.storage_opt,
            **_cpu(options.cpu),
            **_block_io(options.block_io),
        }
    )
    if options.init is not None:
        said["Init"] = options.init
    if options.mem_swappiness is not None:
        said["MemorySwappiness"] = options.mem_swappiness
    if options.logging.driver or options.logging.options:
        # Options without a driver are for the engine's own.
        said["LogConfig"] = {"Type": options.logging.driver, "Config": options.logging.options}
    return said


def ulimits(limits: tuple[Ulimit, ...]) -> list[dict[str, object]]:
    """Limits of processes, of containers as well as of builds."""
    return [{"Name": each.name, "Soft": each.soft, "Hard": each.hard} for each in limits]


def _cpu(cpu: Cpu) -> dict[str, object]:
    return {
        "CpuShares": cpu.shares,
        "CpuQuota": cpu.quota,
        "CpuPeriod": cpu.period,
        "CpuRealtimeRuntime": cpu.rt_runtime,
        "CpuRealtimePeriod": cpu.rt_period,
        "CpusetCpus": cpu.cpuset,
    }


def _block_io(io: BlockIo) -> dict[str, object]:
    return {
        "BlkioWeight": io.weight,
        "BlkioWeightDevice": [{"Path": each.path, "Weight": each.rate} for each in io.weight_device],
        "BlkioDeviceReadBps": _rates(io.device_read_bps),
        "BlkioDeviceReadIOps": _rates(io.device_read_iops),
        "BlkioDeviceWriteBps": _rates(io.device_write_bps),
        "BlkioDeviceWriteIOps": _rates(io.device_write_iops),
    }


def _rates(rates: tuple[Rate, ...]) -> list[dict[str, object]]:
    return [{"Path": each.path, "Rate": each.rate} for each in rates]


def _said(rows: dict[str, object]) -> dict[str, object]:
    """The rows that say something: to the engine nought and nothing are its defaults, too."""
    return {name: value for name, value in rows.items() if value}
