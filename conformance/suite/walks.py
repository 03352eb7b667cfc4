"""The corpus, and all else in the session, walked page by page under every order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from conformance.client import Listed, Participant, Shown
from conformance.contract import Limits
from conformance.evidence import Unjudged
from conformance.values import brief
from conformance.views import snapshot

UNKNOWN_KEY = "Nope"


@dataclass(frozen=True, slots=True)
class Order:
    """A sort key in one direction, and the size of the pages that it is read in."""

    key: str
    ascending: bool
    take: int

    def __str__(self) -> str:
        return f"sorted by {self.key} {'ascending' if self.ascending else 'descending'}"


@dataclass(frozen=True)
class Walk:
    """All pages of one order, one after the other."""

    order: Order
    pages: tuple[Listed, ...]
    broken: Listed | None = None
    """The answer that ended the walk early: no 200."""

    @cached_property
    def messages(self) -> list[Shown]:
        return [message for page in self.pages for message in page.messages]

    @cached_property
    def ids(self) -> list[str]:
        return [message.id for message in self.messages]

    @cached_property
    def starts(self) -> list[int]:
        """The place of each page's first message."""
        return [place for place, shown in enumerate(self.messages) if shown.index == 0]

    @cached_property
    def repeats(self) -> bool:
        """Whether pages overlap (LIST-8); then only each by itself tells of its order."""
        return len(set(self.ids)) < len(self.ids)

    def slice(self, skip: int, most: int) -> list[str]:
        return self.ids[skip : skip + most]

    def between(self, place: int) -> tuple[Listed, ...]:
        """The pages of the message at ``place`` and of the one before it."""
        shown = self.messages
        return tuple(dict.fromkeys((shown[max(0, place - 1)].page, shown[place].page)))


def walk(viewer: Participant, order: Order) -> Walk:
    """Read an order to its end.

    ``totalCount`` alone never ends it, nor does a short page alone, since either may be what is
    wrong; a page that brings nothing new does, so that every walk ends.
    """
    pages: list[Listed] = []
    count, known = 0, set[str]()
    while True:
        page = viewer.list(skip=count, take=order.take, sort=order.key, ascending=order.ascending)
        if not page.accepted:
            return Walk(order, tuple(pages), page)
        ids = page.ids
        if set(ids) <= known:
            return Walk(order, (*pages, page) if ids or not pages else tuple(pages))
        pages.append(page)
        count, known = count + len(ids), known | set(ids)
        total = page.body().get("totalCount")
        if len(ids) < order.take and isinstance(total, int) and count >= total:
            return Walk(order, tuple(pages))


def beginning(viewer: Participant, order: Order, pages: int) -> Walk:
    """The first pages of an order."""
    found: list[Listed] = []
    for _ in range(pages):
        skip = sum(len(page.ids) for page in found)
        page = viewer.list(skip=skip, take=order.take, sort=order.key, ascending=order.ascending)
        if not page.accepted:
            return Walk(order, tuple(found), page)
        found.append(page)
    return Walk(order, tuple(found))


@dataclass(frozen=True)
class Orders:
    """Every order of the document, walked while nothing else happened."""

    limits: Limits
    viewer: Participant
    take: int
    """The size of the full pages: the largest, unless the target refuses that (LIST-5)."""
    walks: Mapping[Order, Walk]
    refused: Mapping[Order, Listed]
    """Orders that the target did not answer with 200."""
    unknown: Listed
    """What a sort key that nobody documented gets."""
    messages: Mapping[str, Shown] = field(repr=False)
    """Every message that any order shows, by its id."""

    def __iter__(self) -> Iterator[Walk]:
        return iter(self.walks.values())

    def of(self, key: str, ascending: bool) -> Walk | None:
        """The walk of an order in full pages, where the target accepts its key."""
        return self.walks.get(Order(key, ascending, self.take))

    @property
    def sound(self) -> bool:
        """Whether the walks by time show the same messages from both sides, each once (LIST-8).

        If not, it is Skip that goes astray, and what stands where cannot be told by it.
        """
        walks = [self.of(self.limits.created_key, ascending) for ascending in (True, False)]
        found = [walk for walk in walks if walk and not walk.repeats and not walk.broken]
        return len(found) == 2 and set(found[0].ids) == set(found[1].ids)

    def every(self, key: str) -> list[Walk]:
        return [walk for walk in self if walk.order.key == key]

    def answer(self, key: str, ascending: bool) -> Listed:
        """The first answer that an order got."""
        order = Order(key, ascending, self.take)
        return self.walks[order].pages[0] if order in self.walks else self.refused[order]


def survey(viewer: Participant) -> Orders:
    """Walk every key in both directions; raises :class:`Unjudged` where somebody else writes."""
    limits = viewer.contract.limits
    keys = dict.fromkeys((limits.created_key, *limits.sort_keys))
    full = limits.page_size
    if viewer.list(take=full).refused and viewer.list(take=full - 1).accepted:
        full -= 1
    walks: dict[Order, Walk] = {}
    refused: dict[Order, Listed] = {}

    def read(key: str, ascending: bool, take: int) -> None:
        found = walk(viewer, Order(key, ascending, take))
        if found.pages:
            walks[found.order] = found
        elif found.broken:
            refused[found.order] = found.broken

    for key in keys:
        for ascending in (False, True):
            read(key, ascending, full)
    read(limits.pinned_key, False, _odd_size(limits))
    unknown = viewer.list(sort=UNKNOWN_KEY)
    messages: dict[str, Shown] = {}
    for found in walks.values():
        for message in found.messages:
            messages.setdefault(message.id, message)
    orders = Orders(limits, viewer, full, walks, refused, unknown, messages)
    _require_quiet(orders)
    return orders


def _odd_size(limits: Limits) -> int:
    """A page size that divides no full page."""
    return max(limits.page_min, limits.page_size * 2 // 3, 1)


def _require_quiet(orders: Orders) -> None:
    key, viewer = orders.limits.created_key, orders.viewer
    before = orders.of(key, False)
    if before is None:
        return
    after = viewer.list(take=orders.take, sort=key, ascending=False)
    journal = viewer.journal
    strangers = [
        shown.id
        for shown in (after.messages if after.accepted else ())
        if shown.id not in orders.messages
        and shown.id not in journal.ids()
        and shown.text not in journal.texts()
    ]
    if strangers:
        raise Unjudged(f"another writer is at work in the session (message {strangers[0]!r})")


def unlike(viewer: Participant, one: Shown, other: Shown) -> list[str]:
    """The members in which a message is shown otherwise in one list than in another."""
    was, now = content(viewer, one), content(viewer, other)
    return [name for name in now if name in was and now[name] != was[name]]


def content(viewer: Participant, shown: Shown) -> dict[str, Any]:
    """All that a message shows, by member, in a form that two orders can be compared by.

    A time or sender that is not as documented is left out: that is LIST-1's matter.
    """
    reduced, user = snapshot(viewer, shown), shown.raw.get("user")
    reaction_of = viewer.contract.limits.reaction_of
    counts = {
        (reaction_of(str(one.get("name"))), brief(one.get("count")))
        for one in shown.reactions
        if one.get("count")
    }
    found: dict[str, Any] = {
        "message": reduced.text,
        "pinned": reduced.pin,
        "reactions": (reduced.reactions, frozenset(counts)),
    }
    if isinstance(reduced.created, datetime):
        found["createdAt"] = reduced.created
    if isinstance(user, dict) and isinstance(user.get("id"), str):
        found["user"] = (user["id"], user.get("name"))
    return found
