"""A fact sheet of the target, from what it answered: ids, times, clock, statuses, media types."""

from __future__ import annotations

import json
import re
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.reporting.page_exchanges import Call, Calls
from conformance.reporting.page_text import short, visible
from conformance.values import parse_instant

PAGES = 300
"""Pages of the list that are searched for pins."""
LONGEST = 80
AGREES = 0.5
"""Seconds by which two clocks may differ and be called equal: a request takes its time too."""

_STAMP = re.compile(r"[^.]*?(?:\.(\d+))?(Z|z|[+-]\d\d:\d\d)?")


@dataclass(frozen=True)
class Fact:
    """Something about the target; ``rules`` and ``exchanges`` are by their ids."""

    topic: str
    facts: tuple[str, ...]
    rules: tuple[str, ...] = ()
    exchanges: tuple[str, ...] = ()


def sheet(calls: Calls) -> tuple[Fact, ...]:
    """What can be said of any target that answered at all, each with a call that shows it."""
    good = [call for call in calls.all if call.kind == "good"]
    sent = list(_answers(good, "sendChat"))
    found = [
        _ids("Ids of messages", ((call, one.get("chatId")) for call, one in sent)),
        _ids("Ids of reactions", ((c, a.get("reactionId")) for c, a in _answers(good, _REACT))),
        _ids("Ids of pins", _pins(good)),
        _times([(call, one.get("createdAt")) for call, one in sent]),
        _clock([(call, one.get("createdAt")) for call, one in sent]),
        _statuses(calls.all),
        _kinds(calls.all),
    ]
    return tuple(fact for fact in found if fact)


_REACT = "addReaction"


def _answers(calls: Iterable[Call], operation: str) -> Iterator[tuple[Call, Mapping[str, Any]]]:
    for call in calls:
        if call.operation == operation:
            body = _json(call)
            if isinstance(body, dict):
                yield call, body


def _json(call: Call) -> Any:
    try:
        return json.loads(call.response_body())
    except (ValueError, RecursionError):
        return None


# -- ids -------------------------------------------------------------------------------------------

FORMS: Mapping[str, Callable[[str], object]] = {
    "UUID": re.compile(r"(?i:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})").fullmatch,
    "ULID": re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}").fullmatch,
    "numbers": re.compile(r"-?\d+").fullmatch,
    "hexadecimal digits": re.compile(r"(?i:[0-9a-f]+)").fullmatch,
    "letters and digits": re.compile(r"[0-9A-Za-z]+").fullmatch,
    "letters, digits, - and _": re.compile(r"[0-9A-Za-z_-]+").fullmatch,
    "characters of any kind": bool,
}


def _ids(topic: str, found: Iterable[tuple[Call, Any]]) -> Fact | None:
    known = [(call, id) for call, id in found if isinstance(id, str) and id]
    if not known:
        return None
    call, example = known[-1]
    words = form([id for _, id in known])
    return Fact(topic, (words, f"such as {visible(short(example, LONGEST))}"), (), (call.id,))


def form(ids: Iterable[str]) -> str:
    """What ids look like, by the narrowest form that all of them have."""
    seen = list(ids)
    name = next(name for name, fits in FORMS.items() if all(fits(id) for id in seen))
    if name == "UUID":
        versions = sorted({id[14] for id in seen})
        return f"UUID, version {' and '.join(versions)}"
    if name == "ULID":
        return name
    sizes = sorted({len(id) for id in seen})
    size = str(sizes[0]) if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
    return f"numbers of {size} digits" if name == "numbers" else f"{size} {name}"


def _pins(calls: Iterable[Call]) -> Iterator[tuple[Call, Any]]:
    pages = [call for call in calls if call.operation == "listChats"]
    for call in pages[-PAGES:]:
        body = _json(call)
        messages = body.get("messages") if isinstance(body, dict) else None
        for message in messages if isinstance(messages, list) else ():
            pin = message.get("pinned") if isinstance(message, dict) else None
            if isinstance(pin, dict):
                yield call, pin.get("id")


# -- times -----------------------------------------------------------------------------------------


def _times(sent: list[tuple[Call, Any]]) -> Fact | None:
    known = [(call, stamp) for call, stamp in sent if isinstance(stamp, str)]
    read = [match for _, stamp in known if (match := _STAMP.fullmatch(stamp))]
    if not read:
        return None
    digits = sorted({len(match[1] or "") for match in read})
    zones = sorted({match[2] or "no zone" for match in read})
    words = f"{' or '.join(map(str, digits))} decimals of a second, {' or '.join(zones)}"
    call, example = known[-1]
    shown = f"such as {visible(short(example, LONGEST))}"
    return Fact("Form of times", (visible(words), shown), (), (call.id,))


def _clock(sent: list[tuple[Call, Any]]) -> Fact | None:
    apart = []
    for call, stamp in sent:
        created = parse_instant(stamp) if isinstance(stamp, str) else None
        if created:
            apart.append(created.timestamp() - call.started - call.milliseconds / 2000)
    if not apart:
        return None
    seconds = statistics.median(apart)
    words = "as the checker's" if abs(seconds) < AGREES else f"{seconds:+.1f} s from the checker's"
    return Fact("Clock", (words,), (), (sent[-1][0].id,))


# -- answers ---------------------------------------------------------------------------------------


def _statuses(calls: Iterable[Call]) -> Fact | None:
    seen: dict[str, Counter[int]] = {}
    for call in calls:
        if call.operation and call.status:
            seen.setdefault(call.operation, Counter())[call.status] += 1
    lines = tuple(f"{name}: {', '.join(map(str, sorted(seen[name])))}" for name in seen)
    return Fact("Statuses", lines) if lines else None


def _kinds(calls: Iterable[Call]) -> Fact | None:
    seen: Counter[str] = Counter()
    for call in calls:
        response = call.stored["response"]
        headers = response["headers"] if response else ()
        given = next((v for k, v in headers if k.lower() == "content-type"), None)
        if given:
            seen[visible(short(str(given), LONGEST))] += 1
    names = tuple(f"{name} ({count:,})" for name, count in seen.most_common(6))
    return Fact("Media types of answers", names) if names else None
