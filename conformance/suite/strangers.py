"""Callers whose credentials are none, and a state in which each call would else succeed (AUTH)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote

from conformance.client import JSON, Answer, Participant, Sent
from conformance.contract import Operation
from conformance.evidence import Unmet
from conformance.secret import Secret
from conformance.suite.stage import Stage
from conformance.views import find

TEXT = "Sent without credentials."


@dataclass(frozen=True)
class Credentials:
    """What a request shows in place of ``Bearer`` and a token.

    ``how`` completes "listChats ... was not refused"; ``secret`` follows ``scheme`` in the header,
    ``header`` is the whole of it, and ``query`` is appended to the address.
    """

    how: str
    scheme: str = "Bearer"
    secret: Secret | None = None
    header: str | None = None
    query: str = ""


@dataclass(frozen=True)
class Scene:
    """Two messages of the host; one of them is pinned, and the host reacted to it."""

    plain: Sent
    marked: Sent
    reaction: str
    pin: str
    names: tuple[str, ...]

    def ids(self, operation: Operation) -> dict[str, str]:
        undone = operation.id in ("removeReaction", "unpinChat")
        chat = self.marked if undone else self.plain
        known = {"chatId": chat.id, "reactionId": self.reaction, "pinId": self.pin}
        return {name: known[name] for name in operation.path_parameters}

    def path(self, operation: Operation) -> str:
        path = operation.url_path(**self.ids(operation))
        return f"{path}?chatId={quote(self.marked.id, safe='')}" if _lists(operation) else path

    def body(self, operation: Operation) -> bytes | None:
        if operation.id == "sendChat":
            return json.dumps({"message": TEXT}).encode()
        if operation.id == "addReaction":
            return json.dumps({"reaction": self.names[0]}).encode()
        return b"" if operation.method == "POST" else None


def _lists(operation: Operation) -> bool:
    return operation.id == "listReactions"


def scene(host: Participant) -> Scene:
    """Where the target does not react or pin, that is for others to find: any id will do."""
    plain, marked = host.send("left as it is"), host.send("pinned and liked")
    _ = plain.id, marked.id
    names = host.contract.limits.reactions
    pinned, reacted = host.pin(marked), host.react(marked, names[0])
    shown = find(host, marked) if pinned.accepted else None
    try:
        reaction = reacted.id
    except Unmet:
        reaction = "none"
    return Scene(plain, marked, reaction, (shown.pin if shown else None) or "none", names)


ORDER = (
    *("listChats", "listReactions", "sendChat", "addReaction"),
    *("removeReaction", "unpinChat", "pinChat", "deleteChat"),
)
"""What takes a thing away comes after what needs it; one pin at a time is enough (PIN-8)."""


def operations(host: Participant) -> list[Operation]:
    return [host.contract.operations[name] for name in ORDER]


def attempt(host: Participant, at: Scene, operation: Operation, shows: Credentials) -> Answer:
    """Call an operation as the host would, with other credentials."""
    path, body = at.path(operation), at.body(operation)
    if shows.query:
        path += ("&" if "?" in path else "?") + shows.query
    headers = [JSON] if operation.has_body else []
    if shows.header is not None:
        headers.append(("Authorization", shows.header))
    entry = host.journal.about_to_send(host, body or b"") if operation.id == "sendChat" else None
    answer = host.call(
        operation.method,
        path,
        operation=operation.id,
        body=body,
        headers=headers,
        secret=shows.secret,
        scheme=shows.scheme,
        anonymous=shows.secret is None,
        actor="a stranger",
        write=operation.method != "GET",
    )
    if entry:
        host.journal.sent(entry, Sent(answer.exchange))
    return answer


Try = tuple[Operation, Credentials]
Judge = Callable[[Answer, Operation, Credentials], None]


def turned_away(stage: Stage, tries: Iterable[Try], judge: Judge) -> None:
    """Make all calls and judge each; those that were refused changed nothing (AUTH-5)."""
    stage.unmoved_by([_one(stage, *one, judge) for one in tries], ("AUTH-5", "STATE-1"))


def _one(
    stage: Stage, operation: Operation, shows: Credentials, judge: Judge
) -> tuple[Callable[[], Answer], Callable[[Answer], bool]]:
    def judged(answer: Answer) -> bool:
        judge(answer, operation, shows)
        return answer.refused

    return lambda: attempt(stage.host, scene_of(stage), operation, shows), judged


def scene_of(stage: Stage) -> Scene:
    """The stage's messages; where the target does not react or pin, any id will do."""
    host = stage.host
    try:
        reaction = stage.reaction(on=host, by=host).id
    except Unmet:
        reaction = "none"
    try:
        pin = stage.pin(on=host)
    except Unmet:
        pin = "none"
    return Scene(stage.bare, stage.of(host), reaction, pin, host.contract.limits.reactions)
