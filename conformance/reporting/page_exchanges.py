"""The exchanges of a run as the page holds them: each once, long bodies cut, texts shared."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from conformance.reporting import hostile
from conformance.reporting.page_text import CUT, cut, indented, visible
from conformance.results import StoredRun

BODY_BUDGET = 2_500_000
"""Bytes of bodies that the page may hold for the exchanges that no card shows."""
LIMITS = (8_000, 4_000, 2_000, 1_000, 500, 250, 100)
LONGEST_COMMAND = 1_500

Stored = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """One exchange, with what the page says of it."""

    stored: Stored
    base: str

    @property
    def id(self) -> str:
        return str(self.stored["id"])

    @property
    def test(self) -> str:
        return visible(self.stored["test"])

    @property
    def actor(self) -> str:
        return visible(self.stored["actor"]) or "somebody"

    @property
    def operation(self) -> str:
        return visible(self.stored["operation"])

    @property
    def method(self) -> str:
        return visible(self.stored["request"]["method"])

    @property
    def path(self) -> str:
        """The target of the request, without the part that all share."""
        return visible(str(self.stored["request"]["url"]).removeprefix(self.base)) or "/"

    @property
    def started(self) -> float:
        return float(self.stored["started"])

    @property
    def milliseconds(self) -> float:
        return round(float(self.stored["elapsed"]) * 1000, 1)

    @property
    def status(self) -> int:
        return int(self.stored["response"]["status"]) if self.stored["response"] else 0

    @property
    def outcome(self) -> str:
        response = self.stored["response"]
        if not response:
            return "no answer"
        return visible(f"{response['status']} {response['reason']}".strip())

    @property
    def kind(self) -> str:
        """A class of answers: ``good``, ``refused``, ``broken`` or ``other``."""
        return {2: "good", 4: "refused", 5: "broken", 0: "broken"}.get(self.status // 100, "other")

    @functools.cached_property
    def curl(self) -> str:
        """The command that sends it again; what is shown of it is what is copied."""
        return hostile.shell(str(self.stored["curl"]))

    @functools.cached_property
    def authorization(self) -> str | None:
        """The value of the Authorization header, tokens as ``$NAME``; None where there is none."""
        headers = self.stored["request"]["headers"]
        return next((str(v) for k, v in headers if k.lower() == "authorization"), None)

    @property
    def request_head(self) -> str:
        request = self.stored["request"]
        return visible("\n".join([f"{request['method']} {self.path}", *_lines(request["headers"])]))

    @property
    def response_head(self) -> str:
        response = self.stored["response"]
        if not response:
            return visible(f"no answer: {self.stored['error']}")
        first = f"{response['version']} {response['status']} {response['reason']}"
        return visible("\n".join([first, *_lines(response["headers"])]))

    def request_body(self) -> str:
        return body(self.stored["request"])

    def response_body(self) -> str:
        return body(self.stored["response"])

    @property
    def request_shown(self) -> str:
        return _shown(self.request_body())

    @property
    def response_shown(self) -> str:
        return _shown(self.response_body())


def _lines(headers: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers]


def body(message: Mapping[str, Any] | None) -> str:
    """The body of a stored request or answer as text; bytes that are none become escapes."""
    if not message:
        return ""
    if "text" in message:
        return str(message["text"])
    return base64.b64decode(message.get("base64", "")).decode("utf-8", "backslashreplace")


def _shown(text: str) -> str:
    return visible(cut(indented(text) if len(text) <= CUT else text))


class Calls:
    """All exchanges of a run in the order of their making, and those that the page spells out."""

    def __init__(self, run: StoredRun) -> None:
        base = _base(run)
        made = sorted(run.exchanges.values(), key=lambda one: float(one["started"]))
        self.all = tuple(Call(one, base) for one in made)
        self.by_id = {call.id: call for call in self.all}
        self.by_test: dict[str, list[Call]] = {}
        for call in self.all:
            self.by_test.setdefault(str(call.stored["test"]), []).append(call)

    def find(self, ids: Iterable[str]) -> list[Call]:
        return [self.by_id[id] for id in ids if id in self.by_id]


def _base(run: StoredRun) -> str:
    """What the URLs of a run begin with: the target's own URL, or where the embedded one stood."""
    given = str(run.results["target"]["url"]).rstrip("/")
    first = next((str(one["request"]["url"]) for one in run.exchanges.values()), "")
    if first.startswith(given):
        return given
    parts = urlsplit(first)
    return f"{parts.scheme}://{parts.netloc}"


# -- the island of data ----------------------------------------------------------------------------


class _Table:
    """Texts by number, each once, and fit to be shown."""

    def __init__(self) -> None:
        self.texts: list[str] = [""]
        self._numbers = {"": 0}

    def __call__(self, text: str) -> int:
        number = self._numbers.setdefault(text, len(self.texts))
        if number == len(self.texts):
            self.texts.append(visible(text))
        return number


def island(calls: Calls, spelled_out: set[str]) -> tuple[str, int]:
    """All exchanges as JSON that is safe inside a script element, and the length bodies are cut to.

    Those in ``spelled_out`` stand in the page itself and come without heads and bodies here.
    """
    limit = _limit(call for call in calls.all if call.id not in spelled_out)
    table = _Table()
    rows = [_row(call, table, limit, call.id in spelled_out) for call in calls.all]
    data = json.dumps(
        {"texts": table.texts, "rows": rows}, ensure_ascii=False, separators=(",", ":")
    )
    return _inert(data), limit


def _row(call: Call, table: _Table, limit: int, spelled_out: bool) -> list[Any]:
    outline = [call.id, table(call.actor), table(call.operation), table(call.method)]
    outline += [table(call.path), table(call.outcome), call.milliseconds, table(call.test)]
    if spelled_out:
        return outline
    curl = call.curl if len(call.curl) <= LONGEST_COMMAND else ""
    bodies = (call.request_body(), call.response_body())
    return [
        *outline,
        [table(line) for line in call.request_head.split("\n")[1:]],
        [table(line) for line in call.response_head.split("\n")],
        *(table(cut(text, limit)) for text in bodies),
        [table(word) for word in curl.split(" ")],
    ]


def _limit(calls: Iterable[Call]) -> int:
    """How long a body may be for all of them to stay within the budget."""
    sizes = [len(text) for text in {text for call in calls for text in _bodies(call)}]
    for limit in LIMITS:
        if sum(min(size, limit) for size in sizes) <= BODY_BUDGET:
            return limit
    return LIMITS[-1]


def _bodies(call: Call) -> tuple[str, str]:
    return call.request_body(), call.response_body()


def _inert(data: str) -> str:
    for character in "<>&\u2028\u2029":
        data = data.replace(character, f"\\u{ord(character):04x}")
    return data.encode("utf-8", "backslashreplace").decode()
