"""Values beyond what schemas speak of, where bugs live. All of them come of a seeded generator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random

from conformance.client import encode
from conformance.contract import Limits

# -- numbers ---------------------------------------------------------------------------------------

NUMBERS = (
    *("2147483646", "2147483647", "2147483648", "-2147483648", "-2147483649", "4294967295"),
    *("4294967296", "4294967297", "4294967301", "-4294967291", "8589934597", "9223372036854775807"),
    *("9223372036854775808", "18446744073709551617", "1" * 40, "9" * 400, "-1", "-20", "-0", "+1"),
    *("1.5", "0.5", "-1.5", "1.0", "5.", ".5", "1e1", "1E400", "1e-1", "0x10", "0b1", "0o7", "010"),
    *(
        "1_0",
        "1,0",
        "1 0",
        " 5",
        "5 ",
        "5\t",
        "5\n",
        "\u0661",
        "\uff15",
        "\u00b2",
        "\u00bd",
        "\u2164",
    ),
    *("5\x00", "\x00", "abc", "five", "10abc", "true", "null", "undefined", "NaN", "Infinity"),
    *(
        "",
        " ",
        "[]",
        "{}",
        "5 OR 1=1",
        "1;",
        "'1'",
        '"1"',
        "$5",
        "--1",
        "5-",
        "\u22125",
        "\U0001f600",
    ),
    *("1.5.5", "0.9999999999999999999", "19.999999999999999999999", "20.5", "e", "Skip", "*", "%"),
)
"""Numbers and what is like them, as somebody writes them for a Skip or a Take."""

FLAGS = (
    *(
        "TRUE",
        "False",
        "tRuE",
        "1",
        "0",
        "2",
        "-1",
        "yes",
        "no",
        "on",
        "off",
        "t",
        "f",
        "y",
        "n",
        "",
        " ",
    ),
    *(
        "maybe",
        "ascending",
        "desc",
        "asc",
        "truee",
        "tru",
        "true,false",
        "null",
        "nottrue",
        "\uff54rue",
    ),
    *("[true]", "\U0001f44d", "wahr", "falsch", "verdadero", "true\x00", "x"),
)

KEYS = (
    *(
        "Nope",
        "createdat",
        "CREATEDAT",
        "Created_At",
        "pinned",
        "message",
        "user",
        "id",
        "0",
        "1",
        "",
    ),
    *(
        "CreatedAt desc",
        "CreatedAt,Pinned",
        "-CreatedAt",
        "CreatedAt;",
        "CreatedAt\x00",
        "1; DROP TABLE x",
    ),
    *(
        ":heart:",
        ":thumbs_sideways:",
        "::",
        ":",
        "thumbs_up",
        "\U0001f44d",
        "__proto__",
        "toString",
    ),
    *(
        "constructor",
        "hasOwnProperty",
        "Created\u0410t",
        "CreatedAt'",
        "(SELECT 1)",
        "$natural",
        "x" * 300,
    ),
)


def parameters(limits: Limits) -> dict[str, tuple[str, ...]]:
    """Odd values of each parameter of the message list."""
    edges = (limits.page_size + 1, limits.page_size * 2, limits.page_min - 1, -limits.page_size)
    takes = (*(str(edge) for edge in edges), *NUMBERS)
    return {"Skip": NUMBERS, "Take": takes, "Ascending": FLAGS, "SortBy": KEYS}


def queries(random: Random, name: str, values: list[str]) -> Iterator[tuple[tuple[str, str], ...]]:
    """Queries with one odd value each; some with another parameter, or with the odd one twice."""
    for value in values:
        pair = (name, value)
        more = random.choice(((), (), (), (("Skip", "1"),), (("Take", "2"),), (pair,), (("", ""),)))
        extra = tuple(one for one in more if one[0] != name or one == pair)
        yield (pair, *extra) if random.random() < 0.5 else (*extra, pair)


# -- ids -------------------------------------------------------------------------------------------

NOBODYS = (
    *(
        "%25",
        "_",
        "%2A",
        ".%2A",
        "%5B%5D",
        "%24ne",
        "%7B%7D",
        "%27%20OR%20%271%27%3D%271",
        "%00",
        "%0A",
    ),
    *(
        "%F0%9F%98%80",
        "%C3%A9",
        "e%CC%81",
        "%E2%80%AE",
        "%FF",
        "%C0%AF",
        "%ED%A0%80",
        "%F4%90%80%80",
    ),
    *(
        "null",
        "undefined",
        "NaN",
        "true",
        "%20",
        "%09",
        "-",
        "~",
        "none",
        "me",
        "all",
        "last",
        "latest",
    ),
    *(
        "a%2Fb",
        "a%2F..%2Fb",
        "a%5Cb",
        "a%3Fb",
        "a%23c",
        "a%26b%3Dc",
        "a%3Bb",
        "a%2Bb",
        "a+b",
        "a%25b",
    ),
    *(
        "a%252Fb",
        "%252e%252e",
        "a,b",
        "a%2Cb",
        "a:b",
        "a@b",
        "a=b",
        "a%7Cb",
        "%3Cb%3E",
        "%22",
        "constructor",
    ),
    *(
        "a%0D%0Ab",
        "x%00y",
        "%E2%80%8B",
        "%EF%BB%BFa",
        "%CC%81",
        "%D7%A9",
        "A%CC%8A",
        "%E2%84%AB",
        "%C7%85",
    ),
    *(
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "reactions",
        "pins",
    ),
    *(
        "x" * 255,
        "x" * 256,
        "x" * 1000,
        "%E6%BC%A2" * 100,
        "$where",
        "__proto__",
        "toString",
        "hasOwnProperty",
    ),
)
"""Parts of a path, as they are sent, that are the id of nothing."""


WILD = ("%25", "_", "%2A", ".%2A", "%3F", "%5B%5D", "%24ne", "%2525", "__", "%25%25", ".", "%7C")
"""What stands for anything at all in one pattern language or another."""


# -- JSON ------------------------------------------------------------------------------------------


def spellings(random: Random, name: str, text: str) -> Iterator[bytes]:
    """The same object in JSON, as one serialiser or another writes it."""
    key, plain = json.dumps(name), encode(text)
    escaped = "".join(f"\\u{unit:04{random.choice('xX')}}" for unit in _units(text))
    hidden = "".join(f"\\u{ord(one):04x}" for one in name)
    mixed = "".join(
        random.choice((one, json.dumps(one)[1:-1]))
        if one not in '"\\' and one >= " "
        else json.dumps(one)[1:-1]
        for one in text
    )
    yield b"{" + key.encode() + b":" + plain + b"}"
    yield f'{{{key}: "{escaped}"}}'.encode()
    yield b'\n{ "' + hidden.encode() + b'"\t:\r\n' + plain.replace(b"/", b"\\/") + b" }\n"
    yield f'{{{key}: "{mixed}"}}'.replace("/", "\\/").encode("utf-8", "replace")


def _units(text: str) -> Iterator[int]:
    octets = text.encode("utf-16-be", "surrogatepass")
    for at in range(0, len(octets), 2):
        yield int.from_bytes(octets[at : at + 2], "big")


def no_strings(random: Random, text: str) -> Iterator[object]:
    """JSON values that are no string, some of which hold the right one."""
    numbers = (0, 1, -1, 2**31, 2**53 + 1, 2**64, -0.0, 1.5, 1e308, 10**400)
    yield random.choice(numbers)
    yield from random.sample((True, False, 0, 1, 7), 2)
    yield from random.sample(([], [text], [text, text], [[text]], [None], [0]), 2)
    yield from random.sample(({}, {"": text}, {"value": text}, {"$ne": None}, {"0": text}), 2)


def broken(random: Random, name: str, text: str) -> bytes:
    """The beginning of an object that never ends: no dialect of JSON reads it."""
    whole = f'{{"{name}": {json.dumps(text)}}}'
    return whole[: random.randint(1, len(whole) - 1)].encode()


def loaded(random: Random, name: str, text: str) -> bytes:
    """A right member beside one of no meaning, which is deep, huge or oddly named."""
    depth, size = random.choice((10, 200, 2000, 20_000)), random.choice((100, 5000, 70_000))
    extra = random.choice(
        (
            f'"x": {"[" * depth}{"]" * depth}',
            '"x": ' + '{"a": ' * depth + "1" + "}" * depth,
            f'"x": {"9" * size}',
            f'"x": "{"y" * size}"',
            f'"{"k" * size}": 1',
            '"x": 1e999',
            '"x": -0.0e-999',
            '"": null, " ": 0, "\\u0000": 1',
            '"__proto__": {"message": 1, "reaction": 1}, "constructor": {"prototype": {}}',
            '"x": "\\ud800", "\\udfff": 1',
            ", ".join(f'"k{number}": {number}' for number in range(500)),
        )
    )
    pair = f'"{name}": {json.dumps(text)}'
    return ("{" + ", ".join(random.sample((pair, extra), 2)) + "}").encode()


CONTENT_TYPES = (
    *("text/plain", "text/html", "application/xml", "text/xml", "application/octet-stream"),
    *(
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "image/png",
        "text/csv",
    ),
    *(
        "application/javascript",
        "application/x-yaml",
        "text/plain; charset=utf-8",
        "application/jsonx",
    ),
)
"""None of them is JSON."""

ODD_TYPES = (
    *(
        "application/json;",
        "application/json; charset",
        "APPLICATION/JSON",
        "json",
        "*/*",
        "/",
        "a/b/c",
    ),
    *("application/json, application/json", "application/json; charset=utf-7", "text/json"),
    *(
        "application/problem+json",
        'application/json; charset="utf-8',
        "\xff",
        "application/json\t; x=y",
    ),
)
"""What a target makes of these is its own affair, as long as it answers."""
