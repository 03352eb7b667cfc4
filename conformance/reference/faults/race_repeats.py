"""Faults that the same call meets when it is made several times at once (CONC)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conformance.model import Message, Page, Person, Query, Session, Step
from conformance.reference.faults.races import PAUSE, Racing
from conformance.reference.registry import fault
from conformance.reference.server import Server


@fault("race-pin-twice", "PIN-7", "CONC-5", "STATE-3")
class PinTwice(Racing):
    """Pins of a message at once are a row each: after an unpin it still has the other."""

    def set_up(self) -> None:
        self.rows: dict[str, list[str]] = {}
        super().set_up()

    def races(self, operation: str) -> bool:
        return operation == "pinChat"

    def land(self, caller: Person, before: Session, step: Step) -> Step:
        session, new = self.sessions[caller.session], self.touched(before, step)
        now = session.find(new.id) if new else None
        if new and now and now.pin and new.pin:
            self.rows.setdefault(now.id, []).append(new.pin)
        elif new and now:
            self.store(caller, session.put(replace(now, pin=new.pin)))
        return step

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        step = super().unpin(session, caller, chat, pin)
        message, rows = step.session.find(chat), self.rows.get(chat)
        if step.refusal or not message or not rows:
            return step
        return step._replace(session=step.session.put(replace(message, pin=rows.pop())))


@fault("race-delete-counted-twice", "LIST-2", "CONC-5", "DEL-3", "DEL-5", "CONC-1", "STATE-3")
class DeleteCountedTwice(Racing):
    """A message that is deleted twice at once is taken off totalCount twice."""

    def set_up(self) -> None:
        self.twice: list[str] = []
        super().set_up()

    def races(self, operation: str) -> bool:
        return operation == "deleteChat"

    def land(self, caller: Person, before: Session, step: Step) -> Step:
        session = self.sessions[caller.session]
        gone = {one.id for one in before.messages} - {one.id for one in step.session.messages}
        for chat in gone:
            if session.find(chat) is None:
                self.twice.append(caller.session)
            self.store(caller, session.drop(chat))
        return step

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        page = super().page_for(caller, session, query)
        return page._replace(total=max(0, page.total - self.twice.count(caller.session)))


@fault("race-removal-counted-twice", "UNREACT-1", "LIST-12", "RLIST-3", "CONC-5", "STATE-3")
class RemovalCountedTwice(Racing):
    """A reaction that is taken back twice at once is taken off the message's counter twice."""

    def set_up(self) -> None:
        self.twice: list[tuple[str, str]] = []
        super().set_up()

    def races(self, operation: str) -> bool:
        return operation == "removeReaction"

    def land(self, caller: Person, before: Session, step: Step) -> Step:
        session, changed = self.sessions[caller.session], self.touched(before, step)
        was = before.find(changed.id) if changed else None
        now = session.find(changed.id) if changed else None
        if changed and was and now:
            left = {one.id for one in changed.reactions}
            for gone in [one for one in was.reactions if one.id not in left]:
                if gone not in now.reactions:
                    self.twice.append((now.id, gone.name))
                now = now.without(gone.id)
            self.store(caller, session.put(now))
        return step

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        shown = super().shown(message, viewer)
        for entry in shown["reactions"]:
            lowered = self.twice.count((message.id, entry["name"]))
            entry["count"] = max(0, entry["count"] - lowered)
        return shown


@fault("race-same-words-once", "CONC-1", "SEND-3", "SEND-4", "CONC-5")
class SameWordsOnce(Server):
    """The same words that are being sent already, by whomever, are taken for a second attempt."""

    def set_up(self) -> None:
        self.being_sent: dict[tuple[str, str], asyncio.Task[Response]] = {}
        super().set_up()

    async def send_chat(self, caller: Person, request: Request) -> Response:
        key = caller.session, (await request.body()).decode("utf-8", "replace")
        if key not in self.being_sent:
            self.being_sent[key] = asyncio.create_task(self._soon(caller, request))
            self.being_sent[key].add_done_callback(lambda _: self.being_sent.pop(key))
        return await self.being_sent[key]

    async def _soon(self, caller: Person, request: Request) -> Response:
        await asyncio.sleep(PAUSE)
        return await super().send_chat(caller, request)
