"""JUnit XML, in the form that Jenkins's xUnit schema, GitLab and GitHub's readers agree on.

What fails the verdict is a ``failure``; a MUST that could not be judged is an ``error``, so that a
pipeline does not pass over it; what does not decide the verdict never turns a pipeline red. A
waived failure is skipped: it fails nothing and is counted as passed by nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from junitparser import Error, Failure, Skipped
from junitparser.xunit2 import JUnitXml, TestCase, TestSuite

from conformance import reporting
from conformance.reporting import Entry, account, hostile
from conformance.results import StoredRun
from conformance.verdict import Status


def render(run: StoredRun) -> str:
    report = JUnitXml("Chats API conformance")
    for group in run.catalogue.groups:
        entries = [one for one in run.results["requirements"] if _group(one) == group.id]
        if entries:
            report.add_testsuite(_suite(run, group.id, group.title, entries))
    report.update_statistics()  # type: ignore[no-untyped-call]
    report.time = round(run.results["seconds"], 3)
    out = BytesIO()
    report.write(out, pretty=True)
    return out.getvalue().decode()


def _group(entry: Entry) -> str:
    return str(entry["id"]).partition("-")[0]


def _suite(run: StoredRun, group: str, title: str, entries: list[Entry]) -> TestSuite:
    suite = TestSuite(f"{group} {title}")  # type: ignore[no-untyped-call]
    suite.timestamp = run.results["started"]
    suite.hostname = hostile.line(run.results["target"]["url"])
    suite.add_property("profile", run.results["profile"])
    suite.add_property("seed", str(run.results["seed"]))
    for entry in entries:
        suite.add_testcase(_case(run, entry, group))
    return suite


def _case(run: StoredRun, entry: Entry, group: str) -> TestCase:
    name = f"{entry['id']} {reporting.title(run, entry['id'])}".strip()
    case = TestCase(name, f"conformance.{group}", entry["seconds"])
    text = "\n\n".join("\n".join(lines) for lines in _findings(run, entry))
    match Status(entry["status"]):
        case Status.FAILED if reporting.weighs(run, entry["level"]):
            failure = Failure(_first(entry), entry["level"])
            failure.text = f"{text}\n\nrun only this: {reporting.rerun(run, entry['id'])}"
            case.result = failure
        case Status.FAILED:
            case.system_out = f"warning: {entry['level']} requirement not met\n\n{text}"
        case Status.WAIVED:
            case.result = Skipped(f"waived: {reporting.waiver(entry)}", entry["level"])
            case.system_out = f"a known failure\n\n{text}"
        case Status.INCONCLUSIVE:
            reason = f"inconclusive: {hostile.line(entry['reason'])}"
            kind = Error if reporting.weighs(run, entry["level"]) else Skipped
            case.result = kind(reason, entry["level"])
        case Status.NOT_SELECTED:
            case.result = Skipped("not selected", entry["level"])
        case Status.OBSERVED:
            facts = [one for one in reporting.facts(run) if one["requirement"] == entry["id"]]
            lines = (f"{hostile.line(one['topic'])}: {hostile.line(one['fact'])}" for one in facts)
            case.system_out = "\n".join(["observed", *lines])
    return case


def _first(entry: Entry) -> str:
    more = len(entry["findings"]) - 1
    summary = hostile.line(entry["findings"][0]["summary"]) if entry["findings"] else "failed"
    return f"{summary} (and {more} more)" if more > 0 else summary


def _findings(run: StoredRun, entry: Entry) -> Iterator[list[str]]:
    for finding in entry["findings"]:
        yield [hostile.block(line) for line in account.lines(run, finding)]
