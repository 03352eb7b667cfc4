"""The command ``report``: render again, compare, and put parts together."""

from __future__ import annotations

import copy
import functools
import io
import json
import re
import tempfile
from itertools import product
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from certified import real, stored
from commands import call
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from targets import environment, run, serving

from conformance import comparison, results, shards
from conformance.certificate import EVIDENCE
from conformance.comparison import Change, change, compare
from conformance.reporting import DEFAULTS, FORMATS, hostile
from conformance.reporting import compare as rendering
from conformance.results import StoredRun
from conformance.shards import Unlike
from conformance.verdict import Exit, Status


@functools.cache
def broken() -> StoredRun:
    """A run of another choice of requirements, against a server with a fault."""
    folder = Path(tempfile.mkdtemp(prefix="conformance-run-"))
    with serving("perm-delete-members") as server:
        run(environment(server), folder, select=("PERM", "DEL-2"))
    return results.load(folder)


# -- what became of a requirement ------------------------------------------------------------------


def test_every_pair_of_outcomes_has_one_word() -> None:
    good, bad = {Status.PASSED, Status.OBSERVED}, {Status.FAILED, Status.WAIVED}
    for before, after in product((*Status, None), repeat=2):
        word = change(before, after)
        assert (word is Change.BROKE) == (before in good and after in bad)
        assert (word is Change.FIXED) == (before in bad and after in good)
        if before == after:
            assert word is (Change.STILL_FAILS if before in bad else None)
        if before not in good | bad and after not in good | bad:
            assert word is None


def test_two_runs_are_told_apart_by_what_changed() -> None:
    found = compare([real(), broken()])
    assert [row.id for row in found.of(Change.BROKE)] == ["PERM-1"]
    assert [row.id for row in found.of(Change.PASSES_NEWLY)] == ["DEL-2"]
    assert {row.id for row in found.of(Change.LOST)} == {"DEL-1", "SEND-10"}
    assert found.of(Change.BROKE)[0].summaries[-1]
    back = compare([broken(), real()])
    assert [row.id for row in back.of(Change.FIXED)] == ["PERM-1"]
    assert "target" in found.unlike


def test_a_run_beside_itself_differs_in_nothing() -> None:
    found = compare([real(), real()])
    assert not any(found.of(one) for one in Change)
    assert found.unlike == {}
    assert not any(drift.word for drift in found.drifts)
    assert len(set(found.names)) == 2


def slowed(run: StoredRun, factor: float) -> StoredRun:
    exchanges = {
        id: {**one, "elapsed": one["elapsed"] * factor + 0.01} for id, one in run.exchanges.items()
    }
    return StoredRun(run.folder, run.results, exchanges)


def test_a_slower_target_is_seen_and_a_few_calls_are_chance() -> None:
    drifts = compare([real(), slowed(real(), 3)]).drifts
    words = {one.operation: (one.word, min(s.calls for s in one.speeds if s)) for one in drifts}
    assert words["listChats"][0] == "slower"
    assert all((word == "slower") == (n >= comparison.ENOUGH_CALLS) for word, n in words.values())
    assert all(one.ratio and one.ratio > 1 for one in drifts)


# -- how it is shown -------------------------------------------------------------------------------


def printed(runs: list[StoredRun], width: int = 120) -> str:
    console = Console(file=io.StringIO(), width=width)
    rendering.show(compare(runs), console, Path("comparison.html"))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_terminal_names_what_broke() -> None:
    text = printed([real(), broken()])
    assert re.search(r"Held before, and fails now \(1\)\n  PERM-1 MUST", text)
    assert "listChats" in text


def test_several_runs_are_a_matrix() -> None:
    text = printed([real(), broken(), real()])
    assert re.search(r"^PERM-1 +MUST +✓ +✕ +✓", text, re.MULTILINE)
    page = rendering.render(compare([real(), broken(), real()]))
    rows = re.findall(r'<tr[^>]*><th scope="row">PERM-1</th>.*</tr>', page)
    assert re.findall(r'class="mark (\S+)"', rows[0]) == ["passed", "failed", "passed"]


def poisoned(text: str) -> StoredRun:
    found: dict[str, Any] = copy.deepcopy(dict(broken().results))
    found["target"] = {"url": text, "server": text}
    for one in found["requirements"]:
        for finding in one["findings"]:
            finding["summary"] = text
        one["reason"] = text if one["status"] == "inconclusive" else one["reason"]
    exchanges = {id: {**one, "operation": text} for id, one in broken().exchanges.items()}
    return StoredRun(Path(f"a{hash(text)}"), found, exchanges)


NASTY = [
    "</style></script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\x1b[31m\x1b]0;t\x07",
    "\u202e\u2066",
    "[bold]x[/]",
    "{{ 7 * 7 }}",
    "y" * 100_000,
]


@settings(max_examples=15, deadline=None)
@given(st.one_of(st.sampled_from(NASTY), st.text(max_size=30)))
def test_a_targets_words_stay_text(text: str) -> None:
    runs = [real(), poisoned(text)]
    page = rendering.render(compare(runs))
    assert not re.search(r"<(script|img)", page)
    assert page.count("</style>") == 1
    for character in page:
        assert character in "\n\t" or not hostile.unseen(character)
    assert all(c == "\n" or not hostile.unseen(c) for c in printed(runs))
    assert len(page) < 1_000_000


# -- parts of one run ------------------------------------------------------------------------------


def part(folder: Path, *chosen: str) -> StoredRun:
    """The real run, as if only these had been selected."""
    found = copy.deepcopy(dict(real().results))
    for one in found["requirements"]:
        if not one["id"].startswith(chosen):
            one.update(status="not-selected", findings=[], reason=None)
    found["verdict"] = "partial"
    return stored(folder, found)


def test_parts_are_judged_as_one(tmp_path: Path) -> None:
    runs = [part(tmp_path / "a", "PERM"), part(tmp_path / "b", "DEL", "SEND")]
    whole = shards.merge(runs, tmp_path / "whole")
    again = {one["id"]: one["status"] for one in whole.results["requirements"]}
    assert again == {one["id"]: one["status"] for one in real().results["requirements"]}
    assert whole.results["requests"] == 2 * real().results["requests"]
    assert len(whole.exchanges) == 2 * len(real().exchanges)
    schema = json.loads(Path(results.__file__).with_name("results.schema.json").read_text())
    jsonschema_rs.validator_for(schema, validate_formats=True).validate(whole.results)


def test_findings_point_at_their_own_exchanges(tmp_path: Path) -> None:
    found = copy.deepcopy(dict(broken().results))
    other = copy.deepcopy(found)
    for one in found["requirements"]:
        if one["id"] == "PERM-1":
            one.update(status="not-selected", findings=[])
    for one in other["requirements"]:
        if one["id"] != "PERM-1":
            one.update(status="not-selected", findings=[], reason=None)
        for finding in one["findings"]:
            calls = [{"call": "c", "exchange": id} for id in finding["exchanges"]]
            finding["history"] = {"title": "t", "calls": calls}
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder, content in zip(folders, (found, other), strict=True):
        folder.mkdir()
        results.store(folder, content)
        source = broken().folder / results.EXCHANGES
        (folder / results.EXCHANGES).write_bytes(source.read_bytes())
    whole = shards.merge([results.load(folder) for folder in folders], tmp_path / "whole")
    (entry,) = whole.of_status(Status.FAILED)
    (before,) = broken().of_status(Status.FAILED)
    for one, old in zip(entry["findings"], before["findings"], strict=True):
        for id, old_id in zip(one["exchanges"], old["exchanges"], strict=True):
            assert {**whole.exchanges[id], "id": ""} == {**broken().exchanges[old_id], "id": ""}
        assert [call["exchange"] for call in one["history"]["calls"]] == one["exchanges"]
    assert whole.results["verdict"] == "non-conformant"
    assert whole.results["exitStatus"] == Exit.NON_CONFORMANT


def test_what_is_no_part_of_one_run_is_refused(tmp_path: Path) -> None:
    a, b = part(tmp_path / "a", "PERM"), part(tmp_path / "b", "PERM-1")
    with pytest.raises(Unlike, match="PERM-1"):
        shards.merge([a, b], tmp_path / "whole")
    with pytest.raises(Unlike, match="target"):
        shards.merge([a, broken()], tmp_path / "whole")
    with pytest.raises(Unlike, match="holds a run already"):
        shards.merge([a], tmp_path / "b")
    assert not (tmp_path / "whole").exists()


# -- the command -----------------------------------------------------------------------------------


def test_one_run_is_rendered_again(tmp_path: Path) -> None:
    folder = stored(tmp_path / "run", dict(real().results)).folder
    done = call("report", folder, folder=tmp_path)
    assert done.returncode == Exit.OK, done.stderr
    assert done.stdout.startswith("Partial: ")
    made = {FORMATS[name].file for name in DEFAULTS}
    assert made == {one.name for one in folder.iterdir()} - set(EVIDENCE)
    done = call("report", folder, "--format", "sarif", "--format", "har", folder=tmp_path)
    assert done.returncode == Exit.OK
    assert (folder / "results.sarif").is_file()
    assert (folder / "exchanges.har").is_file()


def test_two_runs_are_compared_and_parts_merged(tmp_path: Path) -> None:
    a, b = part(tmp_path / "a", "PERM").folder, part(tmp_path / "b", "DEL").folder
    done = call("report", a, b, folder=tmp_path)
    assert done.returncode == Exit.OK, done.stderr
    assert (b / "comparison.html").is_file()
    assert "DEL-1" in done.stdout
    done = call("report", a, b, "--merge", "whole", "--format", "badge", folder=tmp_path)
    assert done.returncode == Exit.OK, done.stderr
    assert (tmp_path / "whole" / "badge.json").is_file()
    assert (tmp_path / "whole" / results.RESULTS).is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["report"], "DIR"),
        (["report", "none"], "holds no run"),
        (["report", ".", "--format", "juint"], "junit"),
        (["report", ".", ".", "--format", "junit"], "one run"),
        (["report", ".", ".", "--output", "no/such/file.html"], "cannot write"),
        (["report", ".", ".", "--merge", "whole"], "both . and . judged"),
        (["verify", "none.json"], "cannot read"),
        (["certify", "none"], "holds no run"),
    ],
)
def test_bad_input_is_one_line(tmp_path: Path, words: list[str], said: str) -> None:
    stored(tmp_path, dict(real().results))
    done = call(*words, folder=tmp_path)
    assert done.returncode == Exit.USAGE, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
