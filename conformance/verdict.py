"""From the evidence for each requirement to the verdict on a target."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum, StrEnum

from conformance.catalogue import Level


class Status(StrEnum):
    """What a run says of one requirement."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    OBSERVED = "observed"
    NOT_SELECTED = "not-selected"
    WAIVED = "waived"
    """Failed, and listed as known: see :mod:`conformance.baseline`."""


class Verdict(StrEnum):
    """What a run says of a target."""

    CONFORMANT = "conformant"
    NON_CONFORMANT = "non-conformant"
    INCONCLUSIVE = "inconclusive"
    PARTIAL = "partial"


class Exit(IntEnum):
    """The exit statuses of the command line."""

    OK = 0
    NON_CONFORMANT = 1
    USAGE = 2
    INCONCLUSIVE = 3
    OWN_ERROR = 4
    INTERRUPTED = 130


EXIT_OF = {
    Verdict.CONFORMANT: Exit.OK,
    Verdict.PARTIAL: Exit.OK,
    Verdict.NON_CONFORMANT: Exit.NON_CONFORMANT,
    Verdict.INCONCLUSIVE: Exit.INCONCLUSIVE,
}


def status(level: Level, *, findings: int, unjudged: int, checks: int, exchanges: int) -> Status:
    """The worst of what the tests of a requirement found; without evidence, inconclusive.

    An OBSERVE is never judged, whatever was found on the way to it.
    """
    if findings and level is not Level.OBSERVE:
        return Status.FAILED
    if unjudged or not checks or not exchanges:
        return Status.INCONCLUSIVE
    return Status.OBSERVED if level is Level.OBSERVE else Status.PASSED


def verdict(requirements: Iterable[tuple[Level, Status]], profile: str) -> Verdict:
    """The verdict over ``(level, status)`` of every requirement of the catalogue.

    A waived one neither fails the target nor lets it be conformant: what is left is partial.
    """
    judged = {Level.MUST, Level.SHOULD} if profile == "strict" else {Level.MUST}
    seen = [status for level, status in requirements if level in judged]
    if Status.FAILED in seen:
        return Verdict.NON_CONFORMANT
    if Status.INCONCLUSIVE in seen:
        return Verdict.INCONCLUSIVE
    if not seen or not {Status.NOT_SELECTED, Status.WAIVED}.isdisjoint(seen):
        return Verdict.PARTIAL
    return Verdict.CONFORMANT
