"""ISO: sessions are apart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.client import Answer, Participant
from conformance.contract import Limits
from conformance.expect import equal, holds, refused, require_quiet, unchanged
from conformance.plugin import requirement
from conformance.suite.ids import unknown
from conformance.suite.stage import Call, Judge, Stage
from conformance.suite.steps import must, react
from conformance.values import brief
from conformance.views import look


@pytest.fixture
def strangers(outsider: Participant, other_host: Participant) -> tuple[Participant, ...]:
    """People of another session, its host among them."""
    return tuple({person.name: person for person in (outsider, other_host)}.values())


@requirement("ISO-1")
def test_messages_of_a_session_are_not_listed_in_another(
    stage: Stage, alice: Participant, strangers: tuple[Participant, ...], limits: Limits
) -> None:
    """Whatever the order, asked for right after a member of the session asked for the same.

    Liked and pinned ones come first under some orders.
    """
    for stranger in strangers:
        leaked = sorted({*stage.ids} & {message.id for message in stranger.walk()})
        holds(not leaked, "a message is listed in another session", actual=leaked)
    here = alice.list().total
    own = {stranger.name: stranger.list().total for stranger in strangers}
    for number, sort in enumerate(limits.sort_keys):
        stranger = strangers[number % len(strangers)]
        for ascending in (False, True):
            # An answer that is kept for the next who asks alike is kept for the same session.
            kept = alice.list(sort=sort, ascending=ascending, take=limits.page_size)
            page = stranger.list(sort=sort, ascending=ascending, take=limits.page_size)
            if not page.accepted:
                break
            leaked = sorted({*stage.ids} & {*page.ids})
            holds(
                not leaked,
                "a message is listed in another session",
                expected="none of this session",
                actual=leaked,
                on=(kept, page),
            )
            holds(
                page.total != own[stranger.name] + here,
                "sorted so, the messages of another session are counted too",
                expected="the messages of this session",
                actual=page.total,
                on=page,
                at="/totalCount",
            )
            # Where one page holds everything, the other direction has nothing else to show.
            if page.total <= limits.page_size:
                break


@requirement("ISO-1")
def test_messages_of_a_session_are_not_counted_in_another(
    alice: Participant, outsider: Participant
) -> None:
    """Neither when they come nor when they go, though a member has just read their number."""
    before = look(outsider)
    chats = [alice.send(f"for this session, {number}") for number in range(2)]
    look(alice)
    during = look(outsider)
    for chat in chats:
        must(alice.delete(chat), "DEL-1", "a deletion was not accepted")
    look(alice)
    after = look(outsider)
    for view, what in ((during, "sending"), (after, "deleting")):
        require_quiet(before, view)
        summary = f"{what} messages in one session changed totalCount in another"
        equal(view.total, before.total, summary, on=view.exchanges[:1], at="/totalCount")


@requirement("ISO-1")
def test_a_message_of_another_session_is_not_listed_here(
    alice: Participant, host: Participant, other_host: Participant
) -> None:
    """Asked for right after somebody of that session asked for the same."""
    chat = other_host.send("for the other session")
    newest = {"sort": alice.contract.limits.created_key, "ascending": False}
    kept = other_host.list(**newest)
    for viewer in (alice, host):
        page = viewer.list(**newest)
        holds(chat not in page, "a message is listed in another session", on=(kept, page))


@requirement("ISO-2")
def test_an_outsider_may_not_react_or_pin(
    stage: Stage, alice: Participant, strangers: tuple[Participant, ...]
) -> None:
    """A member of another session, or its host: refused, and nothing changes here."""
    tries = [one for stranger in strangers for one in adding(stage, stranger, alice)]
    stage.unmoved_by(tries, seen_by=(alice,))


def adding(stage: Stage, stranger: Participant, alice: Participant) -> Iterator[tuple[Call, Judge]]:
    reaction = alice.contract.limits.reactions[0]
    yield lambda: stranger.react(stage.bare, reaction), refused
    yield lambda: stranger.react(stage.of(alice), reaction), refused
    yield lambda: stranger.pin(stage.bare), refused
    yield lambda: stranger.pin(stage.of(alice)), refused


@requirement("ISO-2")
def test_an_outsider_may_not_take_anything_away(
    stage: Stage, host: Participant, alice: Participant, strangers: tuple[Participant, ...]
) -> None:
    """Neither the reactions of a message, nor its pin, nor the message."""
    tries = [one for stranger in strangers for one in taking(stage, stranger, alice, host)]
    stage.unmoved_by(tries, seen_by=(alice,))


def taking(
    stage: Stage, stranger: Participant, alice: Participant, host: Participant
) -> Iterator[tuple[Call, Judge]]:
    for person in (alice, host):
        yield from unreacting(stage, stranger, alice, person)
    # A path that names the stranger's own message, and a thing of another session.
    own = stranger.send("with nothing on it")
    yield lambda: stranger.unreact(own, stage.reaction(on=alice, by=alice)), without_effect
    yield lambda: stranger.unpin(own, stage.pin(on=alice)), without_effect
    yield (
        lambda: stranger.unpin(stage.of(alice), stage.pin(on=alice)),
        as_unknown(lambda: stranger.unpin(stage.of(alice), unknown(stage.pin(on=alice)))),
    )
    yield (
        lambda: stranger.delete(stage.of(alice)),
        as_unknown(lambda: stranger.delete(unknown(stage.of(alice).id))),
    )


def unreacting(
    stage: Stage, stranger: Participant, on: Participant, by: Participant
) -> Iterator[tuple[Call, Judge]]:
    held = stage.reaction(on=on, by=by).id
    yield (
        lambda: stranger.unreact(stage.of(on), stage.reaction(on=on, by=by)),
        as_unknown(lambda: stranger.unreact(stage.of(on), unknown(held))),
    )


def without_effect(answer: Answer) -> bool:
    """UNREACT-4 and PIN-6 judge what such a call gets; here it changes nothing."""
    return holds(True, "", on=answer)


def as_unknown(call: Call) -> Judge:
    """4xx, or what this target answers to ``call``, which has an unknown id."""

    def judge(answer: Answer) -> bool:
        if answer.refused:
            return holds(True, "", on=answer)
        expected = call()
        return holds(
            answer.status == expected.status,
            "a call on another session's message was accepted",
            expected=f"4xx, or as for an unknown id: {expected.exchange.outcome()}",
            actual=answer.exchange.outcome(),
            on=(expected, answer),
        )

    return judge


@requirement("ISO-2")
def test_the_host_of_a_session_is_nobody_in_another(
    host: Participant, alice: Participant, other_host: Participant, limits: Limits
) -> None:
    """The other way round: this session's people and the other one's message."""
    chat = other_host.send("for the other session")
    held = react(other_host, chat, limits.reactions[0])
    with unchanged(other_host):
        for person in (host, alice):
            refused(person.react(chat, limits.reactions[-1]))
        refused(host.pin(chat))
        as_unknown(lambda: host.unreact(chat, unknown(held.id)))(host.unreact(chat, held))
        as_unknown(lambda: host.delete(unknown(chat.id)))(host.delete(chat))


@requirement("ISO-3")
def test_the_reactions_list_gives_an_outsider_nothing(
    stage: Stage, alice: Participant, strangers: tuple[Participant, ...], limits: Limits
) -> None:
    """Asked for alone, or next to a message of the outsider's own session.

    A member has just asked for the same, so that there may be an answer at hand.
    """
    theirs, (first, *others) = stage.of(alice).id, strangers
    own = first.send("my own session's")
    react(first, own, limits.reactions[0])
    for asked in ((theirs,), (own.id, theirs), (theirs, own.id)):
        given_nothing(first, alice, asked, theirs)
    for other in others:
        given_nothing(other, alice, (theirs,), theirs)


def given_nothing(
    stranger: Participant, alice: Participant, asked: tuple[str, ...], theirs: str
) -> None:
    """Refused, or without an entry about that message."""
    before, answer = alice.reactions(*asked), stranger.reactions(*asked)
    if answer.refused:
        holds(True, "", on=answer)
        return
    leaked = [entry for entry in answer if entry["chatId"] == theirs]
    holds(
        not leaked,
        "the reactions list shows an outsider another session's reactions",
        expected="none",
        actual=brief(leaked),
        on=(before, answer),
    )
