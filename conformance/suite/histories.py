"""CONC-5: histories of concurrent calls on few messages, and whether some order explains them.

Calls on different messages have nothing to do with one another, so each message is judged apart
(P-compositionality), and a list is read once for each message that it shows. Where a target has one
pin at a time (PIN-8) the pins break this, and only one message is pinned then.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from conformance.client import Answer, Listed, Participant, ReactionsListed, Sent
from conformance.evidence import Finding, Unjudged, current
from conformance.linearize import Bar, Verdict, explain, last_straw, picture, shrink
from conformance.model import Message, Session
from conformance.oracle import EPOCH, Call, Verb
from conformance.run import Run
from conformance.suite.habits import Habits
from conformance.suite.observed import (
    PIN_ONLY,
    WHOLE,
    Aspect,
    absent,
    bar_of_call,
    bar_of_list,
    bar_of_reactions,
)
from conformance.suite.races import (
    CALM_ROUNDS,
    InTurn,
    Plan,
    Start,
    crew,
    enough,
    once_each,
    require_overlaps,
    text,
)
from conformance.values import brief
from conformance.views import find


@dataclass(frozen=True, slots=True)
class Programme:
    """What the callers do: ``calls`` each, on ``messages``, of which ``deletes`` are deleted.

    ``sends`` more messages are sent meanwhile, and acted on like the others.
    """

    messages: int
    calls: int
    deletes: int
    sends: int = 0


LANES = 5
"""Callers at once; where there are fewer people, some have a second device."""


@dataclass(eq=False)
class Thing:
    """A message of a history: what callers know of it, and what they were told about it."""

    number: int
    chat: str
    sender: Participant
    start: Session
    created: datetime | None = None
    reactions: list[tuple[str, Participant]] = field(default_factory=list)
    pin: str = ""
    pinned_unseen: bool = False
    """Whether it was pinned and no list has shown under which id."""
    deleted: bool = False


class Stage:
    """One history while it is made. Callers share what they know, as friends in a room do."""

    def __init__(self, run: Run, habits: Habits, programme: Programme, seed: str) -> None:
        self.run, self.habits, self.programme = run, habits, programme
        self.limits = run.contract.limits
        self.dice = random.Random(seed)
        self.things: list[Thing] = []
        self.answers: list[tuple[Thing | None, Participant, Call | None, Answer]] = []
        self.deletes = programme.deletes
        self.sends = programme.sends
        self._lock = threading.Lock()

    # -- making it -------------------------------------------------------------------------------

    def play(self, start: Start) -> None:
        """Set the messages up, let the callers act, and look at what came of it."""
        members = self.run.home.members
        for number in range(self.programme.messages):
            sender = members[number % 2]
            words = text(f"For many callers on {self.programme.messages} messages")
            self._add(sender.send(words), sender, words, known=True)
        self._look_up()
        people = self.run.home.all
        # The host, who alone may pin, has one device only: alice and bob are those with two.
        callers = [*people, *members, *people][:LANES]
        if start.together:
            start([partial(self._act, caller, self.programme.calls) for caller in callers])
        else:
            turns = callers * self.programme.calls
            self.dice.shuffle(turns)
            start([partial(self._act, caller, 1) for caller in turns])
        self._observe(self.dice.choice(people))

    def _add(self, sent: Sent, sender: Participant, words: str, *, known: bool) -> Thing:
        message = Message(sent.id, words, EPOCH, self.habits.people[sender.name])
        begin = Session((message,)) if known else Session()
        thing = Thing(len(self.things) + 1, sent.id, sender, begin)
        self.things.append(thing)
        return thing

    def _look_up(self) -> None:
        """The times of sending as listed, by which a message is known to be missing later."""
        page = self._newest(self.run.home.host)
        for thing in self.things:
            shown = page.get(thing.chat)
            thing.created = shown.instant if shown else None

    def _newest(self, viewer: Participant) -> Listed:
        size, key = self.limits.page_size, self.limits.created_key
        return viewer.list(take=size, sort=key, ascending=False)

    def _act(self, caller: Participant, calls: int) -> list[Answer]:
        return [self._one(caller) for _ in range(calls)]

    def _one(self, caller: Participant) -> Answer:
        with self._lock:
            chosen = self._choose(caller)
        return chosen()

    # -- what a caller does next -----------------------------------------------------------------

    def _choose(self, caller: Participant) -> Callable[[], Answer]:
        dice = self.dice
        live = [thing for thing in self.things if not thing.deleted]
        # Now and then a call on a message that is deleted, or about to be.
        thing = dice.choice(live if live and dice.random() < 0.85 else self.things)
        deletable = caller.is_host or caller is thing.sender
        if self.sends and dice.random() < 0.2:
            self.sends -= 1
            return partial(self._send, caller)
        if self.deletes and deletable and not thing.deleted and dice.random() < 0.12:
            self.deletes -= 1
            return partial(self._delete, caller, thing)
        forbidden = list(self._forbidden(caller, thing))
        if forbidden and not thing.deleted and dice.random() < 0.12:
            return dice.choice(forbidden)
        choices: list[tuple[float, Callable[[], Answer]]] = [
            (5, partial(self._react, caller, thing, dice.choice(self.limits.reactions))),
            (2, partial(self._list, caller)),
            (1, partial(self._reactions, caller, thing)),
        ]
        mine = [id for id, by in thing.reactions if by is caller or caller.is_host]
        if mine:
            choices.append((4, partial(self._unreact, caller, thing, dice.choice(mine[-3:]))))
        if caller.is_host and (self.habits.many_pins or thing.number == 1):
            choices.append((5, partial(self._pin, caller, thing)))
            if thing.pin:
                choices.append((6, partial(self._unpin, caller, thing, thing.pin)))
            elif thing.pinned_unseen:
                choices.append((8, partial(self._list, caller)))
        weights = [weight for weight, _ in choices]
        return dice.choices(choices, weights)[0][1]

    def _note(
        self, thing: Thing | None, caller: Participant, call: Call | None, answer: Answer
    ) -> Answer:
        self.answers.append((thing, caller, call, answer))
        return answer

    def _send(self, caller: Participant) -> Answer:
        words = text(f"Sent meanwhile by {caller.name}")
        sent = caller.send(words)
        if not sent.accepted:
            return sent
        with self._lock:
            thing = self._add(sent, caller, words, known=False)
        return self._note(thing, caller, Call(Verb.SEND, sent.id, words), sent)

    def _delete(self, caller: Participant, thing: Thing) -> Answer:
        thing.deleted = True
        return self._note(thing, caller, Call(Verb.DELETE, thing.chat), caller.delete(thing.chat))

    def _forbidden(self, caller: Participant, thing: Thing) -> Iterator[Callable[[], Answer]]:
        """Calls that have to be refused (PERM), and of which nobody may see anything."""
        if caller.is_host:
            return
        yield partial(self._pin, caller, thing)
        if caller is thing.sender:
            return
        yield partial(self._try_to_delete, caller, thing)
        if thing.pin:
            yield partial(self._unpin, caller, thing, thing.pin)
        others = [id for id, by in thing.reactions[-4:] if by is not caller]
        if others:
            yield partial(self._unreact, caller, thing, others[-1])

    def _try_to_delete(self, caller: Participant, thing: Thing) -> Answer:
        answer = caller.delete(thing.chat)
        thing.deleted = thing.deleted or answer.accepted
        return self._note(thing, caller, Call(Verb.DELETE, thing.chat), answer)

    def _react(self, caller: Participant, thing: Thing, name: str) -> Answer:
        reacted = caller.react(thing.chat, name)
        if reacted.accepted:
            thing.reactions.append((reacted.id, caller))
        return self._note(thing, caller, Call(Verb.REACT, thing.chat, name), reacted)

    def _unreact(self, caller: Participant, thing: Thing, id: str) -> Answer:
        answer = caller.unreact(thing.chat, id)
        return self._note(thing, caller, Call(Verb.UNREACT, thing.chat, id), answer)

    def _pin(self, caller: Participant, thing: Thing) -> Answer:
        answer = caller.pin(thing.chat)
        thing.pinned_unseen = thing.pinned_unseen or answer.accepted
        return self._note(thing, caller, Call(Verb.PIN, thing.chat), answer)

    def _unpin(self, caller: Participant, thing: Thing, pin: str) -> Answer:
        answer = caller.unpin(thing.chat, pin)
        if thing.pin == pin and caller.is_host:
            thing.pin, thing.pinned_unseen = "", False
        return self._note(thing, caller, Call(Verb.UNPIN, thing.chat, pin), answer)

    def _list(self, caller: Participant) -> Answer:
        page = self._newest(caller)
        if page.accepted:
            for thing in list(self.things):
                shown = page.get(thing.chat)
                thing.pin = (shown.pin if shown else None) or thing.pin
        return self._note(None, caller, None, page)

    def _reactions(self, caller: Participant, thing: Thing) -> Answer:
        return self._note(thing, caller, None, caller.reactions(thing.chat))

    def _observe(self, viewer: Participant) -> None:
        """Both views at the end, of every message."""
        page = self._newest(viewer)
        self._note(None, viewer, None, page)
        for thing in self.things:
            if (
                page.get(thing.chat) is None
                and not thing.deleted
                and not absent(page, thing.created)
            ):
                shown = find(viewer, thing.chat)
                self._note(thing, viewer, None, shown.page if shown else page)
            self._note(thing, viewer, None, viewer.reactions(thing.chat))

    # -- what the callers were told --------------------------------------------------------------

    def bars(self, thing: Thing, aspect: Aspect = WHOLE) -> list[Bar[Session]]:
        """The history of a message, or of one aspect of it."""
        found: list[Bar[Session]] = []
        for about, caller, call, answer in self.answers:
            person = self.habits.people[caller.name]
            if about not in (None, thing):
                continue
            if call is not None:
                if aspect.takes(person, call):
                    found.append(bar_of_call(self.limits, self.habits, person, call, answer, thing))
            elif isinstance(answer, ReactionsListed):
                found += bar_of_reactions(self.limits, thing, answer, aspect)
            elif isinstance(answer, Listed):
                # With a message named, all pages were looked at: not shown is not there.
                missing = about is thing or absent(answer, thing.created)
                found += bar_of_list(caller, thing, answer, aspect, missing)
        return found

    def aspects(self, thing: Thing) -> Iterator[Aspect]:
        """From the narrowest to the whole. Where people share reaction ids, these tell no one."""
        yield PIN_ONLY
        given: dict[str, set[str]] = {}
        for id, by in thing.reactions:
            given.setdefault(self.habits.people[by.name].id, set()).add(id)
        if sum(map(len, given.values())) == len(set[str]().union(*given.values())):
            for who, ids in given.items():
                yield Aspect(pin=False, who=who, ids=frozenset(ids))
        yield Aspect(pin=False)
        yield WHOLE


# -- judging ---------------------------------------------------------------------------------------

SUMMARY = "what concurrent callers were told fits no order of their calls, one at a time"


def judge(run: Run, habits: Habits, programme: Programme, wanted: Plan) -> None:
    """Make histories until enough calls overlapped; record the first one without explanation."""
    verdicts = Counter[Verdict]()
    with crew() as start:
        for number in range(wanted.most):
            current().check()
            stage = Stage(run, habits, programme, f"{run.settings.seed}-{number}")
            with once_each(run) as sure:
                stage.play(start)
            if not sure():
                continue
            judged = {thing.chat: explain(stage.bars(thing), thing.start) for thing in stage.things}
            broken = [one for one in stage.things if judged[one.chat] is Verdict.IMPOSSIBLE]
            if broken:
                record(stage, broken)
                return
            verdicts.update(judged.values())
            if enough(start, wanted, number + 1):
                break
    require_overlaps(start, wanted)
    if verdicts[Verdict.UNDECIDED] > verdicts[Verdict.EXPLAINED]:
        raise Unjudged(f"{verdicts[Verdict.UNDECIDED]} histories took too long to explain")


def record(stage: Stage, broken: list[Thing]) -> None:
    """Tell of a history without an explanation, unless calls made in turn have none either."""
    evidence = current()
    if any(_wrong_in_turn(stage, number) for number in range(2 * CALM_ROUNDS)):
        evidence.leave_open("calls made in turn do not agree with the model either", ["CONC-5"])
        return
    thing, small, last = min(
        ((one, *smallest(stage, one)) for one in broken[:3]), key=lambda one: len(one[1])
    )
    others = len(stage.bars(thing)) - len(small)
    title = f"No order of these calls on message {brief(thing.chat)} explains their answers"
    title += f", whatever became of the {others} other calls on it" if others else ""
    words = [f"{bar.caller}: {bar.label}: {bar.answer}" for bar in small]
    evidence.find(
        Finding(
            evidence.check("CONC-5"),
            SUMMARY,
            "an order, one call at a time, under which the model gives these answers",
            "; ".join(words),
            test=evidence.test,
            exchanges=tuple(dict.fromkeys(bar.exchange for bar in small)),
            history=picture(title, small, last, meanwhile(stage.bars(thing), small)),
        )
    )


def meanwhile(bars: list[Bar[Session]], small: list[Bar[Session]]) -> list[Bar[Session]]:
    """The writes that ran at the same time as the calls that show it: one of them did it."""
    began, ended = min(bar.began for bar in small), max(bar.ended for bar in small)
    known = {bar.exchange for bar in small}
    others = (bar for bar in bars if not bar.reads and bar.exchange not in known)
    return [bar for bar in others if bar.began <= ended and bar.ended >= began]


def _wrong_in_turn(stage: Stage, number: int) -> bool:
    given = stage.programme
    # Each message is deleted once in half of the rounds, so that more than one person deletes.
    deletes = given.messages if number % 2 else given.deletes
    programme = replace(given, calls=2 * given.calls, deletes=deletes)
    calm = Stage(stage.run, stage.habits, programme, f"calm-{number}")
    calm.play(InTurn())
    return any(explain(calm.bars(one), one.start) is Verdict.IMPOSSIBLE for one in calm.things)


def smallest(stage: Stage, thing: Thing) -> tuple[list[Bar[Session]], Bar[Session] | None]:
    """The calls that show it, in order of beginning, from the narrowest aspect that does.

    And the one of them after whose answer no order is left.
    """
    for aspect in stage.aspects(thing):
        bars = stage.bars(thing, aspect)
        if explain(bars, thing.start) is Verdict.IMPOSSIBLE:
            break
    small = sorted(shrink(bars, thing.start), key=lambda bar: bar.began)
    return small, last_straw(bars, small, thing.start)
