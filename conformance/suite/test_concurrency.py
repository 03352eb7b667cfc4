"""CONC: nothing is lost, doubled or broken when several callers act at once."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from functools import partial

from conformance.client import Answer, Listed, Participant, Reacted, Sent, Shown
from conformance.evidence import Unjudged
from conformance.plugin import requirement
from conformance.run import Run
from conformance.suite import paging_races
from conformance.suite.habits import Habits
from conformance.suite.histories import Programme, judge
from conformance.suite.races import (
    Play,
    Problem,
    Start,
    entries,
    newest,
    plan,
    race,
    text,
)

SENDERS = 9


@requirement("CONC-1")
def test_messages_sent_at_once_are_all_kept(run: Run) -> None:
    """Messages that several people send at the same time are all in the list, once each."""
    race(run, partial(_send_at_once, run, itertools.cycle(run.home.all)), plan(run, 12, 40))


def _send_at_once(run: Run, viewers: itertools.cycle[Participant], start: Start) -> list[Problem]:
    people, viewer = itertools.cycle(run.home.all), next(viewers)
    # A count that a deletion before this test left wrong (DEL-3) is no matter of concurrency.
    next(people).send(text("Sent before"))
    before = viewer.list(take=run.contract.limits.page_min)
    senders = [next(people) for _ in range(SENDERS)]
    texts = [text("Sent at once") for _ in senders]
    # The same words by others, and once more by the same person, are messages of their own.
    texts[1] = texts[3] = texts[0]
    sent = start([partial(one.send, words) for one, words in zip(senders, texts, strict=True)])
    kept = [
        (one, words)
        for one, words in zip(sent, texts, strict=True)
        if one.status < 500 and one.status
    ]
    ids = [one.id for one, _ in kept]
    total = viewer.list(take=run.contract.limits.page_min)
    shown = newest(viewer, ids)
    _require_no_stranger(run, shown, [one for one, _ in kept], total.total - before.total)
    found = [*_twice(ids, sent), *_not_once(ids, shown, viewer), *_mixed_up(kept, shown)]
    found += _out_of_order([message for message in shown if message.id in ids], sent)
    grown = total.total - before.total
    if not len(kept) <= grown <= len(sent):
        summary = "totalCount did not grow by the number of messages sent at once"
        found.append(
            Problem("CONC-1", summary, f"{len(kept)} more", f"{grown} more", (before, total))
        )
    return found


def _require_no_stranger(run: Run, shown: list[Shown], sent: list[Sent], grown: int) -> None:
    """Where the total is not as expected, another writer may be at work (needs: quiet)."""
    if grown == len(sent):
        return
    own, texts = run.home.journal.ids(), run.home.journal.texts()
    since = min(one.instant for one in sent)
    for message in shown:
        if message.instant >= since and message.id not in own and message.text not in texts:
            raise Unjudged("another writer is at work in the session")


def _twice(ids: list[str], sent: list[Sent]) -> list[Problem]:
    if len(set(ids)) == len(ids):
        return []
    summary = "messages sent at once got the same chatId"
    return [
        Problem(
            "CONC-1", summary, f"{len(ids)} ids", f"{len(set(ids))} different ones", tuple(sent)
        )
    ]


def _not_once(ids: list[str], shown: list[Shown], viewer: Participant) -> list[Problem]:
    listed = Counter(message.id for message in shown)
    if any(listed[id] > 1 for id in ids):
        # Pages that move while they are read may show a message twice: LIST-8, in calm.
        listed = Counter(message.id for message in viewer.walk())
    lost, twice = [id for id in ids if not listed[id]], [id for id in ids if listed[id] > 1]
    found = []
    if lost:
        summary = "a message sent at the same time as others was answered and is not in the list"
        found.append(Problem("CONC-1", summary, f"all {len(ids)} listed", f"{len(lost)} missing"))
    if twice:
        summary = "a message sent at the same time as others is in the list more than once"
        found.append(
            Problem("CONC-1", summary, "each listed once", f"{len(twice)} listed more often")
        )
    return found


def _out_of_order(shown: list[Shown], sent: list[Sent]) -> list[Problem]:
    """By the times shown (SORT-3), which are not those of the rows where both are given apart."""
    times = [message.instant for message in shown]
    if times in (sorted(times), sorted(times, reverse=True)):
        return []
    place = next(n for n in range(1, len(times)) if times[n] > times[n - 1])
    summary = "messages sent at once are listed in another order than that of their createdAt"
    expected = f"{shown[place].created} before {shown[place - 1].created}, newest first"
    return [Problem("SORT-3", summary, expected, "after it", tuple(sent))]


def _mixed_up(kept: list[tuple[Sent, str]], shown: list[Shown]) -> list[Problem]:
    """Texts and senders that changed places (SEND-4), as they do where calls share a variable."""
    by_id = {message.id: message for message in shown}
    users: dict[str, set[str]] = {}
    wrong: list[tuple[str, Sent]] = []
    for sent, words in kept:
        message = by_id.get(sent.id)
        if sent.text != words:
            wrong.append(("the answer to a message sent at once has the text of another", sent))
        if message is None:
            continue
        if message.text != words:
            wrong.append(("a message sent at once is listed with the text of another", sent))
        users.setdefault(sent.exchange.actor, set()).add(message.user)
    found = [
        Problem("SEND-4", summary, "each its own text", "another's", (sent,))
        for summary, sent in wrong
    ]
    senders = [user for held in users.values() for user in held]
    if any(len(held) > 1 for held in users.values()) or len(set(senders)) < len(senders):
        summary = "messages sent at once are listed under the wrong senders"
        found.append(Problem("SEND-4", summary, "each under its own sender", str(users)))
    return found


# -- reactions -------------------------------------------------------------------------------------


@requirement("CONC-2")
def test_reactions_by_different_people_at_once_are_all_kept(run: Run, alice: Participant) -> None:
    """Everybody reacts to the same message at the same time, and nobody's reaction is lost."""
    viewers = itertools.cycle(run.home.all)
    race(run, partial(_react_at_once, run, alice, viewers), plan(run, 16, 40))


def _react_at_once(
    run: Run, alice: Participant, viewers: itertools.cycle[Participant], start: Start
) -> list[Problem]:
    names, people = itertools.cycle(run.contract.limits.reactions), run.home.all[:6]
    chats = [alice.send(text("For everybody to react to")).id for _ in range(4)]
    given: list[tuple[str, str, Reacted]] = []
    for number, pair in enumerate((chats[:2], chats[2:])):
        # All the same on the first two messages, different ones on the others.
        calls = [
            (chat, next(names) if number else run.contract.limits.reactions[0], who)
            for who in people
            for chat in pair
        ]
        answers = start([partial(who.react, chat, name) for chat, name, who in calls])
        given += [(chat, name, one) for (chat, name, _), one in zip(calls, answers, strict=True)]
    return [*_reactions_lost(run, next(viewers), chats, given)]


def _reactions_lost(
    run: Run, viewer: Participant, chats: list[str], given: list[tuple[str, str, Reacted]]
) -> list[Problem]:
    limits, found = run.contract.limits, []
    kept = [(chat, name, one) for chat, name, one in given if one.accepted]
    held, answers = entries(viewer, chats)
    listed = Counter(
        (entry["chatId"], entry["id"], limits.reaction_of(entry["reaction"])) for entry in held
    )
    wanted = Counter((chat, one.id, limits.reaction_of(name)) for chat, name, one in kept)
    missing = wanted - listed
    if missing:
        summary = "a reaction given at the same time as others is not in the reactions list"
        on = (*[one for _, _, one in kept], *answers)
        found.append(
            Problem("CONC-2", summary, f"all {len(kept)}", f"{missing.total()} missing", on)
        )
    messages = {message.id: message for message in newest(viewer, chats)}
    lost = 0
    for chat in chats:
        for name in limits.reactions:
            people = {one.exchange.actor for at, what, one in kept if (at, what) == (chat, name)}
            spelled = (name, *limits.spellings(name))
            shown = set(messages[chat].users(spelled)) if chat in messages else set()
            lost += max(0, len(people) - len(shown))
    if lost:
        summary = "a reaction given at the same time as others is not shown on its message"
        on = tuple(one for _, _, one in kept)
        found.append(Problem("CONC-2", summary, f"all {len(kept)}", f"{lost} missing", on))
    return found


# -- deletes ---------------------------------------------------------------------------------------


@requirement("CONC-4")
def test_a_delete_in_a_race_leaves_nothing_behind(
    run: Run, host: Participant, alice: Participant, bob: Participant
) -> None:
    """People react to a message and pin it while it is deleted: nothing of it stays or breaks."""
    race(run, _deleting(run, host, alice, bob), plan(run, 14, 40))


def _deleting(run: Run, host: Participant, alice: Participant, bob: Participant) -> Play:
    up, down = run.contract.limits.reactions[0], run.contract.limits.reactions[-1]
    deleters, viewers = itertools.cycle((alice, host, alice)), itertools.cycle((bob, host, alice))

    def play(start: Start) -> list[Problem]:
        found, deletes = list[Problem](), list[Answer]()
        before = bob.list(take=run.contract.limits.page_min)
        chats = [alice.send(text("To be deleted meanwhile")).id for _ in range(4)]
        for place, chat in enumerate(chats):
            held = bob.react(chat, down) if place % 2 else None
            calls: list[Callable[[], Answer]] = [
                partial(bob.react, chat, up),
                partial(host.react, chat, up),
                partial(host.pin, chat),
                partial(alice.react, chat, down),
            ]
            calls += [partial(bob.unreact, chat, held.id)] if held and held.accepted else []
            # One of those who delete is the last of the calls, so that in turn it ends them.
            if place > 1:
                calls.insert(place % 2, partial(next(deleters).delete, chat))
            last: Callable[[], Answer] = partial(next(deleters).delete, chat)
            answers = start([*calls, last])
            found += _broken(answers)
            tries = [one for one in answers if one.exchange.operation == "deleteChat"]
            deletes += tries
            if not any(one.accepted for one in tries):
                chats[place] = ""
        gone = [chat for chat in chats if chat]
        found += _miscounted(bob, before, deletes, len(chats) - len(gone))
        return [*found, *_left_behind(next(viewers), gone)]

    return play


def _miscounted(
    viewer: Participant, before: Listed, deletes: list[Answer], left: int
) -> list[Problem]:
    """A message that several people delete at once is one less (LIST-2)."""
    after = viewer.list(take=viewer.contract.limits.page_min)
    if after.total == before.total + left or after.total == len(viewer.walk()):
        return []
    summary = "totalCount is not the number of messages after some were deleted in a race"
    expected = str(before.total + left)
    return [Problem("LIST-2", summary, expected, str(after.total), (before, *deletes, after))]


def _broken(answers: list[Answer]) -> list[Problem]:
    # The answers' own requirement, HTTP-1, is judged on every exchange.
    broken = [one for one in answers if one.status >= 500]
    summary = "a call that raced with a delete got a server error"
    actual = broken[0].exchange.outcome() if broken else ""
    return (
        [Problem("CONC-4", summary, "a status below 500", actual, tuple(answers))] if broken else []
    )


def _left_behind(viewer: Participant, chats: list[str]) -> list[Problem]:
    if not chats:
        return []
    found = []
    held, listings = entries(viewer, chats)
    left = [entry for entry in held if entry["chatId"] in chats]
    if left:
        summary = (
            "reactions of a message that was deleted meanwhile are still in the reactions list"
        )
        found.append(Problem("CONC-4", summary, "none", f"{len(left)} of them", listings))
    size, key = viewer.contract.limits.page_size, viewer.contract.limits.created_key
    page = viewer.list(take=size, sort=key, ascending=False)
    back = [message for message in page.messages if message.id in chats]
    if back:
        summary = "a message that was deleted while others reacted to it is still in the list"
        found.append(Problem("CONC-4", summary, "not listed", f"{len(back)} listed", (page,)))
    return found


# -- pages -----------------------------------------------------------------------------------------


@requirement("CONC-6")
def test_walking_the_pages_while_others_send_loses_nothing(
    run: Run, host: Participant, alice: Participant, bob: Participant
) -> None:
    """A reader who goes from the oldest on meets every message that was there at the start."""
    play = paging_races.walking(run, reader=bob, senders=(alice, host, alice))
    race(run, play, plan(run, 8, 40))


# -- any calls -------------------------------------------------------------------------------------


@requirement("CONC-5")
def test_concurrent_calls_on_few_messages_have_an_order(run: Run, habits: Habits) -> None:
    """What callers are told who act on the same two messages can have come about in turn."""
    judge(run, habits, Programme(messages=2, calls=7, deletes=1), plan(run, 20, 100))


@requirement("CONC-5")
def test_concurrent_calls_on_many_messages_have_an_order(run: Run, habits: Habits) -> None:
    """Calls on one message do nothing to any other, sent or deleted at the same time."""
    judge(run, habits, Programme(messages=5, calls=6, deletes=3, sends=3), plan(run, 14, 100))
