"""Documents of other contracts than the shipped one."""

from __future__ import annotations

from pathlib import Path

import yaml


def edited_document() -> str:
    """The shipped document with other limits, as somebody would edit it."""
    text = (Path(__file__).parent.parent / "openapi" / "chats.v1.yaml").read_text()
    document = yaml.safe_load(text)
    parameters = document["paths"]["/v1/chats"]["get"]["parameters"]
    queries = {one["name"]: one["schema"] for one in parameters}
    queries["Take"].update(maximum=50, default=50)
    queries["SortBy"]["enum"].append(":heart:")
    schemas = document["components"]["schemas"]
    schemas["ReactionName"]["enum"].append(":heart:")
    schemas["NewChat"]["properties"]["message"]["maxLength"] = 500
    return yaml.safe_dump(document, sort_keys=False)
