"""What the words of a step mean at the moment: which message, which reaction or pin, and who."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from conformance.client import Participant, Sent
from conformance.model import Message, Reaction, Session
from conformance.oracle import UNSEEN
from conformance.suite.cast import Cast
from conformance.suite.ids import unknown
from conformance.suite.judging import Judge
from conformance.suite.sequences import NEXT, OUTSIDER, OWNER, Do, Step, Which, reaction_name


@dataclass
class Thing:
    """A message of the sequence, and the ids that it has had."""

    chat: str
    sender: Participant
    gone_reactions: list[Reaction] = field(default_factory=list)
    gone_pins: list[str] = field(default_factory=list)
    pinned_twice: bool = False
    """Whether it was pinned once more while it was pinned, and both were accepted."""


class Meaning:
    """``things`` are the sequence's messages, deleted ones too; ``foreign`` another session's."""

    def __init__(self, cast: Cast, judge: Judge) -> None:
        self.cast, self.judge, self.scribe = cast, judge, judge.scribe
        self.limits = judge.limits
        self.things: dict[str, Thing] = {}
        self.foreign: list[Sent] = []

    @property
    def state(self) -> Session:
        return self.judge.state

    def actor(self, step: Step, chat: str | None, held: str | None) -> Participant | None:
        if step.who == OUTSIDER:
            strangers = self.cast.outsiders
            return strangers[step.value % len(strangers)] if strangers else None
        if step.who == NEXT:
            return self._next(chat, step)
        return self.cast.people[step.who] if step.who != OWNER else self._owner(chat, held)

    def _next(self, chat: str | None, step: Step) -> Participant:
        message, people = self.state.find(chat or ""), self.cast.people
        name = reaction_name(self.limits, step)
        held = {one.by for one in message.reactions if one.name == name} if message else set()
        waiting = [one for one in people if self.cast.person(one).id not in held]
        return (waiting or people)[step.viewer % len(waiting or people)]

    def _owner(self, chat: str | None, held: str | None) -> Participant:
        """Who reacted, now or before, or who sent the message; the host where there is neither."""
        message, thing = self.state.find(chat or ""), self.things.get(chat or "")
        if message is None or thing is None:
            return self.cast.people[0]
        gone = [one.by for one in thing.gone_reactions] if held is None else []
        held_by = [one.by for one in message.reactions if one.id == held]
        by = (*held_by, *gone[-1:], message.sender.id)[0]
        return next(one for one in self.cast.people if self.cast.person(one).id == by)

    def chat(self, step: Step) -> str | None:
        match step.which:
            case Which.KNOWN:
                return _nth([message.id for message in self._meant(step)], step.chat)
            case Which.GONE:
                gone = [chat for chat in self.things if self.state.find(chat) is None]
                return _nth(gone, step.chat)
            case Which.ELSEWHERE:
                # To the outsider it is a message of their own session.
                known = self.cast.outsiders and step.who != OUTSIDER
                return self._abroad() if known else None
            case _:
                sent = next(iter(self.things), None)
                return unknown(sent) if sent else None

    def _meant(self, step: Step) -> Sequence[Message]:
        """The messages that a step may be about: those that have what it removes or gives anew."""
        messages = self.state.messages
        if step.do is Do.REACT and step.held is Which.GONE:
            return [message for message in messages if self.things[message.id].gone_reactions]
        if step.do is Do.DELETE and step.held is Which.KNOWN:
            return [one for one in messages if one.reactions] or messages
        if step.held is Which.KNOWN and step.do is Do.UNREACT:
            return [message for message in messages if message.reactions]
        if step.held is Which.KNOWN and step.do is Do.UNPIN:
            return [message for message in messages if message.pin]
        return messages

    def _abroad(self) -> str:
        """A message of another session, sent when it is first spoken of."""
        if not self.foreign:
            sender, text = self.cast.outsiders[0], "In another session"
            sent = sender.send(text)
            self.scribe.send(sender, text, sent.id)
            self.foreign.append(sent)
            self.judge.sent_abroad(sender, text, sent)
            self.judge.look(self.cast.people[0])
        return self.foreign[0].id

    def held(self, step: Step, chat: str) -> str | None:
        if step.do is Do.UNREACT:
            return self._reaction(step, chat)
        return self._pin(step, chat) if step.do is Do.UNPIN else None

    def _reaction(self, step: Step, chat: str) -> str | None:
        message, thing = self.state.find(chat), self.things.get(chat)
        held = [one.id for one in message.reactions] if message else []
        match step.held:
            case Which.KNOWN:
                return _nth(held, step.value)
            case Which.GONE:
                return _nth([one.id for one in thing.gone_reactions] if thing else [], step.value)
            case Which.ELSEWHERE:
                others = [one for one in self.state.messages if one.id != chat]
                return _nth([one.id for other in others for one in other.reactions], step.value)
            case _:
                return unknown(chat)

    def _pin(self, step: Step, chat: str) -> str | None:
        message, thing = self.state.find(chat), self.things.get(chat)
        match step.held:
            case Which.KNOWN:
                return self._pin_of(chat) if message and message.pin else None
            case Which.GONE:
                return _nth(thing.gone_pins if thing else [], step.value)
            case Which.ELSEWHERE:
                others = [one.id for one in self.state.messages if one.pin and one.id != chat]
                other = _nth(others, step.value)
                return self._pin_of(other) if other else None
            case _:
                return unknown(chat)

    def _pin_of(self, chat: str) -> str | None:
        """The id of a pin, looked up where no list has shown it yet."""
        message = self.state.find(chat)
        if message and message.pin == UNSEEN:
            self.judge.look(self.cast.people[0])
            message = self.state.find(chat)
        pin = message.pin if message else None
        if pin and pin != UNSEEN and pin not in self.scribe.names:
            self.scribe.read_pin(self.cast.people[0], chat, pin)
        return pin if pin != UNSEEN else None


def _nth(things: Sequence[str], place: int) -> str | None:
    """Counted from the newest back, and round again."""
    return things[-1 - place % len(things)] if things else None
