"""Faults in what holds between calls (STATE): refusals, reads, caches and who sees what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from conformance.model import (
    Fresh,
    Message,
    Page,
    Person,
    Query,
    Reaction,
    Refusal,
    Session,
    Step,
)
from conformance.reference.registry import fault
from conformance.reference.server import Server

# -- refusals that leave something behind ----------------------------------------------------------


@fault("state-refused-send-counted", "STATE-1", "LIST-2", "STATE-3")
class RefusedSendCounted(Server):
    """totalCount is raised before the text is checked: a text that is refused is counted."""

    def set_up(self) -> None:
        self.counted: list[str] = []
        super().set_up()

    def send(self, session: Session, caller: Person, text: str | None, fresh: Fresh) -> Step:
        step = super().send(session, caller, text, fresh)
        if step.refusal:
            self.counted.append(caller.session)
        return step

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        page = super().page_for(caller, session, query)
        return page._replace(total=page.total + self.counted.count(caller.session))


@fault("state-refused-reaction-clears", "STATE-1", "REACT-2", "REACT-11", "STATE-3")
class RefusedReactionClears(Server):
    """A reaction that is refused for its name has already taken the caller's others off."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        step, message = super().react(session, caller, chat, name, fresh), session.find(chat)
        if step.refusal is not Refusal.INVALID or message is None:
            return step
        kept = tuple(one for one in message.reactions if one.by != caller.id)
        return step._replace(session=session.put(replace(message, reactions=kept)))


@fault("state-refused-send-restores", "STATE-1", "STATE-3")
class RefusedSendRestores(Server):
    """A message that is refused rolls back too much: reactions that were taken back are there."""

    def set_up(self) -> None:
        self.removed: list[tuple[str, Reaction]] = []
        super().set_up()

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        step, message = super().unreact(session, caller, chat, reaction_id), session.find(chat)
        if message and not step.refusal:
            self.removed += [(chat, one) for one in message.reactions if one.id == reaction_id]
        return step

    def send(self, session: Session, caller: Person, text: str | None, fresh: Fresh) -> Step:
        step = super().send(session, caller, text, fresh)
        if not step.refusal:
            return step
        for chat, reaction in self.removed:
            message = session.find(chat)
            if message and not any(one.by == reaction.by for one in message.reactions):
                added = (*message.reactions, reaction)
                session = session.put(replace(message, reactions=added))
        return step._replace(session=session)


@fault("state-refused-pin-unpins", "STATE-1", "PIN-7", "STATE-3", "CONC-5")
class RefusedPinUnpins(Server):
    """A second pin is refused with 409, and the first is lost with it."""

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        message = session.find(chat)
        if message is None or message.pin is None or not self.may_pin(caller, message):
            return super().pin(session, caller, chat, fresh)
        return Step(session.put(replace(message, pin=None)), refusal=Refusal.CONFLICT)


@fault("state-refused-second-clears", "STATE-1", "STATE-3", "CONC-5")
class RefusedSecondClears(Server):
    """A participant's second reaction is refused with 409, and the first is lost with it."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        message = session.find(chat)
        own = [r for r in message.reactions if r.by == caller.id] if message else []
        if message is None or name not in self.limits.reactions or name in {r.name for r in own}:
            return super().react(session, caller, chat, name, fresh)
        if not own:
            return super().react(session, caller, chat, name, fresh)
        kept = tuple(one for one in message.reactions if one.by != caller.id)
        left = session.put(replace(message, reactions=kept))
        return Step(left, refusal=Refusal.CONFLICT)


@fault("state-refused-unpin-unpins", "STATE-1", "PIN-5", "PIN-6", "STATE-3", "CONC-5")
class RefusedUnpinUnpins(Server):
    """An unpin with an unknown pinId is answered 404 and takes the message's pin off."""

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        step, message = super().unpin(session, caller, chat, pin), session.find(chat)
        if step.refusal is not Refusal.UNKNOWN or message is None or not caller.host:
            return step
        return step._replace(session=session.put(replace(message, pin=None)))


# -- reads that change something -------------------------------------------------------------------


@fault("state-sort-sticks", "STATE-2", "SORT-1", "SORT-2", "SORT-3", "STATE-3")
class SortSticks(Server):
    """Sorting by another key leaves the messages in that order: they are sorted in place."""

    def set_up(self) -> None:
        self.orders: dict[str, list[str]] = {}
        super().set_up()

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        if query.sort != self.limits.created_key:
            everything = self.page(session, replace(query, skip=0, take=len(session.messages)))
            self.orders[caller.session] = [message.id for message in everything.messages]
            return super().page_for(caller, session, query)
        order = {chat: place for place, chat in enumerate(self.orders.get(caller.session, ()))}
        kept = sorted(session.messages, key=lambda message: order.get(message.id, len(order)))
        if not query.ascending:
            kept.reverse()
        return Page(len(kept), tuple(kept[query.skip : query.skip + query.take]))


@fault("state-page-past-end-empties", "STATE-2", "LIST-2", "LIST-7", "STATE-3")
class PagePastEndEmpties(Server):
    """Once a page past the end was asked for, totalCount is 0 until something is written."""

    def set_up(self) -> None:
        self.emptied: dict[str, Session] = {}
        super().set_up()

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        page = super().page_for(caller, session, query)
        if query.skip >= page.total > 0:
            self.emptied[caller.session] = session
        return page._replace(total=0) if self.emptied.get(caller.session) is session else page


@fault(
    "state-reactions-handed-out-once",
    *("STATE-2", "RLIST-2", "RLIST-3", "STATE-3", "STATE-5", "CONC-5"),
    # Whoever looks before and after a call sees others' reactions lost.
    *("DEL-3", "REACT-8", "UNREACT-1", "PIN-3", "ISO-2"),
)
class ReactionsHandedOutOnce(Server):
    """The reactions list gives each caller each reaction once only, as an inbox would."""

    def set_up(self) -> None:
        self.handed: set[tuple[str, str]] = set()
        super().set_up()

    def reactions_for(
        self, caller: Person, session: Session, chats: Iterable[str]
    ) -> tuple[tuple[Message, Reaction], ...]:
        rows = super().reactions_for(caller, session, chats)
        new = tuple(row for row in rows if (caller.id, row[1].id) not in self.handed)
        self.handed.update((caller.id, reaction.id) for _, reaction in new)
        return new


@fault(
    "state-read-unpins",
    *("STATE-2", "PIN-1", "LIST-11", "STATE-3", "CONC-5"),
    # Whoever looks before and after a call sees another message's pin lost.
    *("DEL-3", "REACT-8", "UNREACT-1", "PIN-3"),
)
class ReadUnpins(Server):
    """A member's reading of the reactions list writes the messages back without their pins."""

    def reactions_for(
        self, caller: Person, session: Session, chats: Iterable[str]
    ) -> tuple[tuple[Message, Reaction], ...]:
        rows = super().reactions_for(caller, session, chats)
        for message in {message for message, _ in rows}:
            if message.pin and not caller.host:
                session = session.put(replace(message, pin=None))
        self.store(caller, session)
        return rows


# -- stale views -----------------------------------------------------------------------------------


class Stale(Server):
    """Serves a view from a cache that is refreshed behind the first reader's back."""

    def set_up(self) -> None:
        self.cache: dict[str, dict[str, Message]] = {}
        super().set_up()

    def aged(self, caller: Person, session: Session) -> dict[str, Message]:
        """What the last reader of this session would have been shown."""
        old = self.cache.get(caller.session, {})
        self.cache[caller.session] = {message.id: message for message in session.messages}
        return old


@fault(
    "state-reactions-one-read-late",
    *("STATE-4", "STATE-2", "STATE-3", "REACT-3", "UNREACT-1", "UNREACT-2", "LIST-12", "RLIST-3"),
    *("STATE-5", "REACT-4", "SORT-6", "SORT-7", "CONC-2", "CONC-5"),
    # Whoever looks before and after a call sees what came before it arrive with it.
    *("REACT-8", "PIN-3"),
)
class ReactionsOneReadLate(Stale):
    """The first listing after a reaction shows a known message with its old reactions."""

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        old, page = self.aged(caller, session), super().page_for(caller, session, query)
        late = (replace(m, reactions=old.get(m.id, m).reactions) for m in page.messages)
        return page._replace(messages=tuple(late))


@fault(
    "state-pins-one-read-late",
    *("STATE-4", "STATE-2", "STATE-3", "STATE-5", "PIN-1", "PIN-2", "LIST-11", "SORT-4", "CONC-5"),
    # Whoever looks before and after a call sees what came before it arrive with it.
    *("REACT-8", "PIN-3", "PIN-8"),
)
class PinsOneReadLate(Stale):
    """The first listing after a pin or an unpin shows a known message as it was before."""

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        old, page = self.aged(caller, session), super().page_for(caller, session, query)
        late = (replace(m, pin=old.get(m.id, m).pin) for m in page.messages)
        return page._replace(messages=tuple(late))


@fault(
    "state-count-one-read-late",
    *("STATE-4", "STATE-2", "STATE-5", "LIST-2", "DEL-3", "STATE-3", "CONC-1", "CONC-5"),
    # Whoever looks before and after a call sees what came before it arrive with it.
    *("REACT-8", "PIN-3"),
)
class CountOneReadLate(Stale):
    """The first listing after a message is sent or deleted has the old totalCount."""

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        known = caller.session in self.cache
        old, page = self.aged(caller, session), super().page_for(caller, session, query)
        return page._replace(total=len(old)) if known else page


@fault(
    "state-cached-by-participant",
    *("STATE-5", "STATE-4", "STATE-3", "SEND-4", "LIST-2", "DEL-3", "REACT-3", "REACT-4"),
    *("UNREACT-1", "UNREACT-2", "PIN-1", "PIN-2", "RLIST-3", "LIST-11", "LIST-12", "SORT-4"),
    *("SORT-6", "SORT-7", "CONC-1", "CONC-2", "CONC-5"),
)
class CachedByParticipant(Server):
    """Each participant's message list is cached until that participant writes something."""

    def set_up(self) -> None:
        self.cached: dict[str, Session] = {}
        super().set_up()

    def store(self, caller: Person, session: Session) -> None:
        self.cached.pop(caller.id, None)
        super().store(caller, session)

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        return super().page_for(caller, self.cached.setdefault(caller.id, session), query)


@fault(
    "state-pins-cached-by-participant",
    *("STATE-5", "STATE-4", "STATE-3", "PIN-1", "PIN-2", "LIST-11", "SORT-4", "CONC-5"),
)
class PinsCachedByParticipant(Server):
    """Each participant is shown the pins of the time of their own last write."""

    def set_up(self) -> None:
        self.pins: dict[str, dict[str, str | None]] = {}
        super().set_up()

    def store(self, caller: Person, session: Session) -> None:
        self.pins[caller.id] = {message.id: message.pin for message in session.messages}
        super().store(caller, session)

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        pin = self.pins.get(viewer.id, {}).get(message.id, message.pin)
        return super().shown(replace(message, pin=pin), viewer)


# -- views that differ -----------------------------------------------------------------------------


@fault("state-own-name-is-you", "STATE-5")
class OwnNameIsYou(Server):
    """Everyone is shown as "You" on their own messages."""

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        entry = super().shown(message, viewer)
        if viewer.id == message.sender.id:
            entry["user"] = {**entry["user"], "name": "You"}
        return entry


@fault(
    "state-reaction-ids-by-viewer",
    "STATE-5",
    "REACT-3",
    "UNREACT-2",
    "STATE-3",
    "UNREACT-1",
    "UNREACT-5",
    "RLIST-2",
)
class ReactionIdsByViewer(Server):
    """The reactions list shows others' reactions under ids that only the viewer gets."""

    def reactions_for(
        self, caller: Person, session: Session, chats: Iterable[str]
    ) -> tuple[tuple[Message, Reaction], ...]:
        rows = super().reactions_for(caller, session, chats)
        return tuple(
            (m, r if r.by == caller.id else replace(r, id=f"{r.id}-{caller.id}")) for m, r in rows
        )
