"""Containers of a single engine, as the plug-in for Docker offered them."""

from __future__ import annotations

from longshore.template.hot.types.schema import (
    REQUIRED,
    allowed,
    boolean,
    integer,
    length,
    listing,
    mapping,
    pattern,
    row,
    rows,
    string,
)

_NAMES = (
    "ALL AUDIT_CONTROL AUDIT_WRITE BLOCK_SUSPEND CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID"
    " IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN"
    " NET_BIND_SERVICE NET_BROADCAST NET_RAW SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT"
    " SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG"
    " WAKE_ALARM"
)
_CAPABILITIES = listing(string(allowed(*_NAMES.split())), default=[])

_DEVICE = pattern(r"^/dev/[/_\-a-zA-Z0-9]+$")

ROWS = rows(
    row(
        "DockerInc::Docker::Container",
        "A container.",
        {
            "docker_endpoint": string(),
            "hostname": string(default=""),
            "user": string(default=""),
            "memory": integer(),
            "port_specs": listing(),
            "privileged": boolean(default=False),
            "tty": boolean(default=False),
            "open_stdin": boolean(default=False),
            "stdin_once": boolean(default=False),
            "env": listing(),
            "cmd": listing(default=[]),
            "dns": listing(),
            "image": string(),
            "volumes": mapping(default={}),
            "volumes_from": listing(),
            "port_bindings": mapping(),
            "links": mapping(),
            "name": string(),
            "restart_policy": mapping(
                {
                    "Name": string(allowed("no", "on-failure", "always"), default="no"),
                    "MaximumRetryCount": integer(default=0),
                },
                default={},
            ),
            "cap_add": _CAPABILITIES,
            "cap_drop": _CAPABILITIES,
            "read_only": boolean(default=False),
            "cpu_shares": integer(default=0),
            "devices": listing(
                mapping(
                    {
                        "path_on_host": string(REQUIRED, length(None, 255), _DEVICE),
                        "path_in_container": string(length(None, 255), _DEVICE),
                        "permissions": string(allowed("r", "w", "m", "rw", "rm", "wm", "rwm"), default="rwm"),
                    }
                ),
                default=[],
            ),
            "cpu_set": string(),
        },
        "info network_info network_ip network_gateway network_tcp_ports network_udp_ports logs logs_head"
        " logs_tail",
        status="unsupported",
    ),
)
