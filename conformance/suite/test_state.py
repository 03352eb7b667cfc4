"""STATE: what holds whatever is called. Longer sequences of calls are in ``test_sequences``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from conformance.client import JSON, Answer, Participant, Sent, encode
from conformance.contract import Limits
from conformance.expect import equal, holds, same, unchanged
from conformance.plugin import requirement
from conformance.suite.corpus import Corpus
from conformance.suite.steps import pin, react, unknown
from conformance.views import changes, look, snapshot

People = tuple[Participant, ...]


def refusable(everyone: People, chat: Sent, limits: Limits) -> Iterator[Callable[[], Answer]]:
    """Requests that a target refuses, or may refuse, each for a reason of its own."""
    host, alice, bob = everyone
    missing, reaction = unknown(chat.id), limits.reactions[0]
    yield lambda: alice.send("x" * (limits.message_length + 1))
    yield lambda: alice.send_body(b'{"message": "cut off', JSON)
    yield lambda: alice.send(12345)
    yield lambda: alice.send("")
    yield lambda: alice.send_body(encode({"message": "plain"}), ("Content-Type", "text/plain"))
    yield lambda: bob.react(chat, ":tada:")
    yield lambda: bob.react_body(chat, b"{", JSON)
    yield lambda: bob.react(missing, reaction)
    yield lambda: bob.delete(chat)
    yield lambda: host.delete(missing)
    yield lambda: bob.unreact(chat, unknown(chat.id))
    yield lambda: host.pin(missing)
    yield lambda: bob.pin(chat)
    yield lambda: host.unpin(chat, unknown(chat.id))
    yield lambda: alice.list(take=limits.page_size + 1)
    yield lambda: alice.list(skip="abc")


@requirement("STATE-1")
def test_a_request_answered_4xx_changed_nothing(everyone: People, limits: Limits) -> None:
    """Whatever the reason for the refusal."""
    host, alice, bob = everyone
    chat = alice.send("stays as it is")
    react(bob, chat, limits.reactions[-1])
    pin(host, chat)
    before = look(alice)
    for request in refusable(everyone, chat, limits):
        answer = request()
        after = look(alice)
        if answer.refused:
            same(before, after, what="a refused request changed something")
        before = after


@requirement("STATE-2")
def test_reading_changes_nothing(everyone: People, limits: Limits) -> None:
    """Lists in every order, the reactions list, and reads that are refused."""
    host, alice, bob = everyone
    chat = alice.send("only looked at")
    react(bob, chat, limits.reactions[0])
    pin(host, chat)
    with unchanged(alice):
        for number, sort in enumerate(limits.sort_keys):
            everyone[number % 3].list(sort=sort, ascending=number % 2 == 0, skip=number)
        for person in everyone:
            person.reactions(chat)
            person.reactions(chat, unknown(chat.id))
            person.list(take=0)
        bob.walk()


@requirement("STATE-5")
def test_everyone_is_given_the_same_two_views(everyone: People, limits: Limits) -> None:
    """After each of them has written, reacted and been pinned."""
    host, alice, bob = everyone
    chats = [person.send("seen by all") for person in everyone]
    for chat in chats:
        react(bob, chat, limits.reactions[0])
    react(alice, chats[0], limits.reactions[-1])
    pin(host, chats[1])
    views = [look(person) for person in everyone]
    for view in views[1:]:
        same(views[0], view, what="participants are given different views")


@requirement("STATE-5")
def test_everyone_is_given_the_same_pages(everyone: People, corpus: Corpus) -> None:
    """All messages, in the same order where the order is settled, with the same content."""
    walks = [person.walk() for person in everyone]
    own = set(corpus.ids)
    seen = [{one.id: snapshot(everyone[0], one) for one in walk if one.id in own} for walk in walks]
    for walk, view in zip(walks[1:], seen[1:], strict=True):
        page = walk[-1].page if walk else ()
        equal(sorted(view), sorted(seen[0]), "participants are given different messages", on=page)
        differing = [
            change
            for id in view.keys() & seen[0].keys()
            for change in changes(seen[0][id], view[id])
        ]
        holds(
            not differing, "participants are given different views", actual=differing[:3], on=page
        )
