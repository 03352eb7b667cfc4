"""Faults that only callers at the same time meet (CONC): steps that others can come between.

Each lets the event loop run other requests between a read and the write that rests on it, for long
enough that parallel callers do come between. One caller at a time never sees anything wrong.
"""

from __future__ import annotations

import asyncio
import contextvars
import itertools
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from conformance.model import Message, Person, Reaction, Session, Step
from conformance.reference.registry import fault
from conformance.reference.server import Route, Server

PAUSE = 0.006
"""Seconds between a read and its write: some round trips, and far below any time-out."""

_operation: contextvars.ContextVar[str] = contextvars.ContextVar("operation", default="")


class Racing(Server):
    """Does the operations that ``races`` names in two steps; ``land`` is the second."""

    def races(self, operation: str) -> bool:
        return False

    async def perform(self, caller: Person, route: Route, request: Request) -> Response:
        _operation.set(route.operation.id)
        return await super().perform(caller, route, request)

    async def change(self, caller: Person, call: Callable[[Session], Step]) -> Step:
        if not self.races(_operation.get()):
            return await super().change(caller, call)
        before = self.sessions[caller.session]
        step = call(before)
        if step.refusal:
            return step
        await asyncio.sleep(PAUSE)
        if self.sessions[caller.session] is not before:
            return self.land(caller, before, step)
        self.store(caller, step.session)
        return step

    def land(self, caller: Person, before: Session, step: Step) -> Step:
        """Write what was made of ``before``, though something has been written since."""
        self.store(caller, step.session)
        return step

    def touched(self, before: Session, step: Step) -> Message | None:
        """The message that a step changed."""
        return next((m for m in step.session.messages if m != before.find(m.id)), None)


# -- lost updates ----------------------------------------------------------------------------------


@fault("race-session-overwritten", "CONC-1", "CONC-2", "CONC-4", "CONC-5")
class SessionOverwritten(Racing):
    """Every write replaces the whole session as it was read: the last writer wins."""

    def races(self, operation: str) -> bool:
        return True


@fault("race-send-lost", "CONC-1", "CONC-5")
class SendLost(Racing):
    """Of messages sent at the same time only the last is kept."""

    def races(self, operation: str) -> bool:
        return operation == "sendChat" or super().races(operation)


@fault("race-reaction-lost", "CONC-2", "CONC-5")
class ReactionLost(Racing):
    """Of reactions to one message at the same time only the last is kept."""

    def races(self, operation: str) -> bool:
        return operation == "addReaction" or super().races(operation)

    def land(self, caller: Person, before: Session, step: Step) -> Step:
        session, changed = self.sessions[caller.session], self.touched(before, step)
        if changed and session.find(changed.id):
            self.store(caller, session.put(changed))
        return step


@fault("race-pin-lost", "CONC-5")
class PinLost(Racing):
    """A pin is lost when somebody reacts at the same time: the row is written back whole."""

    def races(self, operation: str) -> bool:
        return operation == "addReaction" or super().races(operation)

    def land(self, caller: Person, before: Session, step: Step) -> Step:
        session, changed = self.sessions[caller.session], self.touched(before, step)
        now = session.find(changed.id) if changed else None
        if changed and now:
            held = now.reactions
            new = [one for one in changed.reactions if one.id == step.id and one not in held]
            others = [one for one in now.reactions if all(_key(one) != _key(r) for r in new)]
            kept = replace(now, pin=changed.pin, reactions=(*others, *new))
            self.store(caller, session.put(kept))
        return step


@fault("race-removal-lost", "CONC-5")
class RemovalLost(Racing):
    """Removing a reaction writes the message back whole: reactions given meanwhile are lost."""

    def races(self, operation: str) -> bool:
        return operation == "removeReaction" or super().races(operation)

    def land(self, caller: Person, before: Session, step: Step) -> Step:
        session, changed = self.sessions[caller.session], self.touched(before, step)
        if changed and session.find(changed.id):
            self.store(caller, session.put(changed))
        return step


@fault("race-delete-undoes", "CONC-5")
class DeleteUndoes(Racing):
    """A deletion writes back all other messages as they were when it began."""

    def races(self, operation: str) -> bool:
        return operation == "deleteChat" or super().races(operation)


@fault("race-delete-revived", "CONC-4", "CONC-5")
class DeleteRevived(Racing):
    """A message that is deleted while somebody reacts to it comes back with the reaction."""

    def races(self, operation: str) -> bool:
        return operation == "addReaction" or super().races(operation)

    def land(self, caller: Person, before: Session, step: Step) -> Step:
        session, changed = self.sessions[caller.session], self.touched(before, step)
        if changed and session.find(changed.id) is None:
            messages = sorted((*session.messages, changed), key=lambda message: message.created)
            self.store(caller, Session(tuple(messages)))
        elif changed:
            new = [one for one in changed.reactions if one.id == step.id]
            self.store(caller, _added(session, changed.id, new, repeats=False))
        return step


# -- times of their own ----------------------------------------------------------------------------


@fault("race-time-of-arrival", "SORT-3", "SORT-2", "SORT-1")
class TimeOfArrival(Racing):
    """createdAt is when a request came; the list goes by rows, and others may be written first."""

    def set_up(self) -> None:
        self.pauses = itertools.cycle((2 * PAUSE, PAUSE, 0.0))
        super().set_up()

    async def change(self, caller: Person, call: Callable[[Session], Step]) -> Step:
        if _operation.get() == "sendChat":
            await asyncio.sleep(next(self.pauses))
        return await super().change(caller, call)

    def sort_key(self, sort: str) -> Callable[[Message], tuple[int, datetime]]:
        key = super().sort_key(sort)
        return lambda message: (key(message)[0], datetime.min)


# -- checks that are out of date -------------------------------------------------------------------


def _key(reaction: Reaction) -> tuple[str, str]:
    return reaction.by, reaction.name


def _added(session: Session, chat: str, new: list[Reaction], *, repeats: bool) -> Session:
    message = session.find(chat)
    if message is None:
        return session
    held = {_key(one) for one in message.reactions}
    fresh = tuple(one for one in new if repeats or _key(one) not in held)
    return session.put(replace(message, reactions=(*message.reactions, *fresh)))


@fault("race-reaction-twice", "CONC-3", "CONC-5")
class ReactionTwice(Racing):
    """The same reaction sent twice at once counts twice: both find that there is none yet."""

    def races(self, operation: str) -> bool:
        return operation == "addReaction" or super().races(operation)

    def land(self, caller: Person, before: Session, step: Step) -> Step:
        changed = self.touched(before, step)
        if changed:
            new = [one for one in changed.reactions if one.id == step.id]
            session = self.sessions[caller.session]
            self.store(caller, _added(session, changed.id, new, repeats=True))
        return step


class BreachOfKey(Exception):
    """What a database says to a second row with the same unique key."""


@fault("race-reaction-breaks", "HTTP-1")
class ReactionBreaks(Racing):
    """The same reaction sent twice at once gets a 500: the second breaks the unique key."""

    def races(self, operation: str) -> bool:
        return operation == "addReaction" or super().races(operation)

    def land(self, caller: Person, before: Session, step: Step) -> Step:
        changed, session = self.touched(before, step), self.sessions[caller.session]
        now = session.find(changed.id) if changed else None
        if changed and now:
            new = [one for one in changed.reactions if one.id == step.id]
            if {_key(one) for one in new} & {_key(one) for one in now.reactions}:
                raise BreachOfKey
            self.store(caller, _added(session, now.id, new, repeats=False))
        return step

    async def add_reaction(self, caller: Person, chat: str, request: Request) -> Response:
        try:
            return await super().add_reaction(caller, chat, request)
        except BreachOfKey:
            return self.problem(500, "Something went wrong.")


@fault("race-orphan-reaction", "CONC-4", "CONC-5")
class OrphanReaction(Racing):
    """A reaction to a message that is deleted meanwhile stays in the reactions list."""

    def set_up(self) -> None:
        self.orphans: dict[str, Session] = {}
        super().set_up()

    def races(self, operation: str) -> bool:
        return operation == "addReaction" or super().races(operation)

    def land(self, caller: Person, before: Session, step: Step) -> Step:
        changed, session = self.touched(before, step), self.sessions[caller.session]
        if changed is None:
            return step
        new = [one for one in changed.reactions if one.id == step.id]
        if session.find(changed.id) is None:
            orphans = self.orphans.get(caller.session, Session()).messages
            orphan = replace(changed, reactions=tuple(new))
            self.orphans[caller.session] = Session((*orphans, orphan))
        self.store(caller, _added(session, changed.id, new, repeats=False))
        return step

    def reactions_for(
        self, caller: Person, session: Session, chats: Iterable[str]
    ) -> tuple[tuple[Message, Reaction], ...]:
        asked = list(chats)
        orphans = self.reactions(self.orphans.get(caller.session, Session()), asked)
        return (*super().reactions_for(caller, session, asked), *orphans)
