"""Faults in what is taken from the body of a new message (SEND)."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response

from conformance.model import Message, Person, Reaction, Session
from conformance.reference.parsing import Invalid
from conformance.reference.registry import fault
from conformance.reference.server import Server


@fault("send-plain-body", "SEND-8")
class PlainBody(Server):
    """A body that is no JSON is taken as the text itself."""

    def decode(self, raw: bytes) -> Any:
        try:
            return super().decode(raw)
        except Invalid:
            return {"message": raw.decode("utf-8", "replace")}


@fault("send-body-limit", "SEND-5", "SEND-1", "STATE-3")
class BodyLimit(Server):
    """Bodies over a kilobyte and a half are refused: a full text in escapes is one."""

    def decode(self, raw: bytes) -> Any:
        if len(raw) > 1536:
            raise Invalid("The body is too large.", status=413)
        return super().decode(raw)


@fault("send-repairs-body", "SEND-8", "REACT-12")
class RepairsBody(Server):
    """A truncated JSON body is closed and accepted."""

    def decode(self, raw: bytes) -> Any:
        for ending in (b"", b"}", b'"}'):
            try:
                return super().decode(raw + ending)
            except Invalid as problem:
                last = problem
        raise last


@fault("send-keeps-numbers", "SEND-8", "SEND-9", "LIST-1", "HTTP-3")
class KeepsNumbers(Server):
    """A message that is a whole number is stored and shown as a number."""

    def text(self, body: Any) -> str:
        value = body.get("message") if isinstance(body, dict) else None
        if isinstance(value, int) and not isinstance(value, bool):
            return cast("str", value)
        return super().text(body)

    def accepts_text(self, text: str) -> bool:
        return not isinstance(text, str) or super().accepts_text(text)


@fault("send-coerces-numbers", "SEND-9")
class CoercesNumbers(Server):
    """A message that is a number or a boolean is made a string of."""

    def text(self, body: Any) -> str:
        value = body.get("message") if isinstance(body, dict) else None
        return json.dumps(value) if isinstance(value, int | float) else super().text(body)


@fault("send-joins-arrays", "SEND-9")
class JoinsArrays(Server):
    """A message that is an array of strings is joined."""

    def text(self, body: Any) -> str:
        value = body.get("message") if isinstance(body, dict) else None
        if isinstance(value, list):
            return super().text({"message": ",".join(map(str, value))})
        return super().text(body)


@fault("send-objects-as-text", "SEND-9")
class ObjectsAsText(Server):
    """A message that is an object is stored in its printed form."""

    def text(self, body: Any) -> str:
        value = body.get("message") if isinstance(body, dict) else None
        return "[object Object]" if isinstance(value, dict) else super().text(body)


@fault("send-any-content-type", "SEND-13")
class AnyContentType(Server):
    """The body's content type is not looked at."""

    def content_type(self, request: Request) -> str | None:
        return "application/json"


@fault("send-text-plain", "SEND-13")
class TextPlain(Server):
    """JSON declared as text/plain is accepted."""

    def content_type(self, request: Request) -> str | None:
        kind = super().content_type(request)
        return "application/json" if (kind or "").startswith("text/plain") else kind


class MassAssigned(Server, ABC):
    """Copies what the client sent over the stored message."""

    @abstractmethod
    def assigned(self, message: Message, body: dict[str, Any]) -> Message: ...

    async def send_chat(self, caller: Person, request: Request) -> Response:
        response = await super().send_chat(caller, request)
        if response.status_code != 200:
            return response
        *before, message = self.sessions[caller.session].messages
        changed = self.assigned(message, self.decode(await request.body()))
        self.store(caller, Session((*before, changed)))
        return self.answer(self.acknowledged(changed))


@fault("send-takes-id", "SEND-16")
class TakesId(MassAssigned):
    """A chatId in the body becomes the message's id."""

    def assigned(self, message: Message, body: dict[str, Any]) -> Message:
        return replace(message, id=str(body.get("chatId") or message.id))


@fault("send-overwrites-own", "SEND-16", "SEND-3", "SEND-12", "STATE-3")
class OverwritesOwn(MassAssigned):
    """A chatId in the body that is of an own message overwrites it: an upsert."""

    def assigned(self, message: Message, body: dict[str, Any]) -> Message:
        own = self.sessions[message.sender.session].find(str(body.get("chatId")))
        return replace(own, text=message.text) if own and own.sender == message.sender else message

    def store(self, caller: Person, session: Session) -> None:
        latest = {message.id: message for message in session.messages}
        super().store(caller, Session(tuple(latest.values())))


@fault("send-takes-time", "SEND-16")
class TakesTime(MassAssigned):
    """A createdAt in the body becomes the message's time."""

    def assigned(self, message: Message, body: dict[str, Any]) -> Message:
        try:
            given = datetime.fromisoformat(body["createdAt"])
        except (KeyError, TypeError, ValueError):
            return message
        return replace(message, created=given if given.tzinfo else message.created)


@fault("send-takes-sender", "SEND-16")
class TakesSender(MassAssigned):
    """A user in the body becomes the message's sender."""

    def assigned(self, message: Message, body: dict[str, Any]) -> Message:
        user = body.get("user")
        given = user.get("id") if isinstance(user, dict) else user
        people = (person for person in self.people.values() if person.id == given)
        return replace(message, sender=next(people, message.sender))


@fault("send-takes-pin", "SEND-16")
class TakesPin(MassAssigned):
    """A member's message is pinned by "pinned" in its body."""

    def assigned(self, message: Message, body: dict[str, Any]) -> Message:
        return replace(message, pin=self.new_id() if body.get("pinned") else None)


@fault("send-takes-reactions", "SEND-16")
class TakesReactions(MassAssigned):
    """Reactions in the body are stored with the message."""

    def assigned(self, message: Message, body: dict[str, Any]) -> Message:
        given = body.get("reactions")
        names = [one.get("name") for one in given or [] if isinstance(one, dict)]
        kept = [name for name in self.limits.reactions if name in names]
        taken = (Reaction(self.new_id(), name, message.sender.id) for name in kept)
        return replace(message, reactions=tuple(taken))
