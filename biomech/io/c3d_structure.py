"""Whether the parts of a C3D file fit together.

The library that reads them trusts the numbers in a file and may end the whole program
when they are wrong, so they are checked before.
"""

import struct
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_BLOCK = 512
#: Codes of processors (Intel, DEC, SGI): byte order, and where the sign of the header's
#: scale factor is; DEC numbers have it in their second byte.
_PROCESSORS = {84: ("<", 15), 85: ("<", 13), 86: (">", 12)}
_MOST_DIMENSIONS = 7
#: Bytes per entry: text, integers of one and two bytes, real numbers.
_TYPES = (-1, 1, 2, 4)
#: Parameters without which points, and analog channels, cannot be read.
_OF_POINTS = ("USED", "SCALE", "RATE", "LABELS")
_OF_CHANNELS = ("USED", "GEN_SCALE", "OFFSET", "SCALE")


class _DamageError(ValueError):
    """What does not fit."""


class _Parameter(NamedTuple):
    """Type and dimensions of a parameter, and its first number if it is an integer."""

    kind: int
    dimensions: tuple[int, ...]
    first: int | None


_Parameters = Mapping[tuple[str, str], _Parameter]


def problem_with(content: bytes, /) -> str | None:
    """Find the first thing that does not fit in a C3D file.

    Parameters
    ----------
    content
        The whole file.

    Returns
    -------
    What is wrong, or None.

    References
    ----------
    The C3D File Format User Guide, c3d.org: header, parameter and data sections.
    """
    if len(content) < 2 * _BLOCK or content[1] != 0x50:
        return "no C3D header"
    base = (content[0] - 1) * _BLOCK
    if not 0 < base <= len(content) - _BLOCK:
        return "the parameter section lies outside the file"
    if content[base + 3] not in _PROCESSORS:
        return f"unknown processor code {content[base + 3]}"
    order, sign = _PROCESSORS[content[base + 3]]
    try:
        parameters = _parameters(content, base + 4, order)
        n_analog = _check_data(content, order, is_real=content[sign] >= 0x80)
        _check_parameters(parameters, has_channels=n_analog > 0)
    except _DamageError as damage:
        return str(damage)
    return None


def _product(dimensions: Iterable[int]) -> int:
    count = 1
    for dimension in dimensions:
        count *= dimension
    return count


def _parameters(content: bytes, at: int, order: str) -> _Parameters:
    """Walk along groups and parameters, of which each points to the next."""
    groups: dict[int, str] = {}
    found: dict[tuple[int, str], _Parameter] = {}
    while at + 4 < len(content):
        n_letters, group = struct.unpack_from("bb", content, at)
        if n_letters == 0 or group == 0:
            break
        link = at + 2 + abs(n_letters)
        if link + 4 > len(content):
            msg = "a parameter lies outside the file"
            raise _DamageError(msg)
        name = content[at + 2 : link].decode("latin-1").upper().strip()
        step: int = struct.unpack_from(order + "H", content, link)[0]
        if group < 0:
            groups[-group] = name
        else:
            place = step or len(content) - link
            found[group, name] = _parameter(content, link + 2, place, order)
        if step == 0:
            break
        at = link + step
    return {(groups.get(g, ""), n): p for (g, n), p in found.items()}


def _parameter(content: bytes, at: int, place: int, order: str) -> _Parameter:
    kind: int = struct.unpack_from("b", content, at)[0]
    n_dimensions = content[at + 1]
    dimensions = tuple(content[at + 2 : at + 2 + n_dimensions])
    size = 2 + n_dimensions + abs(kind) * _product(dimensions)
    if kind not in _TYPES or n_dimensions > _MOST_DIMENSIONS:
        msg = f"a parameter of type {kind} with {n_dimensions} dimensions"
        raise _DamageError(msg)
    if size > place or at + size > len(content):
        msg = "a parameter is larger than its place"
        raise _DamageError(msg)
    first = None
    if kind == 2 and _product(dimensions):
        first = struct.unpack_from(order + "H", content, at + 2 + n_dimensions)[0]
    return _Parameter(kind, dimensions, first)


def _check_data(content: bytes, order: str, *, is_real: bool) -> int:
    """Compare the data section with what the header promises; give the channels."""
    words: tuple[int, ...] = struct.unpack_from(order + "8H", content, 2)
    n_points, n_analog, first, last = words[:4]
    start = words[7]
    if last < first or start < 1:
        msg = f"frames {first} to {last}, data in block {start}"
        raise _DamageError(msg)
    n_frames = last - first + 1
    least = n_frames * (4 if is_real else 2) * (4 * n_points + n_analog)
    if (start - 1) * _BLOCK + least > len(content):
        msg = f"cut: {n_frames} frames of {n_points} points do not fit the file"
        raise _DamageError(msg)
    return n_analog


def _check_parameters(parameters: _Parameters, *, has_channels: bool) -> None:
    """Ask for what every reader needs, in the type and number it needs it."""
    needed = [("POINT", name) for name in _OF_POINTS]
    needed += [("ANALOG", name) for name in _OF_CHANNELS] if has_channels else []
    if missing := [f"{g}:{n}" for g, n in needed if (g, n) not in parameters]:
        msg = f"the parameters {missing} are missing"
        raise _DamageError(msg)
    for group, name in needed:
        found = parameters[group, name]
        is_text = found.kind == -1
        if is_text != (name == "LABELS") or not _product(found.dimensions):
            msg = f"parameter {group}:{name} has type {found.kind}, {found.dimensions}"
            raise _DamageError(msg)
    if has_channels:
        used = parameters["ANALOG", "USED"].first or 0
        for name in ("OFFSET", "SCALE"):
            if _product(parameters["ANALOG", name].dimensions) < min(used, 255):
                msg = f"ANALOG:{name} is shorter than the {used} channels"
                raise _DamageError(msg)
