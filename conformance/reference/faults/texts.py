"""Faults in how a text is kept and shown (SEND-2, SEND-14, SEND-18)."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_plus

from conformance.model import Fresh, Person, Session, Step
from conformance.reference.registry import fault
from conformance.reference.server import Server

ALTERED = ("SEND-2", "SEND-18", "STATE-3")
"""What a text that comes back as another one breaks."""


class Altering(Server):
    """Keeps another text than the one that was sent and found acceptable."""

    def kept(self, text: str) -> str:
        return text

    def send(self, session: Session, caller: Person, text: str | None, fresh: Fresh) -> Step:
        step = super().send(session, caller, text, fresh)
        message = step.session.find(step.id) if step.id else None
        if message is None or message.text is None:
            return step
        changed = replace(message, text=self.kept(message.text))
        return step._replace(session=step.session.put(changed))


# -- Unicode ---------------------------------------------------------------------------------------


@fault("text-nfc", "SEND-18")
class ComposedText(Altering):
    """Texts are normalised to NFC."""

    def kept(self, text: str) -> str:
        return unicodedata.normalize("NFC", super().kept(text))


@fault("text-nfd", "SEND-18")
class DecomposedText(Altering):
    """Texts are normalised to NFD."""

    def kept(self, text: str) -> str:
        return unicodedata.normalize("NFD", super().kept(text))


@fault("text-nfkc", *ALTERED, "SEND-14", "SEND-6")
class CompatibleText(Altering):
    """Texts are normalised to NFKC: ligatures, full-width and raised letters are replaced."""

    def kept(self, text: str) -> str:
        return unicodedata.normalize("NFKC", super().kept(text))


@fault("text-unaccented", *ALTERED)
class UnaccentedText(Altering):
    """Combining marks are lost."""

    def kept(self, text: str) -> str:
        return "".join(one for one in super().kept(text) if not unicodedata.combining(one))


@fault("text-lower-case", *ALTERED, "SEND-4")
class LowerCaseText(Altering):
    """Texts are kept in lower case."""

    def kept(self, text: str) -> str:
        return super().kept(text).lower()


@fault("text-case-folded-i", *ALTERED)
class TurkishText(Altering):
    """The dotted capital İ and the dotless ı become plain letters."""

    def kept(self, text: str) -> str:
        return super().kept(text).replace("İ", "I").replace("ı", "i")


@fault("text-variation-selectors", *ALTERED)
class WithoutSelectors(Altering):
    """Emoji variation selectors are stripped."""

    def kept(self, text: str) -> str:
        return re.sub("[\ufe00-\ufe0f]", "", super().kept(text))


@fault("text-zero-width", *ALTERED, "SEND-14")
class WithoutZeroWidth(Altering):
    """Zero-width characters are stripped, so that joined emoji and Persian words fall apart."""

    def kept(self, text: str) -> str:
        return re.sub("[\u200b-\u200d\u2060\ufeff]", "", super().kept(text))


@fault("text-direction-marks", *ALTERED)
class WithoutDirection(Altering):
    """Marks of writing direction are stripped."""

    def kept(self, text: str) -> str:
        return re.sub("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", super().kept(text))


@fault("text-astral-to-question-marks", *ALTERED)
class ThreeByteText(Altering):
    """Characters of four bytes in UTF-8 become question marks."""

    def kept(self, text: str) -> str:
        return re.sub("[\U00010000-\U0010ffff]", "?", super().kept(text))


@fault("text-cut-at-astral", *ALTERED)
class CutAtAstral(Altering):
    """The text ends before the first character of four bytes in UTF-8."""

    def kept(self, text: str) -> str:
        return re.split("[\U00010000-\U0010ffff]", super().kept(text))[0]


@fault("text-latin-1", *ALTERED, "SEND-6")
class Mojibake(Altering):
    """The UTF-8 of a text is read back as Latin-1."""

    def kept(self, text: str) -> str:
        return super().kept(text).encode().decode("latin-1")


@fault("text-windows-1252", *ALTERED)
class LegacyColumn(Altering):
    """What the Windows code page 1252 lacks becomes a question mark."""

    def kept(self, text: str) -> str:
        return super().kept(text).encode("cp1252", "replace").decode("cp1252")


@fault("text-emoji-names", *ALTERED)
class EmojiNames(Altering):
    """Emoticons and codes between colons are turned into emoji."""

    def kept(self, text: str) -> str:
        return super().kept(text).replace(":)", "🙂").replace(":thumbs_up:", "👍")


@fault("text-surrogate-breaks", "HTTP-1")
class SurrogateBreaks(Server):
    """A lone surrogate gets past validation and cannot be written."""

    def text(self, body: Any) -> str:
        value = body.get("message") if isinstance(body, dict) else None
        if isinstance(value, str):
            value.encode()
        return super().text(body)


@fault("text-surrogate-replaced", "SEND-2")
class SurrogateReplaced(Server):
    """A lone surrogate is taken, and becomes the replacement character."""

    def text(self, body: Any) -> str:
        value = body.get("message") if isinstance(body, dict) else None
        if not isinstance(value, str):
            return super().text(body)
        return re.sub("[\ud800-\udfff]", "\ufffd", value)


# -- white space and controls ----------------------------------------------------------------------


@fault("text-trimmed", "SEND-14")
class Trimmed(Altering):
    """White space at both ends is trimmed."""

    def kept(self, text: str) -> str:
        return super().kept(text).strip()


@fault("text-end-trimmed", "SEND-14")
class EndTrimmed(Altering):
    """Blanks at the end are lost, as in a column of fixed length."""

    def kept(self, text: str) -> str:
        return super().kept(text).rstrip(" ")


@fault("text-last-newline", "SEND-14")
class LastNewline(Altering):
    """A line break at the end is lost."""

    def kept(self, text: str) -> str:
        return super().kept(text).removesuffix("\n")


@fault("text-runs-of-blanks", *ALTERED, "SEND-14")
class CollapsedBlanks(Altering):
    """Runs of blanks become one."""

    def kept(self, text: str) -> str:
        return re.sub(" {2,}", " ", super().kept(text))


@fault("text-crlf", *ALTERED, "SEND-14")
class UnixLines(Altering):
    """CRLF becomes LF."""

    def kept(self, text: str) -> str:
        return super().kept(text).replace("\r\n", "\n")


@fault("text-no-break-spaces", *ALTERED, "SEND-14")
class PlainBlanks(Altering):
    """No-break and other wide blanks become plain ones."""

    def kept(self, text: str) -> str:
        return re.sub("[\u00a0\u2000-\u200a\u202f\u3000]", " ", super().kept(text))


@fault("text-controls", *ALTERED, "SEND-14")
class WithoutControls(Altering):
    """Control characters other than tab and line break are stripped."""

    def kept(self, text: str) -> str:
        return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", "", super().kept(text))


@fault("text-cut-at-null", *ALTERED)
class CutAtNull(Altering):
    """The text ends before its first U+0000."""

    def kept(self, text: str) -> str:
        return super().kept(text).partition("\0")[0]


# -- escapes and markup ----------------------------------------------------------------------------


@fault("text-html-escaped", *ALTERED, "SEND-6")
class HtmlEscaped(Altering):
    """Texts are stored with HTML entities for markup characters."""

    def kept(self, text: str) -> str:
        return html.escape(super().kept(text))


@fault("text-html-unescaped", *ALTERED)
class HtmlUnescaped(Altering):
    """HTML entities in a text are replaced by what they stand for."""

    def kept(self, text: str) -> str:
        return html.unescape(super().kept(text))


@fault("text-tags-stripped", *ALTERED)
class TagsStripped(Altering):
    """A sanitiser takes markup out of texts."""

    def kept(self, text: str) -> str:
        return re.sub("<[^<>]*>", "", super().kept(text))


@fault("text-backslashes", *ALTERED)
class BackslashesLost(Altering):
    """Backslashes are taken for escapes and lost."""

    def kept(self, text: str) -> str:
        return re.sub(r"\\(.)", r"\1", super().kept(text), flags=re.DOTALL)


@fault("text-quotes-doubled", *ALTERED, "SEND-6")
class QuotesDoubled(Altering):
    """Single quotes come back doubled, from an escape applied twice."""

    def kept(self, text: str) -> str:
        return super().kept(text).replace("'", "''")


@fault("text-smart-quotes", *ALTERED)
class SmartQuotes(Altering):
    """Straight quotes become typographic ones."""

    def kept(self, text: str) -> str:
        quoted = re.sub(r'"([^"]*)"', "“\\1”", super().kept(text))
        return quoted.replace("'", "’")


@fault("text-percent-format", *ALTERED)
class PercentFormat(Altering):
    """A text goes through a format string: a doubled percent sign comes back single."""

    def kept(self, text: str) -> str:
        return super().kept(text).replace("%%", "%")


@fault("text-percent-breaks", "HTTP-1", "SEND-1", "SEND-2", "SEND-18", "STATE-3")
class PercentBreaks(Server):
    """A text with a percent sign before a letter breaks the server: it is used as a format."""

    def send(self, session: Session, caller: Person, text: str | None, fresh: Fresh) -> Step:
        if text and re.search("%[sdifr]", text):
            raise TypeError("not enough arguments for format string")
        return super().send(session, caller, text, fresh)


@fault("text-quote-breaks", "HTTP-1", "SEND-1", "SEND-2", "SEND-18", "STATE-3")
class QuoteBreaks(Server):
    """A single quote ends the SQL string and breaks the statement."""

    def send(self, session: Session, caller: Person, text: str | None, fresh: Fresh) -> Step:
        if text and text.count("'") % 2:
            raise RuntimeError("unterminated quoted string")
        return super().send(session, caller, text, fresh)


@fault("text-url-decoded", *ALTERED)
class UrlDecoded(Altering):
    """Texts are decoded like a form: plus signs become blanks, %41 becomes A."""

    def kept(self, text: str) -> str:
        return unquote_plus(super().kept(text))


@fault("text-firewall", "SEND-1", "SEND-2", "SEND-18", "STATE-3")
class Firewall(Server):
    """A gateway refuses texts that look like SQL or markup."""

    def accepts_text(self, text: str) -> bool:
        suspicious = r"<script|\bunion\s+select|\bdrop\s+table|\bor\s+'?1'?\s*=\s*'?1"
        return super().accepts_text(text) and not re.search(suspicious, text, re.IGNORECASE)
