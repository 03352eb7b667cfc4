"""RLIST: the reactions of several messages at once."""

from __future__ import annotations

from collections import Counter

from conformance.client import Participant, ReactionsListed, Sent
from conformance.contract import Limits
from conformance.evidence import Unjudged, current
from conformance.expect import accepted, equal, holds
from conformance.plugin import requirement
from conformance.suite.corpus import Corpus
from conformance.suite.ids import unknown
from conformance.suite.sorting import counter
from conformance.suite.stage import Stage
from conformance.suite.steps import counts, react, shown
from conformance.values import brief
from conformance.views import batches

People = tuple[Participant, ...]


@requirement("RLIST-1", "RLIST-2")
def test_the_reactions_of_what_was_asked_for_and_no_others(
    everyone: People, corpus: Corpus, limits: Limits
) -> None:
    """One chatId, several, in any order, with and without reactions."""
    known = _known(everyone[1], corpus, limits)
    liked = sorted((chat for chat in known if known[chat]), key=lambda chat: -known[chat])
    bare = [chat for chat in known if not known[chat]]
    if len(liked) < 3 or not bare:
        raise Unjudged("the message list does not show the reactions of the corpus (REACT-3)")
    (a, b, *_, c), d = liked, bare[0]
    for number, asked in enumerate(((a,), (d,), (b, a), (d, c, b), (c, d, a, b))):
        answer = everyone[number % 3].reactions(*asked)
        if accepted(answer, 200, rule="RLIST-1"):
            _all_and_no_others(answer, Counter({chat: known[chat] for chat in asked}))


def _known(viewer: Participant, corpus: Corpus, limits: Limits) -> dict[str, int]:
    """How many reactions messages have, where the message list shows as many as were given."""
    page = viewer.list(sort=limits.created_key, ascending=False)
    posts = {post.id: post for post in corpus}
    return {
        shown.id: len(posts[shown.id].reactions)
        for shown in page.messages
        if shown.id in posts
        and all(
            counter(limits, name)(shown) == posts[shown.id].count(name) for name in limits.reactions
        )
    }


def _all_and_no_others(answer: ReactionsListed, wanted: Counter[str]) -> None:
    """By number and not by id: under which id a reaction is listed is REACT-3's matter."""
    found = Counter(entry["chatId"] for entry in answer)
    for more, what in (
        (wanted - found, "lacks reactions of a message that was asked for"),
        (found - wanted, "has more than the reactions of what was asked for"),
    ):
        holds(
            not more,
            f"the reactions list {what}",
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
            (entry["chatId"], limits.reaction_of(entry["reaction"]))
            for entry in answer
            # Whether there are others is RLIST-2's matter.
            if entry["chatId"] in chats
        )
        differing = {
            (message.id, reaction): listed[message.id, reaction]
            for message in messages
            for reaction in limits.reactions
            if message.id in chats
            and not counts(message, limits, reaction, listed[message.id, reaction])
        }
        summary = "the reactions list and the message list do not agree"
        actual = f"listed otherwise: {brief(differing)}" if differing else ""
        holds(not differing, summary, expected="equal counts", actual=actual, on=answer)


@requirement("RLIST-3", "RLIST-2")
def test_it_agrees_with_the_message_list_after_changes(everyone: People, limits: Limits) -> None:
    """After reactions came and went, and one person gave both."""
    host, alice, bob = everyone
    chat = bob.send("liked, then less")
    first = react(alice, chat, limits.reactions[0])
    for person, place in ((host, 0), (bob, 0), (bob, -1)):
        # The second of one person may be refused or take the first one's place (REACT-10).
        person.react(chat, limits.reactions[place])
    # Whether it is taken back is UNREACT-1's matter: the views have to agree in any case.
    alice.unreact(chat, first)
    for viewer in (host, bob):
        message, answer = shown(viewer, chat), viewer.reactions(chat)
        entries = [entry for entry in answer if entry["chatId"] == chat.id]
        for reaction in limits.reactions:
            number = sum(limits.reaction_of(entry["reaction"]) == reaction for entry in entries)
            summary = "the reactions list and the message list do not agree"
            holds(
                counts(message, limits, reaction, number),
                summary,
                expected=f"{number} {reaction}, as listed",
                actual=message.reactions,
                on=(answer, message.page),
            )


@requirement("RLIST-4")
def test_asking_twice_for_a_message_lists_its_reactions_once(
    stage: Stage, alice: Participant, bob: Participant
) -> None:
    a, b = stage.of(alice), stage.of(bob)
    alone = alice.reactions(a)
    for asked in ((a, a), (a, b, a)):
        answer = alice.reactions(*asked)
        if not answer.refused:
            equal(
                Counter(entry["id"] for entry in answer if entry["chatId"] == a.id),
                Counter(entry["id"] for entry in alone if entry["chatId"] == a.id),
                "a message asked for twice has its reactions listed twice",
                on=(alone, answer),
            )


@requirement("RLIST-5", "RLIST-2")
def test_what_no_chat_id_and_an_unknown_one_get(stage: Stage, alice: Participant) -> None:
    """All free, but with an unknown one among known ones the known ones' reactions are right."""
    chat = stage.of(alice)
    nobody, alone = unknown(chat.id), alice.reactions(chat)
    _observed("no chatId", alice, ())
    _observed("an unknown chatId", alice, (nobody,))
    for asked in ((nobody, chat.id), (chat.id, nobody)):
        answer = alice.reactions(*asked)
        topic = "an unknown chatId among known ones"
        current().observe(topic, answer.exchange.outcome(), answer.exchange)
        if answer.accepted:
            summary = "an unknown chatId among known ones changes what is listed of them"
            equal(set(answer.ids), set(alone.ids), summary, on=answer, rule="RLIST-2")


def _observed(topic: str, viewer: Participant, chats: tuple[Sent | str, ...]) -> None:
    answer = viewer.reactions(*chats)
    # What is wrong with an answer is HTTP's matter; here it is a fact, and never judged.
    size = f", {len(answer.entries)} entries" if answer.accepted else ""
    current().observe(topic, f"{answer.exchange.outcome()}{size}", answer.exchange)
