"""``chats-conformance faults``: the kill matrix, from the command line to its files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from conformance import matrix, matrix_report
from conformance.catalogue import load as load_catalogue
from conformance.matrix import Row
from conformance.reference import registry
from conformance.reference.registry import Deviation
from conformance.verdict import Exit


def chosen(select: Iterable[str], ids: Sequence[str]) -> list[Deviation]:
    """Faults by the requirements that they break first, or by their ids; all without either.

    Raises UnknownRequirement and UnknownDeviation.
    """
    if ids:
        return [registry.find(id) for id in ids]
    wanted = [rule.id for rule in load_catalogue().select(select)]
    if wanted:
        return [fault for fault in registry.faults() if fault.breaks[0] in wanted]
    return [*registry.faults(), *registry.variants()]


def listed(console: Console) -> None:
    for one in registry.deviations().values():
        what = ", ".join(one.breaks) or "conforming variant"
        console.print(f"{one.id}  ({what})  {one.title}", markup=False, highlight=False)


def run(deviations: Sequence[Deviation], folder: Path, console: Console) -> list[Row]:
    """Judge all in parallel, show how it goes, and write the matrix in three forms."""
    with Progress(console=console) as bar:
        task = bar.add_task("faults", total=len(deviations))

        def tell(row: Row) -> None:
            bar.advance(task)
            if not row.right:
                bar.console.print(line(row), markup=False, highlight=False)

        rows = matrix.judge_all([(one.id,) for one in deviations], tell)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (
        ("kill-matrix.json", matrix_report.as_json(rows)),
        ("kill-matrix.md", matrix_report.as_markdown(rows)),
        ("kill-matrix.html", matrix_report.as_page(rows)),
        ("proofs.json", json.dumps(matrix_report.proofs(rows), indent=1) + "\n"),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    return rows


def line(row: Row) -> str:
    what = row.outcome if row.breaks else "finding on a conforming variant"
    lines = [f"{what}: {row.id} (breaks {', '.join(row.breaks) or 'nothing'})"]
    lines += [f"  undeclared: {finding}" for finding in row.findings[:5]]
    lines += [f"  error: {error.splitlines()[-1]}" for error in row.errors[:2]]
    return "\n".join(lines)


def conclude(rows: Sequence[Row], console: Console) -> Exit:
    figures = matrix_report.summary(rows)
    told = ", ".join(f"{count} {outcome}" for outcome, count in figures["outcomes"].items())
    console.print(f"{figures['faults']} faults: {told or 'none'}", highlight=False)
    variants = f"{figures['variants']} variants: {figures['variantsWithFindings']} with a finding"
    console.print(variants, highlight=False)
    return Exit.OK if all(row.right for row in rows) else Exit.NON_CONFORMANT
