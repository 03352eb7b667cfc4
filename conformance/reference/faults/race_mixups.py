"""Faults in which calls at the same time get something of each other (CONC)."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Hashable
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conformance.model import Message, Person, Refusal, Session, Step
from conformance.reference.faults.race_views import ROUND_TRIP, Pending
from conformance.reference.faults.races import PAUSE, Racing
from conformance.reference.registry import fault
from conformance.reference.server import Server


@fault("race-answer-of-other", "CONC-2", "REACT-3", "CONC-5", "CONC-3")
class AnswerOfOther(Server):
    """A reaction is answered with the id of the one stored last, by whomever."""

    def set_up(self) -> None:
        self.latest: str | None = None
        super().set_up()

    async def add_reaction(self, caller: Person, chat: str, request: Request) -> Response:
        response = await super().add_reaction(caller, chat, request)
        if response.status_code != 200:
            return response
        await asyncio.sleep(PAUSE)
        return self.answer({"reactionId": self.latest})

    def react(self, *args: Any) -> Step:
        step = super().react(*args)
        self.latest = step.id or self.latest
        return step


@fault("race-text-of-other", "SEND-4", "CONC-1", "SEND-2", "CONC-5")
class TextOfOther(Server):
    """A message sent while another is being read gets that one's text: they share a buffer."""

    def set_up(self) -> None:
        self.buffer: Any = None
        super().set_up()

    async def body(self, request: Request) -> Any:
        body = await super().body(request)
        if not isinstance(body, dict) or not isinstance(body.get("message"), str):
            return body
        self.buffer = body
        await asyncio.sleep(PAUSE)
        return self.buffer


@fault("race-refused-and-kept", "STATE-1", "CONC-5", "CONC-2", "CONC-4", "LIST-12", "STATE-3")
class RefusedAndKept(Racing):
    """A reaction that meets another write is refused with 409, and kept all the same."""

    def races(self, operation: str) -> bool:
        return operation == "addReaction" or super().races(operation)

    def land(self, caller: Person, before: Session, step: Step) -> Step:
        session, changed = self.sessions[caller.session], self.touched(before, step)
        now = session.find(changed.id) if changed else None
        new = [one for one in changed.reactions if one.id == step.id] if changed else []
        if now is None or {(r.by, r.name) for r in new} & {(r.by, r.name) for r in now.reactions}:
            return step._replace(refusal=Refusal.CONFLICT)
        self.store(caller, session.put(replace(now, reactions=(*now.reactions, *new))))
        return step._replace(refusal=Refusal.CONFLICT)


@fault("race-unpin-misses", "CONC-5")
class UnpinMisses(Racing):
    """An unpin that meets another write is answered with success and not done."""

    def races(self, operation: str) -> bool:
        return operation == "unpinChat" or super().races(operation)

    def land(self, caller: Person, before: Session, step: Step) -> Step:
        return step


@fault("race-delete-misses", "CONC-5", "CONC-4")
class DeleteMisses(Racing):
    """A deletion that meets another write is answered with success and not done."""

    def races(self, operation: str) -> bool:
        return operation == "deleteChat" or super().races(operation)

    def land(self, caller: Person, before: Session, step: Step) -> Step:
        return step


@fault("race-users-behind", "LIST-12", "CONC-5", "RLIST-3")
class UsersBehind(Pending):
    """While a write is under way users lack the last who reacted, though count has them."""

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        shown = super().shown(message, viewer)
        if any(step.session.find(message.id) for step in self.pending.get(viewer.session, ())):
            for entry in shown["reactions"]:
                entry["users"] = entry["users"][:-1]
        return shown


@fault("race-pin-without-id", "LIST-11", "HTTP-3", "CONC-5", "PIN-1")
class PinWithoutId(Pending):
    """While a write is under way pins are shown without their ids: the join comes later."""

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        shown = super().shown(message, viewer)
        if shown["pinned"] and self.pending.get(viewer.session):
            shown["pinned"] = {}
        return shown


class SharedReads(Server, ABC):
    """Who asks while an answer is being made gets that one, under keys that are too coarse."""

    def set_up(self) -> None:
        self.under_way: dict[Hashable, asyncio.Task[Response]] = {}
        super().set_up()

    @abstractmethod
    def key(self, caller: Person, request: Request) -> Hashable: ...

    async def list_chats(self, caller: Person, request: Request) -> Response:
        key = self.key(caller, request)
        if key not in self.under_way:
            self.under_way[key] = asyncio.create_task(self._soon(caller, request))
            self.under_way[key].add_done_callback(lambda _: self.under_way.pop(key))
        return await self.under_way[key]

    async def _soon(self, caller: Person, request: Request) -> Response:
        await asyncio.sleep(ROUND_TRIP)
        return await super().list_chats(caller, request)


@fault("race-shared-page", "LIST-5", "LIST-7", "SORT-3", "CONC-5")
class SharedPage(SharedReads):
    """Lists asked for at once are read once, and everyone is given the first one's page."""

    def key(self, caller: Person, request: Request) -> Hashable:
        return caller.session


@fault("race-shared-session", "ISO-1", "LIST-5", "LIST-7", "CONC-5")
class SharedSession(SharedReads):
    """The same list asked for at once is read once, be it in different sessions."""

    def key(self, caller: Person, request: Request) -> Hashable:
        return request.url.query


@fault("race-times-of-others", "SEND-4", "SEND-17", "CONC-5")
class TimesOfOthers(Server):
    """Lists read at once show times of each other's messages: they share a formatter."""

    def set_up(self) -> None:
        self.readers: list[list[Message]] = []
        super().set_up()

    async def list_chats(self, caller: Person, request: Request) -> Response:
        query = self.query(request)
        page = self.page_for(caller, await self.read(caller), query)
        mine = list(page.messages)
        self.readers.append(mine)
        await asyncio.sleep(ROUND_TRIP)
        other = next((one for one in self.readers if one is not mine), mine)
        self.readers = [one for one in self.readers if one is not mine]
        shown = [
            {**self.shown(one, caller), "createdAt": self.instant((other or mine)[-1].created)}
            if place == len(other) - 1
            else self.shown(one, caller)
            for place, one in enumerate(mine)
        ]
        return self.answer({"totalCount": page.total, "messages": shown})
