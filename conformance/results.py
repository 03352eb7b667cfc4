"""The stored run: what ``results.json`` and the recorded exchanges say, and how they are made."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from conformance import contract_file, recorder
from conformance.catalogue import Catalogue, Level
from conformance.catalogue import load as load_catalogue
from conformance.contract import Contract, ContractError
from conformance.verdict import EXIT_OF, Exit, Status, Verdict, status, verdict

SCHEMA_VERSION = "1.0"
RESULTS = "results.json"
EXCHANGES = "exchanges.jsonl"
DOCUMENT = "openapi.yaml"
"""The document that a run judged by, octet for octet; one in JSON is YAML too."""
PYTEST_HTML = "pytest.html"
CERTIFICATE = "certificate.json"
COMPARISON = "comparison.html"


@dataclass
class Tally:
    """What the tests of one requirement found, added up."""

    checks: int = 0
    exchanges: int = 0
    seconds: float = 0.0
    findings: list[dict[str, Any]] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)


def tally(evidence: Iterable[Mapping[str, Any]]) -> dict[str, Tally]:
    """Add up the evidence of all tests (see ``Evidence.dump``), requirement by requirement.

    The same finding made by several tests, or on several exchanges, counts once.
    """
    found: dict[str, Tally] = {}
    for one in evidence:
        for rule in one["rules"]:
            entry = found.setdefault(rule, Tally())
            entry.tests.append(one["test"])
            entry.seconds += one.get("seconds", 0.0)
        for rule, count in one["checks"].items():
            found.setdefault(rule, Tally()).checks += count
        for rule, count in one["exchanges"].items():
            found.setdefault(rule, Tally()).exchanges += count
        for rule, reason in one["unjudged"].items():
            entry = found.setdefault(rule, Tally())
            entry.unjudged += [] if reason in entry.unjudged else [reason]
        for finding in one["findings"]:
            _add(found.setdefault(finding["requirement"], Tally()), finding)
    return found


def _add(entry: Tally, finding: Mapping[str, Any]) -> None:
    # A finding is evidence of its own, whoever made it.
    entry.checks, entry.exchanges = max(entry.checks, 1), max(entry.exchanges, 1)
    for known in entry.findings:
        if known["summary"] == finding["summary"]:
            known["times"] += 1
            return
    entry.findings.append({**finding, "times": 1})


def requirements(
    tallies: Mapping[str, Tally], selected: Iterable[str], curls: Mapping[str, str], why: str
) -> list[dict[str, Any]]:
    """The ``requirements`` of ``results.json``, in the order of the catalogue.

    ``why`` is the reason for those that no test said anything of.
    """
    chosen = set(selected)
    return [
        _requirement(
            rule.id, rule.level, tallies.get(rule.id, Tally()), rule.id in chosen, curls, why
        )
        for rule in load_catalogue()
    ]


def _requirement(
    id: str, level: Level, entry: Tally, selected: bool, curls: Mapping[str, str], why: str
) -> dict[str, Any]:
    counts = {"findings": len(entry.findings), "unjudged": len(entry.unjudged)}
    evidence = {"checks": entry.checks, "exchanges": entry.exchanges}
    outcome = status(level, **counts, **evidence) if selected else Status.NOT_SELECTED
    reason = "; ".join(entry.unjudged) or why
    return {
        "id": id,
        "level": str(level),
        "status": str(outcome),
        **evidence,
        "seconds": round(entry.seconds, 3),
        "reason": reason if outcome is Status.INCONCLUSIVE else None,
        "findings": [_finding(one, curls) for one in entry.findings] if selected else [],
        "tests": sorted(set(entry.tests)),
    }


def _finding(finding: Mapping[str, Any], curls: Mapping[str, str]) -> dict[str, Any]:
    exchanges = list(finding["exchanges"])
    kept = ("summary", "expected", "actual", "pointer", "test", "example", "times")
    return {
        **{key: finding[key] for key in kept},
        "reproduce": [curls[id] for id in exchanges if id in curls],
        "exchanges": exchanges,
        **({"history": finding["history"]} if finding["history"] else {}),
    }


def judge(entries: Iterable[Mapping[str, Any]], profile: str) -> Verdict:
    """The verdict over the ``requirements`` of a run; LOAD counts where a load was asked for."""
    judged = (
        (Level(one["level"]), Status(one["status"]))
        for one in entries
        if not (one["id"].startswith("LOAD-") and one["status"] == Status.NOT_SELECTED)
    )
    return verdict(judged, profile)


def exit_status(results: Mapping[str, Any]) -> Exit:
    """The exit status that a run ends with.

    A baseline that lists what passes is wrong, which is told where nothing worse is.
    """
    if results["interrupted"]:
        return Exit.INTERRUPTED
    outcome = Verdict(results["verdict"])
    if results["errors"] and outcome is not Verdict.NON_CONFORMANT:
        return Exit.OWN_ERROR
    if results.get("outdated") and EXIT_OF[outcome] is Exit.OK:
        return Exit.USAGE
    return EXIT_OF[outcome]


@dataclass(frozen=True)
class StoredRun:
    """A run as its folder holds it: all that a report may look at.

    ``results`` is the content of ``results.json``; ``exchanges`` are by their ids, each in the
    form of ``Exchange.dump``.
    """

    folder: Path
    results: Mapping[str, Any]
    exchanges: Mapping[str, Mapping[str, Any]]

    @cached_property
    def contract(self) -> Contract | None:
        """What the run judged by: its copy of the document, or the shipped one where it is that.

        ``None`` where neither has the digest that the run states.
        """
        stated = self.results["suite"]["openapi"]["sha256"]
        copy: Traversable = self.folder / DOCUMENT
        for file in (copy, contract_file.packaged()):
            with contextlib.suppress(OSError, ContractError):
                content = file.read_bytes()
                if hashlib.sha256(content).hexdigest() == stated:
                    return contract_file.read(content, str(file))
        return None

    @property
    def catalogue(self) -> Catalogue:
        return load_catalogue()

    def of_status(self, *wanted: Status) -> list[Mapping[str, Any]]:
        return [one for one in self.results["requirements"] if Status(one["status"]) in wanted]


class Unusable(ValueError):
    """A file, a folder or a name that was given and cannot be used; one line."""


class NoRun(Unusable):
    """A folder that holds no run; one line that says what is missing."""


def load(folder: Path) -> StoredRun:
    """The run stored in a folder. Raises :class:`NoRun`."""
    try:
        results = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
        version = results["schemaVersion"]
    except OSError as problem:
        raise NoRun(f"{folder} holds no run: {RESULTS}: {problem.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise NoRun(f"{folder / RESULTS} is no results file of a run") from None
    if str(version).partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
        raise NoRun(f"{folder / RESULTS} has schema version {version}; known is {SCHEMA_VERSION}")
    file = folder / EXCHANGES
    exchanges = recorder.stored(file) if file.is_file() else ()
    return StoredRun(folder, results, {str(one["id"]): one for one in exchanges})


def store(folder: Path, results: Mapping[str, Any]) -> None:
    """Write ``results.json``; a reader never sees half of it."""
    draft = folder / f".{RESULTS}"
    draft.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    draft.replace(folder / RESULTS)
