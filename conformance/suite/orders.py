"""What an order has to keep, as functions of what its messages rank by.

A rank is whatever the key looks at: an instant, whether there is a pin, how many reactions. Only
ranks are compared, never ids: messages of equal rank may stand in any order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

FIRST, LAST = "first", "last"


def ends(having: Sequence[bool]) -> frozenset[str]:
    """The ends at which all that have something stand together; none where they do not.

    Where all or none have it, that is both.
    """
    count = sum(having)
    found = {FIRST} if all(having[:count]) else set()
    return frozenset(found | ({LAST} if all(having[len(having) - count :]) else set()))


def misplaced(ranks: Sequence[Any], ascending: bool) -> int | None:
    """The first place whose rank is out of order after the one before it, if there is one."""
    for place in range(1, len(ranks)):
        before, here = ranks[place - 1], ranks[place]
        if here < before if ascending else here > before:
            return place
    return None


def turned(ascending: Sequence[int], descending: Sequence[int]) -> bool:
    """Whether turning the direction of an order by counts turns it, in one of two ways (SORT-6).

    Messages without the reaction may count as zero, so that they change ends, or always stand
    last; then the counts of the others are reversed.
    """
    up, down = (ends([count > 0 for count in counts]) for counts in (ascending, descending))
    if any(one != other for one in up for other in down):
        return True
    always_last = FIRST in up and FIRST in down
    return always_last and [*filter(None, ascending)] == [*filter(None, descending)][::-1]


def sorted_by_page(pages: Sequence[Sequence[Any]], ascending: bool) -> bool:
    """Whether each page is in order by itself, and more than one shows it, but not the whole.

    A list that is not sorted at all is another matter, and not what is asked here.
    """
    whole = [rank for page in pages for rank in page]
    mixed = sum(len(set(page)) > 1 for page in pages)
    each = all(misplaced(page, ascending) is None for page in pages)
    return mixed > 1 and each and misplaced(whole, ascending) is not None
