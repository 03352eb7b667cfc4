"""CONC-5: who reads while others read is given what they asked for, though nobody writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from conformance.client import Listed, Participant, Shown
from conformance.plugin import requirement
from conformance.run import Run
from conformance.suite.races import Play, Problem, Start, plan, race, text
from conformance.views import changes, snapshot

Window = tuple[int, int]
"""How many of the newest messages are left out, and how many come then."""
Judge = Callable[[Participant, Listed, list[Shown]], list[Problem]]
READS = 6
"""How many pages each reader asks for in a round."""


@requirement("CONC-5")
def test_readers_at_once_are_each_given_the_page_that_they_asked_for(
    run: Run, host: Participant, alice: Participant, bob: Participant
) -> None:
    """Each begins with another page."""
    windows = _windows(run)
    readers = (host, alice, bob, alice)
    asked = [windows[place:] + windows[:place] for place in range(len(readers))]
    race(run, _reading(readers, asked, _another_page), plan(run, 8, 40))


@requirement("ISO-1")
def test_readers_of_two_sessions_at_once_are_given_their_own(
    run: Run, alice: Participant, bob: Participant, outsider: Participant
) -> None:
    """All ask for the same pages in the same order."""
    readers = (alice, outsider, bob, outsider)
    asked = [_windows(run)] * len(readers)

    def leaked(reader: Participant, page: Listed, wanted: list[Shown]) -> list[Problem]:
        if reader is not outsider:
            return _another_page(reader, page, wanted)
        found = {*page.ids} & {message.id for message in wanted}
        summary = "who reads at the same time is listed the messages of another session"
        return [Problem("ISO-1", summary, "none", str(len(found)), (page,))] if found else []

    race(run, _reading(readers, asked, leaked), plan(run, 8, 40))


def _windows(run: Run) -> list[Window]:
    size = run.contract.limits.page_size
    return [(skip, max(1, (size - skip) // (1 + skip % 3))) for skip in range(min(READS, size))]


def _reading(readers: Sequence[Participant], asked: list[list[Window]], judge: Judge) -> Play:
    def play(start: Start) -> list[Problem]:
        whole = _filled(readers[0])
        answers = start(
            [
                partial(_each, reader, windows)
                for reader, windows in zip(readers, asked, strict=True)
            ]
        )
        if _newest(readers[0]).ids != [message.id for message in whole]:
            return []  # Somebody else writes.
        return [
            problem
            for reader, windows, pages in zip(readers, asked, answers, strict=True)
            for (skip, take), page in zip(windows, pages, strict=True)
            if page.accepted
            for problem in judge(reader, page, whole[skip : skip + take])
        ]

    return play


def _another_page(reader: Participant, page: Listed, wanted: list[Shown]) -> list[Problem]:
    """Told by its length (LIST-5), by where it starts (LIST-7), or by what it shows (SEND-4)."""
    ids = [message.id for message in wanted]
    if page.ids == ids:
        return _altered(reader, page, wanted)
    rule, what = ("LIST-7", "messages of another place in the order")
    if len(page.ids) != len(ids):
        rule, what = ("LIST-5", "another number of messages than asked for")
    summary = f"who reads at the same time as others is given {what}"
    actual = f"{len(page.ids)} messages, {len({*page.ids} & {*ids})} of them among these"
    return [Problem(rule, summary, f"the {len(ids)} messages asked for", actual, (page,))]


def _altered(reader: Participant, page: Listed, wanted: list[Shown]) -> list[Problem]:
    for was, now in zip(wanted, page.messages, strict=True):
        for change in changes(snapshot(reader, was), snapshot(reader, now)):
            summary = f"in a list that is read at the same time as others, {change.kind}"
            return [Problem("SEND-4", summary, "the same in both", str(change), (was.page, page))]
    return []


def _each(reader: Participant, windows: Sequence[Window]) -> list[Listed]:
    return [_newest(reader, *window) for window in windows]


def _newest(reader: Participant, skip: int = 0, take: int | None = None) -> Listed:
    limits = reader.contract.limits
    size = limits.page_size if take is None else take
    return reader.list(skip=skip, take=size, sort=limits.created_key, ascending=False)


def _filled(reader: Participant) -> list[Shown]:
    """The newest page, filled up with messages where there are too few."""
    page, size = _newest(reader), reader.contract.limits.page_size
    for _ in range(size - len(page.ids)):
        reader.send(text("To be read by many at once"))
    return (_newest(reader) if len(page.ids) < size else page).messages
