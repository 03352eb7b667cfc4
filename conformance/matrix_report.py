"""The kill matrix for people and machines: Markdown, JSON and a page."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import jinja2

from conformance.catalogue import load as load_catalogue
from conformance.matrix import KILLED, Row

INTRODUCTION = """\
# Kill matrix

Every fault of the reference server against the suite: which requirements it says it breaks, and
under which ones a run finds it. A fault is *killed* where a run fails under a requirement that it
declares; a finding under another one is *collateral* (in bold). Each run is of the whole suite,
with brief searches; what it does not find is searched for longer. `nox -s faults` makes this page
again.
"""
FAULTS = "| fault | what is wrong | outcome | expected | found |"


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Figures over the rows: faults by outcome, and variants with and without findings."""
    faults = [row for row in rows if row.breaks]
    variants = [row for row in rows if not row.breaks]
    return {
        "faults": len(faults),
        "outcomes": dict(Counter(row.outcome for row in faults)),
        "variants": len(variants),
        "variantsWithFindings": sum(not row.right for row in variants),
    }


def as_json(rows: Sequence[Row]) -> str:
    return json.dumps({"summary": summary(rows), "rows": [row.dump() for row in rows]}, indent=1)


def as_markdown(rows: Sequence[Row]) -> str:
    """The committed page. It holds nothing that differs from run to run."""
    figures = summary(rows)
    killed = figures["outcomes"].get(KILLED, 0)
    lines = [
        INTRODUCTION,
        f"**{killed} of {figures['faults']} faults killed; "
        f"{figures['variantsWithFindings']} of {figures['variants']} variants with a finding.**",
        "",
        "## Faults by the requirement that they break first",
        "",
    ]
    for rule, found in sorted(by_rule(rows).items(), key=lambda item: _place(item[0])):
        lines += [f"### {rule}", "", FAULTS, "| --- | --- | --- | --- | --- |"]
        lines += [_line(row) for row in found]
        lines.append("")
    lines += ["## Conforming variants", "", "| variant | what is different | finding |"]
    lines += ["| --- | --- | --- |"]
    lines += [_line(row) for row in rows if not row.breaks]
    return "\n".join(lines) + "\n"


def by_rule(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.breaks:
            found.setdefault(row.breaks[0], []).append(row)
    return found


def _place(rule: str) -> int:
    return [one.id for one in load_catalogue()].index(rule)


def _line(row: Row) -> str:
    title = row.title.replace("|", "\\|")
    if not row.breaks:
        return f"| `{row.id}` | {title} | {told(row)} |"
    found = [rule if rule in row.breaks else f"**{rule}**" for rule in row.found]
    return f"| `{row.id}` | {title} | {told(row)} | {' '.join(row.breaks)} | {' '.join(found)} |"


def proofs(rows: Iterable[Row]) -> dict[str, tuple[int, int]]:
    """Of the faults that break a requirement first: how many are found under it, and all."""
    return {
        rule: (sum(rule in row.found for row in found), len(found))
        for rule, found in sorted(by_rule(rows).items(), key=lambda item: _place(item[0]))
    }


def committed(markdown: str) -> dict[str, tuple[str, str]]:
    """Title and outcome (or findings) of each fault and variant, from the committed page."""
    cells = [
        re.split(r"(?<!\\) ?\| ?", line) for line in markdown.splitlines() if line.startswith("| `")
    ]
    return {row[1].strip("`"): (row[2].replace("\\|", "|"), row[3]) for row in cells}


def told(row: Row) -> str:
    """What the committed page says of a row."""
    return row.outcome if row.breaks else ", ".join(row.found) or "none"


PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Kill matrix</title>
<meta name="viewport" content="width=device-width">
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .2rem .6rem;
border-bottom: 1px solid #8884; vertical-align: top } code { font-size: .9em }
.killed { color: #17692d } .missed, .collateral, .error { color: #b3261e; font-weight: 600 }
:root { color-scheme: light dark } @media (prefers-color-scheme: dark) { .killed { color: #7bd88f }
.missed, .collateral, .error { color: #ff8a80 } }
</style>
<h1>Kill matrix</h1>
<p>{{ figures.outcomes.get("killed", 0) }} of {{ figures.faults }} faults killed;
{{ figures.variantsWithFindings }} of {{ figures.variants }} variants with a finding.</p>
<table><thead><tr><th>fault or variant<th>what is wrong or different<th>expected<th>found
<th>unexpected<th>outcome<th>seconds</tr></thead><tbody>
{% for row in rows -%}
<tr><td><code>{{ row.id }}</code><td>{{ row.title }}<td>{{ row.breaks|join(" ") }}
<td>{{ row.found|join(" ") }}<td>{{ row.unexpected|join(" ") }}
<td class="{{ row.outcome if row.breaks else ("killed" if row.right else "missed") }}">
{{- row.outcome if row.breaks else ("no finding" if row.right else "finding") }}
<td>{{ "%.1f"|format(row.seconds) }}</tr>
{% endfor -%}
</tbody></table></html>
"""


def as_page(rows: Sequence[Row]) -> str:
    template = jinja2.Environment(autoescape=True).from_string(PAGE)
    return template.render(rows=rows, figures=summary(rows))
