"""Known failures: listed ones are waived, and a list that is wrong is an error."""

from __future__ import annotations

import html
import json
import re
import tempfile
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from commands import call
from hypothesis import given
from hypothesis import strategies as st
from targets import environment, run, serving

from conformance import baseline, results
from conformance.baseline import BaselineError, Known
from conformance.catalogue import load as load_catalogue
from conformance.verdict import Exit, Status

FAULT = "perm-delete-members"
TODAY = date(2026, 6, 1)


def written(folder: Path, text: str) -> Path:
    file = folder / "known.toml"
    file.write_text(text, encoding="utf-8")
    return file


def known(id: str, more: str = "reason = 'later'") -> str:
    return f"[[known]]\nid = '{id}'\n{more}\n"


def entry(id: str, status: Status, **more: Any) -> dict[str, Any]:
    return {"id": id, "level": str(load_catalogue()[id].level), "status": str(status), **more}


# -- the file --------------------------------------------------------------------------------------


def test_an_entry_has_a_reason_and_may_have_an_end_and_a_link(tmp_path: Path) -> None:
    text = "id = 'SEND-6'\nreason = 'later'\nexpires = 2026-06-01\nlink = 'https://example.org/1'\n"
    file = written(tmp_path, "[[known]]\n" + text)
    expected = Known("SEND-6", "later", TODAY, "https://example.org/1")
    assert baseline.load(file, TODAY) == {"SEND-6": expected}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[known", "is not TOML"),
        ("[run]\nseed = 1", "nothing else"),
        ("known = 'SEND-6'", "nothing else"),
        ("[[known]]\nreason = 'x'", "needs an id"),
        (known("SEND-6", ""), "has no reason"),
        (known("SEND-6", "reason = '  '"), "has no reason"),
        (known("SEND-6", "reason = 1"), "are texts"),
        (known("SEND-6", "reason = 'x'\nuntil = 2027-01-01"), "unknown key 'until'"),
        (known("SEND-6", "reason = 'x'\nexpires = '2027-01-01'"), "expires at no date"),
        (known("SEND-6", "reason = 'x'\nexpires = 2027-01-01T00:00:00"), "expires at no date"),
        (known("SEND-6", "reason = 'x'\nexpires = 2026-05-31"), "expired on 2026-05-31"),
        (known("SEND-99"), "SEND-99"),
        (known("SEND"), "SEND"),
        (known("SEND-6") + known("SEND-6"), "listed twice"),
    ],
)
def test_a_list_that_is_wrong_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BaselineError) as problem:
        baseline.load(written(tmp_path, text), TODAY)
    assert said in str(problem.value)
    assert "\n" not in str(problem.value)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="cannot read the baseline"):
        baseline.load(tmp_path / "none.toml")


# -- what it does to a run -------------------------------------------------------------------------


@given(st.lists(st.sampled_from([s for s in Status if s is not Status.WAIVED]), min_size=1))
def test_only_listed_failures_are_waived_and_none_is_counted_as_passed(
    statuses: list[Status],
) -> None:
    rules = [rule.id for rule in load_catalogue()][: len(statuses)]
    listed = {id: Known(id, "later") for id in rules[::2]}
    before = [entry(id, status) for id, status in zip(rules, statuses, strict=False)]
    after = baseline.apply(listed, before)
    for old, new in zip(before, after, strict=True):
        waived = old["status"] == Status.FAILED and old["id"] in listed
        assert new["status"] == (Status.WAIVED if waived else old["status"])
        assert ("waived" in new) == waived
    good = {one["id"] for one in before if one["status"] in (Status.PASSED, Status.OBSERVED)}
    assert set(baseline.outdated(listed, before)) == good & set(listed)


def test_a_waived_must_leaves_a_run_partial() -> None:
    entries = [entry(rule.id, Status.PASSED) for rule in load_catalogue()]
    assert results.judge(entries, "core") == "conformant"
    entries[0] = entry(entries[0]["id"], Status.WAIVED)
    assert entries[0]["level"] == "MUST"
    assert results.judge(entries, "core") == "partial"


# -- a new list ------------------------------------------------------------------------------------


def test_an_update_keeps_what_still_fails_and_what_was_not_judged(tmp_path: Path) -> None:
    file = written(
        tmp_path, known("SEND-1") + known("SEND-2") + known("SEND-3", "reason = 'old'\nlink = 'x'")
    )
    found = {
        "requirements": [
            entry("SEND-1", Status.PASSED),
            entry("SEND-2", Status.NOT_SELECTED),
            entry("SEND-3", Status.FAILED),
            entry("SEND-4", Status.FAILED),
            entry("SEND-5", Status.INCONCLUSIVE),
        ]
    }
    assert baseline.update(file, found) == ["SEND-4"]
    entries = tomllib.loads(file.read_text())["known"]
    assert [one["id"] for one in entries] == ["SEND-2", "SEND-3", "SEND-4"]
    assert entries[1] == {"id": "SEND-3", "reason": "old", "link": "x"}
    assert entries[2] == {"id": "SEND-4", "reason": ""}
    with pytest.raises(BaselineError, match="SEND-4 has no reason"):
        baseline.load(file)


def test_an_update_without_failures_is_an_empty_list(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    assert baseline.update(file, {"requirements": [entry("SEND-1", Status.PASSED)]}) == []
    assert baseline.load(file) == {}


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_reason_survives_an_update(reason: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "known.toml"
        waived = {"reason": reason, "expires": "2030-01-02", "link": reason}
        found = {"requirements": [entry("SEND-1", Status.WAIVED, waived=waived)]}
        baseline.update(file, found)
        read = baseline.read(file)["SEND-1"]
        assert (read.reason, read.link) == (reason.strip(), reason)
        assert read.expires == date(2030, 1, 2)


# -- the command -----------------------------------------------------------------------------------


def test_a_gate_passes_with_its_known_failures_reviewed(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    words = ("run", "--select", "PERM-1", "--select", "PERM-2")
    with serving(FAULT) as server:
        env = environment(server)
        first = call(*words, "--baseline-update", file, env=env, folder=tmp_path)
        refused = call(*words, "--baseline", file, env=env, folder=tmp_path)
        file.write_text(file.read_text().replace('reason = ""', 'reason = "not yet mended"'))
        waived = call(*words, "--baseline", file, env=env, folder=tmp_path)
    assert first.returncode == Exit.NON_CONFORMANT
    assert "write a reason for PERM-1" in first.stderr
    assert refused.returncode == Exit.USAGE
    assert "PERM-1 has no reason" in refused.stderr
    assert waived.returncode == Exit.OK, waived.stdout + waived.stderr
    assert "waived" in waived.stdout
    assert "not yet mended" in waived.stdout
    stored = json.loads((tmp_path / "reports" / "results.json").read_text())
    schema = Path(baseline.__file__).with_name("results.schema.json").read_text()
    jsonschema_rs.validator_for(json.loads(schema), validate_formats=True).validate(stored)
    assert stored["verdict"] == "partial"
    (one,) = (one for one in stored["requirements"] if one["id"] == "PERM-1")
    assert one["status"] == "waived"
    assert one["findings"]
    assert one["waived"] == {"reason": "not yet mended", "expires": None, "link": None}
    assert "not yet mended" in (tmp_path / "reports" / "index.html").read_text()


def test_pytest_html_expects_a_known_failure(tmp_path: Path) -> None:
    known = written(tmp_path, '[[known]]\nid = "PERM-1"\nreason = "mended soon"\n')
    with serving(FAULT, "perm-pin-anyone") as server:
        run(environment(server), tmp_path / "run", baseline=str(known), select=("PERM",))
    page = (tmp_path / "run" / results.PYTEST_HTML).read_text(encoding="utf-8")
    blob = re.search(r'data-jsonblob="([^"]*)"', page)
    assert blob
    found = json.loads(html.unescape(blob[1]))["tests"].values()
    rows = [row for rows in found for row in rows]
    waived = [one for one in rows if "waived: PERM-1: mended soon" in one["log"]]
    assert {one["result"] for one in waived} == {"XFailed"}
    assert all("a 4xx status" in one["log"] for one in waived)
    failed = [one for one in rows if one["result"] == "Failed"]
    assert failed
    assert all("PERM-5" in one["log"] for one in failed)


def test_a_listed_failure_that_passes_is_an_error_of_a_run_that_is_stored(tmp_path: Path) -> None:
    file = written(tmp_path, known("PERM-1"))
    done = call("run", "--select", "PERM-1", "--baseline", file, folder=tmp_path)
    assert done.returncode == Exit.USAGE
    assert "PERM-1 passes now" in done.stderr
    assert done.stderr.count("\n") == 1
    stored = json.loads((tmp_path / "reports" / "results.json").read_text())
    assert stored["outdated"] == ["PERM-1"]
    assert stored["exitStatus"] == Exit.USAGE


def test_a_wrong_list_sends_nothing(tmp_path: Path) -> None:
    file = written(tmp_path, known("PERM-1", "reason = 'x'\nexpires = 2020-01-01"))
    done = call("run", "--baseline", file, folder=tmp_path)
    assert done.returncode == Exit.USAGE
    assert "expired on 2020-01-01" in done.stderr
    assert not (tmp_path / "reports").exists()


def test_a_file_to_write_that_cannot_be_read_sends_nothing(tmp_path: Path) -> None:
    file = written(tmp_path, "[[known")
    done = call("run", "--baseline-update", file, folder=tmp_path)
    assert done.returncode == Exit.USAGE
    assert "is not TOML" in done.stderr
    assert not (tmp_path / "reports").exists()
