"""Freedoms in the shape of answers: fields, times, orders and spellings."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conformance.model import Message, Page, Person, Query, Reaction, Session, Step
from conformance.reference.parsing import Invalid
from conformance.reference.registry import variant
from conformance.reference.server import Server

# -- fields ----------------------------------------------------------------------------------------


@variant("pinned-absent")
class PinnedAbsent(Server):
    """A message that is not pinned has no field "pinned"."""

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        entry = super().shown(message, viewer)
        if not message.pin:
            entry.pop("pinned", None)
        return entry


@variant("reactions-absent")
class ReactionsAbsent(Server):
    """A message without reactions has no field "reactions"."""

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        entry = super().shown(message, viewer)
        if not entry.get("reactions"):
            entry.pop("reactions", None)
        return entry


@variant("reactions-zero")
class ReactionsZero(Server):
    """Reactions that nobody has given are shown with a count of 0."""

    def shown_reactions(self, message: Message) -> list[dict[str, Any]]:
        entries = super().shown_reactions(message)
        given = {reaction.name for reaction in message.reactions}
        absent = [name for name in self.limits.reactions if name not in given]
        return entries + [self.shown_reaction(name, []) for name in absent]


@variant("reactions-zero-without-users")
class ReactionsZeroWithoutUsers(ReactionsZero):
    """Reactions that nobody has given are shown with a count of 0 and no field "users"."""

    def shown_reaction(self, name: str, held: list[Reaction]) -> dict[str, Any]:
        entry = super().shown_reaction(name, held)
        if not held:
            del entry["users"]
        return entry


@variant("extra-fields")
class ExtraFields(Server):
    """Every object of an answer has fields that nobody documented."""

    def answer(self, content: Any) -> Response:
        return super().answer(self.widened(content))

    def widened(self, content: Any) -> Any:
        if isinstance(content, list):
            return [self.widened(item) for item in content]
        if isinstance(content, dict):
            wide = {name: self.widened(value) for name, value in content.items()}
            return {"_links": {}, **wide, "version": 1, "editedAt": None}
        return content


@variant("orders-reversed")
class OrdersReversed(Server):
    """The reactions list, a message's reactions and their users come newest first."""

    def reactions_for(
        self, caller: Person, session: Session, chats: Iterable[str]
    ) -> tuple[tuple[Message, Reaction], ...]:
        return super().reactions_for(caller, session, chats)[::-1]

    def shown_reactions(self, message: Message) -> list[dict[str, Any]]:
        return super().shown_reactions(message)[::-1]

    def shown_reaction(self, name: str, held: list[Reaction]) -> dict[str, Any]:
        return super().shown_reaction(name, held[::-1])


@variant("reactions-other-spelling")
class OtherSpelling(Server):
    """Reactions are shown in the spelling of the sort keys."""

    def other(self, name: str) -> str:
        return next((one for one in self.limits.spellings(name) if one != name), name)

    def shown_reaction(self, name: str, held: list[Reaction]) -> dict[str, Any]:
        return super().shown_reaction(self.other(name), held)

    def listed(self, message: Message, reaction: Reaction) -> dict[str, Any]:
        entry = super().listed(message, reaction)
        return {**entry, "reaction": self.other(entry["reaction"])}


@variant("reactions-other-spelling-accepted")
class OtherSpellingAccepted(Server):
    """A reaction may be sent in the spelling of the sort keys too."""

    def reaction_name(self, body: Any) -> str:
        name = super().reaction_name(body)
        return self.limits.reaction_of(name) or name


# -- times -----------------------------------------------------------------------------------------


@variant("times-to-the-second")
class ToTheSecond(Server):
    """createdAt has no fraction of a second."""

    def instant(self, created: datetime) -> str:
        return super().instant(created.replace(microsecond=0)).replace(".000", "")


@variant("times-to-the-nanosecond")
class ToTheNanosecond(Server):
    """createdAt has nine digits behind the second."""

    def instant(self, created: datetime) -> str:
        second = super().instant(created).partition(".")[0]
        return f"{second}.{created.microsecond:06}321Z"


@variant("times-trimmed")
class Trimmed(Server):
    """createdAt has as many digits behind the second as it needs, from none to three."""

    def instant(self, created: datetime) -> str:
        second, _, fraction = super().instant(created).removesuffix("Z").partition(".")
        digits = fraction.rstrip("0")
        return f"{second}.{digits}Z" if digits else f"{second}Z"


@variant("times-with-offset")
class WithOffset(Server):
    """createdAt has a numeric offset."""

    def instant(self, created: datetime) -> str:
        zone = timezone(timedelta(hours=5, minutes=45))
        return created.astimezone(zone).isoformat(timespec="milliseconds")


@variant("times-with-changing-offset")
class WithChangingOffset(Server):
    """createdAt has the offset of whichever machine took the message."""

    def instant(self, created: datetime) -> str:
        zone = timezone(timedelta(hours=created.microsecond // 1000 % 24 - 11))
        return created.astimezone(zone).isoformat(timespec="milliseconds")


@variant("clock-coarse")
class Coarse(Server):
    """The clock ticks once a second: many messages have the same createdAt."""

    def clock(self) -> datetime:
        return super().clock().replace(microsecond=0)

    def now(self) -> datetime:
        return super().now().replace(microsecond=0)


@variant("times-of-arrival", waits=True)
class TimesOfArrival(Server):
    """createdAt is when a request came, and the list goes by it; others may be written first."""

    def set_up(self) -> None:
        self.pauses = itertools.cycle((0.006, 0.003, 0.0))
        super().set_up()

    async def change(self, caller: Person, call: Callable[[Session], Step]) -> Step:
        await asyncio.sleep(next(self.pauses))
        return await super().change(caller, call)


@variant("clock-behind")
class Behind(Server):
    """The clock is a minute behind."""

    def clock(self) -> datetime:
        return super().clock() - timedelta(seconds=60)

    def now(self) -> datetime:
        self.last = min(self.last, self.clock())
        return super().now()


# -- orders ----------------------------------------------------------------------------------------


@variant("ties-by-id")
class TiesById(Coarse):
    """The clock ticks once a second; messages of one second stand in order of their ids."""

    def page(self, session: Session, query: Query) -> Page:
        by_id = sorted(session.messages, key=lambda message: message.id)
        return super().page(Session(tuple(by_id)), query)


@variant("ties-newest-first")
class TiesNewestFirst(Coarse):
    """The clock ticks once a second, and of messages of the same second the newest is first."""

    def page(self, session: Session, query: Query) -> Page:
        return super().page(Session(session.messages[::-1]), query)


@variant("ties-kept-descending")
class TiesKeptDescending(Coarse):
    """The clock ticks once a second, and equal messages stand alike in both directions."""

    def page(self, session: Session, query: Query) -> Page:
        messages = session.messages if query.ascending else session.messages[::-1]
        return super().page(Session(messages), query)


@variant("ties-of-flags-by-id")
class TiesOfFlagsById(Server):
    """Messages with equally many reactions, or equally pinned, stand in order of their ids."""

    def page(self, session: Session, query: Query) -> Page:
        if query.sort == self.limits.created_key:
            return super().page(session, query)
        key = self.sort_key(query.sort)
        ordered = sorted(session.messages, key=lambda message: message.id)
        ordered.sort(key=lambda message: key(message)[0], reverse=not query.ascending)
        stop = query.skip + query.take
        return Page(len(ordered), tuple(ordered[query.skip : stop]))


@variant("pinned-first")
class PinnedFirst(Server):
    """Sorted by Pinned, ascending, the pinned messages come first."""

    def page(self, session: Session, query: Query) -> Page:
        if query.sort != self.limits.pinned_key:
            return super().page(session, query)
        ordered = sorted(session.messages, key=lambda message: not message.pin)
        if not query.ascending:
            ordered.reverse()
        return Page(len(ordered), tuple(ordered[query.skip : query.skip + query.take]))


@variant("unreacted-always-last")
class UnreactedAlwaysLast(Server):
    """Sorted by a reaction, messages without it come last in both directions."""

    def page(self, session: Session, query: Query) -> Page:
        name = self.limits.reaction_of(query.sort)
        if name is None:
            return super().page(session, query)
        given = [message for message in session.messages if message.count(name)]
        given.sort(key=lambda message: message.count(name), reverse=not query.ascending)
        ordered = given + [message for message in session.messages if not message.count(name)]
        return Page(len(ordered), tuple(ordered[query.skip : query.skip + query.take]))


class SomeSpellings(Server):
    """Accepts one spelling of the reactions' sort keys."""

    def spelled(self, raw: str) -> bool:
        return True

    def sort_by(self, raw: str | None) -> str:
        if raw and self.limits.reaction_of(raw) and not self.spelled(raw):
            raise Invalid("This is no sort key.")
        return super().sort_by(raw)


@variant("sort-keys-as-reactions")
class SortKeysAsReactions(SomeSpellings):
    """The reactions' sort keys are accepted only as the reactions themselves are spelled."""

    def spelled(self, raw: str) -> bool:
        return raw in self.limits.reactions


@variant("sort-keys-as-parameter")
class SortKeysAsParameter(SomeSpellings):
    """The reactions' sort keys are accepted only in their other spelling."""

    def spelled(self, raw: str) -> bool:
        return raw not in self.limits.reactions


@variant("reactions-list-refuses-unknown")
class ListRefusesUnknown(Server):
    """Asking for the reactions of an unknown message, or of none, is refused."""

    async def list_reactions(self, caller: Person, request: Request) -> Response:
        asked, session = self.asked_for(request), await self.read(caller)
        if not asked:
            return self.problem(400, "At least one chatId is needed.")
        if not all(session.find(chat) for chat in asked):
            return self.problem(404, "There is no such message.")
        return await super().list_reactions(caller, request)


@variant("reactions-list-of-none-is-all")
class ListOfNoneIsAll(Server):
    """Asking for the reactions of no message gives those of the whole session."""

    def reactions_for(
        self, caller: Person, session: Session, chats: Iterable[str]
    ) -> tuple[tuple[Message, Reaction], ...]:
        asked = list(chats) or [message.id for message in session.messages]
        return super().reactions_for(caller, session, asked)
