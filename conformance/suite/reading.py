"""Reads of the message list that are steps themselves: pages, walks, odd parameters."""

from __future__ import annotations

from conformance.client import Listed, Participant
from conformance.evidence import current
from conformance.replay import FromTotal
from conformance.suite.blame import Discrepancy, differences, of_difference
from conformance.suite.judging import Judge
from conformance.suite.looking import Order, Sight, out_of_order, twice


class Reader:
    """``outside``: from another session, where nothing of this one may show (ISO-1)."""

    def __init__(self, judge: Judge, who: Participant, *, outside: bool) -> None:
        self.judge, self.who, self.outside = judge, who, outside
        self.limits = judge.limits

    @property
    def total(self) -> int:
        return self.judge.total + len(self.judge.state.messages)

    def beyond(self, value: int) -> None:
        """A page that the target may refuse: whatever it answers, nothing changes by it."""
        asked: tuple[dict[str, object], ...] = (
            {"take": self.limits.page_size + 1},
            {"take": self.limits.page_min - 1},
            {"skip": -1},
            {"skip": FromTotal(self.total + 1, self.judge.total)},
        )
        self._list(**asked[value % len(asked)])

    def page(self, order: Order, back: int, more: int) -> None:
        """A page near the end where the newest messages are, or near the beginning."""
        newest_last = order.ascending is not False
        skip = max(0, self.total - 1 - back) if newest_last else back
        take = min(self.limits.page_size, self.limits.page_min + more)
        asked = FromTotal(skip, self.judge.total) if newest_last else skip
        answer = self._list(skip=asked, take=take, **order.query())
        if answer.refused:
            return
        sight = Sight(self.who)
        sight.add(answer)
        if not self.outside:
            self._count(answer, skip, take)
        self._hold(sight, order)

    def walk(self, order: Order) -> None:
        """Every page of an order, one after the other."""
        sight, take = Sight(self.who), self.limits.page_size
        while True:
            answer = self._list(skip=len(sight.messages), take=take, **order.query())
            if answer.refused:
                return
            if not sight.add(answer) or len(sight.messages) >= answer.total:
                break
        if not self.outside:
            self._once(sight, order)
        self._hold(sight, order)

    def _list(self, **query: object) -> Listed:
        current().check()
        answer = self.who.list(**query)
        self.judge.scribe.list(self.who, **query)
        self.judge.on = (answer,)
        return answer

    # -- what has to hold ------------------------------------------------------------------------

    def _count(self, answer: Listed, skip: int, take: int) -> None:
        """LIST-5 and LIST-7: a page holds as many as are left behind Skip, up to Take."""
        held, left = len(answer.messages), min(take, max(0, self.total - skip))
        if self.judge.solid and answer.total == self.total and held != left:
            summary = "a page does not hold as many messages as are left behind Skip"
            check = f"equal(len({self.judge.scribe.answer()}.messages), {left}, {summary!r})"
            self._quiet(answer)
            raise Discrepancy("LIST-7", summary, str(left), str(held), (answer,), (check,))

    def _once(self, sight: Sight, order: Order) -> None:
        """LIST-8: a walk gives every message exactly once."""
        repeated = next(twice(sight.ids), None)
        missing = set(self.judge.wanted) - set(sight.ids)
        # A totalCount that is wrong itself is LIST-2's matter, and not the walk's.
        counted = self.judge.solid and sight.total == self.total
        complete = len(sight.ids) == sight.total or not counted
        if repeated is None and not missing and complete:
            return
        self.judge.require_quiet(sight)
        what = "gives a message twice" if repeated else "leaves a message out"
        summary = f"a walk through the pages {what}"
        way = ", ".join(
            f"{key}={value!r}" for key, value in order.query().items() if value is not None
        )
        ids = f"[one.id for one in {self.judge.said(self.who)}.walk({way})]"
        check = (
            f"ids = {ids}",
            f"equal(len(set(ids)), {self.judge.said(self.who)}.list().total, {summary!r})",
        )
        actual = f"{len(set(sight.ids))} different ones, {len(missing)} missing"
        raise Discrepancy(
            "LIST-8", summary, f"{sight.total} messages", actual, tuple(sight.pages), check
        )

    def _hold(self, sight: Sight, order: Order) -> None:
        own = sight.snapshots(self.judge.fixed)
        pages = tuple(sight.pages)
        if self.outside:
            if own:
                summary = "an outsider is listed messages of this session"
                raise Discrepancy("ISO-1", summary, "none", f"{len(own)} of them", pages)
            return
        if sight.total != self.total:
            self.judge.require_quiet(sight)
            summary = "totalCount is not the number of messages after a sequence of calls"
            answer, count = self.judge.scribe.answer(), len(self.judge.wanted)
            check = f"equal({answer}.total, total + {count}, {summary!r})"
            raise Discrepancy("LIST-2", summary, str(self.total), str(sight.total), pages, (check,))
        wrong = [
            list(differences(state, own, self.judge.fixed, False)) for state in self.judge.states
        ]
        if all(wrong):
            self.judge.require_shape(sight)
            first = wrong[0][0]
            # SORT-9: under another key the same messages are shown, with the same content.
            rule, summary = (
                "SORT-9",
                f"the {first.aspect} of a message is another one under a sort key",
            )
            if order.sort in (None, self.limits.created_key):
                rule, summary = of_difference(None, first)
            raise Discrepancy(rule, summary, str(first.expected), str(first.actual), pages)
        misplaced = out_of_order(self.limits, order, sight.messages)
        if misplaced:
            check = f"# look at the order of {self.judge.scribe.answer()}.messages"
            raise Discrepancy(*misplaced, str(order), "in another order", pages, (check,))

    def _quiet(self, answer: Listed) -> None:
        sight = Sight(self.who)
        sight.add(answer)
        self.judge.require_quiet(sight)
