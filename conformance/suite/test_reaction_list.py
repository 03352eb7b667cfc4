"""RLIST: the reactions of several messages at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from conformance.client import Participant, Sent
from conformance.contract import Limits
from conformance.evidence import current
from conformance.expect import accepted, equal, holds
from conformance.plugin import requirement
from conformance.suite.corpus import Corpus
from conformance.suite.steps import react, shown, unknown, unreact

People = tuple[Participant, ...]
LONGEST_QUERY = 5_000
"""In octets; request lines over 8,000 may be refused."""


@requirement("RLIST-1", "RLIST-2")
def test_the_reactions_of_what_was_asked_for_and_no_others(
    everyone: People, limits: Limits
) -> None:
    """One chatId, several, in any order, with and without reactions."""
    host, alice, bob = everyone
    a, b, c, d = (person.send("reacted to") for person in (host, alice, bob, alice))
    up, down = limits.reactions[0], limits.reactions[-1]
    made = {
        a.id: {react(person, a, up).id for person in everyone},
        b.id: {react(bob, b, down).id},
        c.id: {react(alice, c, up).id, react(host, c, down).id},
        d.id: set[str](),
    }
    for number, asked in enumerate(((a,), (d,), (a, b), (c, a), (d, c, b), (d, c, b, a))):
        answer = everyone[number % 3].reactions(*asked)
        if not accepted(answer, 200, rule="RLIST-1"):
            continue
        found = Counter((entry["chatId"], entry["id"]) for entry in answer)
        wanted = Counter((chat.id, id) for chat in asked for id in made[chat.id])
        summary = "the reactions list lacks reactions of a message that was asked for"
        holds(
            not wanted - found,
            summary,
            expected=dict(wanted),
            actual=dict(found),
            on=answer,
            rule="RLIST-2",
        )
        summary = "the reactions list has more than the reactions of what was asked for"
        holds(
            not found - wanted,
            summary,
            expected=dict(wanted),
            actual=dict(found),
            on=answer,
            rule="RLIST-2",
        )


@requirement("RLIST-3", "RLIST-2")
def test_it_agrees_with_the_message_list(everyone: People, corpus: Corpus, limits: Limits) -> None:
    """Message by message, over more messages than a page holds."""
    viewer = everyone[1]
    own = set(corpus.ids)
    messages = [message for message in viewer.walk() if message.id in own]
    for chats in batches([message.id for message in messages]):
        answer = viewer.reactions(*chats)
        listed = Counter(
            (entry["chatId"], limits.reaction_of(entry["reaction"])) for entry in answer
        )
        wanted: Counter[tuple[str, str | None]] = Counter()
        for message in messages:
            if message.id in chats:
                for entry in message.reactions:
                    wanted[message.id, limits.reaction_of(str(entry.get("name")))] += int(
                        entry.get("count") or 0
                    )
        summary = "the reactions list and the message list do not agree"
        differing = {
            key: (wanted[key], listed[key]) for key in wanted | listed if wanted[key] != listed[key]
        }
        holds(not differing, summary, expected="equal counts", actual=differing, on=answer)


@requirement("RLIST-3")
def test_it_agrees_with_the_message_list_after_changes(everyone: People, limits: Limits) -> None:
    """After reactions came and went, for every participant."""
    host, alice, bob = everyone
    chat = bob.send("liked, then less")
    first = react(alice, chat, limits.reactions[0])
    react(host, chat, limits.reactions[0])
    react(bob, chat, limits.reactions[-1])
    unreact(alice, chat, first)
    for viewer in everyone:
        message, answer = shown(viewer, chat), viewer.reactions(chat)
        for reaction in limits.reactions:
            count = message.count((reaction, *limits.spellings(reaction)))
            listed = sum(limits.reaction_of(entry["reaction"]) == reaction for entry in answer)
            equal(
                listed,
                count,
                "the reactions list and the message list do not agree",
                on=(message.page, answer),
            )


def batches(chats: Sequence[str]) -> Iterator[list[str]]:
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


@requirement("RLIST-4")
def test_asking_twice_for_a_message_lists_its_reactions_once(
    alice: Participant, bob: Participant, limits: Limits
) -> None:
    a, b = alice.send("asked for twice"), alice.send("asked for once")
    react(bob, a, limits.reactions[0])
    react(alice, b, limits.reactions[-1])
    for asked in ((a, a), (a, b, a)):
        answer = alice.reactions(*asked)
        if not answer.refused:
            counts = Counter(entry["id"] for entry in answer if entry["chatId"] == a.id)
            equal(
                list(counts.values()),
                [1],
                "a message asked for twice has its reactions listed twice",
                on=answer,
            )


@requirement("RLIST-5")
def test_what_no_chat_id_and_an_unknown_one_get(
    alice: Participant, bob: Participant, limits: Limits
) -> None:
    """All free, but with an unknown one among known ones the known ones' reactions are right."""
    chat = alice.send("known")
    kept = react(bob, chat, limits.reactions[0])
    nobody = unknown(chat.id)
    _observed("no chatId", alice, ())
    _observed("an unknown chatId", alice, (nobody,))
    for asked in ((nobody, chat.id), (chat.id, nobody)):
        answer = alice.reactions(*asked)
        current().observe(
            "an unknown chatId among known ones", answer.exchange.outcome(), answer.exchange
        )
        if answer.accepted:
            equal(
                answer.ids,
                [kept.id],
                "an unknown chatId among known ones changes what is listed of them",
                on=answer,
                rule="RLIST-2",
            )


def _observed(topic: str, viewer: Participant, chats: tuple[Sent | str, ...]) -> None:
    answer = viewer.reactions(*chats)
    # What is wrong with an answer is HTTP's matter; here it is a fact, and never judged.
    size = f", {len(answer.entries)} entries" if answer.accepted else ""
    current().observe(topic, f"{answer.exchange.outcome()}{size}", answer.exchange)
