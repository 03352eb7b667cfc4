"""Both views of a session, the message list and the reactions list, as one person is shown them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Self
from urllib.parse import quote

from conformance.client import Participant, Sent, Shown, chat_id
from conformance.exchange import Exchange
from conformance.values import brief, parse_instant

Held = frozenset[tuple[str, str]]
"""Reactions of a message as pairs of reaction and person; those who do not count are left out."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A message as it is shown, reduced to what the contract speaks of."""

    text: Any
    created: Any
    user: Any
    name: Any
    pin: str | None
    reactions: Held


@dataclass(frozen=True, slots=True)
class View:
    total: int
    messages: Mapping[str, Snapshot]
    reactions: frozenset[tuple[str, str, str]]
    """Entries of the reactions list: chat, reaction id, reaction."""
    exchanges: tuple[Exchange, ...] = field(compare=False)
    floor: datetime | None = field(default=None, compare=False)
    """The oldest stamp of the newest page; ``None`` where the page is the whole session."""
    sought: frozenset[str] = field(default=frozenset(), compare=False)
    """Messages that were looked for beyond the newest page too."""
    viewer: Participant | None = field(default=None, compare=False, repr=False)
    own: frozenset[str] = field(default=frozenset(), compare=False)
    texts: frozenset[str] = field(default=frozenset(), compare=False)

    def reaches(self, shown: Snapshot) -> bool:
        """Whether a message with this stamp would stand on the newest page for sure.

        The page is a window: with one message less, an older one slides in at its far end.
        """
        if self.floor is None or not isinstance(shown.created, datetime):
            return self.floor is None
        return shown.created > self.floor

    def without(self, chat: str, total: int | None = None) -> View:
        """This view with one message left out, and ``totalCount`` replaced where it is given."""
        kept = {id: shown for id, shown in self.messages.items() if id != chat}
        entries = frozenset(entry for entry in self.reactions if entry[0] != chat)
        return replace(
            self, messages=kept, reactions=entries, total=self.total if total is None else total
        )

    def losing(self, chat: str, reaction_id: str, held: tuple[str, str]) -> View:
        """This view without one reaction, which ``held`` names by reaction and user."""
        shown = self.messages[chat]
        less = replace(shown, reactions=shown.reactions - {held})
        entries = frozenset(one for one in self.reactions if one[:2] != (chat, reaction_id))
        return replace(self, messages={**self.messages, chat: less}, reactions=entries)

    def pinned_as(self, chat: str, pin: str | None) -> View:
        """This view with one message pinned under an id, or not pinned."""
        pinned = replace(self.messages[chat], pin=pin)
        return replace(self, messages={**self.messages, chat: pinned})

    def foreign(self, before: View) -> list[str]:
        """Messages that came since ``before`` and that this run never sent."""
        return [
            chat
            for chat, shown in self.messages.items()
            if chat not in before.messages
            and chat not in self.own | before.own
            and shown.text not in self.texts
            and self.total > before.total
        ]


def find(viewer: Participant, chat: Sent | str) -> Shown | None:
    """A message as ``viewer`` is shown it: on the newest page, or else on any."""
    page = viewer.list(sort=viewer.contract.limits.created_key, ascending=False)
    found = page.get(chat)
    if found is None and page.total > len(page.messages):
        wanted = chat_id(chat)
        found = next((message for message in viewer.walk() if message.id == wanted), None)
    return found


def look(viewer: Participant, also: Iterable[str] = ()) -> View:
    """Both views: the newest page, the messages of the running test, and ``also``."""
    journal = viewer.journal
    wanted = {entry.chat for entry in journal.of_test()} | set(also)
    page = viewer.list(sort=viewer.contract.limits.created_key, ascending=False)
    messages, total = page.messages, page.total
    exchanges = [page.exchange]
    floor = _floor(messages) if total > len(messages) else None
    if not wanted <= {message.id for message in messages} and total > len(messages):
        rest = viewer.walk()
        known = {message.id for message in messages}
        messages += [one for one in rest if one.id in wanted and one.id not in known]
        exchanges += dict.fromkeys(one.page.exchange for one in rest if one.id in wanted)
    asked = list(dict.fromkeys([*(message.id for message in messages), *sorted(wanted)]))
    lists = [viewer.reactions(*batch) for batch in batches(asked)]
    entries = [entry for listed in lists if listed.accepted for entry in listed.entries]
    return View(
        total,
        {message.id: snapshot(viewer, message) for message in messages},
        frozenset((entry["chatId"], entry["id"], entry["reaction"]) for entry in entries),
        (*exchanges, *(listed.exchange for listed in lists)),
        floor,
        frozenset(wanted),
        viewer,
        frozenset(journal.ids()),
        frozenset(journal.texts()),
    )


def _floor(messages: Sequence[Shown]) -> datetime:
    """The oldest stamp of a page that is newest first; of any other page nothing follows."""
    stamps = [parse_instant(str(message.raw.get("createdAt"))) for message in messages]
    known = [stamp for stamp in stamps if stamp]
    sorted_so = all(one >= other for one, other in pairwise(known))
    return known[-1] if known and len(known) == len(stamps) and sorted_so else NEVER


NEVER = datetime.max.replace(tzinfo=UTC)
LONGEST_QUERY = 5_000
"""In octets; request lines over 8,000 may be refused."""


def batches(chats: Iterable[str]) -> Iterator[list[str]]:
    """The ids in as few requests as their lines allow."""
    batch, size = list[str](), 0
    for chat in chats:
        cost = len(quote(chat, safe="")) + len("&chatId=")
        if batch and size + cost > LONGEST_QUERY:
            yield batch
            batch, size = [], 0
        batch.append(chat)
        size += cost
    if batch:
        yield batch


def snapshot(viewer: Participant, message: Shown) -> Snapshot:
    limits, held = viewer.contract.limits, set[tuple[str, str]]()
    for entry in message.reactions:
        name = entry.get("name")
        reaction = limits.reaction_of(name) if isinstance(name, str) else None
        for user in entry.get("users") or []:
            held.add(
                (reaction or str(name), str(user.get("id") if isinstance(user, dict) else user))
            )
    created = message.raw.get("createdAt")
    instant = parse_instant(created) if isinstance(created, str) else None
    user = message.raw.get("user")
    sender, name = (user.get("id"), user.get("name")) if isinstance(user, dict) else (user, None)
    return Snapshot(message.text, instant or created, sender, name, message.pin, frozenset(held))


class Change(str):
    """What differs between two views, in words; ``kind`` says it without ids and values."""

    kind: str

    def __new__(cls, kind: str, words: str) -> Self:
        change = super().__new__(cls, words)
        change.kind = kind
        return change


def differences(before: View, after: View) -> list[Change]:
    """What differs between two views; empty where nothing does."""
    found = []
    if before.total != after.total:
        words = f"totalCount went from {before.total} to {after.total}"
        found.append(Change("totalCount changed", words))
    for chat, was in before.messages.items():
        if chat not in after.messages and (chat in after.sought or after.reaches(was)):
            found.append(Change("a message is gone", f"message {brief(chat)} is gone"))
    for chat, now in after.messages.items():
        if chat not in before.messages and before.reaches(now):
            found.append(Change("a message is new", f"message {brief(chat)} is new"))
    for chat, was in before.messages.items():
        still = after.messages.get(chat)
        if still:
            made = changes(was, still)
            found += [Change(one.kind, f"message {brief(chat)}: {one}") for one in made]
    both = before.messages.keys() & after.messages.keys()
    for verb, entries in (
        ("lost", before.reactions - after.reactions),
        ("gained", after.reactions - before.reactions),
    ):
        what = f"the reactions list {verb}"
        mine = [entry for entry in sorted(entries) if entry[0] in both]
        found += [Change(f"{what} an entry", f"{what} {show(entry)}") for entry in mine]
    return found


def show(entry: tuple[str, str, str]) -> str:
    return f"{entry[2]} (id {brief(entry[1])}) on message {brief(entry[0])}"


def changes(was: Snapshot, now: Snapshot) -> list[Change]:
    """What differs between two snapshots of one message."""
    found = []
    for name in ("text", "created", "user", "name", "pin"):
        old, new = getattr(was, name), getattr(now, name)
        if old != new:
            words = f"{name} went from {brief(old)} to {brief(new)}"
            found.append(Change(f"a message's {name} changed", words))
    for verb, entries in (
        ("lost", was.reactions - now.reactions),
        ("gained", now.reactions - was.reactions),
    ):
        kind = f"a message {verb} a reaction"
        found += [Change(kind, f"{verb} {who}'s {name}") for name, who in sorted(entries)]
    return found
