"""Faults in the reactions list (RLIST): what it gives, of which messages, and in what shape."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conformance.model import Message, Person, Reaction, Session
from conformance.reference.registry import fault
from conformance.reference.server import Server

Rows = tuple[tuple[Message, Reaction], ...]

# -- the messages asked for ------------------------------------------------------------------------


@fault("rlist-last-chat-only", "RLIST-2", "RLIST-1", "RLIST-3", "STATE-3")
class LastChatOnly(Server):
    """Of several chatIds only the last is looked up: the query is read into a dictionary."""

    def asked_for(self, request: Request) -> list[str]:
        return super().asked_for(request)[-1:]


@fault("rlist-ten-chats", "RLIST-2", "RLIST-3", "STATE-3")
class TenChats(Server):
    """Of more than ten chatIds the rest is dropped."""

    def asked_for(self, request: Request) -> list[str]:
        return super().asked_for(request)[:10]


@fault("rlist-whole-session", "RLIST-2", "STATE-3")
class WholeSession(Server):
    """The chatIds are ignored: the whole session's reactions are listed."""

    def reactions_for(self, caller: Person, session: Session, chats: Iterable[str]) -> Rows:
        return super().reactions_for(caller, session, [m.id for m in session.messages])


@fault("rlist-range-of-chats", "RLIST-2", "STATE-3")
class RangeOfChats(Server):
    """Two chatIds are taken for the ends of a range: messages sent between them are listed too."""

    def reactions_for(self, caller: Person, session: Session, chats: Iterable[str]) -> Rows:
        asked = set(chats)
        at = [place for place, m in enumerate(session.messages) if m.id in asked]
        between = session.messages[at[0] : at[-1] + 1] if at else ()
        return super().reactions_for(caller, session, [m.id for m in between])


@fault("rlist-drops-pinned", "RLIST-2", "RLIST-3", "REACT-3", "PIN-3", "STATE-3", "CONC-5")
class DropsPinned(Server):
    """The reactions of pinned messages are missing: the join leaves them out."""

    def reactions_for(self, caller: Person, session: Session, chats: Iterable[str]) -> Rows:
        rows = super().reactions_for(caller, session, chats)
        return tuple(row for row in rows if not row[0].pin)


@fault("rlist-unknown-hides-known", "RLIST-2")
class UnknownHidesKnown(Server):
    """An unknown chatId among known ones leaves the list empty."""

    def reactions_for(self, caller: Person, session: Session, chats: Iterable[str]) -> Rows:
        asked = list(chats)
        known = all(session.find(chat) for chat in asked)
        return super().reactions_for(caller, session, asked) if known else ()


# -- the reactions of a message --------------------------------------------------------------------


@fault("rlist-page-cap", "RLIST-2", "RLIST-3", "STATE-3")
class PageCap(Server):
    """The list stops after as many reactions as a page of messages holds."""

    def reactions_for(self, caller: Person, session: Session, chats: Iterable[str]) -> Rows:
        return super().reactions_for(caller, session, chats)[: self.limits.page_size]


@fault(
    "rlist-one-of-a-name",
    *("RLIST-2", "RLIST-3", "REACT-3", "REACT-4", "STATE-3", "CONC-2", "CONC-5"),
)
class OneOfAName(Server):
    """Only the first of a message's equal reactions is listed: they are grouped by name."""

    def reactions_for(self, caller: Person, session: Session, chats: Iterable[str]) -> Rows:
        rows = super().reactions_for(caller, session, chats)
        first = {(message.id, one.name): (message, one) for message, one in reversed(rows)}
        return tuple(row for row in rows if row in first.values())


@fault("rlist-one-by-person", "RLIST-2", "RLIST-3", "REACT-3", "STATE-3", "CONC-5")
class OneByPerson(Server):
    """Of a participant's two reactions to a message only the first is listed."""

    def reactions_for(self, caller: Person, session: Session, chats: Iterable[str]) -> Rows:
        rows = super().reactions_for(caller, session, chats)
        first = {(message.id, one.by): (message, one) for message, one in reversed(rows)}
        return tuple(row for row in rows if row in first.values())


@fault("rlist-own-only", "RLIST-2", "RLIST-3", "REACT-3", "STATE-3", "STATE-5", "CONC-2", "CONC-5")
class OwnOnly(Server):
    """Everyone is listed their own reactions only."""

    def reactions_for(self, caller: Person, session: Session, chats: Iterable[str]) -> Rows:
        rows = super().reactions_for(caller, session, chats)
        return tuple(row for row in rows if row[1].by == caller.id)


@fault("rlist-repeats-repeated-chat", "RLIST-4")
class RepeatsRepeatedChat(Server):
    """A chatId that is given twice has its reactions listed twice."""

    def reactions_for(self, caller: Person, session: Session, chats: Iterable[str]) -> Rows:
        listed = super().reactions_for
        return tuple(row for chat in chats for row in listed(caller, session, [chat]))


@fault("rlist-repeats-distant-chat", "RLIST-4")
class RepeatsDistantChat(Server):
    """A chatId that is given again behind another one has its reactions listed again."""

    def reactions_for(self, caller: Person, session: Session, chats: Iterable[str]) -> Rows:
        listed = super().reactions_for
        asked: list[str] = []
        for chat in chats:
            if asked[-1:] != [chat]:
                asked.append(chat)
        return tuple(row for chat in asked for row in listed(caller, session, [chat]))


@fault("rlist-multiplies", "RLIST-3", "RLIST-2", "STATE-3", "CONC-5")
class Multiplies(Server):
    """A message with both reactions has each listed twice: a join multiplies its rows."""

    def reactions_for(self, caller: Person, session: Session, chats: Iterable[str]) -> Rows:
        rows = super().reactions_for(caller, session, chats)
        return tuple(row for row in rows for _ in {one.name for one in row[0].reactions})


# -- the shape -------------------------------------------------------------------------------------


@fault("rlist-null-when-empty", "RLIST-1", "HTTP-3")
class NullWhenEmpty(Server):
    """Where there are no reactions the answer is null."""

    def answer(self, content: Any) -> Response:
        return super().answer(None if content == [] else content)


@fault("rlist-not-found-when-empty", "RLIST-1")
class NotFoundWhenEmpty(Server):
    """Where known messages have no reactions the answer is 404."""

    def answer(self, content: Any) -> Response:
        if content == []:
            return self.problem(404, "There are no reactions.")
        return super().answer(content)


@fault("rlist-lacks-chat", "RLIST-1", "HTTP-3")
class LacksChat(Server):
    """The entries do not say which message they belong to."""

    def listed(self, message: Message, reaction: Reaction) -> dict[str, Any]:
        entry = super().listed(message, reaction)
        del entry["chatId"]
        return entry


@fault("rlist-emoji", "RLIST-3", "REACT-2", "REACT-3", "STATE-3")
class Emoji(Server):
    """The reactions list shows the emoji itself, the message list its code."""

    def listed(self, message: Message, reaction: Reaction) -> dict[str, Any]:
        place = self.limits.reactions.index(reaction.name)
        emoji = ("\N{THUMBS UP SIGN}", "\N{THUMBS DOWN SIGN}")[place % 2]
        return {**super().listed(message, reaction), "reaction": emoji}


@fault("rlist-names-swapped", "RLIST-3", "REACT-3", "STATE-3", "CONC-5")
class NamesSwapped(Server):
    """Every reaction to a message is listed under the name of its first one."""

    def listed(self, message: Message, reaction: Reaction) -> dict[str, Any]:
        return {**super().listed(message, reaction), "reaction": message.reactions[0].name}


@fault("rlist-hundred", "RLIST-2", "RLIST-3")
class Hundred(Server):
    """The list ends after a hundred reactions."""

    def reactions_for(
        self, caller: Person, session: Session, chats: Iterable[str]
    ) -> tuple[tuple[Message, Reaction], ...]:
        return super().reactions_for(caller, session, chats)[:100]
