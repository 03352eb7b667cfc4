"""The contract as a small executable model: pure values, no I/O.

A :class:`Session` is what a server would have to remember. Every call of a :class:`Model` takes a
session and gives the next one with what the caller is told. The reference server is an HTTP face
over it; the sequence tests and the linearizability check compare targets with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from conformance.contract import Limits


class Refusal(StrEnum):
    """Why a call is refused; the HTTP face turns it into a 4xx status."""

    INVALID = "invalid"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Person:
    """A participant of one session."""

    id: str
    name: str
    session: str
    host: bool = False


@dataclass(frozen=True, slots=True)
class Reaction:
    id: str
    name: str
    by: str


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    text: str | None
    created: datetime
    sender: Person
    pin: str | None = None
    reactions: tuple[Reaction, ...] = ()

    def count(self, name: str) -> int:
        return sum(reaction.name == name for reaction in self.reactions)

    def without(self, reaction_id: str) -> Message:
        kept = tuple(reaction for reaction in self.reactions if reaction.id != reaction_id)
        return replace(self, reactions=kept)


@dataclass(frozen=True, slots=True)
class Session:
    """The messages in the order in which they were sent. Hashable, so that searches can memoise."""

    messages: tuple[Message, ...] = ()

    def find(self, chat: str) -> Message | None:
        return next((message for message in self.messages if message.id == chat), None)

    def put(self, changed: Message) -> Session:
        return Session(tuple(changed if m.id == changed.id else m for m in self.messages))

    def drop(self, chat: str) -> Session:
        return Session(tuple(message for message in self.messages if message.id != chat))


class Repeat(StrEnum):
    """What the same reaction, or a pin of a pinned message, gets: all are conforming."""

    SAME_ID = "same id"
    NEW_ID = "new id"
    CONFLICT = "conflict"


class Second(StrEnum):
    """What the other reaction by the same person, or another message's pin, does to the first."""

    KEEP = "keep"
    REPLACE = "replace"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Freedoms:
    """Choices that the contract leaves to the server; the defaults are the reference server's."""

    repeated_reaction: Repeat = Repeat.SAME_ID
    other_reaction: Second = Second.KEEP
    repeated_pin: Repeat = Repeat.SAME_ID
    other_pin: Second = Second.KEEP
    sender_removes_reactions: bool = False
    sender_unpins: bool = False


@dataclass(frozen=True, slots=True)
class Fresh:
    """What only a server can know: the id of a new thing, and the time."""

    id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Query:
    skip: int
    take: int
    sort: str
    ascending: bool


class Page(NamedTuple):
    total: int
    messages: tuple[Message, ...]


class Step(NamedTuple):
    """The next session, with the id that the caller is told, or why the call was refused."""

    session: Session
    id: str | None = None
    refusal: Refusal | None = None


@dataclass
class Model:
    """Who may do what, and what each call does."""

    limits: Limits
    freedoms: Freedoms = field(default_factory=Freedoms)

    # -- who may do what -------------------------------------------------------------------------

    def may_delete(self, caller: Person, message: Message) -> bool:
        return caller.host or caller.id == message.sender.id

    def may_unreact(self, caller: Person, message: Message, reaction: Reaction) -> bool:
        owner = message.sender.id if self.freedoms.sender_removes_reactions else None
        return caller.host or caller.id in (reaction.by, owner)

    def may_pin(self, caller: Person, message: Message) -> bool:
        return caller.host

    def may_unpin(self, caller: Person, message: Message) -> bool:
        own = caller.id == message.sender.id
        return caller.host or (own and self.freedoms.sender_unpins)

    def accepts_text(self, text: str) -> bool:
        return bool(text.strip()) and len(text) <= self.limits.message_length

    # -- the calls that change a session ---------------------------------------------------------

    def send(self, session: Session, caller: Person, text: str | None, fresh: Fresh) -> Step:
        if text is None or not self.accepts_text(text):
            return Step(session, refusal=Refusal.INVALID)
        message = Message(fresh.id, text, fresh.now, caller)
        return Step(Session((*session.messages, message)), fresh.id)

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        message = session.find(chat)
        if message is None:
            return Step(session, refusal=Refusal.UNKNOWN)
        if not self.may_delete(caller, message):
            return Step(session, refusal=Refusal.FORBIDDEN)
        return Step(session.drop(chat))

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        message = session.find(chat)
        if name not in self.limits.reactions:
            return Step(session, refusal=Refusal.INVALID)
        if message is None:
            return Step(session, refusal=Refusal.UNKNOWN)
        own = [reaction for reaction in message.reactions if reaction.by == caller.id]
        same = next((reaction for reaction in own if reaction.name == name), None)
        if same:
            return self._react_again(session, message, same, fresh)
        if own and self.freedoms.other_reaction is Second.CONFLICT:
            return Step(session, refusal=Refusal.CONFLICT)
        if own and self.freedoms.other_reaction is Second.REPLACE:
            for reaction in own:
                message = message.without(reaction.id)
        added = Reaction(fresh.id, name, caller.id)
        changed = replace(message, reactions=(*message.reactions, added))
        return Step(session.put(changed), fresh.id)

    def _react_again(
        self, session: Session, message: Message, same: Reaction, fresh: Fresh
    ) -> Step:
        if self.freedoms.repeated_reaction is Repeat.CONFLICT:
            return Step(session, refusal=Refusal.CONFLICT)
        if self.freedoms.repeated_reaction is Repeat.SAME_ID:
            return Step(session, same.id)
        rest = message.without(same.id).reactions
        renewed = replace(message, reactions=(*rest, replace(same, id=fresh.id)))
        return Step(session.put(renewed), fresh.id)

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        message = session.find(chat)
        held = message.reactions if message else ()
        reaction = next((one for one in held if one.id == reaction_id), None)
        if message is None or reaction is None:
            return Step(session, refusal=Refusal.UNKNOWN)
        if not self.may_unreact(caller, message, reaction):
            return Step(session, refusal=Refusal.FORBIDDEN)
        return Step(session.put(message.without(reaction_id)))

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        message = session.find(chat)
        if message is None:
            return Step(session, refusal=Refusal.UNKNOWN)
        if not self.may_pin(caller, message):
            return Step(session, refusal=Refusal.FORBIDDEN)
        if message.pin:
            return self._pin_again(session, message, message.pin, fresh)
        others = [other for other in session.messages if other.pin]
        if others and self.freedoms.other_pin is Second.CONFLICT:
            return Step(session, refusal=Refusal.CONFLICT)
        if self.freedoms.other_pin is Second.REPLACE:
            for other in others:
                session = session.put(replace(other, pin=None))
        return Step(session.put(replace(message, pin=fresh.id)), fresh.id)

    def _pin_again(self, session: Session, message: Message, pin: str, fresh: Fresh) -> Step:
        if self.freedoms.repeated_pin is Repeat.CONFLICT:
            return Step(session, refusal=Refusal.CONFLICT)
        if self.freedoms.repeated_pin is Repeat.SAME_ID:
            return Step(session, pin)
        return Step(session.put(replace(message, pin=fresh.id)), fresh.id)

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        message = session.find(chat)
        if message is None or message.pin is None or message.pin != pin:
            return Step(session, refusal=Refusal.UNKNOWN)
        if not self.may_unpin(caller, message):
            return Step(session, refusal=Refusal.FORBIDDEN)
        return Step(session.put(replace(message, pin=None)))

    # -- the calls that read it ------------------------------------------------------------------

    def page(self, session: Session, query: Query) -> Page:
        ordered = sorted(session.messages, key=self.sort_key(query.sort))
        if not query.ascending:
            ordered.reverse()
        start, stop = query.skip, query.skip + query.take
        return Page(len(ordered), tuple(ordered[start:stop]))

    def sort_key(self, sort: str) -> Callable[[Message], tuple[int, datetime]]:
        """A key by which messages ascend; equal ones stand in the order of their making."""
        if sort == self.limits.created_key:
            return lambda message: (0, message.created)
        if sort == self.limits.pinned_key:
            return lambda message: (int(message.pin is not None), message.created)
        name = self.limits.reaction_of(sort)
        return lambda message: (message.count(name) if name else 0, message.created)

    def reactions(
        self, session: Session, chats: Iterable[str]
    ) -> tuple[tuple[Message, Reaction], ...]:
        asked = set(chats)
        return tuple(
            (message, reaction)
            for message in session.messages
            if message.id in asked
            for reaction in message.reactions
        )
