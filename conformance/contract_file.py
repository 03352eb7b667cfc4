"""Reads an OpenAPI document into a contract, or says in one line what is wrong with it."""

from __future__ import annotations

import functools
import hashlib
import importlib.resources
import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

import yaml
from jsonschema_rs import Draft202012Validator

from conformance.contract import (
    KNOWN,
    PLACEHOLDER,
    Contract,
    ContractError,
    Limits,
    Operation,
    one_line,
)
from conformance.document import (
    Loader,
    answer,
    compiled,
    escaped,
    followed,
    references,
    schema_pointer,
)

PACKAGED = "openapi/chats.v1.yaml"
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


def load(path: Path | None = None) -> Contract:
    """Read a document (YAML or JSON); without `path`, the one that comes with the package.

    Raises ContractError when it cannot be read or lacks what the checker needs.
    """
    file = packaged() if path is None else path
    source = PACKAGED if path is None else str(path)
    try:
        content = file.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ContractError(
            f"{source}: cannot be read ({reason}); name a readable OpenAPI file"
        ) from error
    return read(content, source)


def packaged() -> Traversable:
    """The shipped document: inside the package in a wheel, beside it in a source tree."""
    shipped = importlib.resources.files("conformance").joinpath(PACKAGED)
    return shipped if shipped.is_file() else Path(__file__).parent.parent / PACKAGED


@functools.lru_cache(maxsize=4)
def read(content: bytes, source: str) -> Contract:
    """As `load`, from the octets of a document; `source` names it in errors."""
    reader = _Reader(_parsed(content, source), source)
    try:
        return reader.contract(content)
    except RecursionError as error:
        raise ContractError(f"{source}: refers to itself without end; remove the loop") from error
    except (AttributeError, LookupError, TypeError) as error:
        # A list where a map belongs, and the like: which, an OpenAPI validator tells better.
        raise ContractError(
            f"{source}: is not laid out as OpenAPI has it ({one_line(error)}); validate it as such"
        ) from error


def _parsed(content: bytes, source: str) -> Any:
    # JSON first: YAML 1.1 rejects tabs and splits escaped surrogate pairs.
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        pass
    try:
        return Loader(content).get_single_data()
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise ContractError(
            f"{source}: is neither YAML nor JSON ({one_line(error)}); correct it there"
        ) from error


class _Reader:
    """Takes a contract out of a parsed document, or says what is wrong with it."""

    def __init__(self, document: Any, source: str) -> None:
        self.document = document
        self.source = source

    def fail(self, where: str, what: str, advice: str) -> NoReturn:
        """Raise the one-line error for a place in the document."""
        raise ContractError(f"{self.source}: {where}: {what}; {advice}")

    def contract(self, content: bytes) -> Contract:
        """All of it; the document is checked from the outside in."""
        version = self._version()
        self._check_references()
        operations = {known: self._operation(known) for known in KNOWN}
        return Contract(
            content=content,
            document=self.document,
            source=self.source,
            version=version,
            sha256=hashlib.sha256(content).hexdigest(),
            limits=self._limits(operations),
            operations=MappingProxyType(operations),
            validators=MappingProxyType(self._validators(operations.values())),
        )

    def _version(self) -> str:
        openapi = self.document.get("openapi") if isinstance(self.document, dict) else None
        if not isinstance(openapi, str) or not openapi.startswith("3."):
            self.fail("openapi", "is not an OpenAPI 3 document", "give one of version 3.1 or later")
        if openapi.startswith("3.0"):
            # Its schemas are another dialect (`nullable`): read as JSON Schema they mislead.
            self.fail("openapi", f"version {openapi} is too old", "convert it to version 3.1")
        if not isinstance(self.document.get("paths"), dict):
            self.fail("paths", "is missing", "describe the operations there")
        info = self.document.get("info")
        version = info.get("version") if isinstance(info, dict) else None
        if version is None:
            self.fail("info.version", "is missing", "state the version of the contract")
        return str(version)

    def _check_references(self) -> None:
        for pointer, target in references(self.document, "#"):
            if not target.startswith("#/"):
                self.fail(pointer, f"$ref {target!r} leaves the document", "put its target inside")
            try:
                followed(self.document, target)
            except (LookupError, TypeError):
                self.fail(pointer, f"$ref {target!r} names nothing", "add its target or correct it")

    def _validators(self, operations: Iterable[Operation]) -> dict[str, Draft202012Validator]:
        validators = {}
        for schema in _body_schemas(self.document, operations):
            try:
                validators[schema] = compiled(self.document, schema)
            except ValueError as error:
                self.fail(schema, f"is no valid schema ({one_line(error)})", "correct it")
        return validators

    def _operation(self, known: str) -> Operation:
        path, method, pointer = self._find(known)
        described = self._at(pointer)
        in_path = tuple(PLACEHOLDER.findall(path))
        for name in PLACEHOLDER.findall(KNOWN[known][1]):
            if name not in in_path:
                self.fail(known, f"path {path} has no {{{name}}}", "name the parameter so")
        answers = described.get("responses", {})
        success = tuple(code for code in range(200, 300) if answer(answers, code))
        if not success:
            self.fail(known, "no success is documented", f"add one at {pointer}/responses")
        return Operation(
            id=known,
            method=method.upper(),
            path=path,
            success=success,
            path_parameters=in_path,
            query_parameters=tuple(self._query(pointer)),
            has_body="requestBody" in described,
            no_content=not any(
                schema_pointer(self.document, f"{pointer}/responses/{answer(answers, code)}")
                for code in success
            ),
            pointer=pointer,
        )

    def _find(self, known: str) -> tuple[str, str, str]:
        """Path, method (lower case) and pointer: by operationId, else by the path's end."""
        method, ending = KNOWN[known]
        by_shape = None
        for path, name, pointer in self._described():
            if self._at(pointer).get("operationId") == known:
                return path, name, pointer
            if name == method.lower() and _shape(path).endswith(_shape(ending)):
                by_shape = by_shape or (path, name, pointer)
        return by_shape or self.fail(
            "paths", f"operation {known} ({method} ...{ending}) is missing", "describe it"
        )

    def _described(self) -> Iterator[tuple[str, str, str]]:
        for path in self.document["paths"]:
            item = f"#/paths/{escaped(path)}"
            for method, described in self._at(item).items():
                if method in _METHODS and isinstance(described, dict):
                    yield path, method, f"{item}/{method}"

    def _query(self, pointer: str) -> dict[str, dict[str, Any]]:
        """The schemas of an operation's query parameters; its own stand before the path's."""
        item = self._at(pointer.rpartition("/")[0])
        found: dict[str, dict[str, Any]] = {}
        for entry in (*self._at(pointer).get("parameters", ()), *item.get("parameters", ())):
            parameter = self._resolved(entry)
            if parameter.get("in") == "query":
                found.setdefault(parameter["name"], self._resolved(parameter.get("schema")))
        return found

    def _at(self, pointer: str) -> dict[str, Any]:
        """The object at a pointer, or an empty one."""
        node = followed(self.document, pointer)[1]
        return node if isinstance(node, dict) else {}

    def _resolved(self, node: Any) -> dict[str, Any]:
        """An object with its references followed and what stands beside them kept."""
        if not isinstance(node, dict):
            return {}
        return {**self._resolved(self._at(node["$ref"])), **node} if "$ref" in node else node

    def _limits(self, operations: Mapping[str, Operation]) -> Limits:
        query = self._query(operations["listChats"].pointer)
        take, skip = query.get("Take", {}), query.get("Skip", {})
        sort, ascending = query.get("SortBy", {}), query.get("Ascending", {})
        text = self._field(operations["sendChat"], "message")
        reaction = self._field(operations["addReaction"], "reaction")
        limits = Limits(
            message_length=self._integer(text, "maxLength", "sendChat message"),
            page_min=self._integer(take, "minimum", "listChats Take"),
            page_size=self._integer(take, "maximum", "listChats Take"),
            page_default=self._integer(take, "default", "listChats Take"),
            skip_default=self._integer(skip, "default", "listChats Skip", least=0),
            reactions=self._enum(reaction, "addReaction reaction"),
            sort_keys=self._enum(sort, "listChats SortBy"),
            sort_default=sort.get("default", ""),
            ascending_default=self._boolean(ascending, "default", "listChats Ascending"),
        )
        self._check_limits(limits)
        return limits

    def _check_limits(self, limits: Limits) -> None:
        if not limits.page_min <= limits.page_default <= limits.page_size:
            sizes = f"{limits.page_min}, {limits.page_default}, {limits.page_size}"
            what = f"minimum, default and maximum are out of order ({sizes})"
            self.fail("listChats Take", what, "let none exceed the next")
        if limits.sort_default not in limits.sort_keys:
            self.fail("listChats SortBy", "default is not in its enum", "choose one that is")
        for key in ("CreatedAt", "Pinned"):
            if key.lower() not in map(str.lower, limits.sort_keys):
                self.fail("listChats SortBy", f"enum lacks {key}", "add it")

    def _field(self, operation: Operation, name: str) -> dict[str, Any]:
        """The schema of one field of a request body; empty when there is none."""
        where = f"{operation.pointer}/requestBody"
        schema = schema_pointer(self.document, where) if operation.has_body else None
        body = self._resolved(self._at(schema)) if schema else {}
        return self._resolved(body.get("properties", {}).get(name))

    def _integer(self, schema: dict[str, Any], key: str, where: str, *, least: int = 1) -> int:
        value = schema.get(key)
        if value is None:
            self.fail(where, f"{key} is missing", "write it as a whole number")
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            self.fail(where, f"{key} is {value!r}", f"write a whole number, {least} or more")
        return value

    def _boolean(self, schema: dict[str, Any], key: str, where: str) -> bool:
        value = schema.get(key)
        if not isinstance(value, bool):
            self.fail(where, f"{key} is no boolean", "write true or false")
        return value

    def _enum(self, schema: dict[str, Any], where: str) -> tuple[str, ...]:
        names = self._allowed(schema)
        if not names or not all(isinstance(name, str) and name for name in names):
            self.fail(where, "has no enum of names", "list one or more non-empty strings")
        if len(set(names)) < len(names):
            self.fail(where, "enum has a name twice", "list each once")
        return tuple(names)

    def _allowed(self, schema: dict[str, Any]) -> list[Any]:
        """What an enum lists, null apart: the schema's own, or those of its alternatives."""
        if isinstance(schema.get("enum"), list):
            return [name for name in schema["enum"] if name is not None]
        parts = [part for key in ("anyOf", "oneOf", "allOf") for part in schema.get(key, ())]
        return [name for part in parts for name in self._allowed(self._resolved(part))]


def _body_schemas(document: Any, operations: Iterable[Operation]) -> Iterator[str]:
    for operation in operations:
        answers = followed(document, f"{operation.pointer}/responses")[1]
        places = [
            f"{operation.pointer}/responses/{status}" for status in answers if status[:2] != "x-"
        ]
        places += [f"{operation.pointer}/requestBody"] if operation.has_body else []
        yield from filter(None, (schema_pointer(document, place) for place in places))


def _shape(path: str) -> str:
    return PLACEHOLDER.sub("{}", path)
