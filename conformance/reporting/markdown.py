"""A summary in Markdown, for the page of a pipeline's job; under 1 MiB whatever a target says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance import proofs, reporting
from conformance.catalogue import Level
from conformance.reporting import Entry, Finding, account, hostile
from conformance.results import StoredRun
from conformance.verdict import Status, Verdict

MOST_BYTES = 1_000_000
"""GitHub takes 1 MiB for all of a job's steps together."""
FINDINGS = 5
"""How many findings are shown of a requirement."""
MARKS = {
    Verdict.CONFORMANT: "✅",
    Verdict.PARTIAL: "✅",
    Verdict.INCONCLUSIVE: "⚠️",
    Verdict.NON_CONFORMANT: "❌",
}


def render(run: StoredRun) -> str:
    return _within(_parts(run), MOST_BYTES)


def _within(parts: Iterable[str], most: int) -> str:
    """The parts, as many as fit; what does not is said to be missing."""
    left, kept = most, []
    for part in parts:
        left -= len(part.encode()) + 2
        if left < 0:
            kept.append(
                "_The rest is left out here; `index.html` and `results.json` have all of it._"
            )
            break
        kept.append(part)
    return "\n\n".join(kept) + "\n"


def _parts(run: StoredRun) -> Iterator[str]:
    """Each of these is whole Markdown, so that a cut falls between blocks."""
    results = run.results
    yield f"## {MARKS[Verdict(results['verdict'])]} {reporting.sentence(run)}"
    server = (
        f" ({hostile.code(results['target']['server'])})" if results["target"]["server"] else ""
    )
    yield (
        f"Target {hostile.code(results['target']['url'])}{server}, profile {results['profile']}, "
        f"{results['requests']:,} requests in {results['seconds']:.1f} s, seed {results['seed']}."
    )
    if results["blocked"]:
        yield f"Nothing could be judged: {hostile.code(results['blocked'])}"
    if results["interrupted"]:
        yield "The run was interrupted; what it had judged until then is shown."
    yield _table(run)
    yield from _failures(run)
    yield from _warnings(run)
    yield from _waived(run)
    yield from _unjudged(run)
    yield from _list("Left in the target", run.results["leftovers"])
    yield from _list("Errors of the checker itself", run.results["errors"])
    yield from _facts(run)


def _table(run: StoredRun) -> str:
    counts = reporting.tally(run.results["requirements"])
    rows = ["| | " + " | ".join(Status) + " |", "| --- |" + " ---: |" * len(Status)]
    for level in Level:
        numbers = (counts[level, status] for status in Status)
        rows.append(f"| {level} | " + " | ".join(str(n) if n else "" for n in numbers) + " |")
    return "\n".join(rows)


def _failures(run: StoredRun) -> Iterator[str]:
    found = reporting.failures(run)
    if found:
        yield f"### Failures ({len(found)})"
    for entry in found:
        yield f"#### {_name(run, entry)}"
        if entry["id"] in run.catalogue:
            yield f"Why it matters: {run.catalogue[entry['id']].why}"
        yield from (_finding(run, finding) for finding in entry["findings"][:FINDINGS])
        if (more := len(entry["findings"]) - FINDINGS) > 0:
            yield f"And {more} more of this requirement, in `index.html`."
        yield f"Run only this: {hostile.code(reporting.rerun(run, entry['id']))}"


def _name(run: StoredRun, entry: Entry) -> str:
    known = proofs.words(entry["id"])
    level = f"{entry['level']}; {known}" if known else entry["level"]
    return f"{entry['id']} ({level}) {reporting.title(run, entry['id'])}"


def _finding(run: StoredRun, finding: Finding) -> str:
    rows = [f"- {hostile.code(finding['summary'])}"]
    for label in ("expected", "actual", "pointer"):
        rows += [f"  - {label}: {hostile.code(finding[label])}"] if finding[label] else []
    for one in account.story(run, finding):
        line = f"{account.call(one)} -> {account.answer(one)}"
        rows.append(f"  - {hostile.code(one['id'])}: {hostile.code(line, len(line))}")
    if history := account.history(finding):
        rows += _block("\n".join(history), "text")
    commands = "\n".join(hostile.command(one) for one in finding["reproduce"])
    if commands:
        rows += _block(commands, "sh")
    return "\n".join(rows)


def _block(text: str, language: str) -> list[str]:
    """A code block inside of a list's entry."""
    lines = hostile.fenced(text, language, 5 * hostile.COMMAND).split("\n")
    return ["", *(f"  {line}" for line in lines)]


def _warnings(run: StoredRun) -> Iterator[str]:
    found = reporting.warnings(run)
    if found:
        yield f"### Warnings ({len(found)})"
        yield "\n".join(
            f"- {_name(run, entry)}: {hostile.code(entry['findings'][0]['summary'])}"
            for entry in found
            if entry["findings"]
        )


def _waived(run: StoredRun) -> Iterator[str]:
    found = reporting.waived(run)
    if found:
        yield f"### Waived: known failures ({len(found)})"
        yield "\n".join(
            f"- {_name(run, entry)}: {hostile.code(reporting.waiver(entry))}" for entry in found
        )


def _unjudged(run: StoredRun) -> Iterator[str]:
    found = reporting.unjudged(run)
    if found:
        yield f"### Not judged ({sum(map(len, found.values()))})"
        yield "\n".join(
            f"- {reporting.ids(entries)}: {hostile.code(reason)}"
            for reason, entries in found.items()
        )


def _list(title: str, texts: list[str]) -> Iterator[str]:
    if texts:
        yield f"### {title} ({len(texts)})"
        yield from (f"- {hostile.code(text)}" for text in texts)


def _facts(run: StoredRun) -> Iterator[str]:
    found = reporting.facts(run)
    if found:
        rows = (
            f"- {one['requirement']} {hostile.code(one['topic'])}: {hostile.code(one['fact'])}"
            for one in found
        )
        yield "\n".join(["<details><summary>Observed</summary>", "", *rows, "", "</details>"])
