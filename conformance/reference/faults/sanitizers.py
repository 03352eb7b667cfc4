"""Faults of filters that take for harmful what a text may well hold (SEND-2)."""

from __future__ import annotations

import re
import unicodedata

from conformance.reference.faults.texts import ALTERED, Altering
from conformance.reference.registry import fault


@fault("sanitize-private-use", *ALTERED)
class PrivateUse(Altering):
    """Characters for private use are taken out: icon fonts are lost."""

    def kept(self, text: str) -> str:
        return re.sub("[\ue000-\uf8ff]", "", super().kept(text))


@fault("sanitize-annotations", *ALTERED)
class Annotations(Altering):
    """Marks of annotations and of objects in the line are taken out."""

    def kept(self, text: str) -> str:
        return re.sub("[\ufff9-\ufffc]", "", super().kept(text))


@fault("sanitize-unassigned", *ALTERED)
class Unassigned(Altering):
    """Characters that this Unicode version does not know are taken out: next year's emoji."""

    def kept(self, text: str) -> str:
        return "".join(one for one in super().kept(text) if unicodedata.category(one) != "Cn")


@fault("sanitize-spacing-marks", *ALTERED)
class SpacingMarks(Altering):
    """Vowel signs of Indic scripts are taken out with the accents."""

    def kept(self, text: str) -> str:
        signs = "[\u0903\u093b\u093e-\u0940\u0949-\u094c\u0982\u0983\u09be-\u09c0]"
        return re.sub(signs, "", super().kept(text))


@fault("sanitize-long-runs", *ALTERED, "SEND-5")
class LongRuns(Altering):
    """More than three of one letter or mark in a row become three, as a filter of spam has it."""

    def kept(self, text: str) -> str:
        return re.sub(r"([^\W\d_]|[!?])\1{3,}", r"\1\1\1", super().kept(text))


@fault("sanitize-calls-to-all", *ALTERED)
class CallsToAll(Altering):
    """Mentions that would notify everybody are taken out."""

    def kept(self, text: str) -> str:
        return re.sub(r"@(here|everyone|channel|all)\b", "", super().kept(text))


@fault("sanitize-card-numbers", *ALTERED)
class CardNumbers(Altering):
    """What could be the number of a card is masked."""

    def kept(self, text: str) -> str:
        return re.sub(r"\b[0-9]{13,16}\b", "****", super().kept(text))


@fault("sanitize-terminal-colours", *ALTERED)
class TerminalColours(Altering):
    """Codes that colour a terminal are taken out, as of a log."""

    def kept(self, text: str) -> str:
        return re.sub("\x1b\\[[0-9;]*m", "", super().kept(text))


@fault("sanitize-line-ends", *ALTERED)
class LineEnds(Altering):
    """Blanks before a line break are taken out: trailing white space, as an editor has it."""

    def kept(self, text: str) -> str:
        return re.sub("[ \t]+\n", "\n", super().kept(text))


@fault("sanitize-times", *ALTERED)
class Times(Altering):
    """A text that is a time becomes one on its way through the store."""

    def kept(self, text: str) -> str:
        return re.sub(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z$", r"\1.000Z", super().kept(text))
