"""Tokens never show, in whatever form they travel."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.secret import Redactor, Secret

TOKEN = 'tok+/="x?&%'
SECRET = Secret("S1_HOST", TOKEN)


def forms(token: str) -> list[str]:
    return [
        token,
        quote(token),
        quote(token, safe=""),
        json.dumps(token)[1:-1],
        base64.b64encode(token.encode()).decode(),
        base64.b64encode(f"{token}:".encode()).decode(),
        base64.b64encode(f":{token}".encode()).decode(),
    ]


@pytest.mark.parametrize("form", forms(TOKEN))
def test_a_token_is_replaced_in_each_form(form: str) -> None:
    assert Redactor([SECRET]).text(f"<{form}>") == "<$S1_HOST>"


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=6), st.text())
def test_no_token_is_left_in_any_text(token: str, around: str) -> None:
    redactor = Redactor([Secret("NAME", token)])
    for form in forms(token):
        clean = redactor.text(f"{around}{form}{around}")
        assert form not in clean.replace("$NAME", "\x00")


def test_the_longer_of_two_tokens_wins() -> None:
    redactor = Redactor([Secret("A", "abcdef"), Secret("B", "abcdefgh")])
    assert redactor.text("abcdefgh abcdef") == "$B $A"


def test_a_secret_shows_its_name_alone() -> None:
    assert f"{SECRET} {SECRET!r}" == "$S1_HOST $S1_HOST"
    assert Secret("OTHER", TOKEN) == SECRET
    assert Secret("S1_HOST", "other") != SECRET
