"""Work along time: tables sorted into tracks, columns as one block per track.

A block holds contiguous rows of one track and many columns, channel by channel in
memory. Filters run on blocks, not on one polars window per column.
"""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.errors import SchemaError
from biomech.schema import FRAME, TRACK

Array = NDArray[np.float64]


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
    df = df.sort(FRAME, maintain_order=True)
    if df.is_empty():
        return df, []
    first = df.select(
        (pl.struct(TRACK) != pl.struct(TRACK).shift(1)).fill_null(value=True)
    ).to_series()
    _check_time(df, first)
    starts = first.arg_true().to_list()
    stops = [*starts[1:], df.height]
    return df, [slice(a, b) for a, b in zip(starts, stops, strict=True)]


def _check_time(df: pl.DataFrame, first: pl.Series) -> None:
    """Refuse timestamps that repeat, run backwards or are missing."""
    step = pl.col("time_s").diff()
    grows = (first | (step > 0.0)) & pl.col("time_s").is_finite()
    bad = df.filter(~grows.fill_null(value=False))
    if bad.is_empty():
        return
    places = bad.group_by(TRACK, maintain_order=True).agg(
        pl.len(), pl.col("frame").first()
    )
    named = [
        f"clip {clip!r} track {track}: {n} times, first at frame {frame}"
        for clip, track, n, frame in places.head(5).iter_rows()
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
    dtype: type[pl.DataType] = pl.Float64,
) -> pl.DataFrame:
    """Apply a kernel ``(x, time) -> x`` to columns of every track.

    Parameters
    ----------
    df
        A table with the key of `FRAME` and ``time_s``.
    kernel
        Takes samples, shape (frames, columns) with NaN for missing, and seconds.
    columns
        Which columns; each is independent of the others.
    names
        What to call the results; by default they replace the columns.
    dtype
        Of the results, and of the work.

    Returns
    -------
    The table sorted by track and frame, with the results; null for NaN.

    Raises
    ------
    SchemaError
        If time does not grow from frame to frame of a track.
    """
    df, tracks = by_time(df)
    if not columns:
        return df
    x = block_of(df, columns, dtype=dtype)
    time = df["time_s"].to_numpy()
    out = np.full_like(x, np.nan)
    for rows in tracks:
        out[rows] = kernel(x[rows], time[rows])
    return df.with_columns(series_of(out, names or columns))


def block_of(
    df: pl.DataFrame, columns: Sequence[str], *, dtype: type[pl.DataType] = pl.Float64
) -> Array:
    """Copy columns into a matrix whose columns are contiguous; NaN for null."""
    block: Array = (
        df.select(pl.col(columns).cast(dtype)).to_numpy(order="fortran", writable=True)
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
