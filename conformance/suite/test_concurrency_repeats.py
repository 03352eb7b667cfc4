"""CONC: what is done several times at once, as by an impatient thumb, is done once."""

from __future__ import annotations

from collections import Counter
from functools import partial

from conformance.client import Answer, Participant
from conformance.plugin import requirement
from conformance.run import Run
from conformance.suite.races import Problem, Start, entries, newest, plan, race, settled, text


@requirement("CONC-3")
def test_the_same_reaction_sent_many_times_at_once_counts_once(run: Run) -> None:
    """An impatient thumb has one vote, however many of its requests are under way at once."""
    thumb = run.home.members[0] if run.home.members else run.home.host
    race(run, partial(_impatient, run, thumb), plan(run, 14, 40))


def _impatient(run: Run, thumb: Participant, start: Start) -> list[Problem]:
    name, found = run.contract.limits.reactions[0], []
    chats = [thumb.send(text("For an impatient thumb")).id for _ in range(3)]
    answers: list[Answer] = []
    for chat in chats:
        answers += start([partial(thumb.react, chat, name) for _ in range(5)])
    if not settled(answers):
        return []
    held, listings = entries(thumb, chats)
    most = max(Counter(entry["chatId"] for entry in held).values(), default=0)
    if most > 1:
        summary = "the same reaction sent several times at once is listed more than once"
        found.append(
            Problem("CONC-3", summary, "one entry", f"{most} entries", (*answers, *listings))
        )
    shown = {message.id: message for message in newest(thumb, chats)}
    spelled = (name, *run.contract.limits.spellings(name))
    counts = [shown[chat].count(spelled) for chat in chats if chat in shown]
    if max(counts, default=0) > 1:
        summary = "the same reaction sent several times at once counts more than once"
        found.append(Problem("CONC-3", summary, "a count of 1", str(max(counts)), tuple(answers)))
    return found


@requirement("CONC-5")
def test_a_reaction_taken_back_several_times_at_once_is_one_less(
    run: Run, host: Participant, alice: Participant, bob: Participant
) -> None:
    """By who gave it, and by the host: another person's stays (UNREACT-1)."""
    race(run, partial(_take_back_at_once, host, alice, bob), plan(run, 10, 30))


def _take_back_at_once(
    host: Participant, alice: Participant, bob: Participant, start: Start
) -> list[Problem]:
    limits = alice.contract.limits
    name = limits.reactions[0]
    chat = alice.send(text("To be taken back at once")).id
    kept, taken = bob.react(chat, name), alice.react(chat, name)
    if not (kept.accepted and taken.accepted):
        return []
    takers = (alice, host, alice, alice)
    answers = start([partial(one.unreact, chat, taken.id) for one in takers])
    shown = [message for message in newest(bob, [chat]) if message.id == chat]
    listed, ids = bob.reactions(chat), [kept.id]
    count = shown[0].count((name, *limits.spellings(name))) if shown else 0
    if not settled(answers) or (count == 1 and listed.accepted and listed.ids == ids):
        return []
    summary = "of two reactions, one of which was taken back several times at once, not one is left"
    actual = f"count {count}; {len(listed.ids) if listed.accepted else 'none'} listed"
    return [Problem("UNREACT-1", summary, "one in both views", actual, (*answers, listed))]


@requirement("CONC-5")
def test_pins_of_one_message_at_once_are_one_pin(run: Run, host: Participant) -> None:
    """Whatever each of them is answered, one unpin takes it all away (PIN-7)."""
    race(run, partial(_pin_at_once, host), plan(run, 10, 30))


def _pin_at_once(host: Participant, start: Start) -> list[Problem]:
    chat = host.send(text("Pinned by an impatient host")).id
    pins = start([partial(host.pin, chat) for _ in range(4)])
    held = [message.pin for message in newest(host, [chat]) if message.id == chat]
    if not settled(pins) or not held or not held[0]:
        return []
    unpinned = host.unpin(chat, held[0])
    left = [message for message in newest(host, [chat]) if message.id == chat]
    host.delete(chat)
    if not unpinned.accepted or not left or left[0].pin is None:
        return []
    summary = "a message that was pinned several times at once is still pinned after one unpin"
    return [Problem("PIN-7", summary, "not pinned", "pinned", (*pins, unpinned, left[0].page))]
