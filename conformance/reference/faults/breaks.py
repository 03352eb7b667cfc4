"""Faults that break the server: calls that get a 5xx or half an answer (HTTP-1)."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.responses import Response

from conformance.model import Fresh, Message, Page, Person, Query, Session, Step
from conformance.reference import parsing
from conformance.reference.parsing import Invalid
from conformance.reference.registry import fault
from conformance.reference.server import Route, Server


class Broken(RuntimeError):
    """What the database or the framework raises, and nobody catches."""


# -- parameters and paths --------------------------------------------------------------------------


@fault("breaks-on-odd-skip", "HTTP-1", "LIST-9")
class OddSkip(Server):
    """A Skip that is no number gets a 500."""

    def skip(self, raw: str | None) -> int:
        return super().skip(raw if raw is None else str(int(raw)))


@fault("breaks-on-zero-take", "HTTP-1", "LIST-6")
class ZeroTake(Server):
    """Take=0 gets a 500: the number of pages is a division by it."""

    def take(self, raw: str | None) -> int:
        if raw == "0":
            raise ZeroDivisionError("division by zero")
        return super().take(raw)


@fault("breaks-on-negative-skip", "HTTP-1", "LIST-9")
class NegativeSkip(Server):
    """A negative Skip gets a 500."""

    def skip(self, raw: str | None) -> int:
        if raw and re.fullmatch("-[0-9]*[1-9][0-9]*", raw):
            raise Broken("OFFSET must not be negative")
        return super().skip(raw)


@fault("breaks-on-repeated-parameter", "HTTP-1")
class RepeatedParameter(Server):
    """A list parameter given twice gets a 500: a list comes where a string was expected."""

    def query(self, request: Request) -> Query:
        if len(request.query_params.getlist("Skip")) > 1:
            raise TypeError("expected a string, not a list")
        return super().query(request)


@fault("breaks-on-nested-parameter", "HTTP-1")
class NestedParameter(Server):
    """A parameter's name with brackets gets a 500: it is read into a dictionary."""

    def query(self, request: Request) -> Query:
        if any(name.endswith("[]") for name in request.query_params):
            raise TypeError("expected a number, not a dictionary")
        return super().query(request)


@fault("breaks-on-empty-ascending", "HTTP-1")
class EmptyAscending(Server):
    """An Ascending without a value gets a 500: its first letter is looked at."""

    def ascending(self, raw: str | None) -> bool:
        if raw == "":
            raise IndexError("string index out of range")
        return super().ascending(raw)


@fault("breaks-on-pin-with-body", "HTTP-1")
class PinWithBody(Server):
    """A pin that comes with a body gets a 500: nobody reads it off the connection."""

    async def perform(self, caller: Person, route: Route, request: Request) -> Response:
        if route.operation.id == "pinChat" and await request.body():
            raise Broken("unread input")
        return await super().perform(caller, route, request)


@fault("breaks-on-path-bytes", "HTTP-1", "DEL-6")
class PathBytes(Server):
    """A path that is not UTF-8 once it is decoded gets a 500."""

    def route(self, request: Request) -> Route | Response:
        unquote_to_bytes(self.path(request)).decode()
        return super().route(request)


# -- bodies ----------------------------------------------------------------------------------------


@fault("breaks-on-bad-json", "HTTP-1", "SEND-8", "REACT-12")
class BadJson(Server):
    """A body that is no JSON gets a 500."""

    def decode(self, raw: bytes) -> Any:
        return json.loads(raw) if raw else super().decode(raw)


@fault("breaks-on-deep-json", "HTTP-1")
class DeepJson(Server):
    """A body of deeply nested arrays gets a 500."""

    def decode(self, raw: bytes) -> Any:
        if raw.count(b"[") > 500:
            raise RecursionError("maximum recursion depth exceeded")
        return super().decode(raw)


@fault("breaks-on-null-text", "HTTP-1")
class NullText(Server):
    """A message that is null gets a 500."""

    def text(self, body: Any) -> str:
        if isinstance(body, dict) and "message" in body and body["message"] is None:
            raise AttributeError("'NoneType' object has no attribute 'strip'")
        return super().text(body)


@fault("breaks-on-null-reaction", "HTTP-1", "REACT-9")
class NullReaction(Server):
    """A reaction that is null gets a 500."""

    def reaction_name(self, body: Any) -> str:
        if isinstance(body, dict) and body.get("reaction", "") is None:
            raise AttributeError("'NoneType' object has no attribute 'strip'")
        return super().reaction_name(body)


@fault("breaks-on-large-body", "HTTP-1", "SEND-7")
class LargeBody(Server):
    """A body of more than eight kilobytes gets a 500."""

    def decode(self, raw: bytes) -> Any:
        if len(raw) > 8192:
            raise Broken("request entity exceeds the configured limit")
        return super().decode(raw)


@fault("breaks-on-other-content-type", "HTTP-1", "SEND-13")
class OtherContentType(Server):
    """A body under a content type other than JSON gets a 500."""

    def content_type(self, request: Request) -> str | None:
        kind = super().content_type(request)
        try:
            parsing.require_json(kind)
        except Invalid as problem:
            raise Broken(f"no reader for {kind}") from problem
        return kind


@fault("breaks-length-in-characters", "HTTP-1", "SEND-1", "SEND-5")
class LengthInCharacters(Server):
    """The answer's Content-Length counts characters, so that other than ASCII is cut off."""

    async def send_chat(self, caller: Person, request: Request) -> Response:
        response = await super().send_chat(caller, request)
        response.headers["content-length"] = str(len(bytes(response.body).decode()))
        return response


# -- only in some state ----------------------------------------------------------------------------


@fault("breaks-sorting-without-pins", "HTTP-1")
class SortingWithoutPins(Server):
    """Sorting by pins gets a 500 while nothing is pinned."""

    def page(self, session: Session, query: Query) -> Page:
        if query.sort == self.limits.pinned_key:
            min(message.created for message in session.messages if message.pin)
        return super().page(session, query)


@fault("breaks-on-second-pin", "HTTP-1")
class SecondPin(Server):
    """Pinning a pinned message gets a 500."""

    def _pin_again(self, session: Session, message: Message, pin: str, fresh: Fresh) -> Step:
        raise Broken("duplicate key value violates unique constraint")


@fault("breaks-reacting-to-deleted", "HTTP-1", "REACT-6", "REACT-7", "CONC-4")
class ReactingToDeleted(Server):
    """A reaction to a message that was deleted gets a 500."""

    def set_up(self) -> None:
        self.deleted: set[str] = set()
        super().set_up()

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        step = super().delete(session, caller, chat)
        self.deleted |= set() if step.refusal else {chat}
        return step

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        if chat in self.deleted:
            raise Broken("violates foreign key constraint on table reactions")
        return super().react(session, caller, chat, name, fresh)


@fault("breaks-on-second-unreact", "HTTP-1", "UNREACT-4")
class SecondUnreact(Server):
    """Taking back a reaction that is gone gets a 500."""

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        step, message = super().unreact(session, caller, chat, reaction_id), session.find(chat)
        if message and step.refusal and not message.reactions:
            raise IndexError("pop from empty list")
        return step
