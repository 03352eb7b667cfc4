"""What a test has to show for itself: checks, findings, observations, exchanges.

One test runs at a time in a process, so the evidence of the running test is a plain module value;
the threads of a race share it.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from conformance.exchange import Exchange
from conformance.history import History


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which the target broke a requirement.

    ``pointer`` is a JSON pointer into the body of the last of ``exchanges`` (their ids), or empty.
    """

    requirement: str
    summary: str
    expected: str = ""
    actual: str = ""
    pointer: str = ""
    test: str = ""
    exchanges: tuple[str, ...] = ()
    example: str = ""
    """A script that repeats it, where the exchanges alone are not enough."""
    history: History | None = None
    """The calls that show it, where it takes calls at the same time."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A fact about the target that no requirement judges."""

    requirement: str
    topic: str
    fact: str
    exchanges: tuple[str, ...] = ()


class Unmet(Exception):
    """The target broke a requirement that the running test builds on; it cannot go on."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(f"{finding.requirement}: {finding.summary}")
        self.finding = finding


class Unjudged(Exception):
    """The running test cannot be judged, through no fault that it could name."""


@dataclass
class Evidence:
    """All that one test found out, requirement by requirement."""

    test: str
    rules: tuple[str, ...]
    checks: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    unjudged: dict[str, str] = field(default_factory=dict)
    observations: list[Observation] = field(default_factory=list)
    exchanges: Counter[str] = field(default_factory=Counter)
    """How many exchanges bear on each requirement; the test's own count for all its rules."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def check(self, rule: str | None = None) -> str:
        """Count a check, for the test's first rule where none is given; gives the rule."""
        chosen = rule or (self.rules[0] if self.rules else "")
        with self._lock:
            self.checks[chosen] += 1
        return chosen

    def find(self, finding: Finding) -> None:
        with self._lock:
            if finding not in self.findings:
                self.findings.append(finding)

    def saw(self, rules: Iterable[str]) -> None:
        with self._lock:
            self.exchanges.update(rules)

    def observe(self, topic: str, fact: str, *on: Exchange, rule: str | None = None) -> None:
        """Record a fact; for an OBSERVE requirement this is its check."""
        chosen = self.check(rule)
        entry = Observation(chosen, topic, fact, tuple(exchange.id for exchange in on))
        with self._lock:
            if entry not in self.observations:
                self.observations.append(entry)

    def leave_open(self, reason: str, rules: Iterable[str] | None = None) -> None:
        """Say that these requirements (default: all of the test's) could not be judged here."""
        for rule in self.rules if rules is None else rules:
            self.unjudged.setdefault(rule, reason)

    def dump(self) -> dict[str, Any]:
        """A JSON form that travels between processes."""
        return {
            "test": self.test,
            "rules": list(self.rules),
            "checks": dict(self.checks),
            "exchanges": dict(self.exchanges),
            "findings": [asdict(finding) for finding in self.findings],
            "unjudged": dict(self.unjudged),
            "observations": [asdict(observation) for observation in self.observations],
        }


_current = Evidence("", ())


def current() -> Evidence:
    """The evidence of the running test."""
    return _current


def begin(test: str, rules: Iterable[str]) -> Evidence:
    global _current
    _current = Evidence(test, tuple(dict.fromkeys(rules)))
    return _current


def resume(evidence: Evidence) -> None:
    """Go on with the evidence of a test that something else interrupted."""
    global _current
    _current = evidence
