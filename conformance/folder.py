"""The folder of a run: the names of all that a run writes there, and room for the next run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from conformance.contract import Contract
from conformance.reporting import FORMATS
from conformance.results import CERTIFICATE, COMPARISON, DOCUMENT, EXCHANGES, PYTEST_HTML, RESULTS
from conformance.run import JOURNAL
from conformance.settings import SettingsError

EVIDENCE = (RESULTS, EXCHANGES, JOURNAL)
MADE = (PYTEST_HTML, CERTIFICATE, COMPARISON, *(each.file for each in FORMATS.values()))
"""What is made of a run; each is written as a draft first, with a dot before its name."""
_WORKERS = re.compile(rf"gw\d+-({re.escape(EXCHANGES)}|{re.escape(JOURNAL)})")
"""What parallel workers write, until it is put together."""


def prepare(folder: Path, contract: Contract) -> None:
    """Make the folder for a run. What an earlier run left in it goes, and nothing else does.

    Raises SettingsError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _require_no_other_document(folder, contract)
        for old in list(_left(folder)):
            old.unlink()
        (folder / DOCUMENT).write_bytes(contract.content)
    except OSError as problem:
        raise SettingsError(
            f"cannot write the report folder {folder}: {problem.strerror}"
        ) from None


def _require_no_other_document(folder: Path, contract: Contract) -> None:
    """A folder of another purpose may well hold a document of this name."""
    file = folder / DOCUMENT
    if not _used(folder) and file.exists() and file.read_bytes() != contract.content:
        raise SettingsError(f"{file} is not of a run; name another folder with --report-dir")


def _used(folder: Path) -> bool:
    """Whether an earlier run wrote here, be it one that was broken off."""
    return any((folder / name).exists() for name in EVIDENCE)


def _left(folder: Path) -> Iterator[Path]:
    """What an earlier run left. Where there was none, files of these names are somebody else's."""
    if not _used(folder):
        return
    names = {*EVIDENCE, *MADE}
    for file in folder.iterdir():
        if file.name.removeprefix(".") in names or _WORKERS.fullmatch(file.name):
            yield file


def journals(folder: Path) -> list[Path]:
    """The journals of a run, also of one that was broken off before its parts were merged."""
    parts = (file for file in folder.glob(f"gw*-{JOURNAL}") if _WORKERS.fullmatch(file.name))
    return [folder / JOURNAL, *sorted(parts)]


def merge(folder: Path, name: str) -> None:
    """Put the files of parallel workers behind the one of the controller."""
    with (folder / name).open("ab") as whole:
        for part in sorted(folder.glob(f"gw*-{name}")):
            whole.write(part.read_bytes())
            part.unlink()
