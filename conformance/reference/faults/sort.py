"""Faults in the order of the list (SORT)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from conformance.model import Fresh, Message, Page, Person, Query, Session, Step
from conformance.reference.parsing import Invalid
from conformance.reference.registry import fault
from conformance.reference.server import Server

Key = Callable[[Message], tuple[int, datetime]]


class Ordered(Server):
    """Tells the three kinds of sort keys apart."""

    def by_time(self, sort: str) -> bool:
        return sort == self.limits.created_key

    def by_pin(self, sort: str) -> bool:
        return sort == self.limits.pinned_key

    def by_reaction(self, sort: str) -> bool:
        return self.limits.reaction_of(sort) is not None


# -- defaults --------------------------------------------------------------------------------------


@fault("sort-newest-first-by-default", "SORT-1", "STATE-3")
class NewestFirstByDefault(Server):
    """Without Ascending the newest comes first."""

    def ascending(self, raw: str | None) -> bool:
        return super().ascending(raw) if raw is not None else False


@fault("sort-pinned-by-default", "SORT-1", "STATE-3")
class PinnedByDefault(Server):
    """Without SortBy the list goes by pins."""

    def sort_by(self, raw: str | None) -> str:
        return super().sort_by(raw) if raw is not None else self.limits.pinned_key


# -- by time ---------------------------------------------------------------------------------------


@fault("sort-by-id", "SORT-2", "SORT-1", "SORT-3", "SORT-10", "STATE-3")
class ById(Ordered):
    """The list goes by the ids of the messages, and these are random."""

    def page(self, session: Session, query: Query) -> Page:
        if not self.by_time(query.sort):
            return super().page(session, query)
        ordered = sorted(session.messages, key=lambda one: one.id, reverse=not query.ascending)
        return Page(len(ordered), tuple(ordered[query.skip : query.skip + query.take]))


@fault("sort-numbers-as-text", "SORT-2", "SORT-1", "SORT-3", "SORT-10", "STATE-3")
class NumbersAsText(Ordered):
    """The list goes by a running number in a text column: 10 comes before 9."""

    def page(self, session: Session, query: Query) -> Page:
        if not self.by_time(query.sort):
            return super().page(session, query)
        numbered = sorted(enumerate(session.messages, 1), key=lambda pair: str(pair[0]))
        ordered = [message for _, message in numbered]
        if not query.ascending:
            ordered.reverse()
        return Page(len(ordered), tuple(ordered[query.skip : query.skip + query.take]))


@fault("sort-by-sender", "SORT-2", "SORT-1", "SORT-3", "SORT-10", "STATE-3")
class BySender(Ordered):
    """Messages are grouped by their senders before they go by time."""

    def sort_key(self, sort: str) -> Key:
        if not self.by_time(sort):
            return super().sort_key(sort)
        senders = {person.id: rank for rank, person in enumerate(self.people.values())}
        return lambda message: (senders[message.sender.id], message.created)


@fault("sort-by-activity", "SORT-2", "SORT-1", "SORT-3", "SORT-10", "STATE-3")
class ByActivity(Ordered):
    """A reaction moves its message to the end: the list goes by the last change."""

    def set_up(self) -> None:
        self.changed: dict[str, datetime] = {}
        super().set_up()

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        step = super().react(session, caller, chat, name, fresh)
        if not step.refusal:
            self.changed[chat] = fresh.now
        return step

    def sort_key(self, sort: str) -> Key:
        if not self.by_time(sort):
            return super().sort_key(sort)
        return lambda message: (0, self.changed.get(message.id, message.created))


@fault("sort-pinned-always-first", "SORT-2", "SORT-1", "SORT-3", "SORT-10", "STATE-3")
class PinnedAlwaysFirst(Ordered):
    """Pinned messages stand before all others, whatever the sort key."""

    def page(self, session: Session, query: Query) -> Page:
        if not self.by_time(query.sort):
            return super().page(session, query)
        pinned = sorted(session.messages, key=self.sort_key(query.sort))
        if not query.ascending:
            pinned.reverse()
        ordered = sorted(pinned, key=lambda one: one.pin is None)
        return Page(len(ordered), tuple(ordered[query.skip : query.skip + query.take]))


# -- direction -------------------------------------------------------------------------------------


class OneWay(Ordered, ABC):
    """Ascends under some keys, whatever the direction."""

    @abstractmethod
    def stuck(self, sort: str) -> bool: ...

    def page(self, session: Session, query: Query) -> Page:
        ascending = query.ascending or self.stuck(query.sort)
        return super().page(session, replace(query, ascending=ascending))


@fault("sort-direction-ignored", "SORT-3", "SORT-4", "SORT-6", "SORT-7", "SORT-10")
class DirectionIgnored(OneWay):
    """Ascending=false is ignored."""

    def stuck(self, sort: str) -> bool:
        return True


@fault("sort-time-one-way", "SORT-3", "SORT-10")
class TimeOneWay(OneWay):
    """Ascending=false is ignored for CreatedAt."""

    def stuck(self, sort: str) -> bool:
        return self.by_time(sort)


@fault("sort-pins-one-way", "SORT-4", "SORT-10")
class PinsOneWay(OneWay):
    """Ascending=false is ignored for Pinned."""

    def stuck(self, sort: str) -> bool:
        return self.by_pin(sort)


@fault("sort-reactions-one-way", "SORT-6", "SORT-7", "SORT-10")
class ReactionsOneWay(OneWay):
    """Ascending=false is ignored for reactions."""

    def stuck(self, sort: str) -> bool:
        return self.by_reaction(sort)


# -- by pins and reactions -------------------------------------------------------------------------


class Ranked(Ordered):
    """Ranks messages under reaction keys in a way of its own."""

    def rank(self, message: Message, name: str) -> int:
        return message.count(name)

    def sort_key(self, sort: str) -> Key:
        name = self.limits.reaction_of(sort)
        if name is None:
            return super().sort_key(sort)
        return lambda message: (self.rank(message, name), message.created)


@fault("sort-pins-ignored", "SORT-4", "SORT-10")
class PinsIgnored(Ordered):
    """Pinned as a sort key is accepted and has no effect."""

    def sort_key(self, sort: str) -> Key:
        return super().sort_key(self.limits.created_key if self.by_pin(sort) else sort)


@fault("sort-pins-of-host-only", "SORT-4", "SORT-10")
class PinsOfHostOnly(Ordered):
    """Sorted by pins, a pinned message of a member counts as not pinned."""

    def sort_key(self, sort: str) -> Key:
        if not self.by_pin(sort):
            return super().sort_key(sort)
        return lambda one: (int(one.pin is not None and one.sender.host), one.created)


@fault("sort-pins-once-pinned", "SORT-4", "SORT-10")
class PinsOncePinned(Ordered):
    """Sorted by pins, a message that was unpinned still stands among the pinned."""

    def set_up(self) -> None:
        self.once: set[str] = set()
        super().set_up()

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        step = super().pin(session, caller, chat, fresh)
        if not step.refusal:
            self.once.add(chat)
        return step

    def sort_key(self, sort: str) -> Key:
        if not self.by_pin(sort):
            return super().sort_key(sort)
        return lambda message: (int(message.id in self.once), message.created)


@fault("sort-by-either-reaction", "SORT-6", "SORT-7", "SORT-10")
class ByEitherReaction(Ranked):
    """Sorting by a reaction counts both."""

    def rank(self, message: Message, name: str) -> int:
        return len(message.reactions)


@fault("sort-second-reaction-as-first", "SORT-6", "SORT-7", "SORT-10")
class SecondAsFirst(Ranked):
    """Sorting by the second reaction sorts by the first."""

    def rank(self, message: Message, name: str) -> int:
        return super().rank(message, self.limits.reactions[0])


@fault("sort-by-having-reaction", "SORT-7", "SORT-10")
class ByHaving(Ranked):
    """Sorting by a reaction tells none from some, and not one from two."""

    def rank(self, message: Message, name: str) -> int:
        return min(1, super().rank(message, name))


@fault("sort-fewest-reactions-last", "SORT-7", "SORT-10")
class FewestLast(Ranked):
    """Among messages with a reaction, fewer count as more."""

    def rank(self, message: Message, name: str) -> int:
        count = super().rank(message, name)
        return 1_000_000 - count if count else 0


@fault("sort-by-stale-counter", "SORT-6", "SORT-7", "SORT-10")
class ByStaleCounter(Ranked):
    """Sorting by a reaction uses a counter that taking it back does not lower."""

    def set_up(self) -> None:
        self.counter: Counter[tuple[str, str]] = Counter()
        super().set_up()

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        step = super().react(session, caller, chat, name, fresh)
        if step.id == fresh.id:
            self.counter[chat, name] += 1
        return step

    def rank(self, message: Message, name: str) -> int:
        return self.counter[message.id, name]


@fault("sort-counter-kept-by-host", "SORT-6", "SORT-7", "SORT-10")
class CounterKeptByHost(Ranked):
    """Sorting by a reaction uses a counter that a removal by the host does not lower."""

    def set_up(self) -> None:
        self.kept: Counter[tuple[str, str]] = Counter()
        super().set_up()

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        step, message = super().unreact(session, caller, chat, reaction_id), session.find(chat)
        for one in message.reactions if message and not step.refusal else ():
            if one.id == reaction_id and one.by != caller.id:
                self.kept[chat, one.name] += 1
        return step

    def rank(self, message: Message, name: str) -> int:
        return message.count(name) + self.kept[message.id, name]


# -- which messages are listed ---------------------------------------------------------------------


@fault("sort-pinned-only", "SORT-9", "SORT-4", "LIST-5", "LIST-7", "LIST-8")
class PinnedOnly(Ordered):
    """Sorted by pins, the list leaves out what is not pinned: the join is an inner one."""

    def page(self, session: Session, query: Query) -> Page:
        if not self.by_pin(query.sort):
            return super().page(session, query)
        pinned = Session(tuple(message for message in session.messages if message.pin))
        return super().page(pinned, query)._replace(total=len(session.messages))


@fault("sort-reacted-only", "SORT-9", "LIST-2", "LIST-5", "LIST-7", "LIST-8")
class ReactedOnly(Ordered):
    """Sorted by a reaction, messages without it are neither listed nor counted."""

    def page(self, session: Session, query: Query) -> Page:
        name = self.limits.reaction_of(query.sort)
        held = (one for one in session.messages if name is None or one.count(name))
        return super().page(Session(tuple(held)), query)


@fault("sort-row-per-reaction", "SORT-9", "LIST-7", "LIST-8")
class RowPerReaction(Ordered):
    """Sorted by a reaction, a message is listed once for each who reacted so."""

    def page(self, session: Session, query: Query) -> Page:
        name = self.limits.reaction_of(query.sort)
        if name is None:
            return super().page(session, query)
        rows = (one for one in session.messages for _ in range(max(1, one.count(name))))
        return super().page(Session(tuple(rows)), query)._replace(total=len(session.messages))


@fault("sort-hides-other-reaction", "SORT-9")
class HidesOtherReaction(Ordered):
    """Sorted by a reaction, the list does not show the other one."""

    def page(self, session: Session, query: Query) -> Page:
        page, name = super().page(session, query), self.limits.reaction_of(query.sort)
        if name is None:
            return page
        kept = (
            replace(one, reactions=tuple(held for held in one.reactions if held.name == name))
            for one in page.messages
        )
        return page._replace(messages=tuple(kept))


@fault("sort-second-reaction-refused", "SORT-6")
class SecondRefused(Server):
    """The second reaction is no sort key, in any spelling."""

    def sort_by(self, raw: str | None) -> str:
        if raw and self.limits.reaction_of(raw) == self.limits.reactions[-1]:
            raise Invalid("SortBy has to be another field.")
        return super().sort_by(raw)


@fault("sort-other-case-ignored", "LIST-9")
class OtherCaseIgnored(Server):
    """Sort keys in another letter case pass the check, and are overlooked then."""

    def sort_by(self, raw: str | None) -> str:
        known = {key.lower(): key for key in self.limits.sort_keys}
        if raw is None or raw in known.values() or raw.lower() not in known:
            return super().sort_by(raw)
        return self.limits.sort_default


@fault("sort-false-in-capitals-ignored", "LIST-9")
class FalseInCapitalsIgnored(Server):
    """Ascending is read in any letter case, and compared with "false"."""

    def ascending(self, raw: str | None) -> bool:
        return super().ascending(raw) if raw in (None, "true", "false") else True
