"""Which requirement a target breaks most directly where a sequence of calls leaves the model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.client import Answer
from conformance.contract import Limits
from conformance.model import Message, Session
from conformance.oracle import UNSEEN, Call, Outcome, Told, Verb
from conformance.values import brief
from conformance.views import Snapshot


class Discrepancy(Exception):
    """Where the target and the model part. ``check`` are lines of a test that show it again."""

    def __init__(
        self,
        rule: str,
        summary: str,
        expected: str,
        actual: str,
        on: tuple[Answer, ...] = (),
        check: tuple[str, ...] = (),
    ) -> None:
        super().__init__(f"{rule}: {summary}")
        self.rule, self.summary = rule, summary
        self.expected, self.actual = expected, actual
        self.on, self.check = on, check

    @property
    def key(self) -> tuple[str, str]:
        """What two findings of one defect have in common."""
        return self.rule, self.summary


@dataclass(frozen=True, slots=True)
class Deed:
    """The last call that could change something, with what its caller was told."""

    actor: str
    host: bool
    person: str
    """The id under which the target shows the caller."""
    call: Call
    told: Told
    before: Session
    stranger: bool = False
    """Whether it was made from another session, or on a thing of one."""

    @property
    def refused(self) -> bool:
        return self.told.outcome is Outcome.REFUSED

    def touches(self, chat: str) -> bool:
        return chat == (self.told.id if self.call.verb is Verb.SEND else self.call.chat)


# -- answers ---------------------------------------------------------------------------------------


def of_answer(limits: Limits, deed: Deed) -> tuple[str, str]:
    """The requirement that an answer breaks by itself, and how."""
    if deed.stranger:
        return "ISO-2", f"{_what(deed)} across sessions was not refused"
    if deed.refused:
        return _not_accepted(deed)
    if len(deed.call.value or "") > limits.message_length and deed.call.verb is Verb.SEND:
        if len(deed.told.text or "") > limits.message_length:
            return "SEND-6", "a text beyond the limit was stored after a sequence of calls"
        return "SEND-7", "a text beyond the limit was cut after a sequence of calls"
    return _not_refused(deed)


def _not_accepted(deed: Deed) -> tuple[str, str]:
    own = _owns(deed)
    rules = {
        Verb.SEND: "SEND-1",
        Verb.DELETE: "DEL-1" if own else "DEL-2",
        Verb.REACT: "REACT-1",
        Verb.UNREACT: "UNREACT-1" if own else "UNREACT-2",
        Verb.PIN: "PIN-1",
        Verb.UNPIN: "PIN-2",
    }
    return rules[deed.call.verb], f"{_what(deed)} was refused after a sequence of calls"


def _not_refused(deed: Deed) -> tuple[str, str]:
    message = deed.before.find(deed.call.chat)
    summary = f"{_what(deed)} was accepted after a sequence of calls"
    match deed.call.verb:
        case Verb.SEND:
            return (
                ("SEND-3", "a new message has the id of another")
                if deed.before.find(deed.told.id or "")
                else ("SEND-2", "a message's text came back changed")
            )
        case Verb.DELETE:
            hosts = message is not None and message.sender.host
            return "PERM-2" if hosts else "PERM-1", summary
        case Verb.REACT:
            return "REACT-6" if message is None else "REACT-2", summary
        case Verb.UNREACT:
            return "PERM-3", summary
        case Verb.PIN:
            return "PERM-5" if not deed.host else "PIN-4", summary
        case _:
            return "PERM-6", summary


def _what(deed: Deed) -> str:
    who = "the host's" if deed.host else "a member's"
    message = deed.before.find(deed.call.chat)
    if message is None and deed.call.verb is not Verb.SEND:
        return f"{who} {deed.call.verb} of a message that is not there"
    if deed.call.verb is Verb.REACT:
        return f"{who} reaction {brief(deed.call.value)}"
    return f"{who} {'valid ' if deed.refused else ''}{deed.call.verb}"


def _owns(deed: Deed) -> bool:
    message = deed.before.find(deed.call.chat)
    if message is None:
        return True
    if deed.call.verb is Verb.UNREACT:
        return any(one.id == deed.call.value and one.by == deed.person for one in message.reactions)
    return message.sender.id == deed.person


# -- the message list ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """One aspect of one message that is not shown as the model has it."""

    chat: str
    aspect: str
    """``missing``, ``surplus``, ``pin``, ``reactions``, ``text``, ``created`` or ``user``."""
    expected: Any = None
    actual: Any = None


@dataclass(frozen=True, slots=True)
class Fixed:
    """What never changes about a message, as far as it is known."""

    text: Any
    user: str
    created: Any = field(default=None)


def differences(
    state: Session, seen: dict[str, Snapshot], fixed: dict[str, Fixed], complete: bool
) -> Iterator[Difference]:
    """How what is shown differs from ``state``, touched aspects of each message first."""
    for message in state.messages:
        shown = seen.get(message.id)
        if shown is not None:
            yield from _of_message(message, shown, fixed[message.id])
        elif complete:
            yield Difference(message.id, "missing", "listed", "absent")
    for chat in seen.keys() & fixed.keys():
        if state.find(chat) is None:
            yield Difference(chat, "surplus", "absent", "listed")


def _of_message(message: Message, shown: Snapshot, fixed: Fixed) -> Iterator[Difference]:
    held = frozenset((one.name, one.by) for one in message.reactions)
    if held != shown.reactions:
        yield Difference(message.id, "reactions", held, shown.reactions)
    if (message.pin is None) != (shown.pin is None) or (
        message.pin not in (None, UNSEEN) and message.pin != shown.pin
    ):
        yield Difference(message.id, "pin", message.pin, shown.pin)
    if _stripped(shown.text) != _stripped(fixed.text):
        yield Difference(message.id, "text", fixed.text, shown.text)
    if shown.user != fixed.user:
        yield Difference(message.id, "user", fixed.user, shown.user)
    if fixed.created is not None and shown.created != fixed.created:
        yield Difference(message.id, "created", fixed.created, shown.created)


def _stripped(text: Any) -> Any:
    # SEND-14: white space at the ends may go; SEND-10: no text may be shown as the empty one.
    return (text or "").strip() if isinstance(text, str | None) else text


def of_difference(deed: Deed | None, one: Difference) -> tuple[str, str]:
    """The requirement that a wrong message list breaks, and how, after the last call."""
    if deed is None:
        return "STATE-2", f"reading changed a message: {_words(one)}"
    if deed.stranger:
        return "ISO-2", f"a call across sessions changed a message: {_words(one)}"
    if deed.refused:
        return "STATE-1", f"a refused {deed.call.verb} changed a message: {_words(one)}"
    if _misdirected(deed):
        rule = "UNREACT-3" if deed.call.verb is Verb.UNREACT else "PIN-5"
        return rule, f"an {deed.call.verb} with an id that its message has not took effect"
    if deed.touches(one.chat):
        return _touched(deed, one)
    return _untouched(deed, one)


def _misdirected(deed: Deed) -> bool:
    """Whether the call speaks of a reaction or pin that its message has not."""
    message = deed.before.find(deed.call.chat)
    if deed.call.verb is Verb.UNREACT:
        return message is None or all(one.id != deed.call.value for one in message.reactions)
    # The id of a pin that no list has shown yet is not known.
    known = message is None or message.pin not in (deed.call.value, UNSEEN)
    return deed.call.verb is Verb.UNPIN and known


def _touched(deed: Deed, one: Difference) -> tuple[str, str]:
    verb, own = deed.call.verb, _owns(deed)
    match verb, one.aspect:
        case Verb.SEND, "pin":
            return "LIST-11", "a new message is shown as pinned"
        case Verb.SEND, "reactions":
            return "LIST-12", "a new message has reactions that nobody gave"
        case Verb.SEND, _:
            return "SEND-4", f"a message that was sent is not listed as it was: {_words(one)}"
        case Verb.DELETE, "surplus":
            return "DEL-3", "a deleted message is still listed"
        case Verb.REACT, "reactions":
            return _reacted(deed, one)
        case Verb.UNREACT, "reactions":
            return "UNREACT-1" if own else "UNREACT-2", _unreacted(deed, one)
        case Verb.PIN, "pin" if one.actual is None:
            return (
                "PIN-1",
                "a message that the host pinned is not shown as pinned",
            )
        case Verb.UNPIN, "pin" if one.expected is None:
            return "PIN-2", "a message that the host unpinned is still shown as pinned"
        case ((Verb.PIN | Verb.UNPIN), _):
            return "PIN-3", f"a {verb} changed more than the pin: {_words(one)}"
        case _:
            return "STATE-3", f"a {verb} changed something else on its message: {_words(one)}"


def _reacted(deed: Deed, one: Difference) -> tuple[str, str]:
    given = next(((name, by) for name, by in one.expected - one.actual if by == deed.person), None)
    if given:
        return "REACT-3", "a reaction that was answered is not shown on its message"
    if one.expected - one.actual:
        return "REACT-4", "a reaction took another participant's away"
    return "LIST-12", "a reaction shows more than was given"


def _unreacted(deed: Deed, one: Difference) -> str:
    if one.expected - one.actual:
        return "taking a reaction back took another one away"
    return "a reaction that was taken back is still shown"


NAMES = {"user": "sender", "created": "time"}
OTHERS = {Verb.DELETE: "DEL-3", Verb.REACT: "REACT-8"}


def _untouched(deed: Deed, one: Difference) -> tuple[str, str]:
    verb = deed.call.verb
    summary = f"a {verb} changed another message: {_words(one)}"
    if verb is Verb.UNREACT and one.aspect == "reactions":
        return "UNREACT-1" if _owns(deed) else "UNREACT-2", summary
    if verb in (Verb.PIN, Verb.UNPIN) and not (one.aspect == "pin" and one.actual is None):
        return "PIN-3", summary
    return OTHERS.get(verb, "STATE-3"), summary


def _words(one: Difference) -> str:
    match one.aspect:
        case "missing":
            return "it is gone"
        case "surplus":
            return "a deleted one is back"
        case "pin":
            return (
                "it lost its pin"
                if one.actual is None
                else "it got a pin"
                if one.expected is None
                else "its pin has another id"
            )
        case "reactions":
            lost, more = one.expected - one.actual, one.actual - one.expected
            return (
                "its reactions were exchanged"
                if lost and more
                else "it lost a reaction"
                if lost
                else "it got a reaction"
            )
        case aspect:
            return f"its {NAMES.get(aspect, aspect)} is another"


# -- the reactions list ----------------------------------------------------------------------------


def _renamed(deed: Deed | None) -> tuple[str, str]:
    if deed is None:
        return "STATE-2", "reading gave a reaction another id"
    if deed.refused:
        return "STATE-1", f"a refused {deed.call.verb} gave a reaction another id"
    pins = deed.call.verb in (Verb.PIN, Verb.UNPIN)
    rule = "PIN-3" if pins else OTHERS.get(deed.call.verb, "STATE-3")
    return rule, f"a {deed.call.verb} gave a reaction another id"


def of_entries(
    deed: Deed | None,
    chat: str,
    wanted: set[tuple[str, str]],
    given: list[tuple[str, str]],
    there: bool,
) -> tuple[str, str]:
    """The requirement that the reactions list of one message breaks. Pairs are (id, name)."""
    missing, surplus = wanted - set(given), set(given) - wanted
    if not there:
        return "DEL-4", "the reactions list still gives reactions of a deleted message"
    if deed and not deed.refused and not deed.stranger and deed.touches(chat):
        if deed.call.verb is Verb.REACT and deed.told.id in {id for id, _ in missing}:
            return (
                "REACT-3",
                "a reaction is not in the reactions list under the id that was answered",
            )
        if deed.call.verb is Verb.UNREACT and not _misdirected(deed):
            rule = "UNREACT-1" if _owns(deed) else "UNREACT-2"
            if deed.call.value in {id for id, _ in surplus}:
                return rule, "a reaction that was taken back is still in the reactions list"
            return rule, "taking a reaction back changed others in the reactions list"
    if sorted(name for _, name in wanted) == sorted(name for _, name in given):
        # The message list shows the same: it is no matter of the two lists.
        return _renamed(deed)
    what = "lacks" if missing else "has more than" if surplus else "repeats"
    return "RLIST-3", f"the reactions list {what} what the message list shows"
