"""Programmes: lists of steps that say what people do, in words that fit any session.

A step names things by their place ("the newest message but one", "a reaction that is gone"), so
that a programme still means something when steps are taken out of it. Simple choices come first. A
strategy is made once, as Hypothesis takes a while to look through a new one.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.contract import Limits


class Do(StrEnum):
    """What a step does: the eight operations, many sends at once, and a walk through the pages."""

    SEND = "send"
    REACT = "react"
    UNREACT = "unreact"
    PIN = "pin"
    UNPIN = "unpin"
    DELETE = "delete"
    REACTIONS = "reactions"
    LIST = "list"
    WALK = "walk"
    BURST = "burst"


class Which(StrEnum):
    """Which thing a step is about. ELSEWHERE: of another session, or on another message."""

    KNOWN = "known"
    GONE = "gone"
    ELSEWHERE = "elsewhere"
    MADE_UP = "made up"


HOST, ALICE, BOB, OUTSIDER, OWNER, NEXT = range(6)
"""Who acts. OWNER is whose the thing is: who reacted, or who sent the message.

NEXT is somebody who has not reacted so to the message.
"""


@dataclass(frozen=True, slots=True)
class Step:
    """``who`` does what; afterwards ``viewer`` is shown the list.

    ``chat`` counts messages from the newest back; ``held`` says which reaction or pin; ``value`` is
    the text, the reaction's name or the order of a list.
    """

    do: Do
    who: int = HOST
    chat: int = 0
    which: Which = Which.KNOWN
    held: Which = Which.KNOWN
    value: int = 0
    viewer: int = HOST


Programme = Sequence[Step]

VERBS = (
    *((Do.REACT,) * 10 + (Do.PIN,) * 6 + (Do.UNREACT,) * 5 + (Do.UNPIN,) * 5 + (Do.SEND,) * 4),
    *((Do.DELETE,) * 4 + (Do.REACTIONS,) * 1 + (Do.LIST,) * 2 + (Do.WALK,)),
)
ANYBODY = (*(HOST, ALICE, BOB) * 4, OUTSIDER)
ACTORS = {
    Do.PIN: (*(HOST,) * 14, ALICE, BOB, OUTSIDER),
    Do.UNPIN: (*(HOST,) * 14, ALICE, BOB, OUTSIDER),
    Do.UNREACT: (*(OWNER,) * 9, HOST, HOST, ALICE, BOB, OUTSIDER),
    Do.DELETE: (*(OWNER,) * 4, *(HOST,) * 4, ALICE, BOB, OUTSIDER),
    Do.SEND: (HOST, ALICE, BOB),
    Do.REACT: (*(HOST, ALICE, BOB) * 3, *(NEXT,) * 6, *(OWNER,) * 4, OUTSIDER),
}
WHICH = (Which.KNOWN,) * 24 + (Which.GONE, Which.ELSEWHERE, Which.MADE_UP)
HELD = (Which.KNOWN,) * 17 + (Which.GONE, Which.ELSEWHERE, Which.MADE_UP)
AFTER = (Which.KNOWN, Which.KNOWN, Which.GONE)
"""What a reaction follows on: on anything, or on one that was taken back."""
RECENT = (0, 0, 0, 0, 1, 1, 1, 2, 2, 3)
NUMBERS = range(12)
LONG = range(6, 12)
MEMBERS = (HOST, ALICE, BOB)


def step(verbs: Sequence[Do] = VERBS) -> SearchStrategy[Step]:
    return st.sampled_from(verbs).flatmap(_of)


@functools.cache
def _of(do: Do) -> SearchStrategy[Step]:
    return st.builds(
        Step,
        st.just(do),
        st.sampled_from(ACTORS.get(do, ANYBODY)),
        st.sampled_from(RECENT),
        st.sampled_from(WHICH),
        st.sampled_from(AFTER if do is Do.REACT else HELD),
        st.sampled_from(NUMBERS),
        st.sampled_from(MEMBERS),
    )


def opening(who: int) -> Step:
    return Step(Do.SEND, who)


@functools.cache
def programmes(shortest: int, longest: int) -> SearchStrategy[Programme]:
    """A few messages, and then anything at all."""
    first = st.lists(st.sampled_from(MEMBERS).map(opening), min_size=2, max_size=3)
    rest = st.lists(step(), min_size=shortest, max_size=longest)
    return st.tuples(first, rest).map(lambda both: (*both[0], *both[1]))


@functools.cache
def paged_programmes(limits: Limits) -> SearchStrategy[Programme]:
    """A few messages with reactions and pins, then more than two pages of newer ones."""
    sends = st.lists(st.sampled_from(MEMBERS).map(opening), min_size=2, max_size=3)
    before = st.lists(step((Do.PIN, Do.REACT)), min_size=3, max_size=5)
    burst = st.builds(
        Step,
        st.just(Do.BURST),
        st.sampled_from(MEMBERS),
        value=st.sampled_from((0, *(1, 2, 3) * 3)),
        viewer=st.sampled_from(MEMBERS),
    )
    after = st.lists(step(), min_size=3, max_size=6)
    parts = st.tuples(sends, before, burst, after)
    return parts.map(lambda four: (*four[0], *four[1], four[2], *four[3]))


def burst_size(limits: Limits, value: int) -> int:
    return 2 * limits.page_size + value if value else 1


def sent_text(limits: Limits, step: Step, number: int) -> str:
    """Mostly the same words, so that messages differ by their ids; now and then too many."""
    if step.value in LONG and step.which is not Which.KNOWN:
        return "x" * (limits.message_length + 1)
    return ("the same words" if step.value < 6 else f"number {number}")[: limits.message_length]


def reaction_name(limits: Limits, step: Step) -> str:
    """Mostly the first, so that people meet in it; now and then one that there is not (REACT-2)."""
    names = (*limits.reactions[:1] * 6, *limits.reactions * 2, ":tada:", "")
    return names[step.value % len(names)]


def size(programme: Programme) -> tuple[int, int, str]:
    """By which the simpler of two programmes is less."""
    odd = sum(one.which is not Which.KNOWN or one.held is not Which.KNOWN for one in programme)
    odd += sum(one.do is Do.BURST for one in programme)
    return len(programme), odd, "".join(str(astuple(one)[1:]) for one in programme)
