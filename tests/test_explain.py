"""What `explain` shows of the requirements."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import pytest
from rich.console import Console

from conformance import explain
from conformance.catalogue import Requirement, load

OPERATIONS = {
    "listChats": ("GET", "/v1/chats"),
    "sendChat": ("POST", "/v1/chats"),
    "deleteChat": ("DELETE", "/v1/chats/{chatId}"),
    "addReaction": ("POST", "/v1/chats/{chatId}/reactions"),
    "listReactions": ("GET", "/v1/chats/reactions"),
    "removeReaction": ("DELETE", "/v1/chats/{chatId}/reactions/{reactionId}"),
    "pinChat": ("POST", "/v1/chats/{chatId}/pins"),
    "unpinChat": ("DELETE", "/v1/chats/{chatId}/pins/{pinId}"),
}


@dataclass(frozen=True)
class Fault:
    id: str
    title: str


TESTS = {"PERM-4": ["test_permissions.py::test_a_sender_may_not_remove[host]"]}
FAULTS = {
    "PERM-4": [Fault("sender-clears-reactions", "Senders may remove any [reaction] on theirs")]
}


def shown(id: str | None, *, width: int = 80, color: bool = False) -> str:
    """What a terminal of this width shows."""
    console = Console(
        record=True,
        width=width,
        file=io.StringIO(),
        force_terminal=color,
        color_system="truecolor" if color else None,
    )
    explain.render(console, load()[id] if id else None, TESTS, FAULTS, OPERATIONS)
    return console.export_text(styles=color)


def words(text: str) -> str:
    """The text on one line, so that wrapping does not matter."""
    return " ".join(text.split())


class TestOneRequirement:
    def test_shows_every_field(self) -> None:
        requirement = load()["PERM-4"]
        output = words(shown("PERM-4"))
        assert "PERM-4 SHOULD" in output
        for prose in (requirement.title, requirement.text, requirement.why):
            assert prose in output
        for source in requirement.source.split("; "):
            assert source in output

    def test_shows_both_readings_of_a_doubt(self) -> None:
        output = words(shown("PERM-4"))
        assert "Where the reference leaves room" in output
        assert load()["PERM-4"].doubts[0] in output

    def test_leaves_out_doubts_and_needs_where_there_are_none(self) -> None:
        output = shown("SEND-1")
        assert "leaves room" not in output
        assert "Needs" not in output

    def test_shows_operations_with_method_and_path(self) -> None:
        assert "removeReaction DELETE /v1/chats/{chatId}/reactions/{reactionId}" in shown("PERM-4")

    def test_shows_an_operation_that_the_document_does_not_have(self) -> None:
        console = Console(record=True, width=80, file=io.StringIO())
        explain.render(console, load()["PERM-4"], {}, {}, {})
        assert "removeReaction" in console.export_text()

    def test_shows_needs_in_words(self) -> None:
        assert "no other writer in the session" in shown("PERM-4")

    def test_shows_tests_and_faults_as_they_are_written(self) -> None:
        output = words(shown("PERM-4"))
        assert "test_permissions.py::test_a_sender_may_not_remove[host]" in output
        assert "sender-clears-reactions Senders may remove any [reaction] on theirs" in output

    def test_says_when_nothing_judges_or_proves_it(self) -> None:
        output = shown("PERM-5")
        assert "no test yet" in output
        assert "no fault yet" in output

    def test_names_the_others_of_its_group(self) -> None:
        output = shown("ISO-2")
        related = output[output.index("Related") :]
        assert "ISO-1, ISO-3" in related
        assert "ISO-2" not in related

    def test_shows_no_relations_for_one_of_a_kind(self) -> None:
        assert "Related" not in shown("LOAD-1")

    def test_shows_field_names_without_backquotes(self) -> None:
        output = shown("SEND-1")
        assert "chatId" in output
        assert "`" not in output

    @pytest.mark.parametrize(
        ("id", "code"), [("PERM-1", "1;31"), ("PERM-4", "1;33"), ("SORT-5", "1;36")]
    )
    def test_colours_the_level(self, id: str, code: str) -> None:
        level = load()[id].level
        assert f"\x1b[{code}m{level}\x1b[0m" in shown(id, color=True)


class TestIndex:
    def test_lists_every_requirement_with_level_and_title(self) -> None:
        output = words(shown(None))
        for each in load():
            assert f"{each.id} {each.level} {each.title}" in output

    def test_heads_each_group_with_its_title(self) -> None:
        lines = shown(None).splitlines()
        for group in load().groups:
            assert f"{group.id}  {group.title}" in [line.rstrip() for line in lines]

    def test_ends_with_the_totals(self) -> None:
        last = shown(None).rstrip().splitlines()[-1]
        assert re.fullmatch(r"\d+ requirements: \d+ MUST, \d+ SHOULD, \d+ OBSERVE", last.strip())
        assert last.startswith(str(len(load())))


class TestWidth:
    @pytest.mark.parametrize("requirement", load(), ids=lambda each: each.id)
    def test_fits_eighty_columns(self, requirement: Requirement) -> None:
        assert max(map(len, shown(requirement.id).splitlines())) <= 80

    def test_the_index_fits_eighty_columns(self) -> None:
        assert max(map(len, shown(None).splitlines())) <= 80

    def test_lines_stay_readable_on_a_wide_terminal(self) -> None:
        assert max(len(line.rstrip()) for line in shown("SEND-2", width=240).splitlines()) <= 100

    @pytest.mark.parametrize("id", ["SEND-10", "AUTH-1", "PERM-4"])
    def test_no_word_is_lost_on_a_narrow_terminal(self, id: str) -> None:
        output = "".join(shown(id, width=40).split())
        assert "".join(load()[id].text.replace("`", "").split()) in output
