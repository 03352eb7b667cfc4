"""The checks that the scenarios of SORT share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.client import Shown
from conformance.contract import Limits
from conformance.expect import holds
from conformance.suite.orders import ends, misplaced
from conformance.suite.walks import Orders, Walk

Rank = Callable[[Shown], Any]


def instant(shown: Shown) -> Any:
    return shown.instant


def is_pinned(shown: Shown) -> bool:
    return shown.pin is not None


def counter(limits: Limits, reaction: str) -> Callable[[Shown], int]:
    """How many gave a message this reaction, as it shows; ``users`` where it has that."""
    names = {reaction, *limits.spellings(reaction)}
    return lambda shown: len(shown.users(names)) or shown.count(names)


def agrees(limits: Limits, reaction: str) -> Callable[[Shown], bool]:
    """Whether a message's ``count`` and ``users`` agree; if not, that is LIST-12's matter."""
    names = {reaction, *limits.spellings(reaction)}
    return lambda shown: 0 < shown.count(names) == counter(limits, reaction)(shown)


def ranks(walk: Walk, rank: Callable[[Shown], Any]) -> list[Any]:
    return [rank(message) for message in walk.messages]


def answered(orders: Orders, key: str, ascending: bool, rule: str | None = None) -> bool:
    """Whether the target takes the sort key, which is a check of its own."""
    answer = orders.answer(key, ascending)
    return holds(
        answer.accepted,
        f"SortBy={key} was not accepted",
        expected="200",
        actual=answer.exchange.outcome(),
        on=answer,
        rule=rule,
    )


def both(orders: Orders, key: str) -> tuple[Walk, Walk]:
    """An order that the target accepts, ascending and descending."""
    up, down = orders.of(key, True), orders.of(key, False)
    assert up
    assert down
    return up, down


def sorted_by(
    walk: Walk,
    rank: Rank,
    what: str,
    has: Rank = lambda shown: True,
    *,
    rule: str | None = None,
) -> None:
    """The ranks of those that have something never fall ascending and never rise descending."""
    ascending, found = walk.order.ascending, ""
    place = 0
    for part in parts(walk):
        chosen = [one for one in part if has(walk.messages[one])]
        values = [rank(walk.messages[one]) for one in chosen]
        wrong = misplaced(values, ascending)
        if wrong is not None and not found:
            place = chosen[wrong]
            found = f"{values[wrong - 1]}, then {values[wrong]}, at place {place}"
    move = "falls" if ascending else "rises"
    holds(
        not found,
        f"{walk.order}, {what} {move} from one message to the next",
        expected=f"{what} never {move}",
        actual=found,
        on=walk.between(place) if found else (),
        at=walk.messages[place].pointer() if found else "",
        rule=rule,
    )


def parts(walk: Walk) -> list[range]:
    """The places to be judged together: all, or those of each page where pages overlap (LIST-8)."""
    size = len(walk.ids)
    if not walk.repeats:
        return [range(size)]
    stops = [*walk.starts[1:], size]
    return [range(start, stop) for start, stop in zip(walk.starts, stops, strict=True)]


def gathered(walk: Walk, has: Rank, what: str) -> frozenset[str]:
    """The ends at which those that have something stand together, which has to be one at least.

    None also where the walk does not tell: it has no message with it, or none without.
    """
    having = [bool(has(message)) for message in walk.messages]
    groups, place = 0, 0
    for part in parts(walk):
        turns = [one for one in part[1:] if having[one] != having[one - 1]]
        if len(turns) > 1 and not groups:
            groups, place = len(turns) + 1, turns[1]
    holds(
        not groups,
        f"{walk.order}, {what} do not stand together at one end",
        expected="one group of those that have it and one of the others",
        actual=f"{groups} groups in turn",
        on=walk.between(place) if groups else walk.pages[:2],
        at=walk.messages[place].pointer() if groups else "",
    )
    found = ends(having)
    return found if len(found) == 1 else frozenset()
