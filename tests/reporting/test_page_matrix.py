"""The authorization matrix and the coverage of the document, from runs against known servers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance import engine, results, settings
from conformance.contract_file import load
from conformance.reference import process
from conformance.reporting.page_coverage import coverage
from conformance.reporting.page_exchanges import Calls
from conformance.reporting.page_matrix import Cell, Matrix, matrix
from conformance.results import StoredRun

GROUPS = ["AUTH", "PERM", "ISO"]


def judged(folder: Path, *faults: str) -> StoredRun:
    server = process.start(deviations=faults)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CHATS_URL", server.url)
            for number, session in enumerate(("s1", "s2"), 1):
                host, members = server.roster.tokens(session)
                patch.setenv(f"CHATS_S{number}_HOST", host)
                for place, member in enumerate(members, 1):
                    patch.setenv(f"CHATS_S{number}_MEMBER_{place}", member)
            engine.execute(settings.load(None, {"report_dir": str(folder), "select": GROUPS}))
    finally:
        server.stop()
    return results.load(folder)


def drawn(run: StoredRun) -> Matrix:
    return matrix(Calls(run), load(), run.results["requirements"])


def states(found: Matrix, *wanted: str) -> Mapping[tuple[str, str], Cell]:
    return {
        (operation, column): cell
        for operation, row in found.rows.items()
        for column, cell in row.items()
        if cell.state in wanted
    }


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    return judged(tmp_path_factory.mktemp("right"))


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    faults = ("perm-pin-anyone", "auth-list-is-public", "iso-reactions-of-all")
    return judged(tmp_path_factory.mktemp("wrong"), *faults)


def test_a_right_server_raises_no_alarm(right: StoredRun) -> None:
    found = drawn(right)
    assert found.alarming == 0
    assert found.tried >= 50


def test_strangers_are_refused_everywhere(right: StoredRun) -> None:
    rows = drawn(right).rows
    refused = {row[column].state for row in rows.values() for column in ("anonymous", "garbage")}
    assert refused == {"refused"}


def test_nobody_with_a_token_counts_as_a_stranger(right: StoredRun) -> None:
    """The reference server answers 401 to strangers alone, and to them nothing else."""
    for row in drawn(right).rows.values():
        for column, cell in row.items():
            stranger = column in ("anonymous", "garbage", "scheme")
            assert (401 in cell.statuses) == (stranger and cell.state != "none")


def test_each_fault_stands_out_in_its_cell(wrong: StoredRun) -> None:
    alarmed = set(states(drawn(wrong), "breach"))
    assert ("listChats", "anonymous") in alarmed
    assert ("pinChat", "member") in alarmed
    assert ("listReactions", "other-member") in alarmed
    assert {operation for operation, _ in alarmed} == {"listChats", "pinChat", "listReactions"}


def test_a_cell_leads_to_the_call_that_shows_it(wrong: StoredRun) -> None:
    for cell in states(drawn(wrong), "breach").values():
        assert cell.example is not None
        assert cell.example.id in wrong.exchanges
        assert cell.example.status in (200, 204)


def test_a_refusal_that_changed_something_stands_out(right: StoredRun) -> None:
    refused = states(drawn(right), "refused")["deleteChat", "member"].example
    assert refused is not None
    changed: list[dict[str, Any]] = [{"id": "PERM-1", "findings": [{"exchanges": [refused.id]}]}]
    found = matrix(Calls(right), load(), changed)
    assert found.rows["deleteChat"]["member"].state == "trace"


def test_coverage_tells_what_was_met_from_what_was_not(right: StoredRun) -> None:
    contract = load()
    found = {one.operation: one for one in coverage(Calls(right), contract)}
    assert set(found) == set(contract.operations)
    for one in found.values():
        assert 0 < one.met <= len(one.branches)
        statuses = {branch.label: branch.seen for branch in dict(one.parts)["status"]}
        assert statuses["4XX"] > 0
    listed = dict(found["listChats"].parts)
    limits = contract.limits
    assert f"above {limits.page_size}" in {branch.label for branch in listed["?Take"]}
    assert {branch.label for branch in listed["200 body"]} >= {"messages[].user.name: null"}
    sizes = {branch.label for branch in dict(found["sendChat"].parts)["request body"]}
    assert f"message: over {limits.message_length} long" in sizes


def test_a_status_that_nobody_documented_is_told(right: StoredRun) -> None:
    for one in right.exchanges.values():
        if one["operation"] == "sendChat" and one["response"]["status"] == 200:
            one["response"]["status"] = 299
    found = {one.operation: one for one in coverage(Calls(right), load())}
    strange = [one for one in dict(found["sendChat"].parts)["status"] if not one.documented]
    assert [one.label for one in strange] == ["299"]
