"""DEL: deleting messages."""

from __future__ import annotations

import pytest

from conformance.client import Participant
from conformance.contract import Limits
from conformance.expect import accepted, advised, equal, holds, refused, same, unchanged
from conformance.plugin import requirement
from conformance.suite.steps import delete, everywhere, pin, react, unknown
from conformance.views import find

People = tuple[Participant, ...]
NO_CONTENT = (200, 204)
GONE = (404, 410)


@requirement("DEL-1")
def test_the_sender_deletes_an_own_message(everyone: People) -> None:
    """Host or member: who sent a message deletes it."""
    for person in everyone:
        chat = person.send("mine to delete")

        accepted(person.delete(chat), *NO_CONTENT)

        gone = find(person, chat) is None
        holds(gone, "a message is still listed after its sender deleted it", on=chat)


@requirement("DEL-1")
def test_the_sender_deletes_an_own_message_with_pin_and_reactions(
    host: Participant, alice: Participant, bob: Participant, limits: Limits
) -> None:
    """What others did to a message does not take it from its sender."""
    chat = alice.send("pinned and liked")
    pin(host, chat)
    react(bob, chat, limits.reactions[0])

    accepted(alice.delete(chat), *NO_CONTENT)

    gone = find(alice, chat) is None
    holds(gone, "a message is still listed after its sender deleted it", on=chat)


@requirement("DEL-2")
def test_the_host_deletes_anyones_message(
    host: Participant, alice: Participant, bob: Participant
) -> None:
    for member in (alice, bob):
        chat = member.send("the host may delete this")

        accepted(host.delete(chat), *NO_CONTENT)

        gone = find(host, chat) is None
        holds(gone, "a message is still listed after the host deleted it", on=chat)


@requirement("DEL-3")
@pytest.mark.parametrize("place", (0, 1, 2), ids=("first", "middle", "last"))
def test_a_deleted_message_is_gone_for_everyone_and_nothing_else_is(
    place: int, everyone: People, limits: Limits
) -> None:
    """It is gone for every participant, ``totalCount`` is one less, all others are as they were.

    The first and the last are deleted by their sender, the one in between by the host; the first
    two are pinned, so that both a pinned and an unpinned one go.
    """
    host, alice, bob = everyone
    chats = [person.send("the same words") for person in (alice, bob, alice)]
    for chat in chats:
        react(bob, chat, limits.reactions[0])
        react(host, chat, limits.reactions[-1])
    for chat in chats[:2]:
        host.pin(chat)
    victim, deleter = chats[place], (alice, host, alice)[place]
    viewers = everyone[place], everyone[place - 1]

    seen = everywhere(viewers, lambda: delete(deleter, victim))

    for _, before, after in seen:
        listed = victim.id in after.messages
        holds(not listed, "a deleted message is still listed", on=after.exchanges)
        what = "deleting a message changed something else"
        if not listed:
            same(before.without(victim.id, before.total - 1), after, what=what)


@requirement("DEL-3")
def test_a_deleted_message_is_on_no_page(alice: Participant, bob: Participant) -> None:
    """Not only on the newest page: nowhere, for anyone, and ``totalCount`` says so."""
    chats = [alice.send(f"one of three, {number}") for number in range(3)]
    before = bob.list(take=1).total

    delete(alice, chats[1])

    page = bob.list(take=1)
    equal(
        page.total,
        before - 1,
        "totalCount is not one less after a deletion",
        on=page,
        at="/totalCount",
    )
    left = {message.id for message in bob.walk()}
    holds(chats[1].id not in left, "a deleted message is still listed", on=page)
    holds(chats[0].id in left, "deleting a message took another one away", on=page)
    holds(chats[2].id in left, "deleting a message took another one away", on=page)


@requirement("DEL-4")
def test_the_reactions_of_a_deleted_message_are_gone(
    host: Participant, alice: Participant, bob: Participant, limits: Limits
) -> None:
    """Asked for alone, or with a message that still has some, for every participant."""
    chat, other = alice.send("liked, then deleted"), alice.send("liked, and kept")
    for person in (host, alice, bob):
        react(person, chat, limits.reactions[0])
    react(bob, other, limits.reactions[-1])
    bob.reactions(chat, other)

    delete(alice, chat)

    for person in (host, alice, bob):
        for asked in ((chat,), (chat, other)):
            answer = person.reactions(*asked)
            if answer.refused:
                holds(True, "", on=answer)
                continue
            rest = [entry for entry in answer if entry["chatId"] == chat.id]
            equal(len(rest), 0, "a deleted message's reactions are still listed", on=answer)
            others = [entry["chatId"] for entry in answer if entry["chatId"] == other.id]
            equal(
                len(others),
                int(other in asked),
                "deleting a message changed another one's reactions",
                on=answer,
                rule="DEL-3",
            )


@requirement("DEL-5")
def test_deleting_an_unknown_or_deleted_message_gets_404(
    host: Participant, alice: Participant, bob: Participant
) -> None:
    """Unknown, or deleted already: by its sender, or by the host."""
    chat, other = alice.send("deleted twice"), bob.send("deleted by the host")
    delete(alice, chat)
    delete(host, other)
    for answer in (alice.delete(chat), host.delete(chat), bob.delete(other), host.delete(other)):
        refused(answer, *GONE)
    for person in (alice, host):
        refused(person.delete(unknown(chat.id)), *GONE)


@requirement("DEL-5", "DEL-3")
def test_deleting_twice_deletes_once(host: Participant, alice: Participant) -> None:
    """The second time changes nothing."""
    chat = alice.send("deleted twice")
    alice.send("stays")
    delete(alice, chat)
    with unchanged(alice, rule="DEL-3"):
        again, by_host = alice.delete(chat), host.delete(chat)
    advised(again, *GONE, rule="DEL-5")
    advised(by_host, *GONE, rule="DEL-5")


ODD_IDS = {
    "white space": "  ",
    "quote": "a' OR '1'='1",
    "markup": "<b>&amp;</b>",
    "not ASCII": "né-早-🙂",
    "NUL": "a\x00b",
    "control characters": "a\r\nb\tc",
    "encoded slash": "a/b",
    "encoded percent": "100%25",
    "dots": "a..b",
    "template": "${7*7}{{7*7}}",
    "negative number": "-1",
    "huge number": "9" * 40,
    "null": "null",
    "very long": "x" * 2_000,
}


@requirement("DEL-6")
def test_a_chat_id_that_cannot_be_one_gets_a_4xx(host: Participant, alice: Participant) -> None:
    alice.send("has to survive")
    with unchanged(alice, rule="STATE-1"):
        for odd in ODD_IDS.values():
            refused(host.delete(odd))


@requirement("DEL-3", "DEL-6")
def test_a_chat_id_is_no_pattern(host: Participant, alice: Participant) -> None:
    """Wildcards and lists in the place of an id match nothing."""
    chat, twin = alice.send("has to survive"), alice.send("has to survive")
    head = chat.id[:-1]
    with unchanged(alice, rule="DEL-3"):
        for pattern in (
            f"{head}%",
            f"{head}_",
            f"{head}*",
            f"{head}?",
            f"{chat.id},{twin.id}",
            f"{chat.id} OR 1=1",
        ):
            refused(host.delete(pattern), rule="DEL-6")
