"""A run keeps the document that it judged by, and everything made of the run later uses that."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from certified import stored
from commands import call
from documents import edited_document
from targets import environment, failed, run, serving

from conformance import certificate, contract_file, rejudging, results, shards, verification
from conformance.certificate import Refused
from conformance.reporting import page, sarif
from conformance.results import DOCUMENT, StoredRun
from conformance.verdict import Exit
from conformance.verification import Outcome


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run by an edited document, against a server of those limits that takes longer texts."""
    home = tmp_path_factory.mktemp("judged")
    edited = home / "edited.yaml"
    edited.write_text(edited_document())
    with serving("send-no-limit", openapi=edited) as server:
        found = run(
            environment(server), home / "run", openapi=str(edited), select=("SEND-6", "LIST-3")
        )
    assert failed(found) == {"SEND-6"}
    edited.unlink()
    return home / "run"


@pytest.fixture
def judged(recorded: Path, tmp_path: Path) -> StoredRun:
    return results.load(Path(shutil.copytree(recorded, tmp_path / "run")))


def test_it_is_kept_octet_for_octet(judged: StoredRun) -> None:
    assert (judged.folder / DOCUMENT).read_text() == edited_document()
    assert judged.contract is not None
    assert judged.contract.limits.message_length == 500


def test_the_page_shows_its_limits(judged: StoredRun) -> None:
    text = page.render(judged)
    assert "message: over 500 long" in text
    assert "another document" not in text


def test_sarif_points_at_its_lines(judged: StoredRun) -> None:
    made = json.loads(sarif.render(judged))["runs"][0]["results"]
    places = [one["locations"][0]["physicalLocation"] for one in made]
    text = (judged.folder / DOCUMENT).read_text().splitlines()
    assert {one["artifactLocation"]["uri"] for one in places} == {DOCUMENT}
    assert {text[one["region"]["startLine"] - 1] for one in places} <= {"    get:", "    post:"}


def test_it_is_replayed_by_it(judged: StoredRun) -> None:
    assert rejudging.replay(judged.folder).exit_status is Exit.OK


def test_parts_hand_it_on(judged: StoredRun, tmp_path: Path) -> None:
    whole = shards.merge([judged], tmp_path / "whole")
    assert (whole.folder / DOCUMENT).read_text() == edited_document()


def lose(file: Path) -> None:
    file.unlink()


def change(file: Path) -> None:
    file.write_text(file.read_text() + "\n")


SPOILS = (lose, change)


@pytest.mark.parametrize("spoil", SPOILS)
def test_without_it_nothing_is_made_up(judged: StoredRun, spoil: Callable[[Path], None]) -> None:
    spoil(judged.folder / DOCUMENT)
    again = results.load(judged.folder)
    assert again.contract is None
    assert "another document" in page.render(again)
    lines = {
        one["locations"][0]["physicalLocation"]["region"]["startLine"]
        for one in json.loads(sarif.render(again))["runs"][0]["results"]
    }
    assert lines == {1}
    done = call("replay", judged.folder, folder=judged.folder)
    assert done.returncode == Exit.USAGE
    assert done.stderr.count("\n") == 1
    assert "--openapi" in done.stderr


def test_the_shipped_one_is_found_where_the_copy_is_lost(tmp_path: Path) -> None:
    run = stored(tmp_path)
    lose(tmp_path / DOCUMENT)
    assert run.contract is not None
    assert run.contract.sha256 == contract_file.load().sha256


def test_json_with_tabs_has_no_lines_and_breaks_nothing() -> None:
    text = json.dumps(yaml.safe_load(edited_document()), indent="\t")
    assert sarif.lines(text.encode()) == {}


# -- certificates ----------------------------------------------------------------------------------


@pytest.mark.parametrize("spoil", SPOILS)
def test_a_certificate_needs_it(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    run = stored(tmp_path)
    spoil(tmp_path / DOCUMENT)
    with pytest.raises(Refused, match=DOCUMENT):
        certificate.write(run)


def test_a_changed_one_is_found(tmp_path: Path) -> None:
    file = certificate.write(stored(tmp_path))
    with (tmp_path / DOCUMENT).open("a") as copy:
        copy.write("\n")
    checks = list(verification.verify(certificate.read(file), tmp_path, None))
    wrong = [check.text for check in checks if check.outcome is Outcome.FAILS]
    assert wrong == [f"{DOCUMENT} is missing or was changed"]
