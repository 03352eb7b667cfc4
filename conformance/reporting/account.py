"""A failure, in the words of every report: what led to it, who called what, how to repeat it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.reporting import Entry, Exchange, Finding, hostile
from conformance.results import StoredRun
from conformance.verdict import Status

STORY = 8
"""How many exchanges are told of at most, counted back from the telling one."""

_ORIGIN = re.compile(r"^[a-z]+://[^/?#]*", re.IGNORECASE)
_IDS = re.compile(r"/chats/(?!reactions(?:[?/]|$))([^/?]+)(?:/[a-z]+/([^/?]+))?|[?&]chatId=([^&]+)")


def exchanges(run: StoredRun, finding: Finding) -> list[Exchange]:
    """The exchanges that show a finding, as far as they are stored."""
    return [run.exchanges[id] for id in finding["exchanges"] if id in run.exchanges]


def story(run: StoredRun, finding: Finding) -> list[Exchange]:
    """The exchanges that show a finding, and before them the writes that led to it.

    Those are the writes to the same messages, of any test, since tests may share messages; and
    where only reads show it, the last write of its test, but for strangers, who may read nothing.
    """
    shown = exchanges(run, finding)
    if not shown:
        return []
    writes = _writes_before(run, shown)
    ids = {id for one in shown for id in _ids(one)}
    own = [one for one in writes if one["test"] == shown[0]["test"]]
    last = own[-1:] if all(_reads(one) and _anybodys(one) for one in shown) else []
    ids.update(id for one in last for id in _ids(one))
    led = [one for one in writes if one in last or _concerns(one, ids)]
    return [*_most_telling(led, max(0, STORY - len(shown))), *shown]


def _most_telling(led: list[Exchange], most: int) -> list[Exchange]:
    """The first, which made the message, and the last ones."""
    if len(led) <= most:
        return led
    return [*led[: min(1, most)], *led[len(led) - most + 1 :]] if most else []


def _writes_before(run: StoredRun, shown: list[Exchange]) -> list[Exchange]:
    """The writes up to the first of these exchanges, by the same process of the run.

    Those that were refused led to nothing.
    """
    found: list[Exchange] = []
    process = shown[0]["id"].rpartition("x")[0]
    for one in run.exchanges.values():
        if one["id"] == shown[0]["id"]:
            break
        if not (_reads(one) or _refused(one)) and one["id"].rpartition("x")[0] == process:
            found.append(one)
    return found


def _refused(exchange: Exchange) -> bool:
    response = exchange["response"]
    return bool(response and 400 <= response["status"] < 500)


def _reads(exchange: Exchange) -> bool:
    return bool(exchange["request"]["method"] == "GET")


def _anybodys(exchange: Exchange) -> bool:
    """Whether some credentials were shown."""
    return any(name.lower() == "authorization" for name, _ in exchange["request"]["headers"])


def _ids(exchange: Exchange) -> set[str]:
    """The ids in a URL, as they stand there."""
    found = _IDS.findall(exchange["request"]["url"])
    return {id for groups in found for id in groups if id}


def _concerns(exchange: Exchange, ids: set[str]) -> bool:
    """Whether a write is about one of these messages, or made it."""
    url, answer = exchange["request"]["url"], (exchange["response"] or {}).get("text", "")
    # There may be thousands of writes: first what is quick.
    near = any(id in url or id in answer for id in ids)
    return near and (not ids.isdisjoint(_ids(exchange)) or any(f'"{id}"' in answer for id in ids))


def call(exchange: Exchange) -> str:
    """Who asked for what, on one line."""
    request = exchange["request"]
    path = _ORIGIN.sub("", request["url"]) or "/"
    return (
        f"{hostile.line(exchange['actor'])}: {hostile.line(request['method'])} {hostile.line(path)}"
    )


def answer(exchange: Exchange) -> str:
    """What came back, on one line."""
    response = exchange["response"]
    if response is None:
        return f"no answer ({hostile.line(exchange['error'])})"
    return f"{response['status']} {hostile.line(response['reason'])}".strip()


def tokens(run: StoredRun) -> list[str]:
    """The shell variables that the curl lines of the failures use."""
    lines = (line for one in run.of_status(Status.FAILED) for line in _curls(one))
    return sorted({name for line in lines for name in re.findall(r'"\$([A-Z0-9_]+)"', line)})


def _curls(entry: Entry) -> Iterator[str]:
    for finding in entry["findings"]:
        yield from finding["reproduce"]


def lines(run: StoredRun, finding: Finding) -> Iterator[str]:
    """A finding as plain lines: what, why so, who called what, and how to call it again."""
    yield hostile.line(finding["summary"])
    for label in ("expected", "actual", "pointer"):
        if finding[label]:
            yield f"  {label + ':':9} {hostile.line(finding[label])}"
    for exchange in story(run, finding):
        yield f"  {hostile.line(exchange['id'])}: {call(exchange)} -> {answer(exchange)}"
    for command in finding["reproduce"]:
        yield f"  $ {hostile.command(command)}"
    if finding["example"]:
        yield from hostile.block(finding["example"]).splitlines()
    yield from history(finding)


SAID = 140
"""How much of a call and of its answer is told."""
UNEXPLAINED = "<- no order is left with this answer"


def history(finding: Finding) -> list[str]:
    """The calls at the same time that show a finding, as lines: when, who, what, and the answer."""
    found = finding.get("history")
    if not found:
        return []
    lanes = [hostile.line(name, 20) for name in found["lanes"]]
    width = max(map(len, lanes), default=0)
    return [hostile.line(found["title"]), *(_moment(one, lanes, width) for one in found["calls"])]


def _moment(call: Mapping[str, Any], lanes: list[str], width: int) -> str:
    until = "   (open)" if call["ended"] is None else f"{call['ended']:9.3f}"
    when = f"{call['began']:9.3f} to {until} ms"
    what = f"{hostile.line(call['call'], SAID)}: {hostile.line(call['answer'], SAID)}"
    mark = f"  {UNEXPLAINED}" if call["unexplained"] else "  (meanwhile)" * call["meanwhile"]
    return f"{when}  {lanes[call['lane']]:<{width}}  {what}{mark}"
