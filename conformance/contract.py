"""The OpenAPI document, read once and typed: limits, operations and schemas.

Every number, name and path of the contract is written in the document and nowhere else. Whoever
loads an edited document (other limits, another prefix, a third reaction) has a checker for that
contract, so nothing here knows a value: only where in the document each value stands.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from jsonschema_rs import Draft202012Validator

from conformance.document import SchemaError, answer, departures, followed, schema_pointer

# The operations the checker knows: the method and the end of the path it looks for where the
# document names them otherwise, and the path parameters it fills.
KNOWN: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "listChats": ("GET", "/chats"),
        "sendChat": ("POST", "/chats"),
        "deleteChat": ("DELETE", "/chats/{chatId}"),
        "addReaction": ("POST", "/chats/{chatId}/reactions"),
        "listReactions": ("GET", "/chats/reactions"),
        "removeReaction": ("DELETE", "/chats/{chatId}/reactions/{reactionId}"),
        "pinChat": ("POST", "/chats/{chatId}/pins"),
        "unpinChat": ("DELETE", "/chats/{chatId}/pins/{pinId}"),
    }
)

PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


class ContractError(ValueError):
    """The document cannot be used; the message is one line: what, where, what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers and names of the contract. Lengths are in characters, sizes in messages."""

    message_length: int
    page_min: int
    page_size: int
    page_default: int
    skip_default: int
    reactions: tuple[str, ...]
    sort_keys: tuple[str, ...]
    sort_default: str
    ascending_default: bool

    @property
    def created_key(self) -> str:
        """The sort key for the time of sending, as the document spells it."""
        return next(key for key in self.sort_keys if key.lower() == "createdat")

    @property
    def pinned_key(self) -> str:
        """The sort key for pinned messages, as the document spells it."""
        return next(key for key in self.sort_keys if key.lower() == "pinned")

    def spellings(self, reaction: str) -> tuple[str, ...]:
        """The sort keys that name `reaction`, in document order; empty when none does."""
        return tuple(key for key in self.sort_keys if _folded(key) == _folded(reaction))

    def reaction_of(self, name: str) -> str | None:
        """The reaction that `name` spells, exactly or as one of its sort keys; else None."""
        if name in self.reactions:
            return name
        return next((known for known in self.reactions if name in self.spellings(known)), None)


@dataclass(frozen=True)
class Operation:
    """One operation: how to call it, and which answers it documents."""

    id: str
    method: str
    path: str
    success: tuple[int, ...]
    path_parameters: tuple[str, ...]
    query_parameters: tuple[str, ...]
    has_body: bool
    no_content: bool
    pointer: str

    def url_path(self, **ids: str) -> str:
        """The path with `ids` filled in, each as one segment.

        Everything but RFC 3986's unreserved characters is percent-encoded, and so are the
        segments "." and "..", which clients would otherwise resolve away. Raises TypeError
        unless `ids` names exactly the path parameters.
        """
        if set(ids) != set(self.path_parameters):
            raise TypeError(f"{self.id} takes {self.path_parameters}, not {tuple(ids)}")
        return PLACEHOLDER.sub(lambda match: _segment(ids[match[1]]), self.path)


@dataclass(frozen=True, eq=False)
class Contract:
    """A document and what was read from it.

    `sha256` is of the file's bytes, in hex; `validators` are keyed by the pointer of their schema.
    """

    content: bytes = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)
    source: str
    version: str
    sha256: str
    limits: Limits
    operations: Mapping[str, Operation] = field(repr=False)
    validators: Mapping[str, Draft202012Validator] = field(repr=False)
    _schemas: dict[str, str | None] = field(default_factory=dict, init=False, repr=False)
    """Where the schema of each request and answer stands that was asked for."""
    _documented: dict[tuple[str, int], str | None] = field(
        default_factory=dict, init=False, repr=False
    )
    """Under which name the answers of an operation that were asked for are documented."""

    def schema_errors(self, operation_id: str, status: int, body: Any) -> list[SchemaError]:
        """Where `body` (parsed JSON) departs from the schema of that answer; empty if nowhere.

        An answer documented without a schema takes any body. An undocumented status is itself
        an error. Raises KeyError for an unknown operation.
        """
        where = f"{self.operations[operation_id].pointer}/responses"
        if (where, status) not in self._documented:
            known = answer(followed(self.document, where)[1], status)
            self._documented[where, status] = known
        documented = self._documented[where, status]
        if documented is None:
            return [SchemaError("", f"status {status} is not documented", where)]
        return self._errors(f"{where}/{documented}", body)

    def request_schema_errors(self, operation_id: str, body: Any) -> list[SchemaError]:
        """Where `body` departs from the schema of the request; empty if it has none."""
        operation = self.operations[operation_id]
        return self._errors(f"{operation.pointer}/requestBody", body) if operation.has_body else []

    def _errors(self, where: str, body: Any) -> list[SchemaError]:
        if where not in self._schemas:
            self._schemas[where] = schema_pointer(self.document, where)
        schema = self._schemas[where]
        if schema is None:
            return []
        try:
            return departures(self.validators[schema], body)
        except ValueError as error:
            return [SchemaError("", f"cannot be checked: {one_line(error)}", schema)]


def _segment(value: str) -> str:
    encoded = quote(value, safe="", errors="surrogatepass")
    return encoded.replace(".", "%2E") if encoded in {".", ".."} else encoded


@functools.lru_cache(256)
def _folded(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()


def one_line(error: Exception) -> str:
    """An error's own words on one line, at most 200 characters."""
    return " ".join(str(error).split())[:200]
