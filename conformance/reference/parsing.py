"""How the reference server reads paths, query parameters and bodies."""

from __future__ import annotations

import functools
import json
import re
from typing import Any
from urllib.parse import unquote_to_bytes

INT32 = 2**31


class Invalid(Exception):
    """A request that cannot be served as it is; ``status`` is the 4xx to answer."""

    def __init__(self, problem: str, status: int = 400) -> None:
        super().__init__(problem)
        self.status = status


def match(template: str, path: str) -> dict[str, str] | None:
    """The decoded ids of ``path`` where it has the shape of ``template``, else ``None``."""
    if template.count("/") != path.count("/"):
        return None
    want, have = template.split("/"), path.split("/")
    ids: dict[str, str] = {}
    for name, raw in zip(want, have, strict=True):
        segment = decoded(raw)
        if name.startswith("{") and segment:
            ids[name[1:-1]] = segment
        elif name != segment:
            return None
    return ids


@functools.lru_cache
def decoded(segment: str) -> str:
    """A part of a path, without its percent-encoding."""
    return unquote_to_bytes(segment).decode("utf-8", "replace")


def integer(raw: str | None, default: int, low: int, high: int = INT32 - 1) -> int:
    if raw is None:
        return default
    if not re.fullmatch(r"-?[0-9]{1,10}", raw):
        raise Invalid("This parameter takes a whole number.")
    value = int(raw)
    if not low <= value <= high:
        raise Invalid(f"This parameter takes a number from {low} to {high}.")
    return value


def boolean(raw: str | None, default: bool) -> bool:
    if raw is None:
        return default
    if raw.lower() not in ("true", "false"):
        raise Invalid("This parameter is true or false.")
    return raw.lower() == "true"


def choice(raw: str | None, allowed: tuple[str, ...], default: str) -> str:
    if raw is None:
        return default
    if raw not in allowed:
        raise Invalid(f"This parameter is one of {', '.join(allowed)}.")
    return raw


def require_json(content_type: str | None) -> None:
    """Refuse a body that is declared as something other than JSON."""
    kind = (content_type or "application/json").partition(";")[0].strip().lower()
    if kind not in ("application/json", "text/json") and not kind.endswith("+json"):
        raise Invalid("The body has to be JSON.", status=415)


def decode(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Invalid("The body is not JSON in UTF-8.") from None


def string(body: Any, name: str) -> str:
    """The string at ``name``; lone surrogates have no UTF-8 form and are refused."""
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, str):
        raise Invalid(f"The body has to be an object with a string {name!r}.")
    if re.search("[\ud800-\udfff]", value):
        raise Invalid(f"{name!r} has a lone surrogate.")
    return value
