"""DEL: deleting messages."""

from __future__ import annotations

from functools import partial

from conformance.answers import GONE, NO_CONTENT
from conformance.client import Answer, Participant, Sent
from conformance.contract import Limits
from conformance.expect import accepted, equal, holds, refused, same
from conformance.plugin import requirement
from conformance.run import Run
from conformance.suite.ids import unknown
from conformance.suite.stage import Stage
from conformance.suite.steps import looks, must, pin, react
from conformance.views import View, look

People = tuple[Participant, ...]


@requirement("DEL-1")
def test_the_sender_deletes_an_own_message(everyone: People, limits: Limits) -> None:
    """Host or member; what others did to a message, such as alice's, does not take it away."""
    host, _, bob = everyone
    chats = [person.send("mine to delete") for person in everyone]
    pin(host, chats[1])
    react(bob, chats[1], limits.reactions[0])
    for person, chat in zip(everyone, chats, strict=True):
        accepted(person.delete(chat), *NO_CONTENT)
    for person, chat in zip(everyone, chats, strict=True):
        gone_for(person, chat, "its sender")


@requirement("DEL-2")
def test_the_host_deletes_anyones_message(everyone: People, limits: Limits) -> None:
    """Plain, or pinned and liked."""
    host, alice, bob = everyone
    chats = [member.send("the host may delete this") for member in (alice, bob)]
    pin(host, chats[1])
    react(alice, chats[1], limits.reactions[0])
    for chat in chats:
        accepted(host.delete(chat), *NO_CONTENT)
        gone_for(host, chat, "the host")


def gone_for(deleter: Participant, chat: Sent, by: str) -> None:
    """From the newest page; that it is on no page, and for nobody, is DEL-3."""
    page = deleter.list(sort=deleter.contract.limits.created_key, ascending=False)
    holds(chat not in page, f"a message is still listed after {by} deleted it", on=(chat, page))


@requirement("DEL-3")
def test_a_deleted_message_is_gone_for_everyone_and_nothing_else_is(
    everyone: People, limits: Limits
) -> None:
    """It is gone for every participant, ``totalCount`` is one less, all others are as they were.

    Of four, the first and the third are deleted by their sender, the second by the host. Those
    two are pinned, so that both pinned ones and another one go, and so is the last, which stays.
    """
    host, alice, bob = everyone
    chats = [person.send("the same words") for person in (alice, bob, alice, bob)]
    for chat in chats:
        react(bob, chat, limits.reactions[0])
    react(host, chats[3], limits.reactions[-1])
    for chat in (chats[0], chats[1], chats[3]):
        host.pin(chat)
    seen, victims = looks(everyone), list[Sent]()
    for deleter, victim, viewers in (
        (alice, chats[0], (bob,)),
        (host, chats[1], (alice,)),
        (alice, chats[2], everyone),
    ):
        answer = deleter.delete(victim)
        must(answer, "DEL-2" if deleter is host else "DEL-1", "a deletion was not accepted")
        victims.append(victim)
        views = [(seen[viewer.name], look(viewer)) for viewer in viewers]
        if not all(nothing_else_went(before, after, victims) for before, after in views):
            return
    left = {message.id for message in bob.walk()} & {victim.id for victim in victims}
    holds(not left, "a deleted message is still on some page", actual=", ".join(sorted(left)))


def nothing_else_went(before: View, after: View, victims: list[Sent]) -> bool:
    expected = before
    for victim in victims:
        expected = expected.without(victim.id, expected.total - 1)
    listed = sorted({victim.id for victim in victims} & after.messages.keys())
    what = "deleting a message changed something else"
    return holds(
        not listed, "a deleted message is still listed", actual=listed, on=after.exchanges
    ) and same(expected, after, what=what)


@requirement("DEL-4")
def test_the_reactions_of_a_deleted_message_are_gone(
    host: Participant, alice: Participant, bob: Participant, limits: Limits
) -> None:
    """Asked for alone, or with a message that still has some, by whoever reacted or did not."""
    chat, other = alice.send("liked, then deleted"), alice.send("liked, and kept")
    for person in (host, bob):
        react(person, chat, limits.reactions[0])
    kept = react(bob, other, limits.reactions[-1])
    known = kept.id in bob.reactions(chat, other).ids

    must(alice.delete(chat), "DEL-1", "a deletion was not accepted")

    for person, asked in ((alice, (chat,)), (bob, (chat,)), (bob, (chat, other)), (host, (chat,))):
        answer = person.reactions(*asked)
        if answer.refused:
            holds(True, "", on=answer)
            continue
        rest = [entry for entry in answer if entry["chatId"] == chat.id]
        equal(len(rest), 0, "a deleted message's reactions are still listed", on=answer)
        if other in asked and known:
            summary = "deleting a message took another one's reaction from the list"
            # Listed when asked for alone, it is there: what else is asked for is RLIST-2's matter.
            listed = kept.id in answer.ids or kept.id in person.reactions(other).ids
            holds(listed, summary, expected=kept.id, actual="absent", on=answer, rule="DEL-3")


@requirement("DEL-5", "DEL-3")
def test_deleting_an_unknown_or_deleted_message_gets_404_and_deletes_nothing(
    stage: Stage, host: Participant, alice: Participant, bob: Participant
) -> None:
    """Unknown, or deleted already: by its sender, or by the host."""
    chat, other = alice.send("deleted twice"), bob.send("deleted by the host")
    must(alice.delete(chat), "DEL-1", "a deletion was not accepted")
    must(host.delete(other), "DEL-2", "a deletion was not accepted")
    tries = [(alice, chat.id), (host, chat.id), (bob, other.id), (host, other.id)]
    tries += [(person, unknown(chat.id)) for person in (alice, host)]
    calls = [partial(person.delete, id) for person, id in tries]
    stage.refuses(*calls, judge=not_there, rules=("DEL-3",))


def not_there(answer: Answer) -> bool:
    """Whatever the answer is, nothing may come of the call."""
    refused(answer, *GONE, rule="DEL-5")
    return True


ODD_IDS = {
    "white space": "  ",
    "quote": "a' OR '1'='1",
    "not ASCII": "né-早-🙂",
    "NUL": "a\x00b",
    "control characters": "a\r\nb\tc",
    "encoded slash": "a/b",
    "dots": "a..b",
    "negative number": "-1",
    "huge number": "9" * 40,
    "very long": "x" * 2_000,
}


@requirement("DEL-6")
def test_a_chat_id_that_cannot_be_one_gets_a_4xx(stage: Stage, host: Participant, run: Run) -> None:
    """Unless the target has given it to a message, so that it can."""
    odd = [id for id in ODD_IDS.values() if id not in run.home.journal.ids()]
    calls = [partial(host.delete, id) for id in odd]
    stage.refuses(*calls, judge=no_id, rules=("STATE-1",))


@requirement("DEL-3", "DEL-6")
def test_a_chat_id_is_no_pattern(stage: Stage, host: Participant, alice: Participant) -> None:
    """Wildcards and lists in the place of an id match nothing."""

    def delete_like(pattern: str) -> Answer:
        mine, other = stage.of(alice).id, stage.bare.id
        return host.delete(pattern.format(mine=mine, head=mine[:-1], other=other))

    patterns = ("{head}%", "{head}_", "{head}*", "{head}?", "{mine},{other}", "{mine} OR 1=1")
    calls = [partial(delete_like, pattern) for pattern in patterns]
    stage.refuses(*calls, judge=no_id, rules=("DEL-3",))


def no_id(answer: Answer) -> bool:
    refused(answer, rule="DEL-6")
    return True
