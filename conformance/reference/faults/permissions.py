"""Faults in who may do what (PERM): checks that are missing, misplaced or on the wrong object."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response

from conformance.model import Fresh, Message, Person, Reaction, Refusal, Session, Step
from conformance.reference.registry import fault
from conformance.reference.server import Server

# -- deleting --------------------------------------------------------------------------------------


@fault("perm-delete-members", "PERM-1", "STATE-3", "CONC-5")
class DeleteMembers(Server):
    """Members may delete each other's messages; only the host's are protected."""

    def may_delete(self, caller: Person, message: Message) -> bool:
        return super().may_delete(caller, message) or not message.sender.host


@fault("perm-delete-hosts", "PERM-2", "STATE-3", "CONC-5")
class DeleteHosts(Server):
    """Members may delete the host's messages: the role is looked up for the sender."""

    def may_delete(self, caller: Person, message: Message) -> bool:
        return super().may_delete(caller, message) or message.sender.host


@fault("perm-delete-by-reactor", "PERM-1", "PERM-2", "STATE-3", "CONC-5")
class DeleteByReactor(Server):
    """Whoever has reacted to a message may delete it."""

    def may_delete(self, caller: Person, message: Message) -> bool:
        reacted = any(reaction.by == caller.id for reaction in message.reactions)
        return super().may_delete(caller, message) or reacted


@fault("perm-delete-pinned", "PERM-1", "PERM-2", "STATE-3", "CONC-5")
class DeletePinned(Server):
    """Anyone may delete a pinned message: it counts as the session's, not its sender's."""

    def may_delete(self, caller: Person, message: Message) -> bool:
        return super().may_delete(caller, message) or message.pin is not None


@fault("perm-delete-then-refuse", "PERM-1", "PERM-2", "STATE-1", "STATE-3", "CONC-5")
class DeleteThenRefuse(Server):
    """A member's deletion of another's message is answered 403 and done all the same."""

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        step = super().delete(session, caller, chat)
        if step.refusal is not Refusal.FORBIDDEN:
            return step
        return step._replace(session=session.drop(chat))


@fault("perm-refused-delete-clears", "STATE-1", "PERM-1", "PERM-2", "STATE-3", "CONC-5")
class RefusedDeleteClears(Server):
    """A refused deletion has already taken the message's reactions away."""

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        step, message = super().delete(session, caller, chat), session.find(chat)
        if step.refusal is not Refusal.FORBIDDEN or message is None:
            return step
        return step._replace(session=session.put(replace(message, reactions=())))


# -- removing reactions ----------------------------------------------------------------------------


@fault("perm-unreact-anyone", "PERM-3", "PERM-4", "STATE-3", "CONC-5")
class UnreactAnyone(Server):
    """Any participant may remove any reaction."""

    def may_unreact(self, caller: Person, message: Message, reaction: Reaction) -> bool:
        return True


@fault("perm-unreact-by-reactor", "PERM-3", "PERM-4", "STATE-3", "CONC-5")
class UnreactByReactor(Server):
    """Whoever has reacted to a message may remove the others' reactions to it."""

    def may_unreact(self, caller: Person, message: Message, reaction: Reaction) -> bool:
        reacted = any(one.by == caller.id for one in message.reactions)
        return super().may_unreact(caller, message, reaction) or reacted


@fault("perm-unreact-on-hosts-messages", "PERM-3", "STATE-3", "CONC-5")
class UnreactOnHostsMessages(Server):
    """Any member may remove any reaction to the host's messages."""

    def may_unreact(self, caller: Person, message: Message, reaction: Reaction) -> bool:
        return super().may_unreact(caller, message, reaction) or message.sender.host


@fault("perm-unreact-by-sender", "PERM-4")
class UnreactBySender(Server):
    """The member who sent a message may remove the others' reactions to it."""

    def may_unreact(self, caller: Person, message: Message, reaction: Reaction) -> bool:
        return super().may_unreact(caller, message, reaction) or caller.id == message.sender.id


# -- pinning ---------------------------------------------------------------------------------------


@fault("perm-pin-anyone", "PERM-5", "STATE-3", "CONC-5")
class PinAnyone(Server):
    """Any participant may pin."""

    def may_pin(self, caller: Person, message: Message) -> bool:
        return True


@fault("perm-pin-own", "PERM-5", "STATE-3", "CONC-5")
class PinOwn(Server):
    """A member may pin an own message."""

    def may_pin(self, caller: Person, message: Message) -> bool:
        return super().may_pin(caller, message) or caller.id == message.sender.id


@fault("perm-pin-revived", "PERM-5", "STATE-3", "CONC-5")
class PinRevived(Server):
    """A member may pin again what was pinned once: the old pin is found and nobody is asked."""

    def set_up(self) -> None:
        self.once: set[str] = set()
        super().set_up()

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        step = super().unpin(session, caller, chat, pin)
        self.once |= set() if step.refusal else {chat}
        return step

    def may_pin(self, caller: Person, message: Message) -> bool:
        return super().may_pin(caller, message) or message.id in self.once


@fault("perm-unpin-anyone", "PERM-6", "PERM-8", "STATE-3", "CONC-5")
class UnpinAnyone(Server):
    """Any participant may unpin."""

    def may_unpin(self, caller: Person, message: Message) -> bool:
        return True


@fault("perm-unpin-hosts", "PERM-6", "STATE-3", "CONC-5")
class UnpinHosts(Server):
    """Any member may unpin the host's messages."""

    def may_unpin(self, caller: Person, message: Message) -> bool:
        return super().may_unpin(caller, message) or message.sender.host


@fault("perm-unpin-by-reactor", "PERM-6", "PERM-8", "STATE-3", "CONC-5")
class UnpinByReactor(Server):
    """Whoever has reacted to a message may unpin it."""

    def may_unpin(self, caller: Person, message: Message) -> bool:
        reacted = any(reaction.by == caller.id for reaction in message.reactions)
        return super().may_unpin(caller, message) or reacted


@fault("perm-unpin-own", "PERM-8")
class UnpinOwn(Server):
    """The member who sent a message may unpin it."""

    def may_unpin(self, caller: Person, message: Message) -> bool:
        return super().may_unpin(caller, message) or caller.id == message.sender.id


# -- how refusals are answered ---------------------------------------------------------------------


class ForbiddenOtherwise(Server):
    """Answers a call that the caller may not make with another status than 403."""

    def answer_forbidden(self) -> Response:
        return self.problem(403, "The caller may not do this.")

    def refused(self, step: Step) -> Response:
        if step.refusal is Refusal.FORBIDDEN:
            return self.answer_forbidden()
        return super().refused(step)


@fault("perm-refused-unauthorized", "PERM-7")
class RefusedUnauthorized(ForbiddenOtherwise):
    """What a member may not do is refused with 401, as if the token were unknown."""

    def answer_forbidden(self) -> Response:
        return self.challenge()


@fault("perm-refused-invalid", "PERM-7")
class RefusedInvalid(ForbiddenOtherwise):
    """What a member may not do is refused with 400."""

    def answer_forbidden(self) -> Response:
        return self.problem(400, "The caller may not do this.")


@fault("perm-pin-refused-conflict", "PERM-7")
class PinRefusedConflict(Server):
    """A member's pin is refused with 409."""

    async def pin_chat(self, caller: Person, chat: str) -> Response:
        response = await super().pin_chat(caller, chat)
        return self.problem(409, "Not pinned.") if response.status_code == 403 else response


@fault("perm-unpin-checked-after", "PERM-6", "PERM-8", "STATE-1", "STATE-3", "CONC-5")
class UnpinCheckedAfter(Server):
    """A member's unpin is answered 403 and done all the same."""

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        step, message = super().unpin(session, caller, chat, pin), session.find(chat)
        if step.refusal is not Refusal.FORBIDDEN or message is None:
            return step
        return step._replace(session=session.put(replace(message, pin=None)))


@fault("perm-refused-pin-unpins", "STATE-1", "PERM-5", "STATE-3", "CONC-5")
class RefusedPinUnpins(Server):
    """A member's pin is refused, but has already taken off the one that was there."""

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        step, message = super().pin(session, caller, chat, fresh), session.find(chat)
        if step.refusal is not Refusal.FORBIDDEN or message is None:
            return step
        return step._replace(session=session.put(replace(message, pin=None)))
