"""For pytest-html: in each row of its table the requirements, their level and the exchanges.

``conformance.plugin`` registers :class:`Rows` where pytest-html is to write a report. Exchanges are
noted in the process that runs the test, and travel to the report with the test's outcome.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from conformance import evidence, plugin
from conformance.catalogue import load as load_catalogue
from conformance.exchange import Exchange
from conformance.redaction import Redactor
from conformance.reporting import hostile

SHOWN = "conformance_exchanges"
"""The attribute of a test report that holds its exchanges: of each the call and the curl line."""
MOST, LOG = 25, 50_000
"""How many exchanges a row shows, and how many characters of a log."""
COLUMNS = {"requirement": "Requirements", "level": "Level"}
PLACE = 2
"""Where the columns go: behind the test's name."""

STYLE = "<style>.log { white-space: pre-wrap; overflow-wrap: anywhere }</style>"
"""Curl lines are long; without this they push the columns out of the window."""


class Rows:
    """A pytest plugin. One object serves both sides: where tests run, and where the report is."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.seen: list[Exchange] = []
        self.listens = False
        self.last: dict[str, pytest.TestReport] = {}
        """The report that ends a test, by the test; it brings the evidence for all rows of it."""

    # -- where the tests run -----------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self) -> Generator[None, None, None]:
        """Listen as soon as there is a target; the first test's set-up may be what opens it."""
        self.listen()
        try:
            yield
        finally:
            self.listen()

    def listen(self) -> None:
        target = self.config.stash.get(plugin.TARGET, None)
        if target is not None and not self.listens:
            self.listens = True
            target.run.recorder.listeners.append(self.seen.append)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.when == "teardown" and self.listens:
            redactor = self.config.stash[plugin.TARGET].run.recorder.redactor
            own = [one for one in self.seen if one.test == item.nodeid]
            setattr(report, SHOWN, [shown(one, redactor) for one in chosen(own)])
            self.seen.clear()
        return report

    # -- where the report is written ---------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            self.last[report.nodeid] = report

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_report_title(self, report: Any) -> None:
        report.title = "Chats API conformance: the tests"

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str]) -> None:
        """Link the conformance page, where it is the run's folder that the report is written to."""
        prefix.append(STYLE)
        settings = self.config.stash.get(plugin.SETTINGS, None)
        folder = Path(self.config.getoption("htmlpath")).parent
        if settings is not None and settings.report_dir.resolve() == folder.resolve():
            prefix.append('<p><a href="index.html">The conformance page of this run</a></p>')

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        cells[PLACE:PLACE] = [
            f'<th class="sortable" data-column-type="{name}">{title}</th>'
            for name, title in COLUMNS.items()
        ]

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_row(self, report: pytest.TestReport, cells: list[str]) -> None:
        rules = self.evidence(report).get("rules", [])
        levels = dict.fromkeys(str(load_catalogue()[rule].level) for rule in rules)
        texts = {"requirement": ", ".join(rules), "level": ", ".join(levels)}
        # The parameters of a test are part of its name, which pytest-html takes for markup.
        cells[1] = f'<td class="col-testId">{hostile.markup(report.nodeid)}</td>'
        cells[PLACE:PLACE] = [
            f'<td class="col-{name}">{hostile.markup(texts[name])}</td>' for name in COLUMNS
        ]

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_html(self, report: pytest.TestReport, data: list[str]) -> None:
        if report.when != "call" and report.passed:
            return  # has no row of its own
        # What is there is escaped as HTML; a target's terminal codes and the like are not.
        data[:] = [hostile.block(text, LOG) for text in data]
        exchanges = getattr(self.last.get(report.nodeid), SHOWN, [])
        if exchanges:
            data[:] = [text for text in data if text != "No log output captured."]
            data.append("\n".join([f"{' Exchanges ':-^80}", *map(row, exchanges), ""]))

    def evidence(self, report: pytest.TestReport) -> dict[str, Any]:
        found: dict[str, Any] = getattr(self.last.get(report.nodeid), plugin.REPORT, {})
        return found


def chosen(made: list[Exchange]) -> list[Exchange]:
    """Of a test's exchanges those that show its findings, and the last ones, in their order."""
    named = {id for finding in evidence.current().findings for id in finding.exchanges}
    telling = [one for one in made if one.id in named][:MOST]
    others = [one for one in made if one.id not in named]
    last = others[max(0, len(others) - (MOST - len(telling))) :]
    kept = {one.id for one in (*telling, *last)}
    return [one for one in made if one.id in kept]


def shown(exchange: Exchange, redactor: Redactor) -> list[str]:
    """Who called what and got what, and the command that calls it again."""
    request = exchange.request
    what = f"{exchange.id}  {exchange.actor}: {request.method} {redactor.text(request.url)}"
    return [redactor.text(f"{what} -> {exchange.outcome()}"), exchange.curl(redactor)]


def row(lines: list[str]) -> str:
    call, command = lines
    shown = hostile.command(command)
    return f"{hostile.markup(call)}\n    $ {hostile.markup(shown, len(shown))}"
