"""What every answer of a run has to keep, whatever the test that asked for it was about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from conformance.contract import Contract
from conformance.evidence import Finding, current
from conformance.exchange import Exchange, Response
from conformance.values import brief, pointer

COMMON_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
NOT_IMPLEMENTED = 501

Verdicts = Iterator[tuple[str, Finding | None]]

LEAKS = re.compile(
    r"Traceback \(most recent call last\)"
    r"|\bat [\w.$<>]+\([\w.]+\.(?:java|kt|scala|cs):\d+\)"
    r"|\bat .{1,200}\([^()\s]{1,200}\.[jt]sx?:\d+:\d+\)"
    r"|\bat [\w.`<>\[\], ]{1,200}\(.{0,200}\) in .{1,200}:line \d+"
    r"|\bgoroutine \d+ \[|\bpanic: |thread '.{1,80}' panicked at"
    r"|\b(?:SELECT|INSERT INTO|DELETE FROM|UPDATE)\b.{1,200}\b(?:FROM|VALUES|WHERE|SET)\b"
    r"|SQLSTATE|\bORA-\d{5}\b|sqlite3?\.\w*Error|psycopg|PG::|near \".{1,40}\": syntax error"
    r"|(?:/(?:home|usr|var|opt|app|srv|root|etc|tmp)/[\w./@-]+\.\w{1,5}\b)"
    r"|[A-Z]:\\(?:[\w .-]+\\)+[\w .-]+"
    r"|\.(?:py|rb|go|rs|php|java|cs|kt|js|ts|ex):\d+\b",
)


class Watch:
    """Judges each exchange as it is recorded, and tells the running test's evidence."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.spelling: dict[str, str] = {}

    def __call__(self, exchange: Exchange) -> None:
        evidence = current()
        seen = list(self.judge(exchange))
        evidence.saw((*evidence.rules, *dict.fromkeys(rule for rule, _ in seen)))
        for rule, finding in seen:
            evidence.check(rule)
            if finding:
                evidence.find(finding)

    def judge(self, exchange: Exchange) -> Verdicts:
        """Each requirement that this exchange bears on, with a finding where it breaks it."""
        yield "HTTP-1", self._answered(exchange)
        response = exchange.response
        if response is None or exchange.request.method == "HEAD":
            return
        operation = self.contract.operations.get(exchange.operation)
        success = 200 <= response.status < 300
        content = bool(operation and not operation.no_content)
        body: Any = None
        if response.body and (response.declares_json or (success and content)):
            problem, body = _json(response)
            yield "HTTP-2", self._found("HTTP-2", exchange, problem, "a JSON body, declared as such", response.content_type)
            if problem:
                return
        if operation and success:
            yield from self._success(exchange, response, body)
        if 400 <= response.status:
            leak = _leak(response)
            yield "HTTP-7", self._found("HTTP-7", exchange, leak and "an error answer shows the server's inside", "no stack trace, SQL or file path", leak)

    def _success(self, exchange: Exchange, response: Response, body: Any) -> Verdicts:
        operation = self.contract.operations[exchange.operation]
        if response.status not in operation.success:
            documented = " or ".join(map(str, operation.success))
            summary = f"{operation.id} answered an undocumented success status"
            yield "HTTP-3", self._found("HTTP-3", exchange, summary, documented, exchange.outcome())
        elif operation.no_content:
            yield "HTTP-3", None
            size = f"{len(response.body)} octets" if response.body else ""
            summary = size and f"{operation.id} has no content, but its answer has a body"
            yield "HTTP-6", self._found("HTTP-6", exchange, summary, "an empty body", size)
        else:
            yield from self._schema(exchange, response, body)
            checks = {"listChats": self._page, "listReactions": self._reaction_names}
            if operation.id in checks and not isinstance(body, str):
                yield from checks[operation.id](exchange, body)

    def _schema(self, exchange: Exchange, response: Response, body: Any) -> Verdicts:
        errors = self.contract.schema_errors(exchange.operation, response.status, body)
        if not response.body:
            summary = f"{exchange.operation} answered without the documented body"
            yield "HTTP-3", self._found("HTTP-3", exchange, summary, "a JSON body", "an empty body")
            return
        if not errors:
            yield "HTTP-3", None
        for error in errors[:3]:
            where = re.sub(r"/\d+", "/0", error.pointer)
            summary = f"{exchange.operation} answered a body that does not match its schema at {where or '/'}"
            yield "HTTP-3", self._found("HTTP-3", exchange, summary, f"as in {error.schema_pointer}", error.message, error.pointer)

    # -- the list --------------------------------------------------------------------------------

    def _page(self, exchange: Exchange, body: Any) -> Verdicts:
        messages = body.get("messages") if isinstance(body, dict) else None
        if not isinstance(messages, list):
            return
        size = self.contract.limits.page_size
        summary = "a page holds more messages than the limit" if len(messages) > size else ""
        yield "LIST-3", self._found("LIST-3", exchange, summary, f"at most {size}", str(len(messages)), "/messages")
        for index, message in enumerate(messages):
            entries = message.get("reactions") if isinstance(message, dict) else None
            for place, problem, expected, actual in self._entries(entries if isinstance(entries, list) else ()):
                where = pointer("messages", index, "reactions", *place)
                yield "LIST-12", self._found("LIST-12", exchange, problem, expected, actual, where)

    def _entries(self, entries: Iterable[Any]) -> Iterator[tuple[tuple[str | int, ...], str, str, str]]:
        """For each reaction entry of a message: its place and, where it is wrong, how."""
        seen: set[str] = set()
        for index, entry in enumerate(entries):
            if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
                continue
            name, count, users = entry["name"], entry.get("count"), entry.get("users") or []
            reaction = self.contract.limits.reaction_of(name)
            if reaction is None:
                yield (index, "name"), "a reaction is shown that the contract does not have", self._names(), brief(name)
            elif self.spelling.setdefault(reaction, name) != name:
                yield (index, "name"), "a reaction is shown in two spellings", self.spelling[reaction], name
            elif reaction in seen:
                yield (index, "name"), "a reaction is shown twice on one message", "one entry", brief(name)
            elif isinstance(users, list) and count != len(users):
                yield (index, "count"), "count is not the number of users", f"{len(users)}, as in users", brief(count)
            else:
                yield (index,), "", "", ""
            seen.add(reaction or name)

    def _reaction_names(self, exchange: Exchange, body: Any) -> Verdicts:
        for index, entry in enumerate(body if isinstance(body, list) else ()):
            name = entry.get("reaction") if isinstance(entry, dict) else None
            if isinstance(name, str):
                known = self.contract.limits.reaction_of(name)
                summary = "" if known else "a reaction is listed that the contract does not have"
                yield "REACT-2", self._found("REACT-2", exchange, summary, self._names(), brief(name), pointer(index, "reaction"))

    def _names(self) -> str:
        return " or ".join(self.contract.limits.reactions)

    # -- helpers ---------------------------------------------------------------------------------

    def _answered(self, exchange: Exchange) -> Finding | None:
        exempt = exchange.status == NOT_IMPLEMENTED and exchange.request.method not in COMMON_METHODS
        what = exchange.operation or exchange.request.method
        if exchange.response is None:
            return self._found("HTTP-1", exchange, f"{what} got a broken answer", "an answer", exchange.error)
        if exchange.status >= 500 and not exempt:
            return self._found("HTTP-1", exchange, f"{what} got a server error", "a status below 500", exchange.outcome())
        return None

    def _found(
        self, rule: str, exchange: Exchange, summary: object, expected: str, actual: object = "", at: str = ""
    ) -> Finding | None:
        if not summary:
            return None
        return Finding(rule, str(summary), expected, str(actual), at, exchange.test, (exchange.id,))


def _json(response: Response) -> tuple[str, Any]:
    """What is wrong with a body that has to be JSON (empty: nothing), and its content."""
    if not response.declares_json:
        return "a documented body is not declared as JSON", None
    try:
        return "", response.json()
    except ValueError as problem:
        return f"a body declared as JSON is none: {problem}", None


def _leak(response: Response) -> str:
    text = response.body[:20_000].decode("utf-8", "replace")
    found = LEAKS.search(text)
    return brief(found.group(), 100) if found else ""


