"""``results.json`` keeps the schema that is published with the package."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from importlib import resources
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from sample_runs import filled, hostile_texts, of_embedded, of_faulty

from conformance.catalogue import Level
from conformance.verdict import Status, Verdict

SCHEMA = json.loads(
    resources.files("conformance").joinpath("results.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = jsonschema_rs.validator_for(SCHEMA, validate_formats=True)


def test_it_is_a_schema() -> None:
    jsonschema_rs.meta.validate(SCHEMA)


def test_runs_keep_it() -> None:
    VALIDATOR.validate(of_embedded().results)
    VALIDATOR.validate(of_faulty()[0].results)


@settings(max_examples=10, deadline=None)
@given(hostile_texts())
def test_runs_keep_it_whatever_a_target_says(texts: list[str]) -> None:
    run = filled(texts)
    VALIDATOR.validate(json.loads(json.dumps(run.results).replace("\\ud", "\\u0d")))


def test_it_knows_every_word() -> None:
    properties = SCHEMA["properties"]
    requirement = SCHEMA["$defs"]["requirement"]["properties"]
    assert set(properties["verdict"]["enum"]) == set(Verdict)
    assert set(requirement["status"]["enum"]) == set(Status)
    assert set(requirement["level"]["enum"]) == set(Level)


def drop(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda results: results.pop(key)


def put(key: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda results: results.update({key: value})


def in_first(**values: object) -> Callable[[dict[str, Any]], object]:
    return lambda results: results["requirements"][0].update(values)


@pytest.mark.parametrize(
    "spoil",
    [
        drop("verdict"),
        put("more", 1),
        put("verdict", "fine"),
        put("schemaVersion", "2.0"),
        put("started", "yesterday"),
        put("requests", -1),
        put("leftovers", [1]),
        in_first(status="skipped"),
        in_first(status="failed", findings=[]),
        in_first(status="passed", checks=0),
        in_first(status="inconclusive", reason=None),
        in_first(id="auth 1"),
    ],
)
def test_it_refuses_what_no_run_writes(spoil: Callable[[dict[str, Any]], object]) -> None:
    results = copy.deepcopy(dict(of_embedded().results))
    spoil(results)
    assert not VALIDATOR.is_valid(results)
