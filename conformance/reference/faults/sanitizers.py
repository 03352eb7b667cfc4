"""Faults of filters that take for harmful what a text may well hold (SEND-2)."""

from __future__ import annotations

import re
import unicodedata

from conformance.reference.faults.texts import ALTERED, Altering
from conformance.reference.registry import fault


class Filtering(Altering):
    """Takes characters out of a text; one that would have none left is kept as it is."""

    pattern = ""

    def kept(self, text: str) -> str:
        text = super().kept(text)
        return re.sub(self.pattern, "", text) or text


@fault("sanitize-private-use", *ALTERED)
class PrivateUse(Filtering):
    """Characters for private use are taken out: icon fonts are lost."""

    def kept(self, text: str) -> str:
        self.pattern = "[\ue000-\uf8ff]"
        return super().kept(text)


@fault("sanitize-soft-hyphens", *ALTERED)
class SoftHyphens(Filtering):
    """Soft hyphens and other invisible joiners are taken out."""

    def kept(self, text: str) -> str:
        self.pattern = "[\u00ad\u034f\u2061-\u2064]"
        return super().kept(text)


@fault("sanitize-annotations", *ALTERED)
class Annotations(Filtering):
    """Marks of annotations and of objects in the line are taken out."""

    def kept(self, text: str) -> str:
        self.pattern = "[\ufff9-\ufffc]"
        return super().kept(text)


@fault("sanitize-unassigned", *ALTERED)
class Unassigned(Altering):
    """Characters that this Unicode version does not know are taken out: next year's emoji."""

    def kept(self, text: str) -> str:
        text = super().kept(text)
        return "".join(one for one in text if unicodedata.category(one) != "Cn") or text


@fault("sanitize-spacing-marks", *ALTERED)
class SpacingMarks(Filtering):
    """Vowel signs of Indic scripts are taken out with the accents."""

    def kept(self, text: str) -> str:
        self.pattern = "[\u0903\u093b\u093e-\u0940\u0949-\u094c\u0982\u0983\u09be-\u09c0]"
        return super().kept(text)
