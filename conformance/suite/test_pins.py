"""PIN: pinning and unpinning."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from conformance.answers import GONE, NO_CONTENT
from conformance.client import JSON, Answer, Participant, Sent
from conformance.client import Shown as Message
from conformance.contract import Limits
from conformance.expect import accepted, equal, holds, refused, same
from conformance.plugin import requirement
from conformance.suite import corpus as corpus_of
from conformance.suite.corpus import Corpus
from conformance.suite.ids import lookalikes, unknown
from conformance.suite.missing import each, with_404
from conformance.suite.stage import Stage
from conformance.suite.steps import (
    delete,
    pin,
    react,
    require_pinned,
    seen,
    shown,
    unpin,
)
from conformance.views import View, look

People = tuple[Participant, ...]
STILL = "a message is still shown as pinned after the host unpinned it"


def is_pinned(message: Message, *, pinned: bool, summary: str, rule: str | None = None) -> bool:
    # Where something is shown, it is LIST-11's matter what that has to be.
    there = message.pin is not None or (pinned and bool(message.raw.get("pinned")))
    return holds(
        there == pinned,
        summary,
        expected="pinned.id" if pinned else "not pinned",
        actual=message.raw.get("pinned"),
        on=message.page,
        at=message.pointer("pinned"),
        rule=rule,
    )


@requirement("PIN-1", "PIN-2")
def test_the_host_pins_and_unpins_any_message_and_everyone_sees_it(everyone: People) -> None:
    """The host's own message and both members', one after the other."""
    host, chats = everyone[0], [person.send("worth a pin") for person in everyone]
    for before, chat in zip((None, *chats), chats, strict=False):
        answer = host.pin(chat)
        require_pinned(host, chat, answer)
        accepted(answer, *NO_CONTENT, rule="PIN-1")

        held = _all_see(everyone, chat, before)
        if held is None:
            return

        accepted(host.unpin(chat, held), *NO_CONTENT, rule="PIN-2")
    for viewer in everyone[1:]:
        is_pinned(shown(viewer, chats[-1]), pinned=False, summary=STILL, rule="PIN-2")


def _all_see(everyone: People, chat: Sent, before: Sent | None) -> str | None:
    """Everyone sees a message as pinned, and the one that was unpinned before as not pinned."""
    pins = []
    for viewer in everyone:
        now, *then = seen(viewer, chat, *([before] if before else []))
        is_pinned(now, pinned=True, summary="a pinned message is not shown as pinned", rule="PIN-1")
        for message in then:
            is_pinned(message, pinned=False, summary=STILL, rule="PIN-2")
        pins.append(now.pin)
    if pins[0] is not None:
        summary = "participants are shown different pin ids"
        equal(pins, [pins[0]] * len(pins), summary, on=chat, rule="STATE-5")
    return pins[0]


@requirement("PIN-1")
def test_older_messages_are_pinned_as_well(host: Participant, corpus: Corpus) -> None:
    """Any message: also one that has more than a page of newer ones."""
    refused_ones = [post for post in corpus if (host, "") in post.turned_down]
    # The corpus was pinned with several calls at once (CONC); what was refused is tried alone.
    for post in refused_ones[:2]:
        answer = corpus_of.pin(host, post)
        require_pinned(host, post.sent, answer)
        accepted(answer, *NO_CONTENT)
    if any(post.pinned for post in corpus):
        holds(True, "")


@requirement("PIN-3")
def test_a_pin_and_an_unpin_change_nothing_else(everyone: People, limits: Limits) -> None:
    """Text, time, sender, reactions and other messages stay."""
    host, alice, bob = everyone
    words = ("the same words " * limits.message_length)[: limits.message_length].strip()
    first, chat = alice.send(words), bob.send(words)
    react(bob, first, limits.reactions[-1])
    for person, reaction in ((host, limits.reactions[0]), (alice, limits.reactions[-1])):
        react(person, chat, reaction)

    before = look(alice)
    host.pin(chat)
    pinned = look(alice)
    _only_the_pin(before, pinned, chat, "a pin changed something else")
    held = pinned.messages[chat.id].pin if chat.id in pinned.messages else None
    if held is None:
        return
    react(bob, chat, limits.reactions[0])
    before = look(alice)
    host.unpin(chat, held)
    _only_the_pin(before, look(alice), chat, "an unpin changed something else")


def _only_the_pin(before: View, after: View, chat: Sent, what: str) -> None:
    if chat.id in before.messages and chat.id in after.messages:
        before = before.pinned_as(chat.id, after.messages[chat.id].pin)
    same(before, after, what=what)


@requirement("PIN-4", "PIN-6")
def test_a_pin_of_a_message_that_is_not_there_is_refused(
    stage: Stage, host: Participant, alice: Participant, bob: Participant
) -> None:
    """Unknown, or deleted, which takes its pin along; with 404 or 410.

    Lists, patterns, beginnings and continuations of ids are no ids.
    """
    chat = alice.send("pinned, then deleted")
    held = pin(host, chat)
    delete(alice, chat)

    def odd() -> list[str]:
        return lookalikes(stage.of(bob).id, stage.bare.id)

    stage.refuses(
        with_404(partial(host.pin, chat), "PIN-6"),
        with_404(partial(host.pin, unknown(chat.id)), "PIN-6"),
        with_404(partial(host.unpin, chat, held), "PIN-6"),
        *each(odd, host.pin),
    )


@requirement("PIN-5")
def test_a_pin_id_under_another_message_unpins_nothing(
    stage: Stage, host: Participant, alice: Participant, bob: Participant
) -> None:
    """Whether the other message is pinned or not; the path names both, and both have to fit."""

    def under(other: Callable[[], str]) -> Answer:
        return host.unpin(other(), stage.pin(on=alice))

    others = [lambda: stage.of(bob).id, lambda: unknown(stage.of(alice).id)]
    if not stage.run.home.journal.one_pin and stage.pin(on=host) != stage.pin(on=alice):
        others.append(lambda: stage.of(host).id)
    stage.refuses(*(partial(under, other) for other in others), judge=lambda answer: True)


@requirement("PIN-6")
def test_an_unknown_pin_gets_404(
    stage: Stage, host: Participant, alice: Participant, bob: Participant
) -> None:
    """Unknown, or of an unknown message; and what only looks like an id gets a 4xx."""

    def chat() -> str:
        return stage.of(alice).id

    def held() -> str:
        return stage.pin(on=alice)

    def odd() -> list[str]:
        reaction = stage.reaction(on=alice, by=bob).id
        found = dict.fromkeys((*lookalikes(held(), reaction), reaction, chat()))
        return [id for id in found if id != held()]

    stage.refuses(
        with_404(lambda: host.unpin(chat(), unknown(held())), "PIN-6"),
        with_404(lambda: host.unpin(unknown(chat()), held()), "PIN-6"),
        with_404(lambda: host.unpin(stage.bare, unknown(held())), "PIN-6"),
        *each(odd, lambda id: host.unpin(chat(), id)),
        *each(lambda: lookalikes(chat(), held())[:2], lambda id: host.unpin(id, held())),
    )


@requirement("PIN-8")
def test_several_messages_can_be_pinned_at_once(everyone: People) -> None:
    """A second one is neither refused nor takes the first one's pin, nor does its unpin.

    Of more, which a target may refuse, those that are accepted take no other's pin either.
    """
    host, *members = everyone
    chats = [person.send("pinned with another") for person in (*members, *members, *members)]
    held = pin(host, chats[0])
    answer = host.pin(chats[1])
    if answer.refused:
        # Refused for another's pin, or at all? Without that pin it has to be accepted (PIN-1).
        unpin(host, chats[0], held)
        pin(host, chats[1])
    accepted(answer)
    if not answer.accepted:
        return
    chats = [*chats[:2], *(chat for chat in chats[2:] if host.pin(chat).accepted)]
    shown_pins = seen(host, *chats)
    pinned = [message.pin is not None for message in shown_pins]
    summary = "pinning a message took another one's pin"
    last = shown_pins[-1]
    if holds(all(pinned), summary, expected="all pinned", actual=pinned, on=last.page):
        _its_own_pin_only(host, chats, last.pin or "")


def _its_own_pin_only(host: Participant, chats: list[Sent], held: str) -> None:
    if host.unpin(chats[-1], held).accepted:
        *others, last = seen(host, *chats)
        pinned = [message.pin is not None for message in others]
        # Whether its own pin is gone is PIN-2's matter.
        summary = "unpinning a message took another one's pin"
        holds(all(pinned), summary, expected="others pinned", actual=pinned, on=last.page)


@requirement("PIN-9", "PIN-7", "PIN-2", "PIN-6")
def test_after_unpinning_it_can_be_pinned_anew_and_twice(
    host: Participant, alice: Participant
) -> None:
    """Under whatever id is shown then; where it is a new one, the former one is unknown.

    The second pin of two is the same one, a new one in its place, or 409: one unpin takes it all
    away, and another one finds nothing.
    """
    chat = alice.send("pinned anew")
    former = pin(host, chat)
    unpin(host, chat, former)

    accepted(host.pin(chat))
    message, summary = shown(host, chat), "a message pinned anew is not shown as pinned"
    if not is_pinned(message, pinned=True, summary=summary):
        return
    if message.pin != former:
        right = refused(host.unpin(chat, former), *GONE, rule="PIN-6")
        # What was refused and done all the same is STATE-1's matter.
        if not right or shown(host, chat).pin is None:
            return
    accepted(host.unpin(chat, message.pin or ""), *NO_CONTENT, rule="PIN-2")
    is_pinned(shown(host, chat), pinned=False, summary=STILL, rule="PIN-2")

    host.pin(chat)
    message, summary = shown(host, chat), "a message pinned a third time is not shown as pinned"
    if not is_pinned(message, pinned=True, summary=summary):
        return
    host.pin(chat)
    message, summary = shown(host, chat), "a second pin left the message not pinned"
    if not is_pinned(message, pinned=True, summary=summary, rule="PIN-7"):
        return
    accepted(host.unpin(chat, message.pin or ""), *NO_CONTENT, rule="PIN-2")
    summary = "a message pinned twice is still pinned after one unpin"
    if is_pinned(shown(host, chat), pinned=False, summary=summary, rule="PIN-7"):
        refused(host.unpin(chat, message.pin or ""), *GONE, rule="PIN-6")


@requirement("PIN-10")
def test_pinning_needs_neither_a_body_nor_a_content_type(
    host: Participant, alice: Participant
) -> None:
    """One that is there all the same breaks nothing (HTTP-1)."""
    chat = alice.send("pinned without a body")
    answer = host.pin(chat)
    path = host.contract.operations["pinChat"].url_path(chatId=chat.id)
    with_body = host.call("POST", path, operation="pinChat", body=b"{}", headers=(JSON,))
    if answer.refused and not with_body.accepted:
        require_pinned(host, chat, answer)
    accepted(answer)
