"""Ids that nothing has: some of the same form as a real one, some with a real one in them."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable

LONG = 16
"""Characters; the shortest of ids that are drawn or hashed have 20."""
UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
COUNTER = re.compile(r"(?<![0-9A-Za-z])[0-9]{1,9}(?![0-9A-Za-z])")
"""A number that stands alone, as in ``17``, ``message/17`` and ``message 17 (new)``."""
CLASSES = (string.digits, "abcdef", "ABCDEF", string.ascii_lowercase, string.ascii_uppercase)


def unknown(real: str) -> str:
    """An id of the same form as a real one that nothing has.

    A counter in it is raised by far. Else some letters and digits near the end become others,
    which the id has elsewhere if it can be: they are of its alphabet. The last one stays, since
    it need not say anything of its own (as at the end of base 32 and base 64).
    """
    counter = _counter(real)
    if counter:
        start, end = counter.span()
        number = str(int(real[start:end]) + 1_000_003).zfill(end - start)
        return real[:start] + number + real[end:]
    places = [at for at, one in enumerate(real) if one.isascii() and one.isalnum()]
    changed = _changed(real, places[-7:-1], real)
    if len(places) >= 6 and changed != real:
        return changed
    # So short a one may be a counter in letters, in which all ids of its length are taken.
    changed = _changed(real, places, string.printable)
    return changed.rjust(8, changed[-1:] or "0") if changed != real else f"{real}0"


def _changed(real: str, places: Iterable[int], known: str) -> str:
    """The id with other letters and digits at some places: the next of their kind in ``known``."""
    changed = list(real)
    for at in places:
        alphabet = next(one for one in CLASSES if real[at] in one)
        among = [one for one in alphabet if one in known]
        changed[at] = among[(among.index(real[at]) + 1) % len(among)]
    return "".join(changed)


def _counter(id: str) -> re.Match[str] | None:
    """The last number that stands alone, in an id that has no others: a drawn one would have."""
    drawn = UUID.search(id) or re.search(r"[0-9][A-Za-z]|[A-Za-z][0-9]", id)
    return None if drawn else max(COUNTER.finditer(id), key=re.Match.start, default=None)


def lookalikes(real: str, other: str) -> list[str]:
    """Ids of nothing, which a careless look-up takes for ``real`` or ``other``.

    What may be another spelling of the same id is left out: blanks around it, another letter case,
    zeros in front of a number, the ends of base 32 and base 64.
    """
    found = [f"{real},{other}", f"{real}x", f"{real}.json", f"{real}\0", f"{real[:-1]}%"]
    # The beginning of what counts may be the id of another message.
    return found if counts_up(real) or real.endswith("=") else [*found, real[:-1]]


def counts_up(id: str) -> bool:
    """Whether an id may have a counter in it, as each kind of thing may have one of its own.

    Ids without one have to be long, or else two would be the same some day.
    """
    counted = COUNTER.search(id) and not UUID.search(id)
    return id.isdecimal() or len(id) < LONG or bool(counted)
