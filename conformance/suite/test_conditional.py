"""STATE: what a client is told that asks whether its copy of the list is still good."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.client import Participant
from conformance.contract import Limits
from conformance.expect import holds
from conformance.plugin import requirement
from conformance.suite.steps import react, unreact


@requirement("STATE-4")
def test_a_copy_of_the_list_is_not_called_good_after_a_change(
    host: Participant, alice: Participant, limits: Limits
) -> None:
    """A list that has an entity tag has another one after each write (RFC 9110, section 8.8.3)."""
    path = f"{host.contract.operations['listChats'].path}?SortBy={limits.created_key}"
    path += "&Ascending=false"
    tag = _tag(host, path)
    # Without a tag nothing can be asked; what is shown then is for other tests of STATE-4.
    holds(True, "")
    for what in changes(host, alice, limits) if tag else ():
        asked = [("If-None-Match", tag or "")]
        answer = host.call("GET", path, operation="listChats", headers=asked, write=False)
        summary = f"after {what} the list is said to be as it was"
        outcome = answer.exchange.outcome()
        if not holds(answer.status != 304, summary, expected="200", actual=outcome, on=answer):
            return
        tag = _tag(host, path)


def _tag(viewer: Participant, path: str) -> str | None:
    answer = viewer.call("GET", path, operation="listChats", write=False)
    response = answer.exchange.response
    return response.header("etag") if response else None


def changes(host: Participant, alice: Participant, limits: Limits) -> Iterator[str]:
    chat = alice.send("changed after it was read")
    yield "a new message"
    held = react(host, chat, limits.reactions[0])
    yield "a new reaction"
    unreact(host, chat, held)
    yield "a reaction was taken back"
    # A second pin may be refused (PIN-8).
    if host.pin(chat).accepted:
        yield "a message was pinned"
