"""Calls about things that are not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from conformance.answers import GONE
from conformance.client import Answer
from conformance.expect import advised
from conformance.suite.stage import Call


def with_404(call: Call, rule: str) -> Call:
    """The call, which had best be refused with 404 or 410 (``rule``)."""

    def made() -> Answer:
        answer = call()
        advised(answer, *GONE, rule=rule)
        return answer

    return made


def each(ids: Callable[[], list[str]], act: Callable[[str], Answer]) -> Iterator[Call]:
    """A call with each of the ids, which are made anew with it: the stage may have been rebuilt."""

    def made(place: int) -> Answer:
        return act(ids()[place])

    return (partial(made, place) for place in range(len(ids())))
