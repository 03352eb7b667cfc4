"""GitHub Actions: annotations on the job, and the summary on its page."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

from conformance import reporting
from conformance.reporting import account, hostile, markdown
from conformance.results import StoredRun

MOST = 10
"""GitHub shows ten annotations of each kind for a step."""


def render(run: StoredRun) -> str:
    """The workflow commands, a line each."""
    return "".join(f"{line}\n" for line in _annotations(run))


def publish(run: StoredRun, out: TextIO, env: Mapping[str, str] = os.environ) -> None:
    """On GitHub's runners: print the annotations and append to the job's summary; else nothing."""
    if env.get("GITHUB_ACTIONS") == "true":
        out.write(render(run))
    if summary := env.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(summary).open("a", encoding="utf-8") as file:
                file.write(markdown.render(run))
        except OSError as problem:
            out.write(f"cannot write {summary}: {problem.strerror}\n")


def _annotations(run: StoredRun) -> Iterator[str]:
    yield from _each("error", [_failure(run, one) for one in reporting.failures(run)])
    warned = [_failure(run, one) for one in reporting.warnings(run)]
    warned += [
        ("Not judged", f"{reporting.ids(entries)}: {hostile.line(reason)}")
        for reason, entries in reporting.unjudged(run).items()
    ]
    yield from _each("warning", warned)
    waived = [
        (f"Waived {one['id']}", f"{reporting.title(run, one['id'])}: {reporting.waiver(one)}")
        for one in reporting.waived(run)
    ]
    yield from _each("notice", waived, MOST - 1)
    yield _command("notice", "Conformance", reporting.sentence(run))


def _failure(run: StoredRun, entry: reporting.Entry) -> tuple[str, str]:
    found = ("\n".join(account.lines(run, finding)) for finding in entry["findings"])
    return f"{entry['id']} {reporting.title(run, entry['id'])}", hostile.block("\n\n".join(found))


def _each(kind: str, texts: list[tuple[str, str]], most: int = MOST) -> Iterator[str]:
    """As many as GitHub shows, the last of them saying how many it does not."""
    if len(texts) > most:
        rest = texts[most - 1 :]
        titles = ", ".join(title.partition(" ")[0] for title, _ in rest)
        texts = [*texts[: most - 1], (f"{len(rest)} more", titles)]
    yield from (_command(kind, title, text) for title, text in texts)


def _command(kind: str, title: str, text: str) -> str:
    return f"::{kind} title={_property(title)}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
