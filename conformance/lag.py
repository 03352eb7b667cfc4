"""How late a target shows what was written (STATE-4), so that the rest can be judged all the same.

With a queue behind the writes, a replica or a read model that lags, each read that comes too early
shows an old state, and every requirement would seem broken. Once the delay is known, reads wait.
"""

from __future__ import annotations

import time

from conformance.client import Participant, Sent
from conformance.evidence import Unmet
from conformance.people import People
from conformance.views import find

PAUSES = (0.0, 0.0, 0.02, 0.04, 0.07, 0.1)
"""Seconds that are tried, from none on; twice, as somebody else's message may come between.

Longer ones would make a run last for many minutes.
"""
TRIES = 3
"""Of each pause, since a read may be late and show everything, or go to a replica that is quick."""
RESERVE = 2.5
"""By how much more all other calls wait: delays vary."""
PROBE = "Is it there?"


def measure(people: People) -> float:
    """Seconds after which what is written shows; 0 where it does at once, or not by waiting."""
    for pause in PAUSES:
        if all(_shows(people, pause) for _ in range(TRIES)):
            return pause * RESERVE
    return 0.0


def _shows(people: People, pause: float) -> bool:
    """Whether each write shows after a pause in both views, as somebody else looks at them."""
    host = people.host
    reader = people.members[0] if people.members else host
    time.sleep(pause)
    try:
        total = _page_total(reader)
        sent = host.send(PROBE)
        time.sleep(pause)
        shows = _state(reader, sent) == (total + 1, True, False, False)
        shows &= _reaction_shows(host, reader, sent, pause)
        host.delete(sent)
        time.sleep(pause)
        return shows and _state(reader, sent) == (total, False, False, False)
    except Unmet:
        return False


def _reaction_shows(host: Participant, reader: Participant, sent: Sent, pause: float) -> bool:
    held = host.react(sent, host.contract.limits.reactions[0])
    time.sleep(pause)
    given = _state(reader, sent)[1:] == (True, True, True)
    if held.accepted:
        host.unreact(sent, held)
    time.sleep(pause)
    return given and _state(reader, sent)[1:] == (True, False, False)


def _page_total(reader: Participant) -> int:
    return reader.list(sort=reader.contract.limits.created_key, ascending=False).total


def _state(reader: Participant, sent: Sent) -> tuple[int, bool, bool, bool]:
    """The count, whether the message is there, and whether it has reactions in either view."""
    shown = find(reader, sent)
    total = shown.page.total if shown else _page_total(reader)
    reacted = any(entry.get("count") for entry in shown.reactions) if shown else False
    listed = reader.reactions(sent)
    return total, shown is not None, reacted, bool(listed.accepted and listed.ids)
