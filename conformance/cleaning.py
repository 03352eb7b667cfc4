"""``chats-conformance clean``: delete what a broken-off run left behind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from conformance import contract_file, journal
from conformance.client import Participant, Shown
from conformance.evidence import Unjudged, Unmet
from conformance.folder import journals
from conformance.journal import Entry, Journal, is_entry
from conformance.people import People, gather
from conformance.recorder import Recorder
from conformance.redaction import Redactor
from conformance.settings import Settings, SettingsError
from conformance.transport import Transport
from conformance.verdict import Exit


def clean(folder: Path, settings: Settings, console: Console) -> Exit:
    """Delete the messages that the journal in ``folder`` still has; 0 where none is left.

    Raises SettingsError where there is no journal, or no tokens for a session in it.
    """
    try:
        entries = [entry for file in journals(folder) for entry in journal.read(file)]
    except OSError as problem:
        raise SettingsError(
            f"no journal in {folder}: {problem.strerror}; name a run's folder"
        ) from None
    if not entries:
        console.print("Nothing was left behind.")
        return Exit.OK
    if settings.url is None:
        raise SettingsError("no target: give --url, or set CHATS_URL, to the run's target")
    left = 0
    for name in dict.fromkeys(entry.session for entry in entries):
        mine = [entry for entry in entries if entry.session == name]
        left += _clean_session(name, mine, settings, console)
    return Exit.INCONCLUSIVE if left else Exit.OK


def _clean_session(
    name: str, entries: Sequence[Entry], settings: Settings, console: Console
) -> int:
    tokens = next((one for one in settings.sessions if one.name == name), None)
    if tokens is None:
        raise SettingsError(f"no tokens for session {name!r}, which the journal speaks of")
    transport = Transport(
        settings.url or "", Recorder(Redactor(settings.secrets)), timeout=settings.timeout
    )
    people = gather(tokens, transport, contract_file.load(settings.openapi), Journal(name))
    try:
        listed = people.host.walk()
        gone = [entry for entry in entries if _delete(entry, people, listed)]
    except (Unmet, Unjudged) as problem:
        raise SettingsError(f"session {name!r} cannot be cleaned: {problem}") from None
    finally:
        transport.close()
    left = len(entries) - len(gone)
    console.print(f"{name}: {len(gone)} of {len(entries)} messages are gone, {left} are left")
    return left


def _delete(entry: Entry, people: People, listed: Sequence[Shown]) -> bool:
    chats = [message.id for message in listed if is_entry(entry, message)]
    sender = entry.sender.removeprefix("other_")
    by = next((one for one in people.all if one.name == sender), people.host)
    return all(_gone(chat, by, people.host) for chat in chats)


def _gone(chat: str, sender: Participant, host: Participant) -> bool:
    return sender.delete(chat).accepted or host.delete(chat).accepted
