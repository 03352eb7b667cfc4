"""Faults at the borders of pages (LIST-7, LIST-8, SORT-10)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace

from conformance.model import Message, Page, Query, Session
from conformance.reference import parsing
from conformance.reference.parsing import Invalid
from conformance.reference.registry import fault
from conformance.reference.server import Server


class Windowed(Server):
    """Chooses the window of a page in a way of its own, in messages from the first one."""

    def window(self, total: int, query: Query) -> int:
        """Where the page starts."""
        return query.skip

    def page(self, session: Session, query: Query) -> Page:
        start = self.window(len(session.messages), query)
        return super().page(session, replace(query, skip=start))


# -- Skip ------------------------------------------------------------------------------------------


@fault("paging-skip-in-pages", "LIST-7", "LIST-8", "SORT-9", "STATE-3", "CONC-6")
class SkipInPages(Windowed):
    """Skip counts pages, not messages."""

    def window(self, total: int, query: Query) -> int:
        return super().window(total, query) * query.take


@fault("paging-skip-to-whole-pages", "LIST-7")
class SkipToWholePages(Windowed):
    """Skip is rounded down to whole pages."""

    def window(self, total: int, query: Query) -> int:
        start = super().window(total, query)
        return start - start % query.take


@fault("paging-skip-one-under", "LIST-7", "LIST-8", "SORT-9", "STATE-3")
class SkipOneUnder(Windowed):
    """Later pages start one message too early."""

    def window(self, total: int, query: Query) -> int:
        return max(0, super().window(total, query) - 1)


@fault("paging-third-page-shifted", "LIST-7", "LIST-8", "SORT-9", "STATE-3", "CONC-6")
class ThirdPageShifted(Windowed):
    """From the third full page on, pages start one message too late."""

    def window(self, total: int, query: Query) -> int:
        start = super().window(total, query)
        return start + 1 if start >= 2 * self.limits.page_size else start


@fault("paging-past-end-refused", "LIST-7")
class PastEndRefused(Windowed):
    """A Skip past the end gets 404."""

    def window(self, total: int, query: Query) -> int:
        start = super().window(total, query)
        if start > total:
            raise Invalid("There is no such page.", status=404)
        return start


@fault("paging-deep-skip-refused", "LIST-7")
class DeepSkipRefused(Windowed):
    """A window that ends after ten thousand messages is refused."""

    def window(self, total: int, query: Query) -> int:
        start = super().window(total, query)
        if start + query.take > 10_000:
            raise Invalid("The result window is too large.")
        return start


@fault("paging-sum-overflows", "LIST-7")
class SumOverflows(Windowed):
    """Skip plus Take overflows 32 bits, and the first page is given."""

    def window(self, total: int, query: Query) -> int:
        start = super().window(total, query)
        return start if start + query.take < parsing.INT32 else 0


@fault("paging-sum-breaks", "HTTP-1", "LIST-7")
class SumBreaks(Windowed):
    """Skip plus Take overflows 32 bits, and the server breaks."""

    def window(self, total: int, query: Query) -> int:
        start = super().window(total, query)
        if start + query.take >= parsing.INT32:
            raise OverflowError("Python int too large to convert to C int")
        return start


@fault("paging-last-message-hidden", "LIST-8", "LIST-5", "LIST-7", "STATE-3", "CONC-6")
class LastMessageHidden(Server):
    """The last message of a last page that is not full is left out, from the third page on."""

    def page(self, session: Session, query: Query) -> Page:
        page = super().page(session, query)
        short = len(page.messages) < query.take and query.skip >= 2 * self.limits.page_size
        return page._replace(messages=page.messages[:-1]) if short else page


# -- only under some order -------------------------------------------------------------------------


@fault("paging-descending-skip-from-oldest", "LIST-7", "LIST-8", "SORT-9")
class DescendingSkipFromOldest(Windowed):
    """Newest first, Skip leaves out the oldest messages."""

    def page(self, session: Session, query: Query) -> Page:
        if query.ascending:
            return super().page(session, query)
        oldest = sorted(session.messages, key=self.sort_key(query.sort))
        rest = Session(tuple(oldest[query.skip :]))
        return super().page(rest, replace(query, skip=0))._replace(total=len(oldest))


@fault("paging-descending-one-short", "LIST-7", "LIST-8", "SORT-9")
class DescendingOneShort(Windowed):
    """Newest first, later pages start one message too late."""

    def window(self, total: int, query: Query) -> int:
        start = super().window(total, query)
        return start + 1 if start and not query.ascending else start


@fault("paging-pinned-repeats-one", "LIST-7", "LIST-8", "SORT-9")
class PinnedRepeatsOne(Windowed):
    """Sorted by pins, later pages start with the last message of the page before."""

    def window(self, total: int, query: Query) -> int:
        start = super().window(total, query)
        return start - 1 if start and query.sort == self.limits.pinned_key else start


class WithoutTieBreaker(Server, ABC):
    """Orders equal keys as it happens, differently from page to page."""

    @abstractmethod
    def unstable(self, query: Query) -> bool: ...

    def page(self, session: Session, query: Query) -> Page:
        if not self.unstable(query):
            return super().page(session, query)
        key = self.sort_key(query.sort)
        against = session.messages[::-1] if query.ascending else session.messages
        ordered = sorted(against, key=lambda one: key(one)[0], reverse=not query.ascending)
        return Page(len(ordered), tuple(ordered[query.skip : query.skip + query.take]))


@fault("paging-ties-unstable", "LIST-8", "LIST-7", "SORT-9")
class TiesUnstable(WithoutTieBreaker):
    """Messages with equal sort keys change places between the first page and later ones."""

    def unstable(self, query: Query) -> bool:
        return query.sort != self.limits.created_key and query.skip > 0


@fault("paging-ties-unstable-descending", "LIST-8", "LIST-7", "SORT-9")
class TiesUnstableDescending(WithoutTieBreaker):
    """In descending order, equal keys stand otherwise on pages after the second."""

    def unstable(self, query: Query) -> bool:
        later = query.skip >= 2 * self.limits.page_size
        return later and query.sort != self.limits.created_key and not query.ascending


@fault("paging-keyset-skips-ties", "LIST-8", "LIST-7", "SORT-9")
class KeysetSkipsTies(Server):
    """A later page starts after the last key of the page before, past all equal ones."""

    def page(self, session: Session, query: Query) -> Page:
        key, total = self.sort_key(query.sort), len(session.messages)
        if query.sort == self.limits.created_key or not 0 < query.skip <= total:
            return super().page(session, query)
        before = super().page(session, replace(query, skip=query.skip - 1, take=1)).messages[0]

        def follows(one: Message) -> bool:
            higher = key(one)[0] > key(before)[0]
            lower = key(one)[0] < key(before)[0]
            return higher if query.ascending else lower

        rest = Session(tuple(filter(follows, session.messages)))
        return super().page(rest, replace(query, skip=0))._replace(total=total)


# -- sorted within the page only -------------------------------------------------------------------


class SortedByPage(Server, ABC):
    """Cuts a page out of the messages as they were sent, and sorts that."""

    @abstractmethod
    def by_page(self, query: Query) -> bool: ...

    def page(self, session: Session, query: Query) -> Page:
        if not self.by_page(query):
            return super().page(session, query)
        cut = session.messages[query.skip : query.skip + query.take]
        page = super().page(Session(cut), replace(query, skip=0))
        return page._replace(total=len(session.messages))


@fault("sort-descending-within-page", "SORT-10", "SORT-3", "LIST-7")
class DescendingWithinPage(SortedByPage):
    """Descending reverses each page, not the order of the session."""

    def by_page(self, query: Query) -> bool:
        return not query.ascending and query.sort == self.limits.created_key


@fault("sort-pinned-within-page", "SORT-10", "SORT-4", "LIST-7")
class PinnedWithinPage(SortedByPage):
    """Pins are sorted within each page only."""

    def by_page(self, query: Query) -> bool:
        return query.sort == self.limits.pinned_key


@fault("sort-reactions-within-page", "SORT-10", "SORT-6", "SORT-7", "LIST-7")
class ReactionsWithinPage(SortedByPage):
    """Reactions are sorted within each page only."""

    def by_page(self, query: Query) -> bool:
        return self.limits.reaction_of(query.sort) is not None


@fault("sort-later-pages-ascend", "SORT-10", "SORT-3", "SORT-9", "LIST-7", "LIST-8")
class LaterPagesAscend(Server):
    """The link to later pages loses the direction: they ascend."""

    def page(self, session: Session, query: Query) -> Page:
        return super().page(session, replace(query, ascending=query.ascending or query.skip > 0))


@fault("sort-later-pages-by-time", "SORT-10", "SORT-4", "SORT-6", "SORT-7", "LIST-7", "LIST-8")
class LaterPagesByTime(Server):
    """Later pages forget the sort key and go by time."""

    def page(self, session: Session, query: Query) -> Page:
        sort = self.limits.created_key if query.skip else query.sort
        return super().page(session, replace(query, sort=sort))
