"""Reports: each a function of the stored run alone, so that any can be made again from its folder.

Here stand the list of formats, and what all of them say in the same words.
"""

from __future__ import annotations

import difflib
import importlib
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from conformance.catalogue import Level
from conformance.reporting import hostile
from conformance.results import StoredRun, Unusable
from conformance.verdict import Status, Verdict

Entry = Mapping[str, Any]
"""One of the ``requirements`` of ``results.json``."""
Finding = Mapping[str, Any]
"""One of the ``findings`` of an entry."""
Exchange = Mapping[str, Any]
"""A recorded exchange, in the form of ``Exchange.dump``."""

CHECKER = "chats-conformance"

# -- formats ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Format:
    """A report: the file it is written to, and the module whose function makes it."""

    name: str
    file: str
    title: str
    module: str
    function: str = "render"
    default: bool = True

    def render(self, run: StoredRun) -> str:
        module = importlib.import_module(f"{__package__}.{self.module}")
        text: str = getattr(module, self.function)(run)
        return text

    def write(self, run: StoredRun) -> Path:
        """Put the report into the run's folder; a reader never sees half of it."""
        path = run.folder / self.file
        draft = path.with_name(f".{path.name}")
        draft.write_text(self.render(run), encoding="utf-8", newline="\n")
        return draft.replace(path)


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        each.name: each
        for each in (
            Format("page", "index.html", "the conformance page", "page"),
            Format("junit", "junit.xml", "JUnit XML, for CI systems", "junit"),
            Format("markdown", "summary.md", "a summary in Markdown", "markdown"),
            Format("har", "exchanges.har", "every exchange, as HAR 1.2", "har", default=False),
            Format(
                "sarif", "results.sarif", "SARIF 2.1.0, for code scanning", "sarif", default=False
            ),
            Format("ctrf", "ctrf.json", "CTRF 1.0.0", "ctrf", default=False),
            Format("github", "annotations.txt", "GitHub annotations", "github", default=False),
            Format("badge", "badge.json", "a badge, for shields.io", "badge", default=False),
            Format("badge-svg", "badge.svg", "a badge, as SVG", "badge", "svg", default=False),
        )
    }
)
DEFAULTS = tuple(name for name, each in FORMATS.items() if each.default)


class UnknownFormat(Unusable):
    """No report has this name; the message names the nearest one."""


def chosen(names: Iterable[str]) -> list[Format]:
    """The formats of these names, or the usual ones. Raises :class:`UnknownFormat`."""
    return [_format(name) for name in dict.fromkeys(names or DEFAULTS)]


def write(run: StoredRun, formats: Iterable[str] = ()) -> list[Path]:
    """Write reports into the run's folder; gives their paths. Raises :class:`UnknownFormat`."""
    return [each.write(run) for each in chosen(formats)]


def _format(name: str) -> Format:
    if name not in FORMATS:
        near = difflib.get_close_matches(name, FORMATS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(FORMATS)}"
        raise UnknownFormat(f"no report is called {name!r}; {hint}")
    return FORMATS[name]


# -- what a run came to ----------------------------------------------------------------------------


def weighs(run: StoredRun, level: str) -> bool:
    """Whether requirements of this level decide the verdict, under the run's profile."""
    return level == Level.MUST or (level == Level.SHOULD and run.results["profile"] == "strict")


def failures(run: StoredRun) -> list[Entry]:
    """What makes the target non-conformant."""
    return [one for one in run.of_status(Status.FAILED) if weighs(run, one["level"])]


def warnings(run: StoredRun) -> list[Entry]:
    """What failed and does not decide the verdict."""
    return [one for one in run.of_status(Status.FAILED) if not weighs(run, one["level"])]


def waived(run: StoredRun) -> list[Entry]:
    """What failed and is let pass, as the run's baseline says."""
    return run.of_status(Status.WAIVED)


def waiver(entry: Entry) -> str:
    """Why a failure is let pass, until when, and where to read of it."""
    given = entry["waived"]
    until = f" (until {given['expires']})" if given["expires"] else ""
    link = f", {hostile.line(given['link'])}" if given["link"] else ""
    return f"{hostile.line(given['reason'])}{until}{link}"


def unjudged(run: StoredRun) -> dict[str, list[Entry]]:
    """What is inconclusive, by the reason."""
    found: dict[str, list[Entry]] = {}
    for one in run.of_status(Status.INCONCLUSIVE):
        found.setdefault(one["reason"] or "no reason is stored", []).append(one)
    return found


def facts(run: StoredRun) -> list[Mapping[str, Any]]:
    """The observations, each once."""
    once = {(f["requirement"], f["topic"], f["fact"]): f for f in run.results["observations"]}
    return list(once.values())


def tally(entries: Iterable[Entry]) -> dict[tuple[Level, Status], int]:
    """How many requirements of each level came out in each way."""
    counts = {(level, status): 0 for level in Level for status in Status}
    for one in entries:
        counts[Level(one["level"]), Status(one["status"])] += 1
    return counts


def sentence(run: StoredRun) -> str:
    """The verdict in a sentence."""
    judged = [one for one in run.results["requirements"] if weighs(run, one["level"])]
    counts = {status: sum(one["status"] == status for one in judged) for status in Status}
    what = "MUST and SHOULD" if run.results["profile"] == "strict" else "MUST"
    match Verdict(run.results["verdict"]):
        case Verdict.CONFORMANT:
            return f"Conformant: all {counts[Status.PASSED]} {what} requirements hold."
        case Verdict.NON_CONFORMANT:
            failed = counts[Status.FAILED]
            return f"Not conformant: {failed} of {len(judged)} {what} requirements {_fail(failed)}."
        case Verdict.INCONCLUSIVE:
            left = counts[Status.INCONCLUSIVE]
            return f"Inconclusive: {left} of {len(judged)} {what} requirements could not be judged."
        case Verdict.PARTIAL:
            passed, left = counts[Status.PASSED], counts[Status.NOT_SELECTED]
            but = f", but for {counts[Status.WAIVED]} waived" if counts[Status.WAIVED] else ""
            rest = f"; {left} others were not selected" if left else ""
            return f"Partial: {passed} {what} requirements hold{but}{rest}."


def ids(entries: Iterable[Entry]) -> str:
    """Requirements' ids, with runs of neighbours as ``SEND-1..4``."""
    runs: list[list[str]] = []
    for one in entries:
        if runs and _follows(runs[-1][-1], one["id"]):
            runs[-1].append(one["id"])
        else:
            runs.append([one["id"]])
    named = (
        f"{run[0]}..{run[-1].partition('-')[2]}" if len(run) > 2 else ", ".join(run) for run in runs
    )
    return ", ".join(named)


def _follows(one: str, other: str) -> bool:
    (group, _, number), (next_group, _, next_number) = one.partition("-"), other.partition("-")
    digits = number.isdecimal() and next_number.isdecimal()
    return group == next_group and digits and int(number) + 1 == int(next_number)


def title(run: StoredRun, id: str) -> str:
    return run.catalogue[id].title if id in run.catalogue else ""


def rerun(run: StoredRun, *ids: str) -> str:
    """The command that judges only these requirements again."""
    words = [CHECKER, "run"]
    url = run.results["target"]["url"]
    words += ["--url", url] if url != "embedded" else []
    words += ["--profile", "strict"] if run.results["profile"] == "strict" else []
    words += ["--seed", str(run.results["seed"])] if run.results["seed"] != 1 else []
    return hostile.shell(shlex.join([*words, "--select", *ids]))


def _fail(count: int) -> str:
    return "fails" if count == 1 else "fail"
