"""The vocabulary of the scenarios: each word is a check that counts, and a finding where it fails.

A failed check does not end its test: what follows may show more of what is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from conformance.client import Answer, Participant
from conformance.evidence import Finding, Unjudged, Unmet, current
from conformance.exchange import Exchange
from conformance.values import brief
from conformance.views import View, differences, look

FEW = 5
"""Messages that are asked for alone where the views differ."""

On = Answer | Exchange | tuple[Answer | Exchange, ...]


def holds(
    condition: bool,
    summary: str,
    *,
    expected: object = "",
    actual: object = "",
    on: On = (),
    at: str = "",
    rule: str | None = None,
) -> bool:
    """Check a condition; ``summary`` says what is wrong where it does not hold.

    ``on`` are the answers that show it, the telling one last; ``at`` is a JSON pointer into that
    one's body; ``rule`` is the requirement, where it is not the test's first.
    """
    evidence = current()
    requirement = evidence.check(rule)
    if not condition:
        finding = Finding(
            requirement, summary, _shown(expected), _shown(actual), at, evidence.test, _ids(on)
        )
        evidence.find(finding)
    return condition


def _shown(value: object) -> str:
    return value if isinstance(value, str) else brief(value)


def equal(
    actual: Any, expected: Any, summary: str, *, on: On = (), at: str = "", rule: str | None = None
) -> bool:
    shown = {"expected": brief(expected), "actual": brief(actual)}
    return holds(actual == expected, summary, on=on, at=at, rule=rule, **shown)


def refused(answer: Answer, *codes: int, rule: str | None = None) -> bool:
    """The call got a 4xx, or one of ``codes`` where the contract names them."""
    wanted = " or ".join(map(str, codes)) if codes else "a 4xx status"
    right = answer.status in codes if codes else answer.refused
    summary = f"{call(answer)} was not refused"
    if answer.refused:
        summary = f"{call(answer)} was refused with another status"
    outcome = answer.exchange.outcome()
    return holds(right, summary, expected=wanted, actual=outcome, on=answer, rule=rule)


def advised(answer: Answer, *codes: int, rule: str) -> bool:
    """A refusal has one of ``codes``; what was not refused is no matter of codes."""
    if not answer.refused:
        return True
    return refused(answer, *codes, rule=rule)


def accepted(answer: Answer, *codes: int, rule: str | None = None) -> bool:
    """The call got one of ``codes``, by default any 2xx."""
    wanted = " or ".join(map(str, codes)) if codes else "a 2xx status"
    right = answer.status in codes if codes else answer.accepted
    summary = f"{call(answer)} was not accepted"
    outcome = answer.exchange.outcome()
    return holds(right, summary, expected=wanted, actual=outcome, on=answer, rule=rule)


def call(answer: Answer) -> str:
    """Who asked for what, in a few words."""
    exchange = answer.exchange
    what = exchange.operation or f"{exchange.request.method} request"
    return f"{exchange.actor}'s {what}"


@contextmanager
def unchanged(
    viewer: Participant, rule: str | None = None, also: tuple[str, ...] = ()
) -> Iterator[None]:
    """Nothing in the block changes either view, as ``viewer`` is shown it."""
    before = look(viewer, also)
    yield
    same(before, look(viewer, also), rule=rule)


def same(
    before: View, after: View, *, rule: str | None = None, what: str = "the views changed"
) -> bool:
    """Both views are as they were; raises :class:`Unjudged` where somebody else wrote meanwhile."""
    require_quiet(before, after)
    found = differences(before, after)
    if found:
        require_counted(before)
        require_steady(after)
    return holds(
        not found,
        f"{what}: {found[0].kind}" if found else "",
        expected="both views as they were",
        actual="; ".join(found),
        on=after.exchanges,
        rule=rule,
    )


def require_steady(view: View) -> None:
    """Reading alone must not change the views (STATE-2), or no difference means anything."""
    if view.viewer is None:
        return
    _require_listed_alike(view.viewer, steady(view.viewer, tuple(view.sought)))


def steady(viewer: Participant, also: tuple[str, ...] = ()) -> View:
    """Both views, looked at twice: reading alone must not change them (STATE-2)."""
    first, second = (look(viewer, also) for _ in range(2))
    require_quiet(first, second)
    found = differences(first, second)
    if found:
        summary = "the views change from one read to the next"
        ids = tuple(exchange.id for exchange in (*first.exchanges, *second.exchanges))
        test = current().test
        raise Unmet(Finding("STATE-2", summary, "the same views", str(found[0]), "", test, ids))
    return second


def require_counted(view: View) -> None:
    """A count below what is listed (LIST-2) was wrong before anything was done."""
    listed = len(view.messages)
    if view.total < listed:
        summary = "totalCount is less than the number of messages that are listed"
        ids = tuple(exchange.id for exchange in view.exchanges)
        expected, test = f"{listed} or more", current().test
        raise Unmet(
            Finding("LIST-2", summary, expected, str(view.total), "/totalCount", test, ids[:1])
        )


def _require_listed_alike(viewer: Participant, view: View) -> None:
    """Messages asked for together have the reactions that each has alone (RLIST-2)."""
    asked = view.exchanges[-1].request.url
    held = Counter(chat for chat, _, _ in view.reactions)
    odd = [id for id, shown in view.messages.items() if len(shown.reactions) != held[id]]
    known = [one for one in (*odd, *sorted(view.sought)) if quote(one, safe="") in asked]
    for chat in list(dict.fromkeys(known))[:FEW]:
        alone = viewer.reactions(chat)
        if not alone.accepted:
            continue
        ids = {entry["id"] for entry in alone if entry["chatId"] == chat}
        together = {id for one, id, _ in view.reactions if one == chat}
        if ids != together:
            summary = "a message asked for among others has other reactions than alone"
            shown = brief(sorted(ids)), brief(sorted(together))
            on = (*(exchange.id for exchange in view.exchanges), alone.exchange.id)
            raise Unmet(Finding("RLIST-2", summary, *shown, "", current().test, on))


def require_quiet(before: View, after: View) -> None:
    strangers = after.foreign(before)
    if strangers:
        raise Unjudged(f"another writer is at work in the session (message {brief(strangers[0])})")


def _ids(on: On) -> tuple[str, ...]:
    answers = on if isinstance(on, tuple) else (on,)
    return tuple(one.id if isinstance(one, Exchange) else one.exchange.id for one in answers)
