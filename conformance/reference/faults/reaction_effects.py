"""Faults in what a reaction brings about (REACT): for whom it counts and what else it touches."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conformance.model import Fresh, Message, Person, Reaction, Refusal, Session, Step
from conformance.reference.registry import fault
from conformance.reference.server import Server


def held(message: Message | None, person: Person, name: str) -> Reaction | None:
    """The reaction of this name that the person has on the message."""
    reactions = message.reactions if message else ()
    return next((one for one in reactions if (one.by, one.name) == (person.id, name)), None)


# -- for whom it counts ----------------------------------------------------------------------------


@fault("react-takes-place-of-others", "REACT-4", "LIST-12", "CONC-2", "STATE-3", "CONC-5")
class TakesPlaceOfOthers(Server):
    """A reaction takes the place of somebody else's: the key lacks the participant."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        message = session.find(chat)
        if message and name in self.limits.reactions and not held(message, caller, name):
            rest = tuple(one for one in message.reactions if one.name != name)
            session = session.put(replace(message, reactions=rest))
        return super().react(session, caller, chat, name, fresh)


@fault("react-same-by-others-refused", "REACT-1", "REACT-4", "CONC-2", "STATE-3", "CONC-5")
class SameByOthersRefused(Server):
    """A reaction that somebody else has given already is refused as a repetition."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        message = session.find(chat)
        taken = message and message.count(name) and not held(message, caller, name)
        if taken:
            return Step(session, refusal=Refusal.CONFLICT)
        return super().react(session, caller, chat, name, fresh)


@fault(
    "react-count-is-flag",
    *("LIST-12", "REACT-4", "RLIST-3", "STATE-3", "CONC-2", "CONC-5"),
)
class CountIsFlag(Server):
    """count is 1 however many have reacted."""

    def shown_reaction(self, name: str, held: list[Reaction]) -> dict[str, Any]:
        entry = super().shown_reaction(name, held)
        return {**entry, "count": min(entry["count"], 1)}


@fault("react-again-counts-twice", "REACT-5", "CONC-3")
class AgainCountsTwice(Server):
    """The same reaction again by the same participant counts again."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        message = session.find(chat)
        if message is None or not held(message, caller, name):
            return super().react(session, caller, chat, name, fresh)
        again = (*message.reactions, Reaction(fresh.id, name, caller.id))
        return Step(session.put(replace(message, reactions=again)), fresh.id)


@fault("react-again-counts-after-other", "REACT-5")
class AgainCountsAfterOther(Server):
    """A repeated reaction counts twice when the last one on the message was somebody else's."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        message = session.find(chat)
        if not message or not held(message, caller, name) or message.reactions[-1].by == caller.id:
            return super().react(session, caller, chat, name, fresh)
        again = (*message.reactions, Reaction(fresh.id, name, caller.id))
        return Step(session.put(replace(message, reactions=again)), fresh.id)


@fault("react-again-counts-after-own-other", "REACT-5", "STATE-3", "CONC-5")
class AgainCountsAfterOwnOther(Server):
    """Only a participant's latest reaction to a message is compared: up, down, up is two ups."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        message = session.find(chat)
        own = [one for one in message.reactions if one.by == caller.id] if message else []
        if not message or not own or own[-1].name == name or not held(message, caller, name):
            return super().react(session, caller, chat, name, fresh)
        again = (*message.reactions, Reaction(fresh.id, name, caller.id))
        return Step(session.put(replace(message, reactions=again)), fresh.id)


@fault("react-again-phantom-id", "REACT-3", "STATE-3", "CONC-5")
class AgainPhantomId(Server):
    """The same reaction again is answered with an id of its own, under which nothing is kept."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        step, message = super().react(session, caller, chat, name, fresh), session.find(chat)
        again = message is not None and held(message, caller, name) is not None
        return step._replace(id=fresh.id) if again and not step.refusal else step


@fault("react-remembered-after-delete", "REACT-6", "REACT-7", "STATE-3", "CONC-5")
class RememberedAfterDelete(Server):
    """Who has reacted so is answered from memory, be the message deleted meanwhile."""

    def set_up(self) -> None:
        self.given: dict[tuple[str, str, str], str] = {}
        super().set_up()

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        step, key = super().react(session, caller, chat, name, fresh), (caller.id, chat, name)
        if step.refusal is Refusal.UNKNOWN and key in self.given:
            return Step(session, self.given[key])
        if step.id:
            self.given[key] = step.id
        return step


@fault("react-again-takes-back", "REACT-3", "REACT-5", "CONC-3", "STATE-3", "CONC-5")
class AgainTakesBack(Server):
    """The same reaction again takes the first one back."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        message = session.find(chat)
        same = held(message, caller, name)
        if message is None or same is None:
            return super().react(session, caller, chat, name, fresh)
        return Step(session.put(message.without(same.id)), same.id)


@fault("react-switch-takes-all", "REACT-4", "LIST-12", "STATE-3", "CONC-2", "CONC-5", "RLIST-3")
class SwitchTakesAll(Server):
    """Whoever gives the other reaction turns everybody's earlier ones to the message into it."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        message = session.find(chat)
        own = [one for one in message.reactions if one.by == caller.id] if message else []
        if not message or not own or name not in self.limits.reactions or own[0].name == name:
            return super().react(session, caller, chat, name, fresh)
        turned = tuple(replace(one, name=name) for one in message.reactions)
        return Step(session.put(replace(message, reactions=turned)), own[0].id)


# -- unknown messages ------------------------------------------------------------------------------


@fault("react-unknown-accepted", "REACT-6", "REACT-7", "ISO-2", "CONC-5")
class UnknownAccepted(Server):
    """A reaction to a message that is not there is answered with an id."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        if name in self.limits.reactions and session.find(chat) is None:
            return Step(session, fresh.id)
        return super().react(session, caller, chat, name, fresh)


@fault("react-deleted-accepted", "REACT-6", "REACT-7", "CONC-5")
class DeletedAccepted(Server):
    """A reaction to a deleted message is answered with an id: deletion only hides the row."""

    def set_up(self) -> None:
        self.deleted: set[tuple[str, str]] = set()
        super().set_up()

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        step = super().delete(session, caller, chat)
        if not step.refusal:
            self.deleted.add((caller.session, chat))
        return step

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        if name in self.limits.reactions and (caller.session, chat) in self.deleted:
            return Step(session, fresh.id)
        return super().react(session, caller, chat, name, fresh)


@fault("react-unknown-invalid", "REACT-7")
class UnknownInvalid(Server):
    """A reaction to a message that is not there is refused with 400."""

    async def add_reaction(self, caller: Person, chat: str, request: Request) -> Response:
        response = await super().add_reaction(caller, chat, request)
        if response.status_code == 404:
            return self.problem(400, "There is no such message.")
        return response


@fault("react-deleted-forbidden", "REACT-7")
class DeletedForbidden(DeletedAccepted):
    """A reaction to a deleted message is refused with 403."""

    async def add_reaction(self, caller: Person, chat: str, request: Request) -> Response:
        if (caller.session, chat) in self.deleted:
            return self.problem(403, "The message has been deleted.")
        return await super().add_reaction(caller, chat, request)


# -- what else it touches --------------------------------------------------------------------------


@fault("react-moves", "REACT-8", "LIST-12", "STATE-3", "CONC-5")
class Moves(Server):
    """A reaction takes the same one off all other messages: a participant has it once a session."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        step = super().react(session, caller, chat, name, fresh)
        if step.refusal:
            return step
        after = step.session
        for message in after.messages:
            same = held(message, caller, name)
            if same and message.id != chat:
                after = after.put(message.without(same.id))
        return step._replace(session=after)


@fault("react-same-text", "REACT-8", "LIST-12", "STATE-3", "CONC-5")
class SameText(Server):
    """A reaction goes to every message with the same text."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        step, target = super().react(session, caller, chat, name, fresh), session.find(chat)
        if step.refusal or target is None:
            return step
        after = step.session
        for message in session.messages:
            if message.text == target.text and not held(message, caller, name):
                after = super().react(after, caller, message.id, name, self.fresh()).session
        return step._replace(session=after)


@fault("react-unpins-others", "REACT-8", "STATE-3", "CONC-5")
class UnpinsOthers(Server):
    """A reaction to a pinned message takes the pins off all others."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        step, target = super().react(session, caller, chat, name, fresh), session.find(chat)
        if step.refusal or target is None or not target.pin:
            return step
        kept = (m if m.id == chat else replace(m, pin=None) for m in step.session.messages)
        return step._replace(session=Session(tuple(kept)))


class OtherDropped(Server):
    """Answers a participant's other reaction with the id of the first, and does not keep it."""

    def drops(self, name: str) -> bool:
        return False

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        step, message = super().react(session, caller, chat, name, fresh), session.find(chat)
        own = [one for one in message.reactions if one.by == caller.id] if message else []
        if step.refusal or not own or not self.drops(name):
            return step
        return Step(session, own[0].id)


@fault("react-other-dropped", "REACT-3", "STATE-3", "CONC-5")
class AnyOtherDropped(OtherDropped):
    """A participant's other reaction is answered with the id of the first, and not kept."""

    def drops(self, name: str) -> bool:
        return True


@fault("react-first-name-dropped", "REACT-3", "STATE-3", "CONC-5")
class FirstNameDropped(OtherDropped):
    """Who has given the second reaction cannot give the first too: it is answered, and not kept."""

    def drops(self, name: str) -> bool:
        return name == self.limits.reactions[0]
