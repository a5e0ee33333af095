"""Tracks as a whole: how well they were seen, and joining what belongs together."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import to_array
from biomech.blocks import by_time
from biomech.body import built_height
from biomech.errors import ConfigError
from biomech.schema import FRAME, POSES, TRACK, Poses

Array = NDArray[np.float64]


def track_quality(poses: Poses, /) -> pl.DataFrame:
    """Tell how well every track was seen.

    Parameters
    ----------
    poses
        A `poses` table.

    Returns
    -------
    One row per track, the longest first within a clip: ``clip_id, track_id``,
    ``n_frames``, ``duration_s``, ``rate_hz`` (of the median step), ``coverage_pct``
    (rows over the frames from first to last), ``seen_pct`` (keypoints that are not
    null), ``confidence`` (mean), ``height_<unit>`` (body height by its segments),
    ``longest_gap_s`` (between rows).

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table, or its time does not grow.
    """
    POSES.check(poses)
    ordered, tracks = by_time(poses)
    array = to_array(ordered)
    height = built_height(array)
    frame, time = ordered["frame"].to_numpy(), ordered["time_s"].to_numpy()
    rows = []
    for part in tracks:
        step = np.diff(time[part])
        told = array.confidence[part][np.isfinite(array.confidence[part])]
        tall = height[part][np.isfinite(height[part])]
        points = np.isfinite(array.xyz[part][..., 0])
        whole = int(frame[part.stop - 1] - frame[part.start]) + 1
        rows.append(
            (
                len(points),
                float(time[part.stop - 1] - time[part.start]),
                float(1 / np.median(step)) if step.size else None,
                100.0 * len(points) / whole,
                100.0 * float(points.mean()) if points.size else 0.0,
                float(told.mean()) if told.size else None,
                float(np.median(tall)) if tall.size else None,
                float(step.max()) if step.size else 0.0,
            )
        )
    schema = {
        "n_frames": pl.Int32,
        "duration_s": pl.Float64,
        "rate_hz": pl.Float64,
        "coverage_pct": pl.Float64,
        "seen_pct": pl.Float64,
        "confidence": pl.Float64,
        f"height_{array.unit}": pl.Float64,
        "longest_gap_s": pl.Float64,
    }
    keys = ordered.select(TRACK)[[part.start for part in tracks]]
    table = pl.concat(
        [keys, pl.DataFrame(rows, schema, orient="row")], how="horizontal"
    )
    return table.sort("clip_id", -pl.col("n_frames"), "track_id")


class _End(NamedTuple):
    """Where and when a track begins or ends, and how tall the person is there."""

    time: float
    place: Array
    height: float


def stitch_tracks(
    poses: Poses, /, *, max_gap_s: float = 1.0, max_distance_bh: float = 0.75
) -> Poses:
    """Give one number to tracks that go on where another ended.

    Parameters
    ----------
    poses
        A `poses` table.
    max_gap_s
        Longest time between the end of one and the start of the next.
    max_distance_bh
        Largest distance between the two, in body heights; both may be of different
        height by a quarter.

    Returns
    -------
    The `poses` table, sorted by clip, track and frame, with the number of the earliest
    part for all parts. The time between them stays empty.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table, or its time does not grow.
    ConfigError
        If a limit is negative.

    Notes
    -----
    Greedy: the nearest pair in space and time is joined first, each end is used once.
    It knows nothing of looks: two people who meet while hidden can be taken for each
    other.
    """
    POSES.check(poses)
    if not (max_gap_s >= 0 and max_distance_bh >= 0):
        msg = f"limits must not be negative; found {max_gap_s}, {max_distance_bh}"
        raise ConfigError(msg)
    ordered, tracks = by_time(poses)
    keys = [ordered.row(part.start)[:2] for part in tracks]
    first, last = _ends(ordered, tracks)
    pairs = sorted(
        (cost, a, b)
        for a, b in _same_clip(keys)
        if (cost := _cost(last[a], first[b], max_gap_s, max_distance_bh)) is not None
    )
    heads = list(range(len(tracks)))
    used_ends: set[int] = set()
    used_starts: set[int] = set()
    for _, a, b in pairs:
        if a not in used_ends and b not in used_starts:
            used_ends.add(a)
            used_starts.add(b)
            heads[b] = a
    number = np.empty(ordered.height, np.int64)
    for i, part in enumerate(tracks):
        head = i
        while heads[head] != head:
            head = heads[head]
        number[part] = keys[head][1]
    joined = pl.Series("track_id", number).cast(ordered.schema["track_id"])
    return ordered.with_columns(joined).sort(FRAME, maintain_order=True)


def _same_clip(keys: list[tuple[str, int]]) -> Iterator[tuple[int, int]]:
    for a, (clip, _) in enumerate(keys):
        for b, (other, _) in enumerate(keys):
            if a != b and clip == other:
                yield a, b


def _ends(poses: Poses, tracks: list[slice]) -> tuple[list[_End], list[_End]]:
    """Look at the first and the last frames of every track in which it is seen."""
    array = to_array(poses)
    there = np.isfinite(array.xyz)
    total = np.where(there, array.xyz, 0.0).sum(axis=1)
    with np.errstate(invalid="ignore"):
        middle = total / there.sum(axis=1)
    height, time = built_height(array), poses["time_s"].to_numpy()
    first: list[_End] = []
    last: list[_End] = []
    for part in tracks:
        seen = np.flatnonzero(np.isfinite(middle[part]).all(axis=1)) + part.start
        tall = height[part][np.isfinite(height[part])]
        size = float(np.median(tall)) if tall.size else np.nan
        nowhere = np.full(middle.shape[1], np.nan)
        for row, ends, which in ((part.start, first, 0), (part.stop - 1, last, -1)):
            place = middle[seen[which]] if seen.size else nowhere
            ends.append(_End(float(time[row]), place, size))
    return first, last


def _cost(
    end: _End, start: _End, max_gap_s: float, max_distance_bh: float
) -> float | None:
    """Say how unlikely it is that a track goes on in another; None if it cannot."""
    gap = start.time - end.time
    size = max(end.height, start.height)
    far = float(np.linalg.norm(start.place - end.place)) / size
    alike = min(end.height, start.height) > 0.75 * size
    if not (0 < gap <= max_gap_s and far <= max_distance_bh and alike):
        return None
    return far / max(max_distance_bh, 1e-9) + gap / max(max_gap_s, 1e-9)
