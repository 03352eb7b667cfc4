"""Room for a run: what an earlier one left goes, and nothing of anybody else's does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import call

from conformance import contract_file, folder, journal
from conformance.reporting import FORMATS
from conformance.results import DOCUMENT, EXCHANGES, RESULTS
from conformance.run import JOURNAL
from conformance.settings import SettingsError
from conformance.verdict import Exit

SHIPPED = contract_file.load()
EARLIER = {
    *(RESULTS, EXCHANGES, JOURNAL, "pytest.html", "certificate.json", "comparison.html"),
    *(each.file for each in FORMATS.values()),
    *(".results.json", ".index.html", f"gw0-{EXCHANGES}", f"gw11-{JOURNAL}"),
}
OTHERS = {"notes.txt", "my.html", "gw0.jsonl", f"gwx-{EXCHANGES}", ".gitignore", "README.md"}


def names(place: Path) -> set[str]:
    return {one.name for one in place.iterdir()}


def test_what_an_earlier_run_left_goes_and_nothing_else(tmp_path: Path) -> None:
    for name in EARLIER | OTHERS:
        (tmp_path / name).touch()
    (tmp_path / "faults").mkdir()
    (tmp_path / "faults" / RESULTS).touch()
    folder.prepare(tmp_path, SHIPPED)
    assert names(tmp_path) == OTHERS | {"faults", DOCUMENT}
    assert names(tmp_path / "faults") == {RESULTS}


def test_every_report_is_known_by_its_name() -> None:
    documented = Path(__file__).parent.parent / "reports" / "README.md"
    written = {*folder.EVIDENCE, *folder.MADE, DOCUMENT}
    for line in documented.read_text().splitlines():
        if line.startswith("| `"):
            assert line.split("`")[1] in written


def test_where_no_run_was_reports_are_somebody_elses(tmp_path: Path) -> None:
    mine = {"badge.svg", "comparison.html", "certificate.json"}
    for name in mine:
        (tmp_path / name).touch()
    folder.prepare(tmp_path, SHIPPED)
    assert names(tmp_path) == mine | {DOCUMENT}


def test_somebody_elses_document_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / DOCUMENT
    file.write_text("openapi: 3.1.0\n")
    with pytest.raises(SettingsError, match="--report-dir"):
        folder.prepare(tmp_path, SHIPPED)
    assert file.read_text() == "openapi: 3.1.0\n"
    (tmp_path / EXCHANGES).touch()
    folder.prepare(tmp_path, SHIPPED)
    assert file.read_bytes() == SHIPPED.content


def test_a_name_that_is_a_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / RESULTS).touch()
    (tmp_path / "index.html").mkdir()
    with pytest.raises(SettingsError, match="cannot write"):
        folder.prepare(tmp_path, SHIPPED)


def test_the_journals_of_a_broken_off_parallel_run_are_read_too(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).touch()
    note = {"session": "s1", "do": "send", "number": 0, "sender": "host", "text": "t", "at": 1.0}
    (tmp_path / f"gw1-{JOURNAL}").write_text(json.dumps(note) + "\n")
    assert [len(journal.read(file)) for file in folder.journals(tmp_path)] == [0, 1]
    done = call("clean", ".", folder=tmp_path)
    assert done.returncode == Exit.USAGE
    assert "no target" in done.stderr
