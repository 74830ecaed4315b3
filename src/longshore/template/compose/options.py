"""A service's keys that are for the container engine alone: which values are done, and their lowering.

Most go to the engine word for word. Where a key names another container there is none to name: tasks
come and go, and may lie on other hosts.
"""

from __future__ import annotations

from longshore.model.options import BlockIo, Cpu, Device, Logging, Options, Rate, Ulimit
from longshore.template.findings import At
from longshore.template.nodes import (
    Map,
    Node,
    Scalar,
    bool_of,
    entries_of,
    int_of,
    is_nothing,
    items_of,
    string_of,
    strings_of,
)
from longshore.template.schema import Check, text, unsupported

NETWORK_MODES = ("none", "host", "bridge")
IPC_MODES = ("private", "shareable", "host", "none")


def only(*words: str, hint: str) -> Check:
    """A string of which these words are done; an empty one says nothing."""

    def check(node: Node, at: At) -> Node | None:
        kept = text(node, at)
        if isinstance(kept, Scalar) and kept.text and kept.text not in words:
            unsupported(node, at, f'"{kept.text[:60]}" is not done yet, only {", ".join(words)}', hint)
        return kept

    return check


def options(service: Map) -> Options:
    """What the engine is told of a service that was checked; what was refused is left out."""
    get = service.get
    return Options(
        hostname=string_of(get("hostname")),
        domainname=string_of(get("domainname")),
        network_mode=_of(service, "network_mode", NETWORK_MODES),
        dns=strings_of(get("dns")),
        dns_options=strings_of(get("dns_opt")),
        dns_search=strings_of(get("dns_search")),
        extra_hosts=hosts(get("extra_hosts")),
        init=None if is_nothing(get("init")) else bool_of(get("init")),
        tty=bool_of(get("tty")),
        stdin_open=bool_of(get("stdin_open")),
        stop_signal=string_of(get("stop_signal")),
        group_add=strings_of(get("group_add")),
        read_only=bool_of(get("read_only")),
        privileged=bool_of(get("privileged")),
        cap_add=strings_of(get("cap_add")),
        cap_drop=strings_of(get("cap_drop")),
        security_opt=strings_of(get("security_opt")),
        devices=tuple(_device(each) for each in items_of(get("devices"))),
        device_cgroup_rules=strings_of(get("device_cgroup_rules")),
        sysctls=_words(get("sysctls")),
        runtime=string_of(get("runtime")),
        pid=_of(service, "pid", ("host",)),
        ipc=_of(service, "ipc", IPC_MODES),
        uts=_of(service, "uts", ("host",)),
        userns=_of(service, "userns_mode", ("host",)),
        cgroup=string_of(get("cgroup")),
        cgroup_parent=string_of(get("cgroup_parent")),
        shm_size=int_of(get("shm_size")),
        ulimits=ulimits(get("ulimits")),
        memswap_limit=int_of(get("memswap_limit")),
        mem_swappiness=None if is_nothing(get("mem_swappiness")) else int_of(get("mem_swappiness")),
        oom_kill_disable=bool_of(get("oom_kill_disable")),
        oom_score_adj=int_of(get("oom_score_adj")),
        cpu=_cpu(service),
        block_io=_block_io(get("blkio_config")),
        storage_opt=_words(get("storage_opt")),
        logging=Logging(
            driver=string_of(get("logging", "driver")), options=_words(get("logging", "options"))
        ),
    )


def hosts(node: Node | None) -> tuple[str, ...]:
    """Names with an address each, as the engine writes them."""
    return tuple(
        f"{name}:{address}"
        for name, addresses in entries_of(node).items()
        for address in strings_of(addresses)
    )


def ulimits(node: Node | None) -> tuple[Ulimit, ...]:
    """Limits of processes by name."""
    return tuple(_ulimit(name, each) for name, each in entries_of(node).items())


def _of(service: Map, key: str, done: tuple[str, ...]) -> str:
    """A value, if it is one that is done."""
    value = string_of(service.get(key))
    return value if value in done else ""


def _device(node: Node) -> Device:
    found = entries_of(node)
    source = string_of(found.get("source"))
    return Device(
        source=source,
        target=string_of(found.get("target")) or source,
        permissions=string_of(found.get("permissions")) or "rwm",
    )


def _ulimit(name: str, node: Node) -> Ulimit:
    """One number is both limits."""
    both = entries_of(node)
    soft, hard = (both.get("soft"), both.get("hard")) if both else (node, node)
    return Ulimit(name=name, soft=int_of(soft), hard=int_of(hard))


def _cpu(service: Map) -> Cpu:
    return Cpu(
        shares=int_of(service.get("cpu_shares")),
        quota=int_of(service.get("cpu_quota")),
        period=int_of(service.get("cpu_period")),
        rt_runtime=int_of(service.get("cpu_rt_runtime")),
        rt_period=int_of(service.get("cpu_rt_period")),
        cpuset=string_of(service.get("cpuset")),
    )


def _block_io(node: Node | None) -> BlockIo:
    found = entries_of(node)
    return BlockIo(
        weight=int_of(found.get("weight")),
        weight_device=_rates(found.get("weight_device"), "weight"),
        device_read_bps=_rates(found.get("device_read_bps"), "rate"),
        device_read_iops=_rates(found.get("device_read_iops"), "rate"),
        device_write_bps=_rates(found.get("device_write_bps"), "rate"),
        device_write_iops=_rates(found.get("device_write_iops"), "rate"),
    )


def _rates(node: Node | None, key: str) -> tuple[Rate, ...]:
    rows = (entries_of(item) for item in items_of(node))
    return tuple(Rate(path=string_of(row.get("path")), rate=int_of(row.get(key))) for row in rows)


def _words(node: Node | None) -> dict[str, str]:
    return {name: string_of(value) for name, value in entries_of(node).items()}
