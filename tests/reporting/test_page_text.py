"""Strangers' texts on the conformance page."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.reporting.hostile import unseen
from conformance.reporting.page_text import cut, difference, excerpt, indented, visible

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.booleans())
def test_laid_out_json_says_the_same(value: object, ascii: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii)
    assert json.loads(indented(text)) == value


@pytest.mark.parametrize("text", ["", "plain words", '{"a":', "[1,]", "<xml/>", "[" * 5_000])
def test_what_is_no_json_stays_as_it_is(text: str) -> None:
    assert indented(text) == text


def test_numbers_and_doubled_names_are_not_touched() -> None:
    assert indented('{"a":1.0e+5,"a":12345678901234567890.10}') == (
        '{\n  "a": 1.0e+5,\n  "a": 12345678901234567890.10\n}'
    )


@given(st.lists(VALUES, min_size=1, max_size=5), st.data())
def test_an_excerpt_holds_the_value_at_its_pointer(
    values: list[object], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(values) - 1))
    found = excerpt(json.dumps({"a/b~": values}), f"/a~1b~0/{index}")
    assert found is not None
    if len(found.value) < 500:
        assert json.loads(found.value) == values[index]


@pytest.mark.parametrize("pointer", ["", "/b", "/a/7", "/a/0/x", "nonsense"])
def test_a_pointer_to_nothing_gives_no_excerpt(pointer: str) -> None:
    assert excerpt('{"a":[1]}', pointer) is None


def test_a_long_value_is_cut_in_its_excerpt() -> None:
    found = excerpt(json.dumps({"a": "x" * 1_000_000, "b": "y" * 1_000_000}), "/a")
    assert found is not None
    assert len(found.value) + len(found.after) < 2_000


@given(st.text())
def test_nothing_unseen_is_left(text: str) -> None:
    assert not [one for one in visible(text) if unseen(one) and one not in "\n\t\u200d"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u202eabc", "\\u202eabc"),
        ("\x1b[31m", "\\u001b[31m"),
        ("\ud800", "\\ud800"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("a\u200db", "a\\u200db"),
        ("a\tb\r\nc", "a\tb\nc"),
    ],
)
def test_odd_characters_are_spelled_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(), st.text())
def test_a_marked_difference_keeps_both_texts(one: str, other: str) -> None:
    left, right = difference(one, other)
    assert "".join(piece for piece, _ in left) == one
    assert "".join(piece for piece, _ in right) == other


def test_only_what_differs_is_marked() -> None:
    _, right = difference("a 4xx status for bob", "a 200 status for bob")
    assert [piece for piece, differs in right if differs] == ["200"]


def test_texts_with_nothing_in_common_are_not_marked() -> None:
    assert difference("a 4xx status", "204 No Content")[0] == (("a 4xx status", False),)


def test_a_cut_text_says_so() -> None:
    assert cut("x" * 50, 10) == "xxxxxxxxxx\n… cut here: 50 characters in all"


def test_two_empty_sides_are_still_two_sides() -> None:
    assert difference("", "") == ((("", False),), (("", False),))
