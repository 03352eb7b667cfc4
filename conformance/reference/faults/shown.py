"""Faults in what a message of the list shows (LIST-1, LIST-7, LIST-10 to LIST-13)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conformance.model import Fresh, Message, Page, Person, Query, Reaction, Session, Step
from conformance.reference.registry import fault
from conformance.reference.server import Server


@fault("list-user-per-message", "LIST-10", "SEND-4", "LIST-12", "STATE-3")
class UserPerMessage(Server):
    """user.id differs from message to message of one participant."""

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        user = {"id": f"{message.sender.id}-{message.id}", "name": message.sender.name}
        return {**super().shown(message, viewer), "user": user}


@fault("list-user-is-role", "LIST-10", "SEND-4", "LIST-12", "STATE-3")
class UserIsRole(Server):
    """user.id is the sender's role: all members have the same."""

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        role = "host" if message.sender.host else "member"
        return {**super().shown(message, viewer), "user": {"id": role, "name": role}}


@fault("list-user-lacks-name", "LIST-1", "HTTP-3")
class UserLacksName(Server):
    """user has no name."""

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        return {**super().shown(message, viewer), "user": {"id": message.sender.id}}


@fault("list-pin-as-number", "LIST-11", "HTTP-3")
class PinAsNumber(Server):
    """The id of a pin is shown as a number."""

    def set_up(self) -> None:
        self.numbers: dict[str, int] = {}
        super().set_up()

    def shown_pin(self, message: Message) -> dict[str, Any] | None:
        if message.pin is None:
            return super().shown_pin(message)
        return {"id": self.numbers.setdefault(message.pin, len(self.numbers) + 1)}

    async def unpin_chat(self, caller: Person, chat: str, pin: str) -> Response:
        known = {str(number): name for name, number in self.numbers.items()}
        return await super().unpin_chat(caller, chat, known.get(pin, pin))


@fault("list-pins-lost-under-reactions", "LIST-11", "SORT-9")
class PinsLostUnderReactions(Server):
    """Sorted by a reaction, the list shows no pins."""

    def page(self, session: Session, query: Query) -> Page:
        page = super().page(session, query)
        if not self.limits.reaction_of(query.sort):
            return page
        return page._replace(messages=tuple(replace(one, pin=None) for one in page.messages))


@fault("list-unpinned-as-empty-object", "LIST-13")
class UnpinnedAsEmptyObject(Server):
    """A message that is not pinned has an empty object for its pin."""

    def shown_pin(self, message: Message) -> dict[str, Any] | None:
        return super().shown_pin(message) or {}


@fault("list-unpinned-as-empty-id", "LIST-13")
class UnpinnedAsEmptyId(Server):
    """A message that is not pinned has a pin with an empty id."""

    def shown_pin(self, message: Message) -> dict[str, Any] | None:
        return super().shown_pin(message) or {"id": ""}


@fault("list-unpinned-leaves-shell", "LIST-13")
class UnpinnedLeavesShell(Server):
    """After unpinning, the pin stays as an object with an empty id."""

    def set_up(self) -> None:
        self.once: set[str] = set()
        super().set_up()

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        step = super().pin(session, caller, chat, fresh)
        if not step.refusal:
            self.once.add(chat)
        return step

    def shown_pin(self, message: Message) -> dict[str, Any] | None:
        shell = {"id": ""} if message.id in self.once else None
        return super().shown_pin(message) or shell


@fault("list-reactions-ungrouped", "LIST-12")
class ReactionsUngrouped(Server):
    """Each participant's reaction is an entry of its own."""

    def shown_reactions(self, message: Message) -> list[dict[str, Any]]:
        return [self.shown_reaction(one.name, [one]) for one in message.reactions]


@fault("list-users-are-senders", "LIST-12", "STATE-3", "REACT-3")
class UsersAreSenders(Server):
    """users names the sender of the message, not who reacted."""

    def shown_reactions(self, message: Message) -> list[dict[str, Any]]:
        by = message.sender.id
        held = tuple(replace(one, by=by) for one in message.reactions)
        return super().shown_reactions(replace(message, reactions=held))


@fault("list-count-as-text", "LIST-12", "HTTP-3")
class CountAsText(Server):
    """The count of a reaction is a string."""

    def shown_reaction(self, name: str, held: list[Reaction]) -> dict[str, Any]:
        shown = super().shown_reaction(name, held)
        return {**shown, "count": str(shown["count"])}


@fault("list-time-lost-on-later-pages", "LIST-1", "HTTP-3")
class TimeLostOnLaterPages(Server):
    """Pages after the first come from a query that has no createdAt."""

    async def list_chats(self, caller: Person, request: Request) -> Response:
        self.later = self.query(request).skip > 0
        return await super().list_chats(caller, request)

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        shown = super().shown(message, viewer)
        return {name: shown[name] for name in shown if name != "createdAt" or not self.later}


@fault("list-empty-page-is-null", "LIST-1", "LIST-7", "HTTP-3")
class EmptyPageIsNull(Server):
    """An empty page has null for its messages."""

    def answer(self, content: Any) -> Response:
        if isinstance(content, dict) and content.get("messages") == []:
            content = {**content, "messages": None}
        return super().answer(content)


@fault("list-forty-reactions", "LIST-12", "RLIST-3", "REACT-3", "STATE-3")
class FortyReactions(Server):
    """The reactions of a page are fetched at once, and of these the first forty."""

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        page, left = super().page_for(caller, session, query), 40
        messages = []
        for message in page.messages:
            messages.append(replace(message, reactions=message.reactions[:left]))
            left -= len(messages[-1].reactions)
        return page._replace(messages=tuple(messages))
