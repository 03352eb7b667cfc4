"""What every answer of a run has to keep, whatever the test that asked for it was about."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from conformance.contract import Contract
from conformance.evidence import Finding, current
from conformance.exchange import Exchange, Response
from conformance.leaks import leak
from conformance.values import brief, parse_instant, pointer

# RFC 9110, section 15.6.2: 501 is right for a method that a server does not know, and it need not
# know TRACE or CONNECT.
COMMON_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NOT_IMPLEMENTED = 501

Verdicts = Iterator[tuple[str, Finding | None]]


class Stamp(NamedTuple):
    """The time that a message was given, and by when its sender knew."""

    instant: datetime
    text: str
    answered: float
    exchange: str


class Watch:
    """Judges each exchange as it is recorded, and tells the running test's evidence."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.spelling: dict[str, str] = {}
        self.latest: defaultdict[str, list[Stamp]] = defaultdict(list)
        """By sender, each stamp that was later than all before it."""
        self.chats: dict[str, str] = {}
        """The exchange in which each chatId was given first."""

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
            problem, detail, body = _json(response, success and content)
            expected = "a JSON body, declared as such"
            yield "HTTP-2", self._found("HTTP-2", exchange, problem, expected, detail)
            if problem and success:
                return
        if operation and success:
            yield from self._success(exchange, response, body)
        if response.status >= 400:
            yield "HTTP-7", self._leak(exchange, response)

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
            checks = {
                "listChats": self._page,
                "listReactions": self._reaction_names,
                "sendChat": self._sent,
            }
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
            summary = f"{exchange.operation}: the body breaks its schema at {where or '/'}"
            yield (
                "HTTP-3",
                self._found(
                    "HTTP-3",
                    exchange,
                    summary,
                    f"as in {error.schema_pointer}",
                    error.message,
                    error.pointer,
                ),
            )

    # -- what was sent ---------------------------------------------------------------------------

    def _sent(self, exchange: Exchange, body: Any) -> Verdicts:
        yield from self._identified(exchange, body)
        yield from self._stamp(exchange, body)

    def _identified(self, exchange: Exchange, body: Any) -> Verdicts:
        """With an id that no message of the run has had, in any session (SEND-3)."""
        chat = body.get("chatId") if isinstance(body, dict) else None
        if not isinstance(chat, str) or b"chatId" in exchange.request.body:
            return  # SEND-16: who was let choose an id may have chosen one twice.
        first = self.chats.setdefault(chat, exchange.id)
        again = first != exchange.id and "a chatId was given to two messages"
        expected = "a new id for each"
        yield "SEND-3", self._found("SEND-3", exchange, again, expected, chat, "/chatId", first)

    def _stamp(self, exchange: Exchange, body: Any) -> Verdicts:
        """No earlier than any that its sender was told of before (SEND-12).

        A run sends messages at all times of a second, so that a fraction that is not padded shows.
        """
        text = body.get("createdAt") if isinstance(body, dict) else None
        instant = parse_instant(text) if isinstance(text, str) else None
        if instant is None or b"createdAt" in exchange.request.body:
            return  # SEND-16: who was let choose a time says nothing about the clock.
        known = self.latest[exchange.actor]
        before = next((one for one in reversed(known) if one.answered <= exchange.began), None)
        late = before is not None and instant < before.instant
        summary = late and "a message has an earlier createdAt than one that was answered before"
        expected = f"{before.text} or later" if before else ""
        earlier = (before.exchange,) if before else ()
        found = self._found("SEND-12", exchange, summary, expected, text, "/createdAt", *earlier)
        yield "SEND-12", found
        if not known or instant > known[-1].instant:
            known.append(Stamp(instant, str(text), exchange.ended, exchange.id))

    # -- the list --------------------------------------------------------------------------------

    def _page(self, exchange: Exchange, body: Any) -> Verdicts:
        messages = body.get("messages") if isinstance(body, dict) else None
        if not isinstance(messages, list):
            return
        size = self.contract.limits.page_size
        summary = "a page holds more messages than the limit" if len(messages) > size else ""
        yield (
            "LIST-3",
            self._found(
                "LIST-3", exchange, summary, f"at most {size}", str(len(messages)), "/messages"
            ),
        )
        shown = False
        for index, message in enumerate(messages):
            entries = message.get("reactions") if isinstance(message, dict) else None
            if not isinstance(entries, list) or not entries:
                continue
            shown = True
            for place, problem, expected, actual in self._wrong_entries(entries):
                where = pointer("messages", index, "reactions", *place)
                yield "LIST-12", self._found("LIST-12", exchange, problem, expected, actual, where)
        if shown:
            yield "LIST-12", None

    def _wrong_entries(
        self, entries: Iterable[Any]
    ) -> Iterator[tuple[tuple[str | int, ...], str, str, str]]:
        """For each reaction entry of a message that is wrong: its place, and how."""
        seen: set[str] = set()
        for index, entry in enumerate(entries):
            if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
                continue
            name, count, users = entry["name"], entry.get("count"), entry.get("users") or []
            reaction = self.contract.limits.reaction_of(name)
            if reaction is None:
                yield (
                    (index, "name"),
                    "a reaction is shown that the contract does not have",
                    self._names(),
                    brief(name),
                )
            elif self.spelling.setdefault(reaction, name) != name:
                yield (
                    (index, "name"),
                    "a reaction is shown in two spellings",
                    self.spelling[reaction],
                    name,
                )
            elif reaction in seen:
                yield (
                    (index, "name"),
                    "a reaction is shown twice on one message",
                    "one entry",
                    brief(name),
                )
            elif isinstance(users, list) and count != len(users):
                yield (
                    (index, "count"),
                    "count is not the number of users",
                    f"{len(users)}, as in users",
                    brief(count),
                )
            seen.add(reaction or name)

    def _reaction_names(self, exchange: Exchange, body: Any) -> Verdicts:
        for index, entry in enumerate(body if isinstance(body, list) else ()):
            name = entry.get("reaction") if isinstance(entry, dict) else None
            if isinstance(name, str):
                known = self.contract.limits.reaction_of(name)
                yield "REACT-2", None if known else self._unknown(exchange, name, index)

    def _unknown(self, exchange: Exchange, name: str, index: int) -> Finding | None:
        summary = "a reaction is listed that the contract does not have"
        where = pointer(index, "reaction")
        return self._found("REACT-2", exchange, summary, self._names(), brief(name), where)

    def _names(self) -> str:
        return " or ".join(self.contract.limits.reactions)

    # -- helpers ---------------------------------------------------------------------------------

    def _answered(self, exchange: Exchange) -> Finding | None:
        exempt = (
            exchange.status == NOT_IMPLEMENTED and exchange.request.method not in COMMON_METHODS
        )
        what = exchange.operation or exchange.request.method
        if exchange.response is None:
            return self._found(
                "HTTP-1", exchange, f"{what} got a broken answer", "an answer", exchange.error
            )
        if exchange.status >= 500 and not exempt:
            return self._found(
                "HTTP-1",
                exchange,
                f"{what} got a server error",
                "a status below 500",
                exchange.outcome(),
            )
        return None

    def _leak(self, exchange: Exchange, response: Response) -> Finding | None:
        shown = leak(exchange.request, response)
        summary = shown and "an error answer shows the server's inside"
        expected = "no stack trace, SQL or file path"
        return self._found("HTTP-7", exchange, summary, expected, brief(shown, 100))

    def _found(
        self,
        rule: str,
        exchange: Exchange,
        summary: object,
        expected: str,
        actual: object = "",
        at: str = "",
        *earlier: str,
    ) -> Finding | None:
        if not summary:
            return None
        ids = (*earlier, exchange.id)
        return Finding(rule, str(summary), expected, str(actual), at, exchange.test, ids)


def _json(response: Response, documented: bool) -> tuple[str, str, Any]:
    """What is wrong with a body that has to be JSON (empty: nothing), in detail, and its content.

    ``text/json`` was never registered: a client need not know it for JSON.
    """
    if documented and (not response.declares_json or response.content_type == "text/json"):
        declared = response.header("content-type") or "no content type"
        return "a documented body is not declared as JSON", declared, None
    try:
        return "", "", response.json()
    except ValueError as problem:
        return "a body declared as JSON is none", str(problem), None
