"""Keeps every exchange of a run, without tokens, and tied to the test that made it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from conformance.exchange import Exchange
from conformance.redaction import Redactor

Listener = Callable[[Exchange], None]


class Recorder:
    """Writes exchanges to a file of JSON lines as they happen, so that a broken-off run has them.

    ``file`` ``None`` keeps nothing on disk. ``prefix`` keeps the ids of parallel workers apart.
    """

    def __init__(self, redactor: Redactor, file: Path | None = None, prefix: str = "") -> None:
        self.redactor = redactor
        self.file = file
        self.prefix = prefix
        self.count = 0
        self.listeners: list[Listener] = []
        self._lock = threading.Lock()
        self._handle = file.open("w", encoding="utf-8") if file else None

    def new_id(self) -> str:
        with self._lock:
            self.count += 1
            return f"{self.prefix}x{self.count}"

    def keep(self, exchange: Exchange) -> None:
        if self._handle:
            line = json.dumps(exchange.dump(self.redactor), ensure_ascii=True)
            with self._lock:
                self._handle.write(line + "\n")
        for listener in self.listeners:
            listener(exchange)

    def flush(self) -> None:
        if self._handle:
            self._handle.flush()

    def close(self) -> None:
        if self._handle:
            self._handle.close()
            self._handle = None


def stored(file: Path) -> Iterator[dict[str, object]]:
    """The exchanges of a file, in the order of their making; a line cut short ends it."""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            try:
                yield json.loads(line)
            except ValueError:
                return
