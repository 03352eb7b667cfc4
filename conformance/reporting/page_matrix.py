"""Who got what: every operation by every kind of caller, as the exchanges of a run show it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from conformance.contract import Contract
from conformance.reporting.page_exchanges import Call, Calls

COLUMNS = {
    "anonymous": "no token",
    "garbage": "garbage token",
    "scheme": "wrong scheme",
    "other-member": "member elsewhere",
    "other-host": "host elsewhere",
    "member": "member",
    "owner": "owner",
    "host": "host",
}
STRANGERS = ("anonymous", "garbage", "scheme")
OUTSIDERS = ("other-member", "other-host")
MAY = {
    "member": ("listChats", "sendChat", "addReaction", "listReactions"),
    "owner": ("deleteChat", "addReaction", "removeReaction"),
}
OWN_SESSION = ("listChats", "sendChat", "listReactions")
"""What an outsider may do as well, but only within a session of their own."""
REFUSALS = ("AUTH", "PERM", "ISO")
"""Groups of requirements about refused calls; their findings show what a refusal changed."""

# The names that settings give to tokens; tests make up others, for tokens that nobody was given.
_TOKEN = re.compile(r"(?i:bearer) +\$[A-Z0-9_]+_(?:HOST|MEMBER_\d+)")
_NAME = re.compile(r"\$[A-Z0-9_]+")

WORDS = {
    "allowed": "let in, as it should be",
    "refused": "refused, as it should be",
    "breach": "let in, and should not be",
    "trace": "refused, but a finding shows that something changed",
    "locked": "refused, and should be let in",
    "broken": "broken answers",
    "odd": "neither let in nor refused",
    "apart": "sees a session of their own",
    "none": "not tried in this run",
}


@dataclass
class Cell:
    """What a kind of caller got from an operation; ``example`` is the call that shows it best."""

    may: bool
    state: str = "none"
    example: Call | None = None
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def words(self) -> str:
        return WORDS[self.state]

    @property
    def answers(self) -> str:
        return ", ".join(f"{status or 'none'} × {n}" for status, n in self.statuses.most_common(4))


@dataclass(frozen=True)
class Matrix:
    rows: Mapping[str, Mapping[str, Cell]]

    @property
    def columns(self) -> Mapping[str, str]:
        return COLUMNS

    @property
    def tried(self) -> int:
        return sum(cell.state != "none" for row in self.rows.values() for cell in row.values())

    @property
    def alarming(self) -> int:
        states = [cell.state for row in self.rows.values() for cell in row.values()]
        return sum(state in ("breach", "trace", "locked", "broken") for state in states)


def matrix(calls: Calls, contract: Contract, requirements: Iterable[Mapping[str, Any]]) -> Matrix:
    """The heat map of a run. ``requirements`` are those of ``results.json``."""
    sorter = _Sorter(contract)
    found: dict[tuple[str, str], list[Call]] = {}
    for call in calls.all:
        column = sorter.column(call)
        if column:
            found.setdefault((call.operation, column), []).append(call)
        sorter.learn(call)
    traces = _traces(requirements)
    rows = {
        operation: {
            column: _cell(operation, column, found.get((operation, column), []), sorter, traces)
            for column in COLUMNS
            if column != "owner" or operation not in OWN_SESSION
        }
        for operation in contract.operations
    }
    return Matrix(rows)


def _traces(requirements: Iterable[Mapping[str, Any]]) -> set[str]:
    """The exchanges that stand in a finding about a call that should have had no effect."""
    return {
        id
        for one in requirements
        if str(one["id"]).partition("-")[0] in REFUSALS or one["id"] == "STATE-1"
        for finding in one["findings"]
        for id in finding["exchanges"]
    }


def _may(operation: str, column: str) -> bool:
    if column in OUTSIDERS:
        return operation in OWN_SESSION
    return column == "host" or operation in MAY.get(column, ())


def _cell(operation: str, column: str, seen: list[Call], sorter: _Sorter, traces: set[str]) -> Cell:
    cell = Cell(_may(operation, column), statuses=Counter(call.status for call in seen))
    for call in seen:
        state = _state(call, cell.may, column, sorter, traces)
        if cell.example is None or _RANK.index(state) > _RANK.index(cell.state):
            cell.state, cell.example = state, call
    return cell


_RANK = ("none", "odd", "locked", "allowed", "refused", "apart", "trace", "broken", "breach")
"""States, the more telling ones later: a valid call let in says more than a bad one refused."""


def _state(call: Call, may: bool, column: str, sorter: _Sorter, traces: set[str]) -> str:
    if call.kind == "broken":
        return "broken"
    if may and column in OUTSIDERS:
        return "breach" if call.id in sorter.leaks else "apart" if call.kind == "good" else "locked"
    if may:
        return {"good": "allowed", "refused": "locked"}.get(call.kind, "odd")
    if call.kind == "good":
        # ISO-2: to an outsider a delete may answer as it does for an id that nothing has.
        quiet = column in OUTSIDERS and call.method == "DELETE" and call.id not in traces
        return "odd" if quiet else "breach"
    if call.kind == "refused":
        return "trace" if call.id in traces else "refused"
    return "odd"


class _Sorter:
    """Finds out who a caller was to the thing they called for, from what was answered before."""

    def __init__(self, contract: Contract) -> None:
        self.leaks: set[str] = set()
        self._shapes = {
            operation.id: re.compile(
                re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(operation.path)) + "$"
            )
            for operation in contract.operations.values()
        }
        self._people: dict[tuple[str, str], str] = {}
        self._senders: dict[tuple[str, str], str] = {}
        self._reactors: dict[tuple[str, str], str] = {}

    def column(self, call: Call) -> str | None:
        """The kind of caller; None for a call for a thing that is unknown, or for no operation."""
        if call.operation not in self._shapes:
            return None
        ids, world = self._ids(call), _world(call)
        if ids is None:
            return None
        if ids and not self._is_about_home(ids, world):
            return None
        credentials = _credentials(call)
        if credentials != "token":
            return credentials
        person = self._person(call)
        if person.startswith("other_"):
            return "other-host" if person == "other_host" else "other-member"
        if person == "host":
            return "host"
        return "owner" if person == self._owner(call.operation, ids, world) else "member"

    def _person(self, call: Call) -> str:
        """Whose token a call bears: tests may call under another name, but preflight never does."""
        return self._people.setdefault((_world(call), _token(call)), call.actor)

    def _session(self, call: Call) -> str:
        """Where a call's own things live: in the worker's home session, or in the one beside it."""
        world = _world(call)
        return f"{world}/other" if self._person(call).startswith("other_") else world

    def learn(self, call: Call) -> None:
        """Take note of what an accepted call made, removed or showed."""
        ids = self._ids(call)
        if ids is None or call.kind != "good":
            return
        world, own = _world(call), self._session(call)
        if call.operation == "sendChat":
            self._note(self._senders, own, _member(call, "chatId"), self._person(call))
        elif call.operation == "addReaction":
            self._note(self._reactors, world, _member(call, "reactionId"), self._person(call))
        elif call.operation == "deleteChat":
            self._senders.pop((own, ids.get("chatId", "")), None)
        elif call.operation in ("listChats", "listReactions") and own != world:
            self._leaked(call, own, world)

    def _note(self, owners: dict[tuple[str, str], str], world: str, id: str, actor: str) -> None:
        if id:
            owners[world, id] = actor

    def _leaked(self, call: Call, own: str, world: str) -> None:
        """ISO-1, ISO-3: does an outsider's list show a message of the home session?"""
        shown = set(re.findall(r'"chatId"\s*:\s*"([^"\\]+)"', call.response_body()))
        if any((world, id) in self._senders and (own, id) not in self._senders for id in shown):
            self.leaks.add(call.id)

    def _ids(self, call: Call) -> dict[str, str] | None:
        path = urlsplit(str(call.stored["request"]["url"])).path
        found = (
            self._shapes[call.operation].search(path) if call.operation in self._shapes else None
        )
        return {name: unquote(id) for name, id in found.groupdict().items()} if found else None

    def _is_about_home(self, ids: Mapping[str, str], world: str) -> bool:
        known = (world, ids["chatId"]) in self._senders
        return known and ("reactionId" not in ids or (world, ids["reactionId"]) in self._reactors)

    def _owner(self, operation: str, ids: Mapping[str, str], world: str) -> str:
        if operation == "removeReaction":
            return self._reactors.get((world, ids["reactionId"]), "")
        return self._senders.get((world, ids["chatId"]), "") if ids else ""


def _world(call: Call) -> str:
    """The home session of the worker that made the call."""
    return call.id.rpartition("x")[0]


def _token(call: Call) -> str:
    """The name of the token in a call, such as ``$S1_HOST``."""
    found = _NAME.search(call.authorization or "")
    return found.group() if found else ""


def _credentials(call: Call) -> str:
    value = call.authorization
    if value is None:
        return "anonymous"
    if _TOKEN.fullmatch(value.strip()):
        return "token"
    return "garbage" if value.lower().startswith("bearer") else "scheme"


def _member(call: Call, name: str) -> str:
    try:
        found = json.loads(call.response_body())
    except (ValueError, RecursionError):
        return ""
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, str) else ""
