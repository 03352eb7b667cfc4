"""Faults in reacting (REACT): who may, which values, whom it counts for and what it touches."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, cast

from starlette.responses import Response

from conformance.model import Fresh, Message, Person, Reaction, Refusal, Session, Step
from conformance.reference.parsing import Invalid
from conformance.reference.registry import fault
from conformance.reference.server import Server

# -- who may, and on what --------------------------------------------------------------------------


class SomeRefused(Server):
    """Refuses some reactions that are right."""

    def bars(self, session: Session, caller: Person, message: Message, name: str) -> bool:
        return False

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        message = session.find(chat)
        if message and name in self.limits.reactions and self.bars(session, caller, message, name):
            return Step(session, refusal=Refusal.FORBIDDEN)
        return super().react(session, caller, chat, name, fresh)


@fault("react-to-host-refused", "REACT-1", "STATE-3", "CONC-5")
class ToHostRefused(SomeRefused):
    """Members may not react to the host's messages."""

    def bars(self, session: Session, caller: Person, message: Message, name: str) -> bool:
        return message.sender.host and not caller.host


@fault("react-older-refused", "REACT-1", "STATE-3", "CONC-5")
class OlderRefused(SomeRefused):
    """Only the messages of the newest page can be reacted to."""

    def bars(self, session: Session, caller: Person, message: Message, name: str) -> bool:
        return message not in session.messages[-self.limits.page_size :]


# -- which values ----------------------------------------------------------------------------------


class AnyName(Server):
    """Keeps and shows reactions of other names than the document's, where ``admits`` lets them."""

    def admits(self, name: Any) -> bool:
        return False

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        message = session.find(chat)
        if message is None or name in self.limits.reactions or not self.admits(name):
            return super().react(session, caller, chat, name, fresh)
        added = Reaction(fresh.id, name, caller.id)
        return Step(session.put(replace(message, reactions=(*message.reactions, added))), fresh.id)

    def shown_reactions(self, message: Message) -> list[dict[str, Any]]:
        names = dict.fromkeys(one.name for one in message.reactions if self.admits(one.name))
        return super().shown_reactions(message) + [
            self.shown_reaction(name, [one for one in message.reactions if one.name == name])
            for name in names
            if name not in self.limits.reactions
        ]


@fault("react-any-code", "REACT-2", "REACT-11", "LIST-12", "STATE-3")
class AnyCode(AnyName):
    """Any short code is taken, as for custom reactions."""

    def admits(self, name: Any) -> bool:
        return isinstance(name, str) and re.fullmatch(r":[a-z0-9_+-]+:", name) is not None


@fault("react-third-code", "REACT-2", "LIST-12", "STATE-3")
class ThirdCode(AnyName):
    """A third reaction, the heart, is taken."""

    def admits(self, name: Any) -> bool:
        return bool(name == ":heart:")


@fault(
    "react-keeps-numbers",
    *("REACT-12", "REACT-2", "REACT-9", "LIST-12", "RLIST-1", "HTTP-3", "STATE-3"),
)
class KeepsNumbers(AnyName):
    """A number for a reaction is kept and shown as a number."""

    def admits(self, name: Any) -> bool:
        return isinstance(name, int)

    def reaction_name(self, body: Any) -> str:
        value = body.get("reaction") if isinstance(body, dict) else None
        return cast(str, value) if self.admits(value) else super().reaction_name(body)


@fault("react-empty-is-first", "REACT-2", "STATE-3")
class EmptyIsFirst(Server):
    """The empty string is taken for the first reaction."""

    def reaction_name(self, body: Any) -> str:
        return super().reaction_name(body) or self.limits.reactions[0]


@fault("react-first-of-two", "REACT-2", "STATE-3")
class FirstOfTwo(Server):
    """Two codes in one value are taken for the first of them."""

    def reaction_name(self, body: Any) -> str:
        name = super().reaction_name(body)
        return next((known for known in self.limits.reactions if name.startswith(known)), name)


@fault("react-line-of-several", "REACT-2", "STATE-3")
class LineOfSeveral(Server):
    """A pattern with ^ and $ finds a reaction in any line of a value."""

    def reaction_name(self, body: Any) -> str:
        lines = super().reaction_name(body).split("\n")
        return next((line for line in lines if line in self.limits.reactions), lines[0])


@fault("react-any-case", "REACT-11")
class AnyCase(Server):
    """The reactions' names are compared without regard to case."""

    def reaction_name(self, body: Any) -> str:
        name = super().reaction_name(body)
        return next((one for one in self.limits.reactions if one.lower() == name.lower()), name)


@fault("react-emoji", "REACT-11")
class Emoji(Server):
    """The emoji itself is taken as well as its code."""

    def reaction_name(self, body: Any) -> str:
        name = super().reaction_name(body)
        signs = ("\N{THUMBS UP SIGN}", "\N{THUMBS DOWN SIGN}")
        emoji = dict(zip(signs, self.limits.reactions, strict=False))
        return emoji.get(name, name)


@fault("react-bare-name", "REACT-11")
class BareName(Server):
    """A name without its colons is taken."""

    def reaction_name(self, body: Any) -> str:
        name = super().reaction_name(body)
        return f":{name}:" if f":{name}:" in self.limits.reactions else name


@fault("react-null-is-first", "REACT-9")
class NullIsFirst(Server):
    """A reaction that is null or absent is taken for the first: the default of an enum."""

    def reaction_name(self, body: Any) -> str:
        if isinstance(body, dict) and body.get("reaction") is None:
            return self.limits.reactions[0]
        return super().reaction_name(body)


@fault("react-number-is-index", "REACT-9")
class NumberIsIndex(Server):
    """A number is taken for the place of a reaction in the enum."""

    def reaction_name(self, body: Any) -> str:
        value = body.get("reaction") if isinstance(body, dict) else None
        if type(value) is int and 0 <= value < len(self.limits.reactions):
            return self.limits.reactions[value]
        return super().reaction_name(body)


@fault("react-array-of-one", "REACT-9")
class ArrayOfOne(Server):
    """An array of one reaction is taken for it."""

    def reaction_name(self, body: Any) -> str:
        value = body.get("reaction") if isinstance(body, dict) else None
        if isinstance(value, list) and len(value) == 1:
            body = {"reaction": value[0]}
        return super().reaction_name(body)


@fault("react-cut-off-body", "REACT-12")
class CutOffBody(Server):
    """A body that breaks off behind the reaction is read all the same."""

    def decode(self, raw: bytes) -> Any:
        try:
            return super().decode(raw)
        except Invalid:
            found = re.search(rb'"reaction"\s*:\s*"([^"]*)"', raw)
            if not found:
                raise
            return {"reaction": found[1].decode("utf-8", "replace")}


@fault("react-plain-body", "REACT-12")
class PlainBody(Server):
    """A body of plain words that is a reaction's name is taken for one."""

    def decode(self, raw: bytes) -> Any:
        words = raw.decode("utf-8", "replace").strip()
        return {"reaction": words} if words in self.limits.reactions else super().decode(raw)


# -- the answer ------------------------------------------------------------------------------------


@fault("react-other-id-in-answer", "REACT-3", "UNREACT-1", "UNREACT-2", "STATE-3", "CONC-5")
class OtherIdInAnswer(Server):
    """The answer's id is not the one under which the reaction is kept."""

    def answer(self, content: Any) -> Response:
        if isinstance(content, dict) and "reactionId" in content:
            content = {"reactionId": self.new_id()}
        return super().answer(content)


@fault("react-constant-name", "REACT-11")
class ConstantName(Server):
    """The name of the constant in the code is taken too, as THUMBS_UP."""

    def reaction_name(self, body: Any) -> str:
        name = super().reaction_name(body)
        known = {one.strip(":").upper(): one for one in self.limits.reactions}
        return known.get(name, name)


@fault("react-skin-tone", "REACT-2")
class SkinTone(Server):
    """A skin tone behind a reaction's code is cut off."""

    def reaction_name(self, body: Any) -> str:
        return re.sub(r":skin-tone-[2-6]:$", "", super().reaction_name(body))


@fault("react-again-first-id", "REACT-3", "STATE-3")
class AgainFirstId(Server):
    """The same reaction again is answered with the id of whoever gave it first."""

    def react(self, session: Session, caller: Person, chat: str, name: str, fresh: Fresh) -> Step:
        step, message = super().react(session, caller, chat, name, fresh), session.find(chat)
        same = [one for one in message.reactions if one.name == name] if message else []
        again = any(one.by == caller.id for one in same)
        return step._replace(id=same[0].id) if again else step
