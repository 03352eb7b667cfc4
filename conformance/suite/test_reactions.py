"""REACT: adding reactions, and what they change."""

from __future__ import annotations

from functools import partial
from itertools import cycle

from conformance.client import Answer, Participant, Reacted, Sent
from conformance.client import Shown as Message
from conformance.contract import Limits
from conformance.evidence import Unjudged, current
from conformance.expect import accepted, equal, holds
from conformance.plugin import requirement
from conformance.suite import corpus as corpus_of
from conformance.suite.corpus import Corpus
from conformance.suite.ids import counts_up, lookalikes, unknown
from conformance.suite.missing import each, with_404
from conformance.suite.stage import Stage
from conformance.suite.steps import counts, delete, pin, react, same_but, seen, shown
from conformance.values import brief
from conformance.views import look

People = tuple[Participant, ...]


def names(limits: Limits, reaction: str) -> tuple[str, ...]:
    """Every name under which a reaction may be shown."""
    return (reaction, *limits.spellings(reaction))


@requirement("REACT-1", "REACT-3", "REACT-4")
def test_anyone_reacts_to_any_message_and_it_shows(everyone: People, limits: Limits) -> None:
    """Each person to each one's message: 200, an id, and both views show it, once for each."""
    for number, sender in enumerate(everyone):
        chat = sender.send(f"{sender.name} asks for reactions")
        reaction = limits.reactions[number % len(limits.reactions)]
        answers: list[Reacted] = []
        for person in (*everyone[number:], *everyone[:number]):
            answer = person.react(chat, reaction)
            accepted(answer, 200, rule="REACT-1")
            answers += [answer] if answer.accepted else []
            if person is sender and not _shown(sender, chat, reaction, answers, "REACT-3"):
                break
        else:
            _shown(everyone[number - 1], chat, reaction, answers, "REACT-4")
            _listed(everyone[number - 2], chat, reaction, answers)


def _shown(
    viewer: Participant, chat: Sent, reaction: str, answers: list[Reacted], rule: str
) -> bool:
    message = shown(viewer, chat)
    return holds(
        counts(message, viewer.contract.limits, reaction, len(answers)),
        "a reaction is not shown once for each person that gave it",
        expected=len(answers),
        actual=message.raw.get("reactions"),
        on=(*answers, message.page),
        at=message.pointer("reactions"),
        rule=rule,
    )


def _listed(viewer: Participant, chat: Sent, reaction: str, answers: list[Reacted]) -> None:
    """The last reaction is there under its id, and at most one for each of the others."""
    found = viewer.reactions(chat)
    entries = [entry for entry in found if entry["chatId"] == chat.id]
    if answers:
        _is_listed(entries, answers[-1], reaction, viewer.contract.limits)
    holds(
        len({entry["id"] for entry in entries}) <= len(answers),
        "the reactions list has more than one entry for each person",
        expected=len(answers),
        actual=entries,
        on=found,
        rule="REACT-4",
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


@requirement("REACT-1")
def test_older_messages_are_reacted_to_as_well(everyone: People, corpus: Corpus) -> None:
    """Any message: also one that has more than a page of newer ones."""
    tried = [(post, *one) for post in corpus for one in post.turned_down if one[1]]
    # The corpus was reacted to by several at once (CONC); what was refused then is tried alone.
    for post, person, reaction in tried[:3]:
        accepted(corpus_of.react(person, post, reaction), 200)
    holds(True, "")


REFUSED = (
    ":heart:",
    ":thumbs_sideways:",
    ":thumbs_upp:",
    "x:thumbs_up:",
    ":thumbs_up:\0",
    ":thumbs_up::thumbs_down:",
    ":thumbs_up::skin-tone-2:",
    ":thumbs_up:,:thumbs_down:",
    ":thumbs_up: :thumbs_up:",
    ":thumbs_up:\nand more",
    "more\n:thumbs_down:",
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
    values = [value for value in REFUSED if limits.reaction_of(value) is None]
    people = zip(cycle(everyone), values, strict=False)
    stage.refuses(*(partial(_on, stage, everyone[1], one, value) for one, value in people))


def _on(stage: Stage, sender: Participant, person: Participant, value: str) -> Answer:
    """A person reacts to whatever message of a sender is on the stage."""
    return person.react(stage.of(sender), value)


ALIASES = ("👍", ":+1:", "+1")


@requirement("REACT-11")
def test_aliases_of_the_reactions_are_refused(
    stage: Stage, alice: Participant, bob: Participant, limits: Limits
) -> None:
    """The emoji itself, the name without colons, in another letter case, with dashes."""
    up, down = limits.reactions[0], limits.reactions[-1]
    own = (up.upper(), down.title(), down.strip(":"), up.strip(":").upper(), down.replace("_", "-"))
    values = [value for value in (*ALIASES, *own) if limits.reaction_of(value) is None]
    stage.refuses(*(partial(_on, stage, alice, bob, value) for value in values))


@requirement("REACT-5", "REACT-3")
def test_the_same_reaction_again_does_not_count_twice(everyone: People, limits: Limits) -> None:
    """Whatever the answer: the same id, a new one, or 409; next to another person's as well."""
    host, alice, bob = everyone
    up, down = limits.reactions[0], limits.reactions[-1]
    chats = [bob.send("liked twice by one person"), alice.send("disliked twice by the host")]
    again = {}
    for person, chat, reaction in ((host, chats[1], down), (alice, chats[0], up)):
        first = react(person, chat, reaction)
        again[chat.id] = person.react(chat, reaction)
    for message, reaction in zip(seen(alice, *chats), (up, down), strict=True):
        if _shown_at_all(message, reaction, limits):
            right = counts(message, limits, reaction, 1)
            holds(right, TWICE, expected="1", actual=message.reactions, on=message.page)
    listed = alice.reactions(*chats)
    for chat in chats:
        entries = [entry for entry in listed if entry["chatId"] == chat.id]
        summary = "the same reaction again by one person is listed twice"
        holds(len(entries) <= 1, summary, expected="1", actual=entries, on=listed)
        answer = again[chat.id]
        if answer.accepted and entries:
            summary = "the same reaction again is answered with an id that is not listed"
            ids, on = [entry["id"] for entry in entries], (answer, listed)
            there = answer.id in ids
            holds(there, summary, expected=answer.id, actual=ids, on=on, rule="REACT-3")

    # The check looks through everybody's reactions, not only at the last one, or the first.
    own, same = bob.react(chats[0], up), bob.react(chats[0], up)
    alice.react(chats[0], up)
    if own.accepted and same.accepted and own.id != first.id:
        summary = "the same reaction again is answered with the id of another person's"
        holds(
            same.id != first.id,
            summary,
            expected=own.id,
            actual=same.id,
            on=same,
            rule="REACT-3",
        )
    message = shown(alice, chats[0])
    right = any(counts(message, limits, up, number) for number in (0, 1, 2))
    holds(right, TWICE, expected="2 of two people", actual=message.reactions, on=message.page)

    # Nor only at the last one of the same person.
    last = alice.send("liked, disliked and liked")
    for reaction in (up, down, up):
        bob.react(last, reaction)
    message = shown(alice, last)
    right = any(counts(message, limits, up, number) for number in (0, 1))
    holds(right, TWICE, expected="1 or none", actual=message.reactions, on=message.page)


TWICE = "the same reaction again by one person counts twice"


def _shown_at_all(message: Message, reaction: str, limits: Limits) -> bool:
    return holds(
        bool(message.users(names(limits, reaction)) or message.count(names(limits, reaction))),
        "a reaction that was given twice is not shown",
        on=message.page,
        at=message.pointer("reactions"),
        rule="REACT-3",
    )


@requirement("REACT-6", "REACT-7")
def test_a_reaction_to_a_message_that_is_not_there_is_refused(
    stage: Stage, everyone: People, limits: Limits
) -> None:
    """Unknown or deleted, by anyone, who may have reacted so before; with 404 or 410.

    Lists, patterns, beginnings and continuations of ids are no ids, nor are ids of reactions.
    """
    host, alice, bob = everyone
    gone, up, down = alice.send("soon deleted"), limits.reactions[0], limits.reactions[-1]
    react(bob, gone, up)
    delete(host, gone)

    def odd() -> list[str]:
        held = stage.reaction(on=bob, by=alice).id
        # A counter may have come to the same for a reaction and for a message.
        other = [] if counts_up(held) else [held]
        return [*lookalikes(stage.of(bob).id, stage.of(alice).id), *other]

    stage.refuses(
        *(with_404(partial(one.react, gone.id, up), "REACT-7") for one in everyone),
        *(with_404(partial(one.react, unknown(gone.id), up), "REACT-7") for one in (host, alice)),
        *each(odd, lambda id: alice.react(id, down)),
    )


@requirement("REACT-8", "STATE-3")
def test_a_reaction_changes_its_message_and_nothing_else(everyone: People, limits: Limits) -> None:
    """Other messages stay, with the same words, sender or reaction; and of its own the text, time,
    sender, pin and other people's reactions."""
    host, alice, bob = everyone
    words = ("the same words", "the same words", "other words")
    _, chat, last = (alice.send(text) for text in words)
    react(bob, last, limits.reactions[0])
    react(host, chat, limits.reactions[-1])
    pin(host, chat)
    host.pin(last)
    before = look(alice)
    if chat.id in before.messages and before.messages[chat.id].pin is None:
        raise Unjudged("a pinned message is not shown as pinned (PIN-1, PIN-8)")

    react(bob, chat, limits.reactions[0])

    after = look(alice)
    # How many messages there are is LIST-2's matter.
    before = before.without("", after.total)
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


@requirement("REACT-10", "REACT-3")
def test_what_one_person_may_hold_and_in_which_spelling(
    alice: Participant, bob: Participant, limits: Limits
) -> None:
    """Both reactions, one in place of the other, or the first only: all are free.

    But what is accepted shows, under its id (REACT-3); in another spelling as what it is (LIST-12,
    by every list's own check).
    """
    first, second = limits.reactions[0], limits.reactions[-1]
    chat = bob.send("liked and disliked")
    react(bob, chat, first)
    answer = bob.react(chat, second)
    shows_the_second(bob, chat, answer, second, limits)
    other = alice.send("disliked, then liked")
    react(bob, other, second)
    shows_the_second(bob, other, bob.react(other, first), first, limits)
    for spelling in [one for name in limits.reactions for one in limits.spellings(name)]:
        if spelling not in limits.reactions:
            spelled = alice.react(chat, spelling)
            fact = spelled.exchange.outcome()
            current().observe(f"reaction {spelling}", fact, spelled.exchange)
    message = shown(bob, chat)
    held = [name for name in limits.reactions if message.user in message.users(names(limits, name))]
    fact = f"{answer.exchange.outcome()}; held then: {' and '.join(held) or 'neither'}"
    shown_by = message.page.exchange
    current().observe("another reaction by one person", fact, answer.exchange, shown_by)


@requirement("REACT-4")
def test_both_reactions_by_everyone_all_count(everyone: People, limits: Limits) -> None:
    """Where one person may hold both, or has the second in place of the first (REACT-10)."""
    first, second = limits.reactions[0], limits.reactions[-1]
    chat = everyone[0].send("liked and disliked by everyone")
    for person in everyone:
        react(person, chat, first)
    accepted_first = everyone[0].react(chat, second).accepted
    message, number = shown(everyone[0], chat), len(everyone)
    # The first of them keeps the other reaction, or has this one in its place; all others keep it.
    holds(
        any(counts(message, limits, first, count) for count in (number, number - 1)),
        "one person's other reaction took other people's away",
        expected=f"{number} or {number - 1} {first}",
        actual=message.raw.get("reactions"),
        on=message.page,
        at=message.pointer("reactions"),
    )
    # Whether the first of them shows at all is REACT-3's matter.
    if not accepted_first or not counts(message, limits, second, 1):
        holds(True, "")
        return
    answers = [person.react(chat, second) for person in everyone[1:]]
    message = shown(everyone[-1], chat)
    right = counts(message, limits, second, number) and any(
        counts(message, limits, first, count) for count in (0, number)
    )
    holds(
        right or not all(answer.accepted for answer in answers),
        "of both reactions by everyone, not all count",
        expected=f"{number} {second}, and {number} {first} or none",
        actual=message.raw.get("reactions"),
        on=(*answers, message.page),
        at=message.pointer("reactions"),
    )


def shows_the_second(
    person: Participant, chat: Sent, answer: Reacted, name: str, limits: Limits
) -> None:
    """Where a person's other reaction is accepted both views show it, with or without the first."""
    if not answer.accepted:
        return
    message, listed = shown(person, chat), person.reactions(chat)
    count = message.count(names(limits, name))
    # By count or by users: where these do not agree, that is LIST-12's matter.
    there = count > 0 or bool(message.users(names(limits, name)))
    summary = "another reaction by the same person was accepted and is not shown"
    entries = [one["id"] for one in listed if limits.reaction_of(one["reaction"]) == name]
    holds(
        there and answer.id in entries,
        summary,
        expected=f"{name} in both views, with the id {brief(answer.id)}",
        actual=f"count {count} in the message list; ids {brief(entries)} in the reactions list",
        on=(answer, message.page, listed),
        rule="REACT-3",
    )
