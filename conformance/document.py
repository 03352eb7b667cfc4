"""Ways about an OpenAPI document: its YAML, its references, and its schemas as validators."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import yaml
from jsonschema_rs import Draft202012Validator, ValidationError, ValidationErrorKind

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One place where a body departs from its schema. Both pointers are JSON pointers."""

    pointer: str
    message: str
    schema_pointer: str


class Loader(yaml.SafeLoader):
    """YAML as JSON has it: string keys, and dates left as the text that they are."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Like the parent's, with every key as text: `200:` and `"200":` are the same status."""
        values = super().construct_mapping(node, deep)
        return {key if isinstance(key, str) else str(key): value for key, value in values.items()}


Loader.yaml_implicit_resolvers = {
    first: [entry for entry in entries if entry[0] != "tag:yaml.org,2002:timestamp"]
    for first, entries in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def followed(document: Any, pointer: str) -> tuple[str, Any]:
    """The node at a JSON pointer and where it really stands, all references followed.

    Raises LookupError when nothing is there.
    """
    where, node = "#", document
    for token in pointer.split("/")[1:]:
        key = unquote(token).replace("~1", "/").replace("~0", "~")
        node = node[int(key) if isinstance(node, list) and key.isdigit() else key]
        where = f"{where}/{token}"
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            where, node = followed(document, node["$ref"])
    return where, node


def references(node: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Every reference below a node: where it stands, and its target."""
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        yield pointer, node["$ref"]
    children: Iterable[tuple[Any, Any]]
    children = node.items() if isinstance(node, dict) else enumerate(node)
    for key, child in children:
        if isinstance(child, dict | list):
            yield from references(child, f"{pointer}/{escaped(str(key))}")


def schema_pointer(document: Any, pointer: str) -> str | None:
    """Where the JSON schema of a request or answer stands; None if it has none."""
    where, described = followed(document, pointer)
    for kind, content in described.get("content", {}).items():
        name = kind.partition(";")[0].strip().lower()
        if (name == "application/json" or name.endswith("+json")) and "schema" in content:
            return f"{where}/content/{escaped(kind)}/schema"
    return None


def answer(answers: Mapping[str, Any], status: int) -> str | None:
    """The key under which a status is documented; `default` stands for refusals only."""
    keys = [str(status), f"{status // 100}XX", *(["default"] if status >= 400 else [])]
    return next((key for key in keys if key in answers), None)


def compiled(document: Mapping[str, Any], schema: str) -> Draft202012Validator:
    """A validator for the schema at a pointer, with the whole document to refer to.

    Its date-time check is RFC 3339's: lower-case `t` and `z` and any number of fractional digits
    are right, a missing offset or a day that does not exist is wrong. Raises ValueError.
    """
    root = {**document, "$ref": quote(schema, safe="#/~")}
    return Draft202012Validator(root, validate_formats=True, offline=True, mask="the value")


def departures(validator: Draft202012Validator, body: Any) -> list[SchemaError]:
    try:
        return [_schema_error(error) for error in validator.iter_errors(body)]
    except UnicodeEncodeError:
        # Half a surrogate pair is valid JSON, but the validator's UTF-8 cannot hold it. No schema
        # tells one character from another, so any other will do.
        whole = _SURROGATE.sub("\ufffd", json.dumps(body, ensure_ascii=False))
        return [_schema_error(error) for error in validator.iter_errors(json.loads(whole))]


def _schema_error(error: ValidationError) -> SchemaError:
    return SchemaError(
        pointer="".join(f"/{escaped(str(step))}" for step in error.instance_path),
        message=_message(error),
        schema_pointer="/".join(["#", *(escaped(str(step)) for step in error.schema_path)]),
    )


def _message(error: ValidationError) -> str:
    match error.kind:
        case ValidationErrorKind.Required(name):
            return f"lacks {name!r}"
        case ValidationErrorKind.Type(types):
            return f"is {_type_name(error.instance)}, not {' or '.join(types)}"
        case _:
            return error.message


def _type_name(value: Any) -> str:
    """A JSON value's type, in JSON Schema's words."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, dict) else "array" if isinstance(value, list) else "number"


def escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
