"""Which parts of the document a run has met: parameters, statuses and branches of schemas."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from conformance.contract import Contract
from conformance.reporting.page_exchanges import Call, Calls

ITEMS = 20
"""Entries of one array that are looked at."""
DEPTH = 8

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Branch:
    """One thing that can be met, how often it was, and whether the document knows it."""

    label: str
    seen: int
    documented: bool = True


@dataclass(frozen=True, slots=True)
class Covered:
    """What was met of one operation, by part: a title, and its branches."""

    operation: str
    method: str
    path: str
    calls: int
    parts: tuple[tuple[str, tuple[Branch, ...]], ...]

    @property
    def branches(self) -> tuple[Branch, ...]:
        return tuple(branch for _, part in self.parts for branch in part if branch.documented)

    @property
    def met(self) -> int:
        return sum(branch.seen > 0 for branch in self.branches)

    @property
    def share(self) -> int:
        return round(100 * self.met / len(self.branches)) if self.branches else 0


def coverage(calls: Calls, contract: Contract) -> tuple[Covered, ...]:
    by_operation: dict[str, list[Call]] = {}
    for call in calls.all:
        by_operation.setdefault(call.operation, []).append(call)
    return tuple(_covered(contract, id, by_operation.get(id, ())) for id in contract.operations)


def _covered(contract: Contract, id: str, calls: Iterable[Call]) -> Covered:
    operation, seen = contract.operations[id], list(calls)
    described = _at(contract.document, operation.pointer)
    queries = [_query(call) for call in seen]
    parts = [
        (f"?{name}", _parameter(schema, [query.get(name, []) for query in queries]))
        for name, schema in _parameters(contract.document, operation.pointer).items()
    ]
    if operation.has_body:
        schema = _json_schema(contract.document, described["requestBody"])
        parts.append(("request body", _bodies(contract.document, schema, _requests(seen))))
    parts.append(("status", _statuses(described["responses"], seen)))
    for status in operation.success:
        answer = described["responses"].get(str(status))
        schema = _json_schema(contract.document, answer) if answer else {}
        if schema:
            found = _bodies(contract.document, schema, _answers(seen, status))
            parts.append((f"{status} body", found))
    return Covered(id, operation.method, operation.path, len(seen), tuple(parts))


# -- parameters and statuses -----------------------------------------------------------------------


def _query(call: Call) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(
        urlsplit(str(call.stored["request"]["url"])).query, keep_blank_values=True
    ):
        found.setdefault(name, []).append(value)
    return found


def _parameters(document: Schema, pointer: str) -> dict[str, Schema]:
    """The schemas of an operation's query parameters, its path's included."""
    found: dict[str, Schema] = {}
    for place in (pointer, pointer.rpartition("/")[0]):
        for entry in _at(document, place).get("parameters", ()):
            parameter = _resolved(document, entry)
            if parameter.get("in") == "query":
                schema = _resolved(document, parameter.get("schema", {}))
                found.setdefault(parameter["name"], schema)
    return found


def _parameter(schema: Schema, given: list[list[str]]) -> tuple[Branch, ...]:
    """How a query parameter was given: absent, or with values of each class of its schema."""
    seen: Counter[str] = Counter("absent" for values in given if not values)
    names = _classes(schema)
    if schema.get("type") == "array":
        seen.update("once" if len(values) == 1 else "repeated" for values in given if values)
    else:
        seen.update(_class(schema, value) for values in given for value in values)
    return tuple(Branch(name, seen[name]) for name in ("absent", *names))


def _classes(schema: Schema) -> tuple[str, ...]:
    match schema.get("type"):
        case "array":
            return ("once", "repeated")
        case "boolean":
            return ("true", "false", "other")
        case "integer":
            low, high = schema.get("minimum"), schema.get("maximum")
            bounds = [f"below {low}", f"{low}"] if low is not None else []
            bounds += ["between"]
            bounds += [f"{high}", f"above {high}"] if high is not None else []
            return (*bounds, "no integer")
    return (*map(str, schema.get("enum", ())), "other")


def _class(schema: Schema, value: str) -> str:
    if schema.get("type") == "integer":
        return _integer(schema, value)
    return value if value in _classes(schema) else "other"


def _integer(schema: Schema, value: str) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    try:
        number = int(value) if len(value) < 100 else None
    except ValueError:
        number = None
    if number is None:
        return "no integer"
    if low is not None and number <= low:
        return f"{low}" if number == low else f"below {low}"
    if high is not None and number >= high:
        return f"{high}" if number == high else f"above {high}"
    return "between"


def _statuses(documented: Mapping[str, Any], calls: list[Call]) -> tuple[Branch, ...]:
    seen = Counter(str(call.status) if call.status else "no answer" for call in calls)
    met: Counter[str] = Counter()
    strange: list[Branch] = []
    for status, times in sorted(seen.items()):
        key = next((key for key in (status, f"{status[0]}XX") if key in documented), None)
        if key is None:
            strange.append(Branch(status, times, documented=False))
        elif key == status:
            met[key] += times
        else:
            met[key] += times
            strange.append(Branch(status, times))
    named = [Branch(key, met[key]) for key in documented if not key.startswith("x-")]
    return (*named, *strange)


# -- bodies ----------------------------------------------------------------------------------------


def _requests(calls: Iterable[Call]) -> Iterator[str]:
    return (call.request_body() for call in calls)


def _answers(calls: Iterable[Call], status: int) -> Iterator[str]:
    return (call.response_body() for call in calls if call.status == status)


def _bodies(document: Schema, schema: Schema, texts: Iterable[str]) -> tuple[Branch, ...]:
    """The branches of a schema, and how many different bodies took each."""
    walk = _Walk(document)
    seen: Counter[str] = Counter()
    for text in set(texts):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            continue
        seen.update(walk.taken(schema, value, ""))
    return tuple(Branch(label, seen[label]) for label in walk.possible(schema, "", 0))


class _Walk:
    """Names the branches that schemas of a document offer, and those that values take."""

    def __init__(self, document: Schema) -> None:
        self.document = document
        self._entries: dict[tuple[str, str], set[str]] = {}

    def possible(self, schema: Schema, at: str, depth: int) -> dict[str, None]:
        """Labels of all that a schema leaves to choose, in its order."""
        schema, found = _resolved(self.document, schema), dict[str, None]()
        if depth > DEPTH:
            return found
        types = _types(self.document, schema)
        found |= dict.fromkeys(f"{at or 'body'}: {kind}" for kind in types if len(types) > 1)
        found |= dict.fromkeys(f"{at} = {value}" for value in _enum(self.document, schema))
        if "maxLength" in schema:
            longest = schema["maxLength"]
            found |= dict.fromkeys((f"{at}: {longest} long", f"{at}: over {longest} long"))
        if "items" in schema:
            found |= dict.fromkeys((f"{at or 'body'}: empty", f"{at or 'body'}: with entries"))
            found |= self.possible(schema["items"], f"{at}[]", depth + 1)
        for name, part in schema.get("properties", {}).items():
            where = f"{at}.{name}".lstrip(".")
            if name not in schema.get("required", ()):
                found[f"{where}: absent"] = None
            found |= self.possible(part, where, depth + 1)
        return found

    def taken(self, schema: Schema, value: Any, at: str, depth: int = 0) -> set[str]:
        """Labels of what a value chose; some may be of nothing that the schema offers."""
        schema, found = _resolved(self.document, schema), {f"{at or 'body'}: {_kind(value)}"}
        if depth > DEPTH:
            return found
        if isinstance(value, str):
            found |= {f"{at} = {value}", *_length(schema, value, at)}
        elif isinstance(value, list) and "items" in schema:
            found.add(f"{at or 'body'}: {'with entries' if value else 'empty'}")
            for entry in value[:ITEMS]:
                found |= self._entry(schema["items"], entry, f"{at}[]", depth + 1)
        elif isinstance(value, dict):
            for name, part in schema.get("properties", {}).items():
                where = f"{at}.{name}".lstrip(".")
                if name in value:
                    found |= self.taken(part, value[name], where, depth + 1)
                else:
                    found.add(f"{where}: absent")
        return found

    def _entry(self, schema: Schema, entry: Any, at: str, depth: int) -> set[str]:
        """As ``taken``; the same entry stands in many lists, and is looked at once."""
        key = (at, json.dumps(entry))
        if key not in self._entries:
            self._entries[key] = self.taken(schema, entry, at, depth)
        return self._entries[key]


def _length(schema: Schema, value: str, at: str) -> tuple[str, ...]:
    longest = schema.get("maxLength")
    if longest is None or len(value) < longest:
        return ()
    return (f"{at}: {longest} long",) if len(value) == longest else (f"{at}: over {longest} long",)


def _types(document: Schema, schema: Schema) -> tuple[str, ...]:
    given = schema.get("type", ())
    own = (given,) if isinstance(given, str) else tuple(given)
    parts = [_resolved(document, part) for part in schema.get("anyOf", ())]
    return (*own, *(kind for part in parts for kind in _types(document, part)))


def _enum(document: Schema, schema: Schema) -> tuple[Any, ...]:
    parts = [_resolved(document, part) for part in schema.get("anyOf", ())]
    return (*schema.get("enum", ()), *(one for part in parts for one in _enum(document, part)))


def _kind(value: Any) -> str:
    """The name that JSON Schema has for a value's type."""
    if value is None:
        return "null"
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return kinds.get(type(value), "object")


# -- the document ----------------------------------------------------------------------------------


def _json_schema(document: Schema, message: Schema) -> Schema:
    content = _resolved(document, message).get("content", {})
    return next((kind.get("schema", {}) for name, kind in content.items() if "json" in name), {})


def _resolved(document: Schema, node: Schema) -> Schema:
    while isinstance(node.get("$ref"), str):
        node = _at(document, node["$ref"])
    return node


def _at(document: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        document = document[step.replace("~1", "/").replace("~0", "~")]
    return document
