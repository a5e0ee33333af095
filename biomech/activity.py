"""What a person does when: walking, running, standing, or something else."""

from itertools import pairwise

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from biomech.body import SIDES
from biomech.running_events import running_events
from biomech.schema import POSES, Poses, Strides
from biomech.steps.locomotion import LEAST_SPEED, Locomotion, tracks_of
from biomech.strides import strides

Array = NDArray[np.float64]

ACTIVITY = pl.Enum(["walking", "running", "standing", "other"])
#: Walking has a foot on the ground for more than half of its stride (Alexander 1992).
_RUNNING_BELOW = 0.5
#: ... but its toe-off reads early by the rules of running, so that speed must agree:
#: people change to running at a Froude number of 0.5, 2.0 to 2.2 m/s (Kram 1997), which
#: is 2.4 legs per second for adults and 2.9 for children.
_RUNNING_LEGS_S = 2.2
#: Nobody walks faster (the record over 20 km is 4.4 m/s, 5 legs per second).
_FASTEST_WALK_LEGS_S = 5.0
_ADULT_LEG_M = 0.85
#: Feet that stay within this share of the leg for a second stand.
_STANDING_LEGS = 0.12
#: Shorter intervals belong to the one before.
_LEAST_S = 0.5
_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "clip_id": pl.String,
    "track_id": pl.Int32,
    "activity": ACTIVITY,
    "start_s": pl.Float64,
    "end_s": pl.Float64,
    "n_strides": pl.Int32,
}


def activity(poses: Poses, /, *, cutoff_hz: float = 8.0) -> pl.DataFrame:
    """Split every track into intervals of walking, running, standing and other.

    Parameters
    ----------
    poses
        A `poses` table.
    cutoff_hz
        Cut-off of the low-pass filter, in Hz.

    Returns
    -------
    One row per interval, together covering each track: ``clip_id, track_id, activity``
    (Enum), ``start_s``, ``end_s`` (not included) and ``n_strides``.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table.

    Notes
    -----
    Strides are those of `running_events`; one whose foot is on the ground for less than
    half of it, at more than 2.2 leg lengths (of thigh and shank) per second, is
    running: people change at about 2 m/s. A person stands while both feet stay within
    0.12 leg lengths for a second and the body does not travel. Intervals shorter than
    0.5 s join the one before, at the beginning the one after.

    References
    ----------
    Kram, Domingo, Ferris (1997), J Exp Biol 200:821.
    """
    POSES.check(poses)
    table = strides(running_events(poses, cutoff_hz=cutoff_hz))
    rows = []
    for track in tracks_of(poses, cutoff_hz=cutoff_hz):
        same = {"clip_id": track.clip_id, "track_id": track.track_id}
        rows += _intervals(track, table.filter(**same))
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _intervals(track: Locomotion, table: Strides) -> list[tuple[object, ...]]:
    labels = _labels(track, table)
    middles = ((table["start_s"] + table["end_s"]) / 2).to_numpy()
    step = 1 / track.camera_hz if len(track.time) > 1 else 0.0
    clock = np.append(track.time, track.time[-1] + step)
    return [
        (
            *track.key,
            name,
            float(clock[a]),
            float(clock[b]),
            int(((middles >= clock[a]) & (middles < clock[b])).sum()),
        )
        for name, a, b in _runs(labels, track.time)
    ]


def _labels(track: Locomotion, table: Strides) -> NDArray[np.str_]:
    """Name what is done in every frame: by strides, half a stride around them, rest."""
    known = table.drop_nulls("stance_time_s")
    start, end = (known[n].to_numpy() for n in ("start_s", "end_s"))
    share = (known["stance_time_s"] / known["stride_time_s"]).to_numpy()
    pace = np.interp((start + end) / 2, track.time, np.nan_to_num(track.speed))
    legs_s = pace / _leg(track)
    runs = (share < _RUNNING_BELOW) & ~(legs_s < _RUNNING_LEGS_S)
    runs |= legs_s > _FASTEST_WALK_LEGS_S
    labels = np.full(len(track.time), "other", dtype="U8")
    half = (end - start) / 2
    for name, chosen in (("walking", ~runs), ("running", runs)):
        first, last = (start - half)[chosen], (end + half)[chosen]
        labels[_covered(track.time, first, last)] = name
    labels[_stands(track)] = "standing"
    for name, chosen in (("walking", ~runs), ("running", runs)):
        labels[_covered(track.time, start[chosen], end[chosen])] = name
    return labels


def _leg(track: Locomotion) -> float:
    """Give the length of the leg, in metres that of an adult if it was not seen."""
    unknown = np.isnan(track.leg) and track.unit == "m"
    return _ADULT_LEG_M if unknown else track.leg


def _covered(time: Array, start: Array, end: Array) -> NDArray[np.bool_]:
    """Mark the frames inside any of several intervals."""
    opened = np.searchsorted(np.sort(start), time, side="right")
    closed = np.searchsorted(np.sort(end), time, side="right")
    return np.asarray(opened > closed)


def _runs(labels: NDArray[np.str_], time: Array) -> list[tuple[str, int, int]]:
    """List runs as label and sample pair; short ones join the one before, or after."""
    starts = [0, *(np.flatnonzero(labels[1:] != labels[:-1]) + 1).tolist(), len(labels)]
    kept: list[int] = []
    for first, last in pairwise(starts):
        long = time[last - 1] - time[first] >= _LEAST_S
        if long and (not kept or labels[first] != labels[kept[-1]]):
            kept.append(first)
    names = [str(labels[i]) for i in kept or [0]]
    edges = [0, *kept[1:], len(labels)]
    return [(name, *edge) for name, edge in zip(names, pairwise(edges), strict=True)]


def _stands(track: Locomotion) -> NDArray[np.bool_]:
    """Tell where both feet stay in place for a second, and so does the body."""
    still = np.full(len(track.time), not track.moving_ground)
    size = track.leg
    for side in SIDES:
        foot = track.foot(side)
        reach = np.linalg.norm(_range(foot, track), axis=1)
        still &= np.nan_to_num(reach, nan=np.inf) < _STANDING_LEGS * size
    slow = np.nan_to_num(track.speed, nan=0.0) < LEAST_SPEED * size
    return np.asarray(still & (slow | np.isnan(track.speed)))


def _range(foot: Array, track: Locomotion) -> Array:
    """Give how far a foot moves within half a second to either side, per axis."""
    step = max(float(np.nan_to_num(1 / track.rate_hz)), 1e-3)
    size = (min(2 * round(0.5 / step) + 1, len(foot)), 1)
    high = scipy.ndimage.maximum_filter(foot, size=size, mode="nearest")
    low = scipy.ndimage.minimum_filter(foot, size=size, mode="nearest")
    return np.asarray(high - low)
