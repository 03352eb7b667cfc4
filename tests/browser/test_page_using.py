"""The conformance page as a tool: search, filters, links, keys, copying, themes."""

from __future__ import annotations

import re

import pytest
from conftest import Open
from playwright.sync_api import Page, expect

from conformance.results import StoredRun

PASTE = "Control+v"


def shown(page: Page, what: str = ".row") -> list[str]:
    """The ids of the requirements that are not filtered away."""
    script = (
        "all => all.filter((one) => !one.hidden).map((one) => one.querySelector('.id').textContent)"
    )
    found: list[str] = page.eval_on_selector_all(what, script)
    return found


def test_a_search_keeps_what_has_the_words(opened: Open) -> None:
    page = opened()
    page.fill("#q", "length limit")
    found = shown(page)
    assert "SEND-6" in found
    assert len(found) < 40
    assert "q=length" in page.url
    page.reload()
    assert shown(page) == found
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#found")).to_have_text("116 of 116")
    assert "q=" not in page.url


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("section", "PERM", r"PERM-\d"),
        ("level", "OBSERVE", "SEND-10|SEND-15|SORT-5|SORT-8|REACT-10|RLIST-5"),
        ("outcome", "failed", r"(SEND|AUTH|PERM|PIN|ISO|STATE|HTTP)-\d+"),
        ("actor", "bob", r"\w+-\d+"),
        ("operation", "pinChat", r"\w+-\d+"),
    ],
)
def test_a_filter_keeps_its_kind_and_is_in_the_address(
    opened: Open, name: str, value: str, right: str
) -> None:
    page = opened()
    page.select_option(f"#by-{name}", value)
    found = shown(page)
    assert 0 < len(found) < 116
    assert all(re.fullmatch(right, id) for id in found)
    assert f"{name}={value}" in page.url
    page.reload()
    assert page.input_value(f"#by-{name}") == value
    assert shown(page) == found


def test_a_number_of_the_table_filters_by_it(opened: Open) -> None:
    page = opened()
    number = page.locator(".totals a.failed").first
    wanted = int(number.inner_text())
    number.click()
    assert len(shown(page)) == wanted
    assert page.input_value("#by-outcome") == "failed"


def test_a_link_leads_to_the_card_or_the_opened_row(opened: Open) -> None:
    page = opened(at="#SEND-6")
    expect(page.locator("#SEND-6")).to_be_in_viewport()
    page = opened(at="#PERM-2")
    expect(page.locator("#PERM-2")).to_be_in_viewport()
    assert page.locator("#PERM-2").is_visible()


def test_a_link_is_stronger_than_a_filter(opened: Open) -> None:
    page = opened(at="#SEND-6?section=PERM")
    expect(page.locator("#SEND-6")).to_be_in_viewport()


def test_a_cell_of_the_matrix_opens_its_exchange(opened: Open) -> None:
    page = opened(at="#authorization")
    cell = page.locator(".cell.breach").first
    id = (cell.get_attribute("href") or "").lstrip("#")
    cell.click()
    expect(page.locator("#drawer")).to_be_visible()
    expect(page.locator("#drawer-title")).to_have_text(f"Exchange {id}")
    assert page.url.endswith(f"#{id}")
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    expect(page).not_to_have_url(re.compile(f"#{id}$"))


def test_an_exchange_that_no_card_shows_opens_too(opened: Open, runs: dict[str, StoredRun]) -> None:
    page = opened(at="#x1")
    expect(page.locator("#drawer")).to_be_visible()
    text = page.locator("#drawer-body").inner_text()
    stored = runs["failing"].exchanges["x1"]
    assert stored["curl"] in text
    assert "Authorization: Bearer $CHATS_S1_HOST" in text
    assert '"totalCount": 0' in text


def test_the_table_of_exchanges_follows_the_filters(opened: Open) -> None:
    page = opened(at="#exchanges?actor=bob&operation=deleteChat")
    page.wait_for_selector("#calls tr")
    rows = page.locator("#calls tr")
    assert {row.split("\t")[1] for row in rows.all_inner_texts()} == {"bob"}
    assert {row.split("\t")[2] for row in rows.all_inner_texts()} == {"deleteChat"}


def test_keys_move_open_search_and_explain(opened: Open) -> None:
    page = opened()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("PERM-2")
    page.keyboard.press("Escape")
    assert page.input_value("#q") == ""
    cards = page.eval_on_selector_all(".card", "all => all.map((one) => one.id)")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.locator(".current").get_attribute("id") == cards[1]
    page.keyboard.press("k")
    assert page.locator(".current").get_attribute("id") == cards[0]
    assert page.url.endswith(f"#{cards[0]}")
    page.keyboard.press("o")
    assert page.locator(".current details[open]").count() == 1
    page.keyboard.press("f")
    assert page.input_value("#by-outcome") == "failed"
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("t")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"


@pytest.mark.parametrize(
    "before", ["", "Object.defineProperty(navigator, 'clipboard', {value: undefined})"]
)
def test_a_command_is_copied_as_it_is(
    opened: Open, runs: dict[str, StoredRun], before: str
) -> None:
    page = opened(at="#SEND-6", before=before)
    finding = next(one for one in runs["failing"].results["requirements"] if one["id"] == "SEND-6")
    command = finding["findings"][0]["reproduce"][-1]
    page.locator("#SEND-6 .finding > .command .copy").first.click()
    expect(page.locator("#said")).to_have_text("Copied")
    page.keyboard.press("/")
    page.keyboard.press(PASTE)
    assert page.input_value("#q") == command


def test_the_theme_is_the_systems_until_one_is_chosen(opened: Open) -> None:
    def paper(page: Page) -> str:
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    light, dark = paper(opened(scheme="light")), paper(opened(scheme="dark"))
    assert light != dark
    page = opened(scheme="dark")
    page.locator("#theme").click()
    assert paper(page) == light
    page.reload()
    assert paper(page) == light
    page.locator("#theme").click()
    page.locator("#theme").click()
    assert paper(page) == dark
