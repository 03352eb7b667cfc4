"""Faults in the deletion of messages (DEL): who may, what goes with it, and what stays."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import replace

from starlette.responses import Response

from conformance.model import (
    Message,
    Page,
    Person,
    Query,
    Reaction,
    Refusal,
    Session,
    Step,
)
from conformance.reference.registry import fault
from conformance.reference.server import Server

# -- who may ---------------------------------------------------------------------------------------


@fault("delete-host-only", "DEL-1", "STATE-3", "CONC-5")
class HostOnly(Server):
    """Only the host may delete: the sender of a message is refused."""

    def may_delete(self, caller: Person, message: Message) -> bool:
        return caller.host


@fault("delete-sender-only", "DEL-2", "STATE-3", "CONC-5")
class SenderOnly(Server):
    """Only the sender may delete: the host is refused."""

    def may_delete(self, caller: Person, message: Message) -> bool:
        return caller.id == message.sender.id


@fault("delete-latest-only", "DEL-1", "STATE-3", "CONC-5")
class LatestOnly(Server):
    """A sender can delete only the last message that they sent."""

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        own = [message.id for message in session.messages if message.sender.id == caller.id]
        if not caller.host and chat in own[:-1]:
            return Step(session, refusal=Refusal.FORBIDDEN)
        return super().delete(session, caller, chat)


@fault("delete-pinned-refused", "DEL-2", "DEL-1", "STATE-3", "CONC-5")
class PinnedRefused(Server):
    """A pinned message cannot be deleted."""

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        message = session.find(chat)
        if message and message.pin and self.may_delete(caller, message):
            return Step(session, refusal=Refusal.CONFLICT)
        return super().delete(session, caller, chat)


# -- what goes -------------------------------------------------------------------------------------


@fault(
    "delete-does-nothing",
    *("DEL-3", "DEL-1", "DEL-2", "DEL-4", "DEL-5", "REACT-6", "REACT-7", "PIN-4", "PIN-6"),
    *("UNREACT-4", "STATE-3", "STATE-4", "CONC-4", "CONC-5"),
)
class DoesNothing(Server):
    """A deletion is answered with success and never done."""

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        step = super().delete(session, caller, chat)
        return step if step.refusal else Step(session)


@fault("delete-same-text", "DEL-3", "STATE-3", "CONC-5")
class SameText(Server):
    """A deletion takes every message of that sender with the same text."""

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        step, gone = super().delete(session, caller, chat), session.find(chat)
        if step.refusal or gone is None:
            return step
        same = [m for m in step.session.messages if (m.sender, m.text) == (gone.sender, gone.text)]
        return Step(Session(tuple(m for m in step.session.messages if m not in same)))


@fault("delete-by-pattern", "DEL-3", "DEL-6", "DEL-5", "STATE-3")
class ByPattern(Server):
    """The chatId is looked up with LIKE, so that a percent sign deletes all that one may delete."""

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        if "%" not in chat or session.find(chat):
            return super().delete(session, caller, chat)
        like = re.compile(".*".join(re.escape(part) for part in chat.split("%")), re.DOTALL)
        for message in session.messages:
            if like.fullmatch(message.id) and self.may_delete(caller, message):
                session = session.drop(message.id)
        return Step(session)


@fault("delete-unpins-others", "DEL-3", "STATE-3", "CONC-5")
class UnpinsOthers(Server):
    """The deletion of a pinned message takes the pins off all others."""

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        step, gone = super().delete(session, caller, chat), session.find(chat)
        if step.refusal or gone is None or not gone.pin:
            return step
        return Step(Session(tuple(replace(m, pin=None) for m in step.session.messages)))


# -- what stays ------------------------------------------------------------------------------------


class WithArchive(Server):
    """Remembers the messages that were deleted, by session."""

    def set_up(self) -> None:
        self.archive: dict[str, tuple[Message, ...]] = {}
        super().set_up()

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        step, gone = super().delete(session, caller, chat), session.find(chat)
        if gone and not step.refusal:
            self.archive[caller.session] = (*self.archive.get(caller.session, ()), gone)
        return step


@fault("delete-still-counted", "DEL-3", "LIST-2", "STATE-3", "CONC-5")
class StillCounted(WithArchive):
    """totalCount still counts deleted messages."""

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        page = super().page_for(caller, session, query)
        return page._replace(total=page.total + len(self.archive.get(caller.session, ())))


@fault("delete-by-host-still-counted", "DEL-3", "LIST-2", "STATE-3", "CONC-5")
class ByHostStillCounted(Server):
    """totalCount stays as it was when the host deletes somebody else's message."""

    def set_up(self) -> None:
        self.uncounted: list[str] = []
        super().set_up()

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        step, gone = super().delete(session, caller, chat), session.find(chat)
        if gone and not step.refusal and gone.sender.id != caller.id:
            self.uncounted.append(caller.session)
        return step

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        page = super().page_for(caller, session, query)
        return page._replace(total=page.total + self.uncounted.count(caller.session))


@fault("delete-again-counted", "STATE-1", "LIST-2", "DEL-3", "STATE-3", "CONC-5")
class AgainCounted(Server):
    """totalCount goes down once more where the sender of a deleted message deletes it again."""

    def set_up(self) -> None:
        self.gone: dict[str, str] = {}
        self.lowered: list[str] = []
        super().set_up()

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        step, message = super().delete(session, caller, chat), session.find(chat)
        if message and not step.refusal:
            self.gone[chat] = message.sender.id
        elif self.gone.get(chat) == caller.id:
            self.lowered.append(caller.session)
        return step

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        page = super().page_for(caller, session, query)
        return page._replace(total=max(0, page.total - self.lowered.count(caller.session)))


@fault("delete-leaves-reactions", "DEL-4", "CONC-4", "STATE-3", "CONC-5")
class LeavesReactions(WithArchive):
    """The reactions of a deleted message stay in the reactions list: the cascade is missing."""

    def reactions_for(
        self, caller: Person, session: Session, chats: Iterable[str]
    ) -> tuple[tuple[Message, Reaction], ...]:
        asked = list(chats)
        orphans = self.reactions(Session(self.archive.get(caller.session, ())), asked)
        return (*super().reactions_for(caller, session, asked), *orphans)


@fault("delete-leaves-later-reactions", "DEL-4", "CONC-4", "STATE-3", "CONC-5")
class LeavesLaterReactions(WithArchive):
    """A deletion takes only the message's first reaction with it; the others stay listed."""

    def reactions_for(
        self, caller: Person, session: Session, chats: Iterable[str]
    ) -> tuple[tuple[Message, Reaction], ...]:
        asked, gone = list(chats), self.archive.get(caller.session, ())
        left = Session(tuple(replace(one, reactions=one.reactions[1:]) for one in gone))
        return (*super().reactions_for(caller, session, asked), *self.reactions(left, asked))


@fault("delete-takes-ids-alike", "DEL-3", "STATE-3", "CONC-5", "REACT-8")
class TakesIdsAlike(Server):
    """Ids are numbers; deleting 12 takes the reactions of 120 too: it goes by how ids begin."""

    def set_up(self) -> None:
        self.numbers = itertools.count(1)
        super().set_up()

    def new_id(self) -> str:
        return str(next(self.numbers))

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        step = super().delete(session, caller, chat)
        if step.refusal:
            return step
        kept = (
            replace(one, reactions=()) if one.id.startswith(chat) else one
            for one in step.session.messages
        )
        return step._replace(session=Session(tuple(kept)))


@fault(
    "delete-still-shown-to-others",
    *("DEL-3", "DEL-4", "LIST-2", "STATE-3", "STATE-4", "STATE-5", "CONC-4", "CONC-5"),
)
class StillShownToOthers(WithArchive):
    """Whoever neither sent nor deleted a message still sees it after its deletion."""

    def set_up(self) -> None:
        self.deleters: dict[str, str] = {}
        super().set_up()

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        self.deleters.setdefault(chat, caller.id)
        return super().delete(session, caller, chat)

    async def read(self, caller: Person) -> Session:
        session = await super().read(caller)
        gone = self.archive.get(caller.session, ())
        ghosts = [m for m in gone if caller.id not in (m.sender.id, self.deleters[m.id])]
        return Session(tuple(sorted((*session.messages, *ghosts), key=lambda m: m.created)))


# -- statuses --------------------------------------------------------------------------------------


@fault("delete-again-succeeds", "DEL-5")
class AgainSucceeds(WithArchive):
    """Deleting a message a second time is answered 204."""

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        known = any(message.id == chat for message in self.archive.get(caller.session, ()))
        return Step(session) if known else super().delete(session, caller, chat)


@fault("delete-again-takes-latest", "DEL-3", "DEL-5", "STATE-3", "CONC-4", "CONC-5")
class AgainTakesLatest(WithArchive):
    """The second deletion of a message takes the session's latest one: its index is -1 by then."""

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        known = any(message.id == chat for message in self.archive.get(caller.session, ()))
        if known and session.messages:
            return Step(session.drop(session.messages[-1].id))
        return super().delete(session, caller, chat)


@fault("delete-unknown-succeeds", "DEL-5", "DEL-6")
class UnknownSucceeds(Server):
    """Deleting a message that never was is answered 204."""

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        if session.find(chat) is None:
            return Step(session)
        return super().delete(session, caller, chat)


@fault("delete-unknown-forbidden", "DEL-5")
class UnknownForbidden(Server):
    """An unknown message gets 403: the rights are checked against nobody's message."""

    async def delete_chat(self, caller: Person, chat: str) -> Response:
        if self.sessions[caller.session].find(chat) is None:
            return self.problem(403, "The message cannot be deleted.")
        return await super().delete_chat(caller, chat)


@fault("delete-long-id-breaks", "DEL-6", "DEL-5", "HTTP-1")
class LongIdBreaks(Server):
    """A chatId that is longer than the column gets a 500."""

    async def delete_chat(self, caller: Person, chat: str) -> Response:
        if len(chat) > 255:
            return self.problem(500, "Something went wrong.")
        return await super().delete_chat(caller, chat)


@fault("delete-odd-id-breaks", "DEL-6", "DEL-5", "HTTP-1")
class OddIdBreaks(Server):
    """A chatId with a quote in it gets a 500: it is pasted into the statement."""

    async def delete_chat(self, caller: Person, chat: str) -> Response:
        if "'" in chat:
            return self.problem(500, "Something went wrong.")
        return await super().delete_chat(caller, chat)


@fault("delete-odd-id-succeeds", "DEL-6", "DEL-5")
class OddIdSucceeds(Server):
    """A chatId with a blank or a control character in it is answered 204."""

    async def delete_chat(self, caller: Person, chat: str) -> Response:
        if re.search(r"[\s\x00-\x1f]", chat) and self.sessions[caller.session].find(chat) is None:
            return self.no_content()
        return await super().delete_chat(caller, chat)
