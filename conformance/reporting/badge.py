"""A badge: the JSON that shields.io reads from an endpoint, and a picture that needs no service."""

from __future__ import annotations

from jinja2 import Environment

from conformance.reporting import hostile
from conformance.results import StoredRun
from conformance.verdict import Verdict

LABEL = "Chats API"
COLOURS = {
    Verdict.CONFORMANT: ("brightgreen", "#2a7d1f"),
    Verdict.PARTIAL: ("green", "#4b6f1a"),
    Verdict.INCONCLUSIVE: ("yellow", "#8a6100"),
    Verdict.NON_CONFORMANT: ("red", "#b32d23"),
}
LETTER, MARGIN = 7, 10
"""The width that a letter is given and the room at the sides, in pixels."""

_SVG = Environment(autoescape=True).from_string("""\
<svg xmlns="http://www.w3.org/2000/svg" width="{{ left + right }}" height="20" role="img" \
aria-label="{{ label }}: {{ message }}">
  <title>{{ label }}: {{ message }}</title>
  <clipPath id="r"><rect width="{{ left + right }}" height="20" rx="3"/></clipPath>
  <g clip-path="url(#r)">
    <rect width="{{ left }}" height="20" fill="#444"/>
    <rect x="{{ left }}" width="{{ right }}" height="20" fill="{{ colour }}"/>
  </g>
  <g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
    <text x="{{ left / 2 }}" y="14" textLength="{{ left - margin }}">{{ label }}</text>
    <text x="{{ left + right / 2 }}" y="14" textLength="{{ right - margin }}">{{ message }}</text>
  </g>
</svg>
""")


def message(run: StoredRun) -> str:
    """The verdict in the few words that a badge has room for."""
    profile = run.results["profile"]
    return f"{run.results['verdict']} ({profile})" if profile != "core" else run.results["verdict"]


def render(run: StoredRun) -> str:
    colour, _ = COLOURS[Verdict(run.results["verdict"])]
    badge = {"schemaVersion": 1, "label": LABEL, "message": message(run), "color": colour}
    return hostile.document(badge)


def svg(run: StoredRun) -> str:
    text = message(run)
    return _SVG.render(
        label=LABEL,
        message=text,
        left=len(LABEL) * LETTER + MARGIN,
        right=len(text) * LETTER + MARGIN,
        margin=MARGIN,
        colour=COLOURS[Verdict(run.results["verdict"])][1],
    )
