"""What a pose model does to the truth: jitter, dropouts, swaps, constant offsets.

Every function takes a `poses` table and returns a new one, sorted by clip, track and
frame, so that the same seed gives the same answer whatever the order of the rows.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from biomech.arrays import coordinate_columns
from biomech.errors import ConfigError, UnitError
from biomech.schema import FRAME, POSES, TRACK, Poses, keypoint_columns
from biomech.skeletons import mirror_of

Array = NDArray[np.float64]


def add_noise(
    poses: Poses,
    /,
    *,
    sd_px: float | None = None,
    sd_m: float | None = None,
    correlation_s: float = 0.0,
    seed: int = 0,
) -> Poses:
    """Jitter every coordinate, and let the confidence tell.

    Parameters
    ----------
    poses
        A `poses` table.
    sd_px, sd_m
        Standard deviation per coordinate; the one of the table's unit is needed.
    correlation_s
        Time after which the correlation has fallen to 1/e: 0 is white noise, more is a
        first-order autoregressive process at the mean frame rate of each track.
    seed
        Of the random numbers.

    Returns
    -------
    The `poses` table with noise. Where there is a confidence column it becomes
    ``clip(0.9 - 0.05 |error| / sd + N(0, 0.08), 0, 1)``; nulls stay null.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table.
    UnitError
        If the standard deviation is in another unit than the table.
    ConfigError
        If a number is negative.
    """
    poses, sd = _sorted(poses), _amount(poses, sd_px, sd_m)
    if correlation_s < 0:
        msg = f"correlation_s is {correlation_s}, allowed are 0 and more"
        raise ConfigError(msg)
    rng = np.random.default_rng(seed)
    names = coordinate_columns(poses)
    noise = rng.normal(0.0, sd, (poses.height, len(names)))
    if correlation_s > 0:
        for rows in _tracks(poses):
            step_s = _mean_step_s(poses["time_s"][rows].to_numpy())
            noise[rows] = _correlated(noise[rows], np.exp(-step_s / correlation_s))
    error = dict(zip(names, noise.T, strict=True))
    jittered = [
        (pl.col(name) + pl.lit(pl.Series(values))).cast(poses.schema[name]).alias(name)
        for name, values in error.items()
    ]
    return poses.with_columns(jittered).with_columns(_confidence(poses, error, sd, rng))


def _confidence(
    poses: Poses, error: dict[str, Array], sd: float, rng: np.random.Generator
) -> Iterator[pl.Expr]:
    """Lower the confidence where the error is large."""
    for parts in keypoint_columns(poses.columns).values():
        if (name := parts.get("confidence")) is None or sd == 0:
            continue
        axes = [error[c] for axis, c in parts.items() if axis != "confidence"]
        size = np.linalg.norm(axes, axis=0) / sd
        told = 0.9 - 0.05 * size + rng.normal(0.0, 0.08, poses.height)
        series = pl.Series(np.clip(told, 0.0, 1.0).astype(np.float32))
        yield (
            pl.when(pl.col(name) > 0.0).then(pl.lit(series)).otherwise(name).alias(name)
        )


def _correlated(white: Array, memory: float) -> Array:
    """Filter white noise to first order, keeping its variance from the first row."""
    gain = np.sqrt(1 - memory**2)
    start = white[:1] * (1 - gain)
    filtered, _ = scipy.signal.lfilter([gain], [1.0, -memory], white, axis=0, zi=start)
    result: Array = filtered
    return result


def add_dropouts(
    poses: Poses,
    /,
    *,
    fraction: float = 0.05,
    max_burst_s: float = 0.12,
    seed: int = 0,
) -> Poses:
    """Lose keypoints for short times, each on its own.

    Parameters
    ----------
    poses
        A `poses` table.
    fraction
        Expected share of lost frames of every keypoint, 0 to 0.5.
    max_burst_s
        The longest loss; lengths are uniform from one frame to this.
    seed
        Of the random numbers.

    Returns
    -------
    The `poses` table with nulls, and confidence 0 there.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table.
    ConfigError
        If the fraction or the length is outside of what is allowed.
    """
    poses = _sorted(poses)
    if not 0 <= fraction <= 0.5 or max_burst_s < 0:
        msg = "allowed are fraction 0 to 0.5 and max_burst_s from 0; found "
        raise ConfigError(msg + f"{fraction} and {max_burst_s}")
    rng = np.random.default_rng(seed)
    keypoints = keypoint_columns(poses.columns)
    lost = np.zeros((poses.height, len(keypoints)), bool)
    for rows in _tracks(poses):
        step_s = _mean_step_s(poses["time_s"][rows].to_numpy())
        longest = max(1, int(max_burst_s / step_s + 1e-9))
        n_rows = rows.stop - rows.start
        for k in range(len(keypoints)):
            lost[rows, k] = _bursts(n_rows, fraction, (1, longest), rng)
    changes = []
    for k, parts in enumerate(keypoints.values()):
        gone = pl.lit(pl.Series(lost[:, k]))
        changes += [
            pl.when(gone)
            .then(0.0 if axis == "confidence" else None)
            .otherwise(column)
            .cast(poses.schema[column])
            .alias(column)
            for axis, column in parts.items()
        ]
    return poses.with_columns(changes)


class Swapped(NamedTuple):
    """Poses with swapped sides, and where they were swapped."""

    poses: Poses
    intervals: pl.DataFrame


#: Keypoints that are swapped together.
SWAP_PARTS = {
    "legs": ("hip", "knee", "ankle", "heel", "big_toe", "small_toe"),
    "arms": ("shoulder", "elbow", "wrist"),
}


def add_swaps(
    poses: Poses,
    /,
    *,
    fraction: float = 0.015,
    burst_frames: tuple[int, int] = (2, 5),
    part: str = "legs",
    seed: int = 0,
) -> Swapped:
    """Exchange left and right for a few frames at a time.

    Parameters
    ----------
    poses
        A `poses` table.
    fraction
        Expected share of swapped frames, 0 to 0.5.
    burst_frames
        Shortest and longest burst.
    part
        "legs" or "arms" (see `SWAP_PARTS`).
    seed
        Of the random numbers.

    Returns
    -------
    The `poses` table, and the swapped intervals: clip_id, track_id, start_frame,
    end_frame (not included), start_s, end_s (of the first frame after).

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table.
    ConfigError
        If a knob is outside of what is allowed.
    """
    poses = _sorted(poses)
    shortest, longest = burst_frames
    if (
        not 0 <= fraction <= 0.5
        or not 1 <= shortest <= longest
        or part not in SWAP_PARTS
    ):
        msg = (
            "allowed are fraction 0 to 0.5, 1 <= shortest <= longest burst and "
            f"part in {list(SWAP_PARTS)}; found {fraction}, {burst_frames}, {part!r}"
        )
        raise ConfigError(msg)
    rng = np.random.default_rng(seed)
    swapped = np.zeros(poses.height, bool)
    for rows in _tracks(poses):
        n_rows = rows.stop - rows.start
        swapped[rows] = _bursts(n_rows, fraction, burst_frames, rng)
    flag = pl.lit(pl.Series(swapped))
    names = {f"{side}_{p}" for side in ("left", "right") for p in SWAP_PARTS[part]}
    exchanged = [
        pl.when(flag).then(mirror_of(column)).otherwise(column).alias(column)
        for name, parts in keypoint_columns(poses.columns).items()
        if name in names
        for column in parts.values()
        if mirror_of(column) in poses.columns
    ]
    return Swapped(poses.with_columns(exchanged), _intervals(poses, swapped))


def _intervals(poses: Poses, flags: NDArray[np.bool_]) -> pl.DataFrame:
    """List the runs of flagged rows of every track."""
    step = pl.col("time_s").diff().mean().over(TRACK)
    marked = poses.select(*FRAME, "time_s").with_columns(
        flag=pl.Series(flags),
        next_frame=pl.col("frame").shift(-1).over(TRACK).fill_null(pl.col("frame") + 1),
        next_s=pl.col("time_s")
        .shift(-1)
        .over(TRACK)
        .fill_null(pl.col("time_s") + step),
    )
    run = pl.col("flag").rle_id().over(TRACK)
    return (
        marked.with_columns(run=run)
        .filter("flag")
        .group_by(*TRACK, "run", maintain_order=True)
        .agg(
            start_frame=pl.col("frame").first(),
            end_frame=pl.col("next_frame").last(),
            start_s=pl.col("time_s").first(),
            end_s=pl.col("next_s").last(),
        )
        .drop("run")
    )


def add_offsets(
    poses: Poses,
    /,
    *,
    sd_px: float | None = None,
    sd_m: float | None = None,
    seed: int = 0,
) -> Poses:
    """Misplace every keypoint of every track by a constant, as networks do.

    Parameters
    ----------
    poses
        A `poses` table.
    sd_px, sd_m
        Standard deviation of the constant per coordinate, in the table's unit.
    seed
        Of the random numbers.

    Returns
    -------
    The `poses` table, offset; confidence unchanged.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table.
    UnitError
        If the standard deviation is in another unit than the table.
    """
    poses, sd = _sorted(poses), _amount(poses, sd_px, sd_m)
    rng = np.random.default_rng(seed)
    names = coordinate_columns(poses)
    offset = np.zeros((poses.height, len(names)))
    for rows in _tracks(poses):
        offset[rows] = rng.normal(0.0, sd, len(names))
    return poses.with_columns(
        (pl.col(name) + pl.lit(pl.Series(offset[:, i])))
        .cast(poses.schema[name])
        .alias(name)
        for i, name in enumerate(names)
    )


def _sorted(poses: Poses) -> Poses:
    """Check a poses table and put its rows in order."""
    POSES.check(poses)
    return poses.sort(FRAME)


def _amount(poses: Poses, sd_px: float | None, sd_m: float | None) -> float:
    """Choose the standard deviation that fits the table's unit."""
    in_px = any(name.endswith("_x_px") for name in poses.columns)
    wanted, other = (sd_px, sd_m) if in_px else (sd_m, sd_px)
    if wanted is None or other is not None:
        unit = "px" if in_px else "m"
        msg = f"these poses are in {unit}: give sd_{unit} and only that"
        raise UnitError(msg)
    if wanted < 0:
        msg = f"a standard deviation is {wanted}, allowed are 0 and more"
        raise ConfigError(msg)
    return wanted


def _tracks(poses: Poses) -> Iterator[slice]:
    """Give the rows of every track of a sorted table."""
    lengths = poses.group_by(TRACK, maintain_order=True).len()["len"]
    ends = np.cumsum(lengths.to_numpy())
    for start, end in zip(ends - lengths.to_numpy(), ends, strict=True):
        yield slice(int(start), int(end))


def _mean_step_s(time_s: Array) -> float:
    """Measure the mean time between frames; a lone frame counts as 1/30 s."""
    if len(time_s) < 2:
        return 1 / 30
    return float((time_s[-1] - time_s[0]) / (len(time_s) - 1))


def _bursts(
    n_rows: int, fraction: float, burst: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Alternate spells of true, of the given lengths, and false, at random."""
    if fraction == 0 or n_rows == 0:
        return np.zeros(n_rows, bool)
    mean_true = (burst[0] + burst[1]) / 2
    # Spells of false are geometric, at least one frame, with the mean that gives the
    # fraction; the first begins at random, as if the process had always been running.
    mean_false = max(mean_true * (1 - fraction) / fraction, 1.0)
    n_spells = n_rows // (burst[0] + 1) + 1
    spells = np.stack(
        [
            rng.geometric(1 / mean_false, n_spells),
            rng.integers(burst[0], burst[1] + 1, n_spells),
        ],
        axis=1,
    ).ravel()
    flags = np.repeat(np.tile([False, True], n_spells), spells)
    return flags[:n_rows]
