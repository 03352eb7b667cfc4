"""Faults of answers that are kept until the next write, and given to others who ask otherwise."""

from __future__ import annotations

import itertools
from collections.abc import Hashable

from starlette.requests import Request
from starlette.responses import Response

from conformance.model import Page, Person, Query, Session
from conformance.reference.registry import fault
from conformance.reference.server import Route, Server


class KeptAnswers(Server):
    """Keeps the answers of one operation, each under a key that does not tell all requests apart.

    A write of anybody's drops them all.
    """

    keeps = "listChats"

    def set_up(self) -> None:
        self.kept: dict[Hashable, Response] = {}
        super().set_up()

    def key(self, caller: Person, request: Request) -> Hashable:
        return caller.session, request.url.query

    async def perform(self, caller: Person, route: Route, request: Request) -> Response:
        if request.method != "GET":
            self.kept.clear()
        if route.operation.id != self.keeps:
            return await super().perform(caller, route, request)
        key = self.key(caller, request)
        if key not in self.kept:
            self.kept[key] = await super().perform(caller, route, request)
        return self.kept[key]


@fault("kept-by-values", "LIST-7", "LIST-5", "LIST-8", "LIST-4")
class ByValues(KeptAnswers):
    """Lists are kept by the values of their parameters without the names: Skip 5 is Take 5."""

    def key(self, caller: Person, request: Request) -> Hashable:
        return caller.session, *sorted(request.query_params.values())


@fault(
    "kept-without-direction", "SORT-3", "SORT-4", "SORT-6", "SORT-7", "SORT-2", "SORT-1", "LIST-7"
)
class WithoutDirection(KeptAnswers):
    """Lists are kept by all parameters but Ascending."""

    def key(self, caller: Person, request: Request) -> Hashable:
        given = request.query_params
        return caller.session, *(given.get(name) for name in ("Skip", "Take", "SortBy"))


@fault("kept-for-all-sessions", "ISO-1", "LIST-2", "STATE-3")
class ForAllSessions(KeptAnswers):
    """Lists are kept by their query, whoever's session it is."""

    def key(self, caller: Person, request: Request) -> Hashable:
        return request.url.query


@fault("kept-reactions-for-all", "ISO-3")
class ReactionsForAll(KeptAnswers):
    """Reactions are kept by the ids asked for: whoever asks for the same is given the same."""

    keeps = "listReactions"

    def key(self, caller: Person, request: Request) -> Hashable:
        return tuple(self.asked_for(request))


@fault("kept-by-first-chat", "RLIST-2", "RLIST-3", "STATE-3")
class ByFirstChat(KeptAnswers):
    """Reactions are kept by the first id asked for."""

    keeps = "listReactions"

    def key(self, caller: Person, request: Request) -> Hashable:
        return caller.session, *self.asked_for(request)[:1]


@fault("kept-at-the-gate", "AUTH-1", "AUTH-2", "AUTH-3", "AUTH-7")
class AtTheGate(KeptAnswers):
    """A cache in front keeps lists by their query, and looks at nobody's credentials."""

    async def respond(self, request: Request) -> Response:
        path = self.contract.operations[self.keeps].path
        if request.method == "GET" and self.path(request) == path:
            known = [one for (_, query), one in self._pairs() if query == request.url.query]
            if known and self.authenticate(request) is None:
                return known[0]
        return await super().respond(request)

    def _pairs(self) -> list[tuple[tuple[str, str], Response]]:
        return [(key, one) for key, one in self.kept.items() if isinstance(key, tuple)]


@fault("kept-totals-for-all", "ISO-1", "LIST-2", "STATE-3", "SORT-9", "LIST-7")
class TotalsForAll(Server):
    """totalCount is kept by the query until the next write, whoever's session it is."""

    def set_up(self) -> None:
        self.totals: dict[Query, int] = {}
        super().set_up()

    def store(self, caller: Person, session: Session) -> None:
        self.totals.clear()
        super().store(caller, session)

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        page = super().page_for(caller, session, query)
        return page._replace(total=self.totals.setdefault(query, page.total))


@fault("kept-under-removals", "SORT-9", "UNREACT-1", "UNREACT-2", "STATE-3", "STATE-4")
class UnderRemovals(KeptAnswers):
    """Lists by reactions are kept while reactions are taken back, and renewed by all else."""

    def key(self, caller: Person, request: Request) -> Hashable:
        by_reaction = self.limits.reaction_of(request.query_params.get("SortBy", ""))
        return (caller.session, request.url.query) if by_reaction else next(self.numbers)

    def set_up(self) -> None:
        self.numbers = itertools.count()
        super().set_up()

    async def perform(self, caller: Person, route: Route, request: Request) -> Response:
        kept = dict(self.kept)
        response = await super().perform(caller, route, request)
        if route.operation.id == "removeReaction":
            self.kept.update(kept)
        return response
