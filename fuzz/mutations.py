"""Changes of bytes and of JSON values."""

from __future__ import annotations

from typing import Any

from .draws import INTEGERS, NUMBERS, Draws

_VALUES: tuple[Any, ...] = (
    *(None, True, "", "x", "../x", "\0", "φ", "float16", "nonsense", [], {}, [1, [2]], {"a": 1}, 1.5, 1e300),
    *(*INTEGERS, *(number for number in NUMBERS if number == number and abs(number) < 1e308)),
)
_PIECES = (
    b"",
    b"\0",
    b"\xff" * 8,
    b"\xff\xff\xff\xff\xff\xff\xff\x0f",
    b"[" * 5000,
    b'{"a":' * 5000,
    b"9" * 5000,
    b"\xc3\x28",
)


def changed_bytes(draws: Draws, content: bytes) -> bytes:
    """The bytes with a few changes: one bit or byte, a cut, a piece that is put in, taken out or repeated."""
    for _ in range(1 + draws.below(3)):
        place = (draws.byte() * 256 + draws.byte()) % (len(content) + 1)
        kind = draws.below(6)
        if kind == 0:
            content = content[:place] + bytes([draws.byte()]) + content[place + 1 :]
        elif kind == 1:
            content = content[:place]
        elif kind == 2:
            content = content[:place] + draws.choice(_PIECES) + content[place:]
        elif kind == 3:
            content = content[:place] + content[place + draws.byte() :]
        elif kind == 4:
            content = content[:place] + content[place : place + 16] * 2 + content[place + 16 :]
        else:
            content = draws.choice(_PIECES) + content[8:]
    return content


def changed_value(draws: Draws, value: Any) -> Any:
    """The JSON value with one value in it changed, taken out or put in."""
    if isinstance(value, dict) and value and not draws.one_in(8):
        name = draws.choice(sorted(value))
        rest = {key: item for key, item in value.items() if key != name}
        if draws.one_in(8):
            return rest
        return {**value, name: changed_value(draws, value[name])}
    if isinstance(value, list) and value and not draws.one_in(8):
        place = draws.below(len(value))
        if draws.one_in(8):
            return value[:place] + value[place + 1 :]
        return [*value[:place], changed_value(draws, value[place]), *value[place + 1 :]]
    return draws.choice(_VALUES)
