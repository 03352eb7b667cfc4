"""SORT: what every order keeps: the same messages, and one order over all pages."""

from __future__ import annotations

from conformance.client import Shown
from conformance.expect import holds, require_steady
from conformance.plugin import requirement
from conformance.suite.orders import misplaced, sorted_by_page
from conformance.suite.sorting import Rank, counter, instant, is_pinned
from conformance.suite.walks import Orders, Walk, unlike
from conformance.values import brief
from conformance.views import look


@requirement("SORT-9")
def test_sorting_changes_the_order_and_nothing_else(orders: Orders) -> None:
    """Every order has the same messages, and each is shown the same in all of them."""
    viewer = orders.viewer
    known: dict[str, Shown] = {}
    for walk in orders:
        for message in walk.messages:
            first = known.setdefault(message.id, message)
            other = unlike(viewer, first, message)
            if other:
                require_steady(look(viewer))
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
            if not whole(walk, rank, one_way):
                kept(walk, orders)


def having(count: Rank) -> Rank:
    return lambda shown: count(shown) > 0


def whole(walk: Walk, rank: Rank, one_way: bool) -> bool:
    """Whether a walk is in order; if not, it must not be that each page is sorted by itself.

    ``one_way`` orders have to ascend when ascending; the others may run either way.
    """
    pages = [[rank(message) for message in page.messages] for page in walk.pages]
    flat = [one for page in pages for one in page]
    ways = (walk.order.ascending,) if one_way else (True, False)
    ordered = any(misplaced(flat, way) is None for way in ways)
    # Where pages overlap, what stands on either side of a border proves nothing (LIST-8).
    by_page = not walk.repeats and any(sorted_by_page(pages, way) for way in ways)
    holds(
        ordered or not by_page,
        f"{walk.order}, each page is sorted by itself, and not the whole",
        expected="one order over all pages",
        actual="each page in order, and none over all of them",
        on=walk.pages,
    )
    return ordered


def kept(walk: Walk, orders: Orders) -> None:
    """The pages after the first are not those of another order."""
    key, ascending = walk.order.key, walk.order.ascending
    others = [(orders.limits.created_key, True), (orders.limits.created_key, False)]
    others += [(key, not ascending)]
    size, later = walk.order.take, walk.ids[walk.order.take :]
    found = [orders.of(*other) for other in others if other != (key, ascending)]
    first, strayed = walk.ids[:size], None
    for other in found:
        if later and other and other.ids[:size] != first and strays(walk, other):
            strayed = other
    holds(
        strayed is None,
        f"{walk.order}, the pages after the first are in another order",
        expected="the order of the first page",
        actual=f"as {strayed.order}" if strayed else "",
        on=walk.pages,
    )


def strays(walk: Walk, other: Walk) -> bool:
    """Whether the second page and all after it are what ``other`` has at the same places."""
    pages = zip(walk.pages[1:], walk.starts[1:], strict=True)
    return all(page.ids == other.slice(start, len(page.ids)) for page, start in pages)
