"""DeepLabCut: tracked points as CSV."""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biomech.errors import FormatError
from biomech.io.registry import Reading, reads
from biomech.io.source import clip_id_of, read_text
from biomech.io.tracked import tracked_table
from biomech.markers import Markers

Array = NDArray[np.float64]

_LEVELS = ("scorer", "individuals", "bodyparts", "coords")


def _is_deeplabcut(_path: Path, head: bytes) -> bool:
    return head.lstrip()[:7].lower() == b"scorer,"


@reads("markers", name="deeplabcut", suffixes=(".csv",), sniff=_is_deeplabcut)
def read_deeplabcut(path: Path, how: Reading, /) -> Markers:
    """Read the points of a DeepLabCut CSV file, of one or several individuals.

    Parameters
    ----------
    path
        A file with the header rows scorer, (individuals,) bodyparts and coords.
    how
        The frame rate.

    Returns
    -------
    A marker table in pixels (y down), a track per individual, ``<point>_confidence``
    where the file has likelihoods; null where cells are empty.

    Raises
    ------
    FormatError
        If the header rows are not those, or a cell is not a number.
    """
    rows = [r for r in csv.reader(read_text(path).splitlines()) if any(r)]
    header = {r[0].strip().lower(): r[1:] for r in rows[:4] if r[0].lower() in _LEVELS}
    body = [r for r in rows[len(header) :] if r]
    if not {"bodyparts", "coords"} <= header.keys() or not body:
        msg = f"{path}: needs header rows 'bodyparts' and 'coords' and a row of data"
        raise FormatError(msg)
    parts, coords = header["bodyparts"], header["coords"]
    longest = max(len(r) for r in body)
    lead = longest - len(parts)  # index columns, of which the header names one
    body = [[*r, *[""] * (longest - len(r))] for r in body]
    who = header.get("individuals", [""] * len(parts))
    width = min(len(parts), len(coords), len(who))
    try:
        cells = [[float(x) if x.strip() else np.nan for x in r[lead:]] for r in body]
        values = np.array(cells)[:, :width]
    except ValueError as error:
        msg = f"{path}: a cell is not a number ({error})"
        raise FormatError(msg) from error
    columns = list(zip(who, parts, coords, strict=False))[:width]
    time = np.arange(len(values)) / how.rate(path)
    return tracked_table(values, columns, time, clip_id=clip_id_of(path))
