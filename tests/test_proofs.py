"""How many known faults prove each requirement's test, wherever requirements are shown."""

from __future__ import annotations

import io
import json
import re
from importlib import resources
from pathlib import Path

import pytest
from certified import real
from rich.console import Console
from targets import environment, run, serving

from conformance import explain, proofs, results
from conformance.catalogue import load as load_catalogue
from conformance.proofs import Proof
from conformance.reporting import markdown, page

KNOWN = {"PERM-1": Proof(7, 8)}


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "load", lambda: KNOWN)


def explained(id: str) -> str:
    out = Console(file=io.StringIO(), width=100)
    explain.render(out, load_catalogue()[id], {}, {}, {})
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


@pytest.mark.usefixtures("known")
def test_explain_says_how_many(tmp_path: Path) -> None:
    assert "Proven by (7 of 8 known faults found as such)" in explained("PERM-1")
    assert "known faults" not in explained("PERM-2")


@pytest.mark.usefixtures("known")
def test_the_page_says_it_of_each_requirement_that_is_known() -> None:
    text = page.render(real())
    assert len(re.findall(r'class="proof"[^>]*>7 of 8<', text)) == 1
    assert text.count('class="proof"') == 1


@pytest.mark.usefixtures("known")
def test_a_failure_says_how_far_its_test_is_to_be_trusted(tmp_path: Path) -> None:
    with serving("perm-delete-members") as server:
        run(environment(server), tmp_path, select=("PERM-1", "PERM-2"))
    failed = results.load(tmp_path)
    assert "#### PERM-1 (MUST; 7 of 8 known faults found as such) " in markdown.render(failed)
    assert len(re.findall(r'class="proof"[^>]*>7 of 8<', page.render(failed))) == 2


def test_what_comes_with_the_package_is_of_this_catalogue() -> None:
    file = resources.files("conformance").joinpath(proofs.FILE)
    counts = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    assert set(counts) <= {rule.id for rule in load_catalogue()}
    assert all(0 <= found <= known for found, known in counts.values())
    assert {id: list(proof) for id, proof in proofs.load().items()} == counts
