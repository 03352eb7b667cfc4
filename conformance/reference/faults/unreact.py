"""Faults in taking reactions back (UNREACT): who may, which one goes, and what follows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.responses import Response

from conformance.model import Fresh, Message, Person, Reaction, Refusal, Session, Step
from conformance.reference.registry import fault
from conformance.reference.server import Server

# -- who may ---------------------------------------------------------------------------------------


@fault("unreact-host-only", "UNREACT-1", "UNREACT-5", "STATE-3", "CONC-5")
class HostOnly(Server):
    """Only the host may remove reactions, not who reacted."""

    def may_unreact(self, caller: Person, message: Message, reaction: Reaction) -> bool:
        return caller.host


@fault("unreact-own-only", "UNREACT-2", "STATE-3", "CONC-5")
class OwnOnly(Server):
    """The host may not remove anyone else's reaction."""

    def may_unreact(self, caller: Person, message: Message, reaction: Reaction) -> bool:
        return caller.id == reaction.by


@fault("unreact-host-on-own-messages", "UNREACT-2", "STATE-3", "CONC-5")
class HostOnOwnMessages(Server):
    """The host removes others' reactions from own messages only."""

    def may_unreact(self, caller: Person, message: Message, reaction: Reaction) -> bool:
        return caller.id == reaction.by or (caller.host and message.sender.id == caller.id)


# -- which one goes --------------------------------------------------------------------------------


class OtherRemoval(Server):
    """Removes something else than the one reaction that was asked for."""

    def gone(self, message: Message, caller: Person, reaction: Reaction) -> Message:
        return message.without(reaction.id)

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        step, message = super().unreact(session, caller, chat, reaction_id), session.find(chat)
        if step.refusal or message is None:
            return step
        reaction = next(one for one in message.reactions if one.id == reaction_id)
        return Step(session.put(self.gone(message, caller, reaction)))


@fault(
    "unreact-does-nothing", "UNREACT-1", "UNREACT-2", "UNREACT-4", "STATE-3", "STATE-4", "CONC-5"
)
class DoesNothing(OtherRemoval):
    """A removal is answered with success and never done."""

    def gone(self, message: Message, caller: Person, reaction: Reaction) -> Message:
        return message


@fault("unreact-both-of-person", "UNREACT-1", "UNREACT-2", "STATE-3", "CONC-5")
class BothOfPerson(OtherRemoval):
    """Both of the participant's reactions to the message go."""

    def gone(self, message: Message, caller: Person, reaction: Reaction) -> Message:
        kept = tuple(one for one in message.reactions if one.by != reaction.by)
        return replace(message, reactions=kept)


@fault("unreact-of-host-unpins", "UNREACT-1", "STATE-3", "CONC-5")
class OfHostUnpins(Server):
    """Where a reaction of the host is taken back, the message's pin goes too."""

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        step, message = super().unreact(session, caller, chat, reaction_id), session.find(chat)
        left = step.session.find(chat)
        if step.refusal or not message or not left:
            return step
        by_host = {one.id for one in self.people.values() if one.host}
        gone = [one.by for one in message.reactions if one.id == reaction_id]
        unpinned = step.session.put(replace(left, pin=None))
        return step._replace(session=unpinned) if by_host & {*gone} else step


@fault("unreact-by-host-clears-name", "UNREACT-2", "UNREACT-1", "STATE-3", "CONC-5")
class ByHostClearsName(OtherRemoval):
    """When the host removes somebody's reaction, everyone's equal ones go too."""

    def gone(self, message: Message, caller: Person, reaction: Reaction) -> Message:
        if caller.id == reaction.by:
            return super().gone(message, caller, reaction)
        kept = tuple(one for one in message.reactions if one.name != reaction.name)
        return replace(message, reactions=kept)


@fault("unreact-first-of-name", "UNREACT-1", "UNREACT-2", "STATE-3", "CONC-5")
class FirstOfName(OtherRemoval):
    """The oldest reaction of the same name goes, whoever it is by."""

    def gone(self, message: Message, caller: Person, reaction: Reaction) -> Message:
        first = next(one for one in message.reactions if one.name == reaction.name)
        return message.without(first.id)


@fault("unreact-id-shared", "UNREACT-1", "UNREACT-2", "STATE-3", "CONC-5")
class IdShared(Server):
    """A participant's two reactions to a message share one id, and go together."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        message = session.find(chat)
        own = [one.id for one in message.reactions if one.by == caller.id] if message else []
        return super().react(
            session, caller, chat, name, replace(fresh, id=own[0]) if own else fresh
        )


@fault("unreact-any-chat", "UNREACT-3", "UNREACT-4", "STATE-3", "CONC-5")
class AnyChat(Server):
    """A reaction is found by its id alone: the chatId is not looked at."""

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        for message in session.messages:
            if any(one.id == reaction_id for one in message.reactions):
                chat = message.id
        return super().unreact(session, caller, chat, reaction_id)


@fault("unreact-any-chat-refused", "UNREACT-3", "STATE-1", "STATE-3", "CONC-5")
class AnyChatRefused(Server):
    """Under another message's chatId the answer is 404, but the reaction is gone."""

    async def remove_reaction(self, caller: Person, chat: str, reaction: str) -> Response:
        response = await super().remove_reaction(caller, chat, reaction)
        session = self.sessions[caller.session]
        if response.status_code == 404 and session.find(chat):
            for message in session.messages:
                await super().remove_reaction(caller, message.id, reaction)
        return response


@fault("unreact-unknown-id-is-own", "UNREACT-3", "UNREACT-4", "STATE-3", "CONC-5")
class UnknownIdIsOwn(Server):
    """The reactionId is not looked at: the caller's last reaction to the message goes."""

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        message = session.find(chat)
        reactions = message.reactions if message else ()
        if message and all(one.id != reaction_id for one in reactions):
            own = [one.id for one in reactions if one.by == caller.id]
            reaction_id = own[-1] if own else reaction_id
        return super().unreact(session, caller, chat, reaction_id)


# -- what follows ----------------------------------------------------------------------------------


@fault(
    "unreact-count-stays",
    *("LIST-12", "UNREACT-1", "UNREACT-2", "RLIST-3", "SORT-7", "STATE-3", "STATE-4", "CONC-5"),
)
class CountStays(Server):
    """count does not fall when a reaction is taken back, while others of its name are left."""

    def set_up(self) -> None:
        self.peaks: dict[tuple[str, str], int] = {}
        super().set_up()

    def shown_reactions(self, message: Message) -> list[dict[str, Any]]:
        entries = super().shown_reactions(message)
        for entry in entries:
            key = (message.id, entry["name"])
            self.peaks[key] = entry["count"] = max(self.peaks.get(key, 0), entry["count"])
        return entries


class WithRemoved(Server):
    """Remembers who took which reaction back from which message."""

    def set_up(self) -> None:
        self.removed: dict[str, list[Reaction]] = {}
        super().set_up()

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        step, message = super().unreact(session, caller, chat, reaction_id), session.find(chat)
        if message and not step.refusal:
            gone = (one for one in message.reactions if one.id == reaction_id)
            self.removed.setdefault(chat, []).extend(gone)
        return step

    def took_back(self, caller: Person, chat: str, name: str) -> bool:
        return any((one.by, one.name) == (caller.id, name) for one in self.removed.get(chat, ()))


@fault("unreact-anew-refused", "UNREACT-5", "REACT-1", "STATE-3", "CONC-5")
class AnewRefused(WithRemoved):
    """A reaction that was taken back cannot be given anew: the hidden row keeps the unique key."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        if session.find(chat) and self.took_back(caller, chat, name):
            return Step(session, refusal=Refusal.CONFLICT)
        return super().react(session, caller, chat, name, fresh)


@fault("unreact-by-host-bars", "UNREACT-5", "REACT-1", "STATE-3", "CONC-5")
class ByHostBars(WithRemoved):
    """Whoever had a reaction removed by the host may not react to that message any more."""

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        step = super().unreact(session, caller, chat, reaction_id)
        gone = self.removed.get(chat, [])
        if not step.refusal and gone and gone[-1].by == caller.id:
            gone.pop()
        return step

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        message = session.find(chat)
        if message and any(one.by == caller.id for one in self.removed.get(chat, ())):
            return Step(session, refusal=Refusal.FORBIDDEN)
        return super().react(session, caller, chat, name, fresh)


# -- statuses --------------------------------------------------------------------------------------


@fault("unreact-again-succeeds", "UNREACT-4")
class AgainSucceeds(WithRemoved):
    """Taking a reaction back a second time is answered 204."""

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        if session.find(chat) and any(one.id == reaction_id for one in self.removed.get(chat, ())):
            return Step(session)
        return super().unreact(session, caller, chat, reaction_id)


@fault("unreact-unknown-succeeds", "UNREACT-4")
class UnknownSucceeds(Server):
    """Removing a reaction that never was is answered 204."""

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        step = super().unreact(session, caller, chat, reaction_id)
        return Step(session) if step.refusal is Refusal.UNKNOWN else step


@fault("unreact-unknown-forbidden", "UNREACT-4")
class UnknownForbidden(Server):
    """An unknown reaction gets 403."""

    async def remove_reaction(self, caller: Person, chat: str, reaction: str) -> Response:
        response = await super().remove_reaction(caller, chat, reaction)
        if response.status_code == 404:
            return self.problem(403, "The reaction cannot be removed.")
        return response


@fault("unreact-host-by-author", "UNREACT-3", "STATE-3")
class HostByAuthor(Server):
    """For the host a reaction is looked up among all messages of the sender."""

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        message = session.find(chat)
        if message and caller.host:
            for other in session.messages:
                held = [one.id for one in other.reactions]
                if other.sender == message.sender and reaction_id in held:
                    return super().unreact(session, caller, other.id, reaction_id)
        return super().unreact(session, caller, chat, reaction_id)


@fault("unreact-own-of-deleted", "UNREACT-4", "STATE-3")
class OwnOfDeleted(Server):
    """Reactions outlive their message: they can be taken back after it was deleted."""

    def set_up(self) -> None:
        self.left: dict[str, set[str]] = {}
        super().set_up()

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        step, message = super().delete(session, caller, chat), session.find(chat)
        if message and not step.refusal:
            self.left[chat] = {one.id for one in message.reactions}
        return step

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        if reaction_id in self.left.get(chat, ()):
            self.left[chat].discard(reaction_id)
            return Step(session)
        return super().unreact(session, caller, chat, reaction_id)


@fault("unreact-by-host-takes-both", "UNREACT-2", "STATE-3", "CONC-5")
class ByHostTakesBoth(OtherRemoval):
    """The host's removal takes everything that the person reacted with."""

    def gone(self, message: Message, caller: Person, reaction: Reaction) -> Message:
        if caller.id == reaction.by:
            return message.without(reaction.id)
        kept = (one for one in message.reactions if one.by != reaction.by)
        return replace(message, reactions=tuple(kept))
