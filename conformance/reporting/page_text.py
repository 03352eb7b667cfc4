"""Texts of strangers, fit to be shown: odd characters, marked differences, laid-out JSON."""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from dataclasses import dataclass

from conformance.reporting.hostile import escape, unseen

CUT = 20_000
"""Characters of one text that the page shows."""
EXCERPT = 6
"""Lines around a marked value."""
LONGEST_LINE = 600
MOST_WORDS = 400
ALIKE = 0.3
"""Below this similarity a marked difference would be all of the text."""

_ODD = re.compile(r"[^\x20-\x7e\n\t]")
_WORD = re.compile(r"\\(?:x\w\w|u\w{4}|U\w{8})|\w+|\s+|[^\w\s]")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def visible(text: object) -> str:
    """``text`` with every character that has no look of its own, or turns others, spelled out.

    Tabs and newlines stay; a zero-width joiner inside an emoji does too.
    """
    return _ODD.sub(_spelled, str(text).replace("\r\n", "\n"))


def _spelled(found: re.Match[str]) -> str:
    character = found.group()
    if not unseen(character) or (character == "\u200d" and _joins(found.string, found.start())):
        return character
    return escape(character)


def _joins(text: str, at: int) -> bool:
    around = (text[at - 1 : at], text[at + 1 : at + 2])
    return all(one and unicodedata.category(one) in ("So", "Sk", "Mn", "Sm") for one in around)


def cut(text: str, limit: int = CUT) -> str:
    """``text``, or its beginning with a note of what is left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n… cut here: {len(text):,} characters in all"


def short(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


# -- differences -----------------------------------------------------------------------------------

Pieces = tuple[tuple[str, bool], ...]
"""A text in pieces, each with whether it differs from the other text."""


def difference(expected: str, actual: str) -> tuple[Pieces, Pieces]:
    """Two texts with what differs marked, where they are alike enough for that to help."""
    left, right = _WORD.findall(expected), _WORD.findall(actual)
    plain: tuple[Pieces, Pieces] = (((expected, False),), ((actual, False),))
    if not (left and right) or max(len(left), len(right)) > MOST_WORDS:
        return plain
    old, new = ([one for one in side if not one.isspace()] for side in (left, right))
    if difflib.SequenceMatcher(None, old, new, autojunk=False).ratio() < ALIKE:
        return plain
    steps = difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    return (
        tuple(("".join(left[a:b]), tag != "equal") for tag, a, b, _, _ in steps if b > a),
        tuple(("".join(right[a:b]), tag != "equal") for tag, _, _, a, b in steps if b > a),
    )


# -- JSON ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A place in a body: the value at a pointer, and the lines around it."""

    before: str
    value: str
    after: str


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def indented(text: str) -> str:
    """JSON in lines of its own, token by token as it was; any other text as it is."""
    return _Layout(text, "").text() if is_json(text) else text


def excerpt(text: str, pointer: str) -> Excerpt | None:
    """The value at a JSON pointer with some lines around it; None where there is no such value."""
    if not pointer.startswith("/") or not is_json(text):
        return None
    layout = _Layout(text, pointer)
    whole = layout.text()
    if layout.start is None or layout.end is None:
        return None
    before = whole[: layout.start].splitlines(keepends=True)
    after = whole[layout.end :].splitlines(keepends=True)
    return Excerpt(
        _lines(before[-EXCERPT:], len(before) > EXCERPT, first=True),
        cut(whole[layout.start : layout.end], LONGEST_LINE),
        _lines(after[:EXCERPT], len(after) > EXCERPT, first=False),
    )


def _lines(lines: list[str], more: bool, *, first: bool) -> str:
    shown = "".join(_narrow(line) for line in lines)
    if not more:
        return shown
    return f"…\n{shown}" if first else f"{shown.rstrip()}\n…"


def _narrow(line: str) -> str:
    end = "\n" if line.endswith("\n") else ""
    return short(line.removesuffix("\n"), LONGEST_LINE) + end


class _Layout:
    """Writes the tokens of a JSON text in lines, and notes where the value at a pointer stands."""

    def __init__(self, text: str, pointer: str) -> None:
        self.start: int | None = None
        self.end: int | None = None
        self._pieces: list[str] = []
        self._size = 0
        self._steps: list[str | int] = []
        self._wanted = [_unescaped(step) for step in pointer.split("/")[1:]]
        self._tokens = _TOKEN.findall(text)

    def text(self) -> str:
        for place, token in enumerate(self._tokens):
            self._take(token, self._tokens[place + 1 : place + 2])
        return "".join(self._pieces)

    def _take(self, token: str, following: list[str]) -> None:
        if token in ("}", "]"):
            self._steps.pop()
            self._write(token if self._pieces[-1] in ("{", "[") else self._newline() + token)
            self._ended()
        elif token == ",":
            if isinstance(self._steps[-1], int):
                self._steps[-1] += 1
            self._write("," + self._newline())
        elif token == ":":
            self._write(": ")
        elif following == [":"]:
            self._steps[-1] = json.loads(token)
            self._write(token)
        else:
            self._value(token, following)

    def _value(self, token: str, following: list[str]) -> None:
        if self.start is None and [str(step) for step in self._steps] == self._wanted:
            self.start = self._size
        self._write(token)
        if token not in ("{", "["):
            self._ended()
            return
        self._steps.append("" if token == "{" else 0)
        if following not in (["}"], ["]"]):
            self._pieces[-1] += self._newline()
            self._size += len(self._newline())

    def _ended(self) -> None:
        if self.start is not None and self.end is None and len(self._steps) == len(self._wanted):
            self.end = self._size

    def _newline(self) -> str:
        return "\n" + "  " * len(self._steps)

    def _write(self, piece: str) -> None:
        self._pieces.append(piece)
        self._size += len(piece)


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")
