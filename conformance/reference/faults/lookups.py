"""Faults in how an id is looked up: what only resembles an id finds something all the same."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from conformance.model import Fresh, Person, Session, Step
from conformance.reference.registry import fault
from conformance.reference.server import Route, Server


@fault("lookup-react-first-of-list", "REACT-6", "REACT-7", "STATE-3")
class ReactFirstOfList(Server):
    """To react, only the first of several ids between commas counts."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        return super().react(session, caller, chat.partition(",")[0], name, fresh)


@fault(
    "lookup-without-suffix",
    *("REACT-6", "REACT-7", "PIN-4", "PIN-5", "PIN-6", "DEL-5", "DEL-6"),
    *("UNREACT-3", "UNREACT-4", "STATE-3"),
)
class WithoutSuffix(Server):
    """What follows a dot in an id is taken for a format, as ".json" would be, and cut off."""

    async def perform(self, caller: Person, route: Route, request: Request) -> Response:
        ids = {name: re.sub(r"\.[a-z]+$", "", id) for name, id in route.ids.items()}
        return await super().perform(caller, route._replace(ids=ids), request)


@fault("lookup-pin-last-of-list", "PIN-4", "PIN-6", "STATE-3")
class PinLastOfList(Server):
    """To pin, only the last of several ids between commas counts."""

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        return super().pin(session, caller, chat.rpartition(",")[2], fresh)


@fault("lookup-pin-cut", "PIN-4", "PIN-6", "STATE-3")
class PinCut(Server):
    """To pin, an id is cut to the width of its column."""

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        return super().pin(session, caller, chat[:36], fresh)


@fault("lookup-unpin-pattern", "PIN-6", "PIN-5", "STATE-3")
class UnpinPattern(Server):
    """A pin to remove is looked up with LIKE: its id may end in a percent sign."""

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        message = session.find(chat)
        held = message.pin if message else None
        if held and pin.endswith("%") and held.startswith(pin[:-1]):
            pin = held
        return super().unpin(session, caller, chat, pin)


@fault("lookup-unreact-cut-at-null", "UNREACT-4", "UNREACT-3", "STATE-3")
class UnreactCutAtNull(Server):
    """The id of a reaction to remove ends before U+0000."""

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        return super().unreact(session, caller, chat, reaction_id.partition("\0")[0])


@fault("lookup-unreact-by-name", "UNREACT-4", "UNREACT-3", "STATE-3")
class UnreactByName(Server):
    """The name of a reaction does for the id of the first one of that name."""

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        message = session.find(chat)
        held = {one.name: one.id for one in reversed(message.reactions)} if message else {}
        return super().unreact(session, caller, chat, held.get(reaction_id, reaction_id))
