"""The fact sheet of a target, from what it answered."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_runs import filled, hostile_texts, of_embedded

from conformance.reporting import hostile
from conformance.reporting.page_exchanges import Calls
from conformance.reporting.page_facts import FORMS, form, sheet
from conformance.results import StoredRun


def told(run: StoredRun) -> dict[str, tuple[str, ...]]:
    return {fact.topic: fact.facts for fact in sheet(Calls(run))}


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        ([str(uuid.UUID(int=n, version=4)) for n in range(3)], "UUID, version 4"),
        ([str(uuid.UUID(int=n, version=n)) for n in (4, 1)], "UUID, version 1 and 4"),
        (["01ARZ3NDEKTSV4RRFFQ69G5FAV"], "ULID"),
        (["7", "12"], "numbers of 1 to 2 digits"),
        (["0a" * 12], "24 hexadecimal digits"),
        (["abcXYZ", "abc"], "3 to 6 letters and digits"),
        (["a-b_c"], "5 letters, digits, - and _"),
        (["a b", "é"], "1 to 3 characters of any kind"),
    ],
)
def test_ids_are_of_the_narrowest_form(ids: list[str], words: str) -> None:
    assert form(ids) == words


@given(st.lists(st.text(min_size=1), min_size=1))
def test_every_id_has_a_form(ids: list[str]) -> None:
    assert any(name in form(ids) for name in FORMS)


def test_the_reference_server_is_described() -> None:
    found = told(of_embedded())
    for what in ("messages", "reactions", "pins"):
        assert found[f"Ids of {what}"][0] == "UUID, version 4"
    assert found["Form of times"][0] == "3 decimals of a second, Z"
    assert found["Clock"] == ("as the checker's",)
    assert any(line.startswith("deleteChat: 204, ") for line in found["Statuses"])
    assert any(line.startswith("application/json (") for line in found["Media types of answers"])


def sent(started: float, created: str) -> dict[str, Any]:
    body = json.dumps({"chatId": "1", "createdAt": created})
    answer = {"status": 200, "reason": "OK", "version": "", "headers": [], "text": body}
    request = {"method": "POST", "url": "http://h/v1/chats", "headers": [], "text": ""}
    named = {"id": "x1", "test": "", "actor": "alice", "operation": "sendChat", "curl": ""}
    return {**named, "started": started, "elapsed": 0.2, "request": request, "response": answer}


def test_a_clock_that_is_fast_is_told() -> None:
    exchange = sent(1_767_225_600.0, "2026-01-01T00:01:30.1+00:00")
    found = told(StoredRun(Path(), {"target": {"url": "h"}}, {"x1": exchange}))
    assert found["Clock"] == ("+90.0 s from the checker's",)
    assert found["Form of times"][0] == "1 decimals of a second, +00:00"


def test_a_target_that_said_nothing_has_no_facts() -> None:
    assert told(StoredRun(Path(), {"target": {"url": "h"}}, {})) == {}


@settings(max_examples=15, deadline=None)
@given(hostile_texts())
def test_whatever_it_says_is_shown_harmless(texts: list[str]) -> None:
    for facts in told(filled(texts)).values():
        shown = "".join(facts)
        assert all(one in "\n\t" or not hostile.unseen(one) for one in shown)
