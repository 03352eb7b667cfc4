"""Faults in the message list: counts, parameters and what a message shows (LIST)."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request

from conformance.model import Page, Query, Session
from conformance.reference import parsing
from conformance.reference.parsing import Invalid
from conformance.reference.registry import fault
from conformance.reference.server import Server

# -- totalCount ------------------------------------------------------------------------------------


@fault("list-total-of-page", "LIST-2", "LIST-7", "DEL-3", "CONC-1", "STATE-3")
class TotalOfPage(Server):
    """totalCount counts the page, not the session."""

    def page(self, session: Session, query: Query) -> Page:
        page = super().page(session, query)
        return page._replace(total=len(page.messages))


@fault("list-total-lost-past-end", "LIST-7", "LIST-2")
class TotalLostPastEnd(Server):
    """Past the end totalCount is 0: it is counted on the rows of the page."""

    def page(self, session: Session, query: Query) -> Page:
        page = super().page(session, query)
        return page if page.messages else page._replace(total=0)


@fault("list-total-per-reaction", "LIST-2", "DEL-3", "STATE-3")
class TotalPerReaction(Server):
    """totalCount counts the rows of a join: a message once for each of its reactions."""

    def page(self, session: Session, query: Query) -> Page:
        rows = sum(max(1, len(message.reactions)) for message in session.messages)
        return super().page(session, query)._replace(total=rows)


@fault("list-total-of-pinned", "LIST-2")
class TotalOfPinned(Server):
    """Sorted by pins, totalCount counts the pinned messages."""

    def page(self, session: Session, query: Query) -> Page:
        page = super().page(session, query)
        if query.sort != self.limits.pinned_key:
            return page
        return page._replace(total=sum(message.pin is not None for message in session.messages))


@fault("list-total-of-all-sessions", "LIST-2", "ISO-1", "STATE-3")
class TotalOfAllSessions(Server):
    """totalCount counts the messages of every session."""

    def page(self, session: Session, query: Query) -> Page:
        total = sum(len(held.messages) for held in self.sessions.values())
        return super().page(session, query)._replace(total=total)


# -- Take ------------------------------------------------------------------------------------------


class Lenient(Server):
    """Takes every whole number for Take."""

    def any_take(self, raw: str | None) -> int:
        return parsing.integer(raw, self.limits.page_default, low=-parsing.INT32)


@fault("list-take-unbounded", "LIST-3", "LIST-6")
class TakeUnbounded(Server):
    """Take has no upper bound."""

    def take(self, raw: str | None) -> int:
        return parsing.integer(raw, self.limits.page_default, low=self.limits.page_min)


@fault("list-take-bound-at-hundred", "LIST-3", "LIST-6")
class TakeBoundAtHundred(Server):
    """The bound on Take is 100; more is refused."""

    def take(self, raw: str | None) -> int:
        limits = self.limits
        return parsing.integer(raw, limits.page_default, low=limits.page_min, high=100)


@fault("list-pinned-bound-at-hundred", "LIST-3", "LIST-6")
class PinnedBoundAtHundred(Server):
    """Sorted by pins, the bound on Take is 100."""

    def query(self, request: Request) -> Query:
        given, limits = request.query_params, self.limits
        if given.get("SortBy") != limits.pinned_key:
            return super().query(request)
        take = parsing.integer(given.get("Take"), limits.page_default, low=1, high=100)
        skip, ascending = self.skip(given.get("Skip")), self.ascending(given.get("Ascending"))
        return Query(skip, take, limits.pinned_key, ascending)


@fault("list-take-one-over", "LIST-3", "LIST-6")
class TakeOneOver(Server):
    """Take may be one more than the largest page."""

    def take(self, raw: str | None) -> int:
        low, high = self.limits.page_min, self.limits.page_size + 1
        return parsing.integer(raw, self.limits.page_default, low=low, high=high)


@fault("list-take-zero-is-all", "LIST-3", "LIST-6")
class TakeZeroIsAll(Lenient):
    """Take=0 lists everything."""

    def take(self, raw: str | None) -> int:
        return parsing.INT32 if self.any_take(raw) == 0 else super().take(raw)


@fault("list-take-negative-is-all", "LIST-3", "LIST-6")
class TakeNegativeIsAll(Lenient):
    """A negative Take is no limit, as in SQLite."""

    def take(self, raw: str | None) -> int:
        return parsing.INT32 if self.any_take(raw) < 0 else super().take(raw)


@fault("list-take-clamped", "LIST-6")
class TakeClamped(Lenient):
    """A Take above the bound is lowered to it."""

    def take(self, raw: str | None) -> int:
        high = self.any_take(raw) > self.limits.page_size
        return self.limits.page_size if high else super().take(raw)


@fault("list-take-zero-is-default", "LIST-6")
class TakeZeroIsDefault(Lenient):
    """Take=0 counts as not given."""

    def take(self, raw: str | None) -> int:
        return super().take(None if self.any_take(raw) == 0 else raw)


@fault("list-take-defaults-to-ten", "LIST-4")
class TakeDefaultsToTen(Server):
    """Without Take a page holds ten messages."""

    def take(self, raw: str | None) -> int:
        return 10 if raw is None else super().take(raw)


@fault("list-take-defaults-to-all", "LIST-4", "LIST-3")
class TakeDefaultsToAll(Server):
    """Without Take everything is listed."""

    def take(self, raw: str | None) -> int:
        return parsing.INT32 if raw is None else super().take(raw)


@fault("list-take-at-most-ten", "LIST-5", "LIST-8", "SORT-9", "STATE-3", "CONC-6")
class TakeAtMostTen(Server):
    """A Take above ten gives ten."""

    def take(self, raw: str | None) -> int:
        return super().take(raw) if raw is None else min(10, super().take(raw))


@fault("list-sorted-take-defaults-to-ten", "LIST-4", "STATE-3")
class SortedTakeDefaultsToTen(Server):
    """With a SortBy a page holds ten messages where no Take is given."""

    def query(self, request: Request) -> Query:
        query, given = super().query(request), request.query_params
        return replace(query, take=10) if "SortBy" in given and "Take" not in given else query


@fault(
    "list-parameters-of-connection", *("LIST-4", "SORT-1", "LIST-5", "LIST-7", "LIST-8"), "STATE-3"
)
class ParametersOfConnection(Server):
    """A list without parameters is given as the last one on its connection was asked for."""

    def set_up(self) -> None:
        self.known: dict[object, Query] = {}
        super().set_up()

    def query(self, request: Request) -> Query:
        query, connection = super().query(request), request.scope.get("client")
        if not request.query_params:
            return self.known.get(connection, query)
        self.known[connection] = query
        return query


@fault("list-later-take-defaults-to-ten", "LIST-4")
class LaterTakeDefaultsToTen(Server):
    """Behind a Skip a page holds ten messages where no Take is given."""

    def query(self, request: Request) -> Query:
        query, given = super().query(request), request.query_params
        return replace(query, take=10) if query.skip and "Take" not in given else query


@fault("list-newest-later-take-defaults-to-ten", "LIST-4", "LIST-7")
class NewestLaterTakeDefaultsToTen(Server):
    """Newest first and behind a Skip, a page holds ten messages where no Take is given."""

    def query(self, request: Request) -> Query:
        query, given = super().query(request), request.query_params
        ten = query.skip and not query.ascending and "Take" not in given
        return replace(query, take=10) if ten else query


@fault("list-take-full-refused", "LIST-5")
class TakeFullRefused(Server):
    """The largest page is refused: the bound is exclusive."""

    def take(self, raw: str | None) -> int:
        if raw == str(self.limits.page_size):
            raise Invalid("Take has to be less.")
        return super().take(raw)


@fault("list-take-one-refused", "LIST-5")
class TakeOneRefused(Server):
    """The smallest page is refused."""

    def take(self, raw: str | None) -> int:
        if raw == str(self.limits.page_min):
            raise Invalid("Take has to be more.")
        return super().take(raw)


# -- values that are none --------------------------------------------------------------------------


@fault("list-odd-skip-ignored", "LIST-9")
class OddSkipIgnored(Server):
    """A Skip that is no number counts as 0."""

    def skip(self, raw: str | None) -> int:
        number = raw is None or raw.lstrip("+-").isdigit()
        return super().skip(raw if number else None)


@fault("list-fractions-cut", "LIST-9")
class FractionsCut(Server):
    """Skip=1.5 is read as 1."""

    def skip(self, raw: str | None) -> int:
        whole, point, rest = (raw or "").partition(".")
        return super().skip(whole if point and rest.isdigit() else raw)


@fault("list-skip-wraps", "LIST-9")
class SkipWraps(Server):
    """A Skip beyond 32 bits wraps around."""

    def skip(self, raw: str | None) -> int:
        large = raw is not None and raw.isascii() and raw.isdigit() and len(raw) < 20
        return super().skip(str(int(raw) % parsing.INT32) if raw and large else raw)


@fault("list-negative-skip", "LIST-9")
class NegativeSkip(Server):
    """A negative Skip counts as 0."""

    def skip(self, raw: str | None) -> int:
        return max(0, parsing.integer(raw, self.limits.skip_default, low=-parsing.INT32))


@fault("list-odd-ascending", "LIST-9")
class OddAscending(Server):
    """An Ascending that is not "true" counts as false."""

    def ascending(self, raw: str | None) -> bool:
        return super().ascending(raw) if raw is None else raw.lower() == "true"


@fault("list-unknown-sort", "LIST-9")
class UnknownSort(Server):
    """An unknown SortBy is ignored."""

    def sort_by(self, raw: str | None) -> str:
        return super().sort_by(raw if raw in self.limits.sort_keys else None)
