"""What is shown while a run goes on."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import Any

from rich.console import Console

from conformance.reporting.live import Bar, Lines, topic, watching

NASTY = "no\x1b[2J\u202e\nFAILED LIST-1: made up"


def evidence(test: str, *rules: str, found: tuple[str, ...] = ()) -> dict[str, Any]:
    findings = [{"requirement": rule, "summary": f"{rule} {NASTY}"} for rule in found]
    return {"test": f"suite/test_{test}.py::test_x", "rules": list(rules), "findings": findings}


def logged(*ran: dict[str, Any], profile: str = "core") -> list[str]:
    console = Console(file=io.StringIO(), width=80)
    with watching(console, profile, {}) as progress:
        assert isinstance(progress, Lines)
        progress.begins(len(ran))
        for one in ran:
            progress.runs(one["test"], one["rules"])
            progress.ran(one)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_a_log_gets_a_line_for_each_file_and_each_failure() -> None:
    lines = logged(
        evidence("send_texts", "SEND-1"),
        evidence("send_texts", "SEND-2", "SEND-14", found=("SEND-2", "SEND-14")),
        evidence("send_texts", "SEND-2", found=("SEND-2",)),
        evidence("sort", "SORT-1"),
    )
    assert lines[0] == "4 tests"
    assert [line.split()[:2] for line in lines[1:3]] == [
        ["FAILED", "SEND-2:"],
        ["warning", "SEND-14:"],
    ]
    assert lines[3].split(maxsplit=2)[:2] == ["send", "texts"]
    assert lines[3].endswith("3 tests, 2 with findings")
    assert lines[4].endswith("1 tests, ok")
    assert len(lines) == 5


def test_a_target_cannot_write_into_the_log() -> None:
    lines = logged(evidence("sort", "SORT-1", found=("SORT-1",)))
    assert not any("\x1b" in line or "\u202e" in line for line in lines)
    assert not any(line.startswith("FAILED LIST-1") for line in lines)


def test_under_strict_a_should_fails() -> None:
    lines = logged(evidence("send", "SEND-14", found=("SEND-14",)), profile="strict")
    assert lines[1].startswith("FAILED")


def test_files_that_run_at_once_are_told_of_when_each_is_through() -> None:
    ran = [evidence(name, "SORT-1") for _ in range(3) for name in ("sort", "sort_pages")]
    ran += [evidence("state", "STATE-1")] * 20
    lines = logged(*ran)
    assert [line.rpartition("  ")[2].strip() for line in lines[1:]] == [
        "3 tests, ok",
        "3 tests, ok",
        "20 tests, ok",
    ]


def test_a_person_gets_a_bar_with_the_requirement_and_the_count() -> None:
    file = io.StringIO()
    with Bar(Console(file=file, force_terminal=True, width=100)) as bar:
        bar.begins(2)
        bar.runs("test", ["SEND-6"])
        bar.ran(evidence("send", "SEND-6", found=("SEND-6",)))
        bar.progress.refresh()
        text = file.getvalue()
    assert "SEND-6" in text
    assert "1/2" in text
    assert "1 failed, 0 warned" in text


def test_what_is_shown_passes_by_a_redirected_descriptor() -> None:
    script = (
        "import os\n"
        "from rich.console import Console\n"
        "from conformance.reporting.live import watching\n"
        "with watching(Console(), env={}) as progress:\n"
        "    kept = os.dup(1)\n"
        "    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)\n"
        "    progress.begins(3)\n"
        "    os.dup2(kept, 1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "3 tests\n"


def test_the_topic_of_a_file() -> None:
    assert topic("conformance/suite/test_send_texts.py::test_x[a/b]") == "send texts"
