"""Documents of other contracts than the shipped one."""

from __future__ import annotations

from pathlib import Path

import yaml

from conformance.contract import Contract
from conformance.contract_file import load

DOCUMENT = Path(__file__).parent.parent / "openapi" / "chats.v1.yaml"
TEXT = DOCUMENT.read_text(encoding="utf-8")


def saved(folder: Path, text: str, name: str = "edited.yaml") -> Path:
    """A document of this text, in a file."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def edited(folder: Path, *changes: tuple[str, str]) -> Contract:
    """The contract of the document with each text replaced; each must occur."""
    text = TEXT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return load(saved(folder, text))


def edited_document() -> str:
    """The shipped document with other limits, as somebody would edit it."""
    document = yaml.safe_load(TEXT)
    parameters = document["paths"]["/v1/chats"]["get"]["parameters"]
    queries = {one["name"]: one["schema"] for one in parameters}
    queries["Take"].update(maximum=50, default=50)
    queries["SortBy"]["enum"].append(":heart:")
    schemas = document["components"]["schemas"]
    schemas["ReactionName"]["enum"].append(":heart:")
    schemas["NewChat"]["properties"]["message"]["maxLength"] = 500
    return yaml.safe_dump(document, sort_keys=False)
