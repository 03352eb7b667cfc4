"""Runs for the tests of the reports: real ones, and ones whose every text is hostile."""

from __future__ import annotations

import base64
import functools
import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import strategies as st

from conformance import engine, results, settings
from conformance.catalogue import Level
from conformance.catalogue import load as load_catalogue
from conformance.contract_file import load as load_contract
from conformance.reference import process
from conformance.results import StoredRun, judge
from conformance.verdict import Status

MARK = "zqx"
"""Stands in every hostile text, so that a test can see where a text went."""

NASTY = [
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "]]></failure><!-- <![CDATA[",
    "\x1b[31m\x1b]0;title\x07\x9b2J",
    "\u202eevil\u202c\u2066\u2069\u200f\u061c",
    "\x00\x08\x0b\x0c\x1f\x7f\x85\ufffe\uffff",
    "\ud800\udfff lone \udc00",
    "line\r\none\u2028two\u2029three\n::error::x",
    "::error title=x::y%0A::set-output name=a::b",
    "[link](javascript:alert(1)) ![i](https://example.org/x.png) <https://example.org>",
    "```\n# heading\n- list `code` | cell | @everyone #1",
    "``", "`", " ", "", "|", "\\", "%s{0}$(id)`id`;'\"", "=cmd|' /C calc'!A0",
    "[bold]markup[/bold] [/]", "{{ 7 * 7 }}{% raw %}", "data:text/html,<script>",
    "e\u0301\u0489" * 20, "x" * 700,
]  # fmt: skip


def hostile_texts() -> st.SearchStrategy[list[str]]:
    """Texts to fill a run with; surrogates and unassigned characters are among them."""
    parts = st.one_of(st.sampled_from(NASTY), st.text(st.characters(), max_size=20))
    text = st.builds(lambda one, two: f"{one}{MARK}{two}", parts, parts)
    return st.lists(text, min_size=1, max_size=7)


def filled(texts: list[str], profile: str = "core") -> StoredRun:
    """A run with every outcome at every level, whose free texts are these, in turn."""
    turn = itertools.cycle(texts)
    entries = [_entry(rule.id, rule.level, n, turn) for n, rule in enumerate(load_catalogue())]
    exchanges = {f"x{n}": _exchange(n, turn) for n in range(1, 7)}
    found: dict[str, Any] = {
        "schemaVersion": results.SCHEMA_VERSION,
        "verdict": str(judge(entries, profile)),
        "profile": profile,
        "depth": "normal",
        "seed": 7,
        "suite": {
            "version": "1.2.3",
            "openapi": {"version": next(turn), "sha256": load_contract().sha256},
        },
        "target": {"url": f"https://example.org/{next(turn)[:80]}", "server": next(turn)},
        "requests": 6,
        "requirements": entries,
        "observations": [
            {"requirement": "SEND-10", "topic": next(turn), "fact": next(turn), "exchanges": ["x1"]}
        ],
        "leftovers": [next(turn), next(turn)],
        "errors": [next(turn)],
        "preflight": [next(turn)],
        "blocked": next(turn),
        "started": "2026-01-02T03:04:05+00:00",
        "seconds": 1.234,
        "interrupted": True,
        "exitStatus": 1,
    }
    return StoredRun(Path(tempfile.gettempdir()), found, exchanges)


def _entry(id: str, level: Level, number: int, turn: Iterator[str]) -> dict[str, Any]:
    passed = Status.OBSERVED if level is Level.OBSERVE else Status.PASSED
    outcomes = (passed, Status.FAILED, Status.INCONCLUSIVE, Status.NOT_SELECTED, Status.WAIVED)
    outcome = outcomes[number % len(outcomes)]
    failed = outcome in (Status.FAILED, Status.WAIVED)
    waived = {"reason": f"known {next(turn)}", "expires": "2027-01-31", "link": next(turn)}
    return {
        "id": id,
        "level": str(level),
        "status": str(outcome),
        "checks": 2,
        "exchanges": 3,
        "seconds": 0.012,
        "reason": f"because {next(turn)}" if outcome is Status.INCONCLUSIVE else None,
        "findings": [_finding(turn) for _ in range(2)] if failed else [],
        "tests": [next(turn)],
        **({"waived": waived} if outcome is Status.WAIVED else {}),
    }


def _finding(turn: Iterator[str]) -> dict[str, Any]:
    texts = ("summary", "expected", "actual", "pointer", "test", "example")
    return {
        **{key: next(turn) for key in texts},
        "history": _history(turn),
        "times": 2,
        "reproduce": [f'curl -H "$S1_HOST" {next(turn)}'],
        "exchanges": ["x1", "x2", "x99"],
    }


def _history(turn: Iterator[str]) -> dict[str, Any]:
    calls: list[dict[str, Any]] = [
        {"lane": 0, "began": 0.0, "ended": 5.25, "unexplained": False, "meanwhile": True},
        {"lane": 1, "began": 1.5, "ended": None, "unexplained": False, "meanwhile": False},
        {"lane": 0, "began": 2.0, "ended": 2.5, "unexplained": True, "meanwhile": False},
    ]
    texts = [{"call": next(turn), "answer": next(turn), "exchange": f"x{n}"} for n in (1, 2, 99)]
    both = [{**call, **said} for call, said in zip(calls, texts, strict=True)]
    return {
        "title": next(turn),
        "unit": "ms",
        "lanes": [next(turn), next(turn)],
        "calls": both,
    }


def _exchange(number: int, turn: Iterator[str]) -> dict[str, Any]:
    headers = [["Content-Type", next(turn)], [next(turn), next(turn)]]
    body = {"text": next(turn)}
    if number % 3 == 0:
        body = {"base64": base64.b64encode(b"\xff\xfe" + bytes(range(32))).decode()}
    response = {
        "status": 200,
        "reason": next(turn),
        "version": "HTTP/1.1",
        "headers": headers,
        **body,
    }
    return {
        "id": f"x{number}",
        "test": "test_one" if number < 4 else next(turn),
        "actor": next(turn),
        "operation": ("listChats", next(turn), "")[number % 3],
        "started": 1_767_323_045.5 + number,
        "elapsed": 0.0123,
        "request": {
            "method": "GET" if number % 2 else "POST",
            "url": f"https://example.org/v1/chats/{next(turn)}?a={next(turn)}",
            "headers": headers,
            **body,
        },
        "response": None if number == 5 else response,
        "error": next(turn),
        "curl": next(turn),
    }


# -- real runs -------------------------------------------------------------------------------------

SELECT = ("PERM", "DEL", "RLIST", "REACT-10")
FAULT = "perm-delete-members"
REFUSED_WRONG = "delete-unknown-succeeds"


@functools.cache
def of_embedded() -> StoredRun:
    """A run of a few groups against the embedded server, which keeps the contract."""
    folder = Path(tempfile.mkdtemp(prefix="conformance-run-"))
    engine.execute(settings.load(None, {"report_dir": folder, "select": SELECT}, {}))
    return results.load(folder)


@functools.cache
def of_faulty() -> tuple[StoredRun, tuple[str, ...]]:
    """The same against a server with two faults, one against a MUST; and the tokens it knows."""
    folder = Path(tempfile.mkdtemp(prefix="conformance-run-"))
    with process.serving(deviations=[FAULT, REFUSED_WRONG]) as server:
        env = {"CHATS_URL": server.url}
        for name in list(server.roster.sessions)[:2]:
            host, members = server.roster.tokens(name)
            env[f"CHATS_{name.upper()}_HOST"] = host
            for number, token in enumerate(members, 1):
                env[f"CHATS_{name.upper()}_MEMBER_{number}"] = token
        with mock.patch.dict(os.environ, env):
            chosen = settings.load(None, {"report_dir": folder, "select": SELECT}, env)
            engine.execute(chosen)
    tokens = tuple(value for key, value in env.items() if key != "CHATS_URL")
    return results.load(folder), tokens
