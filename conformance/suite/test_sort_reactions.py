"""SORT: the order of the list by reactions, in either spelling of their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from conformance.client import Listed, Participant, Shown
from conformance.contract import Limits
from conformance.evidence import current
from conformance.expect import holds, require_steady
from conformance.plugin import requirement
from conformance.suite.corpus import Corpus
from conformance.suite.orders import FIRST, ends, misplaced, turned
from conformance.suite.sorting import (
    agrees,
    both,
    counter,
    gathered,
    instant,
    ranks,
    sorted_by,
)
from conformance.suite.steps import counts
from conformance.suite.walks import Orders, Walk, unlike, walk
from conformance.views import look

Count = Callable[[Shown], int]


@requirement("SORT-6", "SORT-7", "SORT-8")
def test_each_reaction_is_a_sort_key(corpus: Corpus, orders: Orders) -> None:
    """Messages with the reaction stand together, by their counts, and turn with the direction."""
    for reaction in orders.limits.reactions:
        spellings = orders.limits.spellings(reaction)
        observe(orders, reaction)
        # A document may have reactions that are no sort keys.
        if spellings and a_key_is_accepted(orders, reaction):
            if as_given(corpus, orders, reaction):
                sorts(orders, reaction)
            else:
                reason = f"the list does not show {reaction} as it was given (REACT-3, LIST-12)"
                current().leave_open(reason, ("SORT-6", "SORT-7"))
    if not any(differ(orders, reaction) for reaction in orders.limits.reactions):
        current().leave_open("all messages have a reaction equally often", ("SORT-7",))


def differ(orders: Orders, reaction: str) -> bool:
    """Whether there are messages with one of a reaction and others with more."""
    count = counter(orders.limits, reaction)
    return len({count(message) for message in orders.messages.values()} - {0}) > 1


def as_given(corpus: Corpus, orders: Orders, reaction: str) -> bool:
    """Whether the messages of the corpus show what was accepted: else no order can be told."""
    shown = orders.messages
    return all(
        counts(shown[post.id], orders.limits, reaction, post.count(reaction))
        for post in corpus
        if post.id in shown
    )


def usable(orders: Orders, reaction: str) -> list[str]:
    """The spellings that the target accepts."""
    spellings = orders.limits.spellings(reaction)
    return [key for key in spellings if orders.of(key, True) and orders.of(key, False)]


def effective(orders: Orders, reaction: str) -> list[str]:
    """The accepted spellings without those that have no effect, unless none has any.

    A target may ignore unknown keys (LIST-9), so that an ignored spelling is one it does not know;
    one that it does know has to sort.
    """
    accepted, count = usable(orders, reaction), counter(orders.limits, reaction)
    return [key for key in accepted if not ignored(orders, key, count)] or accepted[:1]


def observe(orders: Orders, reaction: str) -> None:
    keys = usable(orders, reaction)
    answers = [orders.answer(key, True).exchange for key in orders.limits.spellings(reaction)]
    fact = f"{' and '.join(keys)} accepted" if keys else "no spelling accepted"
    current().observe(f"sort keys of {reaction}", fact, *answers, rule="SORT-8")


def a_key_is_accepted(orders: Orders, reaction: str) -> bool:
    answers = [orders.answer(key, True) for key in orders.limits.spellings(reaction)]
    return holds(
        bool(usable(orders, reaction)),
        f"{reaction} is no sort key in any spelling",
        expected=f"{' or '.join(orders.limits.spellings(reaction))} answered with 200",
        actual=", ".join(answer.exchange.outcome() for answer in answers),
        on=tuple(answers),
    )


def sorts(orders: Orders, reaction: str) -> None:
    count = counter(orders.limits, reaction)
    if {count(message) > 0 for message in orders.messages.values()} != {True, False}:
        reason = f"the list does not show both messages with {reaction} and without"
        current().leave_open(reason, ("SORT-6", "SORT-7"))
        return
    keys = effective(orders, reaction)
    for key in keys:
        directions = both(orders, key)
        for found in orders.every(key):
            grouped(found, orders.limits, reaction)
        turns_over(directions, count, reaction, key)
    if len(keys) > 1:
        mean_the_same(orders, keys, count, reaction)


def ignored(orders: Orders, key: str, count: Count) -> bool:
    """Whether a key has no effect on a target that gives any unknown key the order by time."""
    if not orders.unknown.accepted:
        return False
    pair = both(orders, key)
    by_time = all(
        misplaced(ranks(found, instant), True) is None
        or misplaced(ranks(found, instant), False) is None
        for found in pair
    )
    return by_time and not all(together(found, count) for found in pair)


def together(found: Walk, count: Count) -> bool:
    return len(ends([count(message) > 0 for message in found.messages])) == 1


def grouped(found: Walk, limits: Limits, reaction: str) -> None:
    """Those that have the reaction stand together (SORT-6), and by their counts (SORT-7)."""
    count = counter(limits, reaction)
    if gathered(found, count, f"messages with {reaction}"):
        certain = agrees(limits, reaction)
        sorted_by(found, count, f"the count of {reaction}", certain, rule="SORT-7")


def turns_over(pair: tuple[Walk, Walk], count: Count, reaction: str, key: str) -> None:
    up, down = pair
    if together(up, count) and together(down, count):
        holds(
            turned(ranks(up, count), ranks(down, count)),
            f"flipping the direction does not turn the order by {key}",
            expected=f"messages with {reaction} at the other end, or in reverse by counts",
            actual="both directions have them at the same end, and not in reverse",
            on=(up.pages[0], down.pages[0]),
        )


def mean_the_same(orders: Orders, keys: list[str], count: Count, reaction: str) -> None:
    """Spellings that are accepted both put the messages at the same end."""
    for ascending in (True, False):
        found = [walked for key in keys if (walked := orders.of(key, ascending))]
        ends_of = [ends([count(message) > 0 for message in one.messages]) for one in found]
        if all(ends_of):
            holds(
                len(set(ends_of)) == 1,
                f"the spellings of {reaction} sort in different ways",
                expected="the same order",
                actual=", ".join(
                    f"{one.order}: {'first' if FIRST in put else 'last'}"
                    for one, put in zip(found, ends_of, strict=True)
                ),
                on=tuple(one.pages[0] for one in found),
            )


@requirement("SORT-6", "SORT-7", "SORT-9")
def test_reactions_given_and_taken_back_move_their_message(
    corpus: Corpus, limits: Limits, orders: Orders
) -> None:
    """The order by a reaction follows the counts that are shown now."""
    for reaction in limits.reactions:
        for key in effective(orders, reaction)[:1]:
            order = both(orders, key)[1].order
            # An order that is kept at hand has to be made anew after each change.
            for _ in changes(corpus.people[0], corpus.people[-1], reaction):
                found = walk(corpus.viewer, order)
                grouped(found, limits, reaction)
                shows_the_same(corpus.viewer, found)
            return


def shows_the_same(viewer: Participant, found: Walk) -> None:
    """New messages show under this order what they show by time (SORT-9).

    What a second reading of the order has right is late (STATE-4), and not wrong.
    """
    newest = viewer.list(sort=viewer.contract.limits.created_key, ascending=False)
    odd = _otherwise(viewer, newest, found)
    if odd:
        odd = _otherwise(viewer, newest, walk(viewer, found.order))
    if odd:
        require_steady(look(viewer))
    holds(
        not odd,
        f"{found.order}, a message shows another {odd[0] if odd else ''} than by time",
        expected="the same content",
        actual=f"another {', '.join(odd)}",
        on=(newest, *found.pages[:1]),
        rule="SORT-9",
    )


def _otherwise(viewer: Participant, newest: Listed, found: Walk) -> list[str]:
    """The members of new messages that an order shows otherwise than the newest page."""
    pairs = ((newest.get(one), one) for one in found.messages)
    return [name for known, one in pairs if known for name in unlike(viewer, known, one)]


def changes(one: Participant, other: Participant, reaction: str) -> Iterator[None]:
    """Counts that a careless counter has wrong, each beside a message that has it right.

    The first of the people is the host, who removes what the other gave. That message was sent
    between two that keep theirs: equal ones stand by their time.
    """
    texts = (
        "taken back, then anew",
        "given twice",
        "removed",
        "given by two, kept by one",
        "never",
    )
    back, twice, removed, two, _ = (one.send(text) for text in texts)
    given = one.react(back, reaction)
    one.react(twice, reaction)
    one.react(two, reaction)
    by_other, to_remove = other.react(two, reaction), other.react(removed, reaction)
    yield
    if given.accepted:
        one.unreact(back, given)
    if by_other.accepted:
        other.unreact(two, by_other)
    if to_remove.accepted:
        one.unreact(removed, to_remove)
    yield
    one.react(twice, reaction)
    one.react(back, reaction)
    yield
