"""The conformance page of 10,000 exchanges: how large it is, and how long it takes to open.

The run is a real one, of a server with a few faults, so that the page has cards; it is filled up
with exchanges like its own where it has fewer. Times are of headless Chromium, from the beginning
of the navigation: until something is painted, and until the load event has ended.
"""

from __future__ import annotations

import copy
import shutil
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from conformance import engine, results
from conformance.reference import process
from conformance.reporting import FORMATS
from conformance.results import StoredRun
from conformance.settings import Settings
from conformance.target import embedded

EXCHANGES = 10_000
OPENS = 9
FAULTS = ("perm-delete-members", "send-no-limit", "text-nfc", "pin-clears-reactions")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
TIMES = """() => {
    const [load] = performance.getEntriesByType("navigation");
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    return load.loadEventEnd && paint ? [paint.startTime, load.loadEventEnd] : null;
}"""


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        run = filled(recorded(Path(name)), EXCHANGES)
        began = time.monotonic()
        page = FORMATS["page"].write(run)
        made, size = time.monotonic() - began, page.stat().st_size / 1e6
        cards = sum(bool(one["findings"]) for one in run.results["requirements"])
        print(
            f"{len(run.exchanges):,} exchanges, {cards} cards: {size:.2f} MB, made in {made:.1f} s"
        )
        print(f"median of {OPENS} opens, ms          first paint      load")
        for what, times in opened(page).items():
            print(f"{what:32}{median(times, 0):>12}{median(times, 1):>10}")


def recorded(folder: Path) -> StoredRun:
    with process.serving(deviations=FAULTS) as server:
        engine.execute(replace(embedded(Settings(), server), report_dir=folder))
    return results.load(folder)


def filled(run: StoredRun, count: int) -> StoredRun:
    """So many exchanges: the first of the run, or all and more whose bodies differ a little."""
    known = list(run.exchanges.values())
    found = {str(one["id"]): one for one in known[:count]}
    for number in range(count - len(known)):
        one = copy.deepcopy(dict(known[number % len(known)]))
        one |= {"id": f"gw9-x{number + 1}", "started": one["started"] + 1_000}
        if one["response"] and one["response"].get("text"):
            one["response"]["text"] = one["response"]["text"].replace("-", f"-{number:x}", 40)
        found[one["id"]] = one
    return replace(run, exchanges=found)


def opened(page: Path) -> dict[str, list[list[float]]]:
    """First paint and load event of several opens, each in a fresh context, by width."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    words = ["--no-sandbox", "--disable-gpu"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=words)
        try:
            return {
                f"{width} px": [_open(browser, page, width) for _ in range(OPENS)]
                for width in (1440, 375)
            }
        finally:
            browser.close()


def _open(browser: Browser, page: Path, width: int) -> list[float]:
    context = browser.new_context(viewport={"width": width, "height": 900})
    tab = context.new_page()
    tab.goto(page.as_uri(), wait_until="load")
    times: list[float] = tab.wait_for_function(TIMES).json_value()
    context.close()
    return times


def median(times: list[list[float]], place: int) -> str:
    return f"{statistics.median(one[place] for one in times):.0f}"


if __name__ == "__main__":
    main()
