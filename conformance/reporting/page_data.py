"""What the conformance page says of a run, put together before any of it is drawn."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance import proofs
from conformance.catalogue import Level, Requirement
from conformance.reference import registry
from conformance.reporting import account, hostile
from conformance.reporting.page_exchanges import Call, Calls
from conformance.reporting.page_facts import Fact
from conformance.reporting.page_history import Drawing, drawing
from conformance.reporting.page_svg import Lanes, Timeline, lanes, timeline
from conformance.reporting.page_text import Excerpt, Pieces, cut, difference, excerpt, visible
from conformance.results import StoredRun

OUTCOMES = ("passed", "failed", "waived", "inconclusive", "observed", "not-selected")
LIKE_FAULTS = 3
OPEN_CALLS = 8
"""Calls of one finding that its card spells out; further ones are listed with all others."""


@dataclass(frozen=True)
class Difference:
    """One finding of a card."""

    summary: str
    expected: Pieces
    actual: Pieces
    pointer: str
    excerpt: Excerpt | None
    test: str
    times: int
    calls: tuple[Call, ...]
    lanes: Lanes | None
    timeline: Timeline | None
    history: Drawing | None
    curls: tuple[str, ...]
    example: str
    beyond: int
    """How many of its calls the card does not spell out."""


@dataclass(frozen=True)
class Entry:
    """One requirement of the run, with its rule and what was found."""

    rule: Requirement
    result: Mapping[str, Any]
    findings: tuple[Difference, ...] = ()
    faults: tuple[registry.Deviation, ...] = ()
    facts: tuple[Fact, ...] = ()
    actors: tuple[str, ...] = ()
    rerun: str = ""
    proof: str = ""
    """How many known faults its test finds, as ``3 of 3``."""

    @property
    def id(self) -> str:
        return self.rule.id

    @property
    def status(self) -> str:
        return str(self.result["status"])

    @property
    def failed(self) -> bool:
        return self.status == "failed" or bool(self.findings)

    @property
    def waiver(self) -> str:
        """Why a known failure is let pass, where a baseline says so."""
        given = self.result.get("waived") or ""
        words = given.get("reason", "") if isinstance(given, Mapping) else given
        return visible(words)

    @property
    def tests(self) -> tuple[str, ...]:
        return tuple(visible(test) for test in self.result.get("tests", ()))


@dataclass
class Totals:
    """How many requirements of each level have each outcome."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Passed and failed, and what else occurs."""
        found = dict.fromkeys(outcome for row in self.counts.values() for outcome in row)
        usual = (one for one in OUTCOMES if one in found or one in OUTCOMES[:2])
        return (*usual, *(one for one in found if one not in OUTCOMES))

    def of(self, level: str, outcome: str) -> int:
        return self.counts.get(level, {}).get(outcome, 0)

    def all(self, level: str) -> int:
        return sum(self.counts.get(level, {}).values())


def totals(entries: Iterable[Entry]) -> Totals:
    found = Totals({str(level): {} for level in Level})
    for entry in entries:
        row = found.counts[str(entry.rule.level)]
        row[entry.status] = row.get(entry.status, 0) + 1
    return found


# -- the verdict -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Headline:
    verdict: str
    sentence: str
    also: tuple[str, ...]


def headline(run: StoredRun, counts: Totals) -> Headline:
    """The verdict as a sentence, and what has to be known beside it."""
    verdict = str(run.results["verdict"])
    judged = ("MUST", "SHOULD") if run.results["profile"] == "strict" else ("MUST",)
    sentences = {
        "conformant": f"It conforms: {_held(counts, judged)} hold.",
        "non-conformant": f"It does not conform: {_some(counts, judged, 'failed')} failed.",
        "inconclusive": f"No verdict: {_some(counts, judged, 'inconclusive')} could not be judged.",
        "partial": _partly(counts, judged),
    }
    return Headline(verdict, sentences.get(verdict, verdict), tuple(_also(run, counts, judged)))


def _held(counts: Totals, levels: Iterable[str]) -> str:
    named = [(counts.of(level, "passed"), counts.all(level), level) for level in levels]
    return " and ".join(
        f"all {all} {level}s" if n == all else f"{n} of {all} {level}s" for n, all, level in named
    )


def _some(counts: Totals, levels: Iterable[str], outcome: str) -> str:
    named = [(counts.of(level, outcome), counts.all(level), level) for level in levels]
    return " and ".join(f"{n} of {all} {level}s" for n, all, level in named if n) or "something"


def _partly(counts: Totals, levels: Iterable[str]) -> str:
    waived = [_plural(n, level) for level in levels if (n := counts.of(level, "waived"))]
    if not waived:
        return "What was selected holds, but not every MUST requirement was selected."
    left = any(counts.of(level, "not-selected") for level in levels)
    what = "What was selected holds" if left else "It holds"
    return f"{what}, but for {' and '.join(waived)} waived as known failures."


def _plural(n: int, level: str) -> str:
    return f"{n} {level}{'s' if n > 1 else ''}"


def _also(run: StoredRun, counts: Totals, judged: tuple[str, ...]) -> Iterable[str]:
    results = run.results
    if results.get("interrupted"):
        yield "The run was interrupted; what it had found until then is here."
    if results.get("blocked"):
        yield f"Nothing could be judged: {visible(results['blocked'])}"
    reasons = Counter(one["reason"] for one in results["requirements"] if one["reason"])
    if results["verdict"] == "inconclusive" and reasons and not results.get("blocked"):
        yield f"Most often: {visible(reasons.most_common(1)[0][0])}"
    if results["verdict"] == "non-conformant" and counts.of("MUST", "inconclusive"):
        yield f"{_plural(counts.of('MUST', 'inconclusive'), 'MUST')} could not be judged."
    if "SHOULD" not in judged and counts.of("SHOULD", "failed"):
        yield f"{_plural(counts.of('SHOULD', 'failed'), 'SHOULD')} failed: a warning under core."
    if results.get("errors"):
        yield "The checker itself made errors; they say nothing about the target."
    if results.get("leftovers"):
        yield "Something was left behind in the target."


# -- requirements ----------------------------------------------------------------------------------


class Reader:
    """Makes the entries of a page from a stored run."""

    def __init__(self, run: StoredRun, calls: Calls) -> None:
        self.run, self.calls = run, calls
        self.facts = facts(run)
        self._faults = registry.faults()

    def entries(self) -> tuple[Entry, ...]:
        catalogue = self.run.catalogue
        return tuple(
            self._entry(catalogue[one["id"]], one)
            for one in self.run.results["requirements"]
            if one["id"] in catalogue
        )

    def _entry(self, rule: Requirement, result: Mapping[str, Any]) -> Entry:
        findings = tuple(self._difference(finding) for finding in result["findings"])
        tests = result.get("tests", ())
        actors = (call.actor for test in tests for call in self.calls.by_test.get(test, ()))
        return Entry(
            rule,
            result,
            findings,
            self._alike(rule.id, result) if findings else (),
            tuple(fact for fact in self.facts if rule.id in fact.rules),
            tuple(dict.fromkeys(actors)),
            rerun(self.run.results, rule.id),
            proofs.counts(rule.id),
        )

    def _difference(self, finding: Mapping[str, Any]) -> Difference:
        calls = self.calls.find(finding["exchanges"])
        story = self.calls.find(one["id"] for one in account.story(self.run, finding))
        pointer = str(finding.get("pointer") or "")
        place = excerpt(calls[-1].response_body(), pointer) if calls and pointer else None
        history = drawing(finding.get("history"), self.calls)
        sides = (visible(cut(str(finding[side] or ""), 4_000)) for side in ("expected", "actual"))
        expected, actual = difference(*sides)
        return Difference(
            visible(cut(str(finding["summary"]), 1_000)),
            expected,
            actual,
            visible(pointer),
            place and Excerpt(visible(place.before), visible(place.value), visible(place.after)),
            visible(finding["test"]),
            int(finding.get("times", 1)),
            tuple(calls[-OPEN_CALLS:]),
            None if history else lanes(calls, story),
            None if history else timeline(calls),
            history,
            tuple(hostile.shell(str(line)) for line in finding["reproduce"]),
            cut(str(finding.get("example") or "")),
            max(0, len(calls) - OPEN_CALLS),
        )

    def _alike(self, id: str, result: Mapping[str, Any]) -> tuple[registry.Deviation, ...]:
        """Faults of the reference server that break the same rule, the likest first."""
        said = " ".join(
            f"{one['summary']} {one['expected']} {one['actual']}" for one in result["findings"]
        )[:5_000]
        known = [fault for fault in self._faults if id in fault.breaks]
        known.sort(key=lambda fault: (fault.breaks[0] != id, -_shared(fault.title, said)))
        return tuple(known[:LIKE_FAULTS])


def _shared(one: str, other: str) -> int:
    """How many longer words two texts share."""
    left, right = (set(re.findall(r"\w{4,}", text.lower())) for text in (one, other))
    return len(left & right)


def rerun(results: Mapping[str, Any], *ids: str) -> str:
    """The command that judges only these requirements again, as this run did."""
    words = ["chats-conformance", "run"]
    for id in ids:
        words += ["--select", id]
    url = str(results["target"]["url"])
    words += [] if url == "embedded" else ["--url", url]
    words += ["--profile", "strict"] if results["profile"] == "strict" else []
    words += (
        ["--depth", str(results["depth"])] if results.get("depth", "normal") != "normal" else []
    )
    return shlex.join([*words, "--seed", str(results["seed"])])


# -- the rest --------------------------------------------------------------------------------------


def facts(run: StoredRun) -> tuple[Fact, ...]:
    """What was observed, by topic; the same fact seen by several tests is told once."""
    topics: dict[str, list[Mapping[str, Any]]] = {}
    for one in run.results["observations"]:
        topics.setdefault(str(one["topic"]), []).append(one)
    return tuple(
        Fact(
            visible(topic),
            tuple(dict.fromkeys(visible(cut(str(one["fact"]), 1_000)) for one in seen)),
            tuple(dict.fromkeys(str(one["requirement"]) for one in seen)),
            tuple(dict.fromkeys(id for one in seen for id in one.get("exchanges", ())))[:3],
        )
        for topic, seen in topics.items()
    )


def unjudged(entries: Iterable[Entry]) -> Mapping[str, tuple[Entry, ...]]:
    """Inconclusive requirements by the reason given."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.status == "inconclusive":
            found.setdefault(visible(entry.result.get("reason") or "no reason given"), []).append(
                entry
            )
    ordered = sorted(found.items(), key=lambda one: -len(one[1]))
    return {reason: tuple(members) for reason, members in ordered}
