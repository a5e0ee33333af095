"""Cycles: signals cut into strides, stretched to 0 to 100 %, and averaged."""

from collections.abc import Iterable

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray

from biomech.blocks import each_track
from biomech.schema import (
    CYCLES,
    FRAME,
    SIGNALS,
    STRIDES,
    TRACK,
    Cycles,
    Signals,
    Strides,
)
from biomech.units import unit_of

Array = NDArray[np.float64]

#: 0 to 100 % in steps of one, as all gait laboratories do.
PHASES = np.arange(101.0)
_KEY = (*TRACK, "side", "stride_id", "phase_pct")


def cycles(signals: Signals, strides: Strides, /) -> Cycles:
    """Cut signals into strides and stretch each to 101 points.

    A left stride keeps the columns of the left side, under a name without the side, and
    those without side; a right stride likewise.

    Parameters
    ----------
    signals
        A `signals` table, such as that of `joint_angles`.
    strides
        A `strides` table of the same tracks.

    Returns
    -------
    A `cycles` table: 101 rows per stride, ``phase_pct`` from 0 (contact) to 100 (next
    contact of the same foot), and the columns of `signals`, ``left_knee_flexion_deg``
    as ``knee_flexion_deg`` of side ``left``. Null where the signal is missing or the
    stride reaches over its ends.

    Raises
    ------
    SchemaError
        If `signals` or `strides` is not such a table.

    Notes
    -----
    Straight lines between samples; nothing is read across a null.
    """
    SIGNALS.check(signals)
    STRIDES.check(strides)
    names = _names(signals.columns)
    by_track = dict(each_track(signals))
    groups = strides.sort(*TRACK, "side", "start_s").group_by(
        *TRACK, "side", maintain_order=True
    )
    parts = [
        _stretched(by_track[key[0], key[1]], part, str(key[2]), names)
        for key, part in groups
        if (key[0], key[1]) in by_track
    ]
    fixed = CYCLES.empty().with_columns(
        pl.lit(None, pl.Float64).alias(n) for n in names
    )
    return pl.concat([fixed, *parts]) if parts else fixed


def _names(columns: Iterable[str]) -> list[str]:
    """List the columns of the cycles: without side, each once."""
    rest = [c for c in columns if c not in (*FRAME, "time_s")]
    return list(
        dict.fromkeys(c.removeprefix("left_").removeprefix("right_") for c in rest)
    )


def _stretched(
    signals: Signals, strides: Strides, side: str, names: list[str]
) -> Cycles:
    time = signals["time_s"].cast(pl.Float64).to_numpy()
    start, end = (strides[n].cast(pl.Float64).to_numpy() for n in ("start_s", "end_s"))
    times = start[:, None] + (end - start)[:, None] * PHASES / 100
    key = strides.select(
        *TRACK, pl.col("side").cast(CYCLES.columns["side"].dtype), "stride_id"
    )
    rows = key.with_columns(phase_pct=pl.lit(PHASES.tolist())).explode("phase_pct")
    columns = []
    for name in names:
        own = f"{side}_{name}" if f"{side}_{name}" in signals.columns else name
        values = np.full(times.shape, np.nan)
        if own in signals.columns:
            found = signals[own].cast(pl.Float64).to_numpy()
            values = np.interp(times, time, found, left=np.nan, right=np.nan)
        columns.append(pl.Series(name, values.ravel(), nan_to_null=True))
    return rows.with_columns(columns)


def ensemble(cycles: Cycles, /) -> pl.DataFrame:
    """Average the cycles of each side.

    Parameters
    ----------
    cycles
        A `cycles` table.

    Returns
    -------
    One row per track, side and phase: for ``knee_flexion_deg`` the columns
    ``knee_flexion_mean_deg``, ``knee_flexion_sd_deg`` (sample standard deviation, null
    for one cycle), and ``n_knee_flexion`` (cycles behind it); nulls are left out.

    Raises
    ------
    SchemaError
        If `cycles` is not a `cycles` table.
    """
    CYCLES.check(cycles)
    names = [c for c in cycles.select(cs.float()).columns if c not in _KEY]
    means = [pl.col(n).mean().alias(_inside(n, "mean")) for n in names]
    sds = [pl.col(n).std().alias(_inside(n, "sd")) for n in names]
    counts = [pl.col(n).count().cast(pl.Int32).alias(f"n_{_bare(n)}") for n in names]
    grouped = cycles.group_by(*TRACK, "side", "phase_pct").agg(*means, *sds, *counts)
    return grouped.sort(*TRACK, "side", "phase_pct")


def _bare(name: str) -> str:
    return name.removesuffix(f"_{unit_of(name)}")


def _inside(name: str, what: str) -> str:
    """Put a word before the unit: ``knee_deg`` and ``mean`` is ``knee_mean_deg``."""
    return f"{_bare(name)}_{what}_{unit_of(name)}"
