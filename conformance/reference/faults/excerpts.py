"""Faults in how much of a text is kept, and where it is shown otherwise (SEND-2, SEND-7)."""

from __future__ import annotations

import html
import re
from typing import Any

from conformance.model import Message, Person
from conformance.reference.faults.texts import ALTERED, Altering
from conformance.reference.registry import fault
from conformance.reference.server import Server

SHOWN_OTHERWISE = (*ALTERED, "SEND-4")


@fault("text-cut-at-255", "SEND-5", *ALTERED)
class CutAt255(Altering):
    """Texts are cut to 255 characters, the width of the column."""

    def kept(self, text: str) -> str:
        return super().kept(text)[:255]


@fault("text-cut-in-list", "SEND-5", *SHOWN_OTHERWISE)
class CutInList(Server):
    """The list shows the first 140 characters of a text."""

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        text = message.text or ""
        return {**super().shown(message, viewer), "message": text[:140]}


@fault("text-cut-in-list-by-units", "SEND-5", *SHOWN_OTHERWISE)
class CutInListByUnits(Server):
    """280 code points are accepted, and the list shows the first 280 UTF-16 units of them."""

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        octets = (message.text or "").encode("utf-16-le", "surrogatepass")
        cut = octets[: 2 * self.limits.message_length].decode("utf-16-le", "ignore")
        return {**super().shown(message, viewer), "message": cut}


@fault("text-cut-at-utf-16-units", "SEND-7", "SEND-2", "SEND-18")
class CutAtUnits(Server):
    """Texts over 280 UTF-16 units are cut there, be it through the middle of a pair."""

    def text(self, body: Any) -> str:
        units = super().text(body).encode("utf-16-le")
        return units[: 2 * self.limits.message_length].decode("utf-16-le", "replace")


@fault("text-escaped-for-others", *SHOWN_OTHERWISE, "STATE-5", "SEND-6")
class EscapedForOthers(Server):
    """Texts are shown with HTML entities to everybody but their sender."""

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        shown = super().shown(message, viewer)
        own = viewer.id == message.sender.id
        return shown if own else {**shown, "message": html.escape(message.text or "")}


@fault("text-answer-in-ascii", "SEND-2", "SEND-18")
class AnswerInAscii(Server):
    """The answer has question marks for what is not ASCII; the list is right."""

    def acknowledged(self, message: Message) -> dict[str, Any]:
        text = (message.text or "").encode("ascii", "replace").decode()
        return {**super().acknowledged(message), "message": text}


@fault("text-number-in-list", *SHOWN_OTHERWISE, "HTTP-3", "SEND-1", "LIST-1")
class NumberInList(Server):
    """A text that is a short number comes out of the cache as a number."""

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        shown, text = super().shown(message, viewer), message.text or ""
        return {**shown, "message": int(text)} if re.fullmatch("-?[1-9][0-9]{0,8}", text) else shown


@fault("text-column-of-units", "SEND-7", "SEND-2", "SEND-18")
class ColumnOfUnits(Server):
    """The limit is of code points, and the column's is of UTF-16 units: the rest is cut off."""

    def text(self, body: Any) -> str:
        text = super().text(body)
        units = text.encode("utf-16-le")[: 2 * self.limits.message_length]
        fits = len(text) <= self.limits.message_length
        return units.decode("utf-16-le", "ignore") if fits else text
