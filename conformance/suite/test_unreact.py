"""UNREACT: taking reactions back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import cycle

from conformance.answers import GONE, NO_CONTENT
from conformance.client import Answer, Participant, Sent
from conformance.contract import Limits
from conformance.evidence import Unjudged
from conformance.expect import accepted, equal, holds, refused, same
from conformance.plugin import requirement
from conformance.suite.ids import lookalikes, unknown
from conformance.suite.missing import each, with_404
from conformance.suite.sorting import counter
from conformance.suite.stage import Stage
from conformance.suite.steps import counts, delete, must, react, seen, shown, unreact
from conformance.views import View, look

People = tuple[Participant, ...]
LOST = "a reaction is not listed from the start (REACT-3, REACT-4, REACT-8)"


@requirement("UNREACT-1")
def test_who_reacted_takes_the_reaction_back_and_all_others_stay(
    everyone: People, limits: Limits
) -> None:
    """On anyone's message; others' reactions of either kind, other messages and pins stay."""
    host, alice, bob = everyone
    up, down = limits.reactions[0], limits.reactions[-1]
    chat, twin, pinned = (person.send("the same words") for person in (alice, bob, host))
    react(bob, twin, up)
    host.pin(pinned)
    taken = [(alice, chat, down, react(alice, chat, down)), (host, chat, up, react(host, chat, up))]
    first = react(bob, chat, up)
    second = bob.react(chat, down)
    # Both, or the second in place of the first, or the first only (REACT-10): the last is there.
    last = (down, second) if second.accepted else (up, first)
    taken = [(bob, chat, *last), *taken, (bob, pinned, up, react(bob, pinned, up))]
    taken.append((host, pinned, down, react(host, pinned, down)))

    before = look(alice)
    users = {one: _user(before, own) for one, own in ((alice, chat), (bob, twin), (host, pinned))}
    if len(set(users.values())) < len(users):
        raise Unjudged("different people are shown under one user id (LIST-10)")
    for person, on, name, held in taken:
        user = users[person]
        there = on.id in before.messages and (name, user) in before.messages[on.id].reactions
        if not there or (on.id, held.id) not in listed(before):
            raise Unjudged(LOST)
        accepted(person.unreact(on, held), *NO_CONTENT)
        after = _by_id(look(alice), before)
        # How many messages there are is LIST-2's matter.
        want = before.losing(on.id, held.id, (name, user)).without("", after.total)
        same(want, after, what="taking a reaction back did not remove it and nothing else")
        before = after


def listed(view: View) -> set[tuple[str, str]]:
    """The ids of the reactions list, each after its message's."""
    return {(chat, id) for chat, id, _ in view.reactions}


def _by_id(view: View, known: View) -> View:
    """The view with reactions listed as they were: under which name is REACT-3's matter."""
    names = {(chat, id): name for chat, id, name in known.reactions}
    entries = frozenset((*one[:2], names.get(one[:2], one[2])) for one in view.reactions)
    return replace(view, reactions=entries)


def _user(view: View, own: Sent) -> str:
    if own.id not in view.messages:
        raise Unjudged("a message that was sent is not listed (SEND-4)")
    return str(view.messages[own.id].user)


@requirement("UNREACT-2")
def test_the_host_removes_anyones_reaction(everyone: People, limits: Limits) -> None:
    """A member's, on that member's message and on another's, and that one only."""
    host, alice, bob = everyone
    reaction, chats = limits.reactions[0], [person.send("tidied up") for person in (alice, bob)]
    held = {chat.id: react(alice, chat, reaction) for chat in chats}
    kept = {chat.id: react(bob, chat, reaction).id for chat in chats}
    there = {chat.id: {held[chat.id].id, kept[chat.id]} for chat in chats}
    if _ids(bob, chats, there) != there or not all(
        counts(message, limits, reaction, 2) for message in seen(alice, *chats)
    ):
        raise Unjudged(LOST)

    for chat in chats:
        accepted(host.unreact(chat, held[chat.id]), *NO_CONTENT)

    left = _ids(alice, chats, {id: {one} for id, one in kept.items()})
    for message in seen(alice, *chats):
        summary = "a reaction that the host removed is still there, or another is not"
        equal(left[message.id], {kept[message.id]}, summary, on=message.page)
        summary = "after the host removed one reaction, the others do not count as before"
        right, where = counts(message, limits, reaction, 1), message.pointer("reactions")
        holds(right, summary, actual=message.reactions, on=message.page, at=where)
    _one_of_two(host, bob, chats[0], limits)


def _one_of_two(host: Participant, person: Participant, chat: Sent, limits: Limits) -> None:
    """Where one person may hold both reactions (REACT-10), the host removes one of them."""
    up, down = limits.reactions[0], limits.reactions[-1]
    other = person.react(chat, down)
    message = shown(host, chat)
    if not (other.accepted and all(counts(message, limits, one, 1) for one in (up, down))):
        return
    accepted(host.unreact(chat, other), *NO_CONTENT)
    message = shown(host, chat)
    holds(
        counts(message, limits, up, 1),
        "after the host removed one reaction, the same person's other one does not count",
        expected=f"{up} once",
        actual=message.reactions,
        on=message.page,
        at=message.pointer("reactions"),
    )


def _ids(
    viewer: Participant, chats: list[Sent], wanted: dict[str, set[str]]
) -> dict[str, set[str]]:
    """The reactions listed by message; where not as wanted, asked for one by one (RLIST-2)."""
    found: dict[str, set[str]] = {chat.id: set() for chat in chats}
    for one in viewer.reactions(*chats):
        found.get(one["chatId"], set()).add(one["id"])
    for chat in chats if found != wanted else ():
        found[chat.id] = {one["id"] for one in viewer.reactions(chat) if one["chatId"] == chat.id}
    return found


@requirement("UNREACT-3")
def test_a_reaction_id_under_another_message_removes_nothing(
    stage: Stage, host: Participant, alice: Participant, bob: Participant
) -> None:
    """The path names both, and both have to fit; for who reacted and for the host."""

    def under(person: Participant, other: Callable[[], str]) -> Answer:
        return person.unreact(other(), stage.reaction(on=alice, by=bob))

    def lists() -> list[str]:
        return lookalikes(stage.of(alice).id, stage.of(bob).id)

    others = [lambda: stage.bare.id, lambda: unknown(stage.of(alice).id)]
    others += [lambda: lists()[0], lambda: lists()[1], lambda: stage.bare.id]
    # By the same sender: a look-up by who wrote, and not by the message, finds it there.
    same = alice.send("without reactions")
    others.append(lambda: same.id)
    ids = {stage.reaction(on=bob, by=one).id for one in stage.people}
    if stage.reaction(on=alice, by=bob).id not in ids:
        others.append(lambda: stage.of(bob).id)
    people = cycle((bob, host))
    calls = (partial(under, one, other) for one, other in zip(people, others, strict=False))
    stage.refuses(*calls, judge=lambda answer: True)


@requirement("UNREACT-4")
def test_removing_an_unknown_or_removed_reaction_gets_404(
    stage: Stage, host: Participant, alice: Participant, bob: Participant, limits: Limits
) -> None:
    """Lists, patterns, beginnings of ids and reaction names are no ids: they get a 4xx."""
    own = alice.send("no reactions left")
    gone = react(bob, own, limits.reactions[0])
    unreact(bob, own, gone)
    deleted = alice.send("deleted with a reaction")
    lost = react(bob, deleted, limits.reactions[0])
    delete(alice, deleted)

    def held(by: Participant) -> str:
        return stage.reaction(on=alice, by=by).id

    def odd() -> list[str]:
        others = ("*", limits.reactions[0], stage.of(alice).id)
        real = {held(one) for one in stage.people}
        return [id for id in (*lookalikes(held(bob), held(host)), *others) if id not in real]

    stage.refuses(
        with_404(partial(bob.unreact, own, gone), "UNREACT-4"),
        with_404(partial(host.unreact, own, gone), "UNREACT-4"),
        with_404(lambda: bob.unreact(stage.of(alice), unknown(held(bob))), "UNREACT-4"),
        with_404(partial(bob.unreact, unknown(own.id), gone), "UNREACT-4"),
        with_404(partial(bob.unreact, deleted, lost), "UNREACT-4"),
        *each(odd, lambda id: host.unreact(stage.of(alice), id)),
    )


@requirement("UNREACT-5", "UNREACT-4")
def test_after_that_the_participant_reacts_anew(
    host: Participant, alice: Participant, bob: Participant, limits: Limits
) -> None:
    """The same reaction or the other one, after taking it back or after the host removed it.

    Where it gets a new id, the former one is unknown (UNREACT-4).
    """
    up, down = limits.reactions[0], limits.reactions[-1]
    chat = alice.send("liked again")
    react(alice, chat, up)
    react(host, chat, down)
    held = react(bob, chat, up)
    message, now = shown(alice, chat), up
    there = counts(message, limits, up, 2) and counts(message, limits, down, 1)
    if not there or held.id not in alice.reactions(chat).ids:
        raise Unjudged(LOST)
    for remover, then in ((bob, up), (bob, down), (host, down)):
        rule = "UNREACT-2" if remover is host else "UNREACT-1"
        must(remover.unreact(chat, held), rule, "a reaction could not be taken back")
        left = shown(alice, chat)
        if counts(left, limits, now, 2) or held.id in alice.reactions(chat).ids:
            raise Unjudged("a reaction that was taken back is still shown (UNREACT-1, UNREACT-2)")
        others, now = counter(limits, then)(left), then

        former, held = held, bob.react(chat, then)

        if not accepted(held):
            return
        listed = alice.reactions(chat)
        summary = "a reaction made anew is not listed under its id"
        holds(held.id in listed.ids, summary, expected=held.id, actual=listed.ids, on=listed)
        message = shown(alice, chat)
        if not holds(
            counts(message, limits, then, others + 1),
            "a reaction made anew does not count once",
            expected=f"one {then} more than {others}",
            actual=message.reactions,
            on=message.page,
            at=message.pointer("reactions"),
        ):
            return
        # Under which id it is kept is judged above.
        if former.id != held.id and held.id in listed.ids:
            answer = bob.unreact(chat, former)
            if not refused(answer, *GONE, rule="UNREACT-4"):
                return
