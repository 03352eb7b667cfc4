"""A certificate: what a full, conformant run says, in a form that others can check.

It is an in-toto Statement with the test-result predicate; with a key, inside a DSSE envelope.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

from conformance.catalogue import load as load_catalogue
from conformance.reporting import CHECKER, facts, hostile
from conformance.results import (
    CERTIFICATE,
    DOCUMENT,
    EXCHANGES,
    RESULTS,
    StoredRun,
    Unusable,
    judge,
)
from conformance.verdict import EXIT_OF, Exit, Status, Verdict

FILE = CERTIFICATE
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"
PAYLOAD = "application/vnd.in-toto+json"
EVIDENCE = (RESULTS, EXCHANGES, DOCUMENT)
MEANING = {
    "proves": [
        "One run of the named suite against the named URL found every MUST of the contract kept, "
        "and under the strict profile every SHOULD.",
        "The evidence files with these digests are the record of that run: a change of any of "
        "their bytes is found.",
        "If it is signed: the holder of the key vouches for all of this.",
    ],
    "doesNotProve": [
        "That the server behind the URL is the same, or behaves the same, at any other time.",
        "That no input breaks the contract: a run tries many, and cannot try all.",
        "Anything about load, security or what the contract leaves free.",
        "Who made it, where it is not signed: anybody can write such a file, evidence and all.",
    ],
}


class CertificateError(Unusable):
    """A file that is no certificate, or no key; one line."""


class Refused(Exception):
    """A run that gets no certificate; one line says why."""

    def __init__(self, reason: str, status: Exit = Exit.INCONCLUSIVE) -> None:
        super().__init__(f"no certificate: {reason}")
        self.status = status


# -- the statement ---------------------------------------------------------------------------------


def state(run: StoredRun) -> dict[str, Any]:
    """The statement that a run supports. Raises :class:`Refused`."""
    require_full(run)
    results = run.results
    tests = outcomes(results["requirements"])
    statement: dict[str, Any] = {
        "_type": STATEMENT,
        "subject": [_subject(run)],
        "predicateType": PREDICATE,
        "predicate": {
            "result": "WARNED" if tests["warnedTests"] else "PASSED",
            "configuration": list(_configuration(results)),
            **tests,
            "verdict": results["verdict"],
            "requirements": {one["id"]: one["status"] for one in results["requirements"]},
            "waivers": {
                one["id"]: one["waived"] for one in results["requirements"] if "waived" in one
            },
            "leftovers": len(results["leftovers"]),
            "evidence": [_descriptor(run.folder / name) for name in EVIDENCE],
            "meaning": MEANING,
        },
    }
    whole: dict[str, Any] = hostile.whole(statement)
    return whole


def require_full(run: StoredRun) -> None:
    """Raises :class:`Refused` where a run is not full, not conformant, or not all there."""
    results = run.results
    verdict = judge(results["requirements"], results["profile"])
    if results["interrupted"]:
        raise Refused("the run was interrupted")
    if verdict is Verdict.NON_CONFORMANT:
        failed = _ids(results["requirements"], Status.FAILED)
        raise Refused(f"the target is not conformant: {failed}", EXIT_OF[verdict])
    if verdict is Verdict.INCONCLUSIVE:
        open_ones = _ids(results["requirements"], Status.INCONCLUSIVE)
        raise Refused(f"the run is inconclusive: {open_ones} could not be judged")
    if waived := _ids(results["requirements"], Status.WAIVED, "MUST"):
        raise Refused(f"{waived} failed and is waived: a known failure is a failure")
    if verdict is not Verdict.CONFORMANT:
        raise Refused("the run is partial: it has to select everything that the verdict needs")
    if [one["id"] for one in results["requirements"]] != [rule.id for rule in load_catalogue()]:
        raise Refused("the run judged another catalogue than this checker's; run it again")
    if results["errors"]:
        raise Refused("the checker itself made errors in the run")
    if missing := [name for name in EVIDENCE if not (run.folder / name).is_file()]:
        raise Refused(f"the run's folder has no {missing[0]}")
    if digest(run.folder / DOCUMENT) != results["suite"]["openapi"]["sha256"]:
        raise Refused(f"the run judged by another document than the {DOCUMENT} in its folder")


def _ids(entries: Iterable[Mapping[str, Any]], status: Status, level: str = "") -> str:
    ids = [one["id"] for one in entries if one["status"] == status and level in ("", one["level"])]
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")


def outcomes(entries: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The predicate's lists. What fails in a conformant run does not decide: it is a warning."""
    lists: dict[str, list[str]] = {"passedTests": [], "warnedTests": [], "failedTests": []}
    names = {
        Status.PASSED: "passedTests",
        Status.FAILED: "warnedTests",
        Status.WAIVED: "warnedTests",
    }
    for one in entries:
        name = names.get(Status(one["status"]))
        if name:
            lists[name].append(one["id"])
    return lists


def _subject(run: StoredRun) -> dict[str, Any]:
    """The target. A server has no digest, so the one here is of what was observed of it."""
    target = run.results["target"]
    sheet = sorted((one["requirement"], one["topic"], one["fact"]) for one in facts(run))
    text = json.dumps([target["server"], sheet], ensure_ascii=True, separators=(",", ":"))
    return {
        "name": target["url"],
        "digest": {"sha256": hashlib.sha256(text.encode()).hexdigest()},
        "annotations": {"server": target["server"], "digestOf": "the observed facts"},
    }


def _configuration(results: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    document = results["suite"]["openapi"]
    kept = ("profile", "depth", "seed", "started", "seconds", "requests")
    yield {
        "name": CHECKER,
        "annotations": {
            "version": results["suite"]["version"],
            **{key: results[key] for key in kept},
        },
    }
    yield {
        "name": "OpenAPI document",
        "digest": {"sha256": document["sha256"]},
        "annotations": {"version": document["version"]},
    }


def _descriptor(file: Path) -> dict[str, Any]:
    return {"name": file.name, "digest": {"sha256": digest(file)}}


def digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


# -- the file --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as it was read; ``envelope`` is ``None`` where it is not signed."""

    statement: Mapping[str, Any]
    envelope: Envelope | None = None


def write(run: StoredRun, key: Path | None = None) -> Path:
    """Put the certificate of a run into its folder, signed if there is a private key.

    Raises :class:`Refused` and :class:`CertificateError`.
    """
    signer = _signer(key) if key else None
    statement = state(run)
    content: Any = statement
    if signer:
        payload = hostile.document(statement, indent=None).encode()
        envelope = Envelope(payload, PAYLOAD, {})
        envelope.sign(signer)
        content = envelope.to_dict()
    file = run.folder / FILE
    file.write_text(hostile.document(content), encoding="utf-8", newline="\n")
    return file


def read(file: Path) -> Certificate:
    """Raises :class:`CertificateError`."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        if "payload" not in content:
            return Certificate(_statement(content))
        envelope = Envelope.from_dict(content)
        if envelope.payload_type != PAYLOAD:
            raise CertificateError(f"{file} holds no in-toto statement")
        return Certificate(_statement(json.loads(envelope.payload)), envelope)
    except OSError as problem:
        raise CertificateError(f"cannot read {file}: {problem.strerror}") from None
    except CertificateError:
        raise
    # The envelope's own reader raises whatever it stumbles over.
    except Exception:
        raise CertificateError(f"{file} is no certificate, or a broken one") from None


def _statement(content: Any) -> Mapping[str, Any]:
    if not isinstance(content, dict) or content.get("predicateType") != PREDICATE:
        raise CertificateError("it is no statement of a test result")
    return content


# -- keys ------------------------------------------------------------------------------------------


def _signer(file: Path) -> CryptoSigner:
    """An Ed25519 private key in PEM, as ``openssl genpkey -algorithm ed25519`` writes it."""
    try:
        key = serialization.load_pem_private_key(_octets(file), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CertificateError(f"{file} is no private key in PEM without a password") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise CertificateError(f"{file} is no Ed25519 key")
    return CryptoSigner(key)


def public_key(file: Path) -> SSlibKey:
    """An Ed25519 public key in PEM. Raises :class:`CertificateError`."""
    try:
        key = serialization.load_pem_public_key(_octets(file))
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateError(f"{file} is no public key in PEM") from None
    if not isinstance(key, Ed25519PublicKey):
        raise CertificateError(f"{file} is no Ed25519 key")
    return SSlibKey.from_crypto(key)


def _octets(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as problem:
        raise CertificateError(f"cannot read the key {file}: {problem.strerror}") from None


def signed_by(envelope: Envelope, key: SSlibKey) -> bool:
    try:
        envelope.verify([key], 1)
    except (VerificationError, ValueError):
        return False
    return True
