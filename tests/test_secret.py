"""A token is its name to everybody who looks at it."""

from __future__ import annotations

from conformance.secret import Secret

SECRET = Secret("S1_HOST", "a token")


def test_a_secret_shows_its_name_alone() -> None:
    assert f"{SECRET} {SECRET!r}" == "$S1_HOST $S1_HOST"
    assert Secret("OTHER", "a token") == SECRET
    assert Secret("S1_HOST", "other") != SECRET
