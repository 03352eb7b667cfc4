"""The property tests: what they send, what each value is worth, and what they find."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from conformance import contract_file, engine, evidence, settings
from conformance.client import encode
from conformance.exchange import Exchange
from conformance.reference import process, registry, roster
from conformance.suite import expected, odd_texts, odd_values
from conformance.suite.expected import ACCEPTED, FREE, REFUSED
from conformance.suite.texts import fitted, units
from conformance.target import Target, embedded

LIMITS = contract_file.load().limits
MODULES = sorted(str(file) for file in engine.SUITE.glob("test_properties*.py"))
PEOPLE = roster.load(
    {"name": f"s{n}", "host": f"host-{n}-fixed", "members": [f"a-{n}-fixed", f"b-{n}-fixed"]}
    for n in (1, 2)
)


class Run:
    """The property tests run once against a fresh server: what was sent, and what was found."""

    def __init__(self, seed: int, depth: str = "quick", deviations: tuple[str, ...] = ()) -> None:
        self.exchanges: list[Exchange] = []
        with process.serving(roster=PEOPLE, deviations=deviations) as server:
            wanted = settings.load(None, {"seed": seed, "depth": depth}, {})
            target = Target.open(replace(embedded(wanted, server), profile="strict"))
            target.run.recorder.listeners.append(self.exchanges.append)
            collector = engine.Collector(target.run.settings, target, engine.Silence())
            before = evidence.current()
            pytest.main([*engine.APART, *MODULES], plugins=[collector])
            target.close()
            evidence.resume(before)
        self.errors = collector.errors
        self.left = target.leftovers
        self.found = {
            finding["requirement"]: finding
            for one in collector.evidence
            for finding in one["findings"]
        }

    def requests(self) -> list[tuple[str, str, str, bytes]]:
        """Each request as it was sent, with the target's own ids and times by their order."""
        names: dict[str, str] = {}
        sent = []
        for number, exchange in enumerate(self.exchanges):
            request = exchange.request
            url, body = request.url.partition("/v1")[2], request.body.decode("latin-1")
            for id, name in sorted(names.items(), key=lambda pair: -len(pair[0])):
                url, body = (text.replace(id, name) for text in (url, body))
            headers = [f"{name}={value}" for name, value in request.headers]
            sent.append((exchange.actor, f"{request.method} {url}", str(headers), body.encode()))
            for place, id in enumerate(given(exchange)):
                for form in (id, id.replace(":", "%3A").replace("+", "%2B"), id[:-1]):
                    names.setdefault(form, f"<{number}.{place}.{len(form) - len(id)}>")
        return sent


def given(exchange: Exchange) -> list[str]:
    """What the target made up itself in an answer."""
    found: list[str] = []

    def look(value: object, name: str = "") -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                look(inner, key)
        elif isinstance(value, list):
            for inner in value:
                look(inner)
        elif name in ("chatId", "id", "reactionId", "createdAt") and isinstance(value, str):
            found.append(value)

    try:
        look(json.loads(exchange.response.body if exchange.response else b""))
    except ValueError:
        return []
    return [one for one in found if one.count("-") > 1]


@pytest.fixture(scope="module")
def first() -> Run:
    return Run(11)


def test_the_same_seed_sends_the_same_requests(first: Run) -> None:
    again = Run(11)
    assert first.errors == again.errors == []
    assert len(first.exchanges) > 200
    for one, other in zip(first.requests(), again.requests(), strict=True):
        assert one == other


def test_another_seed_sends_other_requests(first: Run) -> None:
    other = Run(12)
    assert other.requests() != first.requests()
    assert other.found == {}


def test_the_reference_server_gets_no_finding_and_nothing_is_left(first: Run) -> None:
    assert first.found == {}
    assert first.left == []


@pytest.mark.parametrize(
    "fault",
    ("list-take-one-over", "send-keeps-numbers", "text-nfkc", "breaks-on-bad-json"),
)
def test_a_fault_is_found_under_what_it_breaks(fault: str) -> None:
    run = Run(3, "normal", (fault,))
    assert run.errors == []
    assert set(run.found) & set(registry.find(fault).breaks)
    assert set(run.found) <= set(registry.find(fault).breaks)


def test_nothing_is_left_in_the_folder_of_a_run(tmp_path: Path) -> None:
    code = (
        "from conformance import contract_file\n"
        "from conformance.suite.generated import feed\n"
        "read = contract_file.load()\n"
        "made = [feed(read).drawn(one, positive=False, seed=1, count=3)\n"
        "        for one in read.operations.values()]\n"
        "assert any(made)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert list(tmp_path.iterdir()) == []


def test_schemathesis_is_not_imported_before_it_is_wanted() -> None:
    code = (
        "import sys\n"
        "import conformance.suite.test_properties, conformance.suite.test_properties_bodies\n"
        "assert 'schemathesis' not in sys.modules, 'imported too early'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# -- verdicts on values ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "outcome"),
    (
        ("Skip", "0", ACCEPTED),
        ("Skip", "2147483647", ACCEPTED),
        ("Skip", "2147483648", REFUSED),
        ("Skip", "-1", REFUSED),
        ("Skip", "1.5", REFUSED),
        ("Skip", "abc", REFUSED),
        ("Skip", "10abc", REFUSED),
        ("Skip", "+5", FREE),
        ("Skip", "05", FREE),
        ("Skip", "1e1", FREE),
        ("Skip", "\u0661", FREE),
        ("Skip", "", FREE),
        ("Take", "1", ACCEPTED),
        ("Take", "0", REFUSED),
        ("Take", str(LIMITS.page_size + 1), REFUSED),
        ("Take", "9" * 5000, REFUSED),
        ("Ascending", "true", ACCEPTED),
        ("Ascending", "TRUE", FREE),
        ("Ascending", "1", FREE),
        ("Ascending", "maybe", REFUSED),
        ("SortBy", LIMITS.created_key, ACCEPTED),
        ("SortBy", LIMITS.created_key.lower(), FREE),
        ("SortBy", LIMITS.reactions[0], FREE),
        ("SortBy", "Nope", REFUSED),
        ("take", "99", FREE),
    ),
)
def test_what_a_parameter_is_worth(name: str, value: str, outcome: str) -> None:
    assert expected.query(LIMITS, [(name, value)])[0].outcome == outcome


@pytest.mark.parametrize(
    ("body", "outcome"),
    (
        (b'{"message": "text"}', ACCEPTED),
        (b'{"message": "text", "x": 1}', FREE),
        (b'{"message": "text", "Message": "x"}', FREE),
        (b'{"message": 1, "message": "text"}', FREE),
        (b'{"message": "   "}', FREE),
        (b'{"message": null}', FREE),
        (b"", FREE),
        (b"[]", FREE),
        (b"\xff", FREE),
        (b'{"message": "a\\u0000b"}', FREE),
        (b'{"message": "a\\ud800b"}', FREE),
        (b'{"message": 1}', REFUSED),
        (b'{"message": ["text"]}', REFUSED),
        (encode({"message": "x" * (LIMITS.message_length + 1)}), REFUSED),
        (encode({"message": "\U0001f600" * LIMITS.message_length}), FREE),
    ),
)
def test_what_a_message_is_worth(body: bytes, outcome: str) -> None:
    assert expected.message(LIMITS, body).outcome == outcome


@pytest.mark.parametrize(
    ("name", "rule"),
    (
        (LIMITS.reactions[0], "REACT-1"),
        (LIMITS.reactions[0].upper(), "REACT-11"),
        (LIMITS.reactions[0].strip(":"), "REACT-11"),
        (f" {LIMITS.reactions[0]} ", ""),
        ("\U0001f44d\U0001f3fd", ""),
        ("", "REACT-2"),
        (LIMITS.reactions[0] * 2, "REACT-2"),
        (":heart:", "REACT-2"),
        ("x" * 5000, "REACT-2"),
        (None, "REACT-9"),
        (7, "REACT-9"),
        ([LIMITS.reactions[0]], "REACT-9"),
    ),
)
def test_what_a_reaction_is_worth(name: object, rule: str) -> None:
    assert expected.reaction(LIMITS, encode({"reaction": name})).rule == rule


# -- values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", (5, 40, 280))
def test_generated_texts_fit_and_have_to_be_taken(limit: int) -> None:
    for what, text in odd_texts.texts(Random(5), limit, 400):
        assert 0 < units(text) <= limit, what
        assert expected.plain(text), ascii(text)
        assert (
            expected.message(
                replace(LIMITS, message_length=limit), encode({"message": text})
            ).outcome
            == ACCEPTED
        )


def test_every_spelling_of_an_object_is_the_same_object() -> None:
    random = Random(6)
    for _, text in odd_texts.texts(random, 280, 300):
        for body in odd_values.spellings(random, "message", text):
            assert json.loads(body) == {"message": text}


def test_a_body_that_breaks_off_is_no_json() -> None:
    random = Random(7)
    for _ in range(300):
        body = odd_values.broken(random, "message", "a text")
        with pytest.raises(json.JSONDecodeError):
            json.loads(body)


def test_what_is_left_of_a_text_still_fits() -> None:
    assert fitted("\U0001f600" * 10, 5) == "\U0001f600" * 2
