"""What may be true after a call, given what its caller was told: the model with its freedoms open.

:class:`~conformance.model.Model` does one thing per set of freedoms. A checker does not know which
freedoms a target takes, so it keeps every :class:`Session` that explains the answers so far:

    sessions = {Session()}
    sessions = {after for s in sessions for after in successors(limits, s, alice, call, told)}
    sessions = {after for s in sessions for after in shown(s, chat, seen)}     # after a read

An empty set means: under no choice that the contract leaves open can a server have answered so.
What a MUST rules out is never among the successors; what a SHOULD or OBSERVE row speaks of is.

``Reaction.by`` and ``Person.id`` are whatever names the caller of this module gives to people.
Pins are answered without their id, so a new pin has the id :data:`UNSEEN` until :func:`shown`
gives it the one that the list shows; the same goes for what a call of unknown effect has made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from conformance.contract import Limits
from conformance.model import (
    Freedoms,
    Fresh,
    Message,
    Model,
    Person,
    Reaction,
    Refusal,
    Repeat,
    Second,
    Session,
    Step,
)
from conformance.values import equivalent

UNSEEN = "\ufffd?"
"""The id of a thing whose id nobody has been shown."""
MOST_TWINS = 12
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Verb(StrEnum):
    SEND = "send"
    DELETE = "delete"
    REACT = "react"
    UNREACT = "unreact"
    PIN = "pin"
    UNPIN = "unpin"


class Outcome(StrEnum):
    """ACCEPTED: 2xx. REFUSED: 4xx. UNKNOWN: 5xx, broken or timed out, with or without effect."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Call:
    """``value`` is the text of a send, the name of a reaction, or the id of a reaction or pin."""

    verb: Verb
    chat: str = ""
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a caller was told. ``text`` and ``created`` are those of the answer to a send."""

    outcome: Outcome
    id: str | None = None
    text: str | None = None
    created: datetime = EPOCH

    @classmethod
    def of(cls, status: int, id: str | None = None) -> Told:
        """By an HTTP status; 0 stands for no answer at all."""
        if 200 <= status < 300:
            return cls(Outcome.ACCEPTED, id)
        return cls(Outcome.REFUSED if 400 <= status < 500 else Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as a list shows it: the id of its pin, and its reactions as (name, person)."""

    pin: str | None = None
    reactions: frozenset[tuple[str, str]] = frozenset()


# -- calls -----------------------------------------------------------------------------------------


def successors(
    limits: Limits,
    session: Session,
    caller: Person,
    call: Call,
    told: Told,
    *,
    pinned_elsewhere: bool = False,
    keeps: frozenset[str] = frozenset(),
) -> set[Session]:
    """Every session that may follow ``session`` where ``call`` got the answer ``told``.

    ``pinned_elsewhere``: messages that ``session`` does not hold may be pinned, so that a target
    with one pin at a time (PIN-8) may refuse any pin. ``keeps`` may name REACT-5, PIN-7 and PIN-8:
    what goes against a SHOULD that the target was seen to keep explains no answer.
    """
    if told.outcome is Outcome.UNKNOWN:
        made = Told(Outcome.ACCEPTED, UNSEEN)
        return {session} | _accepted(limits, session, caller, call, made, keeps)
    if told.outcome is Outcome.ACCEPTED:
        return _accepted(limits, session, caller, call, told, keeps)
    if _may_refuse(limits, session, caller, call, pinned_elsewhere):
        return {session}
    return set()


def _accepted(
    limits: Limits,
    session: Session,
    caller: Person,
    call: Call,
    told: Told,
    keeps: frozenset[str],
) -> set[Session]:
    if call.verb is Verb.SEND:
        return _sent(limits, session, caller, call, told)
    found = set()
    for step in _steps(limits, session, caller, call, told.id or UNSEEN):
        if step.refusal is None and told.id in (None, UNSEEN, step.id):
            found.add(step.session)
        elif step.refusal is Refusal.UNKNOWN and call.verb in _REMOVING:
            # DEL-5, UNREACT-4, PIN-6 (SHOULD): removing what is not there may be answered 200.
            found.add(step.session)
    beyond = _against_advice(limits, session, caller, call, told)
    return found | {after for rule, after in beyond if rule not in keeps}


def _may_refuse(
    limits: Limits, session: Session, caller: Person, call: Call, pinned_elsewhere: bool
) -> bool:
    if call.verb is Verb.SEND:
        return not _must_accept(limits, call.value)
    if call.verb is Verb.REACT and call.value not in limits.reactions:
        return True
    if call.verb is Verb.PIN and pinned_elsewhere:
        return True
    return any(step.refusal for step in _steps(limits, session, caller, call, UNSEEN))


_REMOVING = frozenset({Verb.DELETE, Verb.UNREACT, Verb.UNPIN})
# Only one of a pair decides about any one call, so three models stand for all nine pairs.
_FREEDOMS: dict[Verb, tuple[Freedoms, ...]] = {
    Verb.DELETE: (Freedoms(),),
    Verb.REACT: tuple(
        Freedoms(repeated_reaction=again, other_reaction=other)
        for again, other in zip(Repeat, Second, strict=True)
    ),
    Verb.PIN: tuple(
        Freedoms(repeated_pin=again, other_pin=other)
        for again, other in zip(Repeat, Second, strict=True)
    ),
    # PERM-4 and PERM-8 (SHOULD).
    Verb.UNREACT: (Freedoms(), Freedoms(sender_removes_reactions=True)),
    Verb.UNPIN: (Freedoms(), Freedoms(sender_unpins=True)),
}


def _models(limits: Limits, session: Session, caller: Person, call: Call) -> list[Model]:
    """The models that may differ in what they make of the call; one where none does."""
    freedoms = _FREEDOMS[call.verb]
    match call.verb:
        case Verb.REACT:
            message = session.find(call.chat)
            open_choice = message and any(one.by == caller.id for one in message.reactions)
        case Verb.PIN:
            open_choice = any(message.pin for message in session.messages)
        case _:
            open_choice = not caller.host
    return [Model(limits, one) for one in (freedoms if open_choice else freedoms[:1])]


def _steps(
    limits: Limits, session: Session, caller: Person, call: Call, new: str
) -> Iterator[Step]:
    """What the call does under each freedom; ``new`` is the id of what it makes."""
    chat, value, fresh = call.chat, call.value or "", Fresh(new, EPOCH)
    models = _models(limits, session, caller, call)
    for start in _readings(session, call, caller, new):
        for model in models:
            match call.verb:
                case Verb.DELETE:
                    yield model.delete(start, caller, chat)
                case Verb.REACT:
                    name = limits.reaction_of(value) or value
                    yield model.react(start, caller, chat, name, fresh)
                case Verb.UNREACT:
                    yield model.unreact(start, caller, chat, value)
                case Verb.PIN:
                    yield model.pin(start, caller, chat, Fresh(UNSEEN, EPOCH))
                case _:
                    yield model.unpin(start, caller, chat, value)


def _readings(session: Session, call: Call, caller: Person, new: str) -> Iterator[Session]:
    """The session, and the session in which an unseen id is the one that the call speaks of."""
    yield session
    message = session.find(call.chat)
    if message is None:
        return
    if call.verb is Verb.UNPIN and message.pin == UNSEEN and call.value:
        yield session.put(replace(message, pin=call.value))
    own = None if call.verb is Verb.UNREACT else caller.id
    named = call.value if call.verb is Verb.UNREACT else new
    if call.verb in (Verb.REACT, Verb.UNREACT) and named:
        for reaction in message.reactions:
            if reaction.id == UNSEEN and own in (None, reaction.by):
                yield session.put(_renamed(message, reaction, named))


def _renamed(message: Message, reaction: Reaction, id: str) -> Message:
    named = replace(reaction, id=id)
    held = tuple(named if one is reaction else one for one in message.reactions)
    return replace(message, reactions=held)


def _against_advice(
    limits: Limits, session: Session, caller: Person, call: Call, told: Told
) -> Iterator[tuple[str, Session]]:
    """What an accepted call may do besides, each with the SHOULD that it goes against."""
    message = session.find(call.chat)
    if message is None:
        return
    if call.verb is Verb.REACT:
        # REACT-5: the same reaction counts twice.
        name = limits.reaction_of(call.value or "")
        same = [one for one in message.reactions if (one.by, one.name) == (caller.id, name)]
        # As often as it was given; the bound keeps searches finite that may repeat a call at will.
        if same and len(same) < MOST_TWINS:
            twin = replace(same[0], id=told.id or UNSEEN)
            yield "REACT-5", session.put(replace(message, reactions=(*message.reactions, twin)))
    if call.verb is Verb.PIN and caller.host:
        if message.pin:
            # PIN-7: the second pin takes the first away.
            yield "PIN-7", session.put(replace(message, pin=None))
            return
        # PIN-8: so many pins and no more, and the new one takes the place of an old one.
        pinned = session.put(replace(message, pin=UNSEEN))
        for other in session.messages:
            if other.pin:
                yield "PIN-8", pinned.put(replace(other, pin=None))


# -- sending ---------------------------------------------------------------------------------------


def _must_accept(limits: Limits, text: str | None) -> bool:
    """SEND-1 and SEND-5: not blank, and short enough in UTF-16 units, the largest count there is.

    Lone surrogates and U+0000 are free, kept or refused.
    """
    if (
        text is None
        or not text.strip()
        or "\0" in text
        or any("\ud800" <= c <= "\udfff" for c in text)
    ):
        return False
    return len(text.encode("utf-16-le")) // 2 <= limits.message_length


def _too_long(limits: Limits, text: str) -> bool:
    """SEND-6: too long in every unit; characters that might combine are not counted."""
    alone = sum(("!" <= c <= "~") or ("\u4e00" <= c <= "\u9fff") for c in text)
    return alone > limits.message_length


def _sent(limits: Limits, session: Session, caller: Person, call: Call, told: Told) -> set[Session]:
    asked, stored = call.value, call.value if told.text is None else told.text
    if asked is not None and asked.strip() and not _tolerable(limits, asked, stored):
        return set()
    if told.id != UNSEEN and session.find(told.id or ""):
        return set()  # SEND-3
    message = Message(told.id or UNSEEN, stored, told.created, caller)
    return {Session((*session.messages, message))}


def _tolerable(limits: Limits, asked: str, stored: str | None) -> bool:
    """SEND-2 and SEND-6, with SEND-14 and SEND-18 left open; SEND-7: a text may come back cut."""
    if stored is None or _too_long(limits, stored):
        return False
    whole, kept = asked.strip(), stored.strip()
    cut = bool(kept) and whole.startswith(kept) and not _must_accept(limits, asked)
    return equivalent(whole, kept) or cut


# -- reads -----------------------------------------------------------------------------------------


def shown(session: Session, chat: str, seen: Seen | None) -> set[Session]:
    """``session``, where a list may show ``chat`` so (``None``: not at all); otherwise nothing.

    The id of an unseen pin is the one shown, in the session that comes back.
    """
    message = session.find(chat)
    if message is None or seen is None:
        return {session} if message is None and seen is None else set()
    held = frozenset((one.name, one.by) for one in message.reactions)
    if held != seen.reactions or (message.pin is None) != (seen.pin is None):
        return set()
    if message.pin == UNSEEN:
        return {session.put(replace(message, pin=seen.pin))}
    return {session} if message.pin == seen.pin else set()


def listed(session: Session, chat: str, entries: Iterable[tuple[str, str]]) -> set[Session]:
    """``session``, where the reactions list may give these (id, name) of ``chat``; else nothing.

    A message that is not there has none. Ids of reactions that were unseen become those listed.
    """
    message = session.find(chat)
    given = sorted(entries)
    if message is None:
        return set() if given else {session}
    return {
        session.put(replace(message, reactions=held)) for held in _named(message.reactions, given)
    }


def _named(
    reactions: tuple[Reaction, ...], entries: list[tuple[str, str]]
) -> Iterator[tuple[Reaction, ...]]:
    """The reactions under the ids of the entries, in every way that pairs them all."""
    known = [(one.id, one.name) for one in reactions if one.id != UNSEEN]
    rest = list(entries)
    for entry in known:
        if entry not in rest:
            return
        rest.remove(entry)
    if sorted(name for _, name in rest) != sorted(
        one.name for one in reactions if one.id == UNSEEN
    ):
        return
    yield from _paired(reactions, rest)


def _paired(
    reactions: tuple[Reaction, ...], rest: list[tuple[str, str]]
) -> Iterator[tuple[Reaction, ...]]:
    place = next((n for n, one in enumerate(reactions) if one.id == UNSEEN), None)
    if place is None:
        yield reactions
        return
    for entry in dict.fromkeys(rest):
        if entry[1] == reactions[place].name:
            left = list(rest)
            left.remove(entry)
            named = replace(reactions[place], id=entry[0])
            yield from _paired((*reactions[:place], named, *reactions[place + 1 :]), left)
