"""Commands: a list of words, or one line split the way Docker Compose splits it.

That is nearly a shell's way: quotes and backslashes mean what they mean there, but nothing is replaced,
and an operator outside of quotes (`;`, `&`, `|`, `<`, `>`) ends the command; what follows is dropped.
"""

from __future__ import annotations

from longshore.template.findings import At
from longshore.template.nodes import Node, Scalar, Seq, scalar
from longshore.template.schema import listed, text

_SPACES = " \t\r\n"
_OPERATORS = ";&|<>"


class _Unsplit(Exception):
    """The line cannot be split; the message says why."""


def command(node: Node, at: At) -> Node | None:
    """A list of words, a line, or nothing, which leaves it to the image."""
    if isinstance(node, Scalar) and node.data is None:
        return node
    if isinstance(node, Seq):
        return listed(text)(node, at)
    line = text(node, at)
    if not isinstance(line, Scalar):
        return None
    try:
        words, dropped = split(line.text)
    except _Unsplit as error:
        hint = "close the quotation, or write a list of words"
        at.fault("bad-value", node.mark, f"this cannot be split into words: {error}", hint)
        return None
    if dropped:
        message = f'"{dropped[:60]}" is dropped: no shell reads this line'
        at.warn("dropped-words", node.mark, message, 'write ["sh", "-c", "…"]')
    return Seq(tuple(scalar(w, node.mark) for w in words), node.mark)


def probe(node: Node, at: At) -> Node | None:
    """A health check's test: a line for the shell, or a list led by NONE, CMD or CMD-SHELL."""
    if isinstance(node, Seq):
        return listed(text)(node, at)
    line = text(node, at)
    shell = scalar("CMD-SHELL", node.mark)
    return None if line is None else Seq((shell, line), node.mark)


def split(line: str) -> tuple[list[str], str]:
    """The words of a line, and what an operator cuts off."""
    words: list[str] = []
    word, begun = "", False
    # What is open: a quote, a backquote, or a parenthesis after a dollar.
    inside = ""
    position = 0
    while position < len(line):
        char = line[position]
        if char == "\\" and inside != "'":
            position += 1
            if position == len(line):
                raise _Unsplit("it ends with a backslash")
            word, begun = word + {"t": "\t", "n": "\n"}.get(line[position], line[position]), True
        elif char in _SPACES and not inside:
            if begun:
                words.append(word)
            word, begun = "", False
        elif char in "'\"" and inside in {"", char}:
            begun = begun or bool(inside)
            inside = "" if inside else char
        elif char in _OPERATORS and not inside:
            # A number before > is a file's, not a word.
            if begun and not (char == ">" and word[:1].isdigit()):
                words.append(word)
            return words, line[position:]
        else:
            inside = _inside(char, inside, word)
            word, begun = word + char, True
        position += 1
    if inside:
        raise _Unsplit(f"{inside} is not closed")
    return ([*words, word] if begun else words), ""


def _inside(char: str, inside: str, word: str) -> str:
    """What is open after a plain character."""
    if char == "`" and inside in {"", "`"}:
        return "" if inside else "`"
    if char == "(" and inside in {"", ")"}:
        if inside or not word.endswith("$"):
            raise _Unsplit("a parenthesis stands outside of quotes")
        return ")"
    if char == ")" and inside in {"", ")"}:
        if not inside:
            raise _Unsplit("a parenthesis stands outside of quotes")
        return ""
    return inside
