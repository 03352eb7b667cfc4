"""From evidence to verdict: no evidence, no pass."""

from __future__ import annotations

from itertools import product

import pytest

from conformance.catalogue import Level
from conformance.verdict import Status, Verdict, status, verdict

MUST, SHOULD, OBSERVE = Level.MUST, Level.SHOULD, Level.OBSERVE
PASSED, FAILED = Status.PASSED, Status.FAILED
INCONCLUSIVE, OBSERVED, NOT_SELECTED = (
    Status.INCONCLUSIVE,
    Status.OBSERVED,
    Status.NOT_SELECTED,
)


@pytest.mark.parametrize(
    ("findings", "unjudged", "checks", "exchanges", "expected"),
    (
        (0, 0, 3, 4, PASSED),
        (1, 0, 3, 4, FAILED),
        (1, 1, 3, 4, FAILED),
        (0, 1, 3, 4, INCONCLUSIVE),
        (0, 0, 0, 4, INCONCLUSIVE),
        (0, 0, 3, 0, INCONCLUSIVE),
        (0, 0, 0, 0, INCONCLUSIVE),
    ),
)
def test_the_worst_of_a_requirements_evidence_counts(
    findings: int, unjudged: int, checks: int, exchanges: int, expected: Status
) -> None:
    counts = {"unjudged": unjudged, "checks": checks, "exchanges": exchanges}
    assert status(MUST, findings=findings, **counts) is expected


@pytest.mark.parametrize("findings", (0, 1))
def test_what_is_only_observed_never_fails(findings: int) -> None:
    def observed(**counts: int) -> Status:
        return status(OBSERVE, findings=findings, **counts)

    assert observed(unjudged=0, checks=1, exchanges=1) is OBSERVED
    assert observed(unjudged=1, checks=1, exchanges=1) is INCONCLUSIVE
    assert observed(unjudged=0, checks=0, exchanges=1) is INCONCLUSIVE


@pytest.mark.parametrize(
    ("must", "should", "core", "strict"),
    (
        (PASSED, PASSED, Verdict.CONFORMANT, Verdict.CONFORMANT),
        (PASSED, FAILED, Verdict.CONFORMANT, Verdict.NON_CONFORMANT),
        (PASSED, INCONCLUSIVE, Verdict.CONFORMANT, Verdict.INCONCLUSIVE),
        (PASSED, NOT_SELECTED, Verdict.CONFORMANT, Verdict.PARTIAL),
        (FAILED, PASSED, Verdict.NON_CONFORMANT, Verdict.NON_CONFORMANT),
        (FAILED, INCONCLUSIVE, Verdict.NON_CONFORMANT, Verdict.NON_CONFORMANT),
        (INCONCLUSIVE, FAILED, Verdict.INCONCLUSIVE, Verdict.NON_CONFORMANT),
        (NOT_SELECTED, PASSED, Verdict.PARTIAL, Verdict.PARTIAL),
    ),
)
def test_the_verdict_of_each_profile(
    must: Status, should: Status, core: Verdict, strict: Verdict
) -> None:
    seen = [(MUST, PASSED), (MUST, must), (SHOULD, should), (OBSERVE, INCONCLUSIVE)]
    assert verdict(seen, "core") is core
    assert verdict(seen, "strict") is strict


def test_nothing_judged_is_never_conformant() -> None:
    assert verdict([], "core") is Verdict.PARTIAL


def test_conformant_needs_every_must_to_have_passed() -> None:
    for statuses in product(Status, repeat=2):
        seen = [(MUST, one) for one in statuses]
        conformant = verdict(seen, "core") is Verdict.CONFORMANT
        good = {PASSED, OBSERVED}
        assert conformant == (set(statuses) <= good)
