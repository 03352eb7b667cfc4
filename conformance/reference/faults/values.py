"""Faults that only odd values show: encodings, lookalikes, wrap-around, ids like others."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from conformance.model import Fresh, Person, Session, Step
from conformance.reference.faults.texts import ALTERED, Altering
from conformance.reference.parsing import Invalid
from conformance.reference.registry import fault
from conformance.reference.server import Server

# -- texts -----------------------------------------------------------------------------------------


@fault("value-tag-characters", *ALTERED)
class WithoutTags(Altering):
    """Tag characters are stripped, so that the flags of regions become black ones."""

    def kept(self, text: str) -> str:
        return re.sub("[\U000e0000-\U000e007f]", "", super().kept(text))


@fault("value-null-text", *ALTERED)
class NullText(Altering):
    """The text "null" is taken for no text."""

    def kept(self, text: str) -> str:
        kept = super().kept(text)
        return "" if kept in ("null", "undefined") else kept


@fault("value-json-in-text", *ALTERED)
class JsonInText(Altering):
    """A text that is JSON is parsed and written anew."""

    def kept(self, text: str) -> str:
        kept = super().kept(text)
        try:
            return json.dumps(json.loads(kept)) if kept[:1] in '[{"' else kept
        except ValueError:
            return kept


@fault("value-singletons", "SEND-18")
class Singletons(Altering):
    """Characters with a canonical twin are replaced by it, such as the ohm sign."""

    def kept(self, text: str) -> str:
        return "".join(
            unicodedata.normalize("NFC", one)
            if unicodedata.decomposition(one) and len(unicodedata.normalize("NFD", one)) == 1
            else one
            for one in super().kept(text)
        )


@fault("value-carriage-returns", *ALTERED)
class CarriageReturns(Altering):
    """A carriage return by itself becomes a line feed."""

    def kept(self, text: str) -> str:
        return re.sub("\r(?!\n)", "\n", super().kept(text))


@fault("value-code-page-controls", *ALTERED)
class CodePageControls(Altering):
    """Control characters from U+0080 on are read as the code page 1252 has them, as HTML does."""

    def kept(self, text: str) -> str:
        def read(found: re.Match[str]) -> str:
            return bytes([ord(found[0])]).decode("cp1252", "replace")

        return re.sub("[\x80-\x84\x86-\x9f]", read, super().kept(text))


@fault("value-digits-to-ascii", *ALTERED)
class DigitsToAscii(Altering):
    """Digits of other scripts become ASCII digits."""

    def kept(self, text: str) -> str:
        return "".join(
            str(unicodedata.digit(one)) if unicodedata.category(one) == "Nd" else one
            for one in super().kept(text)
        )


# -- JSON ------------------------------------------------------------------------------------------


@fault("value-escaped-pairs", "SEND-2", "SEND-18", "STATE-3")
class EscapedPairs(Server):
    """A surrogate pair written in escapes is read as two characters, and neither can be kept."""

    def decode(self, raw: bytes) -> Any:
        return super().decode(re.sub(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}", rb"\\ufffd", raw))


@fault("value-escaped-keys", "SEND-1", "REACT-1", "SEND-2", "SEND-18", "STATE-3")
class EscapedKeys(Server):
    """A key that is written in escapes is not recognised."""

    def decode(self, raw: bytes) -> Any:
        if re.search(rb'[{,]\s*"\\u[0-9a-fA-F]{4}', raw):
            raise Invalid("The body has no such member.")
        return super().decode(raw)


@fault("value-escaped-slashes", "SEND-2", "SEND-18", "STATE-3")
class EscapedSlashes(Altering):
    """An escaped slash keeps its backslash."""

    def decode(self, raw: bytes) -> Any:
        return super().decode(re.sub(rb"(?<!\\)\\/", rb"\\\\/", raw))


@fault("value-rare-escapes", "SEND-2", "SEND-18", "STATE-3")
class RareEscapes(Altering):
    """The escapes of backspace and form feed are read as the letters b and f."""

    def decode(self, raw: bytes) -> Any:
        return super().decode(re.sub(rb"(?<!\\)\\([bf])", rb"\1", raw))


@fault("value-leading-blanks", "SEND-1", "REACT-1", "SEND-2", "SEND-18", "STATE-3")
class LeadingBlanks(Server):
    """A body is sniffed for its first brace: white space before it is no JSON."""

    def decode(self, raw: bytes) -> Any:
        if raw[:1].isspace():
            raise Invalid("The body is no JSON.")
        return super().decode(raw)


@fault("value-huge-integer", "HTTP-1", "SEND-9")
class HugeInteger(Server):
    """A message that is an integer beyond 64 bits gets a 500."""

    def text(self, body: Any) -> str:
        value = body.get("message") if isinstance(body, dict) else None
        if isinstance(value, int) and abs(value) >= 2**63:
            raise OverflowError("value too large for long")
        return super().text(body)


@fault("value-many-members", "HTTP-1")
class ManyMembers(Server):
    """A body of more than a hundred members gets a 500."""

    def decode(self, raw: bytes) -> Any:
        found = super().decode(raw)
        if isinstance(found, dict) and len(found) > 100:
            raise RuntimeError("too many fields")
        return found


# -- numbers ---------------------------------------------------------------------------------------


@fault("value-take-wraps", "LIST-9")
class TakeWraps(Server):
    """A Take beyond 32 bits is cut to its low 32 bits."""

    def take(self, raw: str | None) -> int:
        if raw and re.fullmatch("-?[0-9]{1,30}", raw) and not -(2**31) <= int(raw) < 2**31:
            return super().take(str((int(raw) + 2**31) % 2**32 - 2**31))
        return super().take(raw)


@fault("value-digits-break", "HTTP-1", "LIST-9", "LIST-6")
class DigitsBreak(Server):
    """A Take of hundreds of digits gets a 500."""

    def take(self, raw: str | None) -> int:
        if raw and len(raw) > 100:
            raise RuntimeError("numeric field overflow")
        return super().take(raw)


# -- ids -------------------------------------------------------------------------------------------


@fault("value-id-pattern", "STATE-3", "DEL-5", "DEL-6")
class IdPattern(Server):
    """An id to delete is looked up with LIKE: a percent sign is any message of one's own."""

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        own = [one.id for one in session.messages if one.sender.id == caller.id]
        return super().delete(session, caller, own[-1] if chat in ("%", "_", "*") and own else chat)


@fault("value-id-cut-at-null", "REACT-6", "REACT-7", "PIN-4", "PIN-6", "DEL-5", "DEL-6", "STATE-3")
class IdCutAtNull(Server):
    """An id ends before U+0000."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        return super().react(session, caller, chat.partition("\0")[0], name, fresh)

    def pin(self, session: Session, caller: Person, chat: str, fresh: Fresh) -> Step:
        return super().pin(session, caller, chat.partition("\0")[0], fresh)


@fault("value-reaction-id-for-message", "REACT-6", "REACT-7", "STATE-3")
class ReactionIdForMessage(Server):
    """Reacting to the id of a reaction reacts to its message."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        held = {one.id: message.id for message in session.messages for one in message.reactions}
        return super().react(session, caller, held.get(chat, chat), name, fresh)


@fault("value-message-id-for-pin", "PIN-6", "PIN-5", "STATE-3")
class MessageIdForPin(Server):
    """Unpinning takes the message's id for that of its pin."""

    def unpin(self, session: Session, caller: Person, chat: str, pin: str) -> Step:
        message = session.find(chat)
        right = message.pin if message and message.pin and pin == chat else pin
        return super().unpin(session, caller, chat, right)


@fault("value-unicode-id-breaks", "HTTP-1", "DEL-5", "DEL-6")
class UnicodeIdBreaks(Server):
    """Deleting by an id beyond ASCII gets a 500."""

    def delete(self, session: Session, caller: Person, chat: str) -> Step:
        chat.encode("ascii")
        return super().delete(session, caller, chat)


# -- callers and reactions -------------------------------------------------------------------------


@fault("value-unsigned-token", "AUTH-2", "AUTH-5", "STATE-3", "ISO-2")
class UnsignedToken(Server):
    """A token with the algorithm "none" is taken at its word."""

    def person(self, token: str) -> Person | None:
        if token.startswith("eyJhbGciOiJub25lIn0."):
            return next(iter(self.people.values()))
        return super().person(token)


@fault("value-reaction-by-start", "REACT-2")
class ReactionByStart(Server):
    """What begins with one of the reactions counts as it."""

    def reaction_name(self, body: Any) -> str:
        name = super().reaction_name(body)
        return next((one for one in self.limits.reactions if name.startswith(one)), name)


@fault("value-reaction-in-array", "REACT-9")
class ReactionInArray(Server):
    """The first of an array of reactions counts."""

    def reaction_name(self, body: Any) -> str:
        value = body.get("reaction") if isinstance(body, dict) else None
        if isinstance(value, list) and value and isinstance(value[0], list):
            return super().reaction_name({"reaction": value[0][0]})
        return super().reaction_name(body)
