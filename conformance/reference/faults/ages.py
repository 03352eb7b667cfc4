"""Faults that only messages meet which have many newer ones: what a server keeps at hand ends."""

from __future__ import annotations

from conformance.model import Page, Person, Query, Refusal, Session, Step
from conformance.reference.registry import fault
from conformance.reference.server import Server

KEPT = 100
"""Messages that one of these servers keeps in memory."""


class NewestPage(Server):
    """Knows the messages of the newest page."""

    def known(self, session: Session, chat: str) -> bool:
        return Session(session.messages[-self.limits.page_size :]).find(chat) is not None


@fault("delete-older-unknown", "DEL-1", "DEL-2", "STATE-3", "CONC-5")
class DeleteOlderUnknown(NewestPage):
    """A message to delete is looked for on the newest page only."""

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        if not self.known(session, chat):
            return Step(session, refusal=Refusal.UNKNOWN)
        return super().delete(session, caller, chat)


@fault("unreact-older-unknown", "UNREACT-1", "UNREACT-2", "STATE-3", "CONC-5")
class UnreactOlderUnknown(NewestPage):
    """A message to take a reaction back from is looked for on the newest page only."""

    def unreact(self, session: Session, caller: Person, chat: str, reaction_id: str) -> Step:
        if not self.known(session, chat):
            return Step(session, refusal=Refusal.UNKNOWN)
        return super().unreact(session, caller, chat, reaction_id)


@fault("unpin-older-unknown", "PIN-2", "STATE-3", "CONC-5")
class UnpinOlderUnknown(NewestPage):
    """A message to unpin is looked for on the newest page only."""

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        if caller.host and not self.known(session, chat):
            return Step(session, refusal=Refusal.UNKNOWN)
        return super().unpin(session, caller, chat, pin)


@fault("list-counts-to-hundred", "LIST-2", "STATE-3")
class CountsToHundred(Server):
    """totalCount stops at a hundred: the query that counts has a limit."""

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        page = super().page_for(caller, session, query)
        return page._replace(total=min(page.total, KEPT))
