"""Freedoms in the form of ids, and in what people are called."""

from __future__ import annotations

import base64
import string
import time
import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conformance.model import Fresh, Message, Person, Session, Step
from conformance.reference.registry import variant
from conformance.reference.server import Route, Server

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def in_base_32(number: int, digits: int) -> str:
    shifts: Iterable[int] = range(5 * (digits - 1), -1, -5)
    return "".join(CROCKFORD[number >> shift & 31] for shift in shifts)


class Numbered(Server):
    """Makes ids from a number that is never given twice."""

    def set_up(self) -> None:
        self.last_number = 1000
        super().set_up()

    def number(self) -> int:
        self.last_number += 1
        return self.last_number


@variant("ids-numeric")
class Numeric(Numbered):
    """Ids are numbers, written as strings."""

    def new_id(self) -> str:
        return str(self.number())


@variant("ids-in-letters")
class InLetters(Numbered):
    """Ids are short: numbers in letters, without leading ones."""

    def new_id(self) -> str:
        number, letters = self.number(), ""
        while number:
            number, letter = divmod(number, 26)
            letters = string.ascii_lowercase[letter] + letters
        return letters


@variant("ids-ulid")
class Ulid(Numbered):
    """Ids are ULIDs: 26 letters and digits that sort by time."""

    def new_id(self) -> str:
        return in_base_32(time.time_ns() // 1_000_000, 10) + in_base_32(self.number(), 16)


@variant("ids-base-32")
class Base32(Server):
    """Ids are base 32 with its padding; what is not gets 400."""

    def new_id(self) -> str:
        return base64.b32encode(uuid.uuid4().bytes).decode()

    async def perform(self, caller: Person, route: Route, request: Request) -> Response:
        for id in route.ids.values():
            try:
                base64.b32decode(id)
            except ValueError:
                return self.problem(400, "This is no id.")
        return await super().perform(caller, route, request)


@variant("ids-as-addresses")
class Addresses(Numbered):
    """Ids are addresses that end in a number, from 1: one message's may begin another's."""

    def new_id(self) -> str:
        return f"gid://quicksync/Resource/{self.number() - 1000}"


@variant("ids-negative")
class Negative(Numbered):
    """Ids are numbers that begin below zero: one of the first hundred messages is -1."""

    def new_id(self) -> str:
        return str(self.number() - 1060)


@variant("ids-percent-encoded")
class PercentEncoded(Numbered):
    """Ids have characters that a path has to percent-encode: slashes, marks, blanks, accents."""

    def new_id(self) -> str:
        return f"a/b+c=~é? #{self.number()}&d%25;e"


@variant("ids-with-dots")
class WithDots(Numbered):
    """Ids begin with dots and end with a colon and an at sign."""

    def new_id(self) -> str:
        return f"..{self.number()}:@"


@variant("ids-long")
class Long(Server):
    """Ids have 160 characters."""

    def new_id(self) -> str:
        return f"{super().new_id()}.{'conversation-message' * 7}"[:160]


@variant("ids-very-long")
class VeryLong(Server):
    """Ids have 600 characters, so that those of a page do not fit into one request's line."""

    def new_id(self) -> str:
        return f"{super().new_id()}.{'conversation-message' * 30}"[:600]


@variant("ids-one-character-apart")
class OneApart(Numbered):
    """Ids differ in the case of their letters only."""

    def new_id(self) -> str:
        number = self.number()
        letters = "conversationmessages"
        return "".join(c.upper() if number >> at & 1 else c for at, c in enumerate(letters))


@variant("ids-in-any-case")
class InAnyCase(Server):
    """Ids are UUIDs and are found in capitals too."""

    async def perform(self, caller: Person, route: Route, request: Request) -> Response:
        ids = {name: value.lower() for name, value in route.ids.items()}
        return await super().perform(caller, Route(route.operation, ids), request)

    def asked_for(self, request: Request) -> list[str]:
        return [chat.lower() for chat in super().asked_for(request)]


@variant("pin-id-is-chat-id")
class PinIdIsChatId(Server):
    """A pin has the id of its message."""

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        return super().pin(session, caller, chat, replace(fresh, id=chat))


@variant("pin-id-constant")
class PinIdConstant(Server):
    """Every message's pin has the same id."""

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        return super().pin(session, caller, chat, replace(fresh, id="pin"))


@variant("reaction-ids-by-message")
class ReactionIdsByMessage(Server):
    """Reactions are numbered message by message: each has a reaction 1."""

    def set_up(self) -> None:
        self.numbers: dict[str, int] = {}
        super().set_up()

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        number = self.numbers[chat] = self.numbers.get(chat, 0) + 1
        return super().react(session, caller, chat, name, replace(fresh, id=str(number)))


@variant("reaction-ids-natural")
class ReactionIdsNatural(Server):
    """A reaction's id is made of its participant and its name, and comes back when given anew."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        return super().react(session, caller, chat, name, replace(fresh, id=f"{caller.id}/{name}"))


@variant("user-ids-numeric")
class UserIdsNumeric(Server):
    """People's ids are numbers, written as strings."""

    def person(self, token: str) -> Person | None:
        person = super().person(token)
        numbers = {known.id: str(at) for at, known in enumerate(self.people.values(), 1)}
        return replace(person, id=numbers[person.id]) if person else None


class Named(Server):
    """Shows people under other names."""

    def name(self, person: Person) -> str | None:
        return person.name

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        entry = super().shown(message, viewer)
        return {**entry, "user": {**entry["user"], "name": self.name(message.sender)}}


@variant("user-names-null")
class NamesNull(Named):
    """People have no names: user.name is null."""

    def name(self, person: Person) -> str | None:
        return None


@variant("user-names-equal")
class NamesEqual(Named):
    """Everyone is called Guest."""

    def name(self, person: Person) -> str | None:
        return "Guest"
