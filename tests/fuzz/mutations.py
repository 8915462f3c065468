"""Change bytes and records, as a hand, a merge, a disk or an attacker does."""

import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

SNIPPETS = [
    b"[", b"]", b"{", b"}", b": ", b"- ", b"\n", b" ", b"\t", b'"', b"'", b" #", b"&a ", b"*a", b"!!int ", b"? ",
    b"|\n", b"---\n", b"%YAML 1.1\n", b"\xff", b"\x00", b"\xc2\x85", b"\xe2\x80\xa8", b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xef\xbf\xbf", b"\xf0\x9f\x98\x80", b"null", b"~", b"NaN", b"\\u0000", b"\\ud800", b"\\", b",", b"e\xcc\x81",
    b"\r", b"<<: ", b"[" * 30,
    b"\r\n", b"\x1b[2J", b"\xe2\x80\x8f", b"\xe2\x80\xae", b"\xd9\x80", b"\xe2\x80\x9c", b"```\n", b"<script>",
    b"{{ x }}", b"1e999", b"-1", b"9" * 40, b"../", b"\xef\xbc\x8e",
]  # fmt: skip

ODD_VALUES: list[Any] = [
    None, True, 0, -1, 2**63, 2**64, 1e308, "", " ", "\n", "x", "\x00", "\x1b[2J", "\u202e", "\U0001f600", "e\u0301",
    "\u0645\u0631\u062d\u0628\u0627", "../../evil", "/etc/passwd", "9.9.9", "full", "none", [], {}, [[]], [None],
    {"x": "y"}, ["x"] * 3, "x" * 5_000,
]  # fmt: skip

BLOWN_UP = 2 * 2**20  # bytes of one thing that is repeated

Bytes = Callable[[bytes, int, int, random.Random], bytes]


def _cut(data: bytes, at: int, end: int, _: random.Random) -> bytes:
    return data[:at] + data[end:]


def _insert(data: bytes, at: int, _: int, chance: random.Random) -> bytes:
    return data[:at] + chance.choice(SNIPPETS) + data[at:]


def _replace(data: bytes, at: int, end: int, chance: random.Random) -> bytes:
    return data[:at] + chance.choice(SNIPPETS) + data[end:]


def _repeat(data: bytes, at: int, end: int, _: random.Random) -> bytes:
    return data[:end] + data[at:]


def _swap_value(data: bytes, at: int, _: int, chance: random.Random) -> bytes:
    colon = data.find(b": ", at)
    end = data.find(b"\n", colon)
    odd = chance.choice([b"[]", b"{}", b"", b"null", b"[a, {b: c}]", b'""', b"|\n      x", b'"\\n"', b"x" * 2000, b"5"])
    return data if colon < 0 else data[: colon + 2] + odd + data[end:]


#: Changes of a text file; at and end are where.
EDITS: list[Bytes] = [_cut, _insert, _replace, _repeat, _swap_value]


def _flip(data: bytes, at: int, _: int, chance: random.Random) -> bytes:
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :] if at < len(data) else data


def _noise(data: bytes, at: int, end: int, chance: random.Random) -> bytes:
    return data[:at] + chance.randbytes(end - at) + data[end:]


def _truncate(data: bytes, at: int, _: int, __: random.Random) -> bytes:
    return data[:at]


def _swap_lines(data: bytes, at: int, end: int, _: random.Random) -> bytes:
    lines = data.split(b"\n")
    one, other = at % len(lines), end % len(lines)
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


_TOKEN = re.compile(rb"[\w.-]+|[^\w\s]", re.ASCII)


def _swap_tokens(data: bytes, at: int, end: int, chance: random.Random) -> bytes:
    """Put a word of the file in the place of another one."""
    tokens = list(_TOKEN.finditer(data))
    if not tokens:
        return data
    here = min(tokens, key=lambda token: abs(token.start() - at))
    return data[: here.start()] + chance.choice(tokens)[0] + data[here.end() :] if end else data


def _line_ends(data: bytes, _: int, __: int, ___: random.Random) -> bytes:
    return data.replace(b"\r\n", b"\n") if b"\r\n" in data else data.replace(b"\n", b"\r\n")


def _encode(data: bytes, _: int, __: int, chance: random.Random) -> bytes:
    text = data.decode(errors="replace")
    return text.encode(chance.choice(["utf-16", "utf-16-le", "utf-32", "utf-8-sig", "cp1252", "utf-7"]), "replace")


def _blow_up(data: bytes, at: int, end: int, chance: random.Random) -> bytes:
    unit = chance.choice([chance.choice(SNIPPETS), data[at:end] or b"x"])
    return data[:at] + unit * chance.choice((100, 10_000, BLOWN_UP // len(unit))) + data[at:]


ANY_BYTES: list[Bytes] = [_flip, _noise, _truncate]
ANY_TEXT: list[Bytes] = [*EDITS, *EDITS, *ANY_BYTES, _swap_lines, _swap_tokens, _swap_tokens, _line_ends, _encode]


def change_bytes(data: bytes, chance: random.Random, kinds: list[Bytes]) -> tuple[bytes, str]:
    """Change some bytes; say what was done, and where."""
    kind = _blow_up if kinds is not ANY_BYTES and chance.random() < 0.02 else chance.choice(kinds)
    at = chance.randrange(len(data) + 1)
    end = min(len(data), at + chance.choice((1, 3, 30, 300)))
    return kind(data, at, end, chance), f"{kind.__name__.strip('_')} {at}:{end}"


# Records


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value below the top."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield (*path, key)
        yield from places(value, (*path, key))


def holder(data: Any, path: tuple[Any, ...]) -> Any:
    """Return the list or mapping that has the value at a path."""
    for step in path[:-1]:
        data = data[step]
    return data


def change_record(data: Any, chance: random.Random) -> str:
    """Change a value of plain data in place; say what was done."""
    found = list(places(data))
    if not found:
        return "nothing there"
    path, other = chance.choice(found), chance.choice(found)
    kind = chance.choice(["replace", "replace", "copy", "copy", "drop", "double", "rename", "exchange"])
    where, theirs = holder(data, path), holder(data, other)
    value = where[path[-1]]
    match kind:
        case "replace":
            where[path[-1]] = chance.choice(ODD_VALUES)
        case "copy":  # without a circle
            where[path[-1]] = json.loads(json.dumps(theirs[other[-1]], default=str))
        case "drop":
            del where[path[-1]]
        case "double" if isinstance(where, list):
            where.append(value)
        case "rename" if isinstance(where, dict):
            where[chance.choice(["x", "id", "", "kind", f"{path[-1]}s"])] = where.pop(path[-1])
        case "exchange" if path[: len(other)] != other and other[: len(path)] != path:
            where[path[-1]], theirs[other[-1]] = theirs[other[-1]], value
    return f"{kind} {'.'.join(map(str, path))} ({'.'.join(map(str, other))})"
