"""Known failures: a reviewed file that lets single requirements fail, for a reason and for a time.

A listed failure is waived: shown as such, and never counted as passed. The file says

    [[known]]
    id = "SEND-6"
    reason = "texts over 1,000 characters are cut until release 2.4"
    expires = 2027-01-31                      # optional: the last day on which it counts
    link = "https://example.org/issues/17"    # optional
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT

from conformance.catalogue import UnknownRequirement
from conformance.catalogue import load as load_catalogue
from conformance.settings import SettingsError
from conformance.verdict import Status

TABLE = "known"
KEYS = ("id", "reason", "expires", "link")


class BaselineError(SettingsError):
    """A list of known failures that cannot be used; one line."""


@dataclass(frozen=True, slots=True)
class Known:
    """One failure that is known."""

    id: str
    reason: str
    expires: date | None = None
    link: str | None = None

    def __str__(self) -> str:
        until = f" (until {self.expires})" if self.expires else ""
        return f"{self.id}: {self.reason}{until}"

    def waiver(self) -> dict[str, str | None]:
        """Its form in ``results.json``."""
        expires = self.expires.isoformat() if self.expires else None
        return {"reason": self.reason, "expires": expires, "link": self.link}


Baseline = Mapping[str, Known]
NONE: Baseline = {}


def today() -> date:
    return datetime.now(UTC).date()


def load(path: Path | None, on: date | None = None) -> Baseline:
    """The known failures by id, as they count on a day. Raises :class:`BaselineError`."""
    if path is None:
        return NONE
    known = read(path)
    for one in known.values():
        if not one.reason:
            raise BaselineError(f"{path}: {one.id} has no reason; write why it may fail")
        if one.expires and one.expires < (on or today()):
            raise BaselineError(
                f"{path}: {one.id} expired on {one.expires}; mend the failure, or review the entry"
            )
    return known


def read(path: Path) -> Baseline:
    """What the file lists, with reasons missing or not. Raises :class:`BaselineError`."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not text in UTF-8"
        raise BaselineError(f"cannot read the baseline {path}: {reason}") from None
    except tomllib.TOMLDecodeError as problem:
        raise BaselineError(f"{path} is not TOML: {problem}") from None
    entries = tables.get(TABLE, [])
    if set(tables) - {TABLE} or not isinstance(entries, list):
        raise BaselineError(f"{path}: a baseline holds [[{TABLE}]] tables and nothing else")
    found: dict[str, Known] = {}
    for entry in entries:
        one = _known(path, entry)
        if one.id in found:
            raise BaselineError(f"{path}: {one.id} is listed twice")
        found[one.id] = one
    return found


def _known(path: Path, entry: Any) -> Known:
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        raise BaselineError(f'{path}: each [[{TABLE}]] needs an id, such as id = "SEND-6"')
    id, expires, link = entry["id"], entry.get("expires"), entry.get("link")
    if strange := set(entry) - set(KEYS):
        words = ", ".join(sorted(map(repr, strange)))
        raise BaselineError(
            f"{path}: {id} has the unknown key {words}; known are {', '.join(KEYS)}"
        )
    try:
        _ = load_catalogue()[id]
    except UnknownRequirement as problem:
        raise BaselineError(f"{path}: {problem}") from None
    # A TOML date-time is a datetime, which Python takes for a date as well.
    if expires is not None and (not isinstance(expires, date) or isinstance(expires, datetime)):
        raise BaselineError(f"{path}: {id} expires at no date; write expires = 2027-01-31")
    reason = entry.get("reason", "")
    if not isinstance(reason, str) or not isinstance(link, str | None):
        raise BaselineError(f"{path}: reason and link of {id} are texts")
    return Known(id, reason.strip(), expires, link)


# -- a run judged with it --------------------------------------------------------------------------


def apply(known: Baseline, requirements: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The ``requirements`` of ``results.json`` with the known failures waived."""
    return [
        {**one, "status": str(Status.WAIVED), "waived": known[one["id"]].waiver()}
        if one["status"] == Status.FAILED and one["id"] in known
        else dict(one)
        for one in requirements
    ]


def outdated(known: Baseline, requirements: Iterable[Mapping[str, Any]]) -> list[str]:
    """The ids that are listed and pass all the same."""
    good = {Status.PASSED, Status.OBSERVED}
    return [one["id"] for one in requirements if one["id"] in known and one["status"] in good]


def complaint(path: Path | None, results: Mapping[str, Any]) -> str:
    """A line that says which listed failures a run found to pass, or nothing."""
    ids = results.get("outdated", ())
    if not ids:
        return ""
    verb, them = ("passes", "it") if len(ids) == 1 else ("pass", "them")
    return (
        f"{path}: {', '.join(ids)} {verb} now; take {them} off the list, "
        "or write it anew with --baseline-update"
    )


# -- a new one, for review -------------------------------------------------------------------------


def updated(path: Path, results: Mapping[str, Any]) -> str:
    """Write the failures of a run as known; gives a line that says what is left to do."""
    ids = update(path, results)
    missing = f"; write a reason for {', '.join(ids)} before it is used" if ids else ""
    return f"{path} is written for review{missing}"


def update(path: Path, results: Mapping[str, Any]) -> list[str]:
    """Write the failures of a run as known; gives the ids whose reason a person has to write.

    What the file says of a failure stays, and so do entries that the run did not judge.
    """
    before = already(path)
    entries = tomlkit.aot()
    open_ones = []
    for one in results["requirements"]:
        known = _kept(one, before.get(one["id"]))
        if known is None:
            continue
        _append(entries, known, one)
        open_ones += [] if known.reason else [known.id]
    document = tomlkit.document()
    document.add(tomlkit.comment("Known failures; a reason, and better an end, for each of them."))
    document.add(TABLE, entries)
    _write(path, tomlkit.dumps(document) if entries else "# No known failures.\n")
    return open_ones


def already(path: Path | None) -> Baseline:
    """What a file to be written lists so far. Raises :class:`BaselineError`."""
    return read(path) if path and path.exists() else NONE


def _kept(entry: Mapping[str, Any], before: Known | None) -> Known | None:
    match Status(entry["status"]):
        case Status.PASSED | Status.OBSERVED:
            return None
        case Status.FAILED | Status.WAIVED:
            return before or _waived(entry) or Known(entry["id"], "")
        case _:
            return before


def _waived(entry: Mapping[str, Any]) -> Known | None:
    given = entry.get("waived")
    if not given:
        return None
    expires = date.fromisoformat(given["expires"]) if given["expires"] else None
    return Known(entry["id"], given["reason"], expires, given["link"])


def _append(entries: AoT, known: Known, entry: Mapping[str, Any]) -> None:
    # The finding is left to the report: a target's words belong in no file that is kept.
    table = tomlkit.table()
    table.add(tomlkit.comment(f"{entry['level']}: {load_catalogue()[known.id].title}"))
    for key in KEYS:
        value = getattr(known, key)
        if value is not None:
            table.add(key, value)
    entries.append(table)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as problem:
        raise BaselineError(f"cannot write the baseline {path}: {problem.strerror}") from None
