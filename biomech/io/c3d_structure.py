"""Whether the parts of a C3D file fit together.

The library that reads them trusts the numbers in a file and may end the whole program
when they are wrong, so they are checked before.
"""

import math
import struct
from collections.abc import Iterator

_BLOCK = 512
#: Processor codes: Intel, DEC and SGI; only the last has the high byte first.
_PROCESSORS = {84: "<", 85: "<", 86: ">"}
#: Where the sign of the scale factor is, by processor; DEC numbers have it in their
#: second byte.
_SIGN = {84: 15, 85: 13, 86: 12}
_MOST_DIMENSIONS = 7
_TYPES = (-1, 1, 2, 4)


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
    order = _PROCESSORS.get(content[_processor(content)])
    if order is None:
        return f"unknown processor code {content[_processor(content)]}"
    return next(_broken_parameters(content, base + 4, order), None) or _cut_data(
        content, order
    )


def _processor(content: bytes) -> int:
    return (content[0] - 1) * _BLOCK + 3


def _broken_parameters(content: bytes, at: int, order: str) -> Iterator[str]:
    """Walk along the groups and parameters, of which each points to the next."""
    seen = 0
    while at + 4 < len(content):
        n_letters, group = struct.unpack_from("bb", content, at)
        if n_letters == 0 or group == 0:
            break
        link = at + 2 + abs(n_letters)
        if link + 4 > len(content):
            yield "a parameter lies outside the file"
            return
        (step,) = struct.unpack_from(order + "H", content, link)
        size = _size(content, link + 2) if group > 0 else 0
        if size < 0 or link + 2 + size > len(content) or (step and size > step):
            yield "a parameter is larger than its place"
            return
        if step == 0:
            break
        at, seen = link + step, seen + 1
    if not seen:
        yield "no parameters"


def _size(content: bytes, at: int) -> int:
    """Give the bytes of type, dimensions and values of a parameter; -1 if senseless."""
    kind: int = struct.unpack_from("b", content, at)[0]
    n_dimensions = content[at + 1]
    dimensions = content[at + 2 : at + 2 + n_dimensions]
    if kind not in _TYPES or n_dimensions > _MOST_DIMENSIONS:
        return -1
    if len(dimensions) < n_dimensions:
        return -1
    return 2 + n_dimensions + abs(kind) * math.prod(dimensions)


def _cut_data(content: bytes, order: str) -> str | None:
    """Compare the size of the data section with the least that the header promises."""
    words = struct.unpack_from(order + "8H", content, 2)
    n_points, n_analog, first, last, start = words[0], words[1], *words[2:4], words[7]
    if last < first or start < 1:
        return f"frames {first} to {last}, data in block {start}"
    n_frames = last - first + 1
    # A negative scale says that values are real numbers, else integers of two bytes.
    is_real = content[_SIGN[content[_processor(content)]]] >= 0x80
    least = n_frames * (4 if is_real else 2) * (4 * n_points + n_analog)
    if (start - 1) * _BLOCK + least > len(content):
        return f"cut: {n_frames} frames of {n_points} points do not fit the file"
    return None
