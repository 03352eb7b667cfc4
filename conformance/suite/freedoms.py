"""Which choice a target takes where the contract leaves one, seen once and held to from then on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from conformance.contract import Limits
from conformance.model import Message, Person, Session
from conformance.oracle import Call, Outcome, Told, Verb

AGAIN = "the same reaction again by the same participant"
OTHER = "a participant's other reaction"
PIN_AGAIN = "a second pin of a message"
MORE_PINS = "a pin while others are pinned"


@dataclass(frozen=True, slots=True)
class Habit:
    """What a target does about ``topic``."""

    topic: str
    choice: str


@dataclass
class Habits:
    """The choices seen so far, by topic; and the most messages seen pinned at one time."""

    chosen: dict[str, str] = field(default_factory=dict)
    pins: int = 0

    def against(self, seen: Iterable[Habit]) -> Habit | None:
        """One of ``seen`` that goes against an earlier one."""
        return next(
            (one for one in seen if self.chosen.get(one.topic, one.choice) != one.choice), None
        )

    def learn(self, seen: Iterable[Habit], after: Session) -> None:
        for one in seen:
            self.chosen[one.topic] = one.choice
        self.pins = max(self.pins, sum(message.pin is not None for message in after.messages))

    def may_crowd(self, before: Session) -> bool:
        """Whether one more pin may be too many for this target (PIN-8, SHOULD)."""
        return sum(message.pin is not None for message in before.messages) >= self.pins


def habit(
    limits: Limits, before: Session, caller: Person, call: Call, told: Told, after: Session
) -> Habit | None:
    """The choice that a call shows, where it shows one."""
    was, now = before.find(call.chat), after.find(call.chat)
    if was is None or now is None:
        return None
    refused = told.outcome is Outcome.REFUSED
    if call.verb is Verb.REACT and call.value in limits.reactions:
        return _reacting(was, now, caller.id, str(call.value), refused)
    if call.verb is Verb.PIN and caller.host and was.pin:
        return Habit(PIN_AGAIN, "refused" if refused else _pinned_again(was.pin, now.pin))
    return None


def _reacting(was: Message, now: Message, by: str, name: str, refused: bool) -> Habit | None:
    old = [one for one in was.reactions if one.by == by]
    new = [one for one in now.reactions if one.by == by]
    same, others = (
        [one for one in old if one.name == name],
        [one for one in old if one.name != name],
    )
    if same:
        held = [one for one in new if one.name == name]
        if refused:
            return Habit(AGAIN, "refused")
        if len(held) > len(same):
            return Habit(AGAIN, "counted twice")
        return Habit(
            AGAIN,
            "the same id" if {one.id for one in held} == {one.id for one in same} else "a new id",
        )
    if others:
        kept = {one.id for one in others} <= {one.id for one in new}
        return Habit(
            OTHER, "refused" if refused else "kept beside the first" if kept else "in its place"
        )
    return None


def _pinned_again(was: str, now: str | None) -> str:
    if now is None:
        return "taken away"
    return "the same pin" if was == now else "a new pin"
