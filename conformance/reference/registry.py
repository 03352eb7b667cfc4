"""Faults and variants: named subclasses of the server, found by their ids."""

from __future__ import annotations

import difflib
import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.reference.server import Server

ran: set[str] = set()
"""The ids of the faults and variants whose code was reached in this process."""


class UnknownDeviation(ValueError):
    """No fault or variant has this id; the message names the nearest one."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """A server that differs from the reference in one point.

    A fault names the requirements that it breaks, the most direct one first; a conforming variant
    breaks none. One that ``waits`` holds calls back: a run spends its time waiting for it.
    """

    id: str
    title: str
    breaks: tuple[str, ...]
    server: type[Server]
    waits: bool = False

    @property
    def conforming(self) -> bool:
        return not self.breaks


_known: dict[str, Deviation] = {}


def fault(id: str, *breaks: str, waits: bool = False) -> Callable[[type[Server]], type[Server]]:
    """Register a server with one bug; its docstring says what is wrong in one line."""
    if not breaks:
        raise ValueError(f"fault {id!r} has to name a requirement that it breaks")
    return functools.partial(_register, id, breaks, waits=waits)


def variant(id: str, *, waits: bool = False) -> Callable[[type[Server]], type[Server]]:
    """Register a server that differs from the reference and conforms all the same."""
    return functools.partial(_register, id, (), waits=waits)


def _register(
    id: str, breaks: tuple[str, ...], server: type[Server], waits: bool = False
) -> type[Server]:
    if id in _known:
        raise ValueError(f"{id!r} stands for two deviations")
    for name, value in list(vars(server).items()):
        if inspect.isfunction(value) and name != "set_up":
            setattr(server, name, _noted(id, value))
    _known[id] = Deviation(id, (inspect.getdoc(server) or "").strip(), breaks, server, waits)
    return server


def _noted(id: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def noted(*args: Any, **kwargs: Any) -> Any:
        ran.add(id)
        return method(*args, **kwargs)

    return noted


@functools.cache
def deviations() -> Mapping[str, Deviation]:
    """Every fault and variant by its id."""
    for package in ("faults", "variants"):
        home = importlib.import_module(f"conformance.reference.{package}")
        for module in pkgutil.iter_modules(getattr(home, "__path__", ())):
            importlib.import_module(f"{home.__name__}.{module.name}")
    return dict(_known)


def faults() -> tuple[Deviation, ...]:
    return tuple(one for one in deviations().values() if not one.conforming)


def variants() -> tuple[Deviation, ...]:
    return tuple(one for one in deviations().values() if one.conforming)


def find(id: str) -> Deviation:
    """The deviation with this id. Raises :class:`UnknownDeviation`."""
    known = deviations()
    if id not in known:
        near = difflib.get_close_matches(id, known, n=1)
        hint = (
            f"; did you mean {near[0]!r}?"
            if near
            else "; 'chats-conformance faults --list' names all"
        )
        raise UnknownDeviation(f"no fault or variant is called {id!r}{hint}")
    return known[id]


def server_class(ids: Iterable[str]) -> type[Server]:
    """The reference server with all these deviations at once."""
    chosen = [find(id).server for id in dict.fromkeys(ids)]
    return type("Deviating", (*chosen, Server), {}) if chosen else Server
