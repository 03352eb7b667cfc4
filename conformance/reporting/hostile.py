"""Makes the texts of a target harmless: visible, short, and inert in each format.

Whatever a target sends may end up in a report: terminal codes, direction overrides, markup,
characters that a format forbids, half a surrogate pair, a megabyte. Nothing of it is dropped
silently; what cannot be shown as it is stands there as an escape such as ``\\u202e``.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from typing import Any

# Control, format (bidi, zero-width), surrogate, private and unassigned characters: none of them
# has a look of its own, and some change the look of what is around them. Line and paragraph
# separators break lines where a format has but one.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SURROGATE = re.compile("[\ud800-\udfff]")
_PLAIN = re.compile(r"[\x20-\x7e]*")
_KEPT_IN_BLOCKS = "\n\t"

LINE, BLOCK = 300, 4000
"""How many characters of a text are shown, where it is one line and where it may be more."""


def line(text: object, most: int = LINE) -> str:
    """A text on one line, with every unseen character escaped, cut where it is long."""
    return _cut(str(text), most, "")


def block(text: object, most: int = BLOCK) -> str:
    """A text that keeps its line breaks and tabs, else as :func:`line`."""
    return _cut(str(text).replace("\r\n", "\n"), most, _KEPT_IN_BLOCKS)


def _cut(text: str, most: int, kept: str) -> str:
    # Cut before escaping, so that a megabyte costs no more than what is shown of it.
    if len(text) > most:
        return f"{_visible(text[:most], kept)}… ({len(text):,} characters)"
    return _visible(text, kept)


def _visible(text: str, kept: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    return "".join(c if c in kept or not unseen(c) else escape(c) for c in text)


def unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN


def escape(character: str) -> str:
    """A character as a JSON or Python programmer writes it."""
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    code = ord(character)
    return named or (f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


# -- JSON ------------------------------------------------------------------------------------------


def document(value: Any, indent: int | None = 2) -> str:
    """A JSON document in ASCII, which strict parsers and terminals take; ends with a line break."""
    return json.dumps(whole(value), indent=indent, ensure_ascii=True, allow_nan=False) + "\n"


def whole(value: Any) -> Any:
    """A JSON value without halves of surrogate pairs, which are no Unicode text."""
    match value:
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case dict():
            return {whole(key): whole(entry) for key, entry in value.items()}
        case list() | tuple():
            return [whole(entry) for entry in value]
        case _:
            return value


# -- markup ----------------------------------------------------------------------------------------


def markup(text: object, most: int = LINE) -> str:
    """One line for HTML or SVG, in an element or in a quoted attribute."""
    return html.escape(line(text, most))


def code(text: object, most: int = LINE) -> str:
    """One line as a code span of Markdown, in which nothing is markup, a mention or a link."""
    shown = line(text, most).replace("|", "\\u007c")
    if not shown.strip():
        return "`(empty)`" if not shown else "`(blank)`"
    fence = "`" * (_longest_run(shown) + 1)
    padded = f" {shown} " if shown[0] in " `" or shown[-1] in " `" else shown
    return f"{fence}{padded}{fence}"


def fenced(text: object, language: str = "", most: int = BLOCK) -> str:
    """Lines as a fenced code block of Markdown, with a fence that no line of them can end."""
    shown = block(text, most)
    fence = "`" * max(3, _longest_run(shown) + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


# -- shells ----------------------------------------------------------------------------------------

_SHELL_TOKEN = re.compile(r"""\$'(?:\\.|[^'\\])*'|'[^']*'|"[^"]*"|[^'"$]+|\$|'|\"""", re.DOTALL)


COMMAND = 2000
"""How many characters of a command are shown; ``results.json`` has all of it."""


def command(text: str, most: int = COMMAND) -> str:
    """A command line for a shell, as :func:`shell`, cut where it is long."""
    return shell(text) if len(text) <= most else f"{shell(text[:most])}… ({len(text):,} characters)"


def shell(command: str) -> str:
    """A command line with its unseen characters written as bytes; a shell reads it as before.

    ``command`` quotes every such character, as the curl lines of exchanges do.
    """
    if _PLAIN.fullmatch(command):
        return command
    return "".join(map(_shell_token, _SHELL_TOKEN.findall(command)))


def _shell_token(token: str) -> str:
    if token.startswith("'"):
        return "".join(f"'$'{_bytes(c)}''" if unseen(c) else c for c in token)
    return "".join(_bytes(c) if unseen(c) else c for c in token)


def _bytes(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode(errors="replace"))
