"""What a run has written and not yet deleted: in memory, and in a file that outlives a crash."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.values import parse_instant

if TYPE_CHECKING:
    from conformance.client import Participant, Sent, Shown


@dataclass
class Entry:
    """A message that this run sent, or tried to send. ``chat`` is empty until the answer is in."""

    number: int
    sender: str
    session: str
    text: Any
    started: float
    chat: str = ""
    deleted: bool = False
    kept: bool = False
    """Not the running test's to delete."""


@dataclass
class Journal:
    """Each write is noted before it goes out, so that ``clean`` can undo it after a crash."""

    session: str
    file: Path | None = None
    entries: list[Entry] = field(default_factory=list)
    one_pin: bool = False
    """Whether a pin may be refused for other messages' pins (PIN-8), as far as was seen."""
    _test_from: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def about_to_send(self, sender: Participant, body: bytes) -> Entry:
        with self._lock:
            entry = Entry(len(self.entries), sender.name, self.session, _text(body), time.time())
            self.entries.append(entry)
            self._note(
                do="send",
                number=entry.number,
                sender=sender.name,
                text=entry.text,
                at=entry.started,
            )
        return entry

    def sent(self, entry: Entry, answer: Sent) -> None:
        chat = _chat_id(answer)
        with self._lock:
            entry.chat = chat
            # A refused or unreadable answer leaves nothing that could be deleted by its id.
            entry.deleted = answer.refused
            self._note(do="sent", number=entry.number, chat=chat, refused=answer.refused)

    def deleted(self, chat: str) -> None:
        with self._lock:
            for entry in self.entries:
                if entry.chat == chat:
                    entry.deleted = True
            self._note(do="deleted", chat=chat)

    def begin_test(self) -> None:
        """From here on, what is sent belongs to another test."""
        self._test_from = len(self.entries)

    def keep(self, since: int) -> list[Entry]:
        """What was sent from entry number ``since`` on outlives the running test."""
        kept = self.entries[since:]
        for entry in kept:
            entry.kept = True
        return kept

    def of_test(self) -> list[Entry]:
        """What the running test has sent and not deleted."""
        return [entry for entry in self.left(self._test_from) if not entry.kept]

    def left(self, since: int = 0) -> list[Entry]:
        """What was sent from entry number ``since`` on and has not been deleted."""
        return [entry for entry in self.entries[since:] if entry.chat and not entry.deleted]

    def unanswered(self) -> list[Entry]:
        """What may have been sent, though no answer told its id."""
        return [entry for entry in self.entries if not entry.chat and not entry.deleted]

    def ids(self) -> set[str]:
        return {entry.chat for entry in self.entries if entry.chat}

    def texts(self) -> set[Any]:
        return {entry.text for entry in self.entries if isinstance(entry.text, str)}

    def _note(self, **line: Any) -> None:
        if self.file:
            with self.file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps({"session": self.session, **line}) + "\n")


def _text(body: bytes) -> Any:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return content.get("message") if isinstance(content, dict) else None


def _chat_id(answer: Sent) -> str:
    response = answer.exchange.response
    try:
        content = response.json() if response and answer.accepted else None
    except ValueError:
        content = None
    chat = content.get("chatId") if isinstance(content, dict) else None
    return chat if isinstance(chat, str) else ""


SLACK = 300.0
"""Seconds by which a target's clock may be behind ours."""


def is_entry(entry: Entry, message: Shown) -> bool:
    """Whether a message is the one of an entry; by text and time where no answer told its id."""
    if entry.chat:
        return message.id == entry.chat
    created = parse_instant(str(message.raw.get("createdAt")))
    recent = created is not None and created.timestamp() >= entry.started - SLACK
    return entry.text is not None and message.text == entry.text and recent


def read(file: Path) -> list[Entry]:
    """The entries that were never deleted; odd lines are passed over. Raises OSError."""
    entries: dict[tuple[str, int], Entry] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            note = json.loads(line)
            _apply(entries, note)
        except (ValueError, KeyError, TypeError):
            continue
    return [entry for entry in entries.values() if not entry.deleted]


def _apply(entries: dict[tuple[str, int], Entry], note: dict[str, Any]) -> None:
    session = note["session"]
    match note["do"]:
        case "send":
            key = session, note["number"]
            entries[key] = Entry(note["number"], note["sender"], session, note["text"], note["at"])
        case "sent":
            entry = entries[session, note["number"]]
            entry.chat, entry.deleted = note["chat"], bool(note["refused"])
        case "deleted":
            _strike(entries.values(), session, note["chat"])


def _strike(entries: Iterable[Entry], session: str, chat: str) -> None:
    for entry in entries:
        if (entry.session, entry.chat) == (session, chat):
            entry.deleted = True
