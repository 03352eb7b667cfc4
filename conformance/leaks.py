"""What an error answer gives away of its server: stack traces, SQL, file paths (HTTP-7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from conformance.exchange import Request, Response

MOST = 20_000
"""How much of a body is searched, in octets."""

_SOURCE = r"(?:py|rb|go|rs|php|java|cs|kt|scala|ex|exs|pl|swift|[cm]?[jt]sx?)"
# Neither the path of a URL, nor a reference in a page of HTML, nor the inside of a longer path.
_STARTS_A_PATH = r"(?:(?<=file://)|(?<![\w.:/@%-])(?<!=[\"'])(?<!=))"

LEAKS = re.compile(
    "|".join(
        (
            # Frames and headings of stack traces, language by language.
            r"Traceback \(most recent call last\)",
            r"\bat [\w.$<>/]+\((?:[\w.]+\.(?:java|kt|scala|cs):\d+|Native Method|Unknown Source)\)",
            r"\bat .{1,200}\([^()\s]{1,200}\.[cm]?[jt]sx?:\d+:\d+\)",
            r"\bat [\w.`<>\[\], ]{1,200}\(.{0,200}\) in .{1,200}:line \d+",
            r"(?m:^ {2,}at [\w.`<>$+\[\]]+\([^()]{0,200}\)\s*$)",
            r"\bgoroutine \d+ \[|\bpanic: |thread '.{1,80}' panicked at",
            rf"(?<![\w./-])(?!//)[\w./@-]+\.{_SOURCE}:\d+\b",
            # SQL, and what its servers say of it.
            r"\b(?:SELECT|INSERT INTO|DELETE FROM|UPDATE)\b.{1,200}\b(?:FROM|VALUES|WHERE|SET)\b",
            r"\b(?:insert into|delete from) [\"`\w.]+\s*(?:\(|where\b|values\b)",
            r"\bselect [\w\s,.*\"`()]{1,200} from [\w.\"`]+ (?:where|limit|order by|join)\b",
            r"\bSQLSTATE\b|\bORA-\d{5}\b|sqlite3?\.\w*Error|psycopg|PG::",
            r"near \".{1,40}\": syntax error",
            # Files.
            rf"{_STARTS_A_PATH}/(?:home|usr|var|opt|app|srv|root|etc|tmp|mnt|Users)/[\w./@+-]+\.\w{{1,5}}\b",
            rf"{_STARTS_A_PATH}/(?:[\w.@+-]+/)+[\w.@+-]+\.{_SOURCE}\b(?![.\w/])",
            r"(?<![\w])[A-Z]:\\{1,2}(?:[\w .-]+\\{1,2})+[\w .-]+",
        )
    )
)


def leak(request: Request, response: Response) -> str:
    """The first thing in an answer that shows the server's inside; empty where there is none.

    What the request itself held and the answer repeats is no secret.
    """
    given = _given(request)
    found = (match.group() for match in LEAKS.finditer(_text(response)))
    return next((piece for piece in found if piece.strip() not in given), "")


def _given(request: Request) -> str:
    """The words of a request, as they were sent and as they are once decoded."""
    url, body = urlsplit(request.url), request.body.decode("utf-8", "replace")
    return "\n".join((request.url, url.path, unquote(request.url), body, *_unescaped(body)))


def _text(response: Response) -> str:
    """A body as text; of JSON its strings, so that escapes hide nothing and add nothing."""
    if response.declares_json:
        try:
            return "\n".join(_strings(response.json()))
        except (ValueError, RecursionError):
            pass
    return response.body[:MOST].decode("utf-8", "replace")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value[:MOST]
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from (key, *_strings(inner))
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _unescaped(body: str) -> Iterator[str]:
    yield re.sub(r"\\(.)", r"\1", body)
