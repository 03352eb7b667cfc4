"""The catalogue says what the contract says, and finds what is asked for."""

from __future__ import annotations

import dataclasses
import re

import pytest

from conformance.catalogue import (
    Catalogue,
    Group,
    Level,
    Need,
    Requirement,
    UnknownRequirement,
    load,
    parse,
)

# A copy by hand, on purpose: an id that is renamed or a level that is weakened has to fail here.
LEVELS = {
    "AUTH-1": "MUST",
    "AUTH-2": "MUST",
    "AUTH-3": "SHOULD",
    "AUTH-4": "SHOULD",
    "AUTH-5": "MUST",
    "AUTH-6": "SHOULD",
    "AUTH-7": "SHOULD",
    "SEND-1": "MUST",
    "SEND-2": "MUST",
    "SEND-3": "MUST",
    "SEND-4": "MUST",
    "SEND-5": "MUST",
    "SEND-6": "MUST",
    "SEND-7": "SHOULD",
    "SEND-8": "MUST",
    "SEND-9": "SHOULD",
    "SEND-10": "OBSERVE",
    "SEND-11": "SHOULD",
    "SEND-12": "SHOULD",
    "SEND-13": "SHOULD",
    "SEND-14": "SHOULD",
    "SEND-15": "OBSERVE",
    "SEND-16": "MUST",
    "SEND-17": "SHOULD",
    "SEND-18": "SHOULD",
    "LIST-1": "MUST",
    "LIST-2": "MUST",
    "LIST-3": "MUST",
    "LIST-4": "MUST",
    "LIST-5": "MUST",
    "LIST-6": "SHOULD",
    "LIST-7": "MUST",
    "LIST-8": "MUST",
    "LIST-9": "SHOULD",
    "LIST-10": "MUST",
    "LIST-11": "MUST",
    "LIST-12": "MUST",
    "LIST-13": "SHOULD",
    "SORT-1": "MUST",
    "SORT-2": "MUST",
    "SORT-3": "MUST",
    "SORT-4": "MUST",
    "SORT-5": "OBSERVE",
    "SORT-6": "MUST",
    "SORT-7": "SHOULD",
    "SORT-8": "OBSERVE",
    "SORT-9": "MUST",
    "SORT-10": "MUST",
    "DEL-1": "MUST",
    "DEL-2": "MUST",
    "DEL-3": "MUST",
    "DEL-4": "MUST",
    "DEL-5": "SHOULD",
    "DEL-6": "SHOULD",
    "REACT-1": "MUST",
    "REACT-2": "MUST",
    "REACT-3": "MUST",
    "REACT-4": "MUST",
    "REACT-5": "SHOULD",
    "REACT-6": "MUST",
    "REACT-7": "SHOULD",
    "REACT-8": "MUST",
    "REACT-9": "SHOULD",
    "REACT-10": "OBSERVE",
    "REACT-11": "SHOULD",
    "REACT-12": "MUST",
    "RLIST-1": "MUST",
    "RLIST-2": "MUST",
    "RLIST-3": "MUST",
    "RLIST-4": "SHOULD",
    "RLIST-5": "OBSERVE",
    "UNREACT-1": "MUST",
    "UNREACT-2": "MUST",
    "UNREACT-3": "MUST",
    "UNREACT-4": "SHOULD",
    "UNREACT-5": "MUST",
    "PIN-1": "MUST",
    "PIN-2": "MUST",
    "PIN-3": "MUST",
    "PIN-4": "MUST",
    "PIN-5": "MUST",
    "PIN-6": "SHOULD",
    "PIN-7": "SHOULD",
    "PIN-8": "SHOULD",
    "PIN-9": "MUST",
    "PIN-10": "MUST",
    "PERM-1": "MUST",
    "PERM-2": "MUST",
    "PERM-3": "MUST",
    "PERM-4": "SHOULD",
    "PERM-5": "MUST",
    "PERM-6": "MUST",
    "PERM-7": "SHOULD",
    "PERM-8": "SHOULD",
    "ISO-1": "MUST",
    "ISO-2": "MUST",
    "ISO-3": "MUST",
    "STATE-1": "MUST",
    "STATE-2": "MUST",
    "STATE-3": "MUST",
    "STATE-4": "MUST",
    "STATE-5": "MUST",
    "HTTP-1": "MUST",
    "HTTP-2": "MUST",
    "HTTP-3": "MUST",
    "HTTP-4": "SHOULD",
    "HTTP-5": "SHOULD",
    "HTTP-6": "SHOULD",
    "HTTP-7": "SHOULD",
    "CONC-1": "MUST",
    "CONC-2": "MUST",
    "CONC-3": "SHOULD",
    "CONC-4": "MUST",
    "CONC-5": "SHOULD",
    "CONC-6": "MUST",
    "LOAD-1": "SHOULD",
}

GROUPS = [
    "AUTH",
    "SEND",
    "LIST",
    "SORT",
    "DEL",
    "REACT",
    "RLIST",
    "UNREACT",
    "PIN",
    "PERM",
    "ISO",
    "STATE",
    "HTTP",
    "CONC",
    "LOAD",
]

OPERATIONS = {
    "listChats",
    "sendChat",
    "deleteChat",
    "addReaction",
    "listReactions",
    "removeReaction",
    "pinChat",
    "unpinChat",
}

every_requirement = pytest.mark.parametrize("requirement", load(), ids=lambda each: each.id)


@pytest.fixture
def catalogue() -> Catalogue:
    return load()


def ids(requirements: tuple[Requirement, ...]) -> list[str]:
    return [requirement.id for requirement in requirements]


class TestContent:
    def test_ids_and_levels_are_the_contracts_in_its_order(self, catalogue: Catalogue) -> None:
        assert [(each.id, str(each.level)) for each in catalogue] == list(LEVELS.items())

    def test_groups_are_the_contracts_in_its_order(self, catalogue: Catalogue) -> None:
        assert [group.id for group in catalogue.groups] == GROUPS

    def test_every_group_has_a_title_a_summary_and_requirements(self, catalogue: Catalogue) -> None:
        for group in catalogue.groups:
            assert group.title.strip()
            assert group.summary.endswith(".")
            assert catalogue.members(group.id)

    @every_requirement
    def test_no_field_is_empty(self, requirement: Requirement) -> None:
        for name in ("title", "text", "why", "source", "operations"):
            assert getattr(requirement, name), name
        assert all(doubt.strip() for doubt in requirement.doubts)

    @every_requirement
    def test_prose_is_in_sentences(self, requirement: Requirement) -> None:
        for prose in (requirement.text, requirement.why, *requirement.doubts):
            assert prose == prose.strip()
            assert prose[-1] in ".)"
            assert "  " not in prose
            assert "\n" not in prose
            assert prose.count("`") % 2 == 0

    @every_requirement
    def test_sources_can_be_split_at_semicolons(self, requirement: Requirement) -> None:
        for source in requirement.source.split("; "):
            assert source.count("(") == source.count(")")

    @every_requirement
    def test_titles_fit_a_line(self, requirement: Requirement) -> None:
        assert len(requirement.title) <= 70
        assert not requirement.title.endswith(".")

    @every_requirement
    def test_operations_are_the_apis_and_named_once(self, requirement: Requirement) -> None:
        assert set(requirement.operations) <= OPERATIONS
        assert len(set(requirement.operations)) == len(requirement.operations)

    @every_requirement
    def test_ids_referred_to_exist(self, requirement: Requirement) -> None:
        prose = " ".join((requirement.text, requirement.why, *requirement.doubts))
        assert set(re.findall(rf"\b(?:{'|'.join(GROUPS)})-\d+", prose)) <= LEVELS.keys()

    @every_requirement
    def test_the_documents_limits_are_not_repeated(self, requirement: Requirement) -> None:
        assert not re.search(r"\b(?:280|281|20|21)\b", requirement.text)

    @every_requirement
    def test_doubts_give_both_readings(self, requirement: Requirement) -> None:
        for doubt in requirement.doubts:
            assert re.search(r"\b(?:either|[Bb]oth|[Oo]nly)\b", doubt)

    def test_titles_are_unique(self, catalogue: Catalogue) -> None:
        assert len({each.title for each in catalogue}) == len(catalogue)

    def test_what_is_only_observed_leaves_a_doubt(self, catalogue: Catalogue) -> None:
        assert all(each.doubts for each in catalogue if each.level is Level.OBSERVE)

    def test_only_isolation_needs_a_second_session(self, catalogue: Catalogue) -> None:
        needing = {each.group for each in catalogue if Need.SECOND_SESSION in each.needs}
        assert needing == {"ISO"}

    def test_permissions_need_proven_roles(self, catalogue: Catalogue) -> None:
        assert all(Need.ROLES in each.needs for each in catalogue.members("PERM"))


class TestLookUp:
    def test_by_id(self, catalogue: Catalogue) -> None:
        assert catalogue["SEND-6"].id == "SEND-6"
        assert catalogue["SEND-6"].group == "SEND"

    def test_contains_ids(self, catalogue: Catalogue) -> None:
        assert "PIN-10" in catalogue
        assert "PIN-11" not in catalogue

    def test_an_unknown_id_is_told_with_the_nearest(self, catalogue: Catalogue) -> None:
        with pytest.raises(UnknownRequirement, match=r"'PERM1'; did you mean PERM-1\?$"):
            catalogue["PERM1"]

    def test_is_read_once(self) -> None:
        assert load() is load()

    def test_requirements_cannot_be_changed(self, catalogue: Catalogue) -> None:
        with pytest.raises(dataclasses.FrozenInstanceError):
            catalogue["SEND-6"].level = Level.OBSERVE  # type: ignore[misc]
        with pytest.raises(TypeError):
            catalogue.requirements["X-1"] = catalogue["SEND-6"]  # type: ignore[index]


class TestSelect:
    @pytest.mark.parametrize(
        ("patterns", "chosen"),
        [
            (["PERM-1"], ["PERM-1"]),
            (["perm-1"], ["PERM-1"]),
            ([" Iso "], ["ISO-1", "ISO-2", "ISO-3"]),
            (["iso", "PERM-1"], ["PERM-1", "ISO-1", "ISO-2", "ISO-3"]),
            (["ISO-2", "iso", "iso-2"], ["ISO-1", "ISO-2", "ISO-3"]),
            (["PIN-1"], ["PIN-1"]),
            ([], []),
        ],
    )
    def test_takes_ids_and_groups_in_any_case(
        self, catalogue: Catalogue, patterns: list[str], chosen: list[str]
    ) -> None:
        assert ids(catalogue.select(patterns)) == chosen

    def test_all_groups_are_everything(self, catalogue: Catalogue) -> None:
        assert catalogue.select(GROUPS) == tuple(catalogue)

    def test_react_is_not_unreact(self, catalogue: Catalogue) -> None:
        assert {each.group for each in catalogue.select(["react"])} == {"REACT"}

    @pytest.mark.parametrize(
        ("name", "nearest"),
        [
            ("PERM1", "PERM-1"),
            ("send_6", "SEND-6"),
            ("unreac", "UNREACT"),
            ("PERMS", "PERM"),
            ("DELETE", "DEL"),
            ("RLIST-55", "RLIST-5"),
        ],
    )
    def test_suggests_the_nearest_name(self, catalogue: Catalogue, name: str, nearest: str) -> None:
        with pytest.raises(UnknownRequirement) as caught:
            catalogue.select(["SEND", name])
        assert caught.value.name == name
        assert caught.value.nearest == nearest
        assert str(caught.value) == (
            f"no requirement or group is called {name!r}; did you mean {nearest}?"
        )

    @pytest.mark.parametrize("name", ["", "zzzzzz", "*"])
    def test_suggests_nothing_where_nothing_is_near(self, catalogue: Catalogue, name: str) -> None:
        with pytest.raises(ValueError, match=r"is called '.*'$") as caught:
            catalogue.select([name])
        assert "\n" not in str(caught.value)


RULE = """
[[group]]
id = "SEND"
title = "Sending"
summary = "Texts."

[[requirement]]
id = "SEND-1"
level = "MUST"
title = "A text is sent"
text = '''
A text
is sent.
'''
why = "So that it is read."
source = "Send a new chat message"
operations = ["sendChat"]
needs = ["host"]
"""


class TestParse:
    def test_reads_groups_and_requirements(self) -> None:
        assert parse(RULE) == Catalogue(
            {
                "SEND-1": Requirement(
                    id="SEND-1",
                    level=Level.MUST,
                    title="A text is sent",
                    text="A text is sent.",
                    why="So that it is read.",
                    source="Send a new chat message",
                    operations=("sendChat",),
                    needs=(Need.HOST,),
                )
            },
            (Group("SEND", "Sending", "Texts."),),
        )

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ('level = "MUST"', 'level = "MAY"', "'MAY' is not a valid Level"),
            ('needs = ["host"]', 'needs = ["luck"]', "'luck' is not a valid Need"),
            ('id = "SEND-1"', 'id = "POST-1"', "no group POST"),
        ],
    )
    def test_rejects_what_is_not_sound(self, old: str, new: str, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            parse(RULE.replace(old, new))

    def test_rejects_an_id_used_twice(self) -> None:
        twice = RULE + RULE[RULE.index("[[requirement]]") :]
        with pytest.raises(ValueError, match="two requirements of one id"):
            parse(twice)
