"""The conformance page of a long run."""

from __future__ import annotations

from pathlib import Path

import pytest
from stories import many

from conformance.reporting.page import render
from conformance.results import StoredRun

EXCHANGES = 10_000
MEGABYTES = 8


@pytest.fixture(scope="module")
def long_page(runs: dict[str, StoredRun], tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("long") / "index.html"
    run = many(runs["failing"], EXCHANGES)
    file.write_text(render(run), encoding="utf-8")
    return file


def test_ten_thousand_exchanges_stay_small(long_page: Path) -> None:
    assert long_page.stat().st_size < MEGABYTES * 1_000_000
