"""Ids that nothing has (``conformance.suite.ids``)."""

from __future__ import annotations

import re
import uuid

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conformance.suite.ids import counts_up, lookalikes, unknown


@given(st.text(min_size=1))
def test_an_unknown_id_is_never_the_known_one(real: str) -> None:
    assert unknown(real) != real


@given(st.uuids())
def test_one_for_a_uuid_is_a_uuid_of_its_version(real: uuid.UUID) -> None:
    other = uuid.UUID(unknown(str(real)))
    assert other != real
    assert (other.version, other.variant) == (real.version, real.variant)


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=26, max_size=26))
def test_one_for_base_32_is_of_its_alphabet_and_ends_as_it_did(letters: str) -> None:
    assume(len(set(letters[-7:-1])) > 4)
    other = unknown(f"{letters}======")
    assert other.endswith(f"{letters[-1]}======")
    assert re.fullmatch("[A-Z2-7]{26}={6}", other)


@pytest.mark.parametrize(
    ("real", "far"),
    [
        ("17", "1000020"),
        ("-17", "-1000020"),
        ("gid://quicksync/Message/817", "gid://quicksync/Message/1000820"),
        ("Message 118%é?#&+", "Message 1000121%é?#&+"),
        ("msg_00000042", "msg_01000045"),
    ],
)
def test_a_counter_is_raised_by_far(real: str, far: str) -> None:
    assert unknown(real) == far
    assert counts_up(real)
    assert real[:-1] not in lookalikes(real, "other")


def test_a_cut_end_is_no_lookalike_where_it_may_be_padding() -> None:
    padded, plain = "TWVzc2FnZXMgYW5k8g==", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    assert padded[:-1] not in lookalikes(padded, "other")
    assert plain[:-1] in lookalikes(plain, "other")
