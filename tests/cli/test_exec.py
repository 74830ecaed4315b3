"""exec, over a real websocket."""

import fcntl
import json
import os
import pty
import struct
import termios
import threading

import msgspec
import pytest
from starlette.websockets import WebSocket
from tests.cli.conftest import Api, House

from longshore.cli import terminal
from longshore.cli.session import Session
from longshore.model.errors import LongshoreError
from longshore.model.seams import ExecFrame, ExecInput


def frame(stream: str = "stdout", data: bytes = b"", exit_code: int | None = None) -> bytes:
    return msgspec.msgpack.encode(ExecFrame(stream=stream, data=data, exit_code=exit_code))


async def ends_with_seven(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_bytes(frame(data=b"out\n"))
    await websocket.send_bytes(frame("stderr", b"err\n"))
    await websocket.send_bytes(frame(exit_code=7))
    await websocket.close()


async def refuses(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text('{"error": {"code": "task-gone", "message": "it is gone"}, "exit": 2}')
    await websocket.close()


async def breaks(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close()


async def echoes(websocket: WebSocket) -> None:
    """Sends back what is typed, tells the size, and ends with the input."""
    await websocket.accept()
    while True:
        typed = msgspec.msgpack.decode(await websocket.receive_bytes(), type=ExecInput)
        if typed.size is not None:
            await websocket.send_bytes(frame(data=f"{typed.size[0]}x{typed.size[1]} ".encode()))
        if typed.data:
            await websocket.send_bytes(frame(data=typed.data))
        if typed.end or typed.data == b"\x04":
            await websocket.send_bytes(frame(exit_code=0))
            await websocket.close()
            return


def test_it_ends_as_the_command_does(house: House, api: Api) -> None:
    seen = []

    async def talk(websocket: WebSocket) -> None:
        seen.append(dict(websocket.query_params))
        await ends_with_seven(websocket)

    api.websocket = talk
    result = house.run("exec", "-T", "shop/web.1", "sh", "-c", "echo --json")
    assert (result.exit_code, result.stdout, result.stderr) == (7, "out\n", "err\n")
    command = json.loads(seen[0].pop("command"))
    assert command == ["sh", "-c", "echo --json"]
    assert seen[0] == {"task": "shop/web.1", "tty": "0", "stdin": "0"}


def test_frames_as_json(house: House, api: Api) -> None:
    api.websocket = ends_with_seven
    result = house.run("exec", "--json", "shop/web.1", "true")
    assert result.exit_code == 7
    assert [json.loads(line)["exit_code"] for line in result.stdout.splitlines()] == [None, None, 7]


def test_an_error_before_it_begins(house: House, api: Api) -> None:
    api.websocket = refuses
    result = house.run("exec", "shop/web.1", "true")
    assert (result.exit_code, result.stderr) == (2, "error: it is gone\n")


def test_a_connection_that_breaks(house: House, api: Api) -> None:
    api.websocket = breaks
    result = house.run("exec", "shop/web.1", "true")
    assert result.exit_code == 4
    assert "may still run" in result.stderr


def test_what_is_piped_in_goes_and_its_end_too(
    house: House, api: Api, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    api.websocket = echoes
    read, write = os.pipe()
    os.write(write, b"hello")
    os.close(write)
    with open(read) as source:  # noqa: PTH123 - a descriptor
        monkeypatch.setattr("sys.stdin", source)
        assert terminal.execute(Session(house.wiring()), "shop/web.1", ("cat",), tty=False, stdin=True) == 0
    assert capfdbinary.readouterr().out == b"hello"


def test_a_terminal_is_raw_meanwhile_and_tells_its_size(
    house: House, api: Api, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    api.websocket = echoes
    main, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    before = termios.tcgetattr(end)

    def type_when_raw() -> None:
        tick = threading.Event()
        while termios.tcgetattr(main)[3] & termios.ICANON and not tick.wait(0.01):
            pass
        os.write(main, b"\x04")

    typist = threading.Thread(target=type_when_raw)
    typist.start()
    with open(end) as source:  # noqa: PTH123 - a descriptor
        monkeypatch.setattr("sys.stdin", source)
        code = terminal.execute(Session(house.wiring()), "shop/web.1", ("sh",), tty=True, stdin=True)
        assert termios.tcgetattr(end) == before
    typist.join()
    os.close(main)
    assert code == 0
    # Raw: control-D arrives as a byte and ends no input here.
    assert capfdbinary.readouterr().out == b"24x80 \x04"


def test_a_server_without_the_task(house: House, api: Api) -> None:
    async def talk(websocket: WebSocket) -> None:
        await websocket.close()

    api.websocket = talk
    with pytest.raises(LongshoreError):
        terminal.execute(Session(house.wiring()), "shop/web.1", ("true",), tty=False, stdin=False)
