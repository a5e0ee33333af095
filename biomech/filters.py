"""Cleaning poses step by step: mask, reject outliers, fill gaps, low-pass, resample.

Every function takes a table and gives the same table, sorted by clip, track and frame,
with other numbers. What cannot be mended becomes null; `biomech.clean` does all of it.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray

from biomech.arrays import axes_of, coordinate_columns, to_array
from biomech.blocks import along_time, block_of, by_time, series_of
from biomech.errors import ConfigError, did_you_mean
from biomech.kernels import signal
from biomech.kernels.filters import Convention
from biomech.kernels.median import outliers, rolling_median
from biomech.kernels.runs import AT_ONCE, usual_step
from biomech.schema import FRAME, POSES, SIGNALS, TRACK, Poses, keypoint_columns
from biomech.units import unit_of

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: No picture is wider and no pitch longer: beyond this a coordinate is no coordinate.
ABSURD = {"px": 1e5, "m": 1e4}
#: Least spread for the outlier test, in heights of what is seen of the person. Four of
#: it are 2 % of body height: less is not a jump but noise, for the smoother to mend, or
#: somebody who starts to move.
LEAST_SPREAD = 0.005


def mask_low_confidence(poses: Poses, /, *, min_confidence: float = 0.3) -> Poses:
    """Make null what the model does not trust, and what cannot be a coordinate.

    Parameters
    ----------
    poses
        A `poses` table.
    min_confidence
        Keypoints below it lose their coordinates, 0 to 1. A null confidence is left
        alone: it says that nobody knows.

    Returns
    -------
    The `poses` table. Infinite and absurd coordinates (beyond 100,000 px or 10 km) are
    null too, and pixels at exactly (0, 0), by which pose models mark what is missing;
    confidences are unchanged.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table.
    ConfigError
        If the limit is not between 0 and 1.
    """
    POSES.check(poses)
    if not 0 <= min_confidence <= 1:
        msg = f"min_confidence is {min_confidence}, allowed is 0 to 1"
        raise ConfigError(msg)
    columns = []
    for parts in keypoint_columns(poses.columns).values():
        axes = [column for axis, column in parts.items() if axis != "confidence"]
        good = pl.all_horizontal(
            pl.col(c).abs() <= ABSURD[unit_of(c) or "m"] for c in axes
        )
        if "x_px" in parts:
            good &= pl.any_horizontal(pl.col(c) != 0.0 for c in axes)
        if "confidence" in parts:
            good &= pl.col(parts["confidence"]).fill_null(1.0) >= min_confidence
        columns += [pl.when(good).then(c).alias(c) for c in axes]
    return poses.with_columns(columns).sort(FRAME, maintain_order=True)


def reject_outliers(
    poses: Poses, /, *, window_s: float = 0.2, n_sd: float = 4.0
) -> Poses:
    """Make null what jumps away from its neighbours in time (Hampel).

    Every keypoint is looked at relative to the middle of the hips, and the slope of
    each window is taken off, so that running or kicking is no jump.

    Parameters
    ----------
    poses
        A `poses` table.
    window_s
        Length of the window around each frame; at least nine frames are taken.
    n_sd
        How far from the window's median, in robust standard deviations.

    Returns
    -------
    The `poses` table; all coordinates of an outlier are null, confidence unchanged.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table, or its time does not grow.
    ConfigError
        If a knob is not positive.
    """
    POSES.check(poses)
    if not (0 < window_s < np.inf and n_sd > 0):
        msg = f"window_s and n_sd must be positive; found {window_s}, {n_sd}"
        raise ConfigError(msg)
    ordered, tracks = by_time(poses)
    array = to_array(ordered)
    if array.xyz.size == 0:
        return ordered
    bad = np.zeros(array.xyz.shape[:2], bool)
    time = ordered["time_s"].to_numpy()
    hips = [k for k, name in enumerate(array.keypoints) if name.endswith("_hip")]
    for rows in tracks:
        xyz = array.xyz[rows]
        bad[rows] = _jumps(xyz, time[rows], hips, window_s=window_s, n_sd=n_sd)
    columns = []
    for k, axes in enumerate(axes_of(ordered).values()):
        kept = pl.lit(pl.Series(~bad[:, k]))
        columns += [pl.when(kept).then(c).alias(c) for c in axes]
    return ordered.with_columns(columns)


def _jumps(
    xyz: Array, time: Array, hips: list[int], *, window_s: float, n_sd: float
) -> Flags:
    """Find outliers of one track, shape (frames, keypoints)."""
    n, points, dims = xyz.shape
    if n < 4:
        return np.zeros((n, points), bool)
    step_s = usual_step(time)
    n_samples = 2 * max(4, round(window_s / step_s / 2)) + 1
    carrier = _carrier(xyz, time, hips)
    size = np.nanmax(xyz, axis=1, initial=-np.inf) - np.nanmin(
        xyz, axis=1, initial=np.inf
    )
    tall = size[np.isfinite(size).all(axis=1)].max(axis=1)
    least = LEAST_SPREAD * float(np.median(tall)) if len(tall) else 0.0
    found = np.zeros((n, points), bool)
    n_parts = min(points, math.ceil(xyz.size / AT_ONCE))
    for part in np.array_split(np.arange(points), n_parts):
        paths = (xyz[:, part] - carrier).reshape(n, -1)
        far = outliers(paths, n_samples=n_samples, n_sd=n_sd, least=least)
        found[:, part] = far.reshape(n, -1, dims).any(axis=2)
    return found


def _carrier(xyz: Array, time: Array, hips: list[int]) -> Array:
    """Path of the middle of the hips without its own jumps, shape (frames, 1, dims)."""
    if not hips:
        return np.zeros((len(xyz), 1, xyz.shape[2]))
    seen = np.isfinite(xyz[:, hips])
    total = np.where(seen, xyz[:, hips], 0.0).sum(axis=1)
    with np.errstate(invalid="ignore"):
        middle = total / seen.sum(axis=1)
    smooth = rolling_median(middle, n_samples=5)
    known = np.isfinite(smooth).all(axis=1)
    if not known.any():
        return np.zeros((len(xyz), 1, xyz.shape[2]))
    paths = [np.interp(time, time[known], axis[known]) for axis in smooth.T]
    return np.stack(paths, axis=-1)[:, None]


def fill_gaps(
    poses: Poses,
    /,
    *,
    max_gap_s: float | Mapping[str, float] = 0.15,
    method: Literal["cubic", "linear", "pchip"] = "cubic",
) -> Poses:
    """Fill short gaps by interpolation in time.

    Parameters
    ----------
    poses
        A `poses` table.
    max_gap_s
        The longest gap to fill, from the sample before it to the sample after; a number
        or one per keypoint.
    method
        ``"cubic"`` spline, ``"linear"`` or shape-preserving ``"pchip"``.

    Returns
    -------
    The `poses` table. Longer gaps, and the time before the first and after the last
    sample, stay null; confidence is unchanged.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table, or its time does not grow.
    ConfigError
        If a limit is negative or the method unknown.

    Notes
    -----
    A cubic spline misses the ankle of a walker by 0.3, 1.9 and 4.8 cm at worst in gaps
    of 0.1, 0.2 and 0.3 s (at 60 frames per second), of a runner by 1.2, 5.8 and 13.5:
    hence the limits of `biomech.BANDS`.
    """
    POSES.check(poses)
    limits = _limits(poses, max_gap_s)
    for limit in sorted(set(limits.values())):
        columns = [c for c in coordinate_columns(poses) if limits[c] == limit]

        def kernel(x: Array, time: Array, limit: float = limit) -> Array:
            return signal.fill(x, time, max_gap_s=limit, method=method)

        poses = along_time(poses, kernel, columns=columns)
    return poses.sort(FRAME, maintain_order=True)


def _limits(poses: Poses, limit_s: float | Mapping[str, float]) -> dict[str, float]:
    """Give the limit of every coordinate column."""
    keypoints = axes_of(poses)
    per_keypoint = (
        dict(limit_s)
        if isinstance(limit_s, Mapping)
        else dict.fromkeys(keypoints, limit_s)
    )
    wrong = {k: v for k, v in per_keypoint.items() if not v >= 0}
    if wrong or not per_keypoint.keys() >= keypoints.keys():
        lacking = sorted(keypoints.keys() - per_keypoint.keys())
        msg = f"max_gap_s must be 0 or more for every keypoint; found {wrong}, "
        raise ConfigError(msg + f"lacking {lacking}")
    return {c: float(per_keypoint[k]) for k, axes in keypoints.items() for c in axes}


def lowpass(
    table: pl.DataFrame,
    /,
    *,
    cutoff_hz: float = 6.0,
    convention: Convention = "effective",
    columns: Sequence[str] | None = None,
) -> pl.DataFrame:
    """Smooth poses or signals with a zero-lag Butterworth filter, order 4.

    Parameters
    ----------
    table
        A `poses` or `signals` table.
    cutoff_hz
        The cut-off, at most 0.45 of the frame rate.
    convention
        ``"effective"``: 3 dB at ``cutoff_hz`` (Winter). ``"per_pass"``: 6 dB there and
        3 dB at 0.802 of it, as in Sports2D, OpenCap and most scripts.
    columns
        Which columns. By default all coordinates of poses, all numbers of signals.

    Returns
    -------
    The same table. Gaps stay null and nothing reaches across them.

    Raises
    ------
    SchemaError
        If it is neither table, or its time does not grow.
    ConfigError
        If the cut-off is not positive or too high for the frame rate, or a column is
        unknown.
    """
    chosen = _numbers(table) if columns is None else list(columns)
    if unknown := sorted(set(chosen) - set(table.columns)):
        msg = f"no column {unknown[0]!r}" + did_you_mean(unknown[0], table.columns)
        raise ConfigError(msg)

    def kernel(x: Array, time: Array) -> Array:
        return signal.lowpass(x, time, cutoff_hz=cutoff_hz, convention=convention)

    return along_time(table, kernel, columns=chosen)


def _numbers(table: pl.DataFrame) -> list[str]:
    """List the columns that are measured along time."""
    POSES.check(table)  # the key is the same for both
    if keypoint_columns(table.columns):
        return coordinate_columns(table)
    SIGNALS.check(table)
    return table.select(cs.float() - cs.by_name("time_s")).columns


def resample(
    table: pl.DataFrame, /, *, rate_hz: float, max_gap_s: float = 0.15
) -> pl.DataFrame:
    """Read poses or signals at even times, the same for all tracks.

    Parameters
    ----------
    table
        A `poses` or `signals` table.
    rate_hz
        Rows per second.
    max_gap_s
        The longest gap to read across.

    Returns
    -------
    The same kind of table with a row at every whole multiple of ``1 / rate_hz`` within
    each track: ``frame`` is that multiple and no longer that of the video. Numbers come
    from cubic splines, confidences from straight lines; other columns are dropped.

    Raises
    ------
    SchemaError
        If it is neither table, or its time does not grow.
    ConfigError
        If the rate is not positive.
    """
    _numbers(table)
    if not (0 < rate_hz < np.inf and max_gap_s >= 0):
        msg = "rate_hz must be positive and max_gap_s not negative; found "
        raise ConfigError(msg + f"{rate_hz}, {max_gap_s}")
    ordered, tracks = by_time(table)
    names = ordered.select(cs.float() - cs.by_name("time_s")).columns
    block, time = block_of(ordered, names), ordered["time_s"].to_numpy()
    straight = np.array([n.endswith("_confidence") for n in names], bool)
    parts = [ordered.select(*FRAME, "time_s", *names).clear()]
    for rows in tracks:
        x, seconds = block[rows], time[rows]
        first, last = seconds[[0, -1]] * rate_hz
        number = np.arange(np.ceil(first - 1e-6), np.floor(last + 1e-6) + 1)
        grid = np.clip(number / rate_hz, seconds[0], seconds[-1])
        new = np.empty((len(grid), len(names)))
        new[:, ~straight] = signal.resample(
            x[:, ~straight], seconds, grid, max_gap_s=max_gap_s
        )
        new[:, straight] = signal.resample(
            x[:, straight], seconds, grid, max_gap_s=max_gap_s, method="linear"
        )
        key = ordered.select(TRACK)[rows.start : rows.start + 1]
        part = pl.DataFrame(
            {"frame": number.astype(np.int32), "time_s": number / rate_hz}
        )
        part = key.join(part, how="cross").with_columns(series_of(new, names))
        parts.append(part.cast(parts[0].schema))
    return pl.concat(parts)
