"""UNREACT: taking reactions back."""

from __future__ import annotations

from conformance.client import Participant
from conformance.contract import Limits
from conformance.expect import accepted, equal, holds, refused, same, unchanged
from conformance.plugin import requirement
from conformance.suite.steps import delete, everywhere, react, shown, unknown, unreact, user_of

People = tuple[Participant, ...]
NO_CONTENT = (200, 204)
GONE = (404, 410)


@requirement("UNREACT-1")
def test_who_reacted_takes_the_reaction_back_and_all_others_stay(
    everyone: People, limits: Limits
) -> None:
    """On anyone's message; others' reactions of either kind, and other messages, are untouched."""
    up, down = limits.reactions[0], limits.reactions[-1]
    for turn, person in enumerate(everyone):
        sender, other = everyone[turn - 1], everyone[turn - 2]
        chat, twin = sender.send("the same words"), sender.send("the same words")
        react(sender, chat, up)
        held = react(person, chat, up)
        react(other, chat, down)
        react(person, twin, up)
        user = user_of(person, person.send("who am I?"))

        seen = everywhere(
            (person, sender),
            lambda: accepted(person.unreact(chat, held), *NO_CONTENT),  # noqa: B023
        )

        for _, before, after in seen:
            if chat.id in before.messages:
                want = before.losing(chat.id, held.id, (up, user))
                same(want, after, what="taking a reaction back did not remove it and nothing else")


@requirement("UNREACT-2")
def test_the_host_removes_anyones_reaction(everyone: People, limits: Limits) -> None:
    """A member's, on that member's message, on another's and on the host's."""
    host, alice, bob = everyone
    for sender in everyone:
        chat = sender.send("the host tidies up")
        held = react(alice, chat, limits.reactions[0])
        kept = {
            react(bob, chat, limits.reactions[-1]).id,
            react(host, chat, limits.reactions[0]).id,
        }

        accepted(host.unreact(chat, held), *NO_CONTENT)

        listed = alice.reactions(chat)
        summary = "a reaction that the host removed is still there, or another is not"
        equal(set(listed.ids), kept, summary, on=listed)
        message = shown(alice, chat)
        count = message.count((limits.reactions[0], *limits.spellings(limits.reactions[0])))
        summary = "after the host removed one reaction, the others do not count as before"
        equal(count, 1, summary, on=message.page, at=message.pointer("reactions"))


@requirement("UNREACT-3")
def test_a_reaction_id_under_another_message_removes_nothing(
    host: Participant, alice: Participant, bob: Participant, limits: Limits
) -> None:
    """The path names both, and both have to fit; for who reacted and for the host."""
    chat, bare, other = alice.send("has it"), bob.send("has none"), bob.send("has another")
    held = react(alice, chat, limits.reactions[0])
    theirs = react(bob, other, limits.reactions[-1])
    with unchanged(alice):
        for person in (alice, host):
            person.unreact(bare, held)
            if theirs.id != held.id:
                person.unreact(other, held)
        bob.unreact(bare, theirs)


@requirement("UNREACT-3")
def test_a_reaction_id_under_an_unknown_message_removes_nothing(
    alice: Participant, bob: Participant, limits: Limits
) -> None:
    chat, gone = alice.send("has it"), alice.send("deleted")
    held = react(bob, chat, limits.reactions[0])
    delete(alice, gone)
    with unchanged(bob):
        bob.unreact(unknown(chat.id), held)
        bob.unreact(gone.id, held)


@requirement("UNREACT-4")
def test_removing_an_unknown_or_removed_reaction_gets_404(
    host: Participant, alice: Participant, bob: Participant, limits: Limits
) -> None:
    chat = alice.send("no reactions left")
    held = react(bob, chat, limits.reactions[0])
    unreact(bob, chat, held)
    refused(bob.unreact(chat, held), *GONE)
    refused(host.unreact(chat, held), *GONE)
    refused(bob.unreact(chat, unknown(held.id)), *GONE)
    refused(bob.unreact(unknown(chat.id), held), *GONE)


@requirement("UNREACT-4", "UNREACT-3")
def test_a_reaction_id_is_no_pattern(
    host: Participant, alice: Participant, bob: Participant, limits: Limits
) -> None:
    """Wildcards, reaction names and user ids in the place of an id remove nothing."""
    chat = alice.send("keeps its reactions")
    held = react(bob, chat, limits.reactions[0])
    react(alice, chat, limits.reactions[-1])
    patterns = (
        f"{held.id[:-1]}%",
        "%",
        "*",
        limits.reactions[0],
        user_of(bob, bob.send("me")),
        "pins",
    )
    with unchanged(alice, rule="UNREACT-3"):
        for pattern in patterns:
            if pattern != held.id:
                answer = host.unreact(chat, pattern)
                holds(
                    answer.refused,
                    "an id that no reaction has was accepted",
                    expected="4xx",
                    actual=answer.exchange.outcome(),
                    on=answer,
                )


@requirement("UNREACT-5")
def test_after_that_the_participant_reacts_anew(everyone: People, limits: Limits) -> None:
    """The same reaction or the other one, after taking it back or after the host removed it."""
    host, alice, bob = everyone
    for remover, first, then in (
        (bob, limits.reactions[0], limits.reactions[0]),
        (bob, limits.reactions[0], limits.reactions[-1]),
        (host, limits.reactions[-1], limits.reactions[-1]),
    ):
        chat = alice.send("liked again")
        react(alice, chat, first)
        held = react(bob, chat, first)
        unreact(remover, chat, held)

        answer = bob.react(chat, then)

        accepted(answer, 200)
        if not answer.accepted:
            continue
        listed = alice.reactions(chat)
        equal(len(listed.entries), 2, "a reaction made anew is not listed once", on=listed)
        holds(answer.id in listed.ids, "a reaction made anew is not listed under its id", on=listed)
        message = shown(alice, chat)
        count = message.count((then, *limits.spellings(then)))
        equal(
            count,
            2 if then == first else 1,
            "a reaction made anew does not count once",
            on=message.page,
            at=message.pointer("reactions"),
        )
