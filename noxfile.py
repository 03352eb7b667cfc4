"""The only entry to this project's jobs: ``python3 -m nox -s NAME``."""

from __future__ import annotations

import os
import shutil

import nox

nox.needs_version = ">=2025.5.1"
nox.options.sessions = ["lint", "types", "tests"]
nox.options.default_venv_backend = "venv"

ALIASES = {"chromium": ("chromium-browser",)}
LEAST_COVERAGE = "82"


@nox.session
def conformance(session: nox.Session) -> None:
    """The main job: judge a server; without --url, the embedded one."""
    session.install(".")
    session.run("chats-conformance", "run", *session.posargs, success_codes=[0])


@nox.session
def tests(session: nox.Session) -> None:
    """The tests of the checker itself, in parallel, with the coverage gate."""
    for program in ("chromium", "curl", "jq"):
        need(session, program)
    session.install("-e", ".", *nox.project.dependency_groups(PROJECT, "tests"))
    workers = str(os.cpu_count() or 2)
    # The commands that the tests start run in folders of their own, and measure into this file.
    env = {"COVERAGE_FILE": os.path.abspath(".coverage")}
    session.run("coverage", "erase", env=env)
    given = session.posargs or ["-n", workers, "--dist", "worksteal"]
    session.run("coverage", "run", "-m", "pytest", *given, env=env)
    session.run("coverage", "combine", "--quiet", env=env)
    gate = [] if session.posargs else [f"--fail-under={LEAST_COVERAGE}"]
    session.run("coverage", "report", *gate, env=env)


def need(session: nox.Session, program: str) -> None:
    """Browser and shell programs that the tests run are Debian's, installed where we may."""
    if any(map(shutil.which, (program, *ALIASES.get(program, ())))):
        return
    if not (shutil.which("apt-get") and os.geteuid() == 0):
        session.error(f"the tests need {program}: install Debian's package {program!r}")
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (("update",), ("install", "-y", "--no-install-recommends", program)):
        session.run("apt-get", "-qq", *words, external=True, silent=True, env=env)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, by ruff."""
    session.install(*nox.project.dependency_groups(PROJECT, "lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Types, by mypy in its strict mode."""
    groups = nox.project.dependency_groups(PROJECT, "types", "tests")
    session.install("-e", ".", "nox", *groups)
    session.run("mypy")


@nox.session
def faults(session: nox.Session) -> None:
    """The whole kill matrix: every fault and variant; renews what is committed of it."""
    session.install("-e", ".")
    session.run("chats-conformance", "faults", *session.posargs)
    if not session.posargs:
        for name, home in (("kill-matrix.md", "docs"), ("proofs.json", "conformance")):
            shutil.copy(f"reports/faults/{name}", home)


@nox.session
def mutants(session: nox.Session) -> None:
    """Mutation testing of the model and the reference server."""
    session.install("-e", ".", *nox.project.dependency_groups(PROJECT, "mutation"))
    session.run("python", "benchmarks/mutants.py", *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """Many runs on right servers: none may have a finding."""
    session.install("-e", ".")
    session.run("python", "benchmarks/soak.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Figures: ``-- NAME`` and its options, for a script of ``benchmarks``; else the short ones."""
    session.install("-e", ".", *nox.project.dependency_groups(PROJECT, "tests"))
    name, *options = session.posargs or [""]
    scripts = [name] if name else ["run", "linearize", "page"]
    if "page" in scripts:
        need(session, "chromium")
    for script in scripts:
        session.run("python", f"benchmarks/{script}.py", *options)


PROJECT = nox.project.load_toml("pyproject.toml")
