"""Logs, commands and builds on a real engine, and the frames they come in."""

from __future__ import annotations

import asyncio
import io
import platform
import tarfile
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import pytest

from longshore.model.clock import SECOND, Clock
from longshore.model.errors import Failed, Unreachable
from longshore.model.holding import HoldingKind
from longshore.model.options import Ulimit
from longshore.model.seams import ExecFrame, ExecInput, HoldingOrder, TaskOrder
from longshore.model.spec import Build, ImageRef, Pull
from longshore.provider.docker.engine import DockerEngine
from longshore.provider.docker.streams import frames
from longshore.provider.docker.wire import Wire

Orders = Callable[..., TaskOrder]

engine_test = pytest.mark.engine

pytestmark = pytest.mark.anyio


def packed(*pieces: tuple[int, bytes]) -> bytes:
    return b"".join(bytes([source, 0, 0, 0]) + len(data).to_bytes(4, "big") + data for source, data in pieces)


async def unpacked(data: bytes) -> list[tuple[str, bytes]]:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return [frame async for frame in frames(reader)]


async def test_frames_keep_their_source() -> None:
    assert await unpacked(packed((1, b"a"), (2, b"b\n"), (1, b""), (3, b"oh"))) == [
        ("stdout", b"a"),
        ("stderr", b"b\n"),
        ("stderr", b"oh"),
    ]


@pytest.mark.parametrize("cut", [3, 10])
async def test_a_stream_broken_in_a_frame_is_unreachable(cut: int) -> None:
    with pytest.raises(Unreachable):
        await unpacked(packed((1, b"hello"))[:cut])


@engine_test
async def test_logs_have_stream_and_time_and_long_lines_whole(
    engine: DockerEngine, order: Orders, clock: Clock, wire: Wire
) -> None:
    command = (
        "sh",
        "-c",
        "echo out; echo err >&2; head -c 40000 /dev/zero | tr '\\0' x; echo; printf 'no newline'",
    )
    wanted = order(command=command)
    before = clock.now()
    started = await engine.start(wanted)
    await wire.tell("POST", f"/containers/{started.foreign_id}/wait")
    lines = [line async for line in engine.logs(wanted.task, follow=False, tail=-1)]
    assert [(x.stream, len(x.text)) for x in lines if x.stream == "stderr"] == [("stderr", 3)]
    assert [x.text for x in lines if x.stream == "stdout"] == ["out", "x" * 40000, "no newline"]
    assert all(before - 5 * SECOND < line.at < clock.now() + 5 * SECOND for line in lines)
    assert {line.task for line in lines} == {wanted.task}


@engine_test
async def test_the_tail_of_a_log_can_be_followed_and_left(engine: DockerEngine, order: Orders) -> None:
    command = ("sh", "-c", "trap 'exit 0' TERM; seq 1 9; while :; do sleep 0.1; echo more; done")
    wanted = order(command=command)
    await engine.start(wanted)
    async with aclosing(engine.logs(wanted.task, follow=True, tail=-1)) as told:
        while (await anext(told)).text != "more":
            pass
    last = [line.text async for line in engine.logs(wanted.task, follow=False, tail=2)]
    assert last[-1] == "more"
    assert len(last) == 2


@engine_test
async def test_logs_of_a_task_that_is_not_there(engine: DockerEngine, order: Orders) -> None:
    with pytest.raises(Failed) as caught:
        await anext(aiter(engine.logs(order().task, follow=False, tail=1)))
    assert caught.value.code == "container-missing"


async def outcome(told: AsyncIterator[ExecFrame]) -> tuple[bytes, bytes, int | None]:
    out, err, code = b"", b"", None
    async for frame in told:
        assert code is None
        out += frame.data if frame.stream == "stdout" else b""
        err += frame.data if frame.stream == "stderr" else b""
        code = frame.exit_code
    return out, err, code


@engine_test
async def test_a_command_has_both_outputs_and_an_exit_code(engine: DockerEngine, order: Orders) -> None:
    wanted = order()
    await engine.start(wanted)
    command = ("sh", "-c", "echo out; echo err >&2; exit 7")
    got = await outcome(engine.execute(wanted.task, command, tty=False, stdin=None))
    assert got == (b"out\n", b"err\n", 7)


@engine_test
async def test_input_reaches_a_command_and_its_end_too(engine: DockerEngine, order: Orders) -> None:
    wanted = order()
    await engine.start(wanted)
    big = b"0123456789abcdef" * 20_000

    async def typed() -> AsyncIterator[ExecInput]:
        for start in range(0, len(big), 50_000):
            yield ExecInput(data=big[start : start + 50_000])
        yield ExecInput(end=True)

    async with asyncio.timeout(20):
        out, err, code = await outcome(engine.execute(wanted.task, ("cat",), tty=False, stdin=typed()))
    assert (out == big, err, code) == (True, b"", 0)


@engine_test
async def test_a_terminal_can_be_resized(engine: DockerEngine, order: Orders, clock: Clock) -> None:
    wanted = order()
    await engine.start(wanted)

    async def typed() -> AsyncIterator[ExecInput]:
        yield ExecInput(size=(33, 111))
        yield ExecInput(data=b"stty size; exit 4\n")
        await clock.sleep(20 * SECOND)

    async with asyncio.timeout(15):
        out, _, code = await outcome(engine.execute(wanted.task, ("sh",), tty=True, stdin=typed()))
    assert b"33 111" in out
    assert code == 4


@engine_test
async def test_a_command_that_is_not_there_ends_as_a_shell_says(engine: DockerEngine, order: Orders) -> None:
    wanted = order()
    await engine.start(wanted)
    out, _, code = await outcome(engine.execute(wanted.task, ("nosuch",), tty=False, stdin=None))
    assert code in {126, 127}
    assert b"nosuch" in out


@engine_test
async def test_a_command_can_be_left(engine: DockerEngine, order: Orders) -> None:
    wanted = order()
    await engine.start(wanted)
    async with aclosing(
        engine.execute(wanted.task, ("sh", "-c", "echo hi; sleep 600"), tty=False, stdin=None)
    ) as told:
        assert (await anext(told)).data == b"hi\n"


def context(**files: str) -> AsyncIterator[bytes]:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))

    async def pieces() -> AsyncIterator[bytes]:
        data = packed.getvalue()
        for start in range(0, len(data), 4096):
            yield data[start : start + 4096]

    return pieces()


@engine_test
async def test_a_build_tells_its_lines_and_its_image_runs(
    engine: DockerEngine, order: Orders, cell: str, wire: Wire
) -> None:
    text = (
        "FROM debian:bookworm-slim AS first\nARG WHO=nobody\nCOPY greeting /greeting\n"
        'RUN echo "hello $WHO" >> /greeting && cat /greeting\n'
        "RUN cat /etc/hosts; ulimit -n; df /dev/shm | tail -1; ls /sys/class/net\n"
        "FROM first AS other\nRUN false\n"
    )
    build = Build(
        context="/src",
        dockerfile="Other",
        args={"WHO": cell},
        target="first",
        tags=(f"{cell}:also", f"{cell}:too"),
        platform="linux/amd64" if platform.machine() == "x86_64" else "",
        no_cache=True,
        cache_from=(f"{cell}:earlier",),
        network="none",
        extra_hosts=("elsewhere:192.0.2.7", "another:192.0.2.8"),
        shm_size=1 << 20,
        ulimits=(Ulimit(name="nofile", soft=99, hard=99),),
    )
    name = f"{cell}:1"
    labels = {"io.longshore.cell": cell}
    files = context(Other=text, greeting="from the context\n")
    lines = await collected(engine.build(name, build, files, labels))
    assert f"hello {cell}" in lines
    assert all(line.strip() for line in lines)
    said = "\n".join(lines)
    for words in ("192.0.2.7", "192.0.2.8", "\n99\n", " 1024 "):
        assert words in said
    assert "eth0" not in said
    for tag in ("1", "also", "too"):
        assert await engine.resolve(f"{cell}:{tag}", Pull.NEVER)
    digest = await engine.resolve(name)
    await engine.provide(HoldingOrder(kind=HoldingKind.IMAGE, name=digest, reference=name))
    wanted = order(image=ImageRef(name=name, digest=digest), command=("cat", "/greeting"))
    started = await engine.start(wanted)
    await wire.tell("POST", f"/containers/{started.foreign_id}/wait")
    told = [line.text async for line in engine.logs(wanted.task, follow=False, tail=-1)]
    assert told == ["from the context", f"hello {cell}"]
    await engine.stop(wanted.task, 0)


BUILDS = {
    "a step that fails": ("FROM debian:bookworm-slim\nRUN echo before; exit 9\n", "non-zero code: 9"),
    "a word the builder does not know": ("FROM debian:bookworm-slim\nRUNN x\n", "RUNN"),
    "a file that is not in the context": ("FROM debian:bookworm-slim\nCOPY nosuch /\n", "nosuch"),
    "no Dockerfile": ("", "Dockerfile"),
}


@engine_test
@pytest.mark.parametrize("case", BUILDS)
async def test_a_build_that_fails_says_where(engine: DockerEngine, cell: str, case: str) -> None:
    text, words = BUILDS[case]
    files = context(Dockerfile=text) if text else context(other="")
    lines = engine.build(f"{cell}:1", Build(context="/src"), files, {"io.longshore.cell": cell})
    with pytest.raises(Failed) as caught:
        await collected(lines)
    assert caught.value.code == "build-failed"
    assert words in caught.value.message
    assert case != "a step that fails" or "\nbefore" in caught.value.message


async def collected(lines: AsyncIterator[str]) -> list[str]:
    return [line async for line in lines]
