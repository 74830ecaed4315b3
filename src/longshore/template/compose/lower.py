"""A complete Compose model to the specs of the house: one function per field of a service."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from longshore.model.options import Options
from longshore.model.spec import (
    SECONDS,
    Attachment,
    Awaited,
    Build,
    Dependency,
    FailureAction,
    FileMount,
    Graph,
    Healthcheck,
    ImageRef,
    Mount,
    MountKind,
    NetworkSpec,
    Placement,
    Port,
    Protocol,
    Pull,
    RestartPolicy,
    RestartWhen,
    ServiceSpec,
    Subnet,
    UpdateOrder,
    UpdatePolicy,
    VolumeSpec,
)
from longshore.template import quantity, supply
from longshore.template.compose import names, options, placement, volumes
from longshore.template.compose.inputs import Inputs, digest
from longshore.template.findings import At
from longshore.template.nodes import (
    Map,
    Node,
    Seq,
    bool_of,
    entries_of,
    float_of,
    int_of,
    items_of,
    string_of,
    strings_of,
)

_PULLS = {"always": Pull.ALWAYS, "refresh": Pull.ALWAYS, "never": Pull.NEVER}
"""Policies that ask otherwise than the engine first and then a registry."""

_FOREVER = ("always", "unless-stopped")

_HEALTHCHECK, _OPTIONS, _PLACEMENT, _UPDATE = Healthcheck(), Options(), Placement(), UpdatePolicy()
"""As they are where nothing is said, which is nearly everywhere: many services share these very ones."""

_Usual = TypeVar("_Usual", Options, Placement)


class Scope(msgspec.Struct, frozen=True):
    """What lowering needs to know besides the model."""

    project: str
    directory: str
    inputs: Inputs
    services: frozenset[str]
    at: At

    def path(self, written: str) -> str:
        """A path of the template as an absolute one of the client's machine."""
        if written == "~" or written.startswith("~/"):
            return self.inputs.home + written[1:] if self.inputs.home else written
        return supply.absolute(written, self.directory)


def graph(model: Map, services: dict[str, ServiceSpec], scope: Scope) -> Graph:
    """The graph of services that were lowered; of the rest of a model what no service uses is left out."""
    networks = {a.network for s in services.values() for a in s.networks}
    volumes = {m.source for s in services.values() for m in s.mounts if m.kind is MountKind.VOLUME}
    return Graph(
        name=scope.project,
        services=services,
        networks={k: _network(n) for k, n in _maps(model.get("networks")) if k in networks},
        volumes={k: _volume(n) for k, n in _maps(model.get("volumes")) if k in volumes},
    )


def service(name: str, node: Map, scope: Scope) -> ServiceSpec:
    """A service that has no faults, by itself; what others say of it is for `neighbours`."""
    environment = scope.inputs.environments[name]
    return ServiceSpec(
        name=name,
        image=ImageRef(
            name=string_of(node.get("image"), names.of_image(scope.project, name)),
            pull=_PULLS.get(string_of(node.get("pull_policy")), Pull.MISSING),
        ),
        build=_build(name, node, scope),
        command=_command(node.get("command")),
        entrypoint=_command(node.get("entrypoint")),
        environment={k: v for k, v in environment.items() if v is not None},
        labels=scope.inputs.labels[name],
        service_labels=_pairs(node.get("deploy", "labels")),
        ports=tuple(_port(p) for p in items_of(node.get("ports")) if isinstance(p, Map)),
        expose=strings_of(node.get("expose")),
        mounts=_mounts(node, scope),
        files=(*_files(node, "secrets", scope), *_files(node, "configs", scope)),
        networks=tuple(_attachment(k, entries_of(v)) for k, v in entries_of(node.get("networks")).items()),
        depends_on=tuple(_dependency(k, v) for k, v in _maps(node.get("depends_on")) if k in scope.services),
        healthcheck=_healthcheck(node.get("healthcheck")),
        restart=_restart(node),
        user=string_of(node.get("user")),
        working_dir=string_of(node.get("working_dir")),
        stop_grace=_duration(node.get("stop_grace_period"), 10 * SECONDS),
        replicas=int_of(node.get("deploy", "replicas") or node.get("scale"), 1),
        resources=placement.resources(node),
        placement=_shared(placement.placement(node), _PLACEMENT),
        update=_update(node.get("deploy", "update_config")),
        rollback=_update(node.get("deploy", "rollback_config")),
        options=_shared(options.options(node), _OPTIONS),
    )


def _shared(found: _Usual, usual: _Usual) -> _Usual:
    return usual if found == usual else found


def _command(node: Node | None) -> tuple[str, ...] | None:
    return strings_of(node) if isinstance(node, Seq) else None


def _build(name: str, node: Map, scope: Scope) -> Build | None:
    build = node.get("build")
    if not isinstance(build, Map):
        return None
    return Build(
        context=scope.path(string_of(build.get("context"))),
        dockerfile=string_of(build.get("dockerfile"), "Dockerfile"),
        dockerfile_inline=string_of(build.get("dockerfile_inline")),
        args=scope.inputs.build_args[name],
        target=string_of(build.get("target")),
        labels=_pairs(build.get("labels")),
        tags=strings_of(build.get("tags")),
        platform=next(iter(strings_of(build.get("platforms"))), string_of(node.get("platform"))),
        no_cache=bool_of(build.get("no_cache")),
        cache_from=strings_of(build.get("cache_from")),
        pull=bool_of(build.get("pull")),
        network=string_of(build.get("network")),
        extra_hosts=options.hosts(build.get("extra_hosts")),
        shm_size=int_of(build.get("shm_size")),
        ulimits=options.ulimits(build.get("ulimits")),
    )


def _attachment(network: str, found: dict[str, Node]) -> Attachment:
    return Attachment(
        network=network,
        aliases=strings_of(found.get("aliases")),
        address=string_of(found.get("ipv4_address")),
        options=_pairs(found.get("driver_opts")),
    )


def _port(node: Map) -> Port:
    return Port(
        target=int_of(node.get("target")),
        published=int_of(node.get("published")),
        protocol=Protocol(string_of(node.get("protocol"))),
        host_ip=string_of(node.get("host_ip")),
    )


def _mounts(node: Map, scope: Scope) -> tuple[Mount, ...]:
    found = [_mount(m, scope) for m in items_of(node.get("volumes")) if isinstance(m, Map)]
    for line in strings_of(node.get("tmpfs")):
        target, size, further = volumes.tmpfs_parts(line)
        found.append(Mount(kind=MountKind.TMPFS, target=target, size=size, options=further))
    return tuple(found)


def _mount(node: Map, scope: Scope) -> Mount:
    kind = MountKind(string_of(node.get("type")))
    source = string_of(node.get("source"))
    is_bind = kind is MountKind.BIND
    return Mount(
        kind=kind,
        target=string_of(node.get("target")),
        source=scope.path(source) if is_bind else source,
        read_only=bool_of(node.get("read_only")),
        from_client=is_bind and not source.startswith("/"),
        size=int_of(node.get("tmpfs", "size")),
        mode=int(string_of(node.get("tmpfs", "mode")) or "0", 8),
        nocopy=bool_of(node.get("volume", "nocopy")),
        propagation=string_of(node.get("bind", "propagation")),
        selinux=string_of(node.get("bind", "selinux")),
        create=bool_of(node.get("bind", "create_host_path"), default=True),
    )


def _files(node: Map, section: str, scope: Scope) -> list[FileMount]:
    found: list[FileMount] = []
    for grant in items_of(node.get(section)):
        if not isinstance(grant, Map):
            continue
        name = string_of(grant.get("source"))
        # A target that is a bare name lies where things of its kind lie.
        home = "/run/secrets/" if section == "secrets" else "/"
        target = string_of(grant.get("target"), name)
        found.append(
            FileMount(
                name=name,
                digest=digest(scope.inputs.contents.get((section, name), "")),
                target=target if target.startswith("/") else home + target,
                secret=section == "secrets",
                mode=int(string_of(grant.get("mode")) or "0444", 8),
                uid=int_of(grant.get("uid")),
                gid=int_of(grant.get("gid")),
            )
        )
    return found


def _dependency(service: str, node: Map) -> Dependency:
    return Dependency(
        service=service,
        condition=Awaited(string_of(node.get("condition"))),
        required=bool_of(node.get("required"), default=True),
        restart=bool_of(node.get("restart")),
    )


def _healthcheck(node: Node | None) -> Healthcheck | None:
    if not isinstance(node, Map):
        return None
    given = strings_of(node.get("test"))
    if bool_of(node.get("disable")) or given[:1] == ("NONE",):
        return Healthcheck(disable=True)
    usual = _HEALTHCHECK
    return Healthcheck(
        test=given,
        interval=_duration(node.get("interval"), usual.interval),
        timeout=_duration(node.get("timeout"), usual.timeout),
        # Nought means the engine's own number, as with Docker.
        retries=int_of(node.get("retries")) or usual.retries,
        start_period=_duration(node.get("start_period"), usual.start_period),
    )


def _restart(node: Map) -> RestartPolicy:
    policy = node.get("deploy", "restart_policy")
    if isinstance(policy, Map):
        return RestartPolicy(
            when=RestartWhen(string_of(policy.get("condition")) or "any"),
            delay=_duration(policy.get("delay"), 0),
            max_attempts=int_of(policy.get("max_attempts")),
            window=_duration(policy.get("window"), 0),
        )
    said, _, attempts = string_of(node.get("restart")).partition(":")
    if said == "no":
        return RestartPolicy(when=RestartWhen.NONE)
    if said in _FOREVER:
        return RestartPolicy(when=RestartWhen.ANY)
    return RestartPolicy(when=RestartWhen.ON_FAILURE, max_attempts=int(attempts or 0))


def _update(node: Node | None) -> UpdatePolicy:
    usual = _UPDATE
    if not isinstance(node, Map):
        return usual
    return UpdatePolicy(
        parallelism=int_of(node.get("parallelism"), usual.parallelism),
        delay=_duration(node.get("delay"), usual.delay),
        order=UpdateOrder(string_of(node.get("order")) or usual.order),
        failure_action=FailureAction(string_of(node.get("failure_action")) or usual.failure_action),
        monitor=_duration(node.get("monitor"), usual.monitor),
        max_failure_ratio=float_of(node.get("max_failure_ratio"), usual.max_failure_ratio),
    )


def _network(node: Map) -> NetworkSpec:
    return NetworkSpec(
        name=string_of(node.get("name")),
        driver=string_of(node.get("driver"), "bridge"),
        internal=bool_of(node.get("internal")),
        external=bool_of(node.get("external")),
        labels=_pairs(node.get("labels")),
        options=_pairs(node.get("driver_opts")),
        subnets=tuple(
            Subnet(
                subnet=string_of(each.get("subnet")),
                ip_range=string_of(each.get("ip_range")),
                gateway=string_of(each.get("gateway")),
                reserved=_pairs(each.get("aux_addresses")),
            )
            for each in items_of(node.get("ipam", "config"))
            if isinstance(each, Map)
        ),
    )


def _volume(node: Map) -> VolumeSpec:
    return VolumeSpec(
        name=string_of(node.get("name")),
        driver=string_of(node.get("driver"), "local"),
        external=bool_of(node.get("external")),
        labels=_pairs(node.get("labels")),
        options=_pairs(node.get("driver_opts")),
    )


def _pairs(node: Node | None) -> dict[str, str]:
    return {name: string_of(value) for name, value in entries_of(node).items()}


def _maps(node: Node | None) -> list[tuple[str, Map]]:
    return [(k, v) for k, v in entries_of(node).items() if isinstance(v, Map)]


def _duration(node: Node | None, default: int) -> int:
    found = quantity.duration(string_of(node))
    return default if found is None else found
