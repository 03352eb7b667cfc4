"""Runs the suite against a target and stores what came of it."""

from __future__ import annotations

import pickle
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import pytest

from conformance import __version__, baseline, folder, interrupts, plugin, recorder, results, run
from conformance.contract import Contract
from conformance.contract_file import load as load_contract
from conformance.reference import process, roster
from conformance.settings import Settings, SettingsError
from conformance.target import Target, embedded

SUITE = Path(__file__).parent / "suite"
SESSIONS_PER_WORKER = 2


class Progress(Protocol):
    """What is told while a run goes on; see ``conformance.reporting.live``."""

    def begins(self, tests: int) -> None: ...
    def runs(self, test: str, rules: Sequence[str]) -> None: ...
    def ran(self, evidence: Mapping[str, Any]) -> None: ...


class Silence:
    """Progress that nobody watches."""

    def begins(self, tests: int) -> None: ...
    def runs(self, test: str, rules: Sequence[str]) -> None: ...
    def ran(self, evidence: Mapping[str, Any]) -> None: ...


@dataclass(eq=False)
class Collector:
    """The pytest plugin of the command: hands out the settings and takes in the evidence."""

    settings: Settings
    target: Target
    progress: Progress
    kept: Path | None = None
    workers: int = 1
    evidence: list[dict[str, Any]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    requests: int = 0
    rules: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        if not hasattr(config, "workerinput"):
            config.stash[plugin.SETTINGS] = self.settings
            if self.workers == 1:
                config.stash[plugin.TARGET] = self.target

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give an xdist worker its settings; tokens go through its pipe and nowhere else."""
        node.workerinput["conformance"] = pickle.dumps(self.settings)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        closing = getattr(node, "workeroutput", {}).get("conformance")
        if closing:
            self.leftovers += closing["leftovers"]
            self.requests += closing["requests"]
            self.evidence.append(closing["preflight"])

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.rules = {item.nodeid: plugin.rules_of(item) for item in session.items}
        self.progress.begins(len(session.items))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.errors.append(f"{report.nodeid}: {report.longreprtext}")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.progress.runs(nodeid, self.rules.get(nodeid, ()))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = getattr(report, plugin.REPORT, None)
        if found is not None:
            self.evidence.append(found)
            self.errors += [f"{found['test']}: {found['error']}"] if found["error"] else []
            self.progress.ran(found)


def execute(settings: Settings, progress: Progress | None = None) -> dict[str, Any]:
    """Run the suite and store the run in ``settings.report_dir``; gives its ``results.json``.

    Raises SettingsError, ContractError, UnknownRequirement and NotStarted before anything is sent.
    """
    found = judge(settings, progress, settings.report_dir)
    results.store(settings.report_dir, found)
    return found


def judge(
    settings: Settings, progress: Progress | None = None, kept: Path | None = None
) -> dict[str, Any]:
    """As :func:`execute`, but store no results; exchanges are kept in a folder, or not at all.

    Without one, findings have no commands, and there is one worker.
    """
    chosen = plugin.selected(settings)
    if not chosen:
        raise SettingsError(
            "nothing is selected: --skip leaves none of what --select names, or it is LOAD alone, "
            "which a run does not judge"
        )
    contract = load_contract(settings.openapi)
    known = baseline.load(settings.baseline)
    if kept:
        folder.prepare(kept, contract)
    else:
        settings = replace(settings, workers=1)
    started, clock = datetime.now(UTC), time.monotonic()
    with interrupts.handled():
        collector, interrupted = _run(settings, progress or Silence(), kept)
    found = _results(settings, contract, collector, chosen, interrupted, known)
    found["started"] = started.isoformat(timespec="seconds")
    found["seconds"] = round(time.monotonic() - clock, 3)
    found["exitStatus"] = int(results.exit_status(found))
    return found


def _run(settings: Settings, progress: Progress, kept: Path | None) -> tuple[Collector, bool]:
    server = None
    workers = settings.workers
    if settings.url is None:
        people = roster.invent(SESSIONS_PER_WORKER * workers)
        server = process.start(openapi=settings.openapi, roster=people)
        settings = embedded(settings, server)
    try:
        # Each worker has a session to write in and another one to be apart from.
        workers = max(1, min(workers, len(settings.sessions) // SESSIONS_PER_WORKER))
        target = Target.open(settings, folder=kept)
        collector = Collector(settings, target, progress, kept, workers)
        return collector, _session(collector)
    finally:
        if server:
            server.stop()


def _session(collector: Collector) -> bool:
    """Run pytest on the suite; whether it was interrupted. What the run left is deleted then."""
    status: int = pytest.ExitCode.OK
    target = collector.target
    try:
        if not target.run.standing.blocked:
            status = _pytest(collector)
    except KeyboardInterrupt:
        status = pytest.ExitCode.INTERRUPTED
    finally:
        target.close()
    collector.evidence.append(target.preflight)
    collector.leftovers += target.leftovers
    collector.requests += target.run.transport.requests
    if status in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        collector.errors.append(f"pytest ended with status {int(status)}")
    return status == pytest.ExitCode.INTERRUPTED


# Plain pytest, kept apart from the settings and plugins of the folder that it runs in.
APART = (
    *("--disable-plugin-autoload", "-p", "conformance.plugin", "-p", "no:terminal"),
    *("-p", "no:cacheprovider", "-p", "no:unraisableexception", "-p", "no:logging"),
    *("-c", str(SUITE / "pytest.ini")),
    *("--rootdir", str(SUITE.parent.parent)),
)


def _pytest(collector: Collector) -> int:
    words = [*APART]
    if collector.kept:
        words += ["-p", "pytest_metadata.plugin", "-p", "pytest_html.plugin"]
        words += ["--self-contained-html", f"--html={collector.kept / results.PYTEST_HTML}"]
    if collector.workers > 1:
        words += ["-p", "xdist.plugin", "-n", str(collector.workers)]
    return pytest.main([*words, str(SUITE)], plugins=[collector])


class _Collected:
    """The pytest plugin that looks at the tests and runs none."""

    def __init__(self) -> None:
        self.tests: dict[str, list[str]] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            for rule in plugin.rules_of(item):
                self.tests.setdefault(rule, []).append(item.nodeid)


def tests() -> dict[str, list[str]]:
    """The tests that judge each requirement, by their node ids."""
    collected = _Collected()
    pytest.main([*APART, "--collect-only", str(SUITE)], plugins=[collected])
    return collected.tests


# -- results -------------------------------------------------------------------------------------


def _results(
    settings: Settings,
    contract: Contract,
    collector: Collector,
    chosen: set[str],
    interrupted: bool,
    known: baseline.Baseline = baseline.NONE,
) -> dict[str, Any]:
    curls = _put_together(collector.kept, collector.evidence) if collector.kept else {}
    standing = collector.target.run.standing
    found: dict[str, Any] = {
        "schemaVersion": results.SCHEMA_VERSION,
        "verdict": "",
        "profile": settings.profile,
        "depth": settings.depth,
        "seed": settings.seed,
        "suite": {
            "version": __version__,
            "openapi": {"version": contract.version, "sha256": contract.sha256},
        },
        "target": {"url": settings.url or "embedded", "server": standing.server},
        "requests": collector.requests,
        "interrupted": interrupted,
        "requirements": results.requirements(
            results.tally(collector.evidence), chosen, curls, _why(collector, interrupted)
        ),
        "observations": [fact for one in collector.evidence for fact in one["observations"]],
        "leftovers": sorted(collector.leftovers),
        "errors": collector.target.run.recorder.redactor.data(collector.errors),
        "preflight": standing.facts,
        "blocked": standing.blocked,
    }
    if settings.baseline:
        found["outdated"] = baseline.outdated(known, found["requirements"])
        found["requirements"] = baseline.apply(known, found["requirements"])
    found["verdict"] = str(results.judge(found["requirements"], settings.profile))
    return found


def _put_together(kept: Path, evidence: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Merge what parallel workers wrote; the command of each exchange that a finding names."""
    for name in (results.EXCHANGES, run.JOURNAL):
        folder.merge(kept, name)
    named = {id for one in evidence for finding in one["findings"] for id in finding["exchanges"]}
    exchanges = recorder.stored(kept / results.EXCHANGES) if named else ()
    return {str(one["id"]): str(one["curl"]) for one in exchanges if one["id"] in named}


def _why(collector: Collector, interrupted: bool) -> str:
    """Why a requirement without any evidence has none."""
    if collector.target.run.standing.blocked:
        return collector.target.run.standing.blocked
    return "the run was interrupted" if interrupted else "nothing in this run could judge it"
