"""Which way a person faces in the picture: what makes flexion positive.

Keypoints are never mirrored: a runner to the left keeps the left knee on the left knee,
and only the sign of angles in the picture takes the direction into account.
"""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import PoseArray, to_array
from biomech.blocks import by_time
from biomech.body import SIDES, mean_of, point_of
from biomech.schema import POSES, Poses

Array = NDArray[np.float64]

#: Sources of evidence in the order of trust, each with the size, in trunk lengths, that
#: is clear enough (median over the frames of the mean over a second): about half of
#: what an adult seen from the side shows (foot 0.5 trunk lengths, nose before the ears
#: 0.2, knee before hip and ankle 0.06 on the average of a stride, and a walk of two
#: trunk lengths in the clip).
SOURCES = {"feet": 0.2, "face": 0.08, "knees": 0.02, "travel": 2.0}
#: A turn counts when the other direction is clear for this long.
TURN_S = 1.0
#: A source that is seen in fewer frames is passed over.
LEAST_SEEN = 0.2


class _Facing(NamedTuple):
    """Direction of every row (+1 or -1), and per track how it was found."""

    direction: Array
    tracks: pl.DataFrame


def facing(poses: Poses, /) -> pl.DataFrame:
    """Tell for every track which way the person faces in the picture.

    Parameters
    ----------
    poses
        A `poses` table, in pixels or metres.

    Returns
    -------
    One row per track: ``clip_id, track_id``, ``direction`` (Int32: 1 towards +x, -1
    towards -x), ``source`` (``"feet"``, ``"face"``, ``"knees"``, ``"travel"``, or
    ``"none"`` when nothing told and 1 was assumed), ``agreement_ratio`` (share of
    frames that agree) and ``n_turns``.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table, or its time does not grow.

    Notes
    -----
    Toes before heels, nose before ears, knees before the line from hip to ankle, and
    the way the hips travel: the first of them that is clear, averaged over one second,
    decides. Inside the track the direction turns where this is clearly the other way.
    """
    POSES.check(poses)
    ordered, tracks = by_time(poses)
    return _facing(to_array(ordered), tracks).tracks


def directions(array: PoseArray, tracks: list[slice]) -> Array:
    """Give the direction of every row, +1 or -1; 3D poses know it by their hips."""
    return _facing(array, tracks).direction


def _facing(array: PoseArray, tracks: list[slice]) -> _Facing:
    direction = np.ones(len(array.xyz))
    rows = []
    for part in tracks:
        one = array._replace(xyz=array.xyz[part], frames=array.frames[part])
        source, way, evidence = _decide(one)
        if source != "none":
            direction[part] = _with_turns(evidence, way, SOURCES[source])
        sign = np.sign(evidence[np.isfinite(evidence)])
        agreement = float((sign == way).mean()) if sign.size else None
        turns = int((np.diff(direction[part]) != 0).sum())
        rows.append((*one.frames.row(0)[:2], int(way), source, agreement, turns))
    schema = {
        "clip_id": pl.String,
        "track_id": pl.Int32,
        "direction": pl.Int32,
        "source": pl.String,
        "agreement_ratio": pl.Float64,
        "n_turns": pl.Int32,
    }
    return _Facing(direction, pl.DataFrame(rows, schema=schema, orient="row"))


def _decide(array: PoseArray) -> tuple[str, float, Array]:
    """Take the first clear source of a track: its name, direction and evidence."""
    time = array.time_s
    for source, values in _evidence(array).items():
        if np.isfinite(values).mean() < LEAST_SEEN:
            continue
        mean = _over_a_turn(values, time)
        if np.nanmedian(np.abs(mean)) >= SOURCES[source]:
            way = 1.0 if np.nanmean(np.sign(mean)) >= 0 else -1.0
            return source, way, mean
    return "none", 1.0, np.full(len(time), np.nan)


def _evidence(array: PoseArray) -> dict[str, Array]:
    """How far the front of the body is towards +x, in trunk lengths, by source."""
    trunk = np.linalg.norm(_middle(array, "shoulder") - _middle(array, "hip"), axis=-1)
    size = np.nanmedian(trunk) if (trunk > 0).any() else np.nan
    feet = [
        point_of(array, f"{s}_big_toe") - point_of(array, f"{s}_heel") for s in SIDES
    ]
    ears = mean_of([point_of(array, f"{s}_ear") for s in SIDES])
    knees = [
        point_of(array, f"{s}_knee")
        - (point_of(array, f"{s}_hip") + point_of(array, f"{s}_ankle")) / 2
        for s in SIDES
    ]
    hip = _middle(array, "hip")[:, 0]
    seen = hip[np.isfinite(hip)]
    travel = seen[-1] - seen[0] if seen.size else np.nan
    return {
        "feet": mean_of(feet)[:, 0] / size,
        "face": (point_of(array, "nose") - ears)[:, 0] / size,
        "knees": mean_of(knees)[:, 0] / size,
        "travel": np.where(np.isfinite(hip), travel / size, np.nan),
    }


def _middle(array: PoseArray, joint: str) -> Array:
    return mean_of([point_of(array, f"{side}_{joint}") for side in SIDES])


def _over_a_turn(evidence: Array, time: Array) -> Array:
    """Average evidence over a second around every frame."""
    there = np.isfinite(evidence)
    total = np.concatenate([[0.0], np.cumsum(np.where(there, evidence, 0.0))])
    count = np.concatenate([[0], np.cumsum(there)])
    first = np.searchsorted(time, time - TURN_S / 2)
    last = np.searchsorted(time, time + TURN_S / 2, side="right")
    with np.errstate(invalid="ignore"):
        mean: Array = (total[last] - total[first]) / (count[last] - count[first])
    return mean


def _with_turns(evidence: Array, way: float, clear: float) -> Array:
    """Follow turns: from where the evidence is clearly the other way."""
    sure = np.where(np.abs(evidence) >= clear, np.sign(evidence), 0.0)
    if not (sure == -way).any():
        return np.full(len(evidence), way)
    rows = np.arange(len(evidence))
    held = np.maximum.accumulate(np.where(sure != 0, rows, -1))
    start = sure[np.flatnonzero(sure)[0]]
    return np.where(held < 0, start, sure[np.maximum(held, 0)])
