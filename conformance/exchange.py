"""A request and its answer, as they were and as they may be shown."""

from __future__ import annotations

import base64
import functools
import json
import re
import shlex
from dataclasses import dataclass, field
from typing import Any

from conformance.redaction import Redactor

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """``headers`` never hold a token: it is replaced by its name before it gets here."""

    method: str
    url: str
    headers: Headers
    body: bytes = b""


@dataclass(frozen=True)
class Response:
    status: int
    reason: str
    version: str
    headers: Headers
    body: bytes = field(repr=False)

    def header(self, name: str) -> str | None:
        """The values of a header, joined as RFC 9110 has it, or ``None``."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    @functools.cached_property
    def content_type(self) -> str:
        """The media type in lower case, without its parameters; empty where none is declared."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def declares_json(self) -> bool:
        kind = self.content_type
        return kind.endswith("+json") or kind in ("application/json", "text/json")

    def json(self) -> Any:
        """The body as JSON. Raises :class:`ValueError` where it is none, or no UTF-8."""
        return self._content

    @functools.cached_property
    def _content(self) -> Any:
        """Read once: the watch looks at every answer, and so does whoever asked for it."""
        try:
            text = self.body.decode("utf-8")
            return json.loads(text, parse_constant=_no_constant, parse_float=_number)
        except RecursionError:
            raise ValueError("it is nested too deeply") from None


def _number(digits: str) -> int | float:
    """61.0 is an integer to JSON Schema, and to languages in which all numbers are alike."""
    value = float(digits)
    return int(value) if value.is_integer() else value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request of one person. ``started`` is in seconds of the epoch, ``elapsed`` in seconds.

    ``began`` and ``ended`` are read off a monotonic clock, for the order of concurrent calls.
    ``response`` is ``None`` where none came; ``error`` then says why.
    """

    id: str
    test: str
    actor: str
    operation: str
    request: Request
    response: Response | None
    error: str
    started: float
    began: float
    ended: float

    @property
    def elapsed(self) -> float:
        return self.ended - self.began

    @property
    def status(self) -> int:
        return self.response.status if self.response else 0

    def outcome(self) -> str:
        """The answer in a few words, such as ``404 Not Found``."""
        if self.response is None:
            return f"no answer ({self.error})"
        return f"{self.response.status} {self.response.reason}".strip()

    def curl(self, redactor: Redactor) -> str:
        """A shell-safe command that sends the request again; tokens are shell variables."""
        return curl(self.request, redactor)

    def dump(self, redactor: Redactor) -> dict[str, Any]:
        """The stored JSON form, without any token."""
        request, response = self.request, self.response
        return {
            "id": self.id,
            "test": self.test,
            "actor": self.actor,
            "operation": self.operation,
            "started": self.started,
            "elapsed": round(self.elapsed, 6),
            "began": self.began,
            "ended": self.ended,
            "request": {
                "method": request.method,
                "url": redactor.text(request.url),
                "headers": _shown(request.headers, redactor),
                **_body(request.body, redactor),
            },
            "response": response
            and {
                "status": response.status,
                "reason": redactor.text(response.reason),
                "version": response.version,
                "headers": _shown(response.headers, redactor),
                **_body(response.body, redactor),
            },
            "error": redactor.text(self.error),
            "curl": self.curl(redactor),
        }


def _shown(headers: Headers, redactor: Redactor) -> list[list[str]]:
    return [[name, redactor.text(value)] for name, value in headers]


def _body(body: bytes, redactor: Redactor) -> dict[str, str]:
    """The body as text, or in base64 where it is no UTF-8; never with a token in it."""
    try:
        return {"text": redactor.text(body.decode("utf-8"))}
    except UnicodeDecodeError:
        # Latin-1 maps every byte, so that tokens are found between the odd bytes too.
        clean = redactor.text(body.decode("latin-1"))
        return {"base64": base64.b64encode(clean.encode("latin-1", "replace")).decode()}


CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
AUTOMATIC = ("host", "accept", "accept-encoding", "connection", "user-agent", "content-length")


def curl(request: Request, redactor: Redactor) -> str:
    words = ["curl", "-sS", "-i", "--path-as-is", "-g"]
    words += [] if request.method == "GET" else ["-X", request.method]
    quoted = [_quote(word) for word in words]
    for name, value in request.headers:
        if name.lower() not in AUTOMATIC:
            quoted += ["-H", _with_variables(f"{name}: {value}", redactor)]
    target = _with_variables(request.url, redactor)
    if not request.body:
        return " ".join([*quoted, target])
    text = _text(request.body)
    if text is None or "\0" in text:
        # No argument of a command can hold these octets; a pipe can.
        octets = base64.b64encode(request.body).decode()
        piped = " ".join([*quoted, "--data-binary", "@-", target])
        return f"printf %s {redactor.text(octets)} | base64 -d | {piped}"
    # Not --data-binary, which would read a file where the body begins with an at sign.
    return " ".join([*quoted, "--data-raw", _with_variables(text, redactor), target])


def _text(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


@functools.cache
def _variables(names: frozenset[str]) -> re.Pattern[str]:
    known = "|".join(re.escape(name[1:]) for name in sorted(names, key=len, reverse=True))
    known = known or r"(?!)"
    return re.compile(
        rf"(\$(?:{known})(?![A-Z0-9_])|\$\{{(?:{known})(?:[^A-Z0-9_}}]\S*?)?\}}"
        rf"|\$\(printf [a-z:]*\$(?:{known})[a-z:]* \| base64 -w0\))"
    )


def _with_variables(text: str, redactor: Redactor) -> str:
    """``text`` quoted for a shell, with the tokens' names left for it to expand.

    A name may stand in a parameter expansion, such as ``${S1_HOST%?}`` for a token cut short, or
    in ``$(printf $S1_HOST: | base64 -w0)`` for Basic credentials.
    """
    variable = _variables(redactor.names)
    pieces = [piece for piece in variable.split(redactor.text(text)) if piece]
    return "".join(f'"{piece}"' if variable.fullmatch(piece) else _quote(piece) for piece in pieces)


def _quote(word: str) -> str:
    """``word`` for a shell; control characters in the ``$'...'`` form, to survive a copy."""
    if CONTROL.search(word):
        return "$'" + "".join(map(_escape, word)) + "'"
    return shlex.quote(word)


def _escape(character: str) -> str:
    if character in "\\'":
        return f"\\{character}"
    if CONTROL.match(character):
        return "".join(f"\\x{byte:02x}" for byte in character.encode())
    return character
