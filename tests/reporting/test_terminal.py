"""The end of a run in a terminal and in a log."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from rich.console import Console
from sample_runs import filled, hostile_texts, of_embedded, of_faulty

from conformance.reporting import account, hostile, terminal
from conformance.results import StoredRun

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
BOXES = re.compile("[\u2500-\u259f]")


def shown(run: StoredRun, *, person: bool = False, ci: str = "", width: int = 100) -> str:
    console = Console(
        file=io.StringIO(), force_terminal=person, width=width, color_system="truecolor"
    )
    terminal.render(run, console, [Path("reports/index.html")], {"CI": ci})
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@settings(max_examples=15, deadline=None)
@given(hostile_texts())
def test_a_target_cannot_write_to_the_terminal(texts: list[str]) -> None:
    run = filled(texts)
    for text in (shown(run), COLOUR.sub("", shown(run, person=True))):
        assert not [c for c in text if c != "\n" and hostile.unseen(c)]


def test_a_megabyte_stays_short() -> None:
    assert len(shown(filled(["y" * 1_000_000]))) < 500_000


@pytest.mark.parametrize(("person", "ci"), [(False, ""), (True, "true")])
def test_a_log_has_no_colours_and_no_boxes(person: bool, ci: str) -> None:
    text = shown(of_faulty()[0], person=person, ci=ci)
    assert "\x1b" not in text
    assert not BOXES.search(text)


def test_a_person_sees_colours() -> None:
    text = shown(of_faulty()[0], person=True)
    assert "\x1b[" in text
    assert BOXES.search(text)


def test_a_conformant_part_is_short() -> None:
    text = shown(of_embedded())
    assert text.startswith("Partial: ")
    assert "==" not in text.partition("== Observed")[0]
    assert "reports/index.html" in text


class TestAFailure:
    def text(self) -> str:
        return shown(of_faulty()[0])

    def test_has_all_that_is_needed_to_see_it_again(self) -> None:
        run, _ = of_faulty()
        card = self.text().partition("== PERM-1  MUST")[2].partition("\n==")[0]
        rule = run.catalogue["PERM-1"]
        url = run.results["target"]["url"]
        for part in (
            rule.title,
            rule.why.split()[0],
            "expected  a 4xx status",
            "actual    20",
            "bob: DELETE /v1/chats/",
            "alice: POST /v1/chats -> 200 OK",
            '"$CHATS_S1_MEMBER_2"',
            f"chats-conformance run --url {url} --select PERM-1",
        ):
            assert part in card

    def test_says_once_which_tokens_to_set(self) -> None:
        names = account.tokens(of_faulty()[0])
        assert "CHATS_S1_MEMBER_2" in names
        assert self.text().count("  export " + " ".join(f"{name}=..." for name in names)) == 1

    def test_of_a_should_is_a_warning(self) -> None:
        warnings = self.text().partition("== Warnings")[2].partition("\n==")[0]
        assert "DEL-5 SHOULD" in warnings

    def test_is_not_broken_by_the_width(self) -> None:
        line = next(line for line in self.text().splitlines() if "  $  " in line)
        assert line.rstrip().endswith(("'", "2")) or "/v1/chats/" in line

    def test_has_the_verdict_at_both_ends(self) -> None:
        assert self.text().count("Not conformant: 1 of ") == 2


def test_a_stream_that_is_not_utf_8_gets_what_it_can_show() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    terminal.render(filled(["é😀"]), Console(file=stream), env={})
    stream.flush()
    assert b"\\xe9" in raw.getvalue()
