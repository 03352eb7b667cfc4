"""Answers as the calls of a history: which states of a message may follow what a caller was told."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from conformance.client import Answer, Listed, Participant, Reacted, ReactionsListed, Sent, Shown
from conformance.contract import Limits
from conformance.linearize import Bar
from conformance.model import Person, Session
from conformance.oracle import Call, Outcome, Seen, Told, Verb, listed, shown, successors
from conformance.suite.habits import Habits
from conformance.values import brief
from conformance.views import snapshot


def bar_of_call(
    limits: Limits, habits: Habits, person: Person, call: Call, answer: Answer, number: int
) -> Bar[Session]:
    """A call that may change the message, which is shown as M with its ``number``."""
    told = Told.of(answer.status, _new_id(answer))

    def after(session: Session) -> Iterable[Session]:
        # Other pinned messages of the session, old ones too, may keep a target from pinning (PIN-8).
        elsewhere = not habits.many_pins
        return successors(
            limits, session, person, call, told, pinned_elsewhere=elsewhere, keeps=habits.keeps
        )

    exchange = answer.exchange
    open_ended = told.outcome is Outcome.UNKNOWN
    return Bar(
        exchange.actor,
        exchange.began,
        math.inf if open_ended else exchange.ended,
        after,
        _label(call, number),
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
    limits: Limits, viewer: Participant, chat: str, page: Listed, number: int, missing: bool
) -> list[Bar[Session]]:
    """What a page says of one message: nothing, where it neither shows it nor proves it ``missing``."""
    message = page.get(chat) if page.accepted else None
    if message is None and not (page.accepted and missing):
        return []
    seen = _seen(viewer, message) if message else None
    after = partial(_after_list, chat=chat, seen=seen)
    return [_read(page, after, f"list M{number}", _words(seen))]


def _after_list(session: Session, chat: str, seen: Seen | None) -> Iterable[Session]:
    return shown(session, chat, seen)


def _seen(viewer: Participant, message: Shown) -> Seen:
    kept = snapshot(viewer, message)
    return Seen(kept.pin, kept.reactions)


def _words(seen: Seen | None) -> str:
    if seen is None:
        return "not there"
    held = ", ".join(f"{name} by {who}" for name, who in sorted(seen.reactions)) or "no reactions"
    return f"{f'pinned as {brief(seen.pin, 40)}' if seen.pin else 'not pinned'}, {held}"


def absent(page: Listed, created: datetime | None) -> bool:
    """Whether a message sent at ``created`` would stand on this page of the newest, were it there."""
    if not page.accepted:
        return False
    stamps = [message.instant for message in page.messages]
    if page.total <= len(stamps):
        return True
    newest_first = all(one >= other for one, other in itertools.pairwise(stamps))
    return bool(created and stamps and newest_first and created > stamps[-1])


def bar_of_reactions(
    limits: Limits, viewer: Participant, chat: str, answer: ReactionsListed, number: int
) -> list[Bar[Session]]:
    """What the reactions list says of one message; a refusal says that it is not there (RLIST-5)."""
    label = f"reactions of M{number}"
    if answer.refused:
        after = partial(_after_list, chat=chat, seen=None)
        return [_read(answer, after, label, answer.exchange.outcome())]
    if not answer.accepted:
        return []
    held = [
        (entry["id"], limits.reaction_of(entry["reaction"]) or entry["reaction"])
        for entry in answer
        if entry["chatId"] == chat
    ]
    words = ", ".join(f"{name} as {brief(id, 40)}" for id, name in held) or "none"
    return [_read(answer, partial(_after_reactions, chat=chat, held=held), label, words)]


def _after_reactions(
    session: Session, chat: str, held: list[tuple[str, str]]
) -> Iterable[Session]:
    return listed(session, chat, held)


def _read(answer: Answer, after: partial[Iterable[Session]], label: str, words: str) -> Bar[Session]:
    exchange = answer.exchange
    return Bar(
        exchange.actor, exchange.began, exchange.ended, after, label, words, True, exchange.id
    )
