"""Marker tables: points of any name in space, as motion-capture files hold them.

A marker table is a `signals` table whose columns are ``<marker>_x_m, <marker>_y_m,
<marker>_z_m`` (or ``_x_px, _y_px``). `biomech.marker_maps.to_poses` makes poses of it.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import nan_to_null
from biomech.errors import SchemaError, UnitError
from biomech.schema import FRAME, SIGNALS, Signals

Array = NDArray[np.float64]
Markers = pl.DataFrame

_KEY = (*FRAME, "time_s")
_COLUMN = re.compile(r"(?P<marker>.+)_(?P<axis>[xyz])_(?P<unit>m|px)")
_CONFIDENCE = "_confidence"


class MarkerArray(NamedTuple):
    """A marker table as arrays.

    Attributes
    ----------
    frames
        The key columns ``clip_id, track_id, frame, time_s``.
    names
        The markers, in the order of axis 1.
    xyz
        Coordinates, shape (frames, markers, dims); NaN where missing.
    unit
        ``"m"`` or ``"px"``.
    confidence
        Shape (frames, markers), 0 to 1; None if no marker has any.
    """

    frames: pl.DataFrame
    names: tuple[str, ...]
    xyz: Array
    unit: str
    confidence: Array | None = None


def marker_array(markers: Markers, /) -> MarkerArray:
    """Turn a marker table into arrays.

    Parameters
    ----------
    markers
        A marker table.

    Returns
    -------
    A `MarkerArray`; dims is 3 if any marker has a z, missing axes are NaN.

    Raises
    ------
    SchemaError
        If it is not a `signals` table, or has no marker columns.
    UnitError
        If metres and pixels are mixed.
    """
    SIGNALS.check(markers)
    found = [m for m in map(_COLUMN.fullmatch, markers.columns) if m]
    units = sorted({m["unit"] for m in found})
    if not found:
        msg = (
            "not a marker table: no columns such as 'LASI_x_m'; "
            f"it has {markers.columns[:8]}"
        )
        raise SchemaError(msg)
    if len(units) > 1:
        msg = "a marker table has one unit, found both metres and pixels"
        raise UnitError(msg)
    names = tuple(dict.fromkeys(m["marker"] for m in found))
    axes = "xyz" if any(m["axis"] == "z" for m in found) else "xy"
    xyz = np.full((markers.height, len(names), len(axes)), np.nan)
    position = {name: i for i, name in enumerate(names)}
    for match in found:
        values = markers[match.string].cast(pl.Float64).to_numpy()
        xyz[:, position[match["marker"]], axes.index(match["axis"])] = values
    confidence = _confidence(markers, names)
    return MarkerArray(markers.select(_KEY), names, xyz, units[0], confidence)


def _confidence(markers: Markers, names: Sequence[str]) -> Array | None:
    """Copy the confidence columns; NaN for markers without one."""
    columns = [n + _CONFIDENCE if n + _CONFIDENCE in markers else None for n in names]
    if not any(columns):
        return None
    confidence = np.full((markers.height, len(names)), np.nan)
    for i, column in enumerate(columns):
        if column is not None:
            confidence[:, i] = markers[column].cast(pl.Float64).to_numpy()
    return confidence


def marker_table(
    frames: pl.DataFrame,
    /,
    *,
    names: Sequence[str],
    xyz: Array,
    unit: str,
    confidence: Array | None = None,
) -> Markers:
    """Build a marker table from arrays; the inverse of `marker_array`.

    Parameters
    ----------
    frames
        The key columns ``clip_id, track_id, frame, time_s``.
    names
        One per position on axis 1 of `xyz`.
    xyz
        Shape (frames, markers, dims), NaN for missing.
    unit
        ``"m"`` or ``"px"``; pixels keep two axes.
    confidence
        Shape (frames, markers); adds columns ``<marker>_confidence``.

    Returns
    -------
    A marker table, Float64, null where NaN. A name that occurs again gets a number.

    Raises
    ------
    SchemaError
        If the shapes do not agree.
    """
    if xyz.shape[:2] != (frames.height, len(names)):
        msg = f"xyz has shape {xyz.shape}, expected {(frames.height, len(names))}"
        raise SchemaError(msg)
    axes = "xy" if unit == "px" else "xyz"[: xyz.shape[2]]
    columns = [f"{n}_{a}_{unit}" for n in _distinct(names) for a in axes]
    n_columns = len(names) * len(axes)
    flat = xyz[:, :, : len(axes)].reshape(frames.height, n_columns)
    if confidence is not None:
        columns += [n + _CONFIDENCE for n in _distinct(names)]
        flat = np.column_stack([flat, confidence])
    values = pl.DataFrame(flat, schema=dict.fromkeys(columns, pl.Float64))
    return nan_to_null(pl.concat([frames, values], how="horizontal"))


def key_columns(clip_id: str, time_s: Array, /, *, track_id: int = 0) -> Signals:
    """Make the key of a table: one track, frames counted from 0.

    Parameters
    ----------
    clip_id
        Name of the clip.
    time_s
        Time of every frame.
    track_id
        The person.

    Returns
    -------
    The columns ``clip_id, track_id, frame, time_s``.
    """
    return pl.DataFrame(
        {
            "clip_id": pl.repeat(clip_id, len(time_s), dtype=pl.String, eager=True),
            "track_id": pl.repeat(track_id, len(time_s), dtype=pl.Int32, eager=True),
            "frame": pl.arange(len(time_s), dtype=pl.Int32, eager=True),
            "time_s": pl.Series(time_s, dtype=pl.Float64),
        }
    )


def _distinct(names: Sequence[str]) -> list[str]:
    """Give a number to names that occur again: ``V_R.TT, V_R.TT_2``."""
    seen: dict[str, int] = {}
    distinct = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        distinct.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return distinct
