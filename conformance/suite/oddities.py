"""Requests that no client means to send, and that a server still has to answer (HTTP-1)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from conformance.contract import Operation

LONG = "x" * 3000

IDS = {
    "telling": (
        "%00",  # U+0000, which no text column of some databases holds
        "%FF%FE",  # no UTF-8
        LONG,
    ),
    "other": (
        "%ED%A0%80",  # half a surrogate pair in UTF-8
        "%27%22%3B--",
        "%2E%2E",
        "%2F..%2Fchats",
        "%zz",
        "%0D%0Ax",
        "__proto__",
        "%F0%9F%98%80",
        "a%3Fb%23c",
        "%24where",
    ),
}
"""Parts of a path as they are sent. None of them could be the id of somebody's message.

More are sent where they have to be refused (DEL-6).
"""


def filled(operation: Operation, odd: str, real: dict[str, str]) -> Iterator[str]:
    """The operation's path with one of its ids odd and any other one real."""
    for name in operation.path_parameters:
        path = operation.path
        for other in operation.path_parameters:
            path = path.replace(f"{{{other}}}", odd if other == name else real[other])
        yield path


QUERIES = (
    "Skip=2147483647&Take=20",
    "Skip=99999999999999999999999",
    "Skip=1&Skip=2",
    "Skip=%00",
    "Skip=%D9%A1",  # a digit, though none of ASCII
    "Skip=1e400",
    f"Take={'9' * 400}",
    "Take=1%27--",
    "SortBy=%00",
    "SortBy=createdAt%20desc;--",
    "SortBy=__proto__",
    "SortBy=Pinned&SortBy=CreatedAt",
    f"SortBy={LONG}",
    "Ascending=true&Ascending=false",
    "Skip[]=1",
    "Take[]=2&SortBy[]=Pinned&Ascending[0]=true",
    "Skip[x]=1&Take[x][y]=2",
    "&&=&=x&%",
    "%FF=%FF&%00=%00",
)
"""Queries of the message list, beside those that have to be refused (LIST-6, LIST-9)."""

CHAT_QUERIES = (
    "chatId=",
    "chatId=%00",
    "chatId=%FF%FE",
    "chatId=%27%22%3B--",
    "chatId[]=a&chatId[0]=b&chatId[x][y]=c",
    "chatId=a,b,,c",
    f"chatId={LONG}",
    "&".join(f"chatId={number}-none" for number in range(120)),
)
"""Queries of the reactions list."""


def bodies(name: str, value: str) -> dict[str, bytes]:
    """Odd bodies for an operation whose body has a string ``name``, such as ``value``.

    Beside those that are no JSON, or lack a string: SEND-8 to SEND-10, REACT-9 and REACT-12.
    """
    key, text = json.dumps(name), json.dumps(value)
    right = f"{{{key}: {text}}}"
    return {
        "deep arrays": f"{{{key}: {'[' * 3000}{']' * 3000}}}".encode(),
        "a huge number": f"{{{key}: {'9' * 5000}}}".encode(),
        "NaN": f"{{{key}: NaN}}".encode(),
        "repeated keys of several types": f"{{{key}: 1, {key}: null, {key}: {text}}}".encode(),
        "U+0000 escaped": f'{{{key}: "\\u0000"}}'.encode(),
        "U+0000 as it is": f'{{{key}: "a\0b"}}'.encode(),
        "half a surrogate pair": f'{{{key}: "\\ud800"}}'.encode(),
        "no UTF-8": b'{"' + name.encode() + b'": "\xff\xfe\xc3("}',
        "a byte order mark": b"\xef\xbb\xbf" + right.encode(),
        "UTF-16": right.encode("utf-16"),
        "an operator": f'{{{key}: {{"$gt": ""}}}}'.encode(),
        "__proto__": f'{{"__proto__": {{{key}: 1}}, "constructor": 1}}'.encode(),
        "null": b"null",
        "nothing": b"",
        "something after it": right.encode() + b" x",
        "members of no meaning": f"{{{key}: {text}, {_members(150, 100)}}}".encode(),
    }


def _members(count: int, length: int) -> str:
    return ", ".join(f'"x{number}": "{"y" * length}"' for number in range(count))


TELLING = (
    "deep arrays",
    "a huge number",
    "half a surrogate pair",
    "no UTF-8",
    "an operator",
    "null",
    "nothing",
)
"""The bodies that are worth trying on a second operation."""

TYPES = (
    "",
    "garbage",
    "application/json; charset=utf-16",
    "application/json; charset=nonsense",
    'application/json; charset="',
    "application/json, text/plain",
    "multipart/form-data",
    "application/" + "x" * 1000,
    "caf\xe9/\xff",
)
"""Content types of a body that is right."""
