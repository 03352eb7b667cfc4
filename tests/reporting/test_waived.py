"""Known failures in every report: shown with their reason, failing nothing, passed by nobody."""

from __future__ import annotations

import copy
import io
import json
from pathlib import Path
from typing import Any

import pytest
from junitparser.xunit2 import JUnitXml
from rich.console import Console
from sample_runs import of_faulty

from conformance import baseline, plugin, results
from conformance.baseline import Known
from conformance.evidence import Evidence, Finding
from conformance.reporting import (
    ctrf,
    github,
    junit,
    live,
    markdown,
    page,
    sarif,
    sentence,
    terminal,
)
from conformance.results import StoredRun

REASON = "mended in the next release"
KNOWN = Known("PERM-1", REASON, None, "https://example.org/issues/17")


def waived() -> StoredRun:
    """A run whose failure of a MUST is known."""
    run, _ = of_faulty()
    found: dict[str, Any] = copy.deepcopy(dict(run.results))
    known = {one["id"]: KNOWN for one in found["requirements"] if one["status"] == "failed"}
    assert "PERM-1" in known
    found["requirements"] = baseline.apply(known, found["requirements"])
    found["verdict"] = str(results.judge(found["requirements"], found["profile"]))
    return StoredRun(Path("run"), found, run.exchanges)


def test_the_sentence_says_but_for() -> None:
    assert waived().results["verdict"] == "partial"
    assert "but for 1 waived" in sentence(waived())


def test_junit_skips_it() -> None:
    report = JUnitXml.fromstring(junit.render(waived()).encode())
    (case,) = (case for suite in report for case in suite if case.name.startswith("PERM-1 "))
    assert case.is_skipped
    assert REASON in case.result[0].message
    assert report.failures == 0


def test_ctrf_skips_it() -> None:
    tests = json.loads(ctrf.render(waived()))["results"]["tests"]
    (test,) = (one for one in tests if one["name"].startswith("PERM-1 "))
    assert (test["status"], test["rawStatus"]) == ("skipped", "waived")
    assert test["extra"]["waived"]["reason"] == REASON


def test_sarif_suppresses_it() -> None:
    made = json.loads(sarif.render(waived()))["runs"][0]["results"]
    found = [one for one in made if one["ruleId"] == "PERM-1"]
    assert found
    assert all(REASON in one["suppressions"][0]["justification"] for one in found)


def test_people_read_why() -> None:
    run, out = waived(), Console(file=io.StringIO(), width=120)
    terminal.render(run, out, env={"CI": ""})
    assert isinstance(out.file, io.StringIO)
    for text in (out.file.getvalue(), markdown.render(run), github.render(run), page.render(run)):
        assert REASON in text
    assert "::error" not in github.render(run)
    assert "waived" in out.file.getvalue()


@pytest.mark.parametrize(
    ("found", "known", "expected"),
    [
        (["PERM-1"], ["PERM-1"], "skipped"),
        (["PERM-1", "PERM-2"], ["PERM-1"], "failed"),
        (["PERM-1"], ["PERM-2"], "failed"),
        ([], ["PERM-1"], "passed"),
    ],
)
def test_only_known_failures_are_expected(
    found: list[str], known: list[str], expected: str
) -> None:
    evidence = Evidence("test", tuple(found))
    for id in found:
        evidence.find(Finding(id, "it is wrong"))
    waived = {id: Known(id, REASON) for id in known}
    assert plugin.outcome(evidence, "core", waived)[0] == expected


def test_it_is_known_while_the_run_goes_on() -> None:
    out = io.StringIO()
    lines = live.Lines(Console(file=out, width=120), known=["PERM-1"])
    findings = [{"requirement": id, "summary": "x"} for id in ("PERM-1", "PERM-2")]
    lines.ran({"test": "a::b", "findings": findings})
    assert "known    PERM-1: x" in out.getvalue()
    assert "FAILED   PERM-2: x" in out.getvalue()
    assert lines.counts.failed == {"PERM-2"}
