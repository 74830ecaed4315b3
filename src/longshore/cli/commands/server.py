"""`serve`, `version` and `completion`: the program itself."""

from __future__ import annotations

import click

from longshore.cli.options import example, json_option
from longshore.cli.session import Session
from longshore.cli.wiring import ServeOptions


@click.command(epilog=example("longshore serve --listen 127.0.0.1:7070"))
@click.option("--listen", default="", metavar="HOST:PORT", help="Listen on TCP too; clients need the token.")
@click.option("--restart", is_flag=True, help="Stop the server that runs for this user first.")
@json_option
@click.pass_obj
def serve(session: Session, *, listen: str, restart: bool) -> None:
    """Run the server in the foreground, until it is interrupted.

    It listens on a unix socket that only you may use, and with --listen on TCP. Other commands start
    one in the background where there is none.
    """
    host, colon, port = listen.rpartition(":")
    if listen and not (host and colon and port.isdigit() and int(port) < 65536):
        raise click.UsageError(f"--listen {listen} is not HOST:PORT, like 127.0.0.1:7070.")
    session.wiring.serve(ServeOptions(listen=listen, restart=restart))


@click.command(epilog=example("longshore version"))
@json_option
@click.pass_obj
def version(session: Session) -> None:
    """Show versions of client and server. Starts no server.

    With --json: {"client": VERSION, "server": what the server says, or null}.
    """
    import msgspec

    from longshore.cli.client import address, connect, listening
    from longshore.model.view import Version

    mine = session.wiring.version
    place = address(session.wiring.environ, session.state_dir)
    there = place.path is None or listening(place.path)
    raw = b"null"
    if there:
        client = connect(place, mine)
        try:
            raw = client.get("/v1/version")
        finally:
            client.close()
    if session.json:
        session.write(msgspec.json.encode({"client": mine, "server": msgspec.Raw(raw)}))
        return
    told = msgspec.json.decode(raw, type=Version | None)
    click.echo(f"client {mine}")
    click.echo(
        f"server {told.version} (process {told.pid}, cell {told.cell})" if told else "server: none runs"
    )


@click.command(epilog=example("longshore completion bash >> ~/.bashrc"))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, *, shell: str) -> None:
    """Print a script that completes words in a shell."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    root = context.find_root()
    if kind is not None:
        click.echo(kind(root.command, {}, root.info_name or "longshore", "_LONGSHORE_COMPLETE").source())
