"""Small readings of the values that travel: instants, JSON pointers, texts."""

from __future__ import annotations

import functools
import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

# RFC 3339, section 5.6: date-time, with its note that T and Z may be in lower case.
_RFC_3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))"
)
_LEAP_SECOND = 60


@functools.lru_cache(4096)
def parse_instant(stamp: str) -> datetime | None:
    """The instant of an RFC 3339 date-time to the microsecond, or ``None`` where it is none."""
    found = _RFC_3339.fullmatch(stamp)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(found[n]) for n in range(1, 7))
    micro = int((found[7] or "0").ljust(6, "0")[:6])
    try:
        zone = UTC if found[8] else timezone(_offset(found))
        leap = second == _LEAP_SECOND
        at = datetime(year, month, day, hour, minute, second - leap, micro, zone)
        return (at + timedelta(seconds=int(leap))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _offset(found: re.Match[str]) -> timedelta:
    hours, minutes = int(found[10]), int(found[11])
    if minutes >= 60:
        raise ValueError("an offset has at most 59 minutes")
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if found[9] == "-" else offset


def pointer(*path: str | int) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(map(_token, path))


@functools.lru_cache(1024)
def _token(step: str | int) -> str:
    return "/" + str(step).replace("~", "~0").replace("/", "~1")


def equivalent(one: Any, other: Any) -> bool:
    """Whether two texts are canonically equivalent (Unicode, section 3.7)."""
    if isinstance(one, str) and isinstance(other, str):
        return unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)
    return bool(one == other)


def brief(value: Any, most: int = 160) -> str:
    """A value for a person to read: escaped where it has to be, and cut where it is long."""
    text = (
        repr(value) if not isinstance(value, str) else ascii(value) if _odd(value) else f'"{value}"'
    )
    return text if len(text) <= most else f"{text[: most - 20]}… ({len(text)} characters)"


def _odd(text: str) -> bool:
    return any(unicodedata.category(character)[0] == "C" for character in text)
