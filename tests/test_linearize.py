"""The search for an order of concurrent calls, against trying all orders."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.linearize import Bar, Verdict, explain, last_straw, picture, shrink

Register = int


def _write(value: int, state: Register) -> Iterable[Register]:
    return (value,)


def _read(value: int, state: Register) -> Iterable[Register]:
    return (state,) if state == value else ()


def _add(most: int, state: Register) -> Iterable[Register]:
    """An addition that may count once or ``most`` times, round a circle of five."""
    return {(state + 1) % 5, (state + most) % 5}


KINDS = {"write": _write, "read": _read, "add": _add}


def bar(kind: str, value: int, began: float, ended: float, caller: str = "alice") -> Bar[Register]:
    return Bar(
        caller, began, ended, partial(KINDS[kind], value), f"{kind} {value}", "200", kind == "read"
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Bar[Register]]:
    found = []
    for caller in range(draw(st.integers(1, 4))):
        clock = draw(st.integers(0, 4))
        for _ in range(draw(st.integers(0, 3))):
            began = clock + draw(st.integers(0, 3))
            clock = began + draw(st.integers(0, 6))
            kind, value = draw(st.sampled_from(list(KINDS))), draw(st.integers(0, 2))
            ended = math.inf if kind != "read" and draw(st.integers(0, 7)) == 0 else float(clock)
            found.append(bar(kind, value, float(began), ended, str(caller)))
    return found[:6]


def _runs(order: Iterable[Bar[Register]], states: set[Register]) -> bool:
    for one in order:
        states = {after for state in states for after in one.after(state)}
    return bool(states)


def _in_order(order: tuple[Bar[Register], ...]) -> bool:
    return all(
        later.ended >= earlier.began
        for place, earlier in enumerate(order)
        for later in order[place + 1 :]
    )


def by_brute_force(history: list[Bar[Register]], start: Register) -> bool:
    """Whether an order of the required calls, with any of the open ones, explains all."""
    required = [one for one in history if one.required]
    open_ended = [one for one in history if not one.required]
    for size in range(len(open_ended) + 1):
        for chosen in itertools.combinations(open_ended, size):
            for order in itertools.permutations([*required, *chosen]):
                if _in_order(order) and _runs(order, {start}):
                    return True
    return False


@settings(max_examples=400, deadline=None)
@given(histories(), st.integers(0, 2))
def test_it_finds_an_order_just_where_one_exists(history: list[Bar[Register]], start: int) -> None:
    expected = Verdict.EXPLAINED if by_brute_force(history, start) else Verdict.IMPOSSIBLE
    assert explain(history, start, seconds=30) is expected


@settings(max_examples=200, deadline=None)
@given(histories(), st.integers(0, 2))
def test_a_shrunk_history_is_impossible_and_has_no_call_too_many(
    history: list[Bar[Register]], start: int
) -> None:
    if explain(history, start) is not Verdict.IMPOSSIBLE:
        return
    small = shrink(history, start, seconds=60)
    left_out = [one for one in history if one not in small]
    loose = [one.loose() for one in left_out if not one.reads]
    assert small
    assert not by_brute_force([*small, *loose], start)
    for one in small:
        rest = [other for other in small if other is not one]
        freed = loose if one.reads else [*loose, one.loose()]
        assert explain([*rest, *freed], start, 20_000) is not Verdict.IMPOSSIBLE


@settings(max_examples=200, deadline=None)
@given(histories(), st.integers(0, 2), st.sets(st.integers(0, 5)))
def test_loose_calls_explain_all_that_they_could(
    history: list[Bar[Register]], start: int, chosen: set[int]
) -> None:
    mixed = [one.loose() if n in chosen and not one.reads else one for n, one in enumerate(history)]
    if by_brute_force(mixed, start):
        assert explain(mixed, start, 20_000) is not Verdict.IMPOSSIBLE


class TestKnownHistories:
    def test_a_read_may_see_a_write_that_is_under_way(self) -> None:
        history = [
            bar("write", 1, 0, 10),
            bar("read", 1, 2, 3, "bob"),
            bar("read", 0, 1, 4, "host"),
        ]
        assert explain(history, 0) is Verdict.EXPLAINED

    def test_a_read_may_not_go_back_behind_another(self) -> None:
        history = [
            bar("write", 1, 0, 10),
            bar("read", 1, 2, 3, "bob"),
            bar("read", 0, 4, 5, "host"),
        ]
        assert explain(history, 0) is Verdict.IMPOSSIBLE

    def test_a_lost_update_is_impossible(self) -> None:
        history = [bar("add", 1, 0, 2), bar("add", 1, 1, 3, "bob"), bar("read", 1, 4, 5)]
        assert explain(history, 0) is Verdict.IMPOSSIBLE

    def test_a_call_without_an_answer_may_have_taken_effect_or_not(self) -> None:
        lost = bar("write", 1, 0, math.inf)
        for seen in (0, 1):
            assert explain([lost, bar("read", seen, 5, 6, "bob")], 0) is Verdict.EXPLAINED
        assert explain([lost, bar("read", 2, 5, 6, "bob")], 0) is Verdict.IMPOSSIBLE

    def test_a_call_without_an_answer_has_no_effect_before_it_began(self) -> None:
        history = [bar("read", 1, 0, 1, "bob"), bar("write", 1, 2, math.inf)]
        assert explain(history, 0) is Verdict.IMPOSSIBLE

    def test_nothing_at_all_is_explained(self) -> None:
        assert explain([], 0) is Verdict.EXPLAINED

    def test_too_few_steps_are_undecided(self) -> None:
        history = [bar("add", 2, 0, 10, str(caller)) for caller in range(8)]
        history.append(bar("read", 99, 11, 12))
        assert explain(history, 0, steps=20) is Verdict.UNDECIDED
        assert explain(history, 0, seconds=30) is Verdict.IMPOSSIBLE


class TestShrinking:
    def test_what_has_no_part_in_it_goes(self) -> None:
        noise = [bar("read", 0, n, n + 0.5, "noise") for n in range(20)]
        wrong = [bar("write", 1, 30, 31), bar("read", 0, 32, 33, "bob")]
        assert shrink([*noise, *wrong], 0) == wrong

    def test_no_effect_is_blamed_whose_cause_was_left_out(self) -> None:
        history = [bar("write", 2, 0, 1), bar("read", 2, 2, 3), bar("read", 0, 4, 5, "bob")]
        # The later read alone would accuse nobody of losing the 2 that was written.
        assert [one.label for one in shrink(history, 0)] == ["read 2", "read 0"]


@settings(max_examples=200, deadline=None)
@given(histories(), st.integers(0, 2))
def test_the_last_straw_is_the_first_answer_without_an_order(
    history: list[Bar[Register]], start: int
) -> None:
    if explain(history, start) is not Verdict.IMPOSSIBLE:
        return
    last = last_straw(history, history, start)
    assert last is not None
    for one in history:
        begun = [other for other in history if other.began <= one.ended]
        known = [o if o.ended <= one.ended else replace(o, ended=math.inf) for o in begun]
        # A read that is not answered yet is not there; by_brute_force could not tell.
        kept = [o for o in known if o.required or not o.reads]
        if one.ended < last.ended:
            assert by_brute_force(kept, start)
        elif one is last:
            assert not by_brute_force(kept, start)


class TestPicture:
    history = (bar("write", 1, 100.0, 100.002), bar("read", 0, 100.003, math.inf, "bob"))

    def test_it_has_lanes_and_calls_from_the_first_beginning_on(self) -> None:
        drawn = picture("A title", self.history, self.history[1])
        assert drawn.lanes == ("alice", "bob")
        assert [(one.lane, one.began, one.ended, one.unexplained) for one in drawn.calls] == [
            (0, 0.0, 2.0, False),
            (1, 3.0, None, True),
        ]

    def test_an_answer_whose_cause_was_left_out_is_not_the_last_straw(self) -> None:
        history = [bar("write", 2, 0, 1), bar("read", 2, 2, 3), bar("read", 0, 4, 5, "bob")]
        small = shrink(history, 0)
        assert small == history[1:]
        assert last_straw(history, small, 0) is history[2]
