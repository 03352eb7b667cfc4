"""``chats-conformance replay``: the suite once more, offline, against a stored run's answers.

Each request gets the answer that the same request of the same test got, in their order. Where a
test asks for what was not recorded, since it is a newer one, or since callers at the same time did
what hung on what others were told just before, what it judges is left open.
"""

from __future__ import annotations

import dataclasses
import functools
import multiprocessing
import re
import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from conformance import engine, evidence, plugin, results
from conformance.catalogue import load as load_catalogue
from conformance.evidence import Unjudged
from conformance.exchange import Exchange, Request
from conformance.recorder import Recorder
from conformance.reporting import hostile, ids
from conformance.results import StoredRun, Unusable
from conformance.run import open_run
from conformance.secret import Secret
from conformance.settings import SessionTokens, Settings
from conformance.target import Target
from conformance.transport import TOO_MANY_REQUESTS, Transport
from conformance.verdict import Exit, Status, Verdict
from conformance.verification import revived
from conformance.wire import Octets

JUDGED = frozenset({Status.PASSED, Status.OBSERVED, Status.FAILED})
_ORIGIN = re.compile(r"^[a-z]+://[^/?#]*", re.IGNORECASE)
_TOKEN = re.compile(r"\$([A-Z0-9_]+?)_(HOST|MEMBER_(\d+))\b")

Stored = Mapping[str, Any]
Key = tuple[str, str, str, str, str]


# -- recorded answers ------------------------------------------------------------------------------


class Tape:
    """The exchanges of one process of a run, to be asked for by test, person and request."""

    def __init__(self, exchanges: Iterable[Stored]) -> None:
        self.left: dict[Key, deque[Stored]] = {}
        self._lock = threading.Lock()
        for one in exchanges:
            key = _key(one["test"], one["actor"], one["request"])
            self.left.setdefault(key, deque()).append(one)

    def next(self, test: str, actor: str, request: Stored) -> Stored | None:
        with self._lock:
            answers = self.left.get(_key(test, actor, request))
            return answers.popleft() if answers else None


def _key(test: str, actor: str, request: Stored) -> Key:
    body = request["text"] if "text" in request else f"base64 {request['base64']}"
    return test, actor, request["method"], request["url"], body


class Player(Transport):
    """Answers from a tape; nothing leaves this process."""

    def __init__(self, base: str, recorder: Recorder, *, tape: Tape, **_: object) -> None:
        super().__init__(base, recorder)
        self.tape = tape

    def reach(self) -> str:
        return ""

    def _until_answered(
        self, request: Request, octets: Octets, actor: str, operation: str, write: bool
    ) -> Exchange:
        test = evidence.current().test
        asked = Exchange("", test, actor, operation, request, None, "", 0.0, 0.0, 0.0)
        found = self.tape.next(test, actor, asked.dump(self.recorder.redactor)["request"])
        if found is None:
            raise Unjudged(f"{_why()}: {self._named(actor, request)}")
        self.requests += 1
        exchange = dataclasses.replace(revived(found), request=request, operation=operation)
        self.recorder.keep(exchange)
        if exchange.status == TOO_MANY_REQUESTS:
            raise Unjudged("the target answered 429 for too long")
        return exchange

    def _named(self, actor: str, request: Request) -> str:
        words = [f"{actor}:", request.method, request.url.removeprefix(self.base)]
        words.append(request.body[:60].decode("utf-8", "replace"))
        return self.recorder.redactor.text(" ".join(words).strip())


def _why() -> str:
    """Why a request may not be in the recording of the same test."""
    if threading.current_thread() is threading.main_thread():
        return "the recording has no such request"
    # What a caller in a race does next may hang on what others were told just before.
    return "callers at the same time came in another order, and ask for what was not recorded"


# -- one process of a run --------------------------------------------------------------------------


@dataclass
class Part:
    """What one process of the recorded run comes to now."""

    evidence: list[dict[str, Any]]
    errors: list[str]
    answers: int


@dataclass
class _Only:
    """The pytest plugin that keeps the tests of one process, in the order that they had there.

    What tests share is made by the first that needs it, so that their order matters.
    """

    tests: Sequence[str]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        places = {test: place for place, test in enumerate(self.tests)}
        kept = (item for item in items if item.nodeid in places)
        items[:] = sorted(kept, key=lambda item: places[item.nodeid])


def play(folder: Path, prefix: str, tests: Sequence[str], settings: Settings) -> Part:
    """Run these tests against what one process recorded. Wants a process of its own: tests count
    what they send from its beginning."""
    run = results.load(folder)
    tape = Tape(one for id, one in run.exchanges.items() if _prefix(id) == prefix)
    settings = dataclasses.replace(settings, sessions=_sessions(run, prefix))
    target = _open(settings, tape)
    collector = engine.Collector(settings, target, engine.Silence())
    try:
        if tests and not target.run.standing.blocked:
            words = [*engine.APART, str(engine.SUITE)]
            pytest.main(words, plugins=[collector, _Only(tests)])
    finally:
        target.close()
    found = [*collector.evidence, target.preflight]
    return Part(found, collector.errors, target.run.transport.requests)


def _open(settings: Settings, tape: Tape) -> Target:
    run = open_run(settings, sender=functools.partial(Player, tape=tape))
    found = evidence.begin("preflight", ())
    run.preflight()
    return Target(run, None, found.dump())


def _prefix(id: str) -> str:
    return id.rpartition("x")[0]


def _sessions(run: StoredRun, prefix: str) -> tuple[SessionTokens, ...]:
    """The sessions that a process acted in, with their tokens' names in place of the tokens."""
    members: dict[str, set[int]] = {}
    for id, one in run.exchanges.items():
        if _prefix(id) != prefix or one["test"] != "preflight":
            continue
        for name, value in one["request"]["headers"]:
            for session, _, number in _TOKEN.findall(value) if name == "Authorization" else ():
                members.setdefault(session, set()).update({int(number)} if number else ())
    return tuple(
        SessionTokens(
            name.removeprefix("CHATS_").lower(),
            _placeholder(f"{name}_HOST"),
            tuple(_placeholder(f"{name}_MEMBER_{n}") for n in sorted(numbers)),
        )
        for name, numbers in members.items()
    )


def _placeholder(name: str) -> Secret:
    return Secret(name, f"${name}")


# -- the whole run ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement: what the stored run said of it, and what is said now."""

    id: str
    level: str
    before: Status
    after: Status
    words: str

    @property
    def same(self) -> bool:
        return _plain(self.before) is self.after

    @property
    def differs(self) -> bool:
        return _plain(self.before) in JUDGED and self.after in JUDGED and not self.same

    @property
    def lost(self) -> bool:
        """Whether it was judged, and could not be judged again."""
        return _plain(self.before) in JUDGED and self.after not in JUDGED


def _plain(status: Status) -> Status:
    return Status.FAILED if status is Status.WAIVED else status


@dataclass(frozen=True)
class Replay:
    run: StoredRun
    rows: tuple[Row, ...]
    answers: int
    errors: tuple[str, ...] = field(default=())

    @property
    def verdict(self) -> Verdict:
        entries = ({"id": r.id, "level": r.level, "status": str(r.after)} for r in self.rows)
        return results.judge(entries, self.run.results["profile"])

    @property
    def exit_status(self) -> Exit:
        if self.errors:
            return Exit.OWN_ERROR
        if any(row.differs for row in self.rows):
            return Exit.NON_CONFORMANT
        return Exit.INCONCLUSIVE if any(row.lost for row in self.rows) else Exit.OK


def replay(folder: Path, openapi: Path | None = None) -> Replay:
    """Judge a stored run again. Raises NoRun, ContractError, and Unusable where nothing is stored.

    The processes of a parallel run are played one after the other, each in one of its own.
    """
    run = results.load(folder)
    if not run.exchanges:
        raise Unusable(f"{folder} holds no recorded answers to judge again")
    settings = _settings(run, openapi)
    selected = plugin.selected(settings)
    parts = []
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, max_tasks_per_child=1) as pool:
        for prefix, tests in _tests(run, selected).items():
            parts.append(pool.submit(play, folder, prefix, tests, settings).result())
    found = results.requirements(
        results.tally(one for part in parts for one in part.evidence),
        selected,
        {},
        "nothing in the recording could judge it",
    )
    return Replay(
        run,
        tuple(_rows(run, found)),
        sum(part.answers for part in parts),
        tuple(error for part in parts for error in part.errors),
    )


def _settings(run: StoredRun, openapi: Path | None) -> Settings:
    stored = run.results
    url = stored["target"]["url"]
    if url == "embedded":
        origin = _ORIGIN.match(next(iter(run.exchanges.values()))["request"]["url"])
        url = origin.group() if origin else url
    known = load_catalogue()
    judged = (one["id"] for one in stored["requirements"] if one["status"] != Status.NOT_SELECTED)
    return Settings(
        url=url,
        openapi=openapi or _document(run),
        profile=stored["profile"],
        depth=stored["depth"],
        seed=stored["seed"],
        select=tuple(id for id in judged if id in known),
    )


def _document(run: StoredRun) -> Path | None:
    """The run's own document; ``None`` for the shipped one. Raises Unusable where it is lost."""
    if run.contract is None:
        raise Unusable(
            f"{run.folder} has lost the document that it was judged by; give it with --openapi"
        )
    copy = run.folder / results.DOCUMENT
    return copy if run.contract.source == str(copy) else None


def _tests(run: StoredRun, selected: set[str]) -> dict[str, list[str]]:
    """The tests of each process, as it went through them.

    Those that recorded nothing come last: they are newer, or need no request of their own.
    """
    known = engine.tests()
    wanted = dict.fromkeys(test for id in known if id in selected for test in known[id])
    found: dict[str, dict[str, None]] = {}
    for id, one in run.exchanges.items():
        tests = found.setdefault(_prefix(id), {})
        if one["test"] in wanted:
            tests[str(one["test"])] = None
    recorded = {test for tests in found.values() for test in tests}
    home = next((tests for tests in found.values() if tests), next(iter(found.values())))
    home.update((test, None) for test in wanted if test not in recorded)
    return {prefix: list(tests) for prefix, tests in found.items()}


def _rows(run: StoredRun, found: Sequence[Stored]) -> Iterable[Row]:
    before = {one["id"]: one for one in run.results["requirements"]}
    for one in found:
        stored = before.get(one["id"])
        words = one["findings"][0]["summary"] if one["findings"] else one["reason"] or ""
        was = Status(stored["status"]) if stored else Status.NOT_SELECTED
        yield Row(one["id"], one["level"], was, Status(one["status"]), words)


# -- what is told ----------------------------------------------------------------------------------


def report(folder: Path, openapi: Path | None, console: Console) -> Exit:
    """Print what a replay came to: 0 the same, 1 judged otherwise, 3 not all judged again."""
    done = replay(folder, openapi)

    def say(text: str = "") -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    stored = done.run.results
    say(f"{done.answers:,} of {len(done.run.exchanges):,} recorded answers were judged again.")
    same = sum(row.same and row.before is not Status.NOT_SELECTED for row in done.rows)
    say(f"{same} requirements come out the same.")
    for row in done.rows:
        if row.differs:
            say(f"  {row.id} {row.level}: {row.before} before, {row.after} now")
            say(f"      {hostile.line(row.words)}")
    _say_lost(done, say)
    for error in done.errors:
        say(hostile.block(error))
    say(f"Recorded verdict: {stored['verdict']}. Verdict now: {done.verdict}.")
    return done.exit_status


def _say_lost(done: Replay, say: Any) -> None:
    lost = [row for row in done.rows if row.lost]
    if not lost:
        return
    say(f"Not judged again ({len(lost)}):")
    reasons: dict[str, list[dict[str, Any]]] = {}
    for row in lost:
        reasons.setdefault(row.words, []).append({"id": row.id})
    for reason, entries in reasons.items():
        say(f"  {ids(entries)}")
        say(f"      {hostile.line(reason)}")
