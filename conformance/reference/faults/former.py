"""Faults of what is remembered for too long: ids that were taken back, and who was let do what."""

from __future__ import annotations

from conformance.model import Message, Person, Reaction, Session, Step
from conformance.reference.registry import fault
from conformance.reference.server import Server


@fault("unreact-former-id", "UNREACT-4", "STATE-3", "CONC-5")
class UnreactFormerId(Server):
    """The id of a reaction that was taken back stands for the same one given anew."""

    def set_up(self) -> None:
        self.former: dict[str, tuple[str, str]] = {}
        super().set_up()

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        message = session.find(chat)
        held = {one.id: (one.by, one.name) for one in message.reactions} if message else {}
        if reaction_id in held:
            self.former[reaction_id] = held[reaction_id]
        same = (id for id, one in held.items() if one == self.former.get(reaction_id))
        return super().unreact(session, caller, chat, next(same, reaction_id))


@fault("unpin-former-id", "PIN-6", "STATE-3", "CONC-5")
class UnpinFormerId(Server):
    """The id of a pin that was taken off stands for the message's next one."""

    def set_up(self) -> None:
        self.former: dict[str, str] = {}
        super().set_up()

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        message = session.find(chat)
        if message and message.pin:
            self.former[message.pin] = chat
            pin = message.pin if self.former.get(pin) == chat else pin
        return super().unpin(session, caller, chat, pin)


@fault("perm-unreact-remembered", "PERM-3", "PERM-4", "STATE-3", "CONC-5")
class UnreactRemembered(Server):
    """That a reaction may be removed is remembered by message, and holds for the next caller."""

    def set_up(self) -> None:
        self.allowed: set[str] = set()
        super().set_up()

    def may_unreact(self, caller: Person, message: Message, reaction: Reaction) -> bool:
        if super().may_unreact(caller, message, reaction):
            self.allowed.add(message.id)
        return message.id in self.allowed
