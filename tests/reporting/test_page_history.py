"""The picture of calls at the same time, from what ``results.json`` says of them."""

from __future__ import annotations

from itertools import combinations, product
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.reporting import account
from conformance.reporting.page_exchanges import Calls
from conformance.reporting.page_history import LETTER, Drawing, drawing
from conformance.results import StoredRun

NOTHING = Calls(StoredRun(Path(), {"target": {"url": "embedded"}}, {}))


def call(lane: int, began: float, ended: float | None, **other: Any) -> dict[str, Any]:
    marks = {"unexplained": False, "meanwhile": False}
    texts = {"call": "react", "answer": "200 OK", "exchange": "x1"}
    return {"lane": lane, "began": began, "ended": ended, **marks, **texts, **other}


def drawn(*calls: dict[str, Any]) -> Drawing:
    lanes = ["alice", "bob", "host"][: 1 + max(one["lane"] for one in calls)]
    made = drawing({"title": "t", "unit": "ms", "lanes": lanes, "calls": list(calls)}, NOTHING)
    assert made is not None
    return made


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    times = st.integers(0, 12).map(float)
    found = []
    for _ in range(draw(st.integers(1, 8))):
        began, length = draw(times), draw(st.one_of(st.none(), times))
        ended = None if length is None else began + length
        answer = "x" * draw(st.integers(0, 60))
        found.append(call(draw(st.integers(0, 2)), began, ended, answer=answer))
    return sorted(found, key=lambda one: float(one["began"]))


def overlap(one: tuple[float, float], other: tuple[float, float], apart: float = 0.0) -> bool:
    return one[0] <= other[1] + apart and other[0] <= one[1] + apart


@given(histories())
def test_what_overlapped_does_so_in_the_picture_and_nothing_else(
    calls: list[dict[str, Any]],
) -> None:
    found = drawn(*calls)
    end = float("inf")
    times = [(c["began"], end if c["ended"] is None else c["ended"]) for c in calls]
    spans = [(bar.x, end if "unended" in bar.marks else bar.x + bar.width) for bar in found.bars]
    for one, other in combinations(range(len(calls)), 2):
        # Places are rounded, and moments that differ stand pixels apart.
        assert overlap(times[one], times[other]) == overlap(spans[one], spans[other], 0.5)


@given(histories())
def test_no_bar_covers_another_and_each_holds_its_text(calls: list[dict[str, Any]]) -> None:
    found = drawn(*calls)
    for one, other in combinations(found.bars, 2):
        beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert one.y != other.y or beside
    for bar in found.bars:
        assert bar.width >= LETTER * max(len(bar.call), len(bar.answer))
        assert bar.x + bar.width <= found.width
        assert bar.y + 36 <= found.height
    for lane, bar in product(found.lanes, found.bars):
        inside = lane.y <= bar.y < lane.y + lane.height
        assert not inside or bar.y + 36 <= lane.y + lane.height


def test_marks_are_told_apart() -> None:
    found = drawn(call(0, 0, None, meanwhile=True), call(1, 1, 2), call(1, 3, 4, unexplained=True))
    assert [bar.marks for bar in found.bars] == ["meanwhile unended", "", "unexplained"]
    assert (found.explained_until, found.others) == (True, 1)


def test_without_a_history_there_is_no_picture() -> None:
    assert drawing(None, NOTHING) is None


def test_it_reads_as_lines() -> None:
    calls = [call(0, 0, None, meanwhile=True), call(1, 1, 2.5, unexplained=True, answer="\x1b[2J")]
    history = {"title": "No order", "unit": "ms", "lanes": ["alice", "bob"], "calls": calls}
    title, first, second = account.history({"history": history})
    assert title == "No order"
    assert "(open)" in first
    assert "alice  react: 200 OK  (meanwhile)" in first
    assert second.endswith(f"bob    react: \\u001b[2J  {account.UNEXPLAINED}")
    assert account.history({}) == []
