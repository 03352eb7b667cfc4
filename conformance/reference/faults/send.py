"""Faults in the sending of messages (SEND): ids, limits, times and what is taken from a body."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from conformance.model import Fresh, Message, Person, Session, Step
from conformance.reference.registry import fault
from conformance.reference.server import Server

# -- the answer ------------------------------------------------------------------------------------


@fault("send-time-without-offset", "SEND-1", "LIST-1", "HTTP-3")
class TimeWithoutOffset(Server):
    """Times have no offset."""

    def instant(self, created: datetime) -> str:
        return super().instant(created).removesuffix("Z")


# -- ids and senders -------------------------------------------------------------------------------


class Numbered(Server, ABC):
    """Gives messages numbers for ids."""

    @abstractmethod
    def number(self, caller: Person) -> int: ...

    def send(self, session: Session, caller: Person, text: str | None, fresh: Fresh) -> Step:
        numbered = replace(fresh, id=str(self.number(caller)))
        return super().send(session, caller, text, numbered)


@fault("send-id-reused", "SEND-3", "CONC-5")
class IdReused(Numbered):
    """The id of the newest message is given anew once that message is deleted."""

    def number(self, caller: Person) -> int:
        ids = (int(m.id) for session in self.sessions.values() for m in session.messages)
        return 1 + max(ids, default=0)


# An outsider who names such an id reaches a message of the own session: seen from outside, ISO-2
# and ISO-3 are broken.
@fault("send-ids-per-session", "SEND-3", "ISO-2", "ISO-3")
class IdsPerSession(Numbered):
    """Each session counts its own ids from one, so that sessions share ids."""

    def set_up(self) -> None:
        super().set_up()
        self.counters = dict.fromkeys(self.sessions, 0)

    def number(self, caller: Person) -> int:
        self.counters[caller.session] += 1
        return self.counters[caller.session]


@fault("send-repeat-swallowed", "SEND-3", "STATE-3", "CONC-1")
class RepeatSwallowed(Server):
    """The same text sent twice in a row by one participant is kept once."""

    def send(self, session: Session, caller: Person, text: str | None, fresh: Fresh) -> Step:
        last = session.messages[-1] if session.messages else None
        if last and (last.sender.id, last.text) == (caller.id, text):
            return Step(session, last.id)
        return super().send(session, caller, text, fresh)


@fault("send-sender-is-viewer", "SEND-4", "LIST-10", "STATE-3", "STATE-5")
class SenderIsViewer(Server):
    """Every message is shown as sent by whoever asks for the list."""

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        return {**super().shown(message, viewer), "user": {"id": viewer.id, "name": viewer.name}}


@fault("send-time-of-last-reaction", "SEND-17", "SEND-4", "STATE-3")
class TimeOfLastReaction(Server):
    """The createdAt shown is the time of the message's last change: a reaction moves it."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        step = super().react(session, caller, chat, name, fresh)
        message = step.session.find(chat)
        if step.refusal or message is None:
            return step
        rest = step.session.drop(chat).messages
        return step._replace(session=Session((*rest, replace(message, created=fresh.now))))


# -- the limit -------------------------------------------------------------------------------------


class Counting(Server, ABC):
    """Counts a text in a way of its own."""

    @abstractmethod
    def length(self, text: str) -> int: ...

    def accepts_text(self, text: str) -> bool:
        return bool(text.strip()) and self.length(text) <= self.limits.message_length


@fault("send-limit-one-short", "SEND-5", "SEND-1", "STATE-3")
class LimitOneShort(Counting):
    """A text of exactly the limit is refused."""

    def length(self, text: str) -> int:
        return len(text) + 1


@fault("send-limit-one-over", "SEND-6", "SEND-7", "STATE-3")
class LimitOneOver(Counting):
    """One character more than the limit is accepted."""

    def length(self, text: str) -> int:
        return len(text) - 1


@fault("send-limit-in-bytes", "SEND-5", "SEND-1", "STATE-3")
class LimitInBytes(Counting):
    """The limit counts UTF-8 bytes."""

    def length(self, text: str) -> int:
        return len(text.encode())


@fault("send-limit-in-escapes", "SEND-5", "SEND-1", "STATE-3")
class LimitInEscapes(Counting):
    """The limit counts the text as JSON escapes it."""

    def length(self, text: str) -> int:
        return len(json.dumps(text)) - 2


@fault("send-limit-doubles-pairs", "SEND-5", "SEND-1", "STATE-3")
class LimitDoublesPairs(Counting):
    """A character beyond the basic plane counts as four."""

    def length(self, text: str) -> int:
        return sum(4 if ord(character) > 0xFFFF else 1 for character in text)


@fault("send-limit-of-ascii", "SEND-6", "SEND-7", "STATE-3")
class LimitOfAscii(Counting):
    """The limit counts ASCII characters only."""

    def length(self, text: str) -> int:
        return len(text.encode("ascii", "ignore"))


@fault("send-limit-without-breaks", "SEND-6", "SEND-7", "STATE-3")
class LimitWithoutBreaks(Counting):
    """Line breaks do not count towards the limit."""

    def length(self, text: str) -> int:
        return len(text.replace("\n", ""))


@fault("send-limit-trimmed", "SEND-6", "STATE-3")
class LimitTrimmed(Counting):
    """White space at the ends does not count towards the limit, and is kept."""

    def length(self, text: str) -> int:
        return len(text.strip())


@fault("send-no-limit", "SEND-6", "SEND-7", "STATE-3")
class NoLimit(Counting):
    """Texts of any length are accepted."""

    def length(self, text: str) -> int:
        return 0


@fault("send-refused-but-kept", "SEND-6", "SEND-7", "STATE-1", "STATE-3")
class RefusedButKept(Server):
    """A text over the limit is refused after it was stored."""

    def send(self, session: Session, caller: Person, text: str | None, fresh: Fresh) -> Step:
        step = super().send(session, caller, text, fresh)
        if text is None or not text.strip() or not step.refusal:
            return step
        message = Message(fresh.id, text, fresh.now, caller)
        return step._replace(session=Session((*session.messages, message)))


@fault("send-cuts-long", "SEND-7")
class CutsLong(Server):
    """A text over the limit is cut to it."""

    def text(self, body: Any) -> str:
        return super().text(body)[: self.limits.message_length]


@fault("send-cuts-with-dots", "SEND-7")
class CutsWithDots(Server):
    """A text over the limit is shortened to it, with an ellipsis."""

    def text(self, body: Any) -> str:
        text, limit = super().text(body), self.limits.message_length
        return text if len(text) <= limit else text[: limit - 1] + "…"


@fault("send-needs-two-characters", "SEND-1", "STATE-3")
class NeedsTwoCharacters(Server):
    """A text of a single character is refused."""

    def accepts_text(self, text: str) -> bool:
        return super().accepts_text(text) and len(text) > 1


# -- times -----------------------------------------------------------------------------------------


@fault("send-clock-ahead", "SEND-11")
class ClockAhead(Server):
    """The clock is an hour ahead: local time written as UTC."""

    def clock(self) -> datetime:
        return super().clock() + timedelta(hours=1)


@fault("send-date-only", "SEND-11")
class DateOnly(Server):
    """The database keeps the day of createdAt and drops the time."""

    def instant(self, created: datetime) -> str:
        return super().instant(created.replace(hour=0, minute=0, second=0, microsecond=0))


@fault("send-fraction-not-padded", "SEND-12", "SORT-1", "SORT-2", "SORT-3", "SORT-10", "CONC-5")
class FractionNotPadded(Server):
    """Milliseconds are written without leading zeros: 5 ms becomes half a second."""

    def instant(self, created: datetime) -> str:
        milliseconds = created.microsecond // 1000
        return f"{created.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{milliseconds}Z"


@fault("send-wrong-offset", "SEND-11")
class WrongOffset(Server):
    """createdAt is the time in UTC with another zone's offset."""

    def instant(self, created: datetime) -> str:
        return super().instant(created).replace("Z", "+02:00")


@fault("send-clocks-apart", "SEND-12")
class ClocksApart(Server):
    """Every second call is served by a node whose clock is three seconds behind."""

    def set_up(self) -> None:
        self.behind = False
        super().set_up()

    def clock(self) -> datetime:
        self.behind = not self.behind
        return super().clock() - timedelta(seconds=3 if self.behind else 0)

    def now(self) -> datetime:
        self.last = datetime.min.replace(tzinfo=UTC)
        return super().now()


@fault("send-members-behind", "SEND-12")
class MembersBehind(Server):
    """Messages of members are stamped by a clock that is two seconds behind the host's."""

    def send(self, session: Session, caller: Person, text: str | None, fresh: Fresh) -> Step:
        late = timedelta(seconds=0 if caller.host else 2)
        return super().send(session, caller, text, replace(fresh, now=fresh.now - late))


@fault("send-list-drops-milliseconds", "SEND-17")
class ListDropsMilliseconds(Server):
    """The list shows createdAt in whole seconds, the answer in milliseconds."""

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        whole = self.instant(message.created.replace(microsecond=0))
        return {**super().shown(message, viewer), "createdAt": whole}


@fault("send-answer-stamped-late", "SEND-17")
class AnswerStampedLate(Server):
    """The answer's createdAt is the time of answering, not the one stored."""

    def acknowledged(self, message: Message) -> dict[str, Any]:
        written = message.created + timedelta(milliseconds=7)
        return {**super().acknowledged(message), "createdAt": self.instant(written)}


@fault("send-list-in-other-zone", "SEND-4", "SEND-17", "SEND-11", "STATE-3")
class ListInOtherZone(Server):
    """The list writes local time as if it were UTC."""

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        local = self.instant(message.created + timedelta(hours=2))
        return {**super().shown(message, viewer), "createdAt": local}


@fault("send-ids-come-round", "SEND-3")
class IdsComeRound(Server):
    """Ids are drawn from too few: one that a deleted message had comes back after a while."""

    def set_up(self) -> None:
        self.drawn: list[str] = []
        super().set_up()

    def new_id(self) -> str:
        live = {one.id for session in self.sessions.values() for one in session.messages}
        former = [id for id in self.drawn[-60:-30] if id not in live]
        self.drawn.append(super().new_id())
        return former[0] if len(self.drawn) % 20 == 0 and former else self.drawn[-1]
