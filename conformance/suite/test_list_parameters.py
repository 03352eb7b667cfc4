"""LIST: what Skip and Take do, and what they and the other parameters refuse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.client import Listed, Participant
from conformance.contract import Limits
from conformance.expect import On, accepted, equal, holds
from conformance.plugin import requirement
from conformance.suite.corpus import Corpus
from conformance.suite.walks import UNKNOWN_KEY, Order, Orders, Walk, beginning, walk
from conformance.values import brief

INT32 = 2**31

# -- Take ------------------------------------------------------------------------------------------


@requirement("LIST-3", "LIST-6")
def test_a_take_out_of_range_is_refused_and_never_gives_more_than_a_page(
    corpus: Corpus, limits: Limits
) -> None:
    """No page is longer than the limit, whoever asks for how much; asking for more is refused."""
    beyond = [limits.page_size + 1, 1000, INT32 - 1]
    below = [limits.page_min - 1, -1, -INT32]
    for take in dict.fromkeys((*beyond, *below)):
        page = corpus.viewer.list(take=take)
        bounded(page, limits)
        not_taken(page, f"Take={take}", rule="LIST-6")
    bounded(corpus.people[0].list(take=1000, skip=1), limits)


@requirement("LIST-3", "LIST-6")
def test_no_order_gives_more_than_a_page(corpus: Corpus, limits: Limits, orders: Orders) -> None:
    """The page limit holds under every kind of order, and where Take goes by another name."""
    viewer, beyond = corpus.people[-1], limits.page_size + 1
    for key in dict.fromkeys((limits.pinned_key, *reaction_keys(orders))):
        bounded(viewer.list(take=1000, sort=key, ascending=False), limits)
        page = viewer.list(take=beyond, sort=key)
        bounded(page, limits)
        not_taken(page, f"Take={beyond} sorted by {key}", rule="LIST-6")
    for given in ([("take", "1000")], [("Take", "1000"), ("Take", "1000")], [("Take", "")]):
        bounded(viewer.list_query(given), limits)


def reaction_keys(orders: Orders) -> list[str]:
    """One sort key of a reaction that the target accepts, where there is any."""
    keys = dict.fromkeys(found.order.key for found in orders)
    return [key for key in keys if orders.limits.reaction_of(key)][:1]


def bounded(page: Listed, limits: Limits) -> None:
    """A page that was given at all is no longer than the limit."""
    size = len(page.messages) if page.accepted else 0
    summary = "a page holds more messages than the limit"
    shown = {"expected": f"at most {limits.page_size}", "actual": str(size), "at": "/messages"}
    holds(size <= limits.page_size, summary, rule="LIST-3", on=page, **shown)


def not_taken(page: Listed, what: str, *, rule: str) -> None:
    """A wrong parameter is refused. Where it breaks the server (5xx), that is HTTP-1's matter."""
    outcome = page.exchange.outcome()
    summary = f"{what} was not refused"
    right = page.refused or page.status >= 500
    holds(right, summary, expected="a 4xx status", actual=outcome, on=page, rule=rule)


@requirement("LIST-4")
def test_take_and_skip_have_their_documented_defaults(
    corpus: Corpus, limits: Limits, orders: Orders
) -> None:
    """What is left out means what the document's default for it means, written out.

    Whatever else is given: nobody who sorts by pins asks for another length.
    """
    viewer = corpus.viewer
    # What the last list on this connection was asked for does not stand for what is left out now.
    other = viewer.list(skip=3, take=limits.page_min, sort=limits.pinned_key, ascending=False)
    whole, no_take = viewer.list(), viewer.list(skip=limits.skip_default)
    no_skip = viewer.list(take=limits.page_default)
    sorted_ones = [
        viewer.list(sort=key, ascending=False)
        for key in (limits.created_key, limits.pinned_key, *reaction_keys(orders))
    ]
    for page in (whole, no_take, *sorted_ones, *_later(viewer, limits)):
        summary, on = "without Take the page has another length", (other, page)
        equal(len(page.messages), limits.page_default, summary, on=on, at="/messages")
    as_written(viewer, whole, no_take)
    if no_skip.accepted:
        as_written(viewer, no_skip, no_take)


def _later(viewer: Participant, limits: Limits) -> Iterator[Listed]:
    """Pages behind a Skip without a Take, where one with the default written out is a full one."""
    size = limits.page_default
    for skip, key in ((1, limits.created_key), (limits.page_size // 2, limits.pinned_key)):
        written = viewer.list(skip=skip, take=size, sort=key)
        if written.accepted and len(written.messages) == size:
            yield viewer.list(skip=skip, sort=None if key == limits.created_key else key)


def as_written(viewer: Participant, other: Listed, page: Listed) -> None:
    """Without Skip the page starts as the one that has the default written out."""
    size = min(len(other.ids), len(page.ids))
    right = other.ids[:size] == page.ids[:size]
    if not right and viewer.list(skip=viewer.contract.limits.skip_default).ids != page.ids:
        # Ties that change places from one request to the next are LIST-8's matter.
        return
    holds(
        right,
        "without Skip the page starts elsewhere",
        expected=f"the messages from {brief(page.ids[:1])} on",
        actual=f"the messages from {brief(other.ids[:1])} on",
        on=(page, other),
        at="/messages",
    )


@requirement("LIST-5")
def test_a_take_in_range_gives_so_many_messages(
    corpus: Corpus, limits: Limits, orders: Orders
) -> None:
    """Every Take from the least to the most gives so many messages, or what is left."""
    low, high = limits.page_min, limits.page_size
    for take in sorted({low, min(low + 1, high), max(high // 2 + 1, low), max(high - 1, low)}):
        filled(corpus.viewer.list(take=take), take, f"Take={take}")
    filled(corpus.people[0].list(take=high, skip=1), high, f"Take={high}")
    by_pins = corpus.viewer.list(take=low, sort=limits.pinned_key, ascending=False)
    filled(by_pins, low, f"Take={low} sorted by pins")
    if high > orders.take:
        filled(corpus.viewer.list(take=high), high, f"Take={high}")
    for walked in orders:
        if walked.order.take <= len(orders.messages):
            filled(walked.pages[0], walked.order.take, f"Take={walked.order.take}, {walked.order},")
    what_is_left(orders)


def what_is_left(orders: Orders) -> None:
    """Near the end a page has what is left."""
    viewer, key, take = orders.viewer, orders.limits.created_key, orders.take
    known, total = orders.of(key, True), viewer.list().total
    for left in (1, take - 1) if orders.sound else ():
        page = viewer.list(skip=total - left, take=take, sort=key, ascending=True)
        place = known.slice(total - left, 1) if known else []
        # Where the total is wrong (LIST-2) or the page starts elsewhere (LIST-7), none can tell.
        if total == len(orders.messages) and page.accepted and page.ids[:1] == place:
            filled(page, left, "Take beyond what is left")


def filled(page: Listed, size: int, what: str) -> None:
    if holds(
        page.accepted,
        f"{what} was not accepted",
        expected="200",
        actual=page.exchange.outcome(),
        on=page,
    ):
        summary = f"{what} gave another number of messages"
        equal(len(page.messages), size, summary, on=page, at="/messages")


# -- Skip ------------------------------------------------------------------------------------------


@requirement("LIST-7")
def test_skip_leaves_out_the_first_messages_of_the_same_order(orders: Orders) -> None:
    """Skip = n gives the list without its first n messages, at whatever n the page starts."""
    viewer, size = orders.viewer, orders.take
    whole = walk(viewer, Order(orders.limits.created_key, True, size))
    middles = [number * size + size // 2 for number in range(3)]
    for skip in sorted({1, size - 1, size + 1, *middles, len(whole.ids) - 1}):
        if skip > 0:
            starts_at(viewer, whole, skip)
    default, page = viewer.list(), viewer.list(skip=size // 2)
    if accepted(page) and default.accepted:
        follows(page, default.ids[size // 2 :], size // 2, "without Take", on=(default, page))
    # The same two numbers with their parts exchanged, which a cache may take for the same.
    few, many = size // 4 or 1, size // 2 + 1
    twin = starts_at(viewer, whole, few, take=many)
    starts_at(viewer, whole, many, take=few, after=(twin,))


@requirement("LIST-7")
def test_skip_leaves_out_the_first_messages_under_other_orders(
    corpus: Corpus, limits: Limits, orders: Orders
) -> None:
    """Skip goes by the order asked for: by pins, by reactions, newest first."""
    for key in (limits.created_key, limits.pinned_key, *reaction_keys(orders)):
        if orders.of(key, False):
            whole = beginning(corpus.people[0], Order(key, False, orders.take), pages=2)
            starts_at(corpus.people[0], whole, orders.take - 1)


def starts_at(
    viewer: Participant, whole: Walk, skip: int, *, take: int = 0, after: tuple[Listed, ...] = ()
) -> Listed:
    """A page as long as those of the walk, unless ``take`` says otherwise; ``after`` came before.

    Gives the page.
    """
    order = whole.order
    size = take or order.take
    page = viewer.list(skip=skip, take=size, sort=order.key, ascending=order.ascending)
    if accepted(page) and whole.broken is None:
        expected = whole.slice(skip, size)
        follows(page, expected, skip, str(order), on=(*whole.pages[:2], *after, page))
    return page


def follows(page: Listed, expected: list[str], skip: int, how: str, *, on: On) -> None:
    """A page starts with the messages that follow those left out."""
    # A page that is too short is LIST-5's matter.
    given = page.ids[: len(expected)]
    expected = expected[: max(1, len(given))]
    actual = f"Skip={skip}: other messages from the page's place {_differs(given, expected)} on"
    summary = f"{how}, Skip does not leave out exactly the first messages"
    whole = f"Skip={skip}: the messages from number {skip + 1} on"
    holds(given == expected, summary, expected=whole, actual=actual, on=on, at="/messages")


def _differs(given: list[str], expected: list[str]) -> int:
    pairs = enumerate(zip(given, expected, strict=False), 1)
    return next((place for place, (one, other) in pairs if one != other), len(given) + 1)


@requirement("LIST-7")
def test_a_skip_past_the_end_gives_an_empty_page(corpus: Corpus, orders: Orders) -> None:
    """Past the end the page is empty and totalCount is what it was, however far past."""
    viewer, size = orders.viewer, orders.take
    total = viewer.list().total
    end, last = max(total, len(orders.messages)), INT32 - 1
    for skip in dict.fromkeys((end, end + size, max(end, 9_999), last - size)):
        past_the_end(viewer.list(skip=skip, take=size), total, skip)
    past_the_end(viewer.list(skip=last), total, last)
    key = orders.limits.pinned_key
    if orders.answer(key, False).accepted:
        reader = corpus.people[-1]
        first = reader.list(sort=key, ascending=False)
        page = reader.list(skip=last, take=size, sort=key, ascending=False)
        past_the_end(page, first.total, last)


def past_the_end(page: Listed, total: int, skip: int) -> None:
    far = "far past the end" if skip > 2 * total + 1_000 else "past the end"
    if not holds(
        page.accepted,
        f"a Skip {far} was not accepted",
        expected="200 and an empty page",
        actual=f"Skip={skip}: {page.exchange.outcome()}",
        on=page,
    ):
        return
    found = {"expected": "no messages", "actual": f"Skip={skip}: {len(page.messages)}"}
    holds(not page.messages, f"a Skip {far} gave messages", on=page, at="/messages", **found)
    equal(page.total, total, f"a Skip {far} changed totalCount", on=page, at="/totalCount")


# -- wrong values ----------------------------------------------------------------------------------


@requirement("LIST-9")
def test_a_parameter_of_the_wrong_type_or_value_is_refused(viewer: Participant) -> None:
    """No number, no boolean, no sort key: refused, rather than ignored.

    What an empty one gets is free, as long as it breaks nothing (HTTP-1).
    """
    wrong: dict[str, tuple[Any, ...]] = {
        "Skip": ("abc", "1.5", INT32, -1),
        "Take": ("abc", "1.5", INT32, "10abc", "99999999999999999999"),
        "Ascending": ("maybe", "tree"),
        "SortBy": (UNKNOWN_KEY, ":no_such_reaction:"),
    }
    for name, values in wrong.items():
        for value in values:
            not_taken(viewer.list_query([(name, str(value))]), f"{name}={value}", rule="LIST-9")
        viewer.list_query([(name, "")])


@requirement("LIST-9")
def test_a_value_spelled_otherwise_is_refused_or_means_the_same(
    corpus: Corpus, limits: Limits, orders: Orders
) -> None:
    """Lenient spellings are free; taken and then overlooked, they are unknown values."""
    created, pinned, size = limits.created_key, limits.pinned_key, orders.take
    newest = orders.viewer.list(take=size, sort=created, ascending=False)
    first = orders.viewer.list(take=size, sort=pinned, ascending=False)
    tries = [(newest, created, word) for word in ("FALSE", "0")]
    tries += [(first, key, "false") for key in (pinned.lower(), pinned.upper()) if key != pinned]
    for right, key, word in tries:
        if not right.accepted:
            continue
        given = [("Take", str(size)), ("SortBy", key), ("Ascending", word)]
        answer = orders.viewer.list_query(given)
        holds(
            not answer.accepted or _marks(answer, right is first) == _marks(right, right is first),
            f"SortBy={key} and Ascending={word} are accepted and mean something else",
            expected="refused, or the order of what it is a spelling of",
            actual="another order",
            on=(right, answer),
        )


def _marks(page: Listed, by_pin: bool) -> list[str]:
    """What the order goes by, of each message: equal ones may change places."""
    return [str(one.pin is not None) if by_pin else one.created for one in page.messages]
