"""PERM: who may do what. Each refusal leaves both views as they were."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from conformance.client import Answer, Participant
from conformance.contract import Limits
from conformance.expect import advised, refused, unchanged
from conformance.plugin import requirement
from conformance.suite.steps import pin, react, unpin

People = tuple[Participant, ...]


def forbidden(answer: Answer, rule: str | None = None) -> None:
    """Refused, and (PERM-7) with 403, or 404 to hide."""
    refused(answer, rule=rule)
    advised(answer, 403, 404, rule="PERM-7")


@contextmanager
def nothing_happens(*viewers: Participant) -> Iterator[None]:
    """Neither who asked nor who was asked about sees a change."""
    first, *others = viewers
    with unchanged(first):
        if others:
            with nothing_happens(*others):
                yield
        else:
            yield


@requirement("PERM-1", "PERM-7")
def test_a_member_may_not_delete_another_members_message(
    alice: Participant, bob: Participant
) -> None:
    """Only the sender and the host may delete a message."""
    for sender, other in ((alice, bob), (bob, alice)):
        chat = sender.send("mine")
        with nothing_happens(sender):
            forbidden(other.delete(chat))


@requirement("PERM-1", "PERM-7")
def test_a_member_may_not_delete_another_members_message_after_acting_on_it(
    host: Participant, alice: Participant, bob: Participant, limits: Limits
) -> None:
    """Neither a reaction on it, nor a pin, nor a later own message gives a right to it."""
    chat = alice.send("mine, pinned and liked")
    react(bob, chat, limits.reactions[0])
    pin(host, chat)
    bob.send("a later message")
    with nothing_happens(alice, bob):
        forbidden(bob.delete(chat))
        forbidden(bob.delete(chat))


@requirement("PERM-2", "PERM-7")
def test_a_member_may_not_delete_the_hosts_message(everyone: People, limits: Limits) -> None:
    host, alice, bob = everyone
    chat, liked = host.send("the host's"), host.send("the host's, and liked")
    react(alice, liked, limits.reactions[0])
    pin(host, liked)
    with nothing_happens(host):
        for member in (alice, bob):
            forbidden(member.delete(chat))
            forbidden(member.delete(liked))


@requirement("PERM-3", "PERM-7")
def test_a_member_may_not_remove_anothers_reaction_from_anothers_message(
    everyone: People, limits: Limits
) -> None:
    """Whoever sent the message and whoever reacted, the host included."""
    host, alice, bob = everyone
    cases = []
    for member, sender, reactor in (
        (bob, host, alice),
        (bob, alice, host),
        (bob, alice, alice),
        (bob, host, host),
        (alice, bob, host),
    ):
        chat = sender.send("react as you like")
        # An own reaction on the message gives no right to the others on it.
        react(member, chat, limits.reactions[-1])
        cases.append((member, chat, react(reactor, chat, limits.reactions[0])))
    with nothing_happens(alice):
        for member, chat, held in cases:
            forbidden(member.unreact(chat, held))


@requirement("PERM-4", "PERM-7")
def test_the_sender_may_not_remove_anothers_reaction(everyone: People, limits: Limits) -> None:
    """The resource is the reaction, and its owner is who reacted."""
    host, alice, bob = everyone
    for sender, reactor in ((alice, bob), (bob, host)):
        chat = sender.send("mine, with your reaction")
        held = react(reactor, chat, limits.reactions[0])
        with nothing_happens(reactor):
            forbidden(sender.unreact(chat, held))


@requirement("PERM-5", "PERM-7")
def test_a_member_may_not_pin(everyone: People) -> None:
    """Not even an own message; not another member's, and not the host's."""
    host, alice, bob = everyone
    chats = [person.send("not for members to pin") for person in everyone]
    with nothing_happens(host):
        for member in (alice, bob):
            for chat in chats:
                forbidden(member.pin(chat))


@requirement("PERM-5", "PERM-7")
def test_a_member_may_not_pin_again_what_the_host_has_pinned(
    host: Participant, alice: Participant, bob: Participant
) -> None:
    """A pin that is there, or was there, opens nothing to members."""
    chat, once = alice.send("pinned"), bob.send("pinned once")
    held = pin(host, once)
    unpin(host, once, held)
    pin(host, chat)
    with nothing_happens(host):
        for member in (alice, bob):
            forbidden(member.pin(chat))
            forbidden(member.pin(once))


@requirement("PERM-6", "PERM-7")
def test_a_member_may_not_unpin_a_message_that_someone_else_sent(
    everyone: People, limits: Limits
) -> None:
    """Another member's, or the host's; a reaction on it gives no right to its pin."""
    host, alice, bob = everyone
    for sender, members in ((alice, (bob,)), (bob, (alice,)), (host, (alice, bob))):
        chat = sender.send("pinned for all")
        for member in members:
            react(member, chat, limits.reactions[0])
        held = pin(host, chat)
        with nothing_happens(host):
            for member in members:
                forbidden(member.unpin(chat, held))
        host.unpin(chat, held)


@requirement("PERM-8", "PERM-7")
def test_a_member_may_not_unpin_an_own_message(
    host: Participant, alice: Participant, bob: Participant
) -> None:
    """The resource is the pin, and only the host makes pins."""
    for member in (alice, bob):
        chat = member.send("mine, pinned by the host")
        held = pin(host, chat)
        with nothing_happens(host):
            forbidden(member.unpin(chat, held))
        host.unpin(chat, held)
