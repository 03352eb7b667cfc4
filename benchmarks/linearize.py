"""How many histories a second the search for an order of calls gets through."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from functools import partial

from conformance import contract_file
from conformance.contract import Limits
from conformance.linearize import Bar, Verdict, explain
from conformance.model import Fresh, Message, Model, Person, Session
from conformance.oracle import EPOCH, Call, Outcome, Seen, Told, Verb, shown, successors
from conformance.suite.observed import plain

CALLERS = 4
SIZES = (20, 50, 100)
HOST = Person("host", "host", "s1", host=True)
PEOPLE = (HOST, *(Person(name, name, "s1") for name in ("alice", "bob", "carol")))
START = Session((Message("m", "text", EPOCH, PEOPLE[1]),))


def made_up(limits: Limits, dice: random.Random, size: int, *, corrupt: bool) -> list[Bar[Session]]:
    """A history of ``size`` calls on one message, by callers who overlap all the time.

    Each call takes effect at a moment between its beginning and its end. A corrupt history has one
    read, in its middle, of a state that never was.
    """
    moments = sorted(
        (turn + dice.random(), caller)
        for caller in range(CALLERS)
        for turn in range(size // CALLERS)
    )
    model, session, bars = Model(limits), START, []
    for number, (moment, caller) in enumerate(moments):
        turn = int(moment)
        began, ended = (
            turn + (moment - turn) * dice.random(),
            moment + (turn + 1 - moment) * dice.random(),
        )
        person = PEOPLE[caller]
        wrong = corrupt and number == len(moments) // 2
        if wrong or dice.random() < 0.4:
            bars.append(_read(session, person, began, ended, wrong=wrong))
        else:
            bar, session = _write(limits, model, session, dice, person, number, began, ended)
            bars.append(bar)
    return bars


def _read(
    session: Session, person: Person, began: float, ended: float, *, wrong: bool
) -> Bar[Session]:
    message = session.messages[0]
    held = frozenset((one.name, one.by) for one in message.reactions)
    seen = Seen(message.pin, held | {("never", "nobody")} if wrong else held)

    def after(state: Session) -> Iterable[Session]:
        return shown(state, "m", seen)

    return Bar(person.name, began, ended, after, "list", reads=True)


def _write(
    limits: Limits,
    model: Model,
    session: Session,
    dice: random.Random,
    person: Person,
    number: int,
    began: float,
    ended: float,
) -> tuple[Bar[Session], Session]:
    message, id = session.messages[0], str(number)
    own = [one.id for one in message.reactions if one.by == person.id]
    if person.host and dice.random() < 0.3:
        call = Call(Verb.PIN, "m")
        step = model.pin(session, person, "m", Fresh(id, EPOCH))
    elif own and dice.random() < 0.5:
        call = Call(Verb.UNREACT, "m", own[0])
        step = model.unreact(session, person, "m", own[0])
    else:
        call = Call(Verb.REACT, "m", dice.choice(limits.reactions))
        step = model.react(session, person, "m", call.value or "", Fresh(id, EPOCH))
    told = Told(Outcome.ACCEPTED, None if call.verb is Verb.PIN else step.id)
    after = partial(_after, limits, person, call, told)
    return Bar(person.name, began, ended, after, call.verb), step.session


def _after(
    limits: Limits, person: Person, call: Call, told: Told, state: Session
) -> Iterable[Session]:
    kept = frozenset({"REACT-5", "PIN-7", "PIN-8"})
    return plain(successors(limits, state, person, call, told, keeps=kept))


def rate(histories: list[list[Bar[Session]]], expected: Verdict, seconds: float = 1.0) -> float:
    """Histories explained in a second of CPU time."""
    begin, done = time.process_time(), 0
    while time.process_time() - begin < seconds:
        if explain(histories[done % len(histories)], START, seconds=60) is not expected:
            raise AssertionError("the search came to a wrong end")
        done += 1
    return done / (time.process_time() - begin)


def main() -> None:
    limits, dice = contract_file.load(None).limits, random.Random(1)
    print(f"{CALLERS} callers, one message; histories per second of CPU time")
    print(f"{'calls':>6} {'explained':>10} {'impossible':>11}")
    for size in SIZES:
        right = [made_up(limits, dice, size, corrupt=False) for _ in range(50)]
        wrong = [made_up(limits, dice, size, corrupt=True) for _ in range(50)]
        fast, slow = rate(right, Verdict.EXPLAINED), rate(wrong, Verdict.IMPOSSIBLE)
        print(f"{size:>6} {fast:>10.0f} {slow:>11.0f}")


if __name__ == "__main__":
    main()
