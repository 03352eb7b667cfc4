"""The suite finds each fault under a requirement that it breaks, and nothing on right servers.

A part of the banks is run here, another one each day; ``nox -s faults`` runs all of them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from conformance import matrix, matrix_report, proofs
from conformance.catalogue import Level
from conformance.catalogue import load as load_catalogue
from conformance.reference import registry
from conformance.settings import Settings

PARTS = 16
PART = int(os.environ.get("CHATS_FAULTS_PART", datetime.now(UTC).toordinal())) % PARTS

FAULTS = registry.faults()[PART::PARTS]
VARIANTS = registry.variants()[PART::PARTS]
PAGE = Path(__file__).parent.parent / "docs" / "kill-matrix.md"
COMMITTED = matrix_report.committed(PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_a_fault_is_found_under_requirements_that_it_breaks(fault: registry.Deviation) -> None:
    row = matrix.judge([fault.id])
    assert row.ran, "the fault's code was never reached"
    assert row.errors == ()
    assert set(row.found) & set(row.breaks), f"found under {row.found} only"
    assert row.findings == ()
    assert matrix_report.told(row) == COMMITTED[fault.id][1]


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.id)
def test_a_right_server_has_no_finding(variant: registry.Deviation) -> None:
    row = matrix.judge([variant.id])
    assert row.ran, "the variant's code was never reached"
    assert row.errors == ()
    assert row.findings == ()
    assert row.leftovers == 0
    assert matrix_report.told(row) == COMMITTED[variant.id][1]


FREEDOMS = [variant.id for variant in registry.variants()]


@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.generate],
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(st.sampled_from(FREEDOMS), min_size=2, max_size=4, unique=True))
def test_freedoms_taken_together_have_no_finding(variants: Sequence[str]) -> None:
    found, _ = matrix.execute(variants, Settings(depth="quick", profile="strict"))
    assert found["errors"] == []
    assert [one["id"] for one in found["requirements"] if one["findings"]] == []


def test_the_committed_matrix_is_of_these_faults_and_variants() -> None:
    """``nox -s faults`` renews it."""
    known = {one.id: one.title for one in registry.deviations().values()}
    assert {id: title for id, (title, _) in COMMITTED.items()} == known


def test_every_requirement_has_a_fault_that_proves_its_test() -> None:
    proven = {rule for fault in registry.faults() for rule in fault.breaks}
    wanted = {rule.id for rule in load_catalogue() if rule.level is not Level.OBSERVE}
    assert wanted - proven <= {"LOAD-1"}


def test_every_requirement_has_a_fault_that_is_found_as_such() -> None:
    found = {id for id, proof in proofs.load().items() if proof.found}
    wanted = {rule.id for rule in load_catalogue() if rule.level is not Level.OBSERVE}
    assert wanted - found <= {"LOAD-1"}


def test_every_fault_and_variant_says_in_a_line_what_it_is() -> None:
    for one in registry.deviations().values():
        assert one.title.endswith(".")
        assert "\n" not in one.title


def test_every_fault_names_requirements_that_exist() -> None:
    known = {rule.id for rule in load_catalogue()}
    for fault in registry.faults():
        assert set(fault.breaks) <= known
        assert len(set(fault.breaks)) == len(fault.breaks)
