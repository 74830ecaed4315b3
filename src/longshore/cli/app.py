"""The way in: a group of commands that are listed here and loaded only when used.

The one border where errors become messages and exit codes: 0 done, 1 failed, 2 wrong input,
3 refused, 4 unreachable, 130 interrupted.
"""

# Click's signatures are as they are, and to import `override` would be felt in `--help`:
# mypy: disable-error-code="explicit-override"
# ruff: noqa: ANN401, ARG002, FBT001, FBT002, FBT003

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import click

from longshore.cli.session import Session
from longshore.cli.wiring import Wiring

_INTERRUPTED = 130
_PIPE = 141
"""What a shell says of a program that wrote to nobody (128 + SIGPIPE)."""

_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})
"""What a full or broken disk behind standard output says."""


_READABLE = 80
"""Columns of help at the most, as click has it."""


class Row(NamedTuple):
    """A command: its section in the help, its module and function, and its line there."""

    section: str
    module: str
    function: str
    words: str


COMMANDS: dict[str, Row] = {
    "up": Row("Change", "plan", "up", "Plan, show, ask, and apply what templates say."),
    "plan": Row("Change", "plan", "plan", "Show what would be done and what it costs; do nothing."),
    "apply": Row("Change", "change", "apply", "Apply a plan by its hash, if the world has not moved."),
    "scale": Row("Change", "stack", "scale", "Set how many replicas services have."),
    "restart": Row("Change", "stack", "restart", "Restart containers in place."),
    "rollback": Row("Change", "stack", "rollback", "Go back to the last generation that was done."),
    "cancel": Row("Change", "change", "cancel", "Stop a stack's open change."),
    "down": Row("Change", "stack", "down", "Take a stack down; its volumes stay."),
    "status": Row("Look", "status", "status", "One screen: is all well, and if not, what to do."),
    "stacks": Row("Look", "stack", "stacks", "List stacks."),
    "ps": Row("Look", "task", "ps", "List tasks."),
    "logs": Row("Look", "task", "logs", "Show what tasks write."),
    "exec": Row("Look", "task", "execute", "Run a command in a task's container."),
    "events": Row("Look", "journal", "events", "Show the journal: what happened, who asked, why."),
    "explain": Row("Understand", "explanation", "explain", "Say why something is as it is."),
    "whatif": Row("Understand", "explanation", "whatif", "Say what a loss or a price would do."),
    "cost": Row("Understand", "cost", "cost", "Show the bill, and who takes how much of it."),
    "hosts": Row("Places", "host", "hosts", "List hosts; drain one."),
    "clouds": Row("Places", "cloud", "clouds", "List clouds; add or remove one; see offers."),
    "config": Row("Templates", "template", "config", "Print templates as they are understood."),
    "validate": Row("Templates", "template", "validate", "Look for faults in templates."),
    "types": Row("Templates", "catalogue", "types", "List or show resource types of Heat templates."),
    "functions": Row("Templates", "catalogue", "functions", "List or show functions of Heat templates."),
    "serve": Row("Server", "server", "serve", "Run the server in the foreground."),
    "version": Row("Server", "server", "version", "Show versions of client and server."),
    "completion": Row("Server", "server", "completion", "Print a script that completes words in a shell."),
}


def build(wiring: Wiring) -> click.Command:
    """The command line, wired. Call its `main()`: it ends the process with the exit code."""
    return _Root(wiring)


class _Root(click.Group):
    """Inherits, because click knows no other way to load commands late and to be the border."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(
            "longshore",
            help=(
                "Run containers on your own machines first and on any cloud after that: explained, priced,"
                " bounded, reversible.\n\n\b\nBegin with:  longshore up compose.yaml"
            ),
            epilog="Names are STACK[/SERVICE[.N]]. Each command has --help with an example, and --json.",
            context_settings={
                "help_option_names": ["-h", "--help"],
                "terminal_width": _help_width(wiring.environ),
            },
        )
        self._wiring = wiring

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        row = COMMANDS.get(cmd_name)
        if row is None:
            return None
        module = import_module(f"longshore.cli.commands.{row.module}")
        command: click.Command = getattr(module, row.function)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.exceptions.NoSuchCommand(args[0], possibilities=COMMANDS, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section in dict.fromkeys(row.section for row in COMMANDS.values()):
            with formatter.section(section):
                formatter.write_dl([(n, row.words) for n, row in COMMANDS.items() if row.section == section])

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        # Without a word, help is what is wanted; that is no mistake.
        words = list(sys.argv[1:] if args is None else args) or ["--help"]
        session = Session(self._wiring)
        try:
            code = super().main(words, prog_name or "longshore", complete_var, False, obj=session)
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever read has gone: `longshore logs | head` is no failure of ours to tell of.
            sys.stdout = io.StringIO()
            code = _PIPE
        except SystemExit as end:
            # Click and rich see a closed pipe first, and end the process as if something had failed.
            code = _PIPE if end.code == 1 else end.code
        except (KeyboardInterrupt, click.Abort):
            code = _INTERRUPTED
        except Exception as error:  # the border: what is no error of ours goes on as it is
            told = _told(session, error, words)
            if told is None:
                raise
            code = told
        finally:
            session.close()
        sys.exit(code if isinstance(code, int) else 0)


def _help_width(environ: Mapping[str, str]) -> int:
    """The columns of help: the terminal's, but none wider than is good to read.

    Click would find out by itself, but import `shutil` with all its compressors for it.
    """
    columns = environ.get("COLUMNS", "")
    try:
        found = int(columns) if columns.isdigit() else os.get_terminal_size().columns
    except OSError:
        found = _READABLE
    return max(min(found, _READABLE) - 2, 50)


def _told(session: Session, error: Exception, words: Sequence[str]) -> int | None:
    """Tell of an error; the exit code, or None if it is a bug."""
    from longshore.model.errors import Failed, Invalid, LongshoreError

    if isinstance(error, LongshoreError):
        return session.fail(error)
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return error.exit_code
    if isinstance(error, OSError) and error.errno in _UNWRITABLE:
        sys.stdout, session.json = io.StringIO(), False
        why = f"the output cannot be written: {error.strerror}"
        return session.fail(Failed(why, code="output-unwritable", remedy="make room where it goes"))
    if not isinstance(error, click.ClickException):
        return None
    context = error.ctx if isinstance(error, click.UsageError) else None
    remedy = f"{context.command_path} --help" if context else "longshore --help"
    session.json = session.json or "--json" in words
    return session.fail(Invalid(_usage(error), code="usage", remedy=remedy))


def _usage(error: click.ClickException) -> str:
    """What is wrong with the words, said as the rest of the house says it."""
    match error:
        case click.exceptions.NoSuchCommand(command_name=name, possibilities=near):
            kind = "command"
        case click.exceptions.NoSuchOption(option_name=name, possibilities=near):
            kind = "option"
        case _:
            return error.format_message().rstrip(".")
    return f"there is no {kind} {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")
