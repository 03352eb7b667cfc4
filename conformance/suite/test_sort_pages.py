"""SORT: what every order keeps: the same messages, and one order over all pages."""

from __future__ import annotations

from typing import Any

from conformance.client import Shown
from conformance.expect import holds
from conformance.plugin import requirement
from conformance.suite.orders import ends_with_its_page, misplaced
from conformance.suite.sorting import Rank, counter, instant, is_pinned
from conformance.suite.walks import Orders, Walk, content
from conformance.values import brief


@requirement("SORT-9")
def test_sorting_changes_the_order_and_nothing_else(orders: Orders) -> None:
    """Every order has the same messages, and each is shown the same in all of them."""
    viewer = orders.viewer
    known: dict[str, tuple[dict[str, Any], Shown]] = {}
    for walk in orders:
        for message in walk.messages:
            now = content(viewer, message)
            was, first = known.setdefault(message.id, (now, message))
            other = [name for name in now if name in was and now[name] != was[name]]
            holds(
                not other,
                f"{walk.order}, a message shows another {other[0] if other else ''} than elsewhere",
                expected=brief(first.raw) if other else "",
                actual=brief(message.raw) if other else "",
                on=(first.page, message.page),
                at=message.pointer(*other[:1]),
            )
        unfiltered(walk, orders)
        single(walk)


def single(walk: Walk) -> None:
    """No message stands twice on one page; twice on different pages is LIST-8's matter alone."""
    doubled = next((page for page in walk.pages if len(set(page.ids)) < len(page.ids)), None)
    holds(
        doubled is None,
        f"{walk.order}, one page lists a message more than once",
        expected="each message once",
        actual=f"{len(doubled.ids)} entries, {len(set(doubled.ids))} messages" if doubled else "",
        on=doubled or (),
        at="/messages",
    )


def unfiltered(walk: Walk, orders: Orders) -> None:
    """No order leaves out all messages of a kind. Others that it leaves out are LIST-8's matter."""
    everything, present = set(orders.messages), set(walk.ids)
    kinds: dict[str, Rank] = {"that are pinned": is_pinned}
    for reaction in orders.limits.reactions:
        kinds[f"that have {reaction}"] = counter(orders.limits, reaction)
    for what, has in kinds.items():
        having = {id for id, message in orders.messages.items() if has(message)}
        for group, shown in ((having, "none"), (everything - having, "only those")):
            left_out = bool(group) and group == everything - present and walk.broken is None
            holds(
                not left_out,
                f"{walk.order}, of the messages {what} and the others, the list has {shown} {what}",
                expected=f"all {len(everything)} messages",
                actual=f"{len(present)} of them",
                on=walk.pages,
            )


@requirement("SORT-10")
def test_the_order_holds_from_page_to_page(orders: Orders) -> None:
    """The whole list is sorted and then cut, not each page sorted by itself."""
    limits = orders.limits
    keys: dict[str, tuple[Rank, bool]] = {limits.created_key: (instant, True)}
    keys[limits.pinned_key] = (is_pinned, False)
    for reaction in limits.reactions:
        count = counter(limits, reaction)
        for key in limits.spellings(reaction):
            keys[key] = (having(count), False)
    for walk in orders:
        if walk.order.key in keys:
            rank, one_way = keys[walk.order.key]
            whole(walk, rank, unsorted(orders, walk, rank), one_way)


def having(count: Rank) -> Rank:
    return lambda shown: count(shown) > 0


def unsorted(orders: Orders, walk: Walk, rank: Rank) -> list[list[Any]]:
    """The first pages by time: what a list that ignores the sort key would begin with."""
    found = []
    for ascending in (True, False):
        other = orders.of(orders.limits.created_key, ascending)
        if other and other.order != walk.order:
            size = min(walk.order.take, len(walk.ids))
            found.append([rank(message) for message in other.messages[:size]])
    return found


def whole(walk: Walk, rank: Rank, other: list[list[Any]], one_way: bool) -> None:
    """``one_way`` orders have to ascend when ascending; the others may run either way."""
    pages = [[rank(message) for message in page.messages] for page in walk.pages]
    directions = (walk.order.ascending,) if one_way else (True, False)
    ways = [ends_with_its_page(pages, direction, other, walk.repeats) for direction in directions]
    flat = [one for page in pages for one in page]
    ordered = any(misplaced(flat, direction) is None for direction in directions)
    holds(
        ordered or not any(ways),
        f"{walk.order}, the order does not hold from page to page",
        expected="one order over all pages",
        actual="pages in order, one by one or the first alone, and none over all",
        on=walk.pages,
    )
