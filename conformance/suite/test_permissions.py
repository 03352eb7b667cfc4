"""PERM: who may do what. Each refusal leaves both views as they were."""

from __future__ import annotations

from conformance.client import Answer, Participant
from conformance.contract import Limits
from conformance.evidence import Unjudged
from conformance.expect import advised, refused
from conformance.plugin import requirement
from conformance.suite.stage import Stage
from conformance.suite.steps import pin, react, unpin, unreact


def forbidden(answer: Answer) -> bool:
    """Refused, and (PERM-7) with 403, or 404 to hide."""
    right = refused(answer)
    advised(answer, 403, 404, rule="PERM-7")
    return right


@requirement("PERM-1", "PERM-7")
def test_a_member_may_not_delete_another_members_message(
    stage: Stage, alice: Participant, bob: Participant
) -> None:
    """Neither a reaction on it, nor a pin, nor a second attempt gives a right to it."""
    stage.refuses(
        lambda: bob.delete(stage.of(alice)),
        lambda: bob.delete(stage.of(alice)),
        lambda: alice.delete(stage.of(bob)),
        judge=forbidden,
        seen_by=(alice, bob),
    )


@requirement("PERM-2", "PERM-7")
def test_a_member_may_not_delete_the_hosts_message(
    stage: Stage, host: Participant, alice: Participant, bob: Participant
) -> None:
    """Neither a plain one, nor one that is pinned and liked."""
    stage.refuses(
        lambda: alice.delete(stage.bare),
        lambda: bob.delete(stage.bare),
        lambda: bob.delete(stage.of(host)),
        lambda: alice.delete(stage.of(host)),
        judge=forbidden,
        seen_by=(alice,),
    )


@requirement("PERM-3", "PERM-7")
def test_a_member_may_not_remove_anothers_reaction_from_anothers_message(
    stage: Stage, host: Participant, alice: Participant, bob: Participant
) -> None:
    """Whoever sent the message and whoever reacted, the host included.

    Everyone's own reaction on the message gives no right to the others on it.
    """
    stage.refuses(
        lambda: bob.unreact(stage.of(host), stage.reaction(on=host, by=alice)),
        lambda: bob.unreact(stage.of(alice), stage.reaction(on=alice, by=host)),
        lambda: bob.unreact(stage.of(alice), stage.reaction(on=alice, by=alice)),
        lambda: bob.unreact(stage.of(host), stage.reaction(on=host, by=host)),
        lambda: alice.unreact(stage.of(bob), stage.reaction(on=bob, by=host)),
        judge=forbidden,
        seen_by=(bob,),
    )


@requirement("PERM-4", "PERM-7")
def test_the_sender_may_not_remove_anothers_reaction(
    stage: Stage, host: Participant, alice: Participant, bob: Participant
) -> None:
    """The resource is the reaction, and its owner is who reacted."""
    stage.refuses(
        lambda: alice.unreact(stage.of(alice), stage.reaction(on=alice, by=bob)),
        lambda: bob.unreact(stage.of(bob), stage.reaction(on=bob, by=host)),
        judge=forbidden,
        seen_by=(alice,),
    )


@requirement("PERM-5", "PERM-7")
def test_a_member_may_not_pin(
    stage: Stage, host: Participant, alice: Participant, bob: Participant
) -> None:
    """Not even an own message; not another member's, and not the host's.

    A pin that is there, or was there (on bob's), opens nothing to members.
    """
    stage.refuses(
        lambda: bob.pin(stage.of(bob)),
        lambda: alice.pin(stage.of(bob)),
        lambda: alice.pin(stage.bare),
        lambda: bob.pin(stage.bare),
        lambda: alice.pin(stage.of(alice)),
        lambda: bob.pin(stage.of(alice)),
        lambda: alice.pin(stage.of(host)),
        judge=forbidden,
        seen_by=(bob,),
    )


@requirement("PERM-6", "PERM-7")
def test_a_member_may_not_unpin_a_message_that_someone_else_sent(
    stage: Stage, host: Participant, alice: Participant, bob: Participant
) -> None:
    """Another member's, or the host's; a reaction on it gives no right to its pin."""
    stage.refuses(
        lambda: bob.unpin(stage.of(alice), stage.pin(on=alice)),
        lambda: bob.unpin(stage.of(host), stage.pin(on=host)),
        lambda: alice.unpin(stage.of(host), stage.pin(on=host)),
        judge=forbidden,
    )


@requirement("PERM-8", "PERM-7")
def test_a_member_may_not_unpin_an_own_message(stage: Stage, alice: Participant) -> None:
    """The resource is the pin, and only the host makes pins."""
    stage.refuses(lambda: alice.unpin(stage.of(alice), stage.pin(on=alice)), judge=forbidden)


@requirement("PERM-3", "PERM-7")
def test_what_the_host_has_just_removed_is_no_leave_for_members_to_remove_more(
    host: Participant, alice: Participant, bob: Participant, limits: Limits
) -> None:
    """On the same message: who may do what is asked anew for each caller."""
    chat, reaction = alice.send("one rule for each"), limits.reactions[0]
    first, left = react(alice, chat, reaction), react(host, chat, reaction)
    if not {first.id, left.id} <= set(host.reactions(chat).ids):
        raise Unjudged("a reaction is not listed from the start (REACT-3, REACT-4)")
    unreact(host, chat, first)
    forbidden(bob.unreact(chat, left))


@requirement("PERM-5", "PERM-6", "PERM-7")
def test_what_the_host_has_just_pinned_is_no_leave_for_members_to_pin(
    host: Participant, alice: Participant, bob: Participant
) -> None:
    """Nor to unpin it."""
    chat = alice.send("one rule for each")
    unpin(host, chat, pin(host, chat))
    forbidden(bob.pin(chat))
    held = pin(host, chat)
    refused(bob.unpin(chat, held), rule="PERM-6")
