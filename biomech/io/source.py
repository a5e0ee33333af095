"""Files of others: named by content, read as text, parsed as numbers."""

import hashlib
import io
import json
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.errors import FormatError

Array = NDArray[np.float64]

#: How files write "no value", after trimming and in lower case.
_MISSING = ("", "nan", "-nan", "inan", "null", "none", "na", "n/a", "inf", "-inf")
#: Characters of a file name kept in a `clip_id`; of four bytes each they still leave
#: room in the 255 bytes that systems allow.
_STEM_LENGTH = 48
#: Hexadecimal digits of the content hash in a `clip_id`: 40 bits, so that among a
#: million clips of the same stem a collision has a chance of one half.
_HASH_LENGTH = 10


def clip_id_of(path: Path, /) -> str:
    """Name a clip after a file or folder: its stem made safe, and a hash of content.

    Parameters
    ----------
    path
        A file, or a folder of files.

    Returns
    -------
    Such as ``"walk_1-0123456789"``, the same wherever the file lies.
    """
    digest = hashlib.sha256()
    for part in sorted(path.iterdir()) if path.is_dir() else [path]:
        if part.is_file():
            digest.update(part.read_bytes())
    name = path.name if path.is_dir() else path.stem
    return named_clip(name, digest.hexdigest())


def named_clip(name: str, sha256: str, /) -> str:
    """Name a clip: a name made safe, and a short hash of the content.

    Letters and digits of any script stay; everything else becomes an underscore, so
    that the name is safe in paths, addresses and pages.

    Parameters
    ----------
    name
        The stem of a file, or the name of a folder.
    sha256
        Hash of its content.

    Returns
    -------
    A name, the same wherever the file lies.
    """
    stem = unicodedata.normalize("NFC", name)
    safe = re.sub(r"\W+", "_", stem).strip("_")[:_STEM_LENGTH] or "clip"
    return f"{safe}-{sha256[:_HASH_LENGTH]}"


def read_bytes(path: Path, /) -> bytes:
    """Read a file whole.

    Parameters
    ----------
    path
        A file.

    Returns
    -------
    Its content.

    Raises
    ------
    FormatError
        If it does not exist, cannot be read or is empty.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror or error}"
        raise FormatError(msg) from error
    if not content.strip():
        msg = f"{path} is empty"
        raise FormatError(msg)
    return content


def read_text(path: Path, /) -> str:
    """Read a text file whole, in UTF-8 or Latin-1, with any line ends.

    Parameters
    ----------
    path
        A file.

    Returns
    -------
    Its text, lines ended by a line feed.

    Raises
    ------
    FormatError
        If it does not exist, is empty or is not text.
    """
    content = read_bytes(path)
    if b"\x00" in content[:4096]:
        msg = f"{path} is not a text file"
        raise FormatError(msg)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_json(path: Path, /) -> Any:
    """Read a JSON file; lines of JSON become a list.

    Parameters
    ----------
    path
        A file.

    Returns
    -------
    What it holds; NaN and Infinity are numbers.

    Raises
    ------
    FormatError
        If it does not exist, is empty or is no JSON.
    """
    text = read_text(path)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        broken = error
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except json.JSONDecodeError:
        msg = f"{path} is not JSON: {broken.msg} in line {broken.lineno}"
        raise FormatError(msg) from broken


def number_in(name: str, /) -> int | None:
    """Find the frame number in the name of a file: the last run of digits.

    Parameters
    ----------
    name
        Such as ``"run_000000000058_keypoints.json"``.

    Returns
    -------
    The number, or None if there are no digits.

    Examples
    --------
    >>> number_in("run2_000000000058_keypoints.json"), number_in("run.json")
    (58, None)
    """
    digits = re.findall(r"\d+", Path(name).stem)
    return int(digits[-1]) if digits else None


def files_of_frames(path: Path, pattern: str, /) -> dict[int, Path]:
    """List the files of a folder that holds one per frame.

    Parameters
    ----------
    path
        The folder, or a single file.
    pattern
        Of the names, such as ``"*.json"``.

    Returns
    -------
    Files by frame, in the order of their names: by the number in the name, or by place
    where a name has none or two have the same.
    """
    files = sorted(path.glob(pattern)) if path.is_dir() else [path]
    numbers = [number_in(file.name) for file in files]
    if None in numbers or len(set(numbers)) < len(numbers):
        return dict(enumerate(files))
    return {n: file for n, file in zip(numbers, files, strict=True) if n is not None}


def numbers(lines: Sequence[str], /, *, columns: int, where: str) -> Array:
    """Parse lines of numbers separated by tabs (or blanks where there are no tabs).

    Parameters
    ----------
    lines
        One row each; blank lines must have been left out.
    columns
        How many numbers a row has; further cells must be empty.
    where
        File and part, for messages.

    Returns
    -------
    Shape (rows, columns); NaN for empty cells and the usual ways to write "missing".

    Raises
    ------
    FormatError
        If the last row is cut short, a row is too long or a cell is not a number.
    """
    if not lines:
        msg = f"{where}: no rows of data"
        raise FormatError(msg)
    if "\t" not in lines[0]:
        lines = ["\t".join(line.split()) for line in lines]
    widths = np.array([line.count("\t") + 1 for line in lines])
    usual = int(widths[:-1].max()) if len(widths) > 1 else columns
    if widths[-1] < min(columns, usual):
        msg = f"{where}: the last row is cut short: {widths[-1]} of {columns} cells"
        raise FormatError(msg)
    cells = _cells(lines, max(int(widths.max()), columns))
    return _parse(cells, columns, where)


def _cells(lines: Sequence[str], columns: int) -> pl.DataFrame:
    names = [f"column_{i}" for i in range(columns)]
    return pl.read_csv(
        io.BytesIO("\n".join(lines).encode()),
        separator="\t",
        has_header=False,
        schema=dict.fromkeys(names, pl.String),
        quote_char=None,
        truncate_ragged_lines=True,
        missing_columns="insert",
    )


def _parse(cells: pl.DataFrame, columns: int, where: str) -> Array:
    """Turn text into numbers, refusing what is neither a number nor missing."""
    texts = cells.select(pl.all().fill_null("").str.strip_chars())
    extra = texts[:, columns:]
    if any((s != "").any() for s in extra):
        msg = f"{where}: rows have more than the {columns} cells the header names"
        raise FormatError(msg)
    texts = texts[:, :columns]
    values = texts.select(pl.all().cast(pl.Float64, strict=False))
    for name in values.columns:
        if not values[name].null_count():
            continue
        bad = texts[name].filter(
            values[name].is_null() & ~texts[name].str.to_lowercase().is_in(_MISSING)
        )
        if len(bad):
            column = int(name.removeprefix("column_")) + 1
            msg = f"{where}: column {column} has {bad[0]!r} where a number should be"
            raise FormatError(msg)
    matrix = values.to_numpy()
    return np.where(np.isfinite(matrix), matrix, np.nan)
