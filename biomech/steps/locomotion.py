"""How a person moves over the ground: heading, speed, and feet relative to the ground.

The layer under gait, running and activity. Everything is measured in the direction of
travel and relative to the ground, so that walking to the left or right, overground or
on a treadmill, in pixels or metres, in the plane or in space gives the same numbers.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import PoseArray, keypoints_of, to_array
from biomech.blocks import by_time
from biomech.body import SIDES, mean_of
from biomech.kernels.runs import LONGEST_STEP, usual_step
from biomech.kernels.signal import derivative, fill, lowpass, resample
from biomech.schema import Poses

Array = NDArray[np.float64]

#: The points of a foot that may be tracked, hindmost first.
FOOT_POINTS = ("heel", "ankle", "big_toe")
#: Keypoints that locomotion looks at.
POINTS = tuple(
    f"{side}_{point}"
    for point in (*FOOT_POINTS, "small_toe", "knee", "hip", "shoulder")
    for side in SIDES
)
#: Speed and heading are means over this window: about one stride, so that the swaying
#: of the pelvis within the stride averages out.
WINDOW_S = 1.0
#: Slower cameras are resampled: differences over 1/30 s blur the velocity of a landing
#: foot, which placed contacts 7 ms later than at 100 Hz.
FINE_HZ = 100.0
#: Gaps up to this length are interpolated (methods: 0.15 s for walking).
MAX_GAP_S = 0.15
#: A foot stands on the ground while it is lowest: this share of its time at least, from
#: walking (0.6) to sprinting (0.2).
_STANDING_PCT = 20.0
#: Where standing feet move at more than this share of the upper quartile of foot speed,
#: the ground moves: a treadmill, or a camera that follows.
_MOVING_GROUND = 0.25
#: What tells the length of thigh and shank, and its share of that: the straight leg at
#: contact, to the heel some 5 % below the ankle; the shank; the foot from heel to big
#: toe (17 people: 1.00 to 1.11, 0.49 to 0.52, 0.18 to 0.36).
_LEG_CHAINS = (
    (("hip", "knee", "ankle"), 1.0),
    (("hip", "heel"), 1.05),
    (("knee", "ankle"), 0.50),
    (("heel", "big_toe"), 0.25),
)
#: Legs (hip to knee to ankle) per second below which a person does not travel: about
#: 0.13 m/s for an adult.
LEAST_SPEED = 0.15


class Locomotion(NamedTuple):
    """One track in its own direction of travel.

    Attributes
    ----------
    clip_id, track_id
        Which track.
    frame, time
        Shape (samples,). Between the frames of a slow camera there are further samples,
        so that velocities lose nothing to coarse differences; `frame` is the nearest.
    points
        Smoothed coordinates by keypoint, shape (frames, dims), second axis up; NaN in
        long gaps. Keypoints that were never seen are left out.
    measured
        Whether each keypoint was measured, not interpolated, shape (frames,).
    confidence
        Confidence by keypoint, shape (frames,).
    heading
        Horizontal unit vector of travel, shape (frames, dims).
    ground
        Velocity of the ground along the heading, shape (frames,): 0 overground,
        negative on a treadmill.
    speed
        Speed over the ground, mean over one second, shape (frames,).
    leg
        Length of thigh and shank together; NaN when hips or knees are missing.
    noise
        Standard deviation of one coordinate of the feet: what jumps from sample to
        sample, or what a smoother told (``<keypoint>_sd_px``, ``_sd_m``) if that is
        more, for what is left after smoothing does not jump.
    cutoff_hz
        Of the low-pass filter.
    camera_hz
        Frames per second; NaN for a single frame.
    rate_hz
        Samples per second of this track: those of the camera, or more.
    unit
        ``"px"`` or ``"m"``.
    """

    clip_id: str
    track_id: int
    frame: NDArray[np.int64]
    time: Array
    points: dict[str, Array]
    measured: dict[str, NDArray[np.bool_]]
    confidence: dict[str, Array]
    heading: Array
    ground: Array
    speed: Array
    leg: float
    noise: float
    cutoff_hz: float
    camera_hz: float
    rate_hz: float
    unit: str

    @property
    def key(self) -> tuple[str, int]:
        """Which track: clip_id, track_id."""
        return self.clip_id, self.track_id

    @property
    def dims(self) -> int:
        """Dimensions of the coordinates, 2 or 3."""
        return int(self.heading.shape[1])

    @property
    def moving_ground(self) -> bool:
        """Whether the ground moves: a treadmill, or a camera that follows."""
        return bool(np.nanmedian(np.abs(self.ground)) > 0)

    def forward(self, keypoint: str) -> Array:
        """Give the velocity of a keypoint along the heading, relative to the ground."""
        velocity = derivative(self.points[keypoint], self.time)
        along = np.einsum("fd,fd->f", velocity, self.heading)
        return np.asarray(along - self.ground)

    def upward(self, keypoint: str) -> Array:
        """Give the vertical velocity of a keypoint."""
        return derivative(self.points[keypoint][:, 1], self.time)

    def foot(self, side: str) -> Array:
        """Give the mean of the foot points of one side; NaN without any."""
        return self._middle(f"{side}_{p}" for p in FOOT_POINTS)

    def hips(self) -> Array:
        """Give the middle of the hips; NaN without them."""
        return self._middle(f"{side}_hip" for side in SIDES)

    def _middle(self, names: Iterable[str]) -> Array:
        found = [self.points[n] for n in names if n in self.points]
        return mean_of(found) if found else np.full_like(self.heading, np.nan)


def tracks_of(poses: Poses, /, *, cutoff_hz: float) -> Iterator[Locomotion]:
    """Look at every track of a poses table in its own direction of travel.

    Parameters
    ----------
    poses
        A `poses` table.
    cutoff_hz
        Of the zero-lag low-pass filter, lowered where the frame rate asks for it.

    Yields
    ------
    One `Locomotion` per track, in the order of the key. Tracks of less than five
    frames, or without any foot point, have no heading (NaN).
    """
    names = [k for k in keypoints_of(poses) if k in POINTS]
    ordered, tracks = by_time(poses)
    block = to_array(ordered, keypoints=names)
    feet = (f"{k}_sd_{block.unit}" for k in names if k.endswith(FOOT_POINTS))
    told = ordered.select(c for c in feet if c in ordered.columns)
    for rows in tracks:
        yield _one(block, rows, cutoff_hz, told_sd=_told_sd(told[rows]))


def _one(
    block: PoseArray, rows: slice, cutoff_hz: float, *, told_sd: float
) -> Locomotion:
    frames = block.frames[rows]
    recorded = frames["time_s"].cast(pl.Float64).to_numpy()
    camera_hz = 1 / usual_step(recorded)
    place, time = _with_lost_frames(recorded, camera_hz)
    row = np.rint(place).astype(np.intp)
    raw = block.xyz[rows][row]
    raw[place != row] = np.nan
    if block.unit == "px":
        raw[..., 1] *= -1
    measured = np.asarray(np.isfinite(raw).all(axis=2))
    smooth, cutoff_hz = _smoothed(raw, time, cutoff_hz)
    nearest, fine = _refined(time, camera_hz)
    if len(fine) > len(time):
        smooth = resample(smooth, time, fine, max_gap_s=LONGEST_STEP / camera_hz)
    used = {name: i for i, name in enumerate(block.keypoints) if measured[:, i].any()}
    points = {name: smooth[:, i] for name, i in used.items()}
    heading, ground, speed = _travel(points, fine, block.xyz.shape[2])
    confidence = block.confidence[rows][row[nearest]]
    clip_id, track_id = frames.row(0)[:2]
    feet = [raw[:, i] for name, i in used.items() if name.endswith(FOOT_POINTS)]
    return Locomotion(
        clip_id=clip_id,
        track_id=track_id,
        frame=frames["frame"].cast(pl.Int64).to_numpy()[row[nearest]],
        time=fine,
        points=points,
        measured={name: measured[nearest, i] for name, i in used.items()},
        confidence={name: confidence[:, i] for name, i in used.items()},
        heading=heading,
        ground=ground,
        speed=speed,
        leg=_leg(points),
        noise=max(_noise(feet), told_sd),
        cutoff_hz=cutoff_hz,
        camera_hz=camera_hz,
        rate_hz=1 / usual_step(fine),
        unit=block.unit,
    )


def _with_lost_frames(time: Array, camera_hz: float) -> tuple[Array, Array]:
    """Give frames that the table lacks a place, in rows, and a time.

    In a long hole are only two of them, so that nothing reads across it.
    """
    steps = np.diff(time)
    short = steps <= max(MAX_GAP_S, LONGEST_STEP / camera_hz)
    parts = np.where(short, np.rint(steps * camera_hz).clip(1), 3).astype(np.intp)
    begin = np.repeat(np.arange(len(parts)), parts)
    within = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
    place = np.append(begin + within / parts[begin], len(parts))
    return place, np.interp(place, np.arange(len(time)), time)


def _refined(time: Array, camera_hz: float) -> tuple[NDArray[np.intp], Array]:
    """Divide the steps of a slow camera: nearest frame and time of every sample."""
    n = len(time)
    if n < 5 or camera_hz > 0.99 * FINE_HZ:
        return np.arange(n), time
    parts = int(np.ceil(FINE_HZ / camera_hz))
    place = np.arange((n - 1) * parts + 1) / parts
    return np.rint(place).astype(np.intp), np.interp(place, np.arange(n), time)


def _smoothed(raw: Array, time: Array, cutoff_hz: float) -> tuple[Array, float]:
    if len(time) < 5 or not raw.size:
        return raw, cutoff_hz
    # A quarter of the rate leaves a 10 Hz clip something to filter.
    cutoff_hz = min(cutoff_hz, 0.25 / usual_step(time))
    gap_s = max(MAX_GAP_S, LONGEST_STEP * usual_step(time))
    filled = fill(raw, time, max_gap_s=gap_s)
    return lowpass(filled, time, cutoff_hz=cutoff_hz), cutoff_hz


def _travel(
    points: dict[str, Array], time: Array, dims: int
) -> tuple[Array, Array, Array]:
    """Find heading, velocity of the ground along it, and speed over the ground."""
    n = len(time)
    nothing = np.full((n, dims), np.nan), np.zeros(n), np.full(n, np.nan)
    names = [[f"{s}_{p}" for p in FOOT_POINTS if f"{s}_{p}" in points] for s in SIDES]
    feet = [mean_of([points[n] for n in foot]) for foot in names if foot]
    if n < 5 or not feet:
        return nothing
    flat = np.array([1.0, 0.0, 1.0])[:dims]
    hips = [points[f"{s}_hip"] for s in SIDES if f"{s}_hip" in points]
    body = _windowed_velocity(mean_of(hips or feet), time) * flat
    stepping = [derivative(f, time) * flat for f in feet]
    axis = _main_axis(stepping)
    if axis is None:
        return nothing
    pace = np.concatenate([np.linalg.norm(v, axis=1) for v in stepping])
    standing = [_standing(f, v @ axis) for f, v in zip(feet, stepping, strict=True)]
    drift = float(np.mean(standing))
    # In less than a stride, the lowest part of a swing may look like standing.
    is_long = time[-1] - time[0] >= WINDOW_S
    if is_long and abs(drift) > _MOVING_GROUND * _percentile(pace, 75.0):
        heading = np.tile(-np.sign(drift) * axis, (n, 1))
        ground = np.full(n, -abs(drift))
    else:
        heading = _local_heading(body, axis)
        ground = np.zeros(n)
    speed = np.einsum("fd,fd->f", body, heading) - ground
    return heading, ground, speed


def _main_axis(stepping: list[Array]) -> Array | None:
    """Give the line along which the feet move most; its sign means nothing."""
    feet = np.concatenate(stepping)
    feet = feet[np.isfinite(feet).all(axis=1)]
    if len(feet) < 5 or not feet.any():
        return None
    _, _, rows = np.linalg.svd(feet - np.median(feet, axis=0), full_matrices=False)
    return np.asarray(rows[0])


def _standing(foot: Array, along: Array) -> float:
    """Give the velocity of a foot while it is lowest: that of the ground."""
    height = np.where(np.isfinite(along), foot[:, 1], np.nan)
    low = height <= _percentile(height, _STANDING_PCT)
    return float(np.median(along[low])) if low.any() else 0.0


def _local_heading(body: Array, axis: Array) -> Array:
    length = np.linalg.norm(body, axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = body / length
    heading: Array = np.where(np.isfinite(unit), unit, axis)
    return heading


def _windowed_velocity(position: Array, time: Array) -> Array:
    """Give the mean velocity over a window around each frame, shorter at the ends."""
    out = np.full_like(position, np.nan)
    seen = np.isfinite(position).all(axis=1)
    if seen.sum() < 2:
        return out
    first, last = time[seen][0], time[seen][-1]
    before = np.clip(time - WINDOW_S / 2, first, last)
    after = np.clip(time + WINDOW_S / 2, first, last)
    inside = (time >= first) & (time <= last) & (after > before)
    for axis in range(position.shape[1]):
        x = np.interp([before, after], time[seen], position[seen, axis])
        out[inside, axis] = (x[1] - x[0])[inside] / (after - before)[inside]
    return out


def _leg(points: dict[str, Array]) -> float:
    """Measure the leg; the 90th percentile, because a side view shortens it.

    Where a part is missing the others tell, by their share of the body height.
    """
    lengths = []
    for side in SIDES:
        own = {n.removeprefix(f"{side}_"): p for n, p in points.items() if side in n}
        chains = [(c, share) for c, share in _LEG_CHAINS if set(c) <= set(own)]
        for chain, share in chains[:1]:
            joints = np.array([own[name] for name in chain])
            length = np.linalg.norm(np.diff(joints, axis=0), axis=2).sum(axis=0)
            lengths.append(_percentile(length, 90.0) / share)
    return float(np.mean(lengths)) if lengths else np.nan


def _noise(raw: list[Array]) -> float:
    """Tell the noise from third differences: their variance is 20 times as large."""
    third = [np.diff(x, n=3, axis=0) for x in raw if len(x) > 3]
    values = np.concatenate([t.ravel() for t in third]) if third else np.zeros(0)
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0
    # The median absolute deviation leaves out swaps and other jumps.
    return float(1.4826 * np.median(np.abs(values)) / np.sqrt(20))


def _told_sd(told: pl.DataFrame) -> float:
    """Average over the feet what a smoother says of them, each point by its median."""
    values = told.median().to_numpy()
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) else 0.0


def _percentile(x: Array, pct: float) -> float:
    x = x[np.isfinite(x)]
    return float(np.percentile(x, pct)) if len(x) else 0.0
