"""Faults in pinning and unpinning (PIN): what can be pinned, who sees it, what else changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conformance.model import Fresh, Message, Page, Person, Query, Refusal, Session, Step
from conformance.reference.parsing import Invalid
from conformance.reference.registry import fault
from conformance.reference.server import Route, Server

# -- what can be pinned ----------------------------------------------------------------------------


@fault("pin-own-refused", "PIN-1", "STATE-3", "CONC-5")
class OwnRefused(Server):
    """The host cannot pin an own message."""

    def may_pin(self, caller: Person, message: Message) -> bool:
        return caller.host and caller.id != message.sender.id


@fault("pin-replaces", "PIN-8")
class Replaces(Server):
    """A pin takes the pins off all other messages."""

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        step = super().pin(session, caller, chat, fresh)
        if step.refusal:
            return step
        kept = (m if m.id == chat else replace(m, pin=None) for m in step.session.messages)
        return step._replace(session=Session(tuple(kept)))


@fault("pin-fourth-evicts", "PIN-8", "PIN-3", "CONC-5", "STATE-3")
class FourthEvicts(Server):
    """A pin of a fourth message takes the pin off the oldest of the others."""

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        step = super().pin(session, caller, chat, fresh)
        pinned = [one for one in step.session.messages if one.pin and one.id != chat]
        if step.refusal or len(pinned) < 3:
            return step
        return step._replace(session=step.session.put(replace(pinned[0], pin=None)))


@fault("pin-second-refused", "PIN-8")
class SecondRefused(Server):
    """While a message is pinned no other can be."""

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        pinned = any(message.pin for message in session.messages if message.id != chat)
        if pinned and caller.host and session.find(chat):
            return Step(session, refusal=Refusal.CONFLICT)
        return super().pin(session, caller, chat, fresh)


@fault("pin-twice-unpins", "PIN-7")
class TwiceUnpins(Server):
    """A second pin takes the first one off."""

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        message = session.find(chat)
        if message and message.pin and caller.host:
            return Step(session.put(replace(message, pin=None)), message.pin)
        return super().pin(session, caller, chat, fresh)


@fault("pin-twice-needs-two-unpins", "PIN-7", "CONC-5")
class TwiceNeedsTwoUnpins(Server):
    """A second pin is a second row: the message stays pinned after one unpin."""

    def set_up(self) -> None:
        self.rows: dict[str, list[str]] = {}
        super().set_up()

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        before, step = session.find(chat), super().pin(session, caller, chat, fresh)
        if not step.refusal and before and before.pin:
            self.rows.setdefault(chat, []).append(fresh.id)
        return step

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        step = super().unpin(session, caller, chat, pin)
        message = step.session.find(chat)
        if step.refusal or message is None or not self.rows.get(chat):
            return step
        return Step(step.session.put(replace(message, pin=self.rows[chat].pop())))


@fault("pin-anew-refused", "PIN-9", "PIN-1", "STATE-3", "CONC-5")
class AnewRefused(Server):
    """A message that was unpinned cannot be pinned again."""

    def set_up(self) -> None:
        self.unpinned: set[str] = set()
        super().set_up()

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        step = super().unpin(session, caller, chat, pin)
        if not step.refusal:
            self.unpinned.add(chat)
        return step

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        if caller.host and chat in self.unpinned and session.find(chat):
            return Step(session, refusal=Refusal.CONFLICT)
        return super().pin(session, caller, chat, fresh)


@fault("pin-anew-hidden", "PIN-9", "PIN-1", "STATE-3", "STATE-4", "CONC-5")
class AnewHidden(AnewRefused):
    """A message that is pinned again is not shown so: the row stays marked as gone."""

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        if caller.host and chat in self.unpinned and session.find(chat):
            return Step(session, fresh.id)
        return super().pin(session, caller, chat, fresh)


@fault("pin-third-ignored", "PIN-9", "PIN-1", "STATE-3", "STATE-4", "CONC-5")
class ThirdIgnored(Server):
    """A message can be pinned twice; a third pin is answered with success and not done."""

    def set_up(self) -> None:
        self.made: list[str] = []
        super().set_up()

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        step = super().pin(session, caller, chat, fresh)
        if step.refusal or step.id != fresh.id:
            return step
        self.made.append(chat)
        return step if self.made.count(chat) <= 2 else step._replace(session=session)


# -- requests and ids ------------------------------------------------------------------------------


@fault("pin-needs-body", "PIN-10", "PIN-1", "PIN-6", "PERM-7")
class NeedsBody(Server):
    """A pin without a body is refused."""

    async def perform(self, caller: Person, route: Route, request: Request) -> Response:
        if route.operation.id == "pinChat" and not await request.body():
            raise Invalid("A body is needed.")
        return await super().perform(caller, route, request)


@fault("pin-needs-content-type", "PIN-10", "PIN-1", "PIN-6", "PERM-7")
class NeedsContentType(Server):
    """A pin without a JSON content type is refused with 415."""

    async def perform(self, caller: Person, route: Route, request: Request) -> Response:
        kind = request.headers.get("content-type", "")
        if route.operation.id == "pinChat" and not kind.startswith("application/json"):
            raise Invalid("The body has to be JSON.", status=415)
        return await super().perform(caller, route, request)


@fault("pin-id-changes", "PIN-2", "STATE-2", "STATE-5", "STATE-3")
class IdChanges(Server):
    """pinned.id is another one in each listing, and no unpin takes it."""

    def shown_pin(self, message: Message) -> dict[str, Any] | None:
        return {"id": self.new_id()} if super().shown_pin(message) else None


@fault("pin-unknown-accepted", "PIN-4", "PIN-6", "ISO-2", "CONC-5")
class UnknownAccepted(Server):
    """A pin of a message that is not there is answered 204."""

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        if caller.host and session.find(chat) is None:
            return Step(session, fresh.id)
        return super().pin(session, caller, chat, fresh)


@fault("pin-unknown-invalid", "PIN-6")
class UnknownInvalid(Server):
    """A pin of a message that is not there is refused with 400."""

    async def pin_chat(self, caller: Person, chat: str) -> Response:
        response = await super().pin_chat(caller, chat)
        if response.status_code == 404:
            return self.problem(400, "The message cannot be pinned.")
        return response


@fault("pin-unpin-again-succeeds", "PIN-6")
class UnpinAgainSucceeds(Server):
    """Unpinning a message that is not pinned is answered 204."""

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        message = session.find(chat)
        if message and message.pin is None and caller.host:
            return Step(session)
        return super().unpin(session, caller, chat, pin)


@fault("pin-unpin-any-chat", "PIN-5", "STATE-3", "CONC-5", "PIN-6")
class UnpinAnyChat(Server):
    """A pin is found by its id alone: the chatId is not looked at."""

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        chat = next((message.id for message in session.messages if message.pin == pin), chat)
        return super().unpin(session, caller, chat, pin)


@fault("pin-unpin-any-id", "PIN-5", "PIN-6", "STATE-3", "CONC-5")
class UnpinAnyId(Server):
    """The pinId is not looked at: any unpins the message."""

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        message = session.find(chat)
        return super().unpin(session, caller, chat, message.pin or pin if message else pin)


# -- who sees it -----------------------------------------------------------------------------------


@fault("pin-seen-by-host", "PIN-1", "LIST-11", "SORT-4", "STATE-3", "STATE-5", "CONC-5")
class SeenByHost(Server):
    """Members are not shown what is pinned."""

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        entry = super().shown(message, viewer)
        return entry if viewer.host else {**entry, "pinned": None}


@fault("pin-unseen-by-sender", "PIN-1", "LIST-11", "SORT-4", "STATE-3", "STATE-5", "CONC-5")
class UnseenBySender(Server):
    """A member whose message is pinned is not shown that it is."""

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        entry = super().shown(message, viewer)
        own = viewer.id == message.sender.id and not viewer.host
        return {**entry, "pinned": None} if own else entry


@fault("pin-unpin-unseen", "PIN-2", "STATE-3", "STATE-4", "STATE-5", "LIST-11", "SORT-4", "CONC-5")
class UnpinUnseen(Server):
    """Members still see a message as pinned after it is unpinned, until it is pinned again."""

    def set_up(self) -> None:
        self.last_pins: dict[str, str] = {}
        super().set_up()

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        step = super().unpin(session, caller, chat, pin)
        if not step.refusal:
            self.last_pins[chat] = pin
        return step

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        old = None if viewer.host else self.last_pins.get(message.id)
        return super().shown(replace(message, pin=message.pin or old), viewer)


@fault("pin-unpin-does-nothing", "PIN-2", "PIN-6", "STATE-3", "STATE-4", "CONC-5")
class UnpinDoesNothing(Server):
    """An unpin is answered with success and never done."""

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        step = super().unpin(session, caller, chat, pin)
        return step if step.refusal else Step(session)


# -- what else changes -----------------------------------------------------------------------------


class Changes(Server):
    """Changes something else of a message when it is pinned or unpinned."""

    def pinned(self, message: Message) -> Message:
        return message

    def unpinned(self, message: Message) -> Message:
        return message

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        step = super().pin(session, caller, chat, fresh)
        message = step.session.find(chat)
        if step.refusal or message is None:
            return step
        return step._replace(session=step.session.put(self.pinned(message)))

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        step = super().unpin(session, caller, chat, pin)
        message = step.session.find(chat)
        if step.refusal or message is None:
            return step
        return step._replace(session=step.session.put(self.unpinned(message)))


@fault("pin-renews-time", "PIN-3", "SEND-4", "SEND-17", "STATE-3", "CONC-5")
class RenewsTime(Changes):
    """A pin sets createdAt to the time of pinning: the row's time of change is shown."""

    def pinned(self, message: Message) -> Message:
        return replace(message, created=self.now())


@fault("pin-clears-reactions", "PIN-3", "STATE-3", "CONC-5")
class ClearsReactions(Changes):
    """A pin takes the message's reactions off."""

    def pinned(self, message: Message) -> Message:
        return replace(message, reactions=())


@fault("pin-takes-over", "PIN-3", "SEND-4", "LIST-10", "STATE-3", "CONC-5")
class TakesOver(Server):
    """A pinned message is shown as the host's."""

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        hosts = [p for p in self.people.values() if p.host and p.session == viewer.session]
        sender = hosts[0] if message.pin and hosts else message.sender
        return super().shown(replace(message, sender=sender), viewer)


@fault("pin-counted", "LIST-2", "PIN-3", "DEL-3", "STATE-3", "CONC-5")
class Counted(Server):
    """totalCount counts a pinned message twice: a join multiplies its row."""

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        page = super().page_for(caller, session, query)
        return page._replace(total=page.total + sum(m.pin is not None for m in session.messages))
