"""Work along time: tables sorted into tracks, columns as one block per track.

A block holds contiguous rows of one track and many columns, channel by channel in
memory. Filters run on blocks, not on one polars window per column.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.errors import SchemaError
from biomech.schema import FRAME, TRACK

Array = NDArray[np.float64]

#: Samples (frames times columns) given to a kernel at once.
PARCEL = 1_000_000


def by_time(df: pl.DataFrame, /) -> tuple[pl.DataFrame, list[slice]]:
    """Sort a table by track and frame, and say where each track lies.

    Parameters
    ----------
    df
        A table with the key ``clip_id, track_id, frame`` and ``time_s``.

    Returns
    -------
    The sorted table, and one slice of rows per track.

    Raises
    ------
    SchemaError
        If time does not grow from frame to frame; the message names the tracks.
    """
    if df.is_empty():
        return df, []
    starts = _starts(df)
    if not _is_sorted(df, starts):
        df = df.sort(FRAME, maintain_order=True)
        starts = _starts(df)
    _check_time(df, starts)
    stops = [*starts[1:].tolist(), df.height]
    return df, [slice(a, b) for a, b in zip(starts.tolist(), stops, strict=True)]


def each_track(df: pl.DataFrame, /) -> Iterator[tuple[tuple[str, int], pl.DataFrame]]:
    """Go through the tracks of a table, each sorted by frame.

    Parameters
    ----------
    df
        A table with the key ``clip_id, track_id, frame`` and ``time_s``.

    Yields
    ------
    The clip and track, and its rows.

    Raises
    ------
    SchemaError
        As `by_time`.
    """
    df, tracks = by_time(df)
    for rows in tracks:
        clip_id, track_id = df.select(TRACK).row(rows.start)
        yield (clip_id, track_id), df[rows]


def _starts(df: pl.DataFrame) -> NDArray[np.intp]:
    """List the rows whose clip or track is not that of the row before."""
    lengths = [df[c].rle().struct.field("len").to_numpy() for c in TRACK]
    stops = [np.cumsum(n, dtype=np.intp) for n in lengths]
    return np.unique(np.concatenate([[0], *(s[:-1] for s in stops)]))


def _is_sorted(df: pl.DataFrame, starts: NDArray[np.intp]) -> bool:
    """Tell whether tracks are in order, in one piece each, and their frames grow."""
    heads = df.select(TRACK)[starts].rows()
    grows = np.diff(df["frame"].to_numpy()) > 0
    grows[starts[1:] - 1] = True
    return all(a < b for a, b in itertools.pairwise(heads)) and bool(grows.all())


def _check_time(df: pl.DataFrame, starts: NDArray[np.intp]) -> None:
    """Refuse timestamps that repeat, run backwards or are missing."""
    time = df["time_s"].to_numpy()
    grows = np.isfinite(time)
    later = np.diff(time) > 0
    later[starts[1:] - 1] = True
    grows[1:] &= later
    if grows.all():
        return
    bad = df.select(*TRACK, "frame").filter(pl.Series(~grows))
    places = bad.group_by(TRACK, maintain_order=True).agg(
        pl.len(), pl.col("frame").first()
    )
    named = [
        f"clip {clip!r} track {track}: {n} times, first at frame {frame}"
        for clip, track, n, frame in places.head(5)
        .select(*TRACK, "len", "frame")
        .rows()
    ]
    msg = f"'time_s' does not grow ({places.height} tracks): " + "; ".join(named)
    raise SchemaError(msg)


def along_time(
    df: pl.DataFrame,
    kernel: Callable[[Array, Array], Array],
    /,
    *,
    columns: Sequence[str],
    names: Sequence[str] | None = None,
) -> pl.DataFrame:
    """Apply a kernel ``(x, time) -> x`` to columns of every track.

    Parameters
    ----------
    df
        A table with the key of `FRAME` and ``time_s``.
    kernel
        Takes samples, shape (frames, columns) with NaN for missing, and seconds. It
        gets the columns of a track in parcels that fit the cache.
    columns
        Which columns; each is independent of the others.
    names
        What to call the results; by default they replace the columns.

    Returns
    -------
    The table sorted by track and frame, with the results: Float32 if all columns are,
    else Float64; null for NaN.

    Raises
    ------
    SchemaError
        If time does not grow from frame to frame of a track.
    """
    df, tracks = by_time(df)
    if not columns:
        return df
    chosen, time = df.select(columns), df["time_s"].to_numpy()
    single = set(chosen.dtypes) == {pl.Float32}
    out = np.empty((len(columns), df.height), np.float32 if single else np.float64)
    for rows in tracks:
        size = max(1, PARCEL // (rows.stop - rows.start))
        for first in range(0, len(columns), size):
            part = slice(first, first + size)
            block = chosen[rows, part].to_numpy(order="fortran")
            out[part, rows] = kernel(block, time[rows]).T
    return df.with_columns(series_of(out.T, names or columns))


def block_of(df: pl.DataFrame, columns: Sequence[str]) -> Array:
    """Copy columns into a matrix whose columns are contiguous; NaN for null."""
    block: Array = (
        df.select(pl.col(columns).cast(pl.Float64)).to_numpy(
            order="fortran", writable=True
        )
        if df.height
        else np.zeros((0, len(columns)))
    )
    return block


def series_of(block: Array, names: Sequence[str]) -> list[pl.Series]:
    """Make columns of a matrix; null for NaN and infinity."""
    columns = []
    for name, column in zip(names, block.T, strict=True):
        finite = np.isfinite(column)
        if finite.all():
            columns.append(pl.Series(name, np.ascontiguousarray(column)))
        else:
            clean = np.where(finite, column, np.nan)
            columns.append(pl.Series(name, clean, nan_to_null=True))
    return columns
