"""The conformance page as a reader meets it: it opens, is legible, and leaves nothing running."""

from __future__ import annotations

import itertools
import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import Open
from stories import HOSTILE

from conformance.results import StoredRun

RUNS = ("clean", "failing", "racing", "inconclusive", "hostile")


@pytest.mark.parametrize(
    ("name", "width", "scheme"), list(itertools.product(RUNS, (375, 1440), ("light", "dark")))
)
def test_nothing_is_wrong_by_the_rules_of_accessibility(
    opened: Open, name: str, width: int, scheme: str
) -> None:
    page = opened(name, width=width, scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", RUNS)
def test_a_phone_needs_no_scrolling_sideways(opened: Open, name: str) -> None:
    page = opened(name, width=375)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("clean", "What was selected holds"),
        ("failing", "It does not conform"),
        ("inconclusive", "No verdict"),
    ],
)
def test_the_verdict_is_a_sentence(opened: Open, name: str, words: str) -> None:
    assert words in opened(name).locator("h1").inner_text()


def test_every_failure_has_an_open_card(opened: Open, runs: dict[str, StoredRun]) -> None:
    page = opened("failing")
    failed = {one["id"] for one in runs["failing"].results["requirements"] if one["findings"]}
    assert failed
    assert set(page.eval_on_selector_all(".card", "all => all.map((one) => one.id)")) == failed
    assert all(page.locator(f"#{id} .sides").first.is_visible() for id in failed)


def test_a_card_says_all_that_is_needed_to_repeat_it(opened: Open) -> None:
    card = opened("failing", at="#SEND-6").locator("#SEND-6")
    text = card.inner_text()
    assert "chats-conformance run --select SEND-6" in text
    assert "$CHATS_S1_" in text
    assert "curl" in text
    assert "serve --fault send-" in card.inner_html()
    assert card.locator("ins, del").count() > 0
    assert card.locator("svg.lanes a.stressed").count() > 0


def test_the_value_at_the_pointer_is_marked(opened: Open) -> None:
    page = opened("failing", at="#SEND-18")
    assert page.locator("#SEND-18 .excerpt mark").count() > 0


@pytest.mark.parametrize("scripts", [True, False])
def test_calls_at_once_are_drawn_in_time(
    opened: Open, runs: dict[str, StoredRun], scripts: bool
) -> None:
    entries = runs["racing"].results["requirements"]
    (finding,) = next(one["findings"] for one in entries if one["id"] == "CONC-5")
    history, card = finding["history"], opened("racing", scripts=scripts).locator("#CONC-5")
    picture = card.locator("svg.history")
    assert picture.is_visible()
    assert set(picture.locator("text.actor").all_text_contents()) == set(history["lanes"])
    assert picture.locator(".bar").count() == len(history["calls"])
    last = next(one for one in history["calls"] if one["unexplained"])
    marked = picture.locator(".bar.unexplained")
    assert marked.count() == 1
    assert marked.get_attribute("href") == f"#{last['exchange']}"
    assert last["call"] in marked.locator("title").inner_html().replace("&quot;", '"')
    box, beside = (one.bounding_box() for one in (marked.locator("rect"), picture))
    assert box
    assert beside
    assert beside["x"] <= box["x"] <= box["x"] + box["width"] <= beside["x"] + beside["width"]
    card.locator("summary", has_text="The same as a list").click()
    assert card.locator(".moments tbody tr").count() == len(history["calls"])


def test_texts_of_calls_at_once_stay_in_their_bars(opened: Open) -> None:
    outside = """all => all.filter((bar) => {
        const right = (one) => one.getBBox().x + one.getBBox().width;
        const end = right(bar.querySelector("rect"));
        return [...bar.querySelectorAll("text")].some((text) => right(text) > end);
    }).length"""
    assert opened("racing").eval_on_selector_all("svg.history .bar", outside) == 0


def test_it_reads_without_scripts(opened: Open) -> None:
    page = opened("failing", scripts=False, at="#x1")
    assert page.locator("#SEND-6 .finding").first.is_visible()
    assert not page.locator("#filters").is_visible()
    page.locator("#SEND-6 details.exchange > summary").first.click()
    assert "POST /v1/chats" in page.locator("#SEND-6 .messages").first.inner_text()


def test_it_prints_without_its_controls(opened: Open) -> None:
    page = opened("failing")
    page.emulate_media(media="print")
    assert not page.locator("#filters").is_visible()
    assert not page.locator(".copy").first.is_visible()
    assert page.locator("#SEND-6").is_visible()


def test_what_a_target_says_stays_text(opened: Open) -> None:
    page = opened("hostile", at="#exchanges")
    page.wait_for_selector("#calls a")
    seen = ""
    for number in range(2 * len(HOSTILE)):
        page.locator("#calls a").nth(number).click()
        page.wait_for_selector("#drawer[open]")
        seen += page.locator("body").inner_text()
        copied = page.eval_on_selector_all("[data-copy]", "all => all.map((b) => b.dataset.copy)")
        seen += "".join(copied)
        page.keyboard.press("Escape")
    assert page.evaluate("window.pwned") is None
    assert page.locator("script").count() == 2
    assert page.locator("img").count() == 0
    assert "{{ 7 * 7 }}" in seen
    assert "window.pwned = 1" in seen
    assert not {"\u202e", "\x1b", "\x00", "\u2066", "\u2028"} & set(seen)


def test_all_exchanges_can_be_seen(opened: Open, runs: dict[str, StoredRun]) -> None:
    page = opened("failing", at="#exchanges")
    island = json.loads(page.locator("#island").inner_text() or "{}")
    assert {row[0] for row in island["rows"]} == set(runs["failing"].exchanges)
    page.wait_for_selector("#calls tr")
    before = page.locator("#calls tr").count()
    page.locator("#more").click()
    assert page.locator("#calls tr").count() > before
