"""Faults of servers whose answers run ahead of what they show (STATE-4): queues and read models."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict

from starlette.requests import Request
from starlette.responses import Response

from conformance.model import Person, Session
from conformance.reference.registry import fault
from conformance.reference.server import Server

LAG = 0.005
"""Seconds: more than a fast client takes to ask again."""


@fault("lag-read-model", "STATE-4", waits=True)
class ReadModel(Server):
    """Reads come from a model of their own, which follows the writes a few milliseconds later."""

    def set_up(self) -> None:
        self.written: defaultdict[str, list[tuple[float, Session]]] = defaultdict(list)
        super().set_up()

    def store(self, caller: Person, session: Session) -> None:
        self.written[caller.session].append((time.monotonic(), self.sessions[caller.session]))
        super().store(caller, session)

    async def read(self, caller: Person) -> Session:
        """The first state that was written over too late for the model to have followed."""
        since, written = time.monotonic() - LAG, self.written[caller.session]
        while written and written[0][0] <= since:
            del written[0]
        return written[0][1] if written else await super().read(caller)


@fault("lag-queue", "STATE-4", waits=True)
class Queue(Server):
    """A message is answered when it is in a queue, and stored a few milliseconds later."""

    def set_up(self) -> None:
        self.queued: set[asyncio.Task[None]] = set()
        super().set_up()

    async def send_chat(self, caller: Person, request: Request) -> Response:
        text, fresh = self.text(await self.body(request)), self.fresh()
        step = self.send(self.sessions[caller.session], caller, text, fresh)
        message = step.session.find(step.id) if step.id else None
        if message is None:
            return self.refused(step)

        async def later() -> None:
            await asyncio.sleep(LAG)
            await self.change(caller, lambda session: self.send(session, caller, text, fresh))

        task = asyncio.create_task(later())
        self.queued.add(task)
        task.add_done_callback(self.queued.discard)
        return self.answer(self.acknowledged(message))
