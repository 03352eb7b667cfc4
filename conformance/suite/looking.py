"""What the message list shows of a sequence's messages, read with few requests, and its order."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from conformance.client import Listed, Participant, Shown
from conformance.contract import Limits
from conformance.model import Session
from conformance.oracle import Seen, shown
from conformance.views import Snapshot, snapshot


@dataclass
class Sight:
    """What one person was shown."""

    viewer: Participant
    pages: list[Listed] = field(default_factory=list)
    messages: list[Shown] = field(default_factory=list)

    def add(self, page: Listed) -> list[Shown]:
        found = page.messages
        self.pages.append(page)
        self.messages += found
        return found

    @property
    def total(self) -> int:
        return self.pages[-1].total

    @property
    def ids(self) -> list[str]:
        return [message.id for message in self.messages]

    def snapshots(self, of: Collection[str]) -> dict[str, Snapshot]:
        return {one.id: snapshot(self.viewer, one) for one in self.messages if one.id in of}


def newest(viewer: Participant, wanted: Collection[str]) -> Sight:
    """Pages from the newest on until all that is wanted was met.

    Stamps may be equal, and Ascending may be broken (SORT-3): what is missing is looked for once
    more, on every page of the default order.
    """
    limits, sight = viewer.contract.limits, Sight(viewer)
    missing = set(wanted)
    while True:
        skip = len(sight.messages) or None
        page = viewer.list(skip=skip, sort=limits.created_key, ascending=False)
        missing -= {message.id for message in sight.add(page)}
        if not missing or len(sight.messages) >= page.total or not page.messages:
            break
    if missing and len(sight.pages) > 1:
        known = set(sight.ids)
        more = viewer.walk()
        sight.messages += [one for one in more if one.id not in known]
        sight.pages += [more[-1].page] if more else []
    return sight


def agreeing(states: set[Session], total: int, sight: Sight, own: Collection[str]) -> set[Session]:
    """Those of ``states`` that a list may show so. ``total`` counts the messages of others."""
    seen = sight.snapshots(own)
    kept = set[Session]()
    for state in states:
        if any(page.total != total + len(state.messages) for page in sight.pages):
            continue
        if any(state.find(chat) is None for chat in seen):
            continue
        kept |= _shown(state, seen)
    return kept


def _shown(state: Session, seen: dict[str, Snapshot]) -> set[Session]:
    possible = {state}
    for message in state.messages:
        one = seen.get(message.id)
        looks = Seen(one.pin, one.reactions) if one else None
        possible = {after for old in possible for after in shown(old, message.id, looks)}
    return possible


# -- order -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Order:
    """A way to list; ``None`` is the target's default."""

    sort: str | None
    ascending: bool | None

    def query(self) -> dict[str, object]:
        return {"sort": self.sort, "ascending": self.ascending}


def orders(limits: Limits) -> list[Order]:
    named = (Order(key, way) for key in limits.sort_keys for way in (True, False))
    return [Order(None, None), *named]


def out_of_order(limits: Limits, order: Order, messages: Sequence[Shown]) -> tuple[str, str] | None:
    """The requirement that messages in a row of this order break, and how."""
    key = order.sort or limits.sort_default
    ascending = limits.ascending_default if order.ascending is None else order.ascending
    if key == limits.created_key:
        stamps = [message.instant for message in messages]
        if all(
            one <= other if ascending else one >= other for one, other in itertools.pairwise(stamps)
        ):
            return None
        rule = "SORT-1" if order.sort is None else "SORT-2" if ascending else "SORT-3"
        return rule, "messages are not in the order of their createdAt"
    if key == limits.pinned_key:
        if _together([message.pin is not None for message in messages]):
            return None
        return "SORT-4", "pinned messages do not stand together at one end"
    names = {key, limits.reaction_of(key) or key, *limits.spellings(limits.reaction_of(key) or key)}
    if _together([message.count(names) > 0 for message in messages]):
        return None
    return "SORT-6", "messages with a reaction do not stand together at one end"


def _together(flags: list[bool]) -> bool:
    """Whether those that have something are all at one end: there is one border at most."""
    return sum(one != other for one, other in itertools.pairwise(flags)) <= 1


def twice(ids: Sequence[str]) -> Iterator[str]:
    seen = set[str]()
    for id in ids:
        if id in seen:
            yield id
        seen.add(id)
