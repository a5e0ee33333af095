"""Metrics of repetitions: count, tempo, depth, evenness, symmetry."""

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from biomech.metrics import Metric, estimate, metric, metrics_table, refused
from biomech.quality import Grade, grade_of, worst
from biomech.repetitions.segmentation import samples_of
from biomech.schema import METRICS, REPETITIONS, SIGNALS, TRACK, Metrics, Signals

Array = NDArray[np.float64]

#: Error of a time between two moments: 2 degrees of noise at 60 frames/s move the begin
#: of a squat of 100 degrees and 2 s by this much.
TIME_SD_S = 0.03


def repetition_metrics(
    repetitions: pl.DataFrame,
    /,
    signal: Signals | None = None,
    *,
    left: str = "left_knee_flexion_deg",
    right: str = "right_knee_flexion_deg",
    error_deg: float = 2.0,
) -> Metrics:
    """Summarise the repetitions of each track: count, tempo, depth, symmetry.

    Parameters
    ----------
    repetitions
        From `repetitions`.
    signal
        The signals they were found in; needed for symmetry, and for tracks without
        any repetition to say none.
    left, right
        The columns to compare for symmetry.
    error_deg
        Standard deviation of the systematic error of a joint angle, in degrees; it
        widens the interval of depth and cannot be averaged away.

    Returns
    -------
    A `metrics` table: repetition_count, repetition_time, lowering_time,
    repetition_hold, raising_time, repetition_pause, repetition_depth,
    repetition_range, repetition_depth_cv, repetition_symmetry, repetition_odd_count for
    every track; refused with ``no_events`` where nothing repeats.

    Raises
    ------
    SchemaError
        If a table is not what it should be.
    """
    REPETITIONS.check(repetitions)
    tracks = repetitions.select(TRACK)
    if signal is not None:
        SIGNALS.check(signal)
        tracks = pl.concat([tracks, signal.select(TRACK)], how="vertical_relaxed")
    parts = [METRICS.empty()]
    for clip_id, track_id in tracks.unique().sort(TRACK).iter_rows():
        of_track = (pl.col("clip_id") == clip_id) & (pl.col("track_id") == track_id)
        mine = repetitions.filter(of_track)
        pair = _pair(signal, of_track, left, right)
        rows = _rows(mine, pair, error_deg)
        parts.append(metrics_table(rows, clip_id=clip_id, track_id=track_id))
    return pl.concat(parts)


def _pair(
    signal: Signals | None, of_track: pl.Expr, left: str, right: str
) -> tuple[Array, Array] | None:
    """Take time and right minus left, or None without both sides."""
    if signal is None or not {left, right} <= set(signal.columns):
        return None
    mine = signal.filter(of_track).sort("frame")
    time, difference = samples_of(mine.select("time_s", pl.col(right) - pl.col(left)))
    return (time, difference) if len(time) else None


_TIMES = {
    "repetition_time": pl.col("end_s") - pl.col("start_s"),
    "lowering_time": pl.col("lowering_time_s"),
    "repetition_hold": pl.col("hold_time_s"),
    "raising_time": pl.col("raising_time_s"),
    "repetition_pause": pl.col("pause_s"),
}
_ANGLES = {"repetition_depth": "depth_deg", "repetition_range": "range_deg"}


def _rows(
    found: pl.DataFrame, pair: tuple[Array, Array] | None, error_deg: float
) -> list[Metric]:
    n = found.height
    grade = grade_of(n < 3)
    rows = [_count("repetition_count", n, n)]
    for name, expression in _TIMES.items():
        times = found.select(expression.drop_nulls()).to_series().to_numpy()
        reason = "no_events" if n == 0 else "too_few_cycles"
        rows.append(
            metric(name, estimate(times, error_sd=TIME_SD_S), grade=grade)
            if len(times)
            else refused(name, reason, n=n)
        )
    return [*rows, *_depth_rows(found, pair, error_deg, grade)]


def _depth_rows(
    found: pl.DataFrame,
    pair: tuple[Array, Array] | None,
    error_deg: float,
    grade: Grade,
) -> list[Metric]:
    n = found.height
    others = ("repetition_depth_cv", "repetition_symmetry", "repetition_odd_count")
    if n == 0 or "depth_deg" not in found.columns:
        reason = "no_events" if n == 0 else "not_an_angle"
        return [refused(name, reason, n=n) for name in (*_ANGLES, *others)]
    rows = [
        metric(name, estimate(found[column].to_numpy(), bias_sd=error_deg), grade=grade)
        for name, column in _ANGLES.items()
    ]
    rows.append(_cv(found["depth_deg"].to_numpy(), grade))
    rows.append(_symmetry(found, pair, error_deg, grade))
    odd = int(found["is_odd"].sum())
    rows.append(
        _count(others[2], odd, n)
        if n >= 4
        else refused(others[2], "too_few_cycles", n=n)
    )
    return rows


def _symmetry(
    found: pl.DataFrame,
    pair: tuple[Array, Array] | None,
    error_deg: float,
    grade: Grade,
) -> Metric:
    if pair is None:
        return refused("repetition_symmetry", "missing_keypoints", n=found.height)
    difference = np.interp(found["deepest_s"].to_numpy(), *pair)
    # Both sides carry the error: the difference has it twice.
    found_deg = estimate(difference, bias_sd=float(np.sqrt(2) * error_deg))
    # No one camera sees both legs in the plane in which they bend.
    return metric("repetition_symmetry", found_deg, grade=worst(grade, "B"))


def _count(name: str, value: int, n: int) -> Metric:
    exact = estimate([float(value)])._replace(n=n)
    return metric(name, exact, grade="A")


def _cv(depth: Array, grade: Grade) -> Metric:
    """Give the coefficient of variation with its chi-squared interval."""
    n = len(depth)
    if n < 3 or depth.mean() <= 0:
        return refused("repetition_depth_cv", "too_few_cycles", n=n)
    cv = 100.0 * float(depth.std(ddof=1) / depth.mean())
    low, high = np.sqrt((n - 1) / scipy.stats.chi2.ppf([0.95, 0.05], n - 1)) * cv
    found = estimate([cv])._replace(low=float(low), high=float(high), n=n)
    return metric("repetition_depth_cv", found, grade=grade)
