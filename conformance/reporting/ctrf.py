"""CTRF 1.0.0 (Common Test Report Format): a test for each requirement."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import datetime
from typing import Any

from conformance import reporting
from conformance.reporting import CHECKER, Entry, account, hostile
from conformance.results import StoredRun
from conformance.verdict import Status

STATUSES = ("passed", "failed", "skipped", "pending", "other")


def render(run: StoredRun) -> str:
    results = run.results
    start = round(datetime.fromisoformat(results["started"]).timestamp() * 1000)
    duration = round(results["seconds"] * 1000)
    tests = [_test(run, entry) for entry in results["requirements"]]
    counts = Counter(test["status"] for test in tests)
    report = {
        "reportFormat": "CTRF",
        "specVersion": "1.0.0",
        "reportId": _id(run),
        "timestamp": results["started"],
        "generatedBy": CHECKER,
        "results": {
            "tool": {"name": CHECKER, "version": results["suite"]["version"]},
            "summary": {
                "tests": len(tests),
                **{status: counts[status] for status in STATUSES},
                "suites": len({test["suite"][0] for test in tests}),
                "start": start,
                "stop": start + duration,
                "duration": duration,
                "extra": {"verdict": results["verdict"], "profile": results["profile"]},
            },
            "tests": tests,
            "environment": {"testEnvironment": hostile.line(results["target"]["url"])},
        },
    }
    return hostile.document(report)


def _id(run: StoredRun) -> str:
    """The same each time that the same run is rendered."""
    results = run.results
    parts = (results["target"]["url"], results["started"], results["seconds"], results["seed"])
    return str(uuid.uuid5(uuid.NAMESPACE_URL, hostile.document(parts)))


def _test(run: StoredRun, entry: Entry) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": f"{entry['id']} {reporting.title(run, entry['id'])}".strip(),
        "status": _status(run, entry),
        "rawStatus": entry["status"],
        "duration": round(entry["seconds"] * 1000),
        "suite": [entry["id"].partition("-")[0]],
        "type": "conformance",
        "tags": [entry["level"]],
        "extra": {"checks": entry["checks"], "exchanges": entry["exchanges"]},
    }
    if entry["status"] == Status.WAIVED:
        test["extra"]["waived"] = entry["waived"]
    if entry["findings"]:
        test["message"] = hostile.line(entry["findings"][0]["summary"])
        found = ("\n".join(account.lines(run, one)) for one in entry["findings"])
        test["trace"] = "\n\n".join([*found, f"run only this: {reporting.rerun(run, entry['id'])}"])
    elif entry["reason"]:
        test["message"] = hostile.line(entry["reason"])
    return test


def _status(run: StoredRun, entry: Entry) -> str:
    """In CTRF's words; only what decides the verdict is failed."""
    match Status(entry["status"]):
        case Status.FAILED if reporting.weighs(run, entry["level"]):
            return "failed"
        case Status.PASSED | Status.OBSERVED | Status.FAILED:
            return "passed"
        case Status.INCONCLUSIVE if reporting.weighs(run, entry["level"]):
            return "other"
        case _:
            return "skipped"
