"""A headless Chromium, and pages of stored runs opened in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from stories import CLEAN, FAILING, FAULTS, RACES, hostile, judged

from conformance.reporting.page import render
from conformance.results import StoredRun

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
# The sandbox needs rights that containers do not give; the rest keeps the browser off the network.
WORDS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
WIDTHS = {375: 812, 1440: 1000}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.fail("these tests need Chromium: install Debian's package 'chromium'")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=WORDS.split())
        yield found
        found.close()


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, StoredRun]:
    """Runs that find nothing, failures and races, one that cannot judge, and a hostile one."""
    home = tmp_path_factory.mktemp("runs")
    failing = judged(home / "failing", FAILING, FAULTS)
    return {
        "clean": judged(home / "clean", CLEAN, ()),
        "failing": failing,
        "racing": judged(home / "racing", ("CONC-5",), RACES),
        "inconclusive": judged(home / "inconclusive", ("SEND", "PERM"), (), swapped=True),
        "hostile": hostile(failing),
    }


@pytest.fixture(scope="session")
def files(runs: dict[str, StoredRun], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    found = {name: folder / f"{name}.html" for name in runs}
    for name, run in runs.items():
        found[name].write_text(render(run), encoding="utf-8")
    return found


Open = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, files: dict[str, Path]) -> Iterator[Open]:
    """Opens the page of a run; afterwards no console error and no request may have been seen."""
    contexts, wrong = [], []

    def open_page(
        name: str = "failing",
        at: str = "",
        width: int = 1440,
        scheme: str = "light",
        scripts: bool = True,
        before: str = "",
    ) -> Page:
        size = {"width": width, "height": WIDTHS[width]}
        context = browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            color_scheme=scheme,  # type: ignore[arg-type]
            java_script_enabled=scripts,
        )
        contexts.append(context)
        if before:
            context.add_init_script(before)
        page = context.new_page()
        address = files[name].as_uri()
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
        page.on("request", lambda one: wrong.append(one.url) if _leaves(one.url, address) else None)
        page.goto(address + at)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def _leaves(url: str, address: str) -> bool:
    return not url.startswith((address, "data:image/svg+xml,"))
