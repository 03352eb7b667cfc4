"""Replaying a stored run: the same answers, judged again, come to the same outcomes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import call
from targets import environment, serving

from conformance import rejudging, results
from conformance.reference import roster
from conformance.rejudging import Player, Replay
from conformance.suite import races
from conformance.transport import Transport
from conformance.verdict import Exit, Status, Verdict

CHOSEN = ("--select", "PERM", "--select", "SORT-1", "--select", "LIST-11", "--select", "AUTH")
FAULT = "perm-delete-members"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a command, of two processes, against a server that is gone by now."""
    folder = tmp_path_factory.mktemp("recorded")
    with serving(FAULT, roster=roster.invent(4)) as server:
        env = environment(server)
        words = ("run", *CHOSEN, "--workers", "2", "--report-dir", "run")
        done = call(*words, env=env, folder=folder)
    assert done.returncode == Exit.NON_CONFORMANT, done.stdout + done.stderr
    return folder / "run"


@pytest.fixture
def copied(recorded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(recorded, tmp_path / "run"))


def edit(folder: Path, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> None:
    """Rewrite the recorded exchanges; ``None`` drops one."""
    file = folder / results.EXCHANGES
    lines = (change(json.loads(line)) for line in file.read_text().splitlines())
    file.write_text("".join(json.dumps(one) + "\n" for one in lines if one))


def changed(replay: Replay) -> Iterator[str]:
    return (row.id for row in replay.rows if not row.same)


def test_it_reaches_the_same_outcomes(recorded: Path) -> None:
    replay = rejudging.replay(recorded)
    assert list(changed(replay)) == []
    assert replay.verdict is Verdict.NON_CONFORMANT
    assert replay.exit_status is Exit.OK
    assert replay.answers == len(replay.run.exchanges)
    assert {row.id for row in replay.rows if row.after is Status.FAILED} == {"PERM-1"}


def test_another_answer_is_judged_otherwise(copied: Path) -> None:
    """A recording in which nobody is refused."""

    def accept(one: dict[str, Any]) -> dict[str, Any]:
        if "test_auth" in one["test"] and one["response"]["status"] in (401, 403):
            one["response"]["status"] = 200
        return one

    edit(copied, accept)
    replay = rejudging.replay(copied)
    assert {row.id for row in replay.rows if row.differs} >= {"AUTH-1", "AUTH-2"}
    assert replay.exit_status is Exit.NON_CONFORMANT


def test_what_was_not_recorded_is_not_judged_again(copied: Path) -> None:
    edit(copied, lambda one: None if "test_sort" in one["test"] else one)
    done = call("replay", copied, folder=copied)
    assert done.returncode == Exit.INCONCLUSIVE, done.stdout + done.stderr
    assert "Not judged again" in done.stdout
    assert "SORT-1" in done.stdout
    assert "the recording has no such request" in done.stdout


def test_a_requirement_that_is_new_is_not_a_difference(copied: Path) -> None:
    file = copied / results.RESULTS
    found = json.loads(file.read_text())
    found["requirements"] = [one for one in found["requirements"] if one["id"] != "AUTH-1"]
    file.write_text(json.dumps(found))
    replay = rejudging.replay(copied)
    assert not any(row.differs or row.lost for row in replay.rows)


def test_a_waived_failure_is_a_failure_again(copied: Path) -> None:
    file = copied / results.RESULTS
    found = json.loads(file.read_text())
    for one in found["requirements"]:
        if one["status"] == "failed":
            waiver = {"reason": "later", "expires": None, "link": None}
            one.update(status="waived", waived=waiver)
    file.write_text(json.dumps(found))
    replay = rejudging.replay(copied)
    assert list(changed(replay)) == []


def test_the_command_says_so(recorded: Path, tmp_path: Path) -> None:
    done = call("replay", recorded, folder=tmp_path)
    assert done.returncode == Exit.OK, done.stdout + done.stderr
    assert "Recorded verdict: non-conformant. Verdict now: non-conformant." in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_races_are_judged_again_as_far_as_they_do_not_hang_on_chance(tmp_path: Path) -> None:
    """What callers in a history do next hangs on what others were told: CONC-5 stays open."""
    with serving("race-reaction-lost") as server:
        words = ("run", "--select", "CONC", "--depth", "quick", "--report-dir", "run")
        call(*words, env=environment(server), folder=tmp_path)
    replay = rejudging.replay(tmp_path / "run")
    after = {row.id: row.after for row in replay.rows if row.before is not Status.NOT_SELECTED}
    assert len(after) >= 6
    assert after["CONC-2"] is Status.FAILED
    assert not any(row.differs for row in replay.rows)
    lost = {row.id: row.words for row in replay.rows if row.lost}
    assert set(lost) <= {"CONC-5"}
    assert all("callers at the same time came in another order" in one for one in lost.values())


def test_texts_are_numbered_by_what_they_say() -> None:
    one, other = f"a text {object()}", f"another {object()}"
    assert [races.text(one), races.text(other), races.text(one)] == [
        f"{one} 1",
        f"{other} 1",
        f"{one} 2",
    ]


@pytest.mark.parametrize("empty", [True, False])
def test_nothing_recorded_is_one_line(recorded: Path, tmp_path: Path, empty: bool) -> None:
    if empty:
        shutil.copy(recorded / results.RESULTS, tmp_path)
        (tmp_path / results.EXCHANGES).touch()
    done = call("replay", tmp_path, folder=tmp_path)
    assert done.returncode == Exit.USAGE
    assert done.stderr.count("\n") == 1


def test_a_player_sends_nothing() -> None:
    """All that can send in a transport goes through what a player answers itself."""
    assert Player.reach is not Transport.reach
    assert Player._until_answered is not Transport._until_answered
