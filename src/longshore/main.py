"""The only wiring: reads the environment and the clock, and builds everything from real parts.

Everything heavy is imported inside functions, so that `longshore --help` stays quick.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from longshore.cli.wiring import ServeOptions
    from longshore.model.clock import Micros
    from longshore.model.view import Version
    from longshore.schedule.strategies import Strategy
    from longshore.settings import Settings

START_LIMIT = 30.0
"""Seconds a server may take to answer after it was started: a migration of a large store among them."""


def run() -> None:
    """The `longshore` command."""
    from longshore import __version__
    from longshore.cli.app import build
    from longshore.cli.wiring import Wiring

    wiring = Wiring(
        serve=serve,
        start_server=start_server,
        reader=reader,
        now=lambda: time.time_ns() // 1000,
        state_dir=state_dir(),
        version=__version__,
        environ=os.environ,
        cwd=os.getcwd(),  # noqa: PTH109 - pathlib would be felt in --help
    )
    build(wiring).main()


def state_dir() -> str:
    """As `settings.state_of`, without importing it."""
    own = os.environ.get("LONGSHORE_STATE")
    if own:
        return os.path.abspath(own)  # noqa: PTH100 - pathlib would be felt in --help
    home = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")  # noqa: PTH111
    return os.path.join(home, "longshore")  # noqa: PTH118


def reader() -> Callable[..., Any]:
    """The api that reads templates, in this process."""
    from longshore import template
    from longshore.api.app import make_reader_app

    return make_reader_app(template.read)


class WallClock:
    """Real time. It follows the wall clock forward, and goes on steadily when that is set back.

    `not_before` is the last time that was written down: nothing happens before what has happened.
    """

    def __init__(self, not_before: int = 0) -> None:
        self._wall = max(time.time_ns() // 1000, not_before)
        self._mark = time.monotonic_ns() // 1000

    def now(self) -> Micros:
        """The time now, microseconds UTC."""
        mark = time.monotonic_ns() // 1000
        self._wall = max(time.time_ns() // 1000, self._wall + mark - self._mark)
        self._mark = mark
        return self._wall  # type: ignore[return-value]  # a NewType costs an import or a call

    async def sleep(self, length: int) -> None:
        """Wait."""
        import asyncio

        await asyncio.sleep(max(length, 0) / 1_000_000)


def start_server() -> None:
    """Start a server of this user in the background, and wait until it answers.

    Raises:
        Invalid: a setting is wrong, or the state folder cannot be used.
        Unreachable: it ended, or did not answer in time; the message has its last words.
    """
    import subprocess
    from pathlib import Path

    from longshore.model.errors import Unreachable
    from longshore.settings import make_state, read_settings

    # What is wrong with the settings is better said here than in a log.
    state = read_settings(os.environ).state
    make_state(state)
    log = state / "longshore.log"
    with log.open("ab") as out:
        begun = out.tell()
        server = subprocess.Popen(
            [sys.executable, "-m", "longshore", "serve"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            cwd=Path("/"),
            env={**os.environ, "LONGSHORE_STATE": str(state)},
        )
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        if _ask_version(state / "longshore.sock") is not None:
            return
        if server.poll() is not None:
            break
        time.sleep(0.05)
    with log.open("rb") as found:
        found.seek(begun)
        words = found.read()[-2000:].decode(errors="replace").strip().removeprefix("error: ")
    raise Unreachable(
        f"the server did not start: {words or 'it said nothing'}",
        code="server-not-started",
        remedy=f"see {log}, or run longshore serve in a terminal",
    )


def _ask_version(path: Path) -> Version | None:
    """The version of the server behind a socket; None if nobody answers."""
    import httpx
    import msgspec

    from longshore.model.view import Version

    try:
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(path)), timeout=5) as client:
            answer = client.get("http://longshore/v1/version")
        return msgspec.json.decode(answer.content, type=Version)
    except (httpx.HTTPError, msgspec.MsgspecError):
        return None


def serve(options: ServeOptions) -> None:
    """Run the server until it is told to end.

    Raises:
        Refused: another server of this user runs (`store-locked`).
        Invalid: a setting is wrong, or the state folder cannot be used.
    """
    import asyncio
    import logging

    from longshore.settings import make_state, read_settings

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("httpx", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # Each piece sent to a client that has gone would be told of; and uvicorn takes a websocket that was
    # refused with an answer for one that was forgotten.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    logging.getLogger("uvicorn.error").addFilter(
        lambda record: "without completing handshake" not in record.getMessage()
    )
    settings = read_settings(os.environ)
    make_state(settings.state)
    if options.restart:
        _end_other(settings.socket)
    asyncio.run(_serve(settings, options.listen))


def _end_other(path: Path) -> None:
    """Ask the server that runs to end, and wait for it."""
    import signal

    other = _ask_version(path)
    if other is None:
        return
    os.kill(other.pid, signal.SIGTERM)
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline and _ask_version(path) is not None:
        time.sleep(0.1)


def tune() -> None:
    """Set the interpreter up for a large estate.

    A rehearsal beside the loop must not keep the store's thread from its next statement. And nouns
    are many and live long, and hold no circles: collecting them again and again finds nothing.
    """
    import gc

    sys.setswitchinterval(0.0005)
    gc.set_threshold(100_000, 50, 50)


def _strategies() -> dict[str, Strategy]:
    """The built-in strategies, and those that installed packages bring (`longshore.strategies`).

    Raises:
        Invalid: `bad-strategy`: one cannot be loaded, is no strategy, or has no dot in its name.
    """
    from importlib.metadata import entry_points

    from longshore.model.errors import Invalid
    from longshore.schedule.strategies import STRATEGIES, Strategy

    found = dict(STRATEGIES)
    for entry in entry_points(group="longshore.strategies"):
        try:
            loaded = entry.load()
        except (ImportError, AttributeError) as error:
            loaded = error
        if not isinstance(loaded, Strategy) or "." not in entry.name:
            raise Invalid(
                f"the strategy {entry.name} of {entry.value} cannot be used: {loaded!r}",
                code="bad-strategy",
                remedy="it has to be a Strategy, under a name with a dot like acme.greenest",
            )
        found[entry.name] = loaded
    return found


async def _serve(settings: Settings, listen: str) -> None:
    """Build the server of real parts, and run it."""
    import asyncio
    import contextlib
    import getpass
    import logging
    import secrets
    import shutil
    import signal

    from longshore import template
    from longshore.api.app import make_app
    from longshore.engine.loop import Engine
    from longshore.engine.watch import Pace
    from longshore.model.batch import Kind
    from longshore.model.cloud import Cloud, Pool
    from longshore.model.host import Host
    from longshore.model.ids import Ids
    from longshore.provider.registry import Registry
    from longshore.provider.streams import HostStreams
    from longshore.service.desk import Desk
    from longshore.store import Store

    tune()
    ids = Ids((time.time_ns() // 1_000_000) << 80 | secrets.randbits(80))
    store = Store.open(str(settings.state / "longshore.db"), cell=ids.new("cell"))
    clock = WallClock(max((entry.at for entry in store.journal_tail(1)), default=0))
    provider = Registry(cell=store.cell, clock=clock, at_hand=settings.address, worlds=settings.state)
    local = Cloud(name="local", driver="local", own=True, price=settings.price)
    engine = Engine(
        store=store,
        provider=provider,
        clock=clock,
        ids=ids,
        blocking=asyncio.to_thread,
        pool=Pool(
            grace=settings.grace,
            settle=settings.settle,
            min_life=settings.min_life,
            headroom=settings.headroom,
            weights=settings.weights,
        ),
        strategies=_strategies(),
        clouds=(local,) if settings.local else (),
        pace=Pace(look=settings.look, limit=settings.answer),
    )

    async def hosts() -> list[Host]:
        return [h for h in await desk.wait(store.nouns, Kind.HOST) if isinstance(h, Host)]

    desk = Desk(
        store=store,
        streams=HostStreams(provider, hosts, {"io.longshore.cell": store.cell}, clock),
        clock=clock,
        ids=ids,
        cell=store.cell,
        started_at=clock.now(),
        read=template.read,
        pid=os.getpid(),
        owner=getpass.getuser(),
        trouble=lambda: engine.trouble,
        free_space=lambda: shutil.disk_usage(settings.state).free,
    )
    servers = [(make_app(desk, token=None, allowed_hosts=()), _unix_socket(settings.socket))]
    if listen:
        name, _, port = listen.rpartition(":")
        token = _token(settings.state / "token")
        app = make_app(desk, token=token, allowed_hosts=(name, "localhost", "127.0.0.1", "[::1]"))
        servers.append((app, _tcp_socket(name or "127.0.0.1", port)))
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    more = f" and http://{listen} (the token is in {settings.state / 'token'})" if listen else ""
    logging.getLogger("longshore").info("serving at %s%s", settings.socket, more)
    tasks = [asyncio.create_task(engine.run()), *(asyncio.create_task(_http(*s, stop)) for s in servers)]
    waiting = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([*tasks, waiting], return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    tasks[0].cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait([waiting, *tasks], timeout=10)
    await provider.close()
    store.close()
    settings.socket.unlink(missing_ok=True)
    for task in done - {waiting}:
        task.result()


async def _http(app: Any, socket: Any, stop: Any) -> None:  # noqa: ANN401 - imported late
    """Answer HTTP on a socket until told to stop."""
    import asyncio
    import contextlib
    from collections.abc import Iterator

    import uvicorn
    from typing_extensions import override

    class Quiet(uvicorn.Server):
        """Leaves signals to us."""

        @contextlib.contextmanager
        @override
        def capture_signals(self) -> Iterator[None]:
            yield

    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    server = Quiet(config)
    serving = asyncio.create_task(server.serve(sockets=[socket]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving


def _unix_socket(path: Path) -> Any:  # noqa: ANN401 - imported late
    """A socket that only this user may use. The store's lock is held, so an old one is nobody's."""
    import socket

    from longshore.model.errors import Invalid

    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        listener.bind(str(path))
    except OSError as error:
        raise Invalid(
            f"cannot listen at {path}: {error.strerror or error}",
            code="socket-path",
            remedy="set LONGSHORE_STATE to another folder (a socket's path may have 107 characters)",
        ) from error
    finally:
        os.umask(mask)
    listener.listen(128)
    return listener


def _tcp_socket(name: str, port: str) -> Any:  # noqa: ANN401 - imported late
    """A TCP socket, asked for by `HOST:PORT`."""
    import socket

    from longshore.model.errors import Invalid

    try:
        return socket.create_server((name, int(port)))
    except (OSError, ValueError, OverflowError) as error:
        raise Invalid(
            f"cannot listen at {name}:{port}: {getattr(error, 'strerror', None) or error}",
            code="bad-listen",
            remedy="longshore serve --listen 127.0.0.1:7070",
        ) from error


def _token(path: Path) -> str:
    """The token that TCP clients prove themselves with; made at the first time."""
    import secrets

    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32) + "\n")
    return path.read_text().strip()
