"""Steps that many scenarios take on the way to their own sentence.

A step that the target does not take raises ``Unmet`` under the requirement that asks for it, so
that the scenario which only builds on it stays unjudged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from conformance.answers import SERVER_ERROR
from conformance.client import Answer, Participant, Reacted, Sent
from conformance.client import Shown as Message
from conformance.contract import Limits
from conformance.evidence import Finding, Unjudged, Unmet, current
from conformance.exchange import Exchange
from conformance.expect import require_steady, same
from conformance.views import View, differences, find, look


def shown(viewer: Participant, chat: Sent) -> Message:
    """The message as ``viewer`` sees it listed; every message sent has to be (SEND-4)."""
    found = find(viewer, chat)
    if found is None:
        raise _unmet("SEND-4", "a message that was sent is not listed", "listed", "absent", chat)
    return found


def seen(viewer: Participant, *chats: Sent) -> list[Message]:
    """Several messages as ``viewer`` sees them listed, of one page where it has them all."""
    page = viewer.list(sort=viewer.contract.limits.created_key, ascending=False)
    return [page.get(chat) or shown(viewer, chat) for chat in chats]


def counts(message: Message, limits: Limits, reaction: str, number: int) -> bool:
    """Whether a message shows so many reactions of a name.

    By ``count`` or by ``users``: where these do not agree, that is LIST-12's matter.
    """
    names = {reaction, *limits.spellings(reaction)}
    return number in (message.count(names), len(message.users(names)))


def react(person: Participant, chat: Sent, reaction: str) -> Reacted:
    """Add a reaction that has to be accepted (REACT-1)."""
    answer = person.react(chat, reaction)
    _ = answer.id
    return answer


def pin(host: Participant, chat: Sent) -> str:
    """Pin a message as the host; gives the pin's id as it is shown (PIN-1)."""
    require_pinned(host, chat, host.pin(chat))
    message = shown(host, chat)
    if message.pin is None:
        summary = "a pinned message is not shown as pinned"
        rule = "LIST-11" if message.oddly_pinned else "PIN-1"
        raise _unmet(rule, summary, "pinned.id", "none", message.page)
    return message.pin


def require_pinned(host: Participant, chat: Sent, answer: Answer) -> None:
    """The host's pin has to be accepted, unless another message's pin is in its way (PIN-8)."""
    if answer.refused and host.journal.one_pin and _another_is_pinned(host, chat):
        raise Unjudged("one message can be pinned at a time here (PIN-8), and another one is")
    must(answer, "PIN-1", "the host's pin was not accepted")


def _another_is_pinned(host: Participant, chat: Sent) -> bool:
    key = host.contract.limits.pinned_key
    pages = [host.list(sort=key, ascending=ascending) for ascending in (True, False)]
    return any(one.pin and one.id != chat.id for page in pages for one in page.messages)


def delete(person: Participant, chat: Sent) -> None:
    """Delete a message that the person may delete, so that it is gone (DEL-1 to DEL-3)."""
    own = any(one.chat == chat.id and one.sender == person.name for one in person.journal.entries)
    must(person.delete(chat), "DEL-1" if own else "DEL-2", "a deletion was not accepted")
    left = find(person, chat)
    if left is not None:
        raise _unmet("DEL-3", "a deleted message is still listed", "absent", "listed", left.page)


def unreact(person: Participant, chat: Sent, held: Reacted) -> None:
    """Take a reaction back, or remove it as the host, so that it is gone (UNREACT-1, UNREACT-2)."""
    rule = "UNREACT-2" if person.is_host else "UNREACT-1"
    must(person.unreact(chat, held), rule, "a reaction could not be taken back")
    listed = person.reactions(chat)
    if listed.accepted and held.id in listed.ids:
        raise _unmet(rule, "a reaction taken back is still listed", "absent", "listed", listed)


def unpin(host: Participant, chat: Sent, held: str) -> None:
    """Unpin a message as the host, so that it is not shown as pinned (PIN-2)."""
    must(host.unpin(chat, held), "PIN-2", "the host's unpin was not accepted")
    message = shown(host, chat)
    if message.pin is not None:
        summary = "a message is still shown as pinned after the host unpinned it"
        raise _unmet("PIN-2", summary, "not pinned", message.pin, message.page)


def must(answer: Answer, rule: str, summary: str) -> None:
    """The answer has to be a success for the rest of a scenario to mean anything."""
    if not answer.accepted:
        broken = answer.exchange.response is None or answer.status >= SERVER_ERROR
        outcome = answer.exchange.outcome()
        raise _unmet("HTTP-1" if broken else rule, summary, "200 or 204", outcome, answer)


def _unmet(rule: str, summary: str, expected: str, actual: str, on: Answer) -> Unmet:
    return unmet(rule, summary, expected, actual, (on.exchange,))


def unmet(rule: str, summary: str, expected: str, actual: str, on: tuple[Exchange, ...]) -> Unmet:
    """What to raise where a step did not do what another requirement asks for."""
    ids = tuple(exchange.id for exchange in on)
    return Unmet(Finding(rule, summary, expected, actual, test=current().test, exchanges=ids))


def everywhere(
    viewers: Iterable[Participant], change: Callable[[], object]
) -> list[tuple[Participant, View, View]]:
    """Both views of each viewer, before and after a change."""
    people = tuple(viewers)
    before = [look(viewer) for viewer in people]
    change()
    return [(viewer, old, look(viewer)) for viewer, old in zip(people, before, strict=True)]


def looks(people: Iterable[Participant]) -> dict[str, View]:
    """Both views as each person is shown them, by name; they have to be the same (STATE-5)."""
    everyone = tuple(people)
    seen = {person.name: look(person) for person in everyone}
    first, *others = everyone
    for other in others:
        shown = seen[other.name]
        found = differences(seen[first.name], shown)
        if found:
            require_steady(seen[first.name])
            again = look(first)
            changed = differences(seen[first.name], again)
            rule = "STATE-2" if changed else "STATE-5"
            summary = "participants are given different views, or one and the same at two times"
            on = (*again.exchanges, *shown.exchanges)
            raise unmet(rule, summary, "the same views", str((changed or found)[0]), on)
    return seen


def same_but(before: View, after: View, chat: Sent, *, rule: str | None = None, what: str) -> bool:
    """Apart from one message, both views are as they were."""
    return same(before.without(chat.id), after.without(chat.id), rule=rule, what=what)
