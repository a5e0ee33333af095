"""Left and right exchanged by the pose model: find it, undo it, list it."""

from collections.abc import Collection

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import PoseArray, axes_of, keypoints_of, to_array
from biomech.blocks import by_time
from biomech.errors import SchemaError
from biomech.kernels.runs import usual_step
from biomech.kernels.signal import fill
from biomech.schema import FRAME, POSES, TRACK, Poses, keypoint_columns
from biomech.skeletons import mirror_of

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Points that a pose model exchanges together, in the order from the trunk outwards.
CHAINS: dict[str, tuple[str, ...]] = {
    "legs": ("hip", "knee", "ankle", "heel", "big_toe", "small_toe"),
    "arms": ("shoulder", "elbow", "wrist", "index", "pinky", "thumb"),
}
#: What a change between normal and exchanged costs, in half squared standard
#: deviations of the second difference, summed over the points of the chain. With 6 and
#: hardly anything for the time between, the legs of 104 of 240 correct frames of a pose
#: model's run were exchanged, from one crossing of the legs to the next.
SWITCH_COST = 20.0
#: A point's cost ends here, so that one wild point cannot decide for the chain.
MOST_COST = 12.0
#: A frame's cost ends at that of so many points: those of one limb err together.
#: Without an end, one wild frame of a rendered run exchanged the legs until the next
#: crossing; with 3, as many exchanges put into real walks and runs are undone.
MOST_POINTS = 3
#: Exchanged costs this much per second: what lasts must be seen clearly at both ends.
#: Of exchanges of a second put into real and made walks and runs, 49 of 52 are undone
#: with 60, 24 with 120; with 30, right frames of a rendered walk are exchanged.
EXCHANGED_COST_S = 60.0
#: Points that hardly move are taken to move at least this part of the liveliest one.
LEAST_SCALE = 1e-3
#: Gaps up to this are bridged in a straight line to look for exchanges.
BRIDGE_S = 0.15


def fix_swaps(poses: Poses, /, *, parts: tuple[str, ...] = ("legs", "arms")) -> Poses:
    """Undo exchanges of left and right, for the legs and for the arms.

    Parameters
    ----------
    poses
        A `poses` table, as detected; not smoothed.
    parts
        Which chains: ``"legs"``, ``"arms"``.

    Returns
    -------
    The `poses` table, sorted by clip, track and frame; in repaired frames all points of
    the chain, with their confidence, have changed sides. `swap_intervals` lists them.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table, its time does not grow, or a part is unknown.

    Notes
    -----
    Every frame is normal or exchanged; the cheapest sequence of states is found by
    dynamic programming (Viterbi). A step costs the squared second difference of every
    point over its usual variance (robust, of the same track), weighted by confidence
    and bounded, by point and by frame; a change of state costs 20, and being exchanged
    60 a second. Both legs together must move evenly, which also decides while they
    cross. Exchanges of up to a second are undone, fewer of longer ones. What is
    exchanged for most of a recording is taken for normal, and the rest is exchanged to
    match.
    """
    POSES.check(poses)
    if unknown := sorted(set(parts) - set(CHAINS)):
        msg = f"unknown parts {unknown}; known are {sorted(CHAINS)}"
        raise SchemaError(msg)
    ordered, tracks = by_time(poses)
    for part in parts:
        pairs = _pairs(keypoints_of(ordered), part)
        if not pairs:
            continue
        array = to_array(ordered, keypoints=[name for pair in pairs for name in pair])
        flags = np.zeros(ordered.height, bool)
        for rows in tracks:
            flags[rows] = _exchanged(array, pairs, rows)
        ordered = _exchange(ordered, pairs, flags)
    return ordered


def swap_intervals(before: Poses, after: Poses, /) -> pl.DataFrame:
    """List where `fix_swaps` exchanged the sides.

    Parameters
    ----------
    before, after
        The `poses` table before and after the repair.

    Returns
    -------
    One row per interval: ``clip_id, track_id``, ``part`` ("legs" or "arms"),
    ``start_frame`` and ``end_frame`` (not included), ``start_s`` and ``end_s`` (time of
    the first and of the last exchanged frame).

    Raises
    ------
    SchemaError
        If the tables are not `poses` tables of the same frames, or time does not grow.
    """
    POSES.check(before)
    POSES.check(after)
    before, after = by_time(before)[0], by_time(after)[0]
    if not before.select(FRAME).equals(after.select(FRAME)):
        msg = "the two tables do not hold the same frames"
        raise SchemaError(msg)
    lists = [_intervals(before, _changed(before, after, part), part) for part in CHAINS]
    return pl.concat(lists).sort(*TRACK, "start_frame", "part")


def _pairs(keypoints: Collection[str], part: str) -> list[tuple[str, str]]:
    """Left and right names of the points of a chain that both exist."""
    names = [(f"left_{p}", f"right_{p}") for p in CHAINS[part]]
    return [pair for pair in names if set(pair) <= set(keypoints)]


def _exchanged(array: PoseArray, pairs: list[tuple[str, str]], rows: slice) -> Flags:
    """Find the exchanged frames of one track."""
    time = array.time_s[rows]
    if len(time) < 4:
        return np.zeros(len(time), bool)
    sides = [[array.position(name) for name in pair] for pair in pairs]
    xyz = fill(array.xyz[rows][:, sides], time, max_gap_s=BRIDGE_S, method="linear")
    told = np.nan_to_num(array.confidence[rows][:, sides], nan=1.0).min(axis=-1)
    weight = np.minimum(np.minimum(told[2:], told[1:-1]), told[:-2])
    even = np.abs(np.diff(time) / usual_step(time) - 1) < 0.5
    weight *= (even[1:] & even[:-1])[:, None]
    exchanged = EXCHANGED_COST_S * usual_step(time)
    return _cheapest(_step_costs(xyz, weight, exchanged), exchanged)


def _step_costs(xyz: Array, weight: Array, exchanged: float) -> Array:
    """Cost of every step for the states of three frames.

    Parameters
    ----------
    xyz
        Shape (frames, points, 2 sides, dims).
    weight
        Shape (frames - 2, points).
    exchanged
        Cost of every exchanged frame.

    Returns
    -------
    Shape (frames - 2, 2, 2, 2): the states, 0 normal and 1 exchanged, of two frames
    before, one before, and now.
    """
    seen = (xyz, xyz[:, :, ::-1])

    def square(a: int, b: int) -> Array:
        bend = xyz[2:] - 2 * seen[b][1:-1] + seen[a][:-2]
        size: Array = (bend**2).sum(axis=-1).mean(axis=-1)
        return size

    squares = np.array([[square(a, b) for b in (0, 1)] for a in (0, 1)])
    usual = [np.median(v[v > 0]) if (v > 0).any() else 1.0 for v in squares[0, 0].T]
    scale = np.maximum(usual, max(usual) * LEAST_SCALE)
    cost = np.minimum(squares / scale / 2, MOST_COST) * weight
    told = np.minimum(np.nan_to_num(cost).sum(axis=-1), MOST_POINTS * MOST_COST)
    before, now = np.indices((2, 2, 2))[1:]
    # Exchanging all three frames costs what exchanging none does.
    steps = np.stack([told, told[::-1, ::-1]], axis=2)
    extra = SWITCH_COST * np.abs(now - before) + exchanged * now
    return np.asarray(np.moveaxis(steps, -1, 0) + extra)


def _cheapest(costs: Array, exchanged: float) -> Flags:
    """Find the cheapest sequence of states (Viterbi); one flag per frame."""
    n = len(costs)
    total = SWITCH_COST * np.array([[0.0, 1.0], [1.0, 0.0]])
    total += exchanged * np.array([[0.0, 1.0], [1.0, 2.0]])
    choice = np.empty((n, 2, 2), np.int8)
    for t in range(n):
        ways = total[:, :, None] + costs[t]
        choice[t] = ways.argmin(axis=0)
        total = ways.min(axis=0)
    states = np.zeros(n + 2, bool)
    before, now = np.unravel_index(total.argmin(), (2, 2))
    for t in range(n - 1, -1, -1):
        states[t + 2], states[t + 1] = now, before
        before, now = choice[t, before, now], before
    states[0] = before
    return states


def _exchange(poses: Poses, pairs: list[tuple[str, str]], flags: Flags) -> Poses:
    """Exchange the columns of both sides in the flagged rows."""
    if not flags.any():
        return poses
    flag = pl.lit(pl.Series(flags))
    names = {name for pair in pairs for name in pair}
    columns = [
        column
        for name, parts in keypoint_columns(poses.columns).items()
        if name in names
        for column in parts.values()
        if mirror_of(column) in poses.columns
    ]
    return poses.with_columns(
        pl.when(flag).then(mirror_of(c)).otherwise(c).alias(c) for c in columns
    )


def _changed(before: Poses, after: Poses, part: str) -> Flags:
    """Rows in which a left coordinate of the chain now is what the right one was."""
    names = {f"left_{p}" for p in CHAINS[part]}
    changed = np.zeros(before.height, bool)
    for name, (column, *_) in axes_of(before).items():
        if name in names and mirror_of(column) in before.columns:
            moved = after[column].ne_missing(before[column])
            there = after[column].eq_missing(before[mirror_of(column)])
            changed |= (moved & there).to_numpy()
    return changed


def _intervals(poses: Poses, flags: Flags, part: str) -> pl.DataFrame:
    """List the runs of flagged rows of every track."""
    marked = poses.select(*FRAME, "time_s", flag=pl.Series(flags))
    run = pl.col("flag").rle_id().over(TRACK)
    return (
        marked.with_columns(run=run)
        .filter("flag")
        .group_by(*TRACK, "run", maintain_order=True)
        .agg(
            start_frame=pl.col("frame").first(),
            end_frame=pl.col("frame").last() + 1,
            start_s=pl.col("time_s").first(),
            end_s=pl.col("time_s").last(),
        )
        .select(
            *TRACK,
            pl.lit(part).alias("part"),
            *("start_frame", "end_frame", "start_s", "end_s"),
        )
    )
