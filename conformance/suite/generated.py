"""Requests that Schemathesis generates from the document, as cases of our own.

It is asked for data only: what it generates is sent by our own client, and judged by the contract
(see ``expected``), since its own checks also judge what the contract leaves free. Importing it
takes a while, so this module is imported where its data is wanted, and not before.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest import mock

import hypothesis
import schemathesis
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.errors import HypothesisException
from hypothesis.internal import charmap
from hypothesis.internal.conjecture import providers
from schemathesis.config import SchemathesisConfig
from schemathesis.core import NotSet
from schemathesis.core.errors import SchemathesisError
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.generation.drivers import CoverageGenerator, ExamplesGenerator
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.generation.overrides import Override

from conformance.client import JSON, encode, word
from conformance.contract import Contract, Operation
from conformance.suite.cases import Case

CONFIG = {
    # Whose token a request has is for our own people to say.
    "generation": {"with-security-parameters": False},
    # Methods that a path does not have are another test's matter (HTTP-4).
    "phases": {"coverage": {"unexpected-methods": []}},
}

DRAWN = hypothesis.settings(
    database=None,
    deadline=None,
    phases=(hypothesis.Phase.generate,),
    suppress_health_check=list(hypothesis.HealthCheck),
    verbosity=hypothesis.Verbosity.quiet,
)


class Feed:
    """The operations of a document as Schemathesis reads them, and the cases made of them."""

    def __init__(self, contract: Contract) -> None:
        config = SchemathesisConfig.from_dict(CONFIG)
        schema = schemathesis.openapi.from_dict(dict(contract.document), config=config)
        found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
        self._config = schema.config
        self._operations = {(one.method.upper(), one.path): one for one in found}
        self._made: dict[tuple[Any, ...], tuple[Case, ...]] = {}

    def covering(self, operation: Operation) -> tuple[Case, ...]:
        """The examples that the document gives, and the edges of each schema (coverage phase)."""
        return self._once((operation.id,), operation, self._phases)

    def drawn(
        self, operation: Operation, *, positive: bool, seed: int, count: int
    ) -> tuple[Case, ...]:
        """Random data that the schemas allow, or that they forbid: at most ``count`` cases.

        Where nothing but ids is asked for, any text is allowed: nothing can be forbidden then.
        """
        if not (positive or operation.has_body or operation.query_parameters):
            return ()
        mode = GenerationMode.POSITIVE if positive else GenerationMode.NEGATIVE

        def draw(one: Any) -> Iterator[Any]:
            return iter(_draw(one.as_strategy(generation_mode=mode), seed, count))

        return self._once((operation.id, positive, seed, count), operation, draw)

    def _once(self, key: tuple[Any, ...], operation: Operation, make: Any) -> tuple[Case, ...]:
        if key not in self._made:
            with _contained():
                made = make(self._operations[operation.method, operation.path])
                self._made[key] = tuple(_translated(operation, made))
        return self._made[key]

    def _phases(self, one: Any) -> Iterator[Any]:
        yield from ExamplesGenerator(
            operation=one, override=Override(), feedback=NO_FEEDBACK, fill_missing=False
        )
        yield from CoverageGenerator(
            operation=one,
            generation_modes=list(GenerationMode),
            generation_config=self._config.generation_for(operation=one, phase="coverage"),
            auth_storage=None,
            override=Override(),
            feedback=NO_FEEDBACK,
        )


_feeds: dict[str, Feed] = {}


def feed(contract: Contract) -> Feed:
    """The feed of a document, made once a process."""
    if contract.sha256 not in _feeds:
        with _contained():
            _feeds[contract.sha256] = Feed(contract)
    return _feeds[contract.sha256]


def _draw(strategy: Any, seed: int, count: int) -> list[Any]:
    """What a strategy gives first under a seed."""
    drawn: list[Any] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(DRAWN, max_examples=count)
    @hypothesis.given(strategy)
    def collect(case: Any) -> None:
        drawn.append(case)

    with suppress(HypothesisException):  # no data of this kind, or no more of it
        collect()
    return drawn[:count]


@contextmanager
def _contained() -> Iterator[None]:
    """Generation leaves nothing in the folder of a run, and depends on nothing but its seed."""
    with ExitStack() as stack:
        if not os.environ.get("HYPOTHESIS_STORAGE_DIRECTORY"):
            set_hypothesis_home_dir(stack.enter_context(tempfile.TemporaryDirectory()))
            stack.callback(set_hypothesis_home_dir, None)
            _give_a_head_start()
        # Hypothesis also draws constants that it reads off the modules that happen to be loaded.
        none: Any = getattr(providers, "Constants", dict)()
        stack.enter_context(
            mock.patch.object(providers, "_get_local_constants", return_value=none, create=True)
        )
        yield


def _give_a_head_start() -> None:
    """Say which characters UTF-8 has, lest Hypothesis try all of them out for most of a second.

    Where it keeps that in another way one day, it does not find this, and tries them out.
    """
    with suppress(AttributeError, OSError):
        file = Path(charmap.charmap_file("codec-v2-utf-8"))
        file.parent.mkdir(parents=True, exist_ok=True)
        every = [[0, 0xD7FF], [0xE000, sys.maxunicode]]
        file.write_bytes(gzip.compress(json.dumps([every, []]).encode()))


def _translated(operation: Operation, made: Iterable[Any]) -> Iterator[Case]:
    """Cases of our own, each once. An operation for which nothing can be generated has none."""
    seen: set[Case] = set()
    try:
        for one in made:
            case = _case(operation, one)
            if case and case not in seen:
                seen.add(case)
                yield case
    except (SchemathesisError, HypothesisException):
        return


def _case(operation: Operation, one: Any) -> Case | None:
    if one.method.upper() != operation.method:
        return None
    headers = {str(name).lower(): str(value) for name, value in one.headers.items()}
    return Case(
        operation.id,
        tuple(sorted((name, str(value)) for name, value in one.path_parameters.items())),
        tuple(_pairs(one.query)),
        _body(one.body),
        headers.get("content-type", JSON[1]),
    )


def _pairs(query: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in query.items():
        for item in value if isinstance(value, list) else [value]:
            yield str(name), "null" if item is None else word(item)


def _body(body: Any) -> bytes | None:
    if isinstance(body, NotSet):
        return None
    return body if isinstance(body, bytes) else encode(body)
