"""Where the lines of the page's pictures run."""

from __future__ import annotations

from typing import Any

from conformance.reporting.page_exchanges import Call
from conformance.reporting.page_svg import MOST_ROWS, lanes, latency, timeline

BASE = "http://chats.example"


def call(number: int, actor: str = "alice", method: str = "GET", **other: Any) -> Call:
    stored: dict[str, Any] = {
        "id": f"x{number}",
        "test": "t",
        "actor": actor,
        "error": "",
        "curl": "",
    }
    stored |= {"operation": "listChats", "started": 100.0 + number, "elapsed": 0.004}
    stored["request"] = {"method": method, "url": f"{BASE}/v1/chats", "headers": [], "text": ""}
    stored["response"] = {"status": 200, "reason": "OK", "version": "1", "headers": [], "text": ""}
    return Call({**stored, **other}, BASE)


def test_a_finding_stands_among_the_calls_before_it() -> None:
    story = [call(number) for number in range(6)]
    drawing = lanes(story[3:4], story)
    assert drawing is not None
    assert [arrow.call.id for arrow in drawing.arrows] == ["x0", "x1", "x2", "x3"]
    assert [arrow.stressed for arrow in drawing.arrows] == [False, False, False, True]
    assert drawing.left_out == 0


def test_writes_go_before_reads_where_there_is_no_room() -> None:
    story = [call(0, "bob", "POST"), *(call(number) for number in range(1, 40))]
    drawing = lanes(story[-1:], story)
    assert drawing is not None
    assert len(drawing.arrows) == MOST_ROWS
    assert drawing.arrows[0].call.id == "x0"
    assert drawing.left_out == 40 - MOST_ROWS
    assert [actor for actor, _ in drawing.actors] == ["bob", "alice"]


def test_a_finding_without_calls_has_no_picture() -> None:
    assert lanes([], [call(1)]) is None


def test_calls_one_after_another_have_no_timeline() -> None:
    assert timeline([call(1), call(2)]) is None


def test_calls_at_once_have_a_lane_each() -> None:
    calls = [
        call(n, actor, started=100 + n / 1000) for n, actor in enumerate(("alice", "bob", "bob"))
    ]
    drawing = timeline(calls)
    assert drawing is not None
    assert [actor for actor, _ in drawing.lanes] == ["alice", "bob", "bob"]
    assert [bar.id for bar in drawing.bars] == ["x0", "x1", "x2"]


def test_quantiles_are_of_answered_calls() -> None:
    times = [call(number, elapsed=number / 1000) for number in range(1, 101)]
    lost = call(500, elapsed=60.0, response=None)
    found = latency([*times, lost], ["listChats", "sendChat"])
    assert found is not None
    (plot,) = found.plots
    assert plot.calls == 100
    assert [time for _, time, _ in plot.quantiles] == [51.0, 96.0, 100.0, 100.0]
    assert sum(count for _, _, count in plot.bars) == 100


def test_no_answers_no_plots() -> None:
    assert latency([], ["listChats"]) is None
