"""Mutation testing of the model and the reference server, by the suite.

``python benchmarks/mutants.py [--workers N] [--log FILE]``: Cosmic Ray's operators change one place
of one module at a time; the server runs the mutant, the checker stays as it is. A mutant is killed
where a strict run is not conformant: a finding, or nothing that could be judged. Each survivor has
to stand in ``equivalent_mutants.toml``, with the reason why no client can tell it apart.
Exit status 1 where one does not, or where that file lists what is no survivor.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import difflib
import itertools
import json
import os
import shutil
import sys
import tempfile
import tomllib
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cosmic_ray.plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code

import conformance
from conformance import engine, matrix
from conformance.reference import process
from conformance.settings import Settings

PACKAGE = Path(conformance.__file__).parent
MODULES = ("model.py", "reference/server.py", "reference/parsing.py")
DOCUMENTS = PACKAGE.parent / "openapi"
REVIEWED = Path(__file__).parent / "equivalent_mutants.toml"
NEEDS_ARGUMENTS = ("core/VariableReplacer", "core/VariableInserter")
SERVERS: tuple[tuple[str, ...], ...] = (
    (),
    ("reaction-again-conflicts", "second-reaction-replaces", "pin-again-conflicts"),
    ("reaction-again-renews-id", "second-reaction-conflicts", "pin-again-renews-id"),
)
"""The reference server, and two that take other freedoms, so that the model's branches are run."""
TIMEOUT = 5.0
"""Seconds for an answer: a mutant may never give one."""


@dataclass(frozen=True, slots=True)
class Mutant:
    module: str
    line: int
    before: str
    after: str
    code: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it even where lines were added above it."""
        return self.module, self.before, self.after

    def __str__(self) -> str:
        return f"{self.module}:{self.line}\n    - {self.before}\n    + {self.after}"


# -- making them -----------------------------------------------------------------------------------


def mutants() -> Iterator[Mutant]:
    for module in MODULES:
        original = (PACKAGE / module).read_text(encoding="utf-8")
        seen = {_meaning(original)}
        for code in _mutated(original):
            meaning = _meaning(code)
            if meaning and meaning not in seen:
                seen.add(meaning)
                yield _mutant(module, original, code)


def _mutated(original: str) -> Iterator[str]:
    tree = get_ast(original)
    for name in cosmic_ray.plugins.operator_names():
        if name in NEEDS_ARGUMENTS:
            continue
        operator = cosmic_ray.plugins.get_operator(name)()
        places = sum(len([*operator.mutation_positions(node)]) for node in ast_nodes(tree))
        for occurrence in range(places):
            yield mutate_code(original, operator, occurrence)


def _meaning(code: str) -> str:
    """The code without what never runs; empty where it is no Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(code)
        except SyntaxError:
            return ""
    return ast.dump(_WithoutAnnotations().visit(tree))


class _WithoutAnnotations(ast.NodeTransformer):
    """Annotations are never evaluated (PEP 563), save those of what is parsed into a dataclass."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)


def _mutant(module: str, original: str, code: str) -> Mutant:
    old, new = original.splitlines(), code.splitlines()
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    start, end, first, last = next(
        (start, end, first, last)
        for kind, start, end, first, last in matcher.get_opcodes()
        if kind != "equal"
    )
    before = " ".join(line.strip() for line in old[start:end]).strip()
    after = " ".join(line.strip() for line in new[first:last]).strip()
    return Mutant(module, start + 1, before, after, code)


def original() -> Mutant:
    """No mutant: what has to survive."""
    return Mutant(MODULES[0], 0, "", "", (PACKAGE / MODULES[0]).read_text(encoding="utf-8"))


# -- judging them ----------------------------------------------------------------------------------


class _UntilFound(engine.Silence):
    def ran(self, evidence: Mapping[str, Any]) -> None:
        if evidence["findings"]:
            raise KeyboardInterrupt


def killed(mutant: Mutant) -> bool:
    """Whether a run of the suite on the mutated server is anything but conformant."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / PACKAGE.name
        shutil.copytree(PACKAGE, home, ignore=shutil.ignore_patterns("suite", "__pycache__"))
        shutil.copytree(DOCUMENTS, Path(folder) / DOCUMENTS.name)
        (home / mutant.module).write_text(mutant.code, encoding="utf-8")
        # "python -m" looks into the working directory first: the server there is the mutant.
        servers = SERVERS if mutant.module == MODULES[0] else SERVERS[:1]
        tries = itertools.product(servers, ("scenarios", "searches"))
        with contextlib.chdir(folder):
            return any(_found(server, part) for server, part in tries)


def _found(deviations: tuple[str, ...], part: str) -> bool:
    base = Settings(depth="quick", profile="strict", part=part, timeout=TIMEOUT)
    try:
        results, _ = matrix.execute(deviations, base, _UntilFound())
    except (process.NotStarted, ValueError):
        return True  # ValueError: what the mutant writes on its standard output is no JSON.
    wrong = results["interrupted"] or results["blocked"] or results["errors"]
    return bool(wrong or any(one["findings"] for one in results["requirements"]))


def reviewed() -> dict[tuple[str, str, str], str]:
    listed = tomllib.loads(REVIEWED.read_text(encoding="utf-8"))["mutants"]
    return {
        (one["module"], one["before"], after): one["why"]
        for one in listed
        for after in one["after"]
    }


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--workers", type=int, default=os.cpu_count())
    words.add_argument("--log", type=Path, help="one JSON line a mutant; those in it are not rerun")
    given = words.parse_args()
    engine.tests()
    if killed(original()):
        sys.exit("the server as it is does not pass: nothing can be learnt from mutants of it")
    every = list(mutants())
    known = _logged(given.log)
    todo = [one for one in every if one.code not in known]
    with ProcessPoolExecutor(given.workers, get_context("fork"), matrix.ends_with_parent) as pool:
        for mutant, dead in zip(todo, pool.map(killed, todo), strict=True):
            known[mutant.code] = dead
            if given.log:
                with given.log.open("a", encoding="utf-8") as log:
                    log.write(json.dumps({**asdict(mutant), "killed": dead}) + "\n")
    return conclude(every, {one.key for one in every if not known[one.code]})


def _logged(log: Path | None) -> dict[str, bool]:
    if log is None or not log.exists():
        return {}
    lines = map(json.loads, log.read_text(encoding="utf-8").splitlines())
    return {line["code"]: line["killed"] for line in lines}


def conclude(every: list[Mutant], alive: set[tuple[str, str, str]]) -> int:
    equivalent = reviewed()
    survivors = [one for one in every if one.key in alive]
    unexplained = [one for one in survivors if one.key not in equivalent]
    stale = equivalent.keys() - alive
    for one in unexplained:
        print(f"survived: {one}")
    for module, before, after in sorted(stale):
        print(f"listed as equivalent, and no survivor: {module}\n    - {before}\n    + {after}")
    for module, count in Counter(one.module for one in every).items():
        alike = sum(one.module == module for one in survivors)
        print(f"{module}: {count} mutants, {count - alike} killed, {alike} survived")
    left = f"{len(survivors)} survived, {len(unexplained)} of them unexplained"
    print(f"{len(every)} mutants; {left}")
    return int(bool(unexplained or stale))


if __name__ == "__main__":
    sys.exit(main())
