"""Certificates: only a full, conformant run gets one, and whatever is changed is found."""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from certified import edited, keys, real, results_of_a_full_run, stored
from commands import call
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance import certificate, verification
from conformance.certificate import EVIDENCE, FILE, CertificateError, Refused
from conformance.verdict import Exit
from conformance.verification import Outcome


def outcomes(file: Path, folder: Path | None = None, key: Path | None = None) -> list[Outcome]:
    checks = verification.verify(certificate.read(file), folder, key)
    return [check.outcome for check in checks]


def failing(file: Path, folder: Path | None = None, key: Path | None = None) -> list[str]:
    checks = verification.verify(certificate.read(file), folder, key)
    return [check.text for check in checks if check.outcome is Outcome.FAILS]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certified")
    certificate.write(stored(folder))
    return folder


# -- making one ------------------------------------------------------------------------------------


def test_a_full_run_gets_a_statement_of_the_published_form(home: Path) -> None:
    statement = json.loads((home / FILE).read_text())
    jsonschema_rs.meta.validate(json.loads(schema_text()))
    verification.schema().validate(statement)
    predicate = statement["predicate"]
    assert statement["subject"][0]["name"] == "embedded"
    assert predicate["result"] == "PASSED"
    assert "PERM-1" in predicate["passedTests"]
    assert predicate["waivers"] == {}
    assert [one["name"] for one in predicate["evidence"]] == list(EVIDENCE)


def schema_text() -> str:
    return Path(certificate.__file__).with_name("certificate.schema.json").read_text()


def test_it_is_the_same_each_time(home: Path) -> None:
    before = (home / FILE).read_bytes()
    certificate.write(stored(home))
    assert (home / FILE).read_bytes() == before


def first(results: dict[str, Any], **values: Any) -> None:
    results["requirements"][0].update(values)


def of_level(results: dict[str, Any], level: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in results["requirements"] if one["level"] == level)
    return found


WAIVED = {"reason": "later", "expires": None, "link": None}
LACKING: dict[str, tuple[Callable[[dict[str, Any]], object], str, Exit]] = {
    "a failure": (
        lambda found: first(found, status="failed"), "not conformant: AUTH-1", Exit.NON_CONFORMANT
    ),
    "something open": (
        lambda found: first(found, status="inconclusive"), "inconclusive", Exit.INCONCLUSIVE
    ),
    "something left out": (
        lambda found: first(found, status="not-selected"), "partial", Exit.INCONCLUSIVE
    ),
    "a waived MUST": (
        lambda found: first(found, status="waived", waived=WAIVED), "waived", Exit.INCONCLUSIVE
    ),
    "an interrupt": (
        lambda found: found.update(interrupted=True), "interrupted", Exit.INCONCLUSIVE
    ),
    "an error of the checker": (
        lambda found: found.update(errors=["x"]), "checker", Exit.INCONCLUSIVE
    ),
    "a rule less": (
        lambda found: found["requirements"].pop(), "another catalogue", Exit.INCONCLUSIVE
    ),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "said", "status"), LACKING.values(), ids=LACKING.keys())
def test_no_other_run_gets_one(
    tmp_path: Path, spoil: Callable[[dict[str, Any]], object], said: str, status: Exit
) -> None:
    found = results_of_a_full_run()
    spoil(found)
    with pytest.raises(Refused, match=said) as refusal:
        certificate.write(stored(tmp_path, found))
    assert refusal.value.status is status
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / FILE).exists()


def test_a_run_without_its_exchanges_gets_none(tmp_path: Path) -> None:
    run = stored(tmp_path)
    (tmp_path / EVIDENCE[1]).unlink()
    with pytest.raises(Refused, match=EVIDENCE[1]):
        certificate.write(run)


def test_a_waived_should_is_listed_with_its_reason(tmp_path: Path) -> None:
    found = results_of_a_full_run()
    finding = {
        **dict.fromkeys(("summary", "expected", "actual", "pointer", "test", "example"), "x"),
        "times": 1,
        "reproduce": [],
        "exchanges": [],
    }
    one = of_level(found, "SHOULD")
    one.update(status="waived", waived=WAIVED, findings=[finding])
    file = certificate.write(stored(tmp_path, found))
    predicate = json.loads(file.read_text())["predicate"]
    assert predicate["result"] == "WARNED"
    assert predicate["warnedTests"] == [one["id"]]
    assert predicate["waivers"] == {one["id"]: WAIVED}
    assert failing(file, tmp_path) == []


# -- checking one ----------------------------------------------------------------------------------


def test_an_unsigned_one_holds_against_its_run(home: Path) -> None:
    found = outcomes(home / FILE, home)
    assert Outcome.FAILS not in found
    assert found.count(Outcome.OPEN) == 1
    assert outcomes(home / FILE).count(Outcome.OPEN) == 2


def test_a_signed_one_holds_with_its_key_alone(home: Path, tmp_path: Path) -> None:
    private, public = keys(tmp_path)
    _, other = keys(tmp_path, "other")
    run = stored(tmp_path / "run")
    file = certificate.write(run, private)
    assert Outcome.FAILS not in outcomes(file, run.folder, public)
    assert Outcome.OPEN not in outcomes(file, run.folder, public)
    assert len(failing(file, None, other)) == 1
    assert failing(home / FILE, None, public) == [
        "it is not signed, and --key asks for a signature"
    ]


@pytest.fixture(scope="module")
def scratch(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scratch")
    shutil.copytree(home, folder, dirs_exist_ok=True)
    return folder


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_changed_byte_of_the_evidence_is_found(scratch: Path, data: st.DataObject) -> None:
    file = scratch / data.draw(st.sampled_from(EVIDENCE))
    before = file.read_bytes()
    place = data.draw(st.integers(0, len(before) - 1))
    change = data.draw(st.sampled_from(["change", "drop", "insert"]))
    byte = data.draw(st.integers(0, 255).filter(lambda one: one != before[place]))
    rest = before[place:] if change == "insert" else before[place + 1 :]
    try:
        file.write_bytes(before[:place] + (b"" if change == "drop" else bytes([byte])) + rest)
        assert failing(scratch / FILE, scratch)
    finally:
        file.write_bytes(before)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_changed_word_of_a_signed_certificate_is_found(
    signed: tuple[Path, Path], data: st.DataObject
) -> None:
    file, public = signed
    envelope = json.loads(file.read_text())
    payload = bytearray(base64.b64decode(envelope["payload"]))
    place = data.draw(st.integers(0, len(payload) - 1))
    payload[place] ^= data.draw(st.integers(1, 127))
    forged = file.with_name("forged.json")
    forged.write_text(
        json.dumps({**envelope, "payload": base64.b64encode(bytes(payload)).decode()})
    )
    with contextlib.suppress(CertificateError):  # it may no longer be readable at all
        assert failing(forged, None, public)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("signed")
    private, public = keys(folder)
    return certificate.write(stored(folder / "run"), private), public


def replaced(statement: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The statement with one value changed, at a path such as ``predicate/verdict``."""
    *above, last = [int(one) if one.isdigit() else one for one in path.split("/")]
    place: Any = statement
    for one in above:
        place = place[one]
    place[last] = value
    return statement


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("subject/0/name", "https://example.org"),
        ("subject/0/digest/sha256", "0" * 64),
        ("subject/0/annotations/server", "another"),
        ("predicate/configuration/0/annotations/profile", "strict"),
        ("predicate/configuration/0/annotations/seed", 12345),
        ("predicate/configuration/1/digest/sha256", "0" * 64),
        ("predicate/evidence/1/digest/sha256", "0" * 64),
        ("predicate/requirements/SEND-1", "not-selected"),
        ("predicate/passedTests", []),
        ("predicate/waivers", {"SEND-1": WAIVED}),
        ("predicate/leftovers", 3),
        ("predicate/verdict", "partial"),
        ("predicate/meaning/proves", ["Everything."]),
        ("predicate/more", 1),
    ],
)
def test_a_changed_statement_does_not_hold_against_the_run(
    home: Path, tmp_path: Path, path: str, value: Any
) -> None:
    statement = json.loads((home / FILE).read_text())
    forged = tmp_path / FILE
    forged.write_text(json.dumps(replaced(statement, path, value)))
    assert failing(forged, home)


def test_results_that_do_not_follow_from_their_evidence_are_found(tmp_path: Path) -> None:
    """Evidence and digests that agree, and outcomes that somebody made up."""
    found = results_of_a_full_run()
    first(found, checks=0)
    file = certificate.write(stored(tmp_path, found))
    assert any("AUTH-1" in text for text in failing(file, tmp_path))


def test_answers_that_break_what_is_said_to_pass_are_found(tmp_path: Path) -> None:
    run = stored(tmp_path)
    lines = (tmp_path / EVIDENCE[1]).read_text().splitlines()
    broken = json.loads(lines[5])
    broken["response"]["status"] = 503
    lines[5] = json.dumps(broken)
    (tmp_path / EVIDENCE[1]).write_text("\n".join(lines) + "\n")
    file = certificate.write(run)
    assert any("HTTP-1" in text for text in failing(file, tmp_path))


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"payload": 1}', '{"payload": "e30=", "signatures": []}']
)
def test_what_is_no_certificate_is_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "c.json"
    file.write_text(text)
    with pytest.raises(CertificateError) as problem:
        certificate.read(file)
    assert "\n" not in str(problem.value)


def test_a_key_that_is_none_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text("no key")
    with pytest.raises(CertificateError, match="no private key"):
        certificate.write(stored(tmp_path / "run"), file)
    with pytest.raises(CertificateError, match="no public key"):
        certificate.public_key(file)


# -- the commands ----------------------------------------------------------------------------------


def test_certify_and_verify(tmp_path: Path) -> None:
    private, public = keys(tmp_path)
    run = stored(tmp_path / "run")
    made = call("certify", run.folder, "--key", private, folder=tmp_path)
    assert made.returncode == Exit.OK, made.stderr
    file = run.folder / FILE
    checked = call("verify", file, "--run", run.folder, "--key", public, folder=tmp_path)
    assert checked.returncode == Exit.OK, checked.stdout
    assert "FAILS" not in checked.stdout
    edited(run.folder / EVIDENCE[0], seed=2)
    changed = call("verify", file, "--run", run.folder, folder=tmp_path)
    assert changed.returncode == Exit.NON_CONFORMANT
    assert "results.json is missing or was changed" in changed.stdout


def test_a_partial_run_is_refused_in_one_line(tmp_path: Path) -> None:
    folder = real().folder
    done = call("certify", folder, folder=tmp_path)
    assert done.returncode == Exit.INCONCLUSIVE
    assert done.stderr.count("\n") == 1
    assert "partial" in done.stderr
    assert not (folder / FILE).exists()


def test_form_alone_is_no_verification(home: Path) -> None:
    done = call("verify", home / FILE, folder=home)
    assert done.returncode == Exit.INCONCLUSIVE
    assert "Nothing but its form was checked" in done.stdout
