"""The suite finds each fault under a requirement that it breaks, and nothing on right servers.

A part of the banks is run here; ``nox -s faults`` runs all of them.
"""

from __future__ import annotations

import random

import pytest

from conformance import matrix
from conformance.catalogue import Level
from conformance.catalogue import load as load_catalogue
from conformance.reference import registry
from conformance.settings import Settings

PARTS = 8
PART = 7
SETTINGS = Settings(depth="quick")

FAULTS = registry.faults()[PART::PARTS]
VARIANTS = registry.variants()[PART::PARTS]


def combinations(count: int) -> list[tuple[str, ...]]:
    """Freedoms taken together, three at a time."""
    chance = random.Random(count)
    ids = [one.id for one in registry.variants()]
    return [tuple(chance.sample(ids, 3)) for _ in range(count)]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_a_fault_is_found_under_a_requirement_that_it_breaks(fault: registry.Deviation) -> None:
    row = matrix.judge([fault.id], SETTINGS)
    assert row.ran, "the fault's code was never reached"
    assert row.errors == ()
    assert set(row.found) & set(row.breaks), f"found under {row.found} only"


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.id)
def test_a_right_server_has_no_finding(variant: registry.Deviation) -> None:
    row = matrix.judge([variant.id], SETTINGS)
    assert row.ran, "the variant's code was never reached"
    assert row.errors == ()
    assert row.findings == ()
    assert row.leftovers == 0


@pytest.mark.parametrize("variants", combinations(6), ids="+".join)
def test_freedoms_taken_together_have_no_finding(variants: tuple[str, ...]) -> None:
    row = matrix.judge(variants, SETTINGS)
    assert row.errors == ()
    assert row.findings == ()


def test_every_requirement_has_a_fault_that_proves_its_test() -> None:
    proven = {rule for fault in registry.faults() for rule in fault.breaks}
    wanted = {rule.id for rule in load_catalogue() if rule.level is not Level.OBSERVE}
    assert wanted - proven <= {"LOAD-1"}


def test_every_fault_and_variant_says_in_a_line_what_it_is() -> None:
    for one in registry.deviations().values():
        assert one.title.endswith(".")
        assert "\n" not in one.title


def test_every_fault_names_requirements_that_exist() -> None:
    known = {rule.id for rule in load_catalogue()}
    for fault in registry.faults():
        assert set(fault.breaks) <= known
        assert len(set(fault.breaks)) == len(fault.breaks)
