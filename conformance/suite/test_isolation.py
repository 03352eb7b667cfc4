"""ISO: sessions are apart."""

from __future__ import annotations

import pytest

from conformance.client import Answer, Participant
from conformance.contract import Limits
from conformance.expect import equal, holds, refused, require_quiet, unchanged
from conformance.plugin import requirement
from conformance.suite.steps import delete, pin, react, unknown
from conformance.values import brief
from conformance.views import look

Pair = tuple[Participant, Participant]


@pytest.fixture
def strangers(outsider: Participant, other_host: Participant) -> tuple[Participant, ...]:
    """People of another session, its host among them."""
    return tuple({person.name: person for person in (outsider, other_host)}.values())


@requirement("ISO-1")
def test_messages_of_a_session_are_not_listed_in_another(
    host: Participant,
    alice: Participant,
    strangers: tuple[Participant, ...],
    limits: Limits,
) -> None:
    """Whatever the order: liked and pinned ones come first under some of them."""
    chats = [host.send("for this session"), alice.send("for this session")]
    for chat in chats:
        react(alice, chat, limits.reactions[0])
        react(host, chat, limits.reactions[-1])
    pin(host, chats[0])
    ours = {chat.id for chat in chats}
    for number, sort in enumerate((None, *limits.sort_keys)):
        stranger = strangers[number % len(strangers)]
        for ascending in (True, False):
            page = stranger.list(sort=sort, ascending=ascending, take=limits.page_size)
            if page.accepted:
                leaked = sorted(ours & set(page.ids))
                holds(
                    not leaked,
                    "a message is listed in another session",
                    expected="none of this session",
                    actual=leaked,
                    on=page,
                )
    for stranger in strangers:
        leaked = sorted(ours & {message.id for message in stranger.walk()})
        holds(not leaked, "a message is listed in another session", actual=leaked)


@requirement("ISO-1")
def test_messages_of_a_session_are_not_counted_in_another(
    alice: Participant, outsider: Participant
) -> None:
    """Neither when they come nor when they go."""
    before = look(outsider)
    chats = [alice.send(f"for this session, {number}") for number in range(3)]
    during = look(outsider)
    for chat in chats:
        delete(alice, chat)
    after = look(outsider)
    for view, what in ((during, "sending"), (after, "deleting")):
        require_quiet(before, view)
        summary = f"{what} messages in one session changed totalCount in another"
        equal(view.total, before.total, summary, on=view.exchanges[:1], at="/totalCount")


@requirement("ISO-1")
def test_a_message_of_another_session_is_not_listed_here(
    alice: Participant, host: Participant, other_host: Participant
) -> None:
    chat = other_host.send("for the other session")
    for viewer in (alice, host):
        page = viewer.list(sort=viewer.contract.limits.created_key, ascending=False)
        listed = chat.id in {message.id for message in (*page.messages, *viewer.walk())}
        holds(not listed, "a message is listed in another session", on=page)


def not_served(answer: Answer, unknown_answer: Answer) -> None:
    """4xx, or what this target answers for an unknown id."""
    as_unknown = answer.status == unknown_answer.status
    holds(
        answer.refused or as_unknown,
        "a call on another session's message was accepted",
        expected=f"4xx, or as for an unknown id: {unknown_answer.exchange.outcome()}",
        actual=answer.exchange.outcome(),
        on=(unknown_answer, answer),
    )


@requirement("ISO-2")
def test_an_outsider_may_not_react_or_pin(
    host: Participant, alice: Participant, strangers: tuple[Participant, ...], limits: Limits
) -> None:
    """A member of another session, or its host: refused, and nothing changes here."""
    chats = [alice.send("not for outsiders"), host.send("not for outsiders, pinned")]
    host.pin(chats[1])
    with unchanged(alice):
        for stranger in strangers:
            for chat in chats:
                refused(stranger.react(chat, limits.reactions[0]))
                refused(stranger.pin(chat))


@requirement("ISO-2")
def test_an_outsider_may_not_take_anything_away(
    host: Participant, alice: Participant, strangers: tuple[Participant, ...], limits: Limits
) -> None:
    """Neither the message, nor its reactions, nor its pin."""
    chat = alice.send("not for outsiders")
    held = react(alice, chat, limits.reactions[0])
    theirs = react(host, chat, limits.reactions[-1])
    pinned = pin(host, chat)
    with unchanged(alice):
        for stranger in strangers:
            for reaction in (held, theirs):
                missing = stranger.unreact(chat, unknown(reaction.id))
                not_served(stranger.unreact(chat, reaction), missing)
            not_served(stranger.unpin(chat, pinned), stranger.unpin(chat, unknown(pinned)))
            not_served(stranger.delete(chat), stranger.delete(unknown(chat.id)))


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
            refused(person.pin(chat))
            not_served(person.unreact(chat, held), person.unreact(chat, unknown(held.id)))
            not_served(person.delete(chat), person.delete(unknown(chat.id)))


@requirement("ISO-3")
def test_the_reactions_list_gives_an_outsider_nothing(
    host: Participant,
    alice: Participant,
    strangers: tuple[Participant, ...],
    limits: Limits,
) -> None:
    """Asked for alone, or next to a message of the outsider's own session."""
    chat = alice.send("not for outsiders")
    react(alice, chat, limits.reactions[0])
    react(host, chat, limits.reactions[-1])
    for stranger in strangers:
        own = stranger.send("my own session's")
        kept = react(stranger, own, limits.reactions[0])
        for asked in ((chat.id,), (own.id, chat.id), (chat.id, own.id)):
            answer = stranger.reactions(*asked)
            if answer.refused:
                holds(True, "", on=answer)
                continue
            leaked = [
                entry for entry in answer if entry["id"] != kept.id or entry["chatId"] == chat.id
            ]
            holds(
                not leaked,
                "the reactions list shows an outsider another session's reactions",
                expected="none",
                actual=brief(leaked),
                on=answer,
            )
