"""How long a text is, and whether it came back as it was sent."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from conformance.client import Answer, Participant, Sent
from conformance.client import Shown as Message
from conformance.expect import holds
from conformance.values import brief, equivalent

BLANKS = "".join(chr(code) for code in range(0x3001) if chr(code).isspace()) + "\u200b\ufeff"
"""What trimming may take for white space, in one language or another."""


def units(text: str) -> int:
    """The length in UTF-16 code units, the longest of the counts of SEND-15."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clusters(text: str) -> int:
    """No more than the number of grapheme clusters, the shortest of the counts of SEND-15.

    Whatever may join the character before it is left out (UAX 29, in the safe direction).
    """
    joined = text.replace("\r\n", "\n")
    return sum(unicodedata.category(one) not in ("Mn", "Me", "Mc", "Cf", "Sk") for one in joined)


def too_long(text: Any, limit: int) -> bool:
    """Whether a text is longer than the limit by every count."""
    return isinstance(text, str) and clusters(text) > limit


def fitted(text: str, limit: int) -> str:
    """As much of a text as the limit has room for by every count."""
    while units(text) > limit:
        text = text[:-1].rstrip(BLANKS)
    return text


def came_back(
    sent: str, got: Any, what: str, where: str, *, on: tuple[Answer, ...], at: str
) -> bool:
    """SEND-2, and where that holds its finer points: SEND-14 and SEND-18."""

    def right(condition: bool, summary: str, rule: str) -> bool:
        shown = {"expected": ascii(sent), "actual": ascii(got)}
        return holds(condition, f"{summary} {where}", on=on, at=at, rule=rule, **shown)

    inside, kept = sent.strip(BLANKS), got.strip(BLANKS) if isinstance(got, str) else got
    if not right(equivalent(kept, inside), f"{what} came back altered in", "SEND-2"):
        return False
    right(kept == inside, f"{what} came back normalised in", "SEND-18")
    if sent != inside:
        trimmed = "white space at the ends of a text is not kept in"
        right(equivalent(got, sent), trimmed, "SEND-14")
    return True


def listed(viewer: Participant, sent: Iterable[Sent]) -> dict[str, Message]:
    """Those messages as ``viewer`` sees them, by id: on the newest page, or else on any."""
    wanted = {chat.id: chat for chat in sent}
    page = viewer.list(sort=viewer.contract.limits.created_key, ascending=False)
    found = {message.id: message for message in page.messages}
    if wanted.keys() - found.keys() and page.total > len(found):
        found.update((message.id, message) for message in viewer.walk())
    for id, chat in wanted.items():
        holds(
            id in found,
            "a message that was sent is not listed",
            expected="listed",
            actual="absent",
            on=(chat, page),
            rule="SEND-4",
        )
    return {id: found[id] for id in wanted if id in found}


def outcome(answer: Sent) -> str:
    """What became of a text that may be refused or stored, in words."""
    if not answer.accepted:
        return f"refused ({answer.exchange.outcome()})"
    try:
        body = answer.exchange.response.json() if answer.exchange.response else None
    except ValueError:
        return "accepted, with a body that is no JSON"
    text = body.get("message") if isinstance(body, dict) else None
    return f"stored as {brief(text)}"
