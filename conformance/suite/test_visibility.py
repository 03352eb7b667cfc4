"""STATE-4: a write is visible to the next read, whoever reads."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from conformance.client import Answer, Participant, ReactionsListed, Sent, Shown
from conformance.contract import Limits
from conformance.evidence import current
from conformance.expect import holds
from conformance.plugin import requirement
from conformance.run import Run
from conformance.suite.steps import must, react, require_pinned

People = tuple[Participant, ...]


@requirement("STATE-4")
def test_a_write_is_visible_to_the_next_read(everyone: People, limits: Limits, run: Run) -> None:
    """By whoever wrote and by somebody else, each of whom has read just before."""
    host, alice, bob = everyone
    _Life(host, alice, (host, alice), limits).lived()
    if run.standing.lag:
        fact = f"all other tests wait {run.standing.lag:g} s after each write"
        current().observe("what is written shows late", fact)
        time.sleep(run.standing.lag)
    _Life(host, host, (bob,), limits).lived()


@dataclass(frozen=True)
class Seen:
    """What one read shows: the count, and the message where it is there."""

    viewer: Participant
    on: Answer
    total: int
    message: Shown | None


LATER = 1.0
"""Seconds after which a read that was wrong is made once more, to name what is wrong with it."""
Check = Callable[[Seen], bool]


@dataclass
class _Life:
    """A message from its sending to its deletion, read after each step."""

    host: Participant
    writer: Participant
    readers: tuple[Participant, ...]
    limits: Limits
    chat: Sent = field(init=False)

    def lived(self) -> None:
        host, reaction = self.host, self.limits.reactions[0]
        names = (reaction, *self.limits.spellings(reaction))
        for viewer in self.readers:
            before = self._page(viewer).total
        self.chat = self.writer.send("now you see me")
        self._shows(
            ("a message sent", "SEND-4", lambda seen: seen.message is not None),
            ("the count after sending", "LIST-2", lambda seen: seen.total == before + 1),
        )
        held = react(self.writer, self.chat, reaction)
        self._shows(("a reaction", "REACT-3", lambda seen: _count(seen, names) == 1))
        self._lists([held.id], "a reaction", "REACT-3")
        taken = self.writer.unreact(self.chat, held)
        must(taken, "UNREACT-1", "a reaction could not be taken back")
        self._shows(("a reaction taken back", "UNREACT-1", lambda seen: _count(seen, names) == 0))
        self._lists([], "a reaction taken back", "UNREACT-1")
        require_pinned(host, self.chat, host.pin(self.chat))
        pin = _pin(self._shows(("a pin", "PIN-1", _is_pinned)))
        if pin:
            must(host.unpin(self.chat, pin), "PIN-2", "the host's unpin was not accepted")
            self._shows(("an unpin", "PIN-2", lambda seen: _pin(seen) is None))
        must(self.writer.delete(self.chat), "DEL-1", "a deletion was not accepted")
        self._shows(
            ("a deletion", "DEL-3", lambda seen: seen.message is None),
            ("the count after deleting", "DEL-3", lambda seen: seen.total == before),
        )

    def _shows(self, *checks: tuple[str, str, Check]) -> Seen:
        """The next read of each reader shows it; gives the first one's.

        Each check comes with what it is about, and the requirement where it never shows at all.
        """
        found = [self._read(viewer) for viewer in self.readers]
        for what, rule, right in checks:
            wrong = next((seen for seen in found if not right(seen)), None)
            if wrong:
                self._blame(what, rule, wrong, right)
            else:
                holds(True, "", on=found[0].on)
        return found[0]

    def _lists(self, ids: list[str], what: str, rule: str) -> None:
        for viewer in self.readers:
            answer = viewer.reactions(self.chat)
            if not answer.refused and self._own(answer) != ids:
                time.sleep(LATER)
                again = [
                    one.reactions(*asked)
                    for one in (viewer,)
                    for asked in ((self.chat,) * 2, (self.chat,))
                ]
                late = any(one.accepted and set(self._own(one)) == set(ids) for one in again)
                summary = f"{what} is not visible to the next read of the reactions list"
                holds(
                    False,
                    summary,
                    expected=ids,
                    actual=self._own(answer),
                    on=answer,
                    rule="STATE-4" if late else rule,
                )

    def _own(self, answer: ReactionsListed) -> list[str]:
        """Whether other messages' reactions are listed as well is RLIST-2's matter."""
        return [entry["id"] for entry in answer if entry["chatId"] == self.chat.id]

    def _blame(self, what: str, rule: str, seen: Seen, right: Check) -> None:
        """Stale if the same person's read of another kind, or a later one, shows it.

        Else it has not happened at all, which is a matter of another requirement.
        """
        size = max(self.limits.page_size - 1, self.limits.page_min)
        late = right(self._read(seen.viewer, take=size))
        if not late:
            time.sleep(LATER)
            late = right(self._read(seen.viewer))
        summary = f"{what} is not visible to the next read" if late else f"{what} does not show"
        holds(False, summary, on=seen.on, rule="STATE-4" if late else rule)

    def _page(self, viewer: Participant) -> Seen:
        page = viewer.list(sort=self.limits.created_key, ascending=False)
        return Seen(viewer, page, page.total, None)

    def _read(self, viewer: Participant, take: int | None = None) -> Seen:
        page = viewer.list(sort=self.limits.created_key, ascending=False, take=take)
        message = page.get(self.chat)
        # With stamps as coarse as a second, a new message may stand on another page.
        if message is None and page.total > len(page.messages):
            message = next((one for one in viewer.walk() if one.id == self.chat.id), None)
        return Seen(viewer, message.page if message else page, page.total, message)


def _pin(seen: Seen) -> str | None:
    return seen.message.pin if seen.message else None


def _is_pinned(seen: Seen) -> bool:
    """Whether something is shown of a pin; what that has to be is LIST-11's matter."""
    return bool(seen.message and seen.message.raw.get("pinned"))


def _count(seen: Seen, names: tuple[str, ...]) -> int:
    """By ``count``, or by ``users`` where that is no number (LIST-12)."""
    message = seen.message
    return (message.count(names) or len(message.users(names))) if message else 0
