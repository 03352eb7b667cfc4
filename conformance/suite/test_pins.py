"""PIN: pinning and unpinning."""

from __future__ import annotations

from conformance.client import JSON, Participant, Sent
from conformance.contract import Limits
from conformance.expect import accepted, advised, equal, holds, refused, same, unchanged
from conformance.plugin import requirement
from conformance.suite.steps import (
    delete,
    everywhere,
    pin,
    react,
    require_pinned,
    shown,
    unknown,
    unpin,
)

People = tuple[Participant, ...]
NO_CONTENT = (200, 204)
GONE = (404, 410)


def pin_seen(viewer: Participant, chat: Sent, *, pinned: bool, summary: str, rule: str) -> None:
    message = shown(viewer, chat)
    holds(
        (message.pin is not None) == pinned,
        summary,
        expected="pinned.id" if pinned else "not pinned",
        actual=message.raw.get("pinned"),
        on=message.page,
        at=message.pointer("pinned"),
        rule=rule,
    )


@requirement("PIN-1", "PIN-2")
def test_the_host_pins_and_unpins_any_message_and_everyone_sees_it(everyone: People) -> None:
    """The host's own message and both members', one after the other."""
    host = everyone[0]
    for sender in everyone:
        chat = sender.send("worth a pin")

        answer = host.pin(chat)
        require_pinned(host, chat, answer)
        accepted(answer, *NO_CONTENT, rule="PIN-1")

        for viewer in everyone:
            summary = "a pinned message is not shown as pinned"
            pin_seen(viewer, chat, pinned=True, summary=summary, rule="PIN-1")
        held = shown(host, chat).pin
        if held is None:
            continue
        same_id = [shown(viewer, chat).pin for viewer in everyone[1:]]
        equal(
            same_id, [held] * 2, "participants are shown different pin ids", on=chat, rule="STATE-5"
        )

        accepted(host.unpin(chat, held), *NO_CONTENT, rule="PIN-2")

        for viewer in everyone:
            summary = "a message is still shown as pinned after the host unpinned it"
            pin_seen(viewer, chat, pinned=False, summary=summary, rule="PIN-2")


@requirement("PIN-3")
def test_a_pin_and_an_unpin_change_nothing_else(everyone: People, limits: Limits) -> None:
    """Text, time, sender, reactions and other messages stay, for every participant."""
    host, alice, bob = everyone
    first, chat, _ = (person.send("the same words") for person in (alice, bob, alice))
    for person in everyone:
        react(person, chat, limits.reactions[0])
    react(bob, first, limits.reactions[-1])

    seen = everywhere((host, bob), lambda: host.pin(chat))

    for _, before, after in seen:
        held = after.messages[chat.id].pin if chat.id in after.messages else None
        if chat.id in before.messages:
            same(before.pinned_as(chat.id, held), after, what="a pin changed something else")
    held = shown(host, chat).pin
    if held is None:
        return

    seen = everywhere((alice, bob), lambda: host.unpin(chat, held))

    for _, before, after in seen:
        left = after.messages[chat.id].pin if chat.id in after.messages else None
        if chat.id in before.messages:
            same(before.pinned_as(chat.id, left), after, what="an unpin changed something else")


@requirement("PIN-4", "PIN-6")
def test_a_pin_of_a_message_that_is_not_there_is_refused(
    host: Participant, alice: Participant
) -> None:
    """Unknown or deleted; with 404 or 410."""
    chat, own = alice.send("soon deleted"), host.send("soon deleted")
    made_up = unknown(chat.id)
    delete(alice, chat)
    delete(host, own)
    alice.send("stays as it is")
    with unchanged(alice):
        for missing in (chat.id, own.id, made_up):
            answer = host.pin(missing)
            refused(answer, rule="PIN-4")
            advised(answer, *GONE, rule="PIN-6")


@requirement("PIN-4")
def test_a_pinned_message_that_is_deleted_cannot_be_unpinned_or_pinned(
    host: Participant, alice: Participant
) -> None:
    chat = alice.send("pinned, then deleted")
    held = pin(host, chat)
    delete(alice, chat)
    with unchanged(host):
        refused(host.pin(chat))
        answer = host.unpin(chat, held)
    advised(answer, *GONE, rule="PIN-6")


@requirement("PIN-5")
def test_a_pin_id_under_another_message_unpins_nothing(
    host: Participant, alice: Participant, bob: Participant
) -> None:
    """Whether the other message is pinned or not; the path names both, and both have to fit."""
    chat, bare = alice.send("pinned"), bob.send("not pinned")
    held = pin(host, chat)
    with unchanged(alice):
        host.unpin(bare, held)
        host.unpin(unknown(chat.id), held)
    other = alice.send("pinned as well")
    if host.pin(other).accepted and shown(host, chat).pin == held:
        theirs = shown(host, other).pin
        if theirs not in (None, held):
            with unchanged(alice):
                host.unpin(other, held)


@requirement("PIN-6", "PIN-5")
def test_an_unknown_pin_gets_404(host: Participant, alice: Participant, limits: Limits) -> None:
    """Unknown, of another message, removed already, or the id of something else."""
    chat = alice.send("pinned, then not")
    held = pin(host, chat)
    reaction = react(alice, chat, limits.reactions[0])
    with unchanged(alice, rule="PIN-5"):
        for wrong in dict.fromkeys((unknown(held), f"{held[:-1]}%", "*", reaction.id)):
            if wrong != held:
                refused(host.unpin(chat, wrong), *GONE, rule="PIN-6")
    refused(host.unpin(unknown(chat.id), held), *GONE, rule="PIN-6")
    if host.unpin(chat, held).accepted:
        refused(host.unpin(chat, held), *GONE, rule="PIN-6")


@requirement("PIN-7")
def test_a_second_pin_leaves_the_message_pinned_once(host: Participant, alice: Participant) -> None:
    """The same pin, a new one in its place, or 409: one unpin takes it all away."""
    chat = alice.send("pinned twice")
    pin(host, chat)
    host.pin(chat)
    message = shown(host, chat)
    if not holds(
        message.pin is not None,
        "a second pin left the message not pinned",
        on=message.page,
        at=message.pointer("pinned"),
    ):
        return
    accepted(host.unpin(chat, message.pin or ""), *NO_CONTENT, rule="PIN-2")
    message = shown(host, chat)
    holds(
        message.pin is None,
        "a message pinned twice is still pinned after one unpin",
        expected="not pinned",
        actual=message.raw.get("pinned"),
        on=message.page,
        at=message.pointer("pinned"),
    )


@requirement("PIN-8")
def test_several_messages_can_be_pinned_at_once(everyone: People) -> None:
    """A second one is neither refused nor takes the first one's pin."""
    host, chats = everyone[0], [person.send("pinned with others") for person in everyone]
    held = pin(host, chats[0])
    for chat in chats[1:]:
        answer = host.pin(chat)
        if answer.refused and held is not None:
            # Refused for another's pin, or at all? Without that pin it has to be accepted (PIN-1).
            unpin(host, chats[0], held)
            pin(host, chat)
        accepted(answer, *NO_CONTENT)
        if not answer.accepted:
            return
    shown_pins = [shown(host, chat) for chat in chats]
    pinned = [message.pin is not None for message in shown_pins]
    summary = "pinning a message took another one's pin"
    holds(all(pinned), summary, expected="all pinned", actual=pinned, on=shown_pins[-1].page)


@requirement("PIN-9")
def test_after_unpinning_it_can_be_pinned_anew(host: Participant, alice: Participant) -> None:
    chat = alice.send("pinned anew")
    for _ in range(2):
        held = pin(host, chat)
        unpin(host, chat, held)
    accepted(host.pin(chat), *NO_CONTENT)
    summary = "a message pinned anew is not shown as pinned"
    pin_seen(host, chat, pinned=True, summary=summary, rule="PIN-9")


@requirement("PIN-9", "PIN-2")
def test_a_message_pinned_anew_is_unpinned_by_its_new_id(
    host: Participant, alice: Participant
) -> None:
    """The id that is shown is the one that counts; the one before it has had its day."""
    chat = alice.send("pinned anew")
    old = pin(host, chat)
    unpin(host, chat, old)
    answer = host.pin(chat)
    new = shown(host, chat).pin
    if not holds(
        answer.accepted and new is not None, "a message could not be pinned anew", on=answer
    ):
        return
    accepted(host.unpin(chat, new or ""), *NO_CONTENT, rule="PIN-2")
    summary = "a message is still shown as pinned after the host unpinned it"
    pin_seen(alice, chat, pinned=False, summary=summary, rule="PIN-2")


@requirement("PIN-10")
def test_pinning_needs_neither_a_body_nor_a_content_type(
    host: Participant, alice: Participant
) -> None:
    chat = alice.send("pinned without a body")
    answer = host.pin(chat)
    if answer.refused:
        path = host.contract.operations["pinChat"].url_path(chatId=chat.id)
        with_body = host.call("POST", path, operation="pinChat", body=b"{}", headers=(JSON,))
        if not with_body.accepted:
            require_pinned(host, chat, answer)
    accepted(answer, *NO_CONTENT)
