"""SARIF 2.1.0: failures as results that point at the operation in the OpenAPI document."""

from __future__ import annotations

import functools
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from conformance import __version__, contract_file, reporting
from conformance.catalogue import Level, Requirement
from conformance.reporting import CHECKER, Entry, Exchange, Finding, account, hostile
from conformance.results import DOCUMENT, StoredRun
from conformance.verdict import Status

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RESULTS = 5000
"""GitHub takes no more from one file."""
LEVELS = {Level.MUST: "error", Level.SHOULD: "warning", Level.OBSERVE: "note"}


def render(run: StoredRun) -> str:
    results = list(_results(run))
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(run)},
                "invocations": [_invocation(run, len(results) - MOST_RESULTS)],
                "columnKind": "unicodeCodePoints",
                "results": results[:MOST_RESULTS],
                "properties": {
                    "verdict": run.results["verdict"],
                    "profile": run.results["profile"],
                },
            }
        ],
    }
    return hostile.document(log)


def _driver(run: StoredRun) -> dict[str, Any]:
    return {
        "name": CHECKER,
        "version": run.results["suite"]["version"],
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in run.catalogue],
    }


def _rule(rule: Requirement) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.text},
        "help": {"text": f"{rule.text}\n\nWhy: {rule.why}\n\nSource: {rule.source}"},
        "defaultConfiguration": {"level": LEVELS[rule.level]},
        "properties": {"tags": [str(rule.level), rule.group]},
    }


def _invocation(run: StoredRun, too_many: int) -> dict[str, Any]:
    """How the run went; what could not be judged is a notification and no result."""
    notes = [
        {
            "level": "warning",
            "message": {"text": _inert(f"not judged: {reporting.ids(entries)}: {reason}")},
        }
        for reason, entries in reporting.unjudged(run).items()
    ]
    notes += [{"level": "error", "message": {"text": _inert(one)}} for one in run.results["errors"]]
    if too_many > 0:
        text = f"{too_many} further results are left out; results.json has them"
        notes.append({"level": "warning", "message": {"text": text}})
    done = not (run.results["errors"] or run.results["interrupted"] or run.results["blocked"])
    return {"executionSuccessful": done, "toolExecutionNotifications": notes}


def _results(run: StoredRun) -> Iterator[dict[str, Any]]:
    rules = {rule.id: number for number, rule in enumerate(run.catalogue)}
    seen: Counter[str] = Counter()
    for entry in run.of_status(Status.FAILED, Status.WAIVED):
        for finding in entry["findings"]:
            mark = _fingerprint(entry, finding, seen)
            yield _result(run, entry, finding, rules.get(entry["id"], -1), mark)


def _fingerprint(entry: Entry, finding: Finding, seen: Counter[str]) -> str:
    """The same for the same failure in each run: no id or time that a target makes is in it."""
    # The number tells findings of one test apart; what they say may hold ids.
    key = "\n".join((entry["id"], finding["test"], finding["pointer"]))
    seen[key] += 1
    return hashlib.sha256(f"{key}\n{seen[key]}".encode(errors="replace")).hexdigest()


def _result(
    run: StoredRun, entry: Entry, finding: Finding, index: int, mark: str
) -> dict[str, Any]:
    decides = reporting.weighs(run, entry["level"])
    shown = account.exchanges(run, finding)
    text = "\n".join(account.lines(run, finding))
    return {
        "ruleId": entry["id"],
        "ruleIndex": index,
        "kind": "fail",
        "level": "error" if decides else "warning",
        "message": {
            "text": _inert(f"{text}\n\nRun only this: {reporting.rerun(run, entry['id'])}")
        },
        "locations": [_location(run, entry, shown)],
        "partialFingerprints": {"requirementTestPointer/v1": mark},
        **_suppression(entry),
        **(_traffic(shown[-1]) if shown else {}),
    }


def _suppression(entry: Entry) -> dict[str, Any]:
    """A waived failure is a result that somebody accepted."""
    if entry["status"] != Status.WAIVED:
        return {}
    why = _inert(reporting.waiver(entry))
    return {"suppressions": [{"kind": "external", "status": "accepted", "justification": why}]}


def _inert(text: str) -> str:
    """Text in which nothing is a link: SARIF reads ``[words](target)`` as one."""
    return hostile.block(text, 20 * hostile.BLOCK).replace("](", "] (")


def _location(run: StoredRun, entry: Entry, shown: list[Exchange]) -> dict[str, Any]:
    operations = [one["operation"] for one in reversed(shown) if one["operation"]]
    if entry["id"] in run.catalogue:
        operations += run.catalogue[entry["id"]].operations
    known = lines(run.contract.content) if run.contract else {}
    line = next((known[one] for one in operations if one in known), 1)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _document(run)},
            "region": {"startLine": line},
        }
    }


def _document(run: StoredRun) -> str:
    """The document's place: the shipped one's in the repository, or that of the run's copy."""
    own = run.contract and run.contract.content != contract_file.packaged().read_bytes()
    return DOCUMENT if own else contract_file.PACKAGED


def _traffic(exchange: Exchange) -> dict[str, Any]:
    request, response = exchange["request"], exchange["response"]
    found: dict[str, Any] = {
        "webRequest": {
            "protocol": "HTTP",
            "version": "1.1",
            "target": hostile.line(request["url"]),
            "method": hostile.line(request["method"]),
            "headers": _headers(request["headers"]),
            "body": {"text": hostile.block(request.get("text", request.get("base64")))},
        }
    }
    if response:
        found["webResponse"] = {
            "protocol": "HTTP",
            "version": hostile.line(response["version"]).removeprefix("HTTP/"),
            "statusCode": response["status"],
            "reasonPhrase": hostile.line(response["reason"]),
            "headers": _headers(response["headers"]),
            "body": {"text": hostile.block(response.get("text", response.get("base64")))},
        }
    return found


def _headers(pairs: list[list[str]]) -> dict[str, str]:
    return {hostile.line(name): hostile.line(value) for name, value in pairs}


# -- lines of the document -------------------------------------------------------------------------


@functools.lru_cache(maxsize=4)
def lines(content: bytes) -> Mapping[str, int]:
    """The line of each operation in a document; none in JSON that is no YAML, as with tabs."""
    try:
        root = yaml.compose(content, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return {}
    return {
        str(name.value): key.start_mark.line + 1
        for paths in _below(root, "paths")
        for _, methods in _entries(paths)
        for key, operation in _entries(methods)
        for name in _below(operation, "operationId")
    }


def _below(node: yaml.Node | None, key: str) -> list[yaml.Node]:
    return [value for name, value in _entries(node) if name.value == key]


def _entries(node: yaml.Node | None) -> list[tuple[yaml.Node, yaml.Node]]:
    return node.value if isinstance(node, yaml.MappingNode) else []
