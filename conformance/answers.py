"""What calls get: answers that are read only as far as somebody looks at them.

What an answer lacks raises ``Unmet`` under the requirement that asks for it, where it is needed.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from conformance.evidence import Finding, Unmet
from conformance.exchange import Exchange
from conformance.values import parse_instant, pointer

SERVER_ERROR = 500
NO_CONTENT = (200, 204)
"""What a call that returns nothing may answer."""
GONE = (404, 410)
"""What a call on a thing that is not there, or not any more, should get."""


class Answer:
    """What a call got. ``rule`` is the requirement under which the call has to be accepted."""

    rule = "HTTP-3"

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.status = exchange.status

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        return 400 <= self.status < 500

    def body(self) -> Any:
        """The body as JSON; raises :class:`Unmet` where there is none to read."""
        response = self.exchange.response
        if not self.accepted or response is None:
            raise self.unmet("the call was not accepted", "2xx", self.exchange.outcome())
        try:
            return response.json()
        except ValueError as problem:
            # Declared as JSON it is HTTP-2's matter; else nothing documented came at all.
            rule = "HTTP-2" if response.declares_json and response.body else self.rule
            found = self.unmet("the body is not JSON", "JSON in UTF-8", str(problem)).finding
            raise Unmet(replace(found, requirement=rule)) from None

    def member(self, name: str, kind: type, *path: str | int) -> Any:
        """The member ``name`` of the object at ``path``; raises Unmet if it is no ``kind``."""
        value = self.body()
        for step in path:
            value = value[step]
        found = value.get(name) if isinstance(value, dict) else None
        if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
            where = pointer(*path, name)
            raise self.unmet(
                f"{name} is not there as documented", kind.__name__, repr(found), where
            )
        return found

    def unmet(self, summary: str, expected: str, actual: str, where: str = "") -> Unmet:
        """What to raise where the answer lacks what the rest of a test needs."""
        exchange = self.exchange
        what = exchange.operation or exchange.request.method
        rule = self.rule
        if exchange.response is None or exchange.status >= SERVER_ERROR:
            # Whatever the test is about, this is what is wrong.
            rule, summary = "HTTP-1", "no usable answer"
        finding = Finding(rule, f"{what}: {summary}", expected, actual, where)
        return Unmet(replace(finding, exchanges=(exchange.id,)))


class Sent(Answer):
    """The answer to a message that was sent."""

    rule = "SEND-1"

    @property
    def id(self) -> str:
        chat: str = self.member("chatId", str)
        if not chat:
            raise self.unmet("chatId is empty", "a non-empty string", '""', "/chatId")
        return chat

    @property
    def text(self) -> Any:
        return self.body().get("message")

    @property
    def created(self) -> str:
        stamp: str = self.member("createdAt", str)
        return stamp

    @property
    def instant(self) -> datetime:
        return _instant(self, self.created, "/createdAt")


class Reacted(Answer):
    """The answer to a reaction."""

    rule = "REACT-1"

    @property
    def id(self) -> str:
        reaction: str = self.member("reactionId", str)
        if not reaction:
            raise self.unmet("reactionId is empty", "a non-empty string", '""', "/reactionId")
        return reaction


class Done(Answer):
    """The answer to an operation without content."""

    def __init__(self, exchange: Exchange, rule: str) -> None:
        super().__init__(exchange)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as a list shows it, with the page and place that it stands at."""

    page: Listed
    index: int
    raw: dict[str, Any]

    def _string(self, name: str, *path: str) -> str:
        value: Any = self.raw
        for step in (*path, name):
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, str):
            return value
        found: str = self.page.member(name, str, "messages", self.index, *path)
        return found

    @property
    def id(self) -> str:
        chat = self.raw.get("chatId")
        return chat if isinstance(chat, str) else self._string("chatId")

    @property
    def text(self) -> Any:
        return self.raw.get("message")

    @property
    def created(self) -> str:
        return self._string("createdAt")

    @property
    def instant(self) -> datetime:
        return _instant(self.page, self.created, self.pointer("createdAt"))

    @property
    def user(self) -> str:
        if not isinstance(self.raw.get("user"), dict):
            self.page.member("user", dict, "messages", self.index)
        return self._string("id", "user")

    @property
    def pin(self) -> str | None:
        """The id of the pin, or ``None`` where the message is not shown as pinned."""
        pinned = self.raw.get("pinned")
        pin = pinned.get("id") if isinstance(pinned, dict) else None
        return pin if isinstance(pin, str) and pin else None

    @property
    def oddly_pinned(self) -> bool:
        """Whether it is shown with a pin that has no id to unpin it by (LIST-11)."""
        pinned = self.raw.get("pinned")
        unpinned = isinstance(pinned, dict) and pinned.get("id", "") is None
        return bool(pinned) and self.pin is None and not unpinned

    @property
    def reactions(self) -> list[dict[str, Any]]:
        entries = self.raw.get("reactions") or []
        return [entry for entry in entries if isinstance(entry, dict)]

    def users(self, names: Iterable[str]) -> list[str]:
        """The ids of those shown under a reaction, which may go by any of ``names``."""
        wanted = set(names)
        held = [entry.get("users") or [] for entry in self.reactions if entry.get("name") in wanted]
        return [user["id"] for users in held for user in users if isinstance(user, dict)]

    def count(self, names: Iterable[str]) -> int:
        wanted = set(names)
        counts = [entry.get("count") for entry in self.reactions if entry.get("name") in wanted]
        return sum(count for count in counts if isinstance(count, int))

    def pointer(self, *path: str | int) -> str:
        return pointer("messages", self.index, *path)


class Listed(Answer):
    """A page of messages."""

    rule = "LIST-1"

    @property
    def total(self) -> int:
        total: int = self.member("totalCount", int)
        return total

    @property
    def messages(self) -> list[Shown]:
        return list(self._shown)

    @functools.cached_property
    def _shown(self) -> list[Shown]:
        entries = self.member("messages", list)
        for index, entry in enumerate(entries):
            if not isinstance(entry, dict):
                where = pointer("messages", index)
                raise self.unmet("a message is no object", "an object", repr(entry)[:80], where)
        return [Shown(self, index, entry) for index, entry in enumerate(entries)]

    @property
    def ids(self) -> list[str]:
        return [message.id for message in self._shown]

    def get(self, chat: Sent | Shown | str) -> Shown | None:
        wanted = chat_id(chat)
        return next((message for message in self._shown if message.id == wanted), None)

    def __contains__(self, chat: Sent | Shown | str) -> bool:
        return self.get(chat) is not None


class ReactionsListed(Answer):
    """The reactions of the messages asked for."""

    rule = "RLIST-1"

    @property
    def entries(self) -> list[dict[str, str]]:
        body = self.body()
        if not isinstance(body, list):
            raise self.unmet("the body is no array", "an array", type(body).__name__)
        for index, entry in enumerate(body):
            if not isinstance(entry, dict) or not all(
                isinstance(entry.get(name), str) for name in ("chatId", "id", "reaction")
            ):
                raise self.unmet(
                    "an entry lacks chatId, id or reaction as strings",
                    "three strings",
                    json.dumps(entry)[:120],
                    pointer(index),
                )
        return list(body)

    def __iter__(self) -> Iterator[dict[str, str]]:
        return iter(self.entries)

    @property
    def ids(self) -> list[str]:
        return [entry["id"] for entry in self.entries]


def _instant(answer: Answer, stamp: str, where: str) -> datetime:
    instant = parse_instant(stamp)
    if instant is None:
        raise answer.unmet(
            "createdAt is no RFC 3339 date-time", "like 2025-06-26T08:48:07Z", stamp, where
        )
    return instant


def chat_id(chat: Sent | Shown | str) -> str:
    return chat if isinstance(chat, str) else chat.id
