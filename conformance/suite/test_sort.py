"""SORT: the order of the list by time and by pins, in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.client import Listed, Participant
from conformance.contract import Limits
from conformance.evidence import Unjudged, current
from conformance.expect import holds
from conformance.plugin import requirement
from conformance.run import Run
from conformance.suite.corpus import Corpus
from conformance.suite.orders import FIRST, LAST, misplaced
from conformance.suite.sorting import (
    answered,
    both,
    gathered,
    instant,
    is_pinned,
    sorted_by,
)
from conformance.suite.walks import Orders, walk
from conformance.views import find

# -- by time ---------------------------------------------------------------------------------------


@requirement("SORT-1")
def test_without_parameters_the_list_is_in_the_default_order(
    limits: Limits, orders: Orders
) -> None:
    """What is not said of the order is as the document's defaults have it: oldest first."""
    if limits.sort_default != limits.created_key:
        raise Unjudged("the document's default order is not by time")
    times = sorted(map(instant, orders.messages.values()), reverse=not limits.ascending_default)
    viewer, key, ascending = orders.viewer, limits.sort_default, limits.ascending_default
    for page, given in (
        (viewer.list(), "no parameters"),
        (viewer.list(sort=key), "SortBy only"),
        (viewer.list(ascending=ascending), "Ascending only"),
    ):
        expected = times[: len(page.messages)]
        summary = f"with {given}, the list is not in the default order"
        actual = [instant(message) for message in page.messages]
        span = {"expected": _span(expected), "actual": _span(actual)}
        holds(actual == expected, summary, on=page, at="/messages", **span)


def _span(times: Sequence[Any]) -> str:
    """The times of a page in short."""
    if not times:
        return "no messages"
    rising, falling = misplaced(times, True) is None, misplaced(times, False) is None
    how = "rising" if rising else "falling" if falling else "in no order"
    return f"createdAt from {times[0].isoformat()} to {times[-1].isoformat()}, {how}"


@requirement("SORT-2")
def test_created_at_ascending_is_oldest_first(orders: Orders) -> None:
    """No message stands before one with an earlier createdAt."""
    by_time(orders, ascending=True)


@requirement("SORT-3")
def test_created_at_descending_is_newest_first(orders: Orders) -> None:
    """No message stands before one with a later createdAt, with SortBy and without."""
    by_time(orders, ascending=False)
    plain, page = orders.viewer.list(), orders.viewer.list(ascending=False)
    default = [instant(message) for message in plain.messages]
    # Where the default order is not by time, that is SORT-1's matter.
    every = sorted(map(instant, orders.messages.values()))
    if default in (every[: len(default)], every[: -len(default) - 1 : -1]):
        newest = every[-1]
        times = [instant(message) for message in page.messages]
        summary = "with Ascending=false only, the list is not newest first"
        right = misplaced(times, False) is None and times[:1] >= [newest]
        expected = f"falling from {newest.isoformat()} on"
        holds(right, summary, expected=expected, actual=_span(times), on=page, at="/messages")


def by_time(orders: Orders, *, ascending: bool) -> None:
    key = orders.limits.created_key
    if not answered(orders, key, ascending):
        return
    if len(set(map(instant, orders.messages.values()))) < 2:
        current().leave_open("all messages have the same createdAt")
    for found in orders.every(key):
        if found.order.ascending is ascending:
            sorted_by(found, instant, "createdAt")


@requirement("SORT-2", "SORT-3")
def test_a_new_message_takes_its_place_in_time(
    corpus: Corpus, limits: Limits, orders: Orders
) -> None:
    """A message that was just sent stands among the last, or newest first among the first."""
    sender, size = corpus.people[-1], orders.take

    def page(ascending: bool, skip: int) -> Listed:
        return sender.list(skip=skip, take=size, sort=limits.created_key, ascending=ascending)

    if not orders.of(limits.created_key, False):
        return
    sent = sender.send("new")
    newest = page(False, 0)
    total = max(newest.total, len(orders.messages) + 1)
    oldest_first = page(True, max(0, total - size))
    for found, rule in ((oldest_first, "SORT-2"), (newest, "SORT-3")):
        if found is oldest_first and not reaches(found, total, orders):
            continue
        times = [instant(message) for message in found.messages]
        right = sent in found or not times or sent.instant <= min(times)
        first = "oldest" if found is oldest_first else "newest"
        summary = f"{first} first, a new message is not at its place"
        expected = f"the message of {sent.created}, later than some that are there"
        holds(right, summary, expected=expected, actual=_span(times), on=(sent, found), rule=rule)


def reaches(page: Listed, total: int, orders: Orders) -> bool:
    """Whether a page is the last one: it may start elsewhere (LIST-7) or be too short (LIST-5)."""
    known = orders.of(orders.limits.created_key, True)
    skip = max(0, total - orders.take)
    place = known.slice(skip, 1) if known else []
    return orders.sound and page.ids[:1] == place and len(page.ids) == total - skip


# -- by pins ---------------------------------------------------------------------------------------


@requirement("SORT-4", "SORT-5", "SORT-1")
def test_pinned_gathers_the_pinned_messages_at_one_end(
    run: Run, limits: Limits, orders: Orders
) -> None:
    """All pinned messages stand at one end, and at the other with the direction flipped."""
    key = limits.pinned_key
    if not (answered(orders, key, True) and answered(orders, key, False)):
        return
    if run.home.journal.one_pin:
        return  # The corpus has no pins then: the next scenario makes one.
    having = {is_pinned(message) for message in orders.messages.values()}
    if having != {True, False}:
        reason = "the list does not show both pinned and other messages"
        current().leave_open(reason, ("SORT-4", "SORT-5"))
        return
    up, down = (gathered(one, is_pinned, "pinned messages") for one in both(orders, key))
    for found in orders.every(key):
        if found.order.take != orders.take:
            gathered(found, is_pinned, "pinned messages")
    turns(orders, key, up, down)
    if up and down and up != down:
        default_direction(orders, up if limits.ascending_default else down)


def turns(orders: Orders, key: str, up: frozenset[str], down: frozenset[str]) -> None:
    put = f"puts the pinned messages {''.join(up)}" if up else "gathers no messages"
    answer = orders.answer(key, True).exchange
    current().observe("Pinned ascending", put, answer, rule="SORT-5")
    if up and down:
        pages = tuple(one.pages[0] for one in both(orders, key))
        holds(
            up != down,
            f"with the direction flipped, SortBy={key} leaves the pinned messages at the same end",
            expected=f"{FIRST} in one direction, {LAST} in the other",
            actual=f"{'/'.join(sorted(up))} ascending, {'/'.join(sorted(down))} descending",
            on=pages,
        )


def default_direction(orders: Orders, end: frozenset[str]) -> None:
    """Without Ascending the default of the document applies, whatever the key."""
    page = orders.viewer.list(sort=orders.limits.pinned_key)
    if page.accepted and page.messages:
        right = is_pinned(page.messages[0]) is (FIRST in end)
        summary = "SortBy=Pinned without Ascending is not in the default direction"
        expected = f"pinned messages {'/'.join(end)}"
        holds(right, summary, expected=expected, on=page, at="/messages/0", rule="SORT-1")


@requirement("SORT-4", "SORT-5")
def test_a_pin_and_an_unpin_move_their_message(
    run: Run, host: Participant, limits: Limits, orders: Orders
) -> None:
    """The order by pins follows what is pinned now, not what once was."""
    key = limits.pinned_key
    first, viewer = orders.of(key, False), orders.viewer
    if first is None:
        return
    # The unpinned one between them shows where a pin or an unpin does not reach the order.
    chat, _, last = (viewer.send(text) for text in ("pinned, then not", "never", "pinned"))

    def ends() -> frozenset[str]:
        return gathered(walk(viewer, first.order), is_pinned, "pinned messages")

    # An order that is kept at hand has to be made anew after each: nothing else comes between.
    host.pin(chat)
    ends()
    shown = find(host, chat)
    if shown and shown.pin:
        host.unpin(chat, shown.pin)
        ends()
    host.pin(last)
    if not run.home.journal.one_pin:
        host.pin(chat)
    down = ends()
    ascending = orders.of(key, True)
    if run.home.journal.one_pin and ascending:
        up = gathered(walk(viewer, ascending.order), is_pinned, "pinned messages")
        turns(orders, key, up, down)
