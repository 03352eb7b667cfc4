"""The suite as plain pytest, with every pytest habit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from commands import clean_environment
from targets import environment, serving


def pytest_in(
    folder: Path, *words: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--pyargs"]
    return subprocess.run(
        [*command, "conformance.suite", *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env=clean_environment(env or {}),
        timeout=300,
        check=False,
    )


def test_it_runs_against_the_embedded_server(tmp_path: Path) -> None:
    done = pytest_in(tmp_path, "-k", "permissions", "-q")
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_target_is_named_and_a_failure_reads_well(tmp_path: Path) -> None:
    with serving("perm-delete-members") as server:
        env = environment(server)
        words = ("--target-url", env.pop("CHATS_URL"), "-k", "another_members_message", "-x", "-q")
        done = pytest_in(tmp_path, *words, env=env)
    assert done.returncode == 1, done.stdout
    assert "PERM-1:" in done.stdout
    assert "expected: a 4xx status" in done.stdout
    assert "Traceback" not in done.stdout


def test_it_runs_in_parallel(tmp_path: Path) -> None:
    done = pytest_in(tmp_path, "-k", "permissions or isolation", "-q", "-n", "2")
    assert done.returncode == 0, done.stdout


def test_what_cannot_be_judged_is_shown_as_inconclusive_and_never_passed(tmp_path: Path) -> None:
    with serving() as server:
        env = {name: value for name, value in environment(server).items() if "S2" not in name}
        done = pytest_in(tmp_path, "-k", "isolation", "-q", "-rs", env=env)
    assert "inconclusive" in done.stdout
    assert " passed" not in done.stdout
    assert done.returncode == 3, done.stdout


def test_bad_settings_are_one_line(tmp_path: Path) -> None:
    done = pytest_in(tmp_path, "--target-url", "localhost:1")
    assert "https://" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_the_plugin_does_nothing_in_other_peoples_tests(tmp_path: Path) -> None:
    text = "def test_other(request):\n    assert request.node.name == 'test_other'\n"
    (tmp_path / "test_other.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "1 passed" in done.stdout
