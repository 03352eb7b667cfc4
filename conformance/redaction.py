"""Replaces every token by the name that stands for it, in each form in which it may travel.

A target may show in an answer what it was sent, and in other letters: percent-encoded, escaped as
in JSON or HTML, or in base64 with other text before and after it. What is stored and shown of a run
goes through here first.
"""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from conformance.secret import Secret

PLAIN = re.compile(r"[A-Za-z0-9]+")
"""Characters that nothing escapes."""
NAMES = {'"': ("quot",), "&": ("amp",), "<": ("lt",), ">": ("gt",), "'": ("apos",)}
"""Those of HTML."""
SURE = 4
"""A run of so many of them has to be there wherever the token is."""
LONG = 16
"""Only of tokens this long is what nearly is the token worth hiding, and told from other text."""
SHORTEST = 8
"""A shorter piece of base64 may as well be a word."""
USUAL = 120
"""Texts up to this length are headers and the like, of which most come again and again."""


class Redactor:
    """Replaces tokens by ``$NAME``, in texts and in JSON values."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        known = list(secrets)
        self.names = frozenset(repr(secret) for secret in known)
        """What stands in place of the tokens, such as ``$S1_HOST``."""
        forms = [[(form, repr(one)) for one in known for form in ways(one)] for ways in WAYS]
        self._hints = tuple({form.hint for found in forms for form, _ in found})
        self._sweeps = [_Sweep.over(found) for found in forms]
        self._known = functools.lru_cache(maxsize=4096)(self._clean)

    def text(self, text: str) -> str:
        """``text`` with names in place of tokens."""
        return self._known(text) if len(text) <= USUAL else self._clean(text)

    def _clean(self, text: str) -> str:
        for hint in self._hints:
            if hint in text:
                return self._swept(text)
        return text

    def _swept(self, text: str) -> str:
        for sweep in self._sweeps:
            text = sweep.clean(text)
        return text

    def data(self, value: Any) -> Any:
        """A JSON value with all its texts clean; keys are the checker's own words."""
        match value:
            case str():
                return self.text(value)
            case dict():
                return {key: self.data(entry) for key, entry in value.items()}
            case list() | tuple():
                return [self.data(entry) for entry in value]
            case _:
                return value


@dataclass(frozen=True)
class _Form:
    """One way to write a token; ``hint`` is a part of it that costs little to look for."""

    hint: str
    pattern: str
    length: int


@dataclass(frozen=True)
class _Sweep:
    """Replaces some forms of all tokens; where several begin at one place, the longest."""

    pattern: re.Pattern[str]
    names: tuple[str, ...]

    @classmethod
    def over(cls, forms: Iterable[tuple[_Form, str]]) -> _Sweep:
        found = sorted(forms, key=lambda one: -one[0].length)
        pattern = "|".join(f"({form.pattern})" for form, _ in found) or r"(?!)"
        return cls(re.compile(pattern), tuple(name for _, name in found))

    def clean(self, text: str) -> str:
        return self.pattern.sub(lambda found: self.names[(found.lastindex or 1) - 1], text)


# -- forms -----------------------------------------------------------------------------------------


def _forms(secret: Secret) -> Iterator[_Form]:
    token = secret.reveal()
    yield _spelled(token)
    for around in ("", ":"):
        # Whole, alone or as Basic credentials; then what is the same whatever stands around it.
        for whole in (f"{around}{token}", f"{token}{around}"):
            yield from _encoded(base64.b64encode(whole.encode()).decode())
    yield from (form for core in _cores(token) for form in _encoded(core))


def _near(secret: Secret) -> Iterator[_Form]:
    """What tests make of a token on purpose: cut short, or in the other letter case."""
    token = secret.reveal()
    if len(token) < LONG or token == repr(secret):
        return
    yield _spelled(token[:-1])
    yield _spelled(token.swapcase())
    for near in (token[:-1], token.swapcase()):
        yield from (form for core in _cores(near) for form in _encoded(core))


def _spelled(token: str) -> _Form:
    """A token of which any character may be escaped by percent signs, or as in JSON or HTML."""
    return _Form(_hint(token), "".join(map(_character, token)), len(token))


def _hint(text: str) -> str:
    runs = [run for run in PLAIN.findall(text) if len(run) >= SURE]
    return max(runs, key=len, default="")


def _character(character: str) -> str:
    if PLAIN.fullmatch(character):
        return character
    code = ord(character)
    # Each may have been done more than once, as where JSON stands in a text of JSON.
    ways = (
        rf"\\+u00(?i:{code:02x})",
        rf"%(?:25)*(?i:{code:02x})",
        rf"&(?:amp;)*\#(?:0*{code}|[xX]0*(?i:{code:02x}));",
        *(rf"&(?:amp;)*{name};" for name in NAMES.get(character, ())),
        rf"\\*{re.escape(character)}",
    )
    return f"(?:{'|'.join(ways)})"


def _cores(token: str) -> Iterator[str]:
    """Base64 of a token inside of other text: what depends on the token alone, at each place.

    Three octets make four letters, so that there are three ways in which it may fall.
    """
    for before in range(3):
        letters = base64.b64encode(b"\0" * before + token.encode()).decode().rstrip("=")
        begin = (0, 2, 3)[before]
        whole = (before + len(token)) * 8 // 6
        yield letters[begin:whole]


def _encoded(letters: str) -> Iterator[_Form]:
    """Base64 as it is, without its padding, and in the alphabet for URLs."""
    bare = letters.rstrip("=")
    if len(bare) < SHORTEST:
        return
    padding = f"(?:(?:=|%3[dD]){{{len(letters) - len(bare)}}})?"
    for one in dict.fromkeys((bare, bare.replace("+", "-").replace("/", "_"))):
        yield _Form(_hint(one), "".join(map(_character, one)) + padding, len(bare))


WAYS = (_forms, _near)
"""Only what is no token as a whole may be one cut short."""
