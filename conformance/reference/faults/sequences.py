"""Faults that take several calls to show: what one call leaves behind trips up a later one."""

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
    Session,
    Step,
)
from conformance.reference.registry import fault
from conformance.reference.server import Server


@fault(
    "seq-third-reaction-lost",
    *("REACT-4", "REACT-3", "LIST-12", "CONC-2", "STATE-3", "STATE-4", "CONC-5"),
)
class ThirdReactionLost(Server):
    """The same reaction by a third participant is answered with an id and not kept."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        step, message = super().react(session, caller, chat, name, fresh), session.find(chat)
        if step.id == fresh.id and message and message.count(name) == 2:
            return step._replace(session=session)
        return step


@fault("seq-reaction-unpins", "STATE-3", "LIST-11", "CONC-5")
class ReactionUnpins(Server):
    """A reaction to a pinned message takes its pin off: the whole row is written anew."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        step = super().react(session, caller, chat, name, fresh)
        message = step.session.find(chat)
        if step.refusal or message is None:
            return step
        return step._replace(session=step.session.put(replace(message, pin=None)))


@fault("seq-unreact-unpins", "UNREACT-1", "STATE-3", "CONC-5")
class UnreactUnpins(Server):
    """Taking the last reaction off a pinned message takes its pin off too."""

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        step = super().unreact(session, caller, chat, reaction_id)
        message = step.session.find(chat)
        if step.refusal or message is None or message.reactions:
            return step
        return Step(step.session.put(replace(message, pin=None)))


@fault("seq-unpin-takes-first", "PIN-2", "PIN-8", "STATE-3", "CONC-5")
class UnpinTakesFirst(Server):
    """With several messages pinned an unpin takes the pin off the oldest of them."""

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        step = super().unpin(session, caller, chat, pin)
        oldest = next((message for message in session.messages if message.pin), None)
        if step.refusal or oldest is None:
            return step
        return Step(session.put(replace(oldest, pin=None)))


@fault("seq-unpin-takes-all", "PIN-8", "STATE-3", "CONC-5")
class UnpinTakesAll(Server):
    """An unpin takes the pins off all messages."""

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        step = super().unpin(session, caller, chat, pin)
        if step.refusal:
            return step
        return Step(Session(tuple(replace(m, pin=None) for m in step.session.messages)))


@fault("seq-unpin-restores", "PIN-3", "STATE-3", "CONC-5")
class UnpinRestores(Server):
    """An unpin writes the message back as it was when it was pinned: later reactions are lost."""

    def set_up(self) -> None:
        self.as_pinned: dict[str, Message] = {}
        super().set_up()

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        step, message = super().pin(session, caller, chat, fresh), session.find(chat)
        if message and not step.refusal and not message.pin:
            self.as_pinned[chat] = message
        return step

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        step = super().unpin(session, caller, chat, pin)
        if step.refusal or chat not in self.as_pinned:
            return step
        return Step(step.session.put(self.as_pinned[chat]))


@fault("seq-once-pinned-stays", "DEL-1", "STATE-3", "CONC-5")
class OncePinnedStays(Server):
    """A member can no longer delete an own message that was pinned and unpinned."""

    def set_up(self) -> None:
        self.once: set[str] = set()
        super().set_up()

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        step = super().unpin(session, caller, chat, pin)
        if not step.refusal:
            self.once.add(chat)
        return step

    def may_delete(self, caller: Person, message: Message) -> bool:
        if message.id in self.once and not caller.host:
            return False
        return super().may_delete(caller, message)


@fault("seq-pin-forgotten", "STATE-3", "LIST-11", "CONC-5")
class PinForgotten(Server):
    """A pin is lost once a whole page of newer messages has been sent."""

    def send(self, session: Session, caller: Person, text: str | None, fresh: Fresh) -> Step:
        step = super().send(session, caller, text, fresh)
        older = step.session.messages[: -self.limits.page_size]
        if step.refusal or not any(message.pin for message in older):
            return step
        forgotten = tuple(replace(message, pin=None) for message in older)
        newer = step.session.messages[len(older) :]
        return step._replace(session=Session((*forgotten, *newer)))


@fault("seq-send-unpins-own", "STATE-3", "LIST-11", "CONC-5")
class SendUnpinsOwn(Server):
    """A new message takes the pins off its sender's earlier ones."""

    def send(self, session: Session, caller: Person, text: str | None, fresh: Fresh) -> Step:
        step = super().send(session, caller, text, fresh)
        if step.refusal:
            return step
        own = (
            replace(m, pin=None) if m.sender.id == caller.id else m for m in step.session.messages
        )
        return step._replace(session=Session(tuple(own)))


@fault("seq-id-reused", "SEND-3")
class IdReused(Server):
    """The id of a deleted message is given to the session's next one."""

    def set_up(self) -> None:
        self.free: dict[str, list[str]] = {}
        super().set_up()

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        step = super().delete(session, caller, chat)
        if not step.refusal:
            self.free.setdefault(caller.session, []).append(chat)
        return step

    def send(self, session: Session, caller: Person, text: str | None, fresh: Fresh) -> Step:
        free = self.free.get(caller.session)
        if not free or text is None or not self.accepts_text(text):
            return super().send(session, caller, text, fresh)
        return super().send(session, caller, text, replace(fresh, id=free.pop()))


@fault("seq-skip-counts-deleted", "LIST-7", "LIST-8", "STATE-3")
class SkipCountsDeleted(Server):
    """In the default order Skip counts deleted messages too: it goes by the row's number."""

    def set_up(self) -> None:
        self.rows: dict[str, list[str]] = {}
        super().set_up()

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        rows = self.rows.setdefault(caller.session, [])
        known = set(rows)
        rows.extend(message.id for message in session.messages if message.id not in known)
        if query.sort == self.limits.created_key and query.ascending:
            skip = sum(session.find(chat) is not None for chat in rows[: query.skip])
            query = replace(query, skip=skip)
        return super().page_for(caller, session, query)


@fault("seq-reaction-ids-shift", "UNREACT-1", "UNREACT-2", "STATE-3", "CONC-5")
class ReactionIdsShift(Server):
    """A reaction's id is its place on the message: removing one renames those behind it."""

    def numbered(self, session: Session, chat: str) -> Session:
        message = session.find(chat)
        if message is None:
            return session
        placed = (replace(one, id=str(at)) for at, one in enumerate(message.reactions, 1))
        return session.put(replace(message, reactions=tuple(placed)))

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        message = session.find(chat)
        place = len(message.reactions) + 1 if message else 0
        return super().react(session, caller, chat, name, replace(fresh, id=str(place)))

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        step = super().unreact(session, caller, chat, reaction_id)
        return step if step.refusal else Step(self.numbered(step.session, chat))


@fault("seq-anew-under-old-id", "UNREACT-5", "REACT-3", "UNREACT-1", "STATE-3", "CONC-5")
class AnewUnderOldId(Server):
    """A reaction given anew is answered with a new id and kept under the old one."""

    def set_up(self) -> None:
        self.first: dict[tuple[str, str, str], str] = {}
        super().set_up()

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        step = super().react(session, caller, chat, name, fresh)
        message = step.session.find(chat)
        if message is None or step.refusal or step.id != fresh.id:
            return step
        old = self.first.setdefault((chat, caller.id, name), fresh.id)
        kept = tuple(replace(r, id=old) if r.id == fresh.id else r for r in message.reactions)
        return step._replace(session=step.session.put(replace(message, reactions=kept)))


@fault(
    "seq-removal-unlisted-late",
    *("UNREACT-1", "UNREACT-2", "RLIST-3", "STATE-3", "STATE-4", "CONC-5"),
)
class RemovalUnlistedLate(Server):
    """The reactions list still gives a removed reaction, until somebody reacts to the message."""

    def set_up(self) -> None:
        self.kept: dict[str, list[Reaction]] = {}
        super().set_up()

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        step, message = super().unreact(session, caller, chat, reaction_id), session.find(chat)
        if message and not step.refusal:
            gone = [one for one in message.reactions if one.id == reaction_id]
            self.kept.setdefault(chat, []).extend(gone)
        return step

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        step = super().react(session, caller, chat, name, fresh)
        if not step.refusal:
            self.kept.pop(chat, None)
        return step

    def reactions_for(
        self, caller: Person, session: Session, chats: Iterable[str]
    ) -> tuple[tuple[Message, Reaction], ...]:
        asked = list(chats)
        known = [message for message in session.messages if message.id in asked]
        late = [(message, one) for message in known for one in self.kept.get(message.id, ())]
        return (*super().reactions_for(caller, session, asked), *late)


@fault("seq-unreact-on-pinned", "UNREACT-1", "UNREACT-2", "STATE-3", "STATE-4", "CONC-5")
class UnreactOnPinned(Server):
    """Taking a reaction off a pinned message is answered with success and not done."""

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        step, message = super().unreact(session, caller, chat, reaction_id), session.find(chat)
        if step.refusal or message is None or not message.pin:
            return step
        return Step(session)


@fault(
    "seq-second-name-under-first",
    *("REACT-3", "LIST-12", "UNREACT-5", "STATE-3", "CONC-5"),
)
class SecondNameUnderFirst(Server):
    """After a reaction was taken back, the same participant's next one has its name."""

    def set_up(self) -> None:
        self.names: dict[tuple[str, str], str] = {}
        super().set_up()

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        step, message = super().unreact(session, caller, chat, reaction_id), session.find(chat)
        if message and not step.refusal:
            gone = next(one for one in message.reactions if one.id == reaction_id)
            self.names[chat, gone.by] = gone.name
        return step

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        if name in self.limits.reactions:
            name = self.names.pop((chat, caller.id), name)
        return super().react(session, caller, chat, name, fresh)


@fault("seq-reaction-to-last-pinned", "STATE-3", "REACT-3", "REACT-8", "LIST-12", "CONC-5")
class ReactionToLastPinned(Server):
    """While several messages are pinned, a reaction to one goes to the last of them."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        pinned = [message.id for message in session.messages if message.pin]
        if chat in pinned:
            chat = pinned[-1]
        return super().react(session, caller, chat, name, fresh)


@fault("seq-delete-takes-reactors", "DEL-3", "STATE-3", "CONC-5")
class DeleteTakesReactors(Server):
    """Deleting a message takes all reactions of those who had reacted to it, everywhere."""

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        step, gone = super().delete(session, caller, chat), session.find(chat)
        if step.refusal or gone is None:
            return step
        people = {reaction.by for reaction in gone.reactions}
        after = step.session
        for message in after.messages:
            kept = tuple(one for one in message.reactions if one.by not in people)
            after = after.put(replace(message, reactions=kept))
        return Step(after)


@fault("seq-reacted-by-host-stays", "DEL-2", "STATE-3", "CONC-5")
class ReactedByHostStays(Server):
    """The host can no longer delete a member's message to which the host has reacted."""

    def may_delete(self, caller: Person, message: Message) -> bool:
        reacted = any(reaction.by == caller.id for reaction in message.reactions)
        if caller.host and reacted and message.sender.id != caller.id:
            return False
        return super().may_delete(caller, message)


@fault("seq-former-users-kept", "LIST-12", "RLIST-3", "UNREACT-1", "STATE-3", "CONC-5")
class UsersKeptAfterReplacement(Server):
    """Who took a reaction back and gave the other stays among the users of the first."""

    def set_up(self) -> None:
        self.former: dict[tuple[str, str], set[str]] = {}
        super().set_up()

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        step, message = super().unreact(session, caller, chat, reaction_id), session.find(chat)
        if message and not step.refusal:
            gone = next(one for one in message.reactions if one.id == reaction_id)
            self.former.setdefault((chat, gone.name), set()).add(gone.by)
        return step

    def shown_reactions(self, message: Message) -> list[dict[str, Any]]:
        entries = super().shown_reactions(message)
        present = {reaction.by for reaction in message.reactions}
        for entry in entries:
            shown = {user["id"] for user in entry["users"]}
            former = self.former.get((message.id, entry["name"]), set()) & present - shown
            entry["users"] = entry["users"] + [{"id": who} for who in sorted(former)]
            entry["count"] = len(entry["users"])
        return entries
