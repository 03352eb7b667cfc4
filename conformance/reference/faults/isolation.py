"""Faults in the walls between sessions (ISO): tenant filters that one path forgets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from conformance.model import Fresh, Message, Page, Person, Query, Reaction, Session, Step
from conformance.reference.registry import fault
from conformance.reference.server import Server


class Everywhere(Server):
    """Can look for a message in all sessions."""

    def all_messages(self) -> tuple[Message, ...]:
        return tuple(m for session in self.sessions.values() for m in session.messages)

    def moved(self, caller: Person, chat: str) -> Person:
        """The caller as a participant of the session that has the message."""
        home = (name for name, session in self.sessions.items() if session.find(chat))
        return replace(caller, session=next(home, caller.session))


# -- the message list ------------------------------------------------------------------------------


@fault("iso-counted-together", "ISO-1", "LIST-2", "STATE-3")
class CountedTogether(Everywhere):
    """totalCount counts the messages of all sessions."""

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        page = super().page_for(caller, session, query)
        return page._replace(total=len(self.all_messages()))


@fault("iso-host-lists-all", "ISO-1", "LIST-2", "STATE-3", "STATE-5")
class HostLists(Everywhere):
    """A host is listed the messages of all sessions."""

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        if caller.host:
            session = Session(self.all_messages())
        return super().page_for(caller, session, query)


@fault("iso-sort-lists-all", "ISO-1", "LIST-2", "SORT-9", "LIST-8", "STATE-3")
class SortLists(Everywhere):
    """Sorted by pins, the list has the messages of all sessions."""

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        if query.sort == self.limits.pinned_key:
            session = Session(self.all_messages())
        return super().page_for(caller, session, query)


@fault("iso-sort-counts-all", "ISO-1", "LIST-2", "STATE-3")
class SortCountsAll(Everywhere):
    """Sorted by a reaction, totalCount counts the messages of all sessions."""

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        page = super().page_for(caller, session, query)
        by_reaction = self.limits.reaction_of(query.sort) is not None
        return page._replace(total=len(self.all_messages())) if by_reaction else page


@fault("iso-pinned-everywhere", "ISO-1", "LIST-2", "STATE-3")
class PinnedEverywhere(Everywhere):
    """A pinned message is listed in every session: pins are kept without a session."""

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        own = {message.id for message in session.messages}
        pinned = tuple(m for m in self.all_messages() if m.pin and m.id not in own)
        return super().page_for(caller, Session((*session.messages, *pinned)), query)


# -- what outsiders can do -------------------------------------------------------------------------


@fault("iso-foreign-host-deletes", "ISO-2")
class ForeignHostDeletes(Everywhere):
    """The host of any session may delete messages of every session."""

    async def delete_chat(self, caller: Person, chat: str) -> Response:
        return await super().delete_chat(self.moved(caller, chat), chat)


@fault("iso-foreign-host-pins", "ISO-2")
class ForeignHostPins(Everywhere):
    """The host of any session may pin messages of every session."""

    async def pin_chat(self, caller: Person, chat: str) -> Response:
        return await super().pin_chat(self.moved(caller, chat), chat)


@fault("iso-foreign-host-unpins", "ISO-2")
class ForeignHostUnpins(Everywhere):
    """The host of any session may unpin messages of every session."""

    async def unpin_chat(self, caller: Person, chat: str, pin: str) -> Response:
        return await super().unpin_chat(self.moved(caller, chat), chat, pin)


@fault("iso-outsider-reacts", "ISO-2")
class OutsiderReacts(Everywhere):
    """Participants of any session may react to messages of every session."""

    async def add_reaction(self, caller: Person, chat: str, request: Request) -> Response:
        return await super().add_reaction(self.moved(caller, chat), chat, request)


@fault("iso-outsider-deletes", "ISO-2")
class OutsiderDeletes(Everywhere):
    """Members of other sessions may delete: only members of the same one are checked."""

    async def delete_chat(self, caller: Person, chat: str) -> Response:
        return await super().delete_chat(self.moved(caller, chat), chat)

    def may_delete(self, caller: Person, message: Message) -> bool:
        known = any(p.id == caller.id and p.session == caller.session for p in self.people.values())
        return super().may_delete(caller, message) or not known


@fault("iso-refused-delete-unpins", "ISO-2", "STATE-1")
class RefusedDeleteUnpins(Everywhere):
    """An outsider's deletion is refused, but has taken the message's pin off."""

    async def delete_chat(self, caller: Person, chat: str) -> Response:
        home = self.moved(caller, chat).session
        message = self.sessions[home].find(chat)
        if home != caller.session and message:
            self.sessions[home] = self.sessions[home].put(replace(message, pin=None))
        return await super().delete_chat(caller, chat)


@fault("iso-answer-lies", "ISO-2", "CONC-5")
class AnswerLies(Everywhere):
    """A pin of another session's message is answered 204 and not done."""

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        if caller.host and self.moved(caller, chat) != caller:
            return Step(session, fresh.id)
        return super().pin(session, caller, chat, fresh)


# -- the reactions list ----------------------------------------------------------------------------


@fault("iso-reactions-of-all", "ISO-3")
class ReactionsOfAll(Everywhere):
    """The reactions list answers for messages of any session."""

    def reactions_for(
        self, caller: Person, session: Session, chats: Iterable[str]
    ) -> tuple[tuple[Message, Reaction], ...]:
        return super().reactions_for(caller, Session(self.all_messages()), chats)


@fault("iso-reactions-for-hosts", "ISO-3")
class ReactionsForHosts(Everywhere):
    """A host is listed the reactions to messages of any session."""

    def reactions_for(
        self, caller: Person, session: Session, chats: Iterable[str]
    ) -> tuple[tuple[Message, Reaction], ...]:
        wide = Session(self.all_messages()) if caller.host else session
        return super().reactions_for(caller, wide, chats)


@fault("iso-reactions-beside-own", "ISO-3")
class ReactionsBesideOwn(Everywhere):
    """The session is checked for the first chatId only; the others may be of any session."""

    def reactions_for(
        self, caller: Person, session: Session, chats: Iterable[str]
    ) -> tuple[tuple[Message, Reaction], ...]:
        asked = list(chats)
        known = bool(asked) and session.find(asked[0]) is not None
        wide = Session(self.all_messages()) if known else session
        return super().reactions_for(caller, wide, asked)


class IdsOfAnySession(Server):
    """Where a host takes something away, the message is looked up in the session, and that not."""

    def taken_elsewhere(
        self, caller: Person, chat: str, take: Callable[[Message], Message | None]
    ) -> bool:
        """Whether a message of another session had it, and now has it no more."""
        here = self.sessions[caller.session].find(chat)
        for name, session in self.sessions.items() if here and caller.host else ():
            left = map(take, session.messages) if name != caller.session else ()
            changed = next((message for message in left if message), None)
            if changed:
                self.sessions[name] = session.put(changed)
                return True
        return False


@fault("iso-reaction-id-of-any-session", "ISO-2")
class ReactionIdOfAnySession(IdsOfAnySession):
    """A host's removal looks the message up in the session, and the reaction everywhere."""

    async def remove_reaction(self, caller: Person, chat: str, reaction: str) -> Response:
        def take(message: Message) -> Message | None:
            held = (one.id for one in message.reactions)
            return message.without(reaction) if reaction in held else None

        if self.taken_elsewhere(caller, chat, take):
            return self.no_content()
        return await super().remove_reaction(caller, chat, reaction)


@fault("iso-pin-id-of-any-session", "ISO-2")
class PinIdOfAnySession(IdsOfAnySession):
    """A host's unpin looks the message up in the session, and the pin everywhere."""

    async def unpin_chat(self, caller: Person, chat: str, pin: str) -> Response:
        def take(message: Message) -> Message | None:
            return replace(message, pin=None) if message.pin == pin else None

        if self.taken_elsewhere(caller, chat, take):
            return self.no_content()
        return await super().unpin_chat(caller, chat, pin)
