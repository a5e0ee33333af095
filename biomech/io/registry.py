"""Which module reads which format: a table that the modules fill by a decorator."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from biomech.errors import FormatError, did_you_mean


@dataclass(frozen=True)
class Reading:
    """How to read a file: what people may say where the file is silent or wrong.

    Attributes
    ----------
    rate_hz
        Frames per second, for formats without a clock.
    unit
        ``"m"``, ``"mm"``, ``"cm"`` or ``"px"``, instead of what the header says.
    axes
        Which axes of the file are forward, up and right, or ``"auto"``.
    mapping
        Marker mapping by name, a TOML file, or ``"auto"``.
    skeleton
        Skeleton by name, where the number of keypoints does not tell.
    size_px
        Width and height of the picture, for formats in fractions of it.
    """

    rate_hz: float | None = None
    unit: str | None = None
    axes: str = "auto"
    mapping: str = "auto"
    skeleton: str | None = None
    size_px: tuple[int, int] | None = None

    def rate(self, path: Path, /) -> float:
        """Give the frame rate, or say that the format needs one.

        Parameters
        ----------
        path
            The file, for the message.

        Returns
        -------
        Frames per second.

        Raises
        ------
        FormatError
            If there is none, or it is not positive.
        """
        if self.rate_hz is None:
            msg = f"{path} holds no clock: say the frame rate, such as rate_hz=30"
            raise FormatError(msg)
        if not self.rate_hz > 0:
            msg = f"rate_hz is {self.rate_hz}, must be above 0"
            raise FormatError(msg)
        return self.rate_hz


Reader = Callable[[Path, Reading], pl.DataFrame]
Sniffer = Callable[[Path, bytes], bool]


@dataclass(frozen=True)
class Format:
    """One way to read files.

    Attributes
    ----------
    name
        What people call it.
    holds
        What table comes out: poses, markers, events, forces or signals.
    suffixes
        Of its files, lower case; the empty string for folders.
    sniff
        Tells from the path and the first bytes whether a file is of this format.
    read
        The reader.
    """

    name: str
    holds: str
    suffixes: tuple[str, ...]
    sniff: Sniffer
    read: Reader


#: Every format, in the order in which "auto" tries them.
FORMATS: list[Format] = []

#: Bytes a sniffer may look at.
_HEAD = 65_536


def reads(
    holds: str, *, name: str, suffixes: Iterable[str], sniff: Sniffer
) -> Callable[[Reader], Reader]:
    """Register a reader.

    Parameters
    ----------
    holds
        What table comes out: poses, markers, events, forces or signals.
    name
        Of the format.
    suffixes
        Of its files, with the dot; the empty string for folders.
    sniff
        Tells from the path and the first bytes whether a file is of this format.

    Returns
    -------
    A decorator that leaves the reader as it is.
    """

    def decorate(reader: Reader) -> Reader:
        FORMATS.append(Format(name, holds, tuple(suffixes), sniff, reader))
        return reader

    return decorate


def find_format(path: Path, /, *holds: str, name: str = "auto") -> Format:
    """Find the reader for a file.

    Parameters
    ----------
    path
        A file, or a folder of files.
    *holds
        What tables are wanted, the best first.
    name
        Of the format, or ``"auto"`` to look at suffix and content.

    Returns
    -------
    The format.

    Raises
    ------
    FormatError
        If the name is unknown, the file does not exist, or no format fits.
    """
    able = [f for kind in holds for f in FORMATS if f.holds == kind]
    wanted = " or ".join(holds)
    if name != "auto":
        for candidate in able:
            if candidate.name == name:
                return candidate
        msg = f"no format {name!r} holds {wanted}"
        raise FormatError(msg + did_you_mean(name, {f.name for f in able}))
    head = _head(path)
    suffix = "" if path.is_dir() else path.suffix.lower()
    for candidate in able:
        if suffix in candidate.suffixes and candidate.sniff(path, head):
            return candidate
    if promised := sorted({f.name for f in able if suffix and suffix in f.suffixes}):
        msg = f"{path} does not hold what {' or '.join(promised)} promises ({suffix})"
        raise FormatError(msg)
    if others := sorted({f.holds for f in FORMATS if suffix and suffix in f.suffixes}):
        readers = " or ".join(f"read_{kind}" for kind in others)
        msg = f"{path} does not hold {wanted}; {suffix} files are for {readers}"
        raise FormatError(msg)
    msg = f"{path} is in no known format; known are {', '.join(_known())}"
    raise FormatError(msg)


def _known() -> list[str]:
    """List every format once, with all its suffixes."""
    suffixes: dict[str, set[str]] = {}
    for f in FORMATS:
        suffixes.setdefault(f.name, set()).update(s or "folder" for s in f.suffixes)
    return [
        f"{name} ({', '.join(sorted(suffixes[name]))})" for name in sorted(suffixes)
    ]


def _head(path: Path) -> bytes:
    if path.is_dir():
        return b""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror or error}"
        raise FormatError(msg) from error
    if not head.strip():
        msg = f"{path} is empty"
        raise FormatError(msg)
    return head
