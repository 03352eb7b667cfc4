"""Sequences: repeatable, without traces, right about what is wrong, and written to be pasted."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance import contract_file, evidence
from conformance.model import Message, Person, Reaction, Session
from conformance.oracle import EPOCH, Call, Outcome, Told, Verb
from conformance.reference import process
from conformance.replay import FromTotal
from conformance.run import Run, open_run
from conformance.settings import Settings
from conformance.suite import test_sequences as suite
from conformance.suite.blame import Deed, Difference, of_answer, of_difference, of_entries
from conformance.suite.cast import assemble
from conformance.suite.freedoms import AGAIN, OTHER, Habit, Habits, habit
from conformance.suite.searching import Failure, Shrinking, play, replayed, terser, tried
from conformance.suite.sequences import (
    ALICE,
    BOB,
    OUTSIDER,
    OWNER,
    Do,
    Programme,
    Step,
    Which,
    paged_programmes,
    programmes,
)
from conformance.target import embedded

LIMITS = contract_file.load(None).limits
UP, DOWN = LIMITS.reactions[:2]
HOST_, ALICE_, BOB_ = (
    Person("h", "host", "s", host=True),
    Person("a", "alice", "s"),
    Person("b", "bob", "s"),
)
YES, NO = Told(Outcome.ACCEPTED), Told(Outcome.REFUSED)


@contextmanager
def running(*deviations: str, depth: str = "quick") -> Iterator[Run]:
    with process.serving(deviations=deviations) as server:
        evidence.begin("a test of sequences", ("STATE-3",))
        run = open_run(embedded(Settings(depth=depth), server))
        run.preflight()
        run.begin_test()
        try:
            yield run
        finally:
            run.close()


def sequences(run: Run) -> evidence.Evidence:
    """What the suite's test says of a run."""
    found = evidence.begin("sequences", ("STATE-3",))
    host, alice, bob = run.home.host, *run.home.members[:2]
    suite.test_any_sequence_of_calls_agrees_with_the_model(run, host, alice, bob)
    return found


def first_failure(run: Run, programme: Programme) -> Failure:
    found = play(assemble(run), programme)
    assert found is not None
    return found


# -- whole runs ------------------------------------------------------------------------------------


def requests(seed: int) -> list[tuple[str, str, int]]:
    """Who called what, with which outcome: ids and ports differ from run to run."""
    with running() as run:
        cast, heard = assemble(run), list[tuple[str, str, int]]()
        run.recorder.listeners.append(
            lambda one: heard.append((one.actor, one.operation, one.status))
        )
        for number in range(2):
            assert tried(cast, programmes(8, 12), seed + number) is None
        assert tried(cast, paged_programmes(LIMITS), seed) is None
        return heard


def test_the_same_seed_sends_the_same_requests() -> None:
    first = requests(7)
    assert first == requests(7)
    assert first != requests(8)


def test_nothing_is_found_on_the_reference_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with running() as run:
        found = sequences(run)
        assert not found.findings
        assert not found.unjudged
        assert found.checks["STATE-3"] > 100
        assert run.home.host.list().total == 0
    assert not list(tmp_path.iterdir())


def test_what_a_sequence_finds_is_shrunk_replayed_and_written_down() -> None:
    with running("seq-reaction-unpins", depth="normal") as run:
        found = sequences(run)
    (finding,) = found.findings
    assert finding.requirement == "STATE-3"
    assert "replayed: 3/3" in finding.actual
    assert finding.exchanges
    assert "$S1_HOST" in finding.example
    assert finding.example.count("/pins") == 1


@pytest.mark.parametrize(
    "id",
    ["reaction-again-renews-id", "second-reaction-replaces", "pin-again-conflicts", "clock-coarse"],
)
def test_a_conforming_target_is_free_to_differ(id: str) -> None:
    with running(id) as run:
        assert not sequences(run).findings


def test_what_a_should_leaves_open_is_no_failure() -> None:
    steps = (Step(Do.SEND), Step(Do.PIN), Step(Do.PIN), Step(Do.UNPIN), Step(Do.UNPIN))
    with running("pin-twice-needs-two-unpins") as run:
        assert play(assemble(run), steps) is None


# -- one failure -----------------------------------------------------------------------------------

REACT_ON_PINNED = (
    Step(Do.SEND, BOB),
    Step(Do.SEND, ALICE),
    Step(Do.PIN),
    Step(Do.LIST, ALICE),
    Step(Do.REACT, BOB),
    Step(Do.DELETE, OWNER),
)


def test_a_failure_keeps_what_it_needs() -> None:
    with running("seq-reaction-unpins") as run:
        cast = assemble(run)
        failure = play(cast, REACT_ON_PINNED)
        assert failure
        assert len(failure.programme) == 5  # what comes after it never happened
        shrunk = Shrinking(cast, failure, 500).shrunk()
        assert [step.do for step in shrunk.programme] == [Do.SEND, Do.PIN, Do.REACT]
        assert replayed(cast, shrunk) == 3


def test_a_failure_that_comes_and_goes_is_unstable() -> None:
    with running("seq-reaction-unpins") as faulty:
        failure = first_failure(faulty, REACT_ON_PINNED)
    with running() as clean:
        assert replayed(assemble(clean), failure) == 0


def pasted(run: Run, text: str, rule: str) -> evidence.Evidence:
    """Run a test as a user would who pastes it."""
    found = evidence.begin("pasted", (rule,))
    space: dict[str, object] = {}
    exec(text, space)
    people = {"host": run.home.host, "alice": run.home.members[0], "bob": run.home.members[1]}
    function = space["test_a_sequence_of_calls"]
    names = function.__code__.co_varnames[: function.__code__.co_argcount]  # type: ignore[attr-defined]
    function(**{name: people[name] for name in names})  # type: ignore[operator]
    return found


CASES = {
    "seq-reaction-unpins": REACT_ON_PINNED,
    "seq-unpin-takes-all": (
        Step(Do.SEND),
        Step(Do.PIN),
        Step(Do.SEND),
        Step(Do.PIN),
        Step(Do.UNPIN),
    ),
    "seq-third-reaction-lost": (
        Step(Do.SEND),
        *(Step(Do.REACT, who) for who in (0, ALICE, BOB)),
    ),
    "state-refused-send-counted": (Step(Do.SEND), Step(Do.SEND, which=Which.MADE_UP, value=6)),
}


@pytest.mark.parametrize("id", CASES)
def test_the_test_that_is_written_down_fails_there_and_passes_elsewhere(id: str) -> None:
    with running(id) as run:
        cast = assemble(run)
        failure = terser(cast, first_failure(run, CASES[id]))
        problem = failure.problem
        text = failure.scribe.test(problem.rule, problem.summary, problem.check)
        assert [one.requirement for one in pasted(run, text, problem.rule).findings] == [
            problem.rule
        ]
    with running() as clean:
        assert not pasted(clean, text, problem.rule).findings


def test_the_script_that_is_written_down_runs() -> None:
    with running("seq-reaction-unpins") as run:
        failure = first_failure(run, REACT_ON_PINNED)
        tokens = {one.secret.name: one.secret.reveal() for one in run.home.all}
        script = failure.scribe.script("It loses its pin.")
        assert not any(token in script for token in tokens.values())
        done = subprocess.run(
            ["bash", "-euc", script], env={**os.environ, **tokens}, capture_output=True, text=True
        )
    assert done.returncode == 0, done.stderr
    assert '"pinned":null' in done.stdout.splitlines()[-1].replace(" ", "")


def test_a_number_is_written_by_its_distance_from_the_total() -> None:
    assert (str(FromTotal(41, 40)), repr(FromTotal(41, 40))) == ("41", "total + 1")
    assert repr(FromTotal(38, 40)) == "total - 2"


# -- who is to blame -------------------------------------------------------------------------------

LONG = "x" * (LIMITS.message_length + 1)
MINE = Message("m", "hi", EPOCH, ALICE_, "p", (Reaction("r", UP, "b"),))
OTHERS = Message("o", "hi", EPOCH, HOST_)
BEFORE = Session((MINE, OTHERS))


def deed(who: Person, call: Call, told: Told = YES, *, stranger: bool = False) -> Deed:
    return Deed(who.name, who.host, who.id, call, told, BEFORE, stranger)


DELETED = deed(ALICE_, Call(Verb.DELETE, "m"))
REACTED = deed(ALICE_, Call(Verb.REACT, "m", DOWN), Told(Outcome.ACCEPTED, "n"))
PINNED = deed(HOST_, Call(Verb.PIN, "m"))
UNPINNED = deed(HOST_, Call(Verb.UNPIN, "m", "p"))
LOST = Difference("o", "reactions", frozenset({(UP, "b")}), frozenset())


@pytest.mark.parametrize(
    "who, call, told, rule",
    [
        (BOB_, Call(Verb.DELETE, "m"), YES, "PERM-1"),
        (BOB_, Call(Verb.DELETE, "o"), YES, "PERM-2"),
        (ALICE_, Call(Verb.UNREACT, "o", "r"), YES, "PERM-3"),
        (ALICE_, Call(Verb.PIN, "m"), YES, "PERM-5"),
        (BOB_, Call(Verb.UNPIN, "m", "p"), YES, "PERM-6"),
        (BOB_, Call(Verb.REACT, "gone", UP), YES, "REACT-6"),
        (BOB_, Call(Verb.REACT, "m", ":tada:"), YES, "REACT-2"),
        (HOST_, Call(Verb.PIN, "gone"), YES, "PIN-4"),
        (ALICE_, Call(Verb.DELETE, "m"), NO, "DEL-1"),
        (HOST_, Call(Verb.DELETE, "m"), NO, "DEL-2"),
        (BOB_, Call(Verb.UNREACT, "m", "r"), NO, "UNREACT-1"),
        (HOST_, Call(Verb.UNREACT, "m", "r"), NO, "UNREACT-2"),
        (HOST_, Call(Verb.UNPIN, "m", "p"), NO, "PIN-2"),
        (BOB_, Call(Verb.REACT, "m", UP), NO, "REACT-1"),
        (BOB_, Call(Verb.SEND, value="hi"), NO, "SEND-1"),
        (BOB_, Call(Verb.SEND, value="hi"), YES, "SEND-2"),
        (BOB_, Call(Verb.SEND, value=LONG), Told(Outcome.ACCEPTED, "n", LONG), "SEND-6"),
        (BOB_, Call(Verb.SEND, value=LONG), Told(Outcome.ACCEPTED, "n", LONG[:-1]), "SEND-7"),
    ],
)
def test_a_wrong_answer_breaks(who: Person, call: Call, told: Told, rule: str) -> None:
    assert of_answer(LIMITS, deed(who, call, told))[0] == rule


@pytest.mark.parametrize(
    "last, difference, rule",
    [
        (None, LOST, "STATE-2"),
        (deed(BOB_, Call(Verb.DELETE, "m"), NO), LOST, "STATE-1"),
        (deed(BOB_, Call(Verb.DELETE, "m"), stranger=True), LOST, "ISO-2"),
        (DELETED, LOST, "DEL-3"),
        (DELETED, Difference("m", "surplus"), "DEL-3"),
        (REACTED, LOST, "REACT-8"),
        (REACTED, Difference("m", "reactions", frozenset({(DOWN, "a")}), frozenset()), "REACT-3"),
        (REACTED, Difference("m", "reactions", frozenset({(UP, "b")}), frozenset()), "REACT-4"),
        (REACTED, Difference("m", "pin", "p", None), "STATE-3"),
        (PINNED, Difference("m", "pin", "q", None), "PIN-1"),
        (PINNED, Difference("m", "text", "hi", "ho"), "PIN-3"),
        (PINNED, LOST, "PIN-3"),
        (UNPINNED, Difference("m", "pin", None, "p"), "PIN-2"),
        (UNPINNED, Difference("o", "pin", "q", None), "STATE-3"),
        (deed(HOST_, Call(Verb.UNPIN, "o", "p")), Difference("m", "pin", "p", None), "PIN-5"),
        (deed(HOST_, Call(Verb.UNREACT, "o", "r")), LOST, "UNREACT-3"),
        (deed(BOB_, Call(Verb.UNREACT, "m", "r")), LOST, "UNREACT-1"),
        (deed(HOST_, Call(Verb.UNREACT, "m", "r")), LOST, "UNREACT-2"),
    ],
)
def test_a_wrong_list_breaks(last: Deed | None, difference: Difference, rule: str) -> None:
    assert of_difference(last, difference)[0] == rule


def test_a_wrong_reactions_list_breaks() -> None:
    new = {("n", DOWN)}
    assert of_entries(REACTED, "m", new, [], there=True)[0] == "REACT-3"
    assert of_entries(REACTED, "o", new, [], there=True)[0] == "RLIST-3"
    assert of_entries(DELETED, "m", set(), [("r", UP)], there=False)[0] == "DEL-4"
    assert of_entries(UNPINNED, "m", new, [("k", DOWN)], there=True)[0] == "PIN-3"
    assert of_entries(None, "m", new, [("k", DOWN)], there=True)[0] == "STATE-2"
    taken = deed(BOB_, Call(Verb.UNREACT, "m", "r"))
    assert of_entries(taken, "m", set(), [("r", UP)], there=True)[0] == "UNREACT-1"


# -- freedoms --------------------------------------------------------------------------------------


def seen(name: str, *after: Reaction, told: Told = YES) -> Habit | None:
    now = Session((Message("m", "hi", EPOCH, ALICE_, "p", after), OTHERS))
    return habit(LIMITS, BEFORE, BOB_, Call(Verb.REACT, "m", name), told, now)


def test_what_a_target_does_is_learned() -> None:
    first, second = Reaction("r", UP, "b"), Reaction("n", DOWN, "b")
    assert seen(UP, first) == Habit(AGAIN, "the same id")
    assert seen(UP, Reaction("n", UP, "b")) == Habit(AGAIN, "a new id")
    assert seen(UP, first, told=NO) == Habit(AGAIN, "refused")
    assert seen(DOWN, first, second) == Habit(OTHER, "kept beside the first")
    assert seen(DOWN, second) == Habit(OTHER, "in its place")


def test_a_target_is_held_to_what_it_did() -> None:
    habits, kept = Habits(), Habit(OTHER, "kept beside the first")
    assert habits.against([kept]) is None
    habits.learn([kept], BEFORE)
    assert habits.against([Habit(OTHER, "in its place")])
    assert not habits.may_crowd(Session((OTHERS,)))
    assert habits.may_crowd(BEFORE)


def test_people_of_another_session_are_strangers() -> None:
    steps = (Step(Do.SEND), Step(Do.DELETE, OUTSIDER), Step(Do.PIN, which=Which.ELSEWHERE))
    with running() as run:
        assert play(assemble(run), steps) is None
    with running("iso-outsider-deletes") as run:
        assert first_failure(run, steps).problem.rule == "ISO-2"
