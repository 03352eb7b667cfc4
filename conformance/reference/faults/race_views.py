"""Faults that callers at the same time meet in ids, counts and lists (CONC).

As in the other races, one caller at a time never sees anything wrong.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Iterable
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from conformance.model import Message, Page, Person, Query, Reaction, Session, Step
from conformance.reference.faults.races import PAUSE
from conformance.reference.registry import fault
from conformance.reference.server import Route, Server

ROUND_TRIP = 0.0005
"""Seconds that a query to a store takes on its way, at the least."""
_number: contextvars.ContextVar[int] = contextvars.ContextVar("number", default=0)
_total: contextvars.ContextVar[int] = contextvars.ContextVar("total", default=0)

# -- ids, senders and counts -----------------------------------------------------------------------


@fault("race-same-id", "CONC-1", "SEND-3", "SEND-4", "CONC-5")
class SameId(Server):
    """Messages sent at once get the same id: the counter is read and raised in two steps."""

    def set_up(self) -> None:
        self.next_number = 1
        super().set_up()

    async def send_chat(self, caller: Person, request: Request) -> Response:
        _number.set(self.next_number)
        await asyncio.sleep(PAUSE)
        self.next_number = max(self.next_number, _number.get() + 1)
        try:
            return await super().send_chat(caller, request)
        finally:
            _number.set(0)

    def new_id(self) -> str:
        return f"chat-{_number.get():08}" if _number.get() else super().new_id()


@fault("race-wrong-sender", "CONC-5", "SEND-4", "LIST-10")
class WrongSender(Server):
    """A message sent while somebody else sends one is stored as theirs: the caller is shared."""

    def set_up(self) -> None:
        self.current: dict[str, Person] = {}
        super().set_up()

    async def send_chat(self, caller: Person, request: Request) -> Response:
        self.current[caller.session] = caller
        await request.body()
        await asyncio.sleep(PAUSE)
        return await super().send_chat(self.current[caller.session], request)


@fault("race-count-drifts", "CONC-1", "LIST-2", "STATE-3", "CONC-5")
class CountDrifts(Server):
    """totalCount is a counter of its own, read and raised in two steps: it falls behind."""

    def set_up(self) -> None:
        self.missed: dict[str, int] = {}
        self.sending: dict[str, int] = {}
        super().set_up()

    async def send_chat(self, caller: Person, request: Request) -> Response:
        name = caller.session
        others = self.sending.get(name, 0)
        self.sending[name] = others + 1
        await asyncio.sleep(PAUSE)
        response = await super().send_chat(caller, request)
        self.sending[name] -= 1
        if response.status_code == 200 and others:
            self.missed[name] = self.missed.get(name, 0) + 1
        return response

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        page = super().page_for(caller, session, query)
        return page._replace(total=max(0, page.total - self.missed.get(caller.session, 0)))


@fault("race-too-many-callers", "HTTP-1", "LOAD-1", "CONC-4")
class TooManyCallers(Server):
    """More than two writes at once get a 500: the pool of connections is empty."""

    def set_up(self) -> None:
        self.open = 0
        super().set_up()

    async def perform(self, caller: Person, route: Route, request: Request) -> Response:
        if request.method == "GET":
            return await super().perform(caller, route, request)
        if self.open >= 2:
            return self.problem(500, "Something went wrong.")
        self.open += 1
        try:
            await asyncio.sleep(PAUSE)
            return await super().perform(caller, route, request)
        finally:
            self.open -= 1


# -- what readers see meanwhile --------------------------------------------------------------------


class Pending(Server):
    """Writes take a moment, in which readers may be shown something else."""

    def set_up(self) -> None:
        self.pending: dict[str, list[Step]] = {}
        super().set_up()

    async def change(self, caller: Person, call: Callable[[Session], Step]) -> Step:
        step = await super().change(caller, call)
        if step.refusal:
            return step
        pending = self.pending.setdefault(caller.session, [])
        pending.append(step)
        await asyncio.sleep(PAUSE)
        pending.remove(step)
        return step

    def sending(self, caller: Person) -> bool:
        """Whether a message is being stored in the caller's session."""
        pending = self.pending.get(caller.session, ())
        return any(step.id and step.session.find(step.id) for step in pending)


@fault("race-list-loses-old", "CONC-6", "CONC-5")
class ListLosesOld(Pending):
    """While a message is being stored the list has the newest page only: it is built anew."""

    async def read(self, caller: Person) -> Session:
        session = await super().read(caller)
        if self.sending(caller):
            return Session(session.messages[-self.limits.page_size :])
        return session


@fault("race-list-shifts", "CONC-6", "CONC-5")
class ListShifts(Pending):
    """While a message is being stored the list leaves out the oldest one: the window is full."""

    async def read(self, caller: Person) -> Session:
        session = await super().read(caller)
        return Session(session.messages[1:]) if self.sending(caller) else session


@fault("race-replicas-disagree", "CONC-5")
class ReplicasDisagree(Pending):
    """While a write is under way members still see what the host does not see any more."""

    def set_up(self) -> None:
        self.settled: dict[str, Session] = {}
        super().set_up()

    async def change(self, caller: Person, call: Callable[[Session], Step]) -> Step:
        if not self.pending.get(caller.session):
            self.settled[caller.session] = self.sessions[caller.session]
        return await super().change(caller, call)

    async def read(self, caller: Person) -> Session:
        session = await super().read(caller)
        late = self.pending.get(caller.session) and not caller.host
        return self.settled.get(caller.session, session) if late else session


@fault("race-refused-delete-flickers", "CONC-5")
class RefusedDeleteFlickers(Server):
    """While a member's deletion of another's message is being refused, nobody sees the message."""

    def set_up(self) -> None:
        self.hidden: dict[str, list[str]] = {}
        super().set_up()

    async def delete_chat(self, caller: Person, chat: str) -> Response:
        message = self.sessions[caller.session].find(chat)
        if message is None or self.may_delete(caller, message):
            return await super().delete_chat(caller, chat)
        hidden = self.hidden.setdefault(caller.session, [])
        hidden.append(chat)
        await asyncio.sleep(PAUSE)
        hidden.remove(chat)
        return await super().delete_chat(caller, chat)

    async def read(self, caller: Person) -> Session:
        session = await super().read(caller)
        for chat in self.hidden.get(caller.session, ()):
            session = session.drop(chat)
        return session


@fault("race-pin-before-check", "CONC-5", "STATE-1", "PERM-5")
class PinBeforeCheck(Server):
    """A member's pin is there until the role is looked at, and is refused and taken off then."""

    async def pin_chat(self, caller: Person, chat: str) -> Response:
        before = self.sessions[caller.session]
        message = before.find(chat)
        if message and not message.pin and not self.may_pin(caller, message):
            self.store(caller, before.put(replace(message, pin=self.new_id())))
            await asyncio.sleep(PAUSE)
            kept = self.sessions[caller.session].find(chat)
            if kept:
                self.store(caller, self.sessions[caller.session].put(replace(kept, pin=None)))
        return await super().pin_chat(caller, chat)


@fault("race-count-before-page", "CONC-5", "LIST-2")
class CountBeforePage(Server):
    """totalCount is read before the page: a message that comes between is listed, not counted."""

    async def read(self, caller: Person) -> Session:
        before = await super().read(caller)
        _total.set(len(before.messages))
        await asyncio.sleep(PAUSE)
        return await super().read(caller)

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        return super().page_for(caller, session, query)._replace(total=_total.get())


@fault("race-reactions-torn", "CONC-5")
class ReactionsTorn(Server):
    """The reactions list reads the first message before, the others after a write in between."""

    async def list_reactions(self, caller: Person, request: Request) -> Response:
        asked = list(dict.fromkeys(self.asked_for(request)))
        first = self.reactions_for(caller, await self.read(caller), asked[:1])
        await asyncio.sleep(PAUSE)
        rest = self.reactions_for(caller, await self.read(caller), asked[1:])
        return self.answer([self.listed(message, one) for message, one in (*first, *rest)])


@fault("race-reactions-one-by-one", "CONC-5")
class ReactionsOneByOne(Server):
    """The reactions list asks the store for each message by itself: the N+1 queries of an ORM."""

    async def list_reactions(self, caller: Person, request: Request) -> Response:
        held: list[tuple[Message, Reaction]] = []
        for chat in dict.fromkeys(self.asked_for(request)):
            held += self.reactions_for(caller, await self.read(caller), [chat])
            await asyncio.sleep(ROUND_TRIP)
        return self.answer([self.listed(message, one) for message, one in held])


@fault("race-list-one-by-one", "CONC-5")
class ListOneByOne(Server):
    """The reactions of a page are loaded when they are looked at, one message after the other."""

    async def list_chats(self, caller: Person, request: Request) -> Response:
        page = self.page_for(caller, await self.read(caller), self.query(request))
        rows = []
        for message in page.messages:
            now = (await self.read(caller)).find(message.id) or message
            rows.append(self.shown(replace(message, reactions=now.reactions), caller))
            await asyncio.sleep(ROUND_TRIP)
        return self.answer({"totalCount": page.total, "messages": rows})


@fault("race-reaction-shown-early", "CONC-5")
class ShownEarly(Pending):
    """A reaction is in the message list before it is in the reactions list: two indexes."""

    def reactions_for(
        self, caller: Person, session: Session, chats: Iterable[str]
    ) -> tuple[tuple[Message, Reaction], ...]:
        rows = super().reactions_for(caller, session, chats)
        pending = {step.id for step in self.pending.get(caller.session, ())}
        return tuple(row for row in rows if row[1].id not in pending)
