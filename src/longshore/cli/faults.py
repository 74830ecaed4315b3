"""What went wrong, for people and for programs. Pure.

For people: what is wrong, the place in the file with the line and a caret, and the remedy.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from rich.text import Text

from longshore.model.errors import LongshoreError
from longshore.model.fault import Fault


def error_json(error: LongshoreError) -> bytes:
    """An error as the server writes it."""
    told = {
        "code": error.code,
        "message": error.message,
        "remedy": error.remedy,
        "facts": error.facts,
        "faults": error.faults,
    }
    return msgspec.json.encode({"error": told, "exit": error.exit_code})


def error_text(error: LongshoreError, texts: Mapping[str, str | None], names: Mapping[str, str]) -> Text:
    """An error in words. `texts` are the files at hand, `names` what to call them."""
    if error.faults:
        return Text("\n").join(fault_text(fault, texts, names) for fault in error.faults)
    text = Text()
    text.append("error: ", "bold red")
    text.append(error.message)
    if error.remedy:
        text.append(f"\n  → {error.remedy}")
    return text


def fault_text(
    fault: Fault,
    texts: Mapping[str, str | None],
    names: Mapping[str, str],
    label: str = "error",
) -> Text:
    """One fault: the sentence, the place, the line with a caret, the hint."""
    text = Text()
    text.append(f"{label}: ", "bold red" if label == "error" else "bold yellow")
    text.append(fault.message)
    if fault.file or fault.path:
        place = names.get(fault.file, fault.file)
        if fault.line:
            place += f":{fault.line}:{fault.column or 1}"
        text.append("\n  ")
        text.append("  ".join(word for word in (place, fault.path) if word), "dim")
    line = _line(texts.get(fault.file), fault.line)
    if line is not None:
        margin = f"    {fault.line} │ "
        text.append(f"\n{margin}", "dim")
        text.append(line)
        if fault.column:
            # Tabs stay tabs, so that the caret stands below its column.
            lead = "".join("\t" if char == "\t" else " " for char in line[: fault.column - 1])
            text.append(f"\n{' ' * (len(margin) - 2)}│ {lead}")
            text.append("^", "bold red")
    if fault.hint:
        text.append(f"\n  → {fault.hint}")
    return text


def _line(content: str | None, number: int) -> str | None:
    """A line of a file, if the file and the line are there."""
    if content is None or number < 1:
        return None
    lines = content.splitlines()
    return lines[number - 1].rstrip() if number <= len(lines) else None
