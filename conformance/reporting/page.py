"""The conformance page: one HTML file that needs nothing but a browser to be read."""

from __future__ import annotations

import base64
import functools
import hashlib
from dataclasses import dataclass
from importlib import resources
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conformance.contract_file import load as load_contract
from conformance.reporting import page_data as data
from conformance.reporting.page_coverage import coverage
from conformance.reporting.page_exchanges import Call, Calls, island
from conformance.reporting.page_facts import Fact, sheet
from conformance.reporting.page_matrix import WORDS, Matrix, matrix
from conformance.reporting.page_svg import latency
from conformance.reporting.page_text import visible
from conformance.results import StoredRun

SPELLED_OUT_BUDGET = 2_000_000
"""Characters of the exchanges that stand in the page itself, to be read without JavaScript."""

GLYPHS = {
    "passed": "✓",
    "failed": "✕",
    "inconclusive": "?",
    "observed": "◦",
    "not-selected": "–",
    "waived": "~",
}


def render(run: StoredRun) -> str:
    """The page of a stored run. It loads nothing, and what a target said in it stays text."""
    html = _environment().get_template("page.html.j2").render(_content(run))
    return html.encode("utf-8", "replace").decode()


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("conformance.reporting"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["visible"] = visible
    environment.filters["code"] = _code
    environment.globals["glyphs"] = GLYPHS
    return environment


def _code(text: str) -> Markup:
    """Text with what stands between backquotes set as code."""
    pieces = text.split("`")
    odd = Markup("<code>{}</code>")
    return Markup("").join(
        odd.format(p) if n % 2 else Markup.escape(p) for n, p in enumerate(pieces)
    )


def _content(run: StoredRun) -> dict[str, Any]:
    calls, contract = Calls(run), run.contract or load_contract()
    entries = data.Reader(run, calls).entries()
    counts = data.totals(entries)
    heat = matrix(calls, contract, run.results["requirements"])
    facts = (*sheet(calls), *data.facts(run))
    shown = _spelled_out(entries, heat, facts, calls)
    exchanges, limit = island(calls, shown.ids)
    head = data.headline(run, counts)
    style, script = _asset("page.css"), _asset("page.js")
    return {
        "run": run.results,
        "policy": _policy(style, script),
        "style": Markup(style),
        "script": Markup(script),
        "icon": _icon(head.verdict),
        "headline": head,
        "totals": counts,
        "groups": run.catalogue.groups,
        "entries": entries,
        "failures": _worst_first(entries),
        "faults_of": {fault.id: fault for entry in entries for fault in entry.faults},
        "operations": contract.operations,
        "same_document": run.contract is not None,
        "actors": sorted({call.actor for call in calls.all}),
        "matrix": heat,
        "matrix_words": WORDS,
        "roles_proven": not any("NOT PROVEN" in line for line in run.results.get("preflight", ())),
        "coverage": coverage(calls, contract),
        "facts": facts,
        "latency": latency(calls.all, contract.operations),
        "unjudged": data.unjudged(entries),
        "calls": calls,
        "in_cards": shown.in_cards,
        "evidence": shown.apart,
        "island": Markup(exchanges),
        "cut_to": limit,
        "rerun": data.rerun(run.results),
        "has_tests": (run.folder / "pytest.html").is_file(),
    }


def _worst_first(entries: tuple[data.Entry, ...]) -> list[data.Entry]:
    levels = {"MUST": 0, "SHOULD": 1, "OBSERVE": 2}
    found = (one for one in entries if one.failed)
    return sorted(found, key=lambda one: (bool(one.waiver), levels[one.rule.level]))


# -- which exchanges stand in the page itself ------------------------------------------------------


@dataclass(frozen=True)
class _SpelledOut:
    """Exchanges by where they stand: by requirement and number of the finding, or apart."""

    in_cards: dict[tuple[str, int], tuple[Call, ...]]
    apart: tuple[Call, ...]

    @property
    def ids(self) -> set[str]:
        cards = (call.id for calls in self.in_cards.values() for call in calls)
        return {*cards, *(call.id for call in self.apart)}


def _spelled_out(
    entries: tuple[data.Entry, ...], heat: Matrix, facts: tuple[Fact, ...], calls: Calls
) -> _SpelledOut:
    """Each exchange stands where it is needed first, as long as there is room."""
    seen: set[str] = set()
    room = SPELLED_OUT_BUDGET

    def new(wanted: list[Call]) -> tuple[Call, ...]:
        nonlocal room
        taken = []
        for call in wanted:
            size = len(call.request_shown) + len(call.response_shown) + 2 * len(call.curl)
            if call.id not in seen and size <= room:
                seen.add(call.id)
                taken.append(call)
                room -= size
        return tuple(taken)

    in_cards = {
        (entry.id, number): new(list(finding.calls))
        for entry in _worst_first(entries)
        for number, finding in enumerate(entry.findings)
    }
    cells = (cell.example for row in heat.rows.values() for cell in row.values() if cell.example)
    seen_in_facts = (call for fact in facts for call in calls.find(fact.exchanges))
    return _SpelledOut(in_cards, new([*cells, *seen_in_facts]))


# -- what the page is made of ----------------------------------------------------------------------


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath("templates", name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """A Content-Security-Policy that runs this script and this style and loads nothing."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _icon(verdict: str) -> str:
    colours = {"conformant": "#1c7d4d", "non-conformant": "#c2362b", "partial": "#2f64b5"}
    colour = colours.get(verdict, "#8a6100")
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>"
        f"<circle cx='8' cy='8' r='7' fill='{colour}'/></svg>"
    )
    return f"data:image/svg+xml,{quote(svg)}"
