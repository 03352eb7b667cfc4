"""A run while it goes on: a bar for a person who watches, lines for a log.

Tests run with the standard streams captured, so both write to a copy of the console's stream.
"""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Column

from conformance.catalogue import Level
from conformance.catalogue import load as load_catalogue
from conformance.engine import Progress as Watcher
from conformance.reporting import hostile
from conformance.reporting.terminal import LOG_WIDTH, plain

QUIET_TESTS = 12
"""A file is through when so many tests of others have run since its last one; with several
workers, a few files are under way at once."""


@contextmanager
def watching(
    console: Console,
    profile: str = "core",
    env: Mapping[str, str] = os.environ,
    known: Collection[str] = (),
) -> Iterator[Watcher]:
    """What to give to the engine for the length of a run; ``known`` failures are waived."""
    with _copy(console) as stream:
        if plain(console, env):
            log = Console(file=stream, color_system=None, width=LOG_WIDTH)
            lines = Lines(log, profile, known)
            yield lines
            lines.close()
        else:
            copy = Console(file=stream, force_terminal=True, width=console.width)
            with Bar(copy, profile, known) as bar:
                yield bar


@contextmanager
def _copy(console: Console) -> Iterator[Any]:
    """The console's stream, out of reach of whoever redirects its file descriptor."""
    try:
        number = os.dup(console.file.fileno())
    except (OSError, ValueError, io.UnsupportedOperation, AttributeError):
        yield console.file
        return
    console.file.flush()
    with open(number, "w", encoding=console.encoding, errors="backslashreplace") as stream:
        yield stream


@dataclass
class Counts:
    """The requirements that fail so far, each counted once."""

    profile: str
    known: Collection[str] = ()
    failed: set[str] = field(default_factory=set)
    warned: set[str] = field(default_factory=set)

    def add(self, evidence: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Count what a test found; gives the first finding of each requirement that is new here."""
        fresh = []
        for finding in evidence["findings"]:
            rule = finding["requirement"]
            if rule not in self.failed | self.warned:
                (self.failed if self.decides(rule) else self.warned).add(rule)
                fresh.append(finding)
        return fresh

    def decides(self, rule: str) -> bool:
        if rule in self.known:
            return False
        level = load_catalogue()[rule].level
        return level is Level.MUST or (level is Level.SHOULD and self.profile == "strict")

    def text(self) -> str:
        return f"{len(self.failed)} failed, {len(self.warned)} warned"


class Bar:
    """A progress bar with the requirement at work and the failures so far."""

    def __init__(
        self, console: Console, profile: str = "core", known: Collection[str] = ()
    ) -> None:
        self.counts = Counts(profile, known)
        self.tests: TaskID | None = None
        fixed, rest = Column(no_wrap=True, min_width=7), Column(no_wrap=True, ratio=1)
        self.progress = Progress(
            SpinnerColumn(),
            BarColumn(20, table_column=Column(min_width=20)),
            MofNCompleteColumn(table_column=fixed),
            TimeElapsedColumn(table_column=fixed),
            TextColumn(
                "{task.fields[state]}",
                markup=False,
                table_column=Column(no_wrap=True, min_width=18),
            ),
            TextColumn("{task.fields[rule]}", markup=False, style="dim", table_column=rest),
            console=console,
            transient=True,
            expand=True,
        )

    def __enter__(self) -> Self:
        self.progress.start()
        self.tests = self.progress.add_task("", total=None, state="getting ready", rule="")
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def begins(self, tests: int) -> None:
        if self.tests is not None:
            self.progress.update(self.tests, total=tests or None, state=self.counts.text())

    def runs(self, test: str, rules: Sequence[str]) -> None:
        if self.tests is not None and rules:
            rule = load_catalogue()[rules[0]]
            self.progress.update(self.tests, rule=f"{rule.id} {rule.title}")

    def ran(self, evidence: Mapping[str, Any]) -> None:
        if self.tests is not None:
            self.counts.add(evidence)
            self.progress.update(self.tests, advance=1, state=self.counts.text())


class Lines:
    """A line for each failure as it is found, and one for each file of tests when it is through."""

    def __init__(
        self, console: Console, profile: str = "core", known: Collection[str] = ()
    ) -> None:
        self.console = console
        self.counts = Counts(profile, known)
        self.tests: Counter[str] = Counter()
        self.findings: Counter[str] = Counter()
        self.last_seen: dict[str, int] = {}
        self.ran_so_far = 0

    def begins(self, tests: int) -> None:
        self.say(f"{tests} tests" if tests else "the tests begin")

    def runs(self, test: str, rules: Sequence[str]) -> None: ...

    def ran(self, evidence: Mapping[str, Any]) -> None:
        self.ran_so_far += 1
        for finding in self.counts.add(evidence):
            rule = finding["requirement"]
            word = "FAILED" if self.counts.decides(rule) else "warning"
            word = "known" if rule in self.counts.known else word
            self.say(f"{word:8} {rule}: {hostile.line(finding['summary'])}")
        group = topic(evidence["test"])
        self.tests[group] += 1
        self.findings[group] += bool(evidence["findings"])
        self.last_seen[group] = self.ran_so_far
        for other, seen in list(self.last_seen.items()):
            if self.ran_so_far - seen >= QUIET_TESTS:
                self.finish(other)

    def finish(self, group: str) -> None:
        del self.last_seen[group]
        tests, found = self.tests.pop(group), self.findings.pop(group)
        outcome = f"{found} with findings" if found else "ok"
        self.say(f"{group:20} {tests} tests, {outcome}")

    def close(self) -> None:
        """Say what is left to say; after the last test, or after an interrupt."""
        for group in list(self.last_seen):
            self.finish(group)

    def say(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)


def topic(test: str) -> str:
    """What a file of tests is about: ``send texts`` for ``test_send_texts.py``."""
    file = test.partition("::")[0].rpartition("/")[2]
    return hostile.line(file.removeprefix("test_").removesuffix(".py").replace("_", " "))
