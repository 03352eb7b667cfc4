"""Faults of orders that are kept at hand, and made anew after some changes but not after all."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from conformance.model import Fresh, Page, Person, Query, Session, Step
from conformance.reference.registry import fault
from conformance.reference.server import Route, Server


class KeptOrder(Server):
    """Keeps the ids in their order until an operation that ``renews`` names."""

    renews = frozenset({"sendChat", "deleteChat"})

    def set_up(self) -> None:
        self.kept: dict[tuple[str, str, bool], list[str]] = {}
        super().set_up()

    def keeps(self, sort: str) -> bool:
        return False

    async def perform(self, caller: Person, route: Route, request: Request) -> Response:
        response = await super().perform(caller, route, request)
        if route.operation.id in self.renews:
            self.kept.clear()
        return response

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        if not self.keeps(query.sort):
            return super().page_for(caller, session, query)
        whole = replace(query, skip=0, take=len(session.messages))
        now = {one.id: one for one in super().page_for(caller, session, whole).messages}
        key = caller.session, query.sort, query.ascending
        ids = self.kept.setdefault(key, list(now))
        window = ids[query.skip : query.skip + query.take]
        return Page(len(now), tuple(now[id] for id in window if id in now))


@fault("sort-pins-kept", "SORT-4", "STATE-3")
class PinsKept(KeptOrder):
    """The order by pins is kept until a message is sent or deleted: pins do not renew it."""

    def keeps(self, sort: str) -> bool:
        return sort == self.limits.pinned_key


@fault("sort-reactions-kept", "SORT-6", "SORT-7", "STATE-3")
class ReactionsKept(KeptOrder):
    """The order by a reaction is renewed by those that are given, not by those taken back."""

    renews = KeptOrder.renews | {"addReaction"}

    def keeps(self, sort: str) -> bool:
        return self.limits.reaction_of(sort) is not None


@fault("react-fifth-evicts", "REACT-4", "LIST-12", "REACT-3", "STATE-3", "CONC-2", "CONC-5")
class FifthEvicts(Server):
    """A message keeps the last four reactions: one more takes the place of the first."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        step = super().react(session, caller, chat, name, fresh)
        message = step.session.find(chat)
        if step.refusal or message is None:
            return step
        last = replace(message, reactions=message.reactions[-4:])
        return step._replace(session=step.session.put(last))
