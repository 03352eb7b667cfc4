"""How well the suite is proven: of the known faults of each requirement, how many it finds as such.

``proofs.json`` is made from the kill matrix, by ``nox -s faults``, and comes with the package.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib import resources
from typing import NamedTuple

FILE = "proofs.json"


class Proof(NamedTuple):
    """Counts faults of the reference server that break a requirement first.

    ``found`` are those that a run found under this very requirement; others were found as well, by
    what else they break.
    """

    found: int
    known: int

    def __str__(self) -> str:
        return f"{self.found} of {self.known}"


@functools.cache
def load() -> Mapping[str, Proof]:
    """The proofs by the requirements' ids; of some there may be none."""
    file = resources.files(__package__).joinpath(FILE)
    if not file.is_file():
        return {}
    return {id: Proof(*counts) for id, counts in json.loads(file.read_text("utf-8")).items()}


def words(id: str) -> str:
    """A requirement's proof in words, or nothing where nothing is known."""
    return f"{counts(id)} known faults found as such" if counts(id) else ""


def counts(id: str) -> str:
    """As ``3 of 3``, or nothing."""
    proof = load().get(id)
    return str(proof) if proof else ""
