"""Stored runs to look at: real ones, and what strangers or sheer numbers could make of them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance import engine, results, settings
from conformance.reference import process
from conformance.results import StoredRun

CLEAN = ("AUTH", "SEND", "PERM", "ISO", "RLIST")
FAULTS = (
    "perm-delete-members",
    "send-no-limit",
    "auth-list-is-public",
    "text-nfc",
    "pin-clears-reactions",
)
RACES = ("race-pin-lost", "race-reaction-lost", "race-delete-revived")
FAILING = ("AUTH", "SEND", "PERM", "PIN-3", "ISO")
HOSTILE = (
    "</script><script>window.pwned = 1</script><img src=x onerror=window.pwned=1>",
    "\"'><svg onload=window.pwned=1> javascript:window.pwned=1 data:text/html,<b>",
    "\x1b[31mred\x1b[0m \u202eesrever\u2066 \x00 \ufffe {{ 7 * 7 }} {% raw %} <!-- ]]>",
    "=1+1|cmd # *bold* [link](javascript:window.pwned=1) `code`\u2028\u2029",
)


def judged(
    folder: Path, select: tuple[str, ...], faults: tuple[str, ...], swapped: bool = False
) -> StoredRun:
    """A run against a server with faults; ``swapped`` gives the host a member's token."""
    server = process.start(deviations=faults)
    host, members = server.roster.tokens("s1")
    away, strangers = server.roster.tokens("s2")
    host, members[0] = (members[0], host) if swapped else (host, members[0])
    tokens = {"S1_HOST": host, "S1_MEMBER_1": members[0], "S1_MEMBER_2": members[1]}
    tokens |= {"S2_HOST": away, "S2_MEMBER_1": strangers[0], "S2_MEMBER_2": strangers[1]}
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CHATS_URL", server.url)
            for name, token in tokens.items():
                patch.setenv(f"CHATS_{name}", token)
            engine.execute(settings.load(None, {"report_dir": str(folder), "select": list(select)}))
    finally:
        server.stop()
    return results.load(folder)


def hostile(run: StoredRun) -> StoredRun:
    """The same run by a target, and in words, that mean harm: every text is one of ``HOSTILE``."""
    found = copy.deepcopy(dict(run.results))
    found["target"] = {"url": HOSTILE[0], "server": HOSTILE[1]}
    found["errors"], found["leftovers"], found["preflight"] = (
        list(HOSTILE),
        list(HOSTILE),
        list(HOSTILE),
    )
    for number, one in enumerate(found["requirements"]):
        text = HOSTILE[number % len(HOSTILE)]
        one["reason"] = text if one["reason"] else None
        one["tests"] = [text]
        for finding in one["findings"]:
            finding |= {
                "summary": text,
                "expected": text * 3,
                "actual": "x" * 1_000_000,
                "example": text,
                "history": _history(text),
            }
            finding["reproduce"] = [text for _ in finding["reproduce"]]
            finding["pointer"] = f"/{text}"
    for one in found["observations"]:
        one |= {"topic": HOSTILE[0], "fact": HOSTILE[2]}
    return StoredRun(run.folder, found, {id: _poisoned(one) for id, one in run.exchanges.items()})


def _history(text: str) -> dict[str, Any]:
    times = {"began": 0.0, "ended": None, "exchange": text}
    calls = [
        {
            "lane": 0,
            "call": text,
            "answer": text * 20,
            "unexplained": n,
            "meanwhile": not n,
            **times,
        }
        for n in (False, True)
    ]
    return {"title": text, "unit": "ms", "lanes": [text], "calls": calls}


def _poisoned(stored: Mapping[str, Any]) -> dict[str, Any]:
    one = copy.deepcopy(dict(stored))
    text = HOSTILE[int(one["id"].rpartition("x")[2]) % len(HOSTILE)]
    one |= {"test": text, "error": text, "curl": f"curl {text}"}
    one["request"] |= {"text": text, "url": one["request"]["url"] + text}
    if one["response"]:
        one["response"] |= {"reason": text, "text": text, "headers": [[text, text]]}
    return one


def many(run: StoredRun, count: int) -> StoredRun:
    """The run with its exchanges repeated, their bodies each a little different."""
    known, found = list(run.exchanges.values()), dict(run.exchanges)
    for number in range(count - len(known)):
        one = copy.deepcopy(dict(known[number % len(known)]))
        one |= {"id": f"more-x{number}", "started": one["started"] + 1_000 + number}
        if one["response"] and one["response"].get("text"):
            one["response"]["text"] = one["response"]["text"].replace("-", f"-{number:x}", 40)
        found[one["id"]] = one
    return replace(run, exchanges=found)
