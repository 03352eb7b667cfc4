"""Freedoms in what calls do: repetitions, odd texts, statuses of refusals, old messages."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conformance.contract import Operation
from conformance.model import (
    Fresh,
    Message,
    Person,
    Reaction,
    Refusal,
    Repeat,
    Second,
    Session,
    Step,
)
from conformance.reference.parsing import Invalid
from conformance.reference.registry import variant
from conformance.reference.server import Route, Server

# -- repetitions -----------------------------------------------------------------------------------


@variant("reaction-again-conflicts")
class ReactionAgainConflicts(Server):
    """The same reaction again is refused with 409."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        self.freedoms = replace(self.freedoms, repeated_reaction=Repeat.CONFLICT)
        return super().react(session, caller, chat, name, fresh)


@variant("reaction-again-renews-id")
class ReactionAgainRenewsId(Server):
    """The same reaction again gets a new id, and the old one is gone."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        self.freedoms = replace(self.freedoms, repeated_reaction=Repeat.NEW_ID)
        return super().react(session, caller, chat, name, fresh)


@variant("second-reaction-replaces")
class SecondReactionReplaces(Server):
    """A participant's other reaction takes the place of the first."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        self.freedoms = replace(self.freedoms, other_reaction=Second.REPLACE)
        return super().react(session, caller, chat, name, fresh)


@variant("second-reaction-conflicts")
class SecondReactionConflicts(Server):
    """A participant's other reaction is refused with 409 while there is a first."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        self.freedoms = replace(self.freedoms, other_reaction=Second.CONFLICT)
        return super().react(session, caller, chat, name, fresh)


@variant("pin-again-conflicts")
class PinAgainConflicts(Server):
    """A pin of a pinned message is refused with 409."""

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        self.freedoms = replace(self.freedoms, repeated_pin=Repeat.CONFLICT)
        return super().pin(session, caller, chat, fresh)


@variant("pin-again-renews-id")
class PinAgainRenewsId(Server):
    """A pin of a pinned message gives it a new pin id in place of the old one."""

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        self.freedoms = replace(self.freedoms, repeated_pin=Repeat.NEW_ID)
        return super().pin(session, caller, chat, fresh)


def capped(most: int, session: Session, step: Step) -> Step:
    """A step, unless more messages than these are pinned after it."""
    if sum(message.pin is not None for message in step.session.messages) > most:
        return Step(session, refusal=Refusal.CONFLICT)
    return step


@variant("pins-capped")
class PinsCapped(Server):
    """At most three messages are pinned at a time; a pin of a fourth is refused with 409."""

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        return capped(3, session, super().pin(session, caller, chat, fresh))


@variant("pins-capped-at-two")
class PinsCappedAtTwo(Server):
    """At most two messages are pinned at a time; a pin of a third is refused with 409."""

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        return capped(2, session, super().pin(session, caller, chat, fresh))


# -- texts -----------------------------------------------------------------------------------------


class NoTextTaken(Server):
    """Takes a null or absent text for an empty one."""

    def text(self, body: Any) -> str:
        if isinstance(body, dict) and body.get("message") is None:
            return ""
        return super().text(body)


@variant("empty-text-kept")
class EmptyTextKept(NoTextTaken):
    """An empty, null or absent text is accepted and kept as the empty text."""

    def accepts_text(self, text: str) -> bool:
        return text == "" or super().accepts_text(text)


@variant("empty-text-null")
class EmptyTextNull(NoTextTaken):
    """An empty, null or absent text is accepted and kept as null."""

    def send(self, session: Session, caller: Person, text: str | None, fresh: Fresh) -> Step:
        if text:
            return super().send(session, caller, text, fresh)
        message = Message(fresh.id, None, fresh.now, caller)
        return Step(Session((*session.messages, message)), fresh.id)


@variant("empty-body-taken")
class EmptyBodyTaken(EmptyTextKept):
    """A body that is empty, or no object, is a message without a text."""

    def decode(self, raw: bytes) -> Any:
        return super().decode(raw) if raw.strip() else {}

    def text(self, body: Any) -> str:
        return super().text(body) if isinstance(body, dict) else ""


@variant("blank-text-kept")
class BlankTextKept(Server):
    """A text of white space only is accepted and kept."""

    def accepts_text(self, text: str) -> bool:
        blank = text.isspace() and len(text) <= self.limits.message_length
        return blank or super().accepts_text(text)


@variant("counts-utf-16")
class CountsUtf16(Server):
    """Characters are counted in UTF-16 units."""

    def accepts_text(self, text: str) -> bool:
        units = len(text.encode("utf-16-le", "surrogatepass")) // 2
        return super().accepts_text(text) and units <= self.limits.message_length


@variant("counts-graphemes")
class CountsGraphemes(Server):
    """Characters are counted as readers see them: marks and joined emoji count with their base."""

    def accepts_text(self, text: str) -> bool:
        return bool(text.strip()) and self.graphemes(text) <= self.limits.message_length

    def graphemes(self, text: str) -> int:
        joined = False
        count = 0
        for character in text:
            extends = (
                unicodedata.combining(character)
                or unicodedata.category(character) in ("Mn", "Me", "Mc", "Cf")
                or "\U0001f3fb" <= character <= "\U0001f3ff"
            )
            count += not (extends or joined)
            joined = character == "\N{ZERO WIDTH JOINER}"
        return count


@variant("nul-refused")
class NulRefused(Server):
    """A text with U+0000 in it is refused."""

    def accepts_text(self, text: str) -> bool:
        return "\0" not in text and super().accepts_text(text)


# -- statuses --------------------------------------------------------------------------------------


@variant("no-content-200")
class NoContent200(Server):
    """What returns nothing answers 200 with an empty body."""

    def no_content(self) -> Response:
        return Response(status_code=200)


@variant("pins-answer-200")
class PinsAnswer200(Server):
    """Pins answer 200, and other calls that return nothing 204."""

    async def pin_chat(self, caller: Person, chat: str) -> Response:
        response = await super().pin_chat(caller, chat)
        return Response(status_code=200) if response.status_code == 204 else response


@variant("forbidden-hidden")
class ForbiddenHidden(Server):
    """What the caller may not do is answered with 404."""

    def refused(self, step: Step) -> Response:
        if step.refusal is Refusal.FORBIDDEN:
            step = step._replace(refusal=Refusal.UNKNOWN)
        return super().refused(step)


@variant("invalid-422")
class Invalid422(Server):
    """A body or parameter that cannot be taken is refused with 422."""

    def invalid(self, operation: Operation, problem: Invalid) -> Response:
        return super().invalid(operation, Invalid(str(problem), status=422))

    def refused(self, step: Step) -> Response:
        if step.refusal is Refusal.INVALID:
            return self.problem(422, "The body cannot be taken.")
        return super().refused(step)


@variant("long-text-413")
class LongText413(Server):
    """A text that is too long is refused with 413."""

    def text(self, body: Any) -> str:
        text = super().text(body)
        if len(text) > self.limits.message_length:
            raise Invalid("The text is too long.", status=413)
        return text


@variant("deleted-410")
class Deleted410(Server):
    """What concerns a deleted message is answered with 410."""

    def set_up(self) -> None:
        self.deleted: set[tuple[str, str]] = set()
        super().set_up()

    async def perform(self, caller: Person, route: Route, request: Request) -> Response:
        response = await super().perform(caller, route, request)
        key = caller.session, route.ids.get("chatId", "")
        if route.operation.id == "deleteChat" and response.status_code < 300:
            self.deleted.add(key)
        if response.status_code == 404 and key in self.deleted:
            return self.problem(410, "The message has been deleted.")
        return response


# -- old messages ----------------------------------------------------------------------------------


class WithHistory(Server):
    """Has messages from before, by people whose tokens nobody holds."""

    def old_messages(self, name: str) -> int:
        return 0

    def set_up(self) -> None:
        super().set_up()
        for name in self.sessions:
            count = self.old_messages(name)
            self.sessions[name] = Session(tuple(self.old(name, n, count) for n in range(count)))

    def old(self, name: str, number: int, count: int) -> Message:
        people = [Person(f"{name}-gone-{at}", f"Gone {at}", name, at == 0) for at in range(4)]
        given = [
            Reaction(self.new_id(), reaction, person.id)
            for at, person in enumerate(people)
            for place, reaction in enumerate(self.limits.reactions)
            if (number + at + place) % 5 == 0
        ]
        return Message(
            self.new_id(),
            f"An old message, number {number}",
            self.last - timedelta(minutes=7 * (count - number)),
            people[number % len(people)],
            self.new_id() if number % 9 == 4 else None,
            tuple(given),
        )


@variant("history-25")
class History25(WithHistory):
    """The sessions have 25 old messages by others, some of them pinned or reacted to."""

    def old_messages(self, name: str) -> int:
        return 25


@variant("history-70")
class History70(WithHistory):
    """The sessions have 70 old messages by others, some of them pinned or reacted to."""

    def old_messages(self, name: str) -> int:
        return 70


@variant("history-in-one-session")
class HistoryInOneSession(WithHistory):
    """The first session has 41 old messages by others, and the others have none."""

    def old_messages(self, name: str) -> int:
        return 41 if name == next(iter(self.sessions)) else 0
