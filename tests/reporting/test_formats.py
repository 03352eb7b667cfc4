"""Each machine format is valid by its schema and inert, whatever a target says."""

from __future__ import annotations

import base64
import json
import re
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema_rs
import pytest
import xmlschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from junitparser.xunit2 import JUnitXml
from markdown_it import MarkdownIt
from sample_runs import FAULT, MARK, filled, hostile_texts, of_embedded, of_faulty

from conformance import contract_file, reporting
from conformance.reporting import (
    FORMATS,
    UnknownFormat,
    account,
    badge,
    ctrf,
    github,
    har,
    junit,
    markdown,
    sarif,
)
from conformance.results import StoredRun

SCHEMAS = Path(__file__).parent.parent / "schemas"
PROFILES = st.sampled_from(["core", "strict"])
MINE = [name for name in FORMATS if name != "page"]

fuzzed = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def loaded(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text(encoding="utf-8"))


def sarif_validator() -> Any:
    schema = loaded("sarif-2.1.0.schema.json")
    # Published with a stray bracket, which only lenient readers of patterns take; we state none.
    for owner in ("run", "toolComponent"):
        del schema["definitions"][owner]["properties"]["language"]["pattern"]
    return jsonschema_rs.validator_for(schema)


def har_validator() -> Any:
    schemas = loaded("har-1.2.schemas.json")
    return jsonschema_rs.validator_for(
        {"$schema": "http://json-schema.org/draft-06/schema#", "$ref": "mem:///har.json"},
        retriever=lambda uri: schemas[uri.rpartition("/")[2]],
        base_uri="mem:///",
    )


JUNIT = xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")
SARIF = sarif_validator()
CTRF = jsonschema_rs.validator_for(loaded("ctrf.schema.json"), validate_formats=True)
HAR = har_validator()

# -- each format -----------------------------------------------------------------------------------


def valid_junit(run: StoredRun) -> None:
    text = junit.render(run)
    JUNIT.validate(text)
    report = JUnitXml.fromstring(text.encode())
    assert report.tests == len(run.results["requirements"])
    assert report.failures == len(reporting.failures(run))
    open_ones = [one for ones in reporting.unjudged(run).values() for one in ones]
    assert report.errors == sum(reporting.weighs(run, one["level"]) for one in open_ones)


def valid_har(run: StoredRun) -> None:
    log = json.loads(har.render(run))
    HAR.validate(log)
    entries = log["log"]["entries"]
    assert len(entries) == len(run.exchanges)
    for entry, exchange in zip(entries, run.exchanges.values(), strict=True):
        content = entry["response"]["content"]
        if content.get("encoding") == "base64":
            assert content["size"] == len(base64.b64decode(content["text"]))
        assert entry["response"]["status"] == (exchange["response"] or {"status": 0})["status"]


def valid_sarif(run: StoredRun) -> None:
    log = json.loads(sarif.render(run))
    SARIF.validate(log)
    (made,) = log["runs"]
    rules = [rule["id"] for rule in made["tool"]["driver"]["rules"]]
    prints = [one["partialFingerprints"]["requirementTestPointer/v1"] for one in made["results"]]
    assert len(set(prints)) == len(prints)
    for one in made["results"]:
        assert rules[one["ruleIndex"]] == one["ruleId"]
        assert "](" not in one["message"]["text"]


def valid_ctrf(run: StoredRun) -> None:
    report = json.loads(ctrf.render(run))
    CTRF.validate(report)
    assert ctrf.render(run) == ctrf.render(run)
    summary = report["results"]["summary"]
    assert summary["tests"] == sum(summary[status] for status in ctrf.STATUSES)
    assert summary["failed"] == len(reporting.failures(run))


def valid_markdown(run: StoredRun) -> None:
    """Nothing from the target is anything but code, in the eyes of a Markdown parser."""
    text = markdown.render(run)
    assert len(text.encode()) < 2**20
    assert not any(map(odd, text))
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(text):
        for one in token.children or [token]:
            if one.type in ("code_inline", "fence"):
                continue
            assert one.type not in ("link_open", "image", "html_inline")
            assert MARK not in one.content or (one is token and token.children)
            if one.type == "html_block":
                assert re.fullmatch(
                    r"<details><summary>\w+</summary>|</details>", one.content.strip()
                )


def valid_github(run: StoredRun) -> None:
    lines = github.render(run).splitlines()
    assert not any(map(odd, "".join(lines)))
    pattern = r"::(error|warning|notice) title=[^:,]*::.*"
    kinds = [re.fullmatch(pattern, line)[1] for line in lines]  # type: ignore[index]
    assert all(kinds.count(kind) <= github.MOST for kind in kinds)


def valid_badge(run: StoredRun) -> None:
    made = json.loads(badge.render(run))
    assert set(made) == {"schemaVersion", "label", "message", "color"}
    assert made["schemaVersion"] == 1
    picture = ElementTree.fromstring(badge.svg(run))
    assert {one.tag.rpartition("}")[2] for one in picture.iter()} <= {
        "svg", "title", "clipPath", "rect", "g", "text",
    }  # fmt: skip
    assert MARK not in badge.svg(run)


def odd(character: str) -> bool:
    return character not in "\n\t" and unicodedata.category(character) in {
        "Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp",
    }  # fmt: skip


VALID = [
    valid_junit,
    valid_har,
    valid_sarif,
    valid_ctrf,
    valid_markdown,
    valid_github,
    valid_badge,
]


@pytest.mark.parametrize("valid", VALID)
class TestEveryFormatIsValid:
    @fuzzed
    @given(texts=hostile_texts(), profile=PROFILES)
    def test_with_hostile_texts_in_every_field(
        self, valid: Callable[[StoredRun], None], texts: list[str], profile: str
    ) -> None:
        valid(filled(texts, profile))

    def test_with_texts_of_a_megabyte(self, valid: Callable[[StoredRun], None]) -> None:
        valid(filled([f"{MARK}\u202e<`|](\x1b" + "x`" * 500_000]))

    def test_for_the_embedded_server(self, valid: Callable[[StoredRun], None]) -> None:
        valid(of_embedded())

    def test_for_a_server_with_faults(self, valid: Callable[[StoredRun], None]) -> None:
        valid(of_faulty()[0])


# -- what they say ---------------------------------------------------------------------------------


def test_a_failed_must_is_a_failure_and_a_failed_should_a_warning() -> None:
    run, _ = of_faulty()
    assert [one["id"] for one in reporting.failures(run)] == ["PERM-1"]
    assert "DEL-5" in [one["id"] for one in reporting.warnings(run)]

    report = JUnitXml.fromstring(junit.render(run).encode())
    cases = {case.name.split()[0]: case for suite in report for case in suite}
    assert cases["PERM-1"].is_failure
    assert cases["DEL-5"].is_passed
    assert cases["DEL-5"].system_out.startswith("warning: SHOULD")
    assert cases["SEND-1"].is_skipped
    assert cases["PERM-1"].classname == "conformance.PERM"


def test_sarif_points_at_the_operation_in_the_document() -> None:
    run, _ = of_faulty()
    results = json.loads(sarif.render(run))["runs"][0]["results"]
    place = next(one for one in results if one["ruleId"] == "PERM-1")["locations"][0]
    document = contract_file.packaged().read_text(encoding="utf-8").splitlines()
    line = place["physicalLocation"]["region"]["startLine"]
    assert document[line - 1].strip() == "delete:"
    assert document[line].strip() == "operationId: deleteChat"


def test_sarif_of_another_document_points_at_its_first_line() -> None:
    assert sarif.lines("0" * 64) == {}


def test_a_fingerprint_does_not_depend_on_what_a_target_says() -> None:
    def prints(text: str) -> list[str]:
        run = filled([text])
        for one in run.results["requirements"]:
            for finding in one["findings"]:
                finding.update(test="a test", pointer="/0")
        made = json.loads(sarif.render(run))["runs"][0]["results"]
        return [one["partialFingerprints"]["requirementTestPointer/v1"] for one in made]

    assert prints("one id") == prints("another id")


def test_the_summary_is_cut_between_blocks_and_says_so() -> None:
    text = markdown._within(["a" * 600, "b" * 600], 1000)
    assert text.startswith("a" * 600)
    assert "b" not in text.partition("\n\n")[2].partition("_")[0]
    assert "left out" in text


def test_github_gets_its_annotations_and_its_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, _ = of_faulty()
    summary = tmp_path / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    github.publish(run, sys.stdout, env)
    assert "::error title=PERM-1 " in capsys.readouterr().out
    assert summary.read_text(encoding="utf-8") == "before\n" + markdown.render(run)

    github.publish(run, sys.stdout, {})
    assert capsys.readouterr().out == ""

    github.publish(run, sys.stdout, {"GITHUB_STEP_SUMMARY": str(tmp_path)})
    assert capsys.readouterr().out.startswith("cannot write ")


# -- the list of formats ---------------------------------------------------------------------------


def test_reports_are_written_into_the_folder_of_the_run_and_hold_no_token() -> None:
    run, tokens = of_faulty()
    paths = reporting.write(run, MINE)
    assert [path.name for path in paths] == [FORMATS[name].file for name in MINE]
    assert not list(run.folder.glob(".*"))
    for path in run.folder.iterdir():
        content = path.read_text(encoding="utf-8")
        for token in tokens:
            assert token not in content
            assert base64.b64encode(token.encode()).decode().rstrip("=") not in content


def test_an_unknown_format_is_named_with_the_nearest_known_one() -> None:
    with pytest.raises(UnknownFormat, match="'juint'; did you mean 'junit'"):
        reporting.write(filled(["x"]), ["juint"])


def test_rendering_again_gives_the_same() -> None:
    run = of_embedded()
    for name in MINE:
        assert FORMATS[name].render(run) == FORMATS[name].render(run)


def test_the_fault_is_told_with_what_led_to_it() -> None:
    run, _ = of_faulty()
    text = markdown.render(run)
    assert "A member may not delete another member's message" in text
    assert re.search(
        r"`alice: POST /v1/chats -> 200 OK`\n(?:.*\n){0,6}.*`bob: DELETE /v1/chats/\S+ -> 20[04]",
        text,
    )
    assert FAULT not in text


def test_the_story_goes_back_to_the_test_that_made_the_message() -> None:
    """Tests may share messages; whoever reads of a failure has to see where its message is from."""

    made = [
        exchange(1, "first", "POST", "", '{"chatId": "m1"}'),
        exchange(2, "first", "POST", "", '{"chatId": "m2"}'),
        exchange(3, "first", "GET", "?Take=1", '{"chatId": "m1"}'),
        exchange(4, "second", "POST", "/m1/pins"),
        exchange(5, "second", "DELETE", "/m1", status=403),
        exchange(6, "second", "DELETE", "/m1"),
    ]
    assert story(made) == ["x1", "x4", "x6"]
    many = [exchange(number, "second", "POST", "/m1/reactions") for number in range(10, 40)]
    last = exchange(40, "second", "DELETE", "/m1")
    assert story([*made, *many, last]) == ["x1", *(f"x{n}" for n in range(34, 41))]


def exchange(
    number: int, test: str, method: str, path: str, text: str = "", status: int = 200
) -> dict[str, Any]:
    request = {"method": method, "url": f"http://h/v1/chats{path}", "headers": []}
    answer = {"status": status, "reason": "", "text": text}
    return {"id": f"x{number}", "test": test, "request": request, "response": answer}


def story(made: list[dict[str, Any]]) -> list[str]:
    """What is told of a finding that the last of these exchanges shows."""
    run = StoredRun(Path(), {}, {one["id"]: one for one in made})
    return [one["id"] for one in account.story(run, {"exchanges": [made[-1]["id"]]})]
