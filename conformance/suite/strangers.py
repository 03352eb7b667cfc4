"""Callers whose credentials are none, and a state in which each call would else succeed (AUTH)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from conformance.client import JSON, Answer, Participant, Sent
from conformance.contract import Operation
from conformance.evidence import Unmet
from conformance.expect import holds, require_quiet, require_steady
from conformance.secret import Secret
from conformance.views import differences, find, look

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


def turned_away(host: Participant, tries: list[Try], judge: Judge) -> None:
    """Make all calls and judge each; those that were refused changed nothing (AUTH-5)."""
    at = scene(host)
    before = look(host)
    refused: list[Try] = []
    for operation, shows in tries:
        answer = attempt(host, at, operation, shows)
        judge(answer, operation, shows)
        refused += [(operation, shows)] if answer.refused else []
    after = look(host)
    require_quiet(before, after)
    if differences(before, after):
        require_steady(after)
        _second_look(host, [one for one in refused if one[0].method != "GET"])
    else:
        holds(True, "", rule="AUTH-5")


def _second_look(host: Participant, refused: list[Try]) -> None:
    """Which operation changes something in spite of its refusal, tried again one by one."""
    for operation, kinds in _by_operation(host, refused):
        at = scene(host)
        before = look(host)
        answers = [attempt(host, at, operation, shows) for shows in kinds]
        after = look(host)
        require_quiet(before, after)
        changes = differences(before, after)
        for rule in ("AUTH-5", "STATE-1") if changes else ("AUTH-5",):
            holds(
                not changes,
                f"{operation.id} was refused for its credentials, and done all the same",
                expected="both views as they were",
                actual="; ".join(changes),
                on=(*answers, *after.exchanges),
                rule=rule,
            )
        for chat in after.messages.keys() - before.messages.keys():
            if after.messages[chat].text == TEXT:
                host.delete(chat)


def _by_operation(
    host: Participant, tries: list[Try]
) -> Iterator[tuple[Operation, list[Credentials]]]:
    for operation in operations(host):
        kinds = [shows for one, shows in tries if one is operation]
        if kinds:
            yield operation, kinds
