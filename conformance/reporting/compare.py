"""Runs side by side: in a terminal, and as a page of its own with a column for each run."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.comparison import BAD, GOOD, Change, Comparison, Drift, Row, Speed
from conformance.reporting import hostile, sentence
from conformance.reporting.page_text import visible
from conformance.results import COMPARISON, Unusable
from conformance.verdict import Status

FILE = COMPARISON
LEADS = {
    Change.BROKE: "Held before, and fails now",
    Change.FIXED: "Failed before, and holds now",
    Change.FAILS_NEWLY: "Judged now for the first time, and fails",
    Change.PASSES_NEWLY: "Judged now for the first time, and holds",
    Change.LOST: "Judged before, and not now",
    Change.STILL_FAILS: "Failed before, and still does",
}
STYLES = {
    Change.BROKE: "bold red",
    Change.FIXED: "bold green",
    Change.FAILS_NEWLY: "bold red",
    Change.PASSES_NEWLY: "green",
    Change.LOST: "yellow",
    Change.STILL_FAILS: "red",
}
GLYPHS = {
    Status.PASSED: "✓",
    Status.FAILED: "✕",
    Status.INCONCLUSIVE: "?",
    Status.OBSERVED: "◦",
    Status.NOT_SELECTED: "–",
    Status.WAIVED: "~",
}
SHOWN = 12
"""Runs that a terminal has columns for; the page shows all."""


# -- a page ----------------------------------------------------------------------------------------


def render(comparison: Comparison) -> str:
    """One HTML file that loads nothing and in which a target's words stay text."""
    style = _asset("page.css") + _asset("comparison.css")
    template = _environment().get_template("comparison.html.j2")
    html = template.render(
        comparison=comparison,
        sentences=[sentence(run) for run in comparison.runs],
        sections=[(lead, comparison.of(one), one) for one, lead in LEADS.items()],
        glyphs=GLYPHS,
        style=Markup(style),
        policy=f"default-src 'none'; style-src '{_hash(style)}'; base-uri 'none'",
    )
    return html.encode("utf-8", "replace").decode()


def write(comparison: Comparison, file: Path) -> Path:
    try:
        file.write_text(render(comparison), encoding="utf-8", newline="\n")
    except OSError as problem:
        raise Unusable(f"cannot write {file}: {problem.strerror}") from None
    return file


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("conformance.reporting"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["visible"] = visible
    environment.filters["drift"] = _ratio
    return environment


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath("templates", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


# -- a terminal ------------------------------------------------------------------------------------


def show(comparison: Comparison, console: Console, file: Path) -> None:
    """Print what differs; ``file`` is the page that has all of it."""
    for number, (name, run) in enumerate(zip(comparison.names, comparison.runs, strict=True), 1):
        url = hostile.line(run.results["target"]["url"])
        _say(console, f"{number}  {hostile.line(name)}  {url}", "bold")
        _say(console, f"   {sentence(run)}")
    for what, values in comparison.unlike.items():
        _say(console, f"{what}: {' | '.join(map(hostile.line, values))}", "yellow")
    if comparison.pair:
        for one in Change:
            _changes(console, one, comparison.of(one))
    else:
        _matrix(console, comparison)
    _speeds(console, comparison)
    _say(console)
    _say(console, f"  {file}", "dim")


def _changes(console: Console, change: Change, rows: Sequence[Row]) -> None:
    if not rows:
        return
    _say(console)
    _say(console, f"{LEADS[change]} ({len(rows)})", STYLES[change])
    if change is Change.PASSES_NEWLY:
        _say(console, f"  {', '.join(row.id for row in rows)}")
        return
    for row in rows:
        _say(console, f"  {row.id} {row.level}  {row.title}")
        words = row.summaries[0] if change is Change.FIXED else row.summaries[-1]
        if words:
            _say(console, f"      {hostile.line(words)}", "dim")


def _matrix(console: Console, comparison: Comparison) -> None:
    rows = comparison.telling
    _say(console)
    if not rows:
        _say(console, "All runs say the same of every requirement, and none fails.", "green")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for title in ("Requirement", "Level"):
        table.add_column(title)
    shown = len(comparison.runs[:SHOWN])
    for number in range(1, shown + 1):
        table.add_column(str(number), justify="center")
    for row in rows:
        table.add_row(row.id, row.level, *(_cell(one) for one in row.statuses[:shown]))
    console.print(table, highlight=False)
    legend = "  ".join(f"{glyph} {status}" for status, glyph in GLYPHS.items())
    _say(console, legend, "dim")
    if len(comparison.runs) > shown:
        _say(console, f"{len(comparison.runs) - shown} further runs are on the page", "dim")


def _cell(status: Status | None) -> Text:
    if status is None:
        return Text(" ")
    style = "green" if status in GOOD else "bold red" if status in BAD else "yellow"
    return Text(GLYPHS[status], "dim" if status is Status.NOT_SELECTED else style)


def _speeds(console: Console, comparison: Comparison) -> None:
    if not comparison.drifts:
        return
    _say(console)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("Median (p95) in ms")
    shown = comparison.runs[:SHOWN]
    for number, _ in enumerate(shown, 1):
        table.add_column(str(number), justify="right")
    table.add_column("first to last", justify="right")
    for drift in comparison.drifts:
        speeds = (_speed(one) for one in drift.speeds[: len(shown)])
        style = {"slower": "bold red", "faster": "green"}.get(drift.word, "")
        table.add_row(hostile.line(drift.operation), *speeds, Text(_ratio(drift), style))
    console.print(table, highlight=False)


def _speed(speed: Speed | None) -> str:
    return f"{speed.median:.1f} ({speed.p95:.1f})" if speed else "-"


def _ratio(drift: Drift) -> str:
    return f"x{drift.ratio:.2f} {drift.word}".strip() if drift.ratio else ""


def _say(console: Console, text: str = "", style: str = "") -> None:
    encoding = console.encoding
    if encoding.lower().replace("-", "") != "utf8":
        text = text.encode(encoding, "backslashreplace").decode(encoding)
    console.print(Text(text, style), soft_wrap=True, highlight=False)
