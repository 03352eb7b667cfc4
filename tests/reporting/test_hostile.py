"""Texts of a target, made harmless."""

from __future__ import annotations

import json
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.exchange import Request, curl
from conformance.redaction import Redactor
from conformance.reporting import hostile
from conformance.secret import Secret

TEXTS = st.text(st.characters())


@given(TEXTS)
def test_a_line_has_no_unseen_character(text: str) -> None:
    assert not any(map(hostile.unseen, hostile.line(text)))


@given(TEXTS)
def test_a_block_keeps_only_line_breaks_and_tabs(text: str) -> None:
    assert {c for c in hostile.block(text) if hostile.unseen(c)} <= {"\n", "\t"}


def test_what_is_plain_stays_as_it_is() -> None:
    assert hostile.line("naïve 日本 😀 \\u0041") == "naïve 日本 😀 \\u0041"


def test_a_long_text_is_cut_with_its_length() -> None:
    assert hostile.line("a" * 1_000_000, 10) == "aaaaaaaaaa… (1,000,000 characters)"


@given(st.recursive(TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)))
def test_a_document_is_ascii_and_strict_json(value: object) -> None:
    text = hostile.document(value)
    assert text.isascii()
    json.dumps(json.loads(text), ensure_ascii=False).encode()


@given(TEXTS)
def test_no_backquotes_of_a_text_end_its_code(text: str) -> None:
    span = hostile.code(text)
    fence = span[: len(span) - len(span.lstrip("`"))]
    assert span.endswith(fence)
    assert fence not in span[len(fence) : -len(fence)]
    block = hostile.fenced(text).split("\n")
    assert not any(block[-1] in row for row in block[1:-1])


@pytest.mark.parametrize(
    "text",
    [
        "it's \u202eodd\u202c",
        "\u202e'\u200f'\u2066\"$HOME `id`",
        "tab\tline\nend\u2028\u0085",
        "back\\slash \\' \u061c \\x41",
        "$'\u202e'",
        "plain",
    ],
)
def test_a_shell_reads_a_command_as_before(text: str) -> None:
    redactor = Redactor([Secret("S1_HOST", "secret-token")])
    headers = (("Authorization", "Bearer secret-token"),)
    request = Request("POST", "http://127.0.0.1/v1/chats", headers, text.encode())
    command = curl(request, redactor)
    shown = hostile.shell(command)
    assert not any(map(hostile.unseen, shown))
    assert words(shown) == words(command)


def words(command: str) -> bytes:
    script = "curl() { printf '%s\\0' \"$@\"; }; S1_HOST=secret-token; " + command
    return subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout
