"""What the contract says of a generated request: refused, accepted, or free; and under which id."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from conformance.client import JSON, Answer, Query
from conformance.contract import Limits
from conformance.expect import holds
from conformance.suite.odd_values import CONTENT_TYPES
from conformance.suite.texts import BLANKS, too_long, units
from conformance.values import brief

REFUSED, ACCEPTED, FREE = "refused", "accepted", "free"
INT32 = 2**31


@dataclass(frozen=True, slots=True)
class Expected:
    """``what`` names the values that decide, in words for a finding."""

    outcome: str
    rule: str = ""
    what: str = ""


OPEN = Expected(FREE)

TABLE: dict[tuple[str, str], Expected] = {
    (operation, place): Expected(outcome, rule, what)
    for operation, place, outcome, rule, what in (
        ("listChats", "Skip", REFUSED, "LIST-9", "a Skip that is no int32 of 0 or more"),
        ("listChats", "Take", REFUSED, "LIST-9", "a Take that is no int32"),
        ("listChats", "Take out of range", REFUSED, "LIST-6", "a Take out of range"),
        ("listChats", "Ascending", REFUSED, "LIST-9", "an Ascending that is no boolean"),
        ("listChats", "SortBy", REFUSED, "LIST-9", "an unknown SortBy"),
        ("sendChat", "right", ACCEPTED, "SEND-1", "a message with a right text"),
        ("sendChat", "no string", REFUSED, "SEND-9", "a message that is no string"),
        ("sendChat", "too long", REFUSED, "SEND-7", "a message that is too long"),
        ("sendChat", "broken", REFUSED, "SEND-8", "a message's body that breaks off"),
        ("sendChat", "type", REFUSED, "SEND-13", "a message that is declared as other than JSON"),
        ("addReaction", "right", ACCEPTED, "REACT-1", "one of the reactions"),
        ("addReaction", "unknown", REFUSED, "REACT-2", "a value that names no reaction"),
        ("addReaction", "alias", REFUSED, "REACT-11", "an alias of a reaction"),
        ("addReaction", "no string", REFUSED, "REACT-9", "a reaction that is no string"),
        ("addReaction", "broken", REFUSED, "REACT-12", "a reaction's body that breaks off"),
        ("deleteChat", "id", REFUSED, "DEL-6", "deleting by an id that no message has"),
        ("addReaction", "id", REFUSED, "REACT-6", "reacting to an id that no message has"),
        ("pinChat", "id", REFUSED, "PIN-4", "pinning by an id that no message has"),
        ("unpinChat", "id", REFUSED, "PIN-6", "unpinning by an id that nothing has"),
        ("removeReaction", "id", REFUSED, "UNREACT-4", "unreacting by an id that nothing has"),
    )
}
"""By operation and by what decides: what has to happen, and which requirement says so."""


def judge(answer: Answer, said: Expected, shown: object) -> bool:
    """Hold an answer to what the contract says of its request; a 5xx is HTTP-1's matter."""
    outcome = f"{brief(shown)}: {answer.exchange.outcome()}"
    if said.outcome == REFUSED:
        right = answer.refused or answer.status >= 500
        summary, wanted = f"{said.what} was not refused", "a 4xx status"
    elif said.outcome == ACCEPTED:
        right = answer.accepted or answer.status >= 500
        summary, wanted = f"{said.what} was not accepted", "200"
    else:
        return True
    return holds(right, summary, expected=wanted, actual=outcome, on=answer, rule=said.rule)


# -- queries of the message list -------------------------------------------------------------------

PARAMETERS = ("Skip", "Take", "SortBy", "Ascending")
CANONICAL = re.compile(r"0|-?[1-9][0-9]*")
FRACTION = re.compile(r"-?[0-9]+\.[0-9]*[1-9][0-9]*")
# What one language or another reads as a whole number: lenient spellings are free (LIST-9).
LENIENT = re.compile(
    r"[-+\u2212]*[\d_.,'\s]+([eE][-+]?\d+)?[fFdDlLuUnNmM%]{0,2}"
    r"|0[xXoObB][0-9a-fA-F_]+"
    r"|[\"'\[(]*[-+]?\d+[\"'\])]*"
)
ABSENT = ("", "null", "undefined", "none", "nil")


def query(limits: Limits, pairs: Query) -> list[Expected]:
    """All that is wrong with a query; a single verdict where nothing is."""
    names = [name for name, _ in pairs]
    once = {name: value for name, value in pairs if names.count(name) == 1}
    verdicts = [value(limits, name, given) for name, given in once.items()]
    wrong = [one for one in verdicts if one.outcome == REFUSED]
    if wrong:
        return list(dict.fromkeys(wrong))
    # Names in another case, unknown ones, and any given twice are the target's own affair.
    known = len(once) == len(pairs) and set(names) <= set(PARAMETERS)
    if not known or OPEN in verdicts:
        return [OPEN]
    return [accepted(limits, once)]


def value(limits: Limits, name: str, given: str) -> Expected:
    """What one parameter by itself calls for."""
    right = Expected(ACCEPTED)
    if name in ("Skip", "Take"):
        kind = number(given)
        if not isinstance(kind, int):
            return TABLE["listChats", name] if kind == "none" else OPEN
        if not -INT32 <= kind < INT32 or (name == "Skip" and kind < 0):
            return TABLE["listChats", name]
        in_range = name == "Skip" or limits.page_min <= kind <= limits.page_size
        return right if in_range else TABLE["listChats", "Take out of range"]
    if name == "Ascending":
        return (
            right
            if given in ("true", "false")
            else OPEN
            if flag(given)
            else TABLE["listChats", name]
        )
    if name == "SortBy":
        if given in (limits.created_key, limits.pinned_key):
            return right
        return OPEN if key(limits, given) else TABLE["listChats", name]
    return OPEN


def number(given: str) -> int | str:
    """The whole number that a text is, or "none", or "lenient" where somebody could read one."""
    if CANONICAL.fullmatch(given):
        return int(given[:400])
    if FRACTION.fullmatch(given):
        # Where all numbers are floating-point, one this close to a whole number is it.
        return "lenient" if float(given).is_integer() else "none"
    text = given.strip(BLANKS)
    if text.lower() in ABSENT or LENIENT.fullmatch(text) or given == "-0":
        return "lenient"
    odd = any(
        unicodedata.category(one) in ("Cc", "Cf") or (not one.isascii() and one.isnumeric())
        for one in given
    )
    return "lenient" if odd else "none"


def flag(given: str) -> bool:
    """Whether somebody could read a text as a boolean."""
    text = unicodedata.normalize("NFKC", given).strip(BLANKS + "\0").strip("\"'").lower()
    words = (
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "t",
        "f",
        "y",
        "n",
        "asc",
        "desc",
        "ascending",
        "descending",
    )
    numeric = (
        not isinstance(number(text), str) or number(text) == "lenient" or FRACTION.fullmatch(text)
    )
    return bool(text in (*ABSENT, *words) or numeric)


def key(limits: Limits, given: str) -> bool:
    """Whether somebody could read a text as a sort key: spelled otherwise, or by number."""
    known = {bare(one) for one in (*limits.sort_keys, *limits.reactions)}
    parts = [bare(part) for part in re.split(r"[,\s;+-]+", given)]
    named = any(part in known for part in parts) or bare(given) in known
    return (
        named
        or given.strip(BLANKS).lower() in ABSENT
        or number(given) != "none"
        or emoji(limits, given)
    )


def accepted(limits: Limits, given: dict[str, str]) -> Expected:
    """The requirement under which a right query is answered."""
    if "Take" in given:
        return Expected(ACCEPTED, "LIST-5", "a Take in range")
    if "Skip" in given:
        return Expected(ACCEPTED, "LIST-7", "a Skip of 0 or more")
    if "SortBy" in given:
        rule = "SORT-4" if given["SortBy"] == limits.pinned_key else "SORT-2"
        return Expected(ACCEPTED, rule, f"SortBy={given['SortBy']}")
    if "Ascending" in given:
        return Expected(ACCEPTED, "SORT-3", "an Ascending that is a boolean")
    return Expected(ACCEPTED, "LIST-1", "a list without parameters")


# -- bodies ----------------------------------------------------------------------------------------


class Repeated(ValueError):
    """A key stands twice in an object: which of the two counts is free."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    folded = [name.casefold() for name, _ in pairs]
    if len(set(folded)) < len(folded):
        raise Repeated
    return dict(pairs)


def decoded(body: bytes | None) -> Any:
    """A body as plain JSON; raises ValueError where it is none, or is read in several ways."""
    try:
        return json.loads(
            (body or b"").decode("utf-8"), object_pairs_hook=_once, parse_constant=_none
        )
    except RecursionError:
        raise ValueError("deep") from None


def _none(name: str) -> None:
    raise ValueError(name)


def content(body: bytes | None, name: str) -> tuple[bool, Any, bool]:
    """Whether an object has the member ``name``, its value, and whether it is alone."""
    found = decoded(body)
    if not isinstance(found, dict):
        raise ValueError("no object")
    if any(other.casefold() == name and other != name for other in found):
        raise Repeated
    return name in found, found.get(name), set(found) <= {name}


def message(limits: Limits, body: bytes | None, content_type: str = JSON[1]) -> Expected:
    """What a message's body gets. A null, absent or blank text is free (SEND-10)."""
    try:
        has, text, alone = content(body, "message")
    except ValueError:
        return OPEN
    if not has or text is None:
        return OPEN
    if not isinstance(text, str):
        return TABLE["sendChat", "no string"]
    if too_long(text, limits.message_length):
        return TABLE["sendChat", "too long"]
    if not plain(text) or units(text) > limits.message_length or not alone:
        return OPEN
    if content_type == JSON[1]:
        return TABLE["sendChat", "right"]
    return TABLE["sendChat", "type"] if content_type in CONTENT_TYPES else OPEN


def plain(text: str) -> bool:
    """Whether a text is one that everybody has to take: none that is blank to somebody."""
    categories = {unicodedata.category(one) for one in text}
    whole = not any(
        one in ("\0", "\ufffe", "\uffff")
        or ord(one) & 0xFFFE == 0xFFFE
        or "\ufdd0" <= one <= "\ufdef"
        for one in text
    )
    return whole and "Cs" not in categories and any(one[0] in "LNPS" for one in categories)


def reaction(limits: Limits, body: bytes | None, content_type: str = JSON[1]) -> Expected:
    """What a reaction's body gets on a message of one's session."""
    try:
        has, name, alone = content(body, "reaction")
    except Repeated:
        return OPEN
    except ValueError:
        return _no_object(body)
    if not has or not isinstance(name, str):
        return TABLE["addReaction", "no string"]
    if name in limits.reactions:
        right = alone and content_type == JSON[1]
        return TABLE["addReaction", "right"] if right else OPEN
    return named(limits, name)


def _no_object(body: bytes | None) -> Expected:
    """JSON that is no object has no reaction in it; what is no JSON may be some dialect."""
    try:
        decoded(body)
    except ValueError:
        return OPEN
    return TABLE["addReaction", "no string"]


def named(limits: Limits, name: str) -> Expected:
    """What a text gets that is none of the reactions as they are written."""
    known = {bare(one) for one in limits.reactions}
    if name.strip(":") in {one.strip(":") for one in limits.reactions} and ":" not in name:
        return TABLE["addReaction", "alias"]
    if name.casefold() in limits.reactions:
        return TABLE["addReaction", "alias"]
    if bare(name) in known or bare(name) in ("1", "like", "dislike") or emoji(limits, name):
        return OPEN
    return TABLE["addReaction", "unknown"]


def bare(text: str) -> str:
    """The letters and digits of a name, in one case and one form."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(one for one in folded if one.isalnum())


def emoji(limits: Limits, text: str) -> bool:
    """Whether a text has the emoji of a reaction in it."""
    known = tuple(bare(one) for one in limits.reactions)
    return any(bare(unicodedata.name(one, "")).startswith(known) for one in text if ord(one) > 0xFF)
