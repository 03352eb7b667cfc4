"""REACT: adding reactions, and what they change."""

from __future__ import annotations

from functools import partial
from itertools import cycle

from conformance.client import Participant, Reacted, Sent
from conformance.client import Shown as Message
from conformance.contract import Limits
from conformance.evidence import Unjudged, current
from conformance.expect import accepted, equal, holds
from conformance.plugin import requirement
from conformance.suite.lookalikes import lookalikes, with_404
from conformance.suite.stage import Stage
from conformance.suite.steps import delete, pin, react, same_but, seen, shown, unknown
from conformance.views import look

People = tuple[Participant, ...]
GONE = (404, 410)


def names(limits: Limits, reaction: str) -> tuple[str, ...]:
    """Every name under which a reaction may be shown."""
    return (reaction, *limits.spellings(reaction))


@requirement("REACT-1", "REACT-3", "REACT-4")
def test_anyone_reacts_to_any_message_and_it_shows(everyone: People, limits: Limits) -> None:
    """Each person to each one's message: 200, an id, and both views show it, once for each."""
    chats = [person.send("react to this") for person in everyone]
    given: dict[str, list[Reacted]] = {chat.id: [] for chat in chats}
    for turn in range(len(everyone)):
        for place, person in enumerate(everyone):
            number = (place + turn) % len(chats)
            answer = person.react(chats[number], _reaction(limits, number))
            if accepted(answer, 200, rule="REACT-1"):
                given[chats[number].id].append(answer)
        _it_shows(everyone[turn - 1], chats, given, limits)


def _reaction(limits: Limits, number: int) -> str:
    """Messages by turns get one reaction and the other."""
    return limits.reactions[number % len(limits.reactions)]


def _it_shows(
    viewer: Participant, chats: list[Sent], given: dict[str, list[Reacted]], limits: Limits
) -> None:
    """Of each message the last reaction is in the reactions list, and all are counted."""
    listed = viewer.reactions(*chats)
    for number, message in enumerate(seen(viewer, *chats)):
        reaction, answers = _reaction(limits, number), given[message.id]
        rule = "REACT-4" if len(answers) > 1 else "REACT-3"
        equal(
            message.count(names(limits, reaction)),
            len(answers),
            "a reaction does not count once for each person that gave it",
            on=message.page,
            at=message.pointer("reactions"),
            rule=rule,
        )
        ids = [entry["id"] for entry in listed if entry["chatId"] == message.id]
        missing = [answer for answer in answers[-1:] if answer.id not in ids]
        # Where it is listed when it alone is asked for, that is RLIST-2's matter.
        found = viewer.reactions(message) if missing or len(set(ids)) != len(answers) else listed
        entries = [entry for entry in found if entry["chatId"] == message.id]
        if answers:
            _is_listed(entries, answers[-1], reaction, limits)
        equal(
            len({entry["id"] for entry in entries}),
            len(answers),
            "the reactions list does not have one entry for each person",
            on=found,
            rule=rule,
        )


def _is_listed(
    entries: list[dict[str, str]], answer: Reacted, reaction: str, limits: Limits
) -> None:
    entry = next((entry for entry in entries if entry["id"] == answer.id), None)
    holds(
        entry is not None,
        "an added reaction is not in the reactions list under its id",
        expected=f"id {answer.id}",
        actual=str(entries)[:200],
        on=answer,
        rule="REACT-3",
    )
    holds(
        entry is None or limits.reaction_of(entry["reaction"]) == reaction,
        "the reactions list shows another reaction",
        expected=reaction,
        actual=entry,
        on=answer,
        rule="REACT-3",
    )


REFUSED = (
    ":heart:",
    ":thumbs_sideways:",
    ":thumbs_upp:",
    "x:thumbs_up:",
    ":thumbs_up:\0",
    ":thumbs_up::thumbs_down:",
    ":thumbs_up:,:thumbs_down:",
    ":thumbs_up: :thumbs_up:",
    ":thumbs_%:",
    "",
    " ",
    "::",
    "❤️",
    "null",
    ":" + "x" * 500 + ":",
)


@requirement("REACT-2")
def test_a_value_that_names_no_reaction_is_refused(
    stage: Stage, everyone: People, limits: Limits
) -> None:
    """Other codes, near misses, two codes in one, nothing: refused, and nothing is stored.

    Who is refused has reacted before: that reaction is neither replaced nor removed.
    """
    chat = stage.of(everyone[1])
    values = [value for value in REFUSED if limits.reaction_of(value) is None]
    stage.refuses(
        *(
            partial(person.react, chat, value)
            for person, value in zip(cycle(everyone), values, strict=False)
        )
    )


ALIASES = ("👍", ":+1:", "+1")


@requirement("REACT-11")
def test_aliases_of_the_reactions_are_refused(
    stage: Stage, alice: Participant, bob: Participant, limits: Limits
) -> None:
    """The emoji itself, the name without colons, another letter case."""
    up, down = limits.reactions[0], limits.reactions[-1]
    own = (up.upper(), down.title(), down.strip(":"))
    values = [value for value in (*ALIASES, *own) if limits.reaction_of(value) is None]
    stage.refuses(*(partial(bob.react, stage.of(alice), value) for value in values))


@requirement("REACT-5")
def test_the_same_reaction_again_does_not_count_twice(everyone: People, limits: Limits) -> None:
    """Whatever the answer: the same id, a new one, or 409; next to another person's as well."""
    host, alice, bob = everyone
    up, down = limits.reactions[0], limits.reactions[-1]
    chats = [alice.send("liked twice by one person"), bob.send("and by the host")]
    for person, chat, reaction in ((alice, chats[0], up), (host, chats[1], down)):
        react(person, chat, reaction)
        person.react(chat, reaction)
    first, second = seen(alice, *chats)
    equal(first.count(names(limits, up)), 1, TWICE, on=first.page)
    equal(second.count(names(limits, down)), 1, TWICE, on=second.page)
    listed = alice.reactions(*chats)
    for chat in chats:
        entries = [entry for entry in listed if entry["chatId"] == chat.id]
        summary = "the same reaction again by one person is listed twice"
        holds(len(entries) <= 1, summary, expected="1", actual=entries, on=listed)

    # The check looks through everybody's reactions, not only at the last one.
    bob.react(chats[0], up)
    alice.react(chats[0], up)
    message = shown(alice, chats[0])
    count = message.count(names(limits, up))
    holds(count <= 2, TWICE, expected="2 of two people", actual=count, on=message.page)


TWICE = "the same reaction again by one person does not count once"


@requirement("REACT-6", "REACT-7")
def test_a_reaction_to_a_message_that_is_not_there_is_refused(
    stage: Stage, everyone: People, limits: Limits
) -> None:
    """Unknown or deleted, by anyone; with 404 or 410.

    Lists, patterns, beginnings and continuations of ids are no ids, nor are ids of reactions.
    """
    host, alice, bob = everyone
    gone, up, down = alice.send("soon deleted"), limits.reactions[0], limits.reactions[-1]
    delete(host, gone)
    odd = lookalikes(stage.of(bob).id, stage.of(alice).id)
    held = stage.reaction(on=bob, by=alice).id
    # A number may be the id of a reaction and of a message.
    odd += [] if held.isdecimal() else [held]
    stage.refuses(
        *(with_404(partial(one.react, gone.id, up), "REACT-7") for one in everyone),
        *(with_404(partial(one.react, unknown(gone.id), up), "REACT-7") for one in (host, alice)),
        *(partial(alice.react, id, down) for id in odd),
    )


@requirement("REACT-8", "STATE-3")
def test_a_reaction_changes_its_message_and_nothing_else(everyone: People, limits: Limits) -> None:
    """Other messages stay, though they have the same words, sender and reactions; and of its own
    the text, time, sender, pin and other people's reactions."""
    host, alice, bob = everyone
    other, chat, last = (alice.send("the same words") for _ in range(3))
    react(bob, other, limits.reactions[0])
    react(host, chat, limits.reactions[-1])
    pin(host, chat)
    host.pin(last)
    before = look(alice)
    if chat.id in before.messages and before.messages[chat.id].pin is None:
        raise Unjudged("a pinned message is not shown as pinned (PIN-1, PIN-8)")

    react(bob, chat, limits.reactions[0])

    after = look(alice)
    same_but(before, after, chat, what="a reaction changed another message", rule="REACT-8")
    was, now = before.messages.get(chat.id), after.messages.get(chat.id)
    if was is None or now is None:
        summary = "a message vanished when somebody reacted to it"
        holds(False, summary, on=after.exchanges, rule="STATE-3")
        return
    for part in ("text", "created", "user", "pin"):
        summary = f"a reaction changed the {part} of its message"
        equal(getattr(now, part), getattr(was, part), summary, on=after.exchanges, rule="STATE-3")
    holds(
        was.reactions <= now.reactions,
        "a reaction took another person's away",
        expected=sorted(was.reactions),
        actual=sorted(now.reactions),
        on=after.exchanges,
        rule="STATE-3",
    )


@requirement("REACT-10")
def test_what_one_person_may_hold_and_in_which_spelling(
    alice: Participant, bob: Participant, limits: Limits
) -> None:
    """Both reactions, one in place of the other, or the first only: all are free."""
    first, second = limits.reactions[0], limits.reactions[-1]
    chat = alice.send("liked and disliked")
    react(bob, chat, first)
    answer = bob.react(chat, second)
    message = shown(bob, chat)
    _observe_held(message, answer, limits)
    for spelling in [one for name in limits.reactions for one in limits.spellings(name)]:
        if spelling not in limits.reactions:
            spelled = alice.react(chat, spelling)
            fact = spelled.exchange.outcome()
            current().observe(f"reaction {spelling}", fact, spelled.exchange)


def _observe_held(message: Message, answer: Reacted, limits: Limits) -> None:
    held = [name for name in limits.reactions if message.count(names(limits, name))]
    fact = f"{answer.exchange.outcome()}; held then: {' and '.join(held) or 'neither'}"
    shown_by = message.page.exchange
    current().observe("another reaction by one person", fact, answer.exchange, shown_by)
