"""The pytest plugin: runs the suite's tests with evidence, and tells what each requirement got.

It does nothing in a session that has no test with a ``requirement`` mark.
"""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from conformance import baseline, evidence
from conformance.baseline import Baseline
from conformance.catalogue import Level
from conformance.catalogue import load as load_catalogue
from conformance.contract import ContractError
from conformance.evidence import Finding, Unjudged, Unmet
from conformance.redaction import Redactor
from conformance.reference.process import NotStarted
from conformance.settings import Settings, SettingsError
from conformance.settings import load as load_settings
from conformance.target import Target
from conformance.verdict import Exit

TARGET = pytest.StashKey[Target]()
SETTINGS = pytest.StashKey[Settings]()
BASELINE = pytest.StashKey[Baseline]()
LOAD = "LOAD"
SEARCHING = ("test_properties", "test_sequences", "test_concurrency", "test_age")
"""The modules that go further with the depth: generated data, sequences, races, many messages."""
WAIVED = "waived: "
"""What the text of a test begins with that found known failures alone."""
OPEN = "inconclusive"
"""Pytest's category for tests that could not be judged."""
REPORT = "conformance"
"""The attribute of a test report that holds its evidence, in the form of ``Evidence.dump``."""


def requirement(*ids: str) -> Callable[[Any], Any]:
    """Say which requirements a test judges, the one that its checks count for first."""
    mark: Callable[[Any], Any] = pytest.mark.requirement(*ids)
    return mark


def rules_of(item: pytest.Item) -> tuple[str, ...]:
    return tuple(dict.fromkeys(id for mark in item.iter_markers("requirement") for id in mark.args))


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance", "conformance of a QuickSync Chats API server")
    group.addoption("--target-url", metavar="URL", help="the server to judge; else an embedded one")
    group.addoption("--conformance-config", metavar="FILE", help="settings, as conformance.toml")
    group.addoption("--openapi", metavar="FILE", help="another OpenAPI document to judge by")
    group.addoption("--depth", choices=("quick", "normal", "deep"), help="how much to try")
    group.addoption("--suite-seed", metavar="N", help="the seed of all that is generated")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "requirement(*ids): the requirements that a test judges")
    given = _workerinput(config).get("conformance")
    if given:
        config.stash[SETTINGS] = pickle.loads(given)
    if config.getoption("htmlpath", None):
        # Only now: it is not needed otherwise, and it builds on this module.
        from conformance.reporting.pytest_html import Rows

        config.pluginmanager.register(Rows(config), "conformance-html")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of the selected requirements."""
    settings = config.stash.get(SETTINGS, None)
    if settings is None:
        return
    wanted = selected(settings)
    kept = [item for item in items if not rules_of(item) or wanted & set(rules_of(item))]
    if settings.part != "all":
        searches = settings.part == "searches"
        kept = [item for item in kept if item.path.name.startswith(SEARCHING) == searches]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def selected(settings: Settings) -> set[str]:
    """The ids that a run is to judge. Raises ``UnknownRequirement``.

    LOAD is judged under a load that somebody asks for, and not by the suite.
    """
    catalogue = load_catalogue()
    wanted = catalogue.select(settings.select) if settings.select else tuple(catalogue)
    unwanted = {rule.id for rule in catalogue.select(settings.skip)}
    return {rule.id for rule in wanted if rule.group != LOAD} - unwanted


# -- the run that a session's tests share ----------------------------------------------------------


def settings_of(config: pytest.Config) -> Settings:
    """The settings of a session: given by the command, or else by pytest's own options."""
    if SETTINGS not in config.stash:
        flags = {
            "url": config.getoption("--target-url"),
            "openapi": config.getoption("--openapi"),
            "depth": config.getoption("--depth"),
            "seed": config.getoption("--suite-seed"),
        }
        file = config.getoption("--conformance-config")
        try:
            config.stash[SETTINGS] = load_settings(Path(file) if file else None, flags)
            _ = waived_in(config)
        except SettingsError as problem:
            raise pytest.UsageError(str(problem)) from None
    return config.stash[SETTINGS]


def waived_in(config: pytest.Config) -> Baseline:
    """The known failures of a session."""
    if BASELINE not in config.stash:
        config.stash[BASELINE] = baseline.load(config.stash[SETTINGS].baseline)
    return config.stash[BASELINE]


def redactor_in(config: pytest.Config) -> Redactor:
    """What hides the tokens of a session's people."""
    if TARGET in config.stash:
        return config.stash[TARGET].run.recorder.redactor
    settings = config.stash.get(SETTINGS, None)
    return Redactor(settings.secrets if settings else ())


def target_of(config: pytest.Config) -> Target:
    """What the tests of this process act on, opened when the first of them asks for it."""
    if TARGET not in config.stash:
        try:
            settings = settings_of(config)
            # Only a run of the command has a folder to write to; a plain session leaves none.
            folder = settings.report_dir if "conformance" in _workerinput(config) else None
            config.stash[TARGET] = Target.open(settings, *worker_of(config), folder)
        except (ContractError, NotStarted) as problem:
            raise pytest.UsageError(str(problem)) from None
    return config.stash[TARGET]


def _workerinput(config: pytest.Config) -> dict[str, Any]:
    given: dict[str, Any] = getattr(config, "workerinput", {})
    return given


def worker_of(config: pytest.Config) -> tuple[int, str]:
    """The number of this worker process and the prefix of what it writes; 0 and "" alone."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "") if hasattr(config, "workerinput") else ""
    return (int(worker.removeprefix("gw")), f"{worker}-") if worker else (0, "")


# -- a test and its evidence -----------------------------------------------------------------------


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    rules = rules_of(item)
    if rules:
        evidence.begin(item.nodeid, rules)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if rules_of(item):
        conclude(item, call, report)
    return report


def conclude(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    """Turn what stopped a test into evidence, and give its report the outcome that this means."""
    found = evidence.current()
    problem = call.excinfo.value if call.excinfo else None
    own_error = problem is not None and not explain(problem, found, item)
    clean = redactor_in(item.config)
    if own_error:
        report.longrepr = item.stash[ERROR] = clean.text(report.longreprtext)
        found.leave_open("the checker itself failed in a test of it")
    elif report.when == "call" or problem is not None or _late(item, found):
        settings, waived = item.config.stash[SETTINGS], waived_in(item.config)
        report.outcome, text = outcome(found, settings.profile, waived)
        text = clean.text(text)
        if report.outcome == "skipped" and text.startswith(WAIVED):
            report.wasxfail = text.partition("\n")[0]
            report.longrepr = text
        else:
            skipped = report.outcome == "skipped"
            report.longrepr = (str(item.path), 0, text) if skipped else text or None
    item.stash[KNOWN] = len(found.findings)
    if report.when == "teardown":
        seconds = time.monotonic() - item.stash.get(BEGAN, time.monotonic())
        data = {**found.dump(), "seconds": seconds, "error": item.stash.get(ERROR, "")}
        setattr(report, REPORT, clean.data(data))
    report.sections = [(name, clean.text(content)) for name, content in report.sections]


def _late(item: pytest.Item, found: evidence.Evidence) -> bool:
    """Whether cleaning up found something that the test's own report did not show."""
    return len(found.findings) > item.stash.get(KNOWN, len(found.findings))


BEGAN = pytest.StashKey[float]()
ERROR = pytest.StashKey[str]()
KNOWN = pytest.StashKey[int]()


def pytest_runtest_setup(item: pytest.Item) -> None:
    item.stash[BEGAN] = time.monotonic()


def explain(problem: BaseException, found: evidence.Evidence, item: pytest.Item) -> bool:
    """Whether an exception says something about the target; if so it becomes evidence."""
    match problem:
        case Unmet():
            found.find(problem.finding)
            others = [rule for rule in found.rules if rule != problem.finding.requirement]
            found.leave_open(f"it builds on {problem}", others)
        case Unjudged():
            found.leave_open(str(problem))
        case AssertionError():
            sentence = (getattr(item, "obj", None).__doc__ or item.name).strip().partition("\n")[0]
            found.find(Finding(found.check(), sentence, actual=str(problem), test=item.nodeid))
        case _:
            return False
    return True


def outcome(
    found: evidence.Evidence, profile: str, waived: Baseline = baseline.NONE
) -> tuple[Any, str]:
    """The outcome of a test in pytest's words, and the text that goes with it.

    A test that found nothing but known failures is one that was expected to fail.
    """
    catalogue, failing = load_catalogue(), {Level.MUST}
    if profile == "strict":
        failing.add(Level.SHOULD)
    deciding = [one for one in found.findings if catalogue[one.requirement].level in failing]
    if deciding:
        cards = "\n\n".join(map(card, found.findings))
        known = dict.fromkeys(one.requirement for one in deciding)
        if not known.keys() <= waived.keys():
            return "failed", cards
        return "skipped", "\n".join([*(f"{WAIVED}{waived[one]}" for one in known), "", cards])
    if found.unjudged:
        return "skipped", "inconclusive: " + "; ".join(dict.fromkeys(found.unjudged.values()))
    return "passed", ""


def card(finding: Finding) -> str:
    """A finding as plain lines."""
    lines = [f"{finding.requirement}: {finding.summary}"]
    lines += [f"  expected: {finding.expected}"] if finding.expected else []
    lines += [f"  actual:   {finding.actual}"] if finding.actual else []
    lines += [f"  at:       {finding.pointer}"] if finding.pointer else []
    lines += [f"  exchange: {', '.join(finding.exchanges)}"] if finding.exchanges else []
    return "\n".join(lines)


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    waived = hasattr(report, "wasxfail")
    if report.skipped and not waived and "inconclusive: " in str(report.longrepr):
        return OPEN, "I", "INCONCLUSIVE"
    return None


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.exitstatus == pytest.ExitCode.OK and reporter and reporter.stats.get(OPEN):
        session.exitstatus = Exit.INCONCLUSIVE
    target = session.config.stash.get(TARGET, None)
    if target is None:
        return
    target.close()
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["conformance"] = target.closing()


def pytest_unconfigure(config: pytest.Config) -> None:
    target = config.stash.get(TARGET, None)
    if target is not None:
        target.close()
