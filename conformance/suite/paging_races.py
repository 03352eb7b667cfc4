"""CONC-6: one person walks the pages while others do nothing but send."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from conformance.client import Listed, Participant, Sent
from conformance.evidence import Unjudged
from conformance.run import Run
from conformance.suite.races import Play, Problem, Start, text

TAKE = 4
WINDOW = 24
"""How many of the newest messages are walked: those that new ones could displace."""
OWN = 10


def walking(run: Run, reader: Participant, senders: Sequence[Participant]) -> Play:
    """A play in which ``reader`` walks the end of the list while ``senders`` send."""
    base: list[str] = []

    def play(start: Start) -> list[Problem]:
        while len(base) < OWN:
            base.append(senders[0].send(text("There before the walk")).id)
        return _round(run, reader, senders, start, base)

    return play


def _round(
    run: Run, reader: Participant, senders: Sequence[Participant], start: Start, base: Sequence[str]
) -> list[Problem]:
    total = reader.list(take=run.contract.limits.page_min).total
    skip = max(0, total - max(WINDOW, len(base)))
    there = _walk(reader, skip)
    ids = _ids(there)
    if len(set(ids)) < len(ids):
        raise Unjudged("the pages overlap while nobody writes (LIST-8)")
    walks: list[list[Any]]
    if start.together:
        walks = start([partial(_walk, reader, skip), *(partial(_send, one, 4) for one in senders)])
    else:
        walks = [_walk(reader, skip)]
    reads: list[Listed] = walks[0]
    lost = set(ids) - set(_ids(reads))
    return _judged(reader, skip, ids, lost, reads)


def _judged(
    reader: Participant, skip: int, ids: list[str], lost: set[str], reads: list[Listed]
) -> list[Problem]:
    if not lost:
        return []
    again = set(_ids(_walk(reader, skip)))
    if lost - again:
        again |= {message.id for message in reader.walk()}
    if lost - again:
        raise Unjudged(
            "messages went while the pages were walked: another writer is at work in the session"
        )
    summary = "walking the pages while others send misses messages that were there before"
    expected, actual = f"all {len(ids)}", f"{len(lost)} missed"
    return [Problem("CONC-6", summary, expected, actual, tuple(reads))]


def _walk(reader: Participant, skip: int) -> list[Listed]:
    """Pages, oldest first, from ``skip`` on to the end."""
    limits = reader.contract.limits
    take = max(limits.page_min, min(TAKE, limits.page_size))
    pages: list[Listed] = []
    while True:
        page = reader.list(skip=skip, take=take, sort=limits.created_key, ascending=True)
        pages.append(page)
        skip += len(page.messages)
        if not page.messages or skip >= page.total:
            return pages


def _ids(pages: Sequence[Listed]) -> list[str]:
    return [message.id for page in pages for message in page.messages]


def _send(person: Participant, times: int) -> list[Sent]:
    return [person.send(text(f"Sent during a walk by {person.name}")) for _ in range(times)]
