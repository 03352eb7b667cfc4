"""STATE: what holds whatever is called. Longer sequences of calls are in ``test_sequences``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from conformance.client import JSON, Answer, Participant, Sent, encode
from conformance.contract import Limits
from conformance.expect import equal, holds, require_quiet, same, unchanged
from conformance.plugin import requirement
from conformance.suite.corpus import Corpus
from conformance.suite.ids import unknown
from conformance.suite.stage import Stage
from conformance.suite.steps import react, require_pinned
from conformance.views import changes, look, snapshot

People = tuple[Participant, ...]


def refusable(
    stage: Stage, host: Participant, alice: Participant, bob: Participant
) -> Iterator[Callable[[], Answer]]:
    """Requests that a target refuses, or may refuse, each for a reason of its own."""
    limits = host.contract.limits
    reaction, missing = limits.reactions[0], unknown(stage.of(alice).id)
    yield lambda: alice.send("x" * (limits.message_length + 1))
    yield lambda: alice.send_body(b'{"message": "cut off', JSON)
    yield lambda: alice.send(12345)
    yield lambda: alice.send("")
    yield lambda: alice.send_body(encode({"message": "plain"}), ("Content-Type", "text/plain"))
    yield lambda: bob.react(stage.of(alice), ":tada:")
    yield lambda: bob.react_body(stage.of(alice), b"{", JSON)
    yield lambda: bob.react(missing, reaction)
    yield lambda: bob.delete(stage.of(alice))
    yield lambda: host.delete(missing)
    yield lambda: bob.unreact(stage.of(alice), missing)
    yield lambda: host.pin(missing)
    yield lambda: bob.pin(stage.of(alice))
    yield lambda: host.unpin(stage.of(alice), missing)
    yield lambda: alice.list(take=limits.page_size + 1)
    yield lambda: alice.list(skip="abc")


@requirement("STATE-1")
def test_a_request_answered_4xx_changed_nothing(
    stage: Stage, host: Participant, alice: Participant, bob: Participant
) -> None:
    """Whatever the reason for the refusal; what is not refused is another requirement's matter."""
    calls = refusable(stage, host, alice, bob)
    stage.refuses(*calls, judge=lambda answer: answer.refused, seen_by=(alice, bob))


@requirement("STATE-1")
def test_a_conflict_changes_nothing(
    host: Participant, alice: Participant, bob: Participant, limits: Limits
) -> None:
    """What is there already, or in the way of something else, may be refused, and stays."""

    def again(chat: Sent) -> tuple[Callable[[], Answer], ...]:
        react(bob, chat, limits.reactions[0])
        require_pinned(host, chat, host.pin(chat))
        return (
            partial(bob.react, chat, limits.reactions[0]),
            partial(bob.react, chat, limits.reactions[-1]),
            partial(host.pin, chat),
        )

    answers = [call() for call in again(alice.send("liked and pinned"))]
    holds(True, "")
    for number, answer in enumerate(answers):
        if answer.refused:
            call = again(alice.send("liked and pinned, too"))[number]
            with unchanged(alice):
                call()


@requirement("STATE-2")
def test_reading_changes_nothing(
    stage: Stage, host: Participant, alice: Participant, bob: Participant, limits: Limits
) -> None:
    """Lists in every order and past the end, the reactions list, and reads that are refused.

    Neither in both views, nor in the order and the count that are given without parameters.
    """
    stage.of(alice)
    view, before, sent = look(bob), bob.list(), len(bob.journal.entries)
    calls = readable(stage, (host, alice, bob), limits)
    stage.refuses(*calls, judge=lambda _: True, seen_by=(alice,))
    after = bob.list()
    shown = [(page.total, page.ids) for page in (before, after)]
    if len(bob.journal.entries) > sent:
        return  # a stage that had seemed to change was built anew, and is listed too
    if shown[0] != shown[1]:
        require_quiet(view, look(bob))
    equal(shown[1], shown[0], "reading changed what is listed without parameters", on=after)


def readable(stage: Stage, everyone: People, limits: Limits) -> Iterator[Callable[[], Answer]]:
    host, alice, bob = everyone
    for number, sort in enumerate(limits.sort_keys):
        yield partial(everyone[number % 3].list, sort=sort, ascending=number % 2 == 0, skip=number)
    for person in everyone:
        yield partial(lambda by: by.reactions(stage.of(alice)), person)
    yield lambda: alice.reactions(stage.of(bob), unknown(stage.of(bob).id))
    yield partial(bob.list, skip=1_000_000)
    yield lambda: host.list(take=0)


@requirement("STATE-5")
def test_everyone_is_given_the_same_two_views(stage: Stage, everyone: People) -> None:
    """Of messages that each of them has sent and reacted to, some of them pinned."""
    first, *others = (look(person, stage.ids) for person in everyone)
    for view in others:
        same(first, view, what="participants are given different views")


@requirement("STATE-5")
def test_everyone_is_given_the_same_pages(
    host: Participant, bob: Participant, corpus: Corpus
) -> None:
    """All messages, with the same content, to the host and to a member."""
    walks = [person.walk() for person in (host, bob)]
    own = set(corpus.ids)
    seen = [{one.id: snapshot(host, one) for one in walk if one.id in own} for walk in walks]
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
