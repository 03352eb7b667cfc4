"""One run against one target: who acts in it, what they may assume, and how it is left behind."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from conformance import contract_file, evidence, interrupts
from conformance.client import Shown
from conformance.contract import Contract
from conformance.evidence import Unjudged, Unmet
from conformance.journal import Entry, Journal, is_entry
from conformance.people import People, gather
from conformance.preflight import Standing, examine
from conformance.recorder import Recorder
from conformance.redaction import Redactor
from conformance.results import EXCHANGES
from conformance.settings import Settings
from conformance.transport import Transport
from conformance.watch import Watch

JOURNAL = "journal.jsonl"


@dataclass
class Run:
    """All that the suite's fixtures hand out. ``number`` tells parallel workers apart from 0 up."""

    settings: Settings
    contract: Contract
    recorder: Recorder
    transport: Transport
    home: People
    away: People | None
    started: float = field(default_factory=time.monotonic)
    standing: Standing = field(default_factory=Standing)

    # -- beginning and end -----------------------------------------------------------------------

    def preflight(self) -> Standing:
        """Find out what the set-up allows to be judged (see :mod:`conformance.preflight`)."""
        found, clean = examine(self.home, self.away), self.recorder.redactor
        found.missing = {need: clean.text(reason) for need, reason in found.missing.items()}
        found.server, found.blocked = clean.text(found.server), clean.text(found.blocked)
        found.facts = clean.data(found.facts)
        self.standing = found
        return found

    def require_time(self) -> None:
        """Raises Unjudged after the deadline, and KeyboardInterrupt where one came."""
        interrupts.require_none()
        deadline = self.settings.deadline
        if deadline and time.monotonic() - self.started > deadline:
            raise Unjudged(f"the deadline of {deadline:g} seconds was reached")

    def begin_test(self, *, hurried: bool = False) -> None:
        """``hurried``: nothing waits for a target that is known to lag, once this has begun."""
        if hurried:
            time.sleep(self.standing.lag)
        self.transport.lag = 0.0 if hurried else self.standing.lag
        for people in self.sessions:
            people.journal.begin_test()

    def end_test(self) -> None:
        """Delete what the running test sent and left."""
        for people in self.sessions:
            tidy(people, people.journal.of_test())

    def close(self) -> list[str]:
        """Delete all that is left of this run; gives the ids of what would not go."""
        evidence.begin("clean-up", ())
        self.transport.lag = self.standing.lag
        with contextlib.suppress(Unjudged):
            for people in self.sessions:
                tidy(people, [*people.journal.left(), *lost(people)])
        left = [chat for people in self.sessions for chat in leftovers(people)]
        self.recorder.close()
        self.transport.close()
        return left

    @property
    def sessions(self) -> tuple[People, ...]:
        return (self.home, self.away) if self.away else (self.home,)


def open_run(
    settings: Settings,
    number: int = 0,
    prefix: str = "",
    folder: Path | None = None,
    sender: Callable[..., Transport] = Transport,
) -> Run:
    """A run that is ready to send; ``settings.url`` has to be set. Raises ContractError.

    Without a ``folder`` nothing is written to disk. ``sender`` makes what answers the requests.
    """
    assert settings.url is not None
    read = contract_file.load(settings.openapi)
    file = folder / f"{prefix}{EXCHANGES}" if folder else None
    recorder = Recorder(Redactor(settings.secrets), file, prefix)
    recorder.listeners.append(Watch(read))
    transport = sender(
        settings.url,
        recorder,
        timeout=settings.timeout,
        connect_timeout=settings.connect_timeout,
        settle=settings.settle,
        rate=settings.rate,
    )
    sessions = settings.sessions
    journal_file = folder / f"{prefix}{JOURNAL}" if folder else None
    home = sessions[2 * number % len(sessions)]
    gathered = gather(home, transport, read, Journal(home.name, journal_file))
    away = None
    if len(sessions) > 1:
        other = sessions[(2 * number + 1) % len(sessions)]
        away = gather(other, transport, read, Journal(other.name, journal_file), "other_")
    return Run(settings, read, recorder, transport, gathered, away)


def tidy(people: People, entries: list[Entry]) -> None:
    """Delete messages, as their senders or else as the host. What happens is no finding."""
    with contextlib.suppress(Unmet):
        for entry in entries:
            by = next((one for one in people.all if one.name == entry.sender), people.host)
            if not by.delete(entry.chat).accepted and by is not people.host:
                people.host.delete(entry.chat)


def lost(people: People) -> list[Entry]:
    """What was sent and is listed, though no answer told its id: an interrupt comes before it."""
    unanswered, own = people.journal.unanswered(), people.journal.ids()
    listed: list[Shown] = []
    if unanswered:
        with contextlib.suppress(Unmet):
            listed = people.host.walk()
    for entry in unanswered:
        known = (one.id for one in listed if one.id not in own and is_entry(entry, one))
        entry.chat = next(known, "")
        own.add(entry.chat)
    return [entry for entry in unanswered if entry.chat]


def leftovers(people: People) -> list[str]:
    """The ids of this run's messages that the session still lists."""
    own = people.journal.ids()
    if not own:
        return []
    try:
        listed = [message.id for message in people.host.walk()]
    except (Unmet, Unjudged):
        return [entry.chat for entry in people.journal.left()]
    stubborn = [chat for chat in listed if chat in own]
    for chat in stubborn:
        people.host.delete(chat)
    return stubborn
