"""Answers as calls of a history: which states of a message may follow what a caller was told."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from conformance.client import Answer, Listed, Participant, Reacted, ReactionsListed, Sent, Shown
from conformance.contract import Limits
from conformance.linearize import Bar
from conformance.model import Person, Session
from conformance.oracle import Call, Outcome, Seen, Told, Verb, listed, shown, successors
from conformance.suite.habits import Habits
from conformance.values import brief
from conformance.views import snapshot


@dataclass(frozen=True, slots=True)
class Aspect:
    """A part of a message that changes by itself: its pin, or the reactions of one person.

    An order that explains all of a history explains each aspect of it; so an aspect that has none
    shows a violation, in fewer calls and without what has nothing to do with it.
    """

    pin: bool = True
    who: str | None = None
    """The id of the person whose reactions it is about; ``None`` for everybody's."""
    ids: frozenset[str] | None = None
    """The ids of these reactions."""

    def takes(self, person: Person, call: Call) -> bool:
        match call.verb:
            case Verb.PIN | Verb.UNPIN:
                return self.pin
            case Verb.REACT:
                return self.who in (None, person.id)
            case Verb.UNREACT:
                return self.ids is None or call.value in self.ids
            case _:
                return True

    def of(self, seen: Seen) -> Seen:
        held = {one for one in seen.reactions if self.who in (None, one[1])}
        return Seen(seen.pin if self.pin else None, frozenset(held))


WHOLE = Aspect()
PIN_ONLY = Aspect(who="", ids=frozenset())


def plain(after: Iterable[Session]) -> list[Session]:
    """The states, with reactions in one order: states that differ in that only are the same."""
    return [
        Session(
            tuple(
                replace(
                    one, reactions=tuple(sorted(one.reactions, key=lambda r: (r.id, r.by, r.name)))
                )
                if len(one.reactions) > 1
                else one
                for one in session.messages
            )
        )
        for session in after
    ]


def bar_of_call(
    limits: Limits, habits: Habits, person: Person, call: Call, answer: Answer, thing: Named
) -> Bar[Session]:
    """A call that may change the message."""
    told = Told.of(answer.status, _new_id(answer))

    def after(session: Session) -> Iterable[Session]:
        # PIN-8: other pinned messages, old ones too, may keep a target from pinning this one.
        elsewhere = not habits.many_pins
        found = successors(
            limits, session, person, call, told, pinned_elsewhere=elsewhere, keeps=habits.keeps
        )
        return plain(found)

    exchange = answer.exchange
    open_ended = told.outcome is Outcome.UNKNOWN
    return Bar(
        exchange.actor,
        exchange.began,
        math.inf if open_ended else exchange.ended,
        after,
        _label(call, thing.number),
        exchange.outcome() + (f", id {brief(told.id, 40)}" if told.id else ""),
        told.outcome is Outcome.REFUSED,
        exchange.id,
    )


def _new_id(answer: Answer) -> str | None:
    return answer.id if answer.accepted and isinstance(answer, (Sent, Reacted)) else None


def _label(call: Call, number: int) -> str:
    thing = f"M{number}"
    match call.verb:
        case Verb.REACT:
            return f"react {call.value} to {thing}"
        case Verb.UNREACT:
            return f"unreact {brief(call.value, 40)} from {thing}"
        case Verb.UNPIN:
            return f"unpin {brief(call.value, 40)} from {thing}"
        case _:
            return f"{call.verb} {thing}"


def bar_of_list(
    viewer: Participant, thing: Named, page: Listed, aspect: Aspect, missing: bool
) -> list[Bar[Session]]:
    """What a page says of one message: nothing, if it neither shows it nor proves it missing."""
    message = page.get(thing.chat) if page.accepted else None
    if message is None and not (page.accepted and missing):
        return []
    if message and message.oddly_pinned:
        return []  # a pin that is shown in another form is LIST-11's matter
    seen = aspect.of(_seen(viewer, message)) if message else None

    def after(session: Session) -> Iterable[Session]:
        return shown(session, thing.chat, seen)

    return [_read(page, after, f"list M{thing.number}", _words(seen, aspect))]


def _seen(viewer: Participant, message: Shown) -> Seen:
    kept = snapshot(viewer, message)
    return Seen(kept.pin, kept.reactions)


def _words(seen: Seen | None, aspect: Aspect) -> str:
    if seen is None:
        return "not there"
    words = [f"pinned as {brief(seen.pin, 40)}" if seen.pin else "not pinned"] if aspect.pin else []
    if aspect.who != "":
        nothing = f"no reaction by {aspect.who}" if aspect.who else "no reactions"
        words += [f"{name} by {who}" for name, who in sorted(seen.reactions)] or [nothing]
    return ", ".join(words)


def absent(page: Listed, created: datetime | None) -> bool:
    """Whether a message sent at ``created`` would be on this newest page, were it there."""
    if not page.accepted:
        return False
    stamps = [message.instant for message in page.messages]
    if page.total <= len(stamps):
        return True
    newest_first = all(one >= other for one, other in itertools.pairwise(stamps))
    return bool(created and stamps and newest_first and created > stamps[-1])


def bar_of_reactions(
    limits: Limits, thing: Named, answer: ReactionsListed, aspect: Aspect
) -> list[Bar[Session]]:
    """What the reactions list says of a message; if it refuses, that it is not there (RLIST-5)."""
    label = f"reactions of M{thing.number}"

    def gone(session: Session) -> Iterable[Session]:
        return shown(session, thing.chat, None)

    def after(session: Session) -> Iterable[Session]:
        return plain(listed(session, thing.chat, held))

    if answer.refused:
        return [_read(answer, gone, label, answer.exchange.outcome())]
    if not answer.accepted or aspect.who == "":
        return []
    held = [
        (entry["id"], limits.reaction_of(entry["reaction"]) or entry["reaction"])
        for entry in answer
        if entry["chatId"] == thing.chat and (aspect.ids is None or entry["id"] in aspect.ids)
    ]
    words = ", ".join(f"{name} as {brief(id, 40)}" for id, name in held)
    nothing = f"none by {aspect.who}" if aspect.who else "none"
    return [_read(answer, after, label, words or nothing)]


def _read(
    answer: Answer, after: Callable[[Session], Iterable[Session]], label: str, words: str
) -> Bar[Session]:
    exchange = answer.exchange
    return Bar(
        exchange.actor, exchange.began, exchange.ended, after, label, words, True, exchange.id
    )


class Named(Protocol):
    """A message of a history, with the number that it is shown by."""

    number: int
    chat: str
