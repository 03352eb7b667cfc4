"""REACT: adding reactions, and what they change."""

from __future__ import annotations

from conformance.client import Participant, Sent
from conformance.contract import Limits
from conformance.evidence import current
from conformance.expect import accepted, advised, equal, holds, refused, unchanged
from conformance.plugin import requirement
from conformance.suite.steps import (
    delete,
    everywhere,
    pin,
    react,
    same_but,
    shown,
    unknown,
    user_of,
)
from conformance.views import look

People = tuple[Participant, ...]
GONE = (404, 410)


def names(limits: Limits, reaction: str) -> tuple[str, ...]:
    """Every name under which a reaction may be shown."""
    return (reaction, *limits.spellings(reaction))


@requirement("REACT-1", "REACT-3")
def test_anyone_reacts_to_any_message_and_it_shows(everyone: People, limits: Limits) -> None:
    """Each person to each one's message, with each reaction: 200, an id, and it is listed."""
    for turn, sender in enumerate(everyone):
        chat = sender.send("react to this")
        for place, person in enumerate(everyone):
            reaction = limits.reactions[(turn + place) % len(limits.reactions)]
            answer = person.react(chat, reaction)
            if accepted(answer, 200, rule="REACT-1"):
                _it_shows(everyone[turn - 1], chat, reaction, answer.id, limits)


def _it_shows(viewer: Participant, chat: Sent, reaction: str, id: str, limits: Limits) -> None:
    listed = viewer.reactions(chat)
    entry = next((entry for entry in listed if entry["id"] == id), None)
    holds(
        entry is not None and entry["chatId"] == chat.id,
        "an added reaction is not in the reactions list under its id",
        expected=f"id {id}",
        actual=str(listed.entries)[:200],
        on=listed,
        rule="REACT-3",
    )
    named = entry is None or limits.reaction_of(entry["reaction"]) == reaction
    holds(
        named,
        "the reactions list shows another reaction",
        expected=reaction,
        actual=entry,
        on=listed,
        rule="REACT-3",
    )


@requirement("REACT-3", "REACT-4")
def test_the_same_reaction_by_several_people_counts_once_for_each(
    everyone: People, limits: Limits
) -> None:
    """One after the other: the count grows, and everyone sees who reacted."""
    users = {person.name: user_of(person, person.send("who am I?")) for person in everyone}
    for sender, reaction in zip(everyone, limits.reactions, strict=False):
        chat = sender.send("liked by all")
        for number, person in enumerate(everyone, 1):
            react(person, chat, reaction)
            message = shown(person, chat)
            equal(
                message.count(names(limits, reaction)),
                number,
                "the same reaction by several people does not count once for each",
                on=message.page,
                at=message.pointer("reactions"),
                rule="REACT-4" if number > 1 else "REACT-3",
            )
        for viewer in everyone:
            message = shown(viewer, chat)
            seen = sorted(message.users(names(limits, reaction)))
            equal(
                seen,
                sorted(users.values()),
                "reactions does not show who reacted",
                on=message.page,
                at=message.pointer("reactions"),
                rule="REACT-3",
            )
            listed = viewer.reactions(chat)
            equal(
                len(set(listed.ids)),
                len(everyone),
                "the reactions list does not have one entry for each person",
                on=listed,
                rule="REACT-4",
            )


REFUSED = (
    ":heart:",
    ":smile:",
    ":thumbs:",
    ":thumbs_sideways:",
    ":thumbs_upp:",
    "x:thumbs_up:",
    ":thumbs_up::thumbs_down:",
    ":thumbs_up:,:thumbs_down:",
    ":thumbs_up: :thumbs_up:",
    ":thumbs_%:",
    "",
    " ",
    "::",
    "❤️",
    "hello",
    "null",
    ":" + "x" * 500 + ":",
)


@requirement("REACT-2")
def test_a_value_that_names_no_reaction_is_refused(
    host: Participant, alice: Participant, bob: Participant, limits: Limits
) -> None:
    """Other codes, near misses, two codes in one, nothing: refused, and nothing is stored."""
    chat = alice.send("react with the two only")
    with unchanged(alice):
        for place, value in enumerate(REFUSED):
            if limits.reaction_of(value) is None:
                refused((bob, alice, host)[place % 3].react(chat, value))


@requirement("REACT-2")
def test_a_value_that_names_no_reaction_takes_none_away(
    alice: Participant, bob: Participant, limits: Limits
) -> None:
    """Refused, it does not replace or remove the reaction that is there."""
    chat = alice.send("liked already")
    react(bob, chat, limits.reactions[0])
    with unchanged(bob):
        for value in (":tada:", ""):
            refused(bob.react(chat, value))


@requirement("REACT-5")
def test_the_same_reaction_again_does_not_count_twice(everyone: People, limits: Limits) -> None:
    """Whatever the answer: the same id, a new one, or 409."""
    for person, reaction in zip(everyone, (*limits.reactions, *limits.reactions), strict=False):
        chat = everyone[0].send("liked twice by one person")
        react(person, chat, reaction)
        person.react(chat, reaction)
        message = shown(person, chat)
        count = message.count(names(limits, reaction))
        equal(
            count,
            1,
            "the same reaction again by one person counts twice",
            on=message.page,
            at=message.pointer("reactions"),
        )
        listed = person.reactions(chat)
        equal(
            len(listed.entries),
            1,
            "the same reaction again by one person is listed twice",
            on=listed,
        )


@requirement("REACT-5")
def test_the_same_reaction_again_after_anothers_does_not_count_twice(
    alice: Participant, bob: Participant, limits: Limits
) -> None:
    """The check looks through everybody's reactions, not only at the last one."""
    chat, reaction = alice.send("liked in turns"), limits.reactions[0]
    for person in (alice, bob, alice, bob):
        person.react(chat, reaction)
    message = shown(alice, chat)
    equal(
        message.count(names(limits, reaction)),
        2,
        "the same reaction again by one person counts twice",
        on=message.page,
        at=message.pointer("reactions"),
    )


@requirement("REACT-6", "REACT-7")
def test_a_reaction_to_a_message_that_is_not_there_is_refused(
    everyone: People, limits: Limits
) -> None:
    """Unknown or deleted, by anyone; with 404 or 410."""
    host, alice, _ = everyone
    chat = alice.send("soon deleted")
    alice.send("kept")
    react(alice, chat, limits.reactions[0])
    made_up = unknown(chat.id)
    delete(host, chat)
    with unchanged(alice):
        for person in everyone:
            for missing in (chat.id, made_up):
                answer = person.react(missing, limits.reactions[0])
                refused(answer, rule="REACT-6")
                advised(answer, *GONE, rule="REACT-7")


@requirement("REACT-8")
def test_a_reaction_changes_nothing_on_any_other_message(everyone: People, limits: Limits) -> None:
    """Messages with the same words, sender and reactions are still different messages."""
    host, alice, bob = everyone
    chats = [alice.send("the same words") for _ in range(3)]
    react(bob, chats[0], limits.reactions[0])
    react(alice, chats[1], limits.reactions[-1])
    pin(host, chats[2])

    seen = everywhere((host, bob), lambda: react(bob, chats[1], limits.reactions[0]))

    for _, before, after in seen:
        same_but(before, after, chats[1], what="a reaction changed another message")


@requirement("STATE-3", "REACT-8")
def test_a_reaction_changes_nothing_else_on_its_message(
    host: Participant, alice: Participant, bob: Participant, limits: Limits
) -> None:
    """Text, time, sender, pin and other people's reactions stay."""
    chat = alice.send("pinned and liked")
    pin(host, chat)
    react(host, chat, limits.reactions[-1])
    before = look(alice).messages.get(chat.id)
    react(bob, chat, limits.reactions[0])
    after_view = look(alice)
    after = after_view.messages.get(chat.id)
    if before is None or after is None:
        holds(False, "a message vanished when somebody reacted to it", on=after_view.exchanges)
        return
    for part in ("text", "created", "user", "pin"):
        equal(
            getattr(after, part),
            getattr(before, part),
            f"a reaction changed the {part} of its message",
            on=after_view.exchanges,
        )
    holds(
        before.reactions <= after.reactions,
        "a reaction took another person's away",
        expected=sorted(before.reactions),
        actual=sorted(after.reactions),
        on=after_view.exchanges,
    )


@requirement("REACT-10")
def test_what_one_person_may_hold(alice: Participant, bob: Participant, limits: Limits) -> None:
    """Both reactions, one in place of the other, or the first only: all are free."""
    for first, second in zip(limits.reactions, limits.reactions[1:], strict=False):
        chat = alice.send("liked and disliked")
        react(bob, chat, first)
        answer = bob.react(chat, second)
        message = shown(bob, chat)
        held = [name for name in (first, second) if message.count(names(limits, name))]
        fact = " and ".join(held) or "neither"
        current().observe(
            "another reaction by one person",
            f"{answer.exchange.outcome()}; held then: {fact}",
            answer.exchange,
            message.page.exchange,
        )


@requirement("REACT-10")
def test_whether_the_other_spelling_is_accepted(alice: Participant, limits: Limits) -> None:
    for reaction in limits.reactions:
        for spelling in limits.spellings(reaction):
            if spelling not in limits.reactions:
                answer = alice.react(alice.send("the other spelling"), spelling)
                current().observe(
                    f"reaction {spelling}", answer.exchange.outcome(), answer.exchange
                )


ALIASES = (
    "👍",
    "👎",
    "thumbs_up",
    "thumbs_down",
    ":THUMBS_UP:",
    ":Thumbs_Down:",
    ":+1:",
    ":-1:",
    "+1",
)


@requirement("REACT-11")
def test_aliases_of_the_reactions_are_refused(
    alice: Participant, bob: Participant, limits: Limits
) -> None:
    """The emoji itself, the name without colons, another letter case."""
    own = [form for name in limits.reactions for form in (name.strip(":"), name.upper())]
    chat = alice.send("no aliases")
    for value in dict.fromkeys((*ALIASES, *own)):
        if limits.reaction_of(value) is None:
            refused(bob.react(chat, value))
