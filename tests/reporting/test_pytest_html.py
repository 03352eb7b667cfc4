"""The rows of pytest-html's report."""

from __future__ import annotations

import base64
import html
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sample_runs import MARK, NASTY, of_faulty

from conformance.reporting import hostile
from conformance.reporting.pytest_html import PLACE, row
from conformance.results import PYTEST_HTML


def table(path: Path) -> dict[str, list[dict[str, Any]]]:
    """What the report's script makes its table from."""
    found = re.search(r'data-jsonblob="([^"]*)"', path.read_text(encoding="utf-8"))
    assert found
    tests: dict[str, list[dict[str, Any]]] = json.loads(html.unescape(found[1]))["tests"]
    return tests


def test_a_run_writes_it_with_requirements_levels_and_exchanges() -> None:
    run, tokens = of_faulty()
    path = run.folder / PYTEST_HTML
    name = "test_a_member_may_not_delete_another_members_message"
    (one,) = next(rows for test, rows in table(path).items() if test.endswith("::" + name))
    cells = one["resultsTableRow"]
    assert cells[PLACE].startswith('<td class="col-requirement">PERM-1')
    assert cells[PLACE + 1] == '<td class="col-level">MUST, SHOULD</td>'
    assert re.search(r"bob: DELETE http://\S+ -&gt; 20[04]", one["log"])
    assert "$CHATS_S1_MEMBER_2" in one["log"]
    content = path.read_text(encoding="utf-8")
    assert 'href="index.html"' in content
    for token in tokens:
        assert token not in content
        assert base64.b64encode(token.encode()).decode().rstrip("=") not in content


def test_each_test_has_a_row_of_exchanges() -> None:
    run, _ = of_faulty()
    for rows in table(run.folder / PYTEST_HTML).values():
        assert all("Exchanges" in one["log"] for one in rows)


@pytest.mark.parametrize("workers", [0, 2])
def test_plain_pytest_writes_it_too(tmp_path: Path, workers: int) -> None:
    file = tmp_path / "plain.html"
    words = ["--pyargs", "conformance.suite", "-q", "-p", "no:cacheprovider", "-k", "may_not_pin"]
    words += [f"--html={file}", "--self-contained-html", "-n", str(workers)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    tests = table(file)
    assert tests
    for rows in tests.values():
        assert "PERM-5" in rows[0]["resultsTableRow"][PLACE]
        assert ": POST http" in rows[0]["log"]
    assert 'href="index.html"' not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", NASTY)
def test_an_exchange_is_text_and_no_markup(text: str) -> None:
    shown = row([f"{text}{MARK}", f"curl {text}"])
    assert not re.search("[<>\"']", shown)
    assert {c for c in shown if hostile.unseen(c)} == {"\n"}
