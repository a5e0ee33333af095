"""A motion: a figure in time, what it holds, what happened and what is true of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import polars as pl
import scipy
from numpy.typing import ArrayLike, NDArray

from biomech.errors import ConfigError
from biomech.schema import EVENT, EVENTS, SIDE, Events, Poses, Signals
from biomech.skeletons import HALPE26
from biomech.synthetic.camera import View
from biomech.synthetic.figure import Figure, bone_frames
from biomech.synthetic.landmarks import keypoints
from biomech.synthetic.rotations import rotation

Array = NDArray[np.float64]


class Happening(NamedTuple):
    """One event: what, when, and on which side."""

    event: str
    time_s: float
    side: str | None = None


@dataclass(frozen=True)
class Motion:
    """A figure in time, with everything that is known of it.

    Attributes
    ----------
    figure
        The person.
    time_s
        Time of every frame, shape (frames,).
    angles
        Joint angles in degrees by name (see `biomech.synthetic.ANGLES`), (frames,).
    bones
        Bone frames in the world, shape (frames, bones, 4, 4), metres.
    points
        Keypoints of HALPE-26 and of what the figure holds, by name, shape (frames, 3).
    events
        An `events` table with exact times.
    truth
        Numbers that are true of the motion, by name with unit suffix.
    """

    figure: Figure
    time_s: Array
    angles: Mapping[str, Array]
    bones: Array
    points: Mapping[str, Array]
    events: Events
    truth: Mapping[str, float]
    clip_id: str = "synthetic"
    track_id: int = 0

    @property
    def root_m(self) -> Array:
        """Middle of the hip joints, shape (frames, 3)."""
        return self.points["mid_hip"]

    @property
    def rate_hz(self) -> float:
        """Frames per second."""
        return float((len(self.time_s) - 1) / (self.time_s[-1] - self.time_s[0]))


def clock(duration_s: float, rate_hz: float, /) -> Array:
    """Give the times of the frames of a recording, from 0 to before its end.

    Parameters
    ----------
    duration_s
        Length in seconds.
    rate_hz
        Frames per second.

    Returns
    -------
    Seconds, shape (frames,).

    Raises
    ------
    ConfigError
        If there would be fewer than two frames.

    Examples
    --------
    >>> clock(1.0, 4.0).tolist()
    [0.0, 0.25, 0.5, 0.75]
    """
    n_frames = round(duration_s * rate_hz) if duration_s > 0 and rate_hz > 0 else 0
    if n_frames < 2:
        msg = f"{duration_s} s at {rate_hz} Hz make {n_frames} frames; needed are 2"
        raise ConfigError(msg)
    return np.arange(n_frames) / rate_hz


def perform(
    person: Figure,
    time_s: Array,
    angles: Mapping[str, ArrayLike],
    root_m: ArrayLike,
    /,
    *,
    happenings: Iterable[Happening] = (),
    truth: Mapping[str, float] | None = None,
    held: Mapping[str, Array] | None = None,
    clip_id: str = "synthetic",
    track_id: int = 0,
) -> Motion:
    """Make a motion of joint angles over time.

    Parameters
    ----------
    person
        The figure.
    time_s
        Time of every frame.
    angles
        Degrees by name, one number or one per frame.
    root_m
        Middle of the hips, shape (3,) or (frames, 3).
    happenings
        What happened when; those outside of the recording are left out.
    truth
        Numbers that are true of the motion.
    held
        Points of implements by name, shape (frames, 3).
    clip_id, track_id
        Key of the tables made from the motion.

    Returns
    -------
    The motion.
    """
    n_frames = len(time_s)
    bones = bone_frames(person, angles, root_m)
    bones = np.broadcast_to(bones, (n_frames, *bones.shape[1:]))
    body = np.moveaxis(keypoints(person, bones), 1, 0)
    return Motion(
        figure=person,
        time_s=time_s,
        angles={
            name: np.broadcast_to(np.asarray(a, float), n_frames)
            for name, a in angles.items()
        },
        bones=bones,
        points={**dict(zip(HALPE26.keypoints, body, strict=True)), **(held or {})},
        events=_events(happenings, time_s, clip_id, track_id),
        truth=dict(truth or {}),
        clip_id=clip_id,
        track_id=track_id,
    )


def _events(
    happenings: Iterable[Happening], time_s: Array, clip_id: str, track_id: int
) -> Events:
    """Make an events table of what lies between the first and the last frame."""
    rows = sorted(
        (h for h in happenings if time_s[0] <= h.time_s <= time_s[-1]),
        key=lambda h: h.time_s,
    )
    times = np.array([h.time_s for h in rows], float)
    nearest = np.searchsorted((time_s[1:] + time_s[:-1]) / 2, times)
    events = pl.DataFrame(
        {
            "clip_id": [clip_id] * len(rows),
            "track_id": pl.Series([track_id] * len(rows), dtype=pl.Int32),
            "event": pl.Series([h.event for h in rows], dtype=EVENT),
            "side": pl.Series([h.side for h in rows], dtype=SIDE),
            "frame": pl.Series(nearest, dtype=pl.Int32),
            "time_s": times,
            "time_sd_s": pl.Series([0.0] * len(rows), dtype=pl.Float64),
            "confidence": pl.Series([1.0] * len(rows), dtype=pl.Float32),
        }
    )
    return events.cast({"clip_id": pl.String}) if rows else EVENTS.empty()


def placed(
    motion: Motion,
    /,
    *,
    heading_deg: float = 0.0,
    offset_m: ArrayLike = (0.0, 0.0, 0.0),
) -> Motion:
    """Turn a motion about the vertical through the origin, then move it.

    Parameters
    ----------
    motion
        Any motion.
    heading_deg
        Turn to the left; 180 lets a walker come back.
    offset_m
        Where the origin goes, shape (3,).

    Returns
    -------
    The same motion elsewhere. Pelvis rotation gains the heading.
    """
    turn, offset = rotation(1, heading_deg), np.asarray(offset_m, float)
    transform = np.eye(4)
    transform[:3, :3], transform[:3, 3] = turn, offset
    name = "pelvis_rotation_deg"
    old = motion.angles.get(name, np.zeros(len(motion.time_s)))
    return replace(
        motion,
        bones=transform @ motion.bones,
        points={k: p @ turn.T + offset for k, p in motion.points.items()},
        angles={**motion.angles, name: old + heading_deg},
    )


def frames_of(motion: Motion, /) -> pl.DataFrame:
    """Give the key columns of a motion: clip_id, track_id, frame, time_s."""
    n_frames = len(motion.time_s)
    return pl.DataFrame(
        {
            "clip_id": pl.repeat(motion.clip_id, n_frames, eager=True),
            "track_id": pl.repeat(
                motion.track_id, n_frames, dtype=pl.Int32, eager=True
            ),
            "frame": pl.int_range(n_frames, dtype=pl.Int32, eager=True),
            "time_s": motion.time_s,
        }
    )


def to_poses(
    motion: Motion,
    /,
    *,
    camera: View | None = None,
    names: Sequence[str] | None = None,
    dims: int = 3,
    dtype: type[pl.DataType] = pl.Float32,
) -> Poses:
    """Record a motion as a `poses` table.

    Parameters
    ----------
    motion
        Any motion.
    camera
        Who films it. Without one, the table is in metres.
    names
        Which points. By default all.
    dims
        Without camera: 3, or 2 to leave z out.
    dtype
        Of the coordinates: Float32 as stored, or Float64 for exact comparisons.

    Returns
    -------
    A `poses` table, one row per frame: in metres, or in pixels with null for points
    outside of the picture or behind the camera. Confidence is 1 where there is a point,
    0 where not.
    """
    chosen = list(motion.points) if names is None else list(names)
    xyz = np.stack([motion.points[name] for name in chosen], axis=1)
    axes = ("x_m", "y_m", "z_m")[:dims]
    if camera is not None:
        axes = ("x_px", "y_px")
        xyz = camera.project(xyz).pixels
        size_px = np.array(camera.size_px)
        inside = np.logical_and(xyz >= 0, xyz < size_px).all(axis=-1, keepdims=True)
        xyz = np.where(inside, xyz, np.nan)
    columns = []
    for k, name in enumerate(chosen):
        columns += [
            pl.Series(f"{name}_{axis}", xyz[:, k, i], nan_to_null=True).cast(dtype)
            for i, axis in enumerate(axes)
        ]
        there = (~np.isnan(xyz[:, k, 0])).astype(np.float32)
        columns.append(pl.Series(f"{name}_confidence", there))
    return frames_of(motion).with_columns(columns)


def to_signals(motion: Motion, /) -> Signals:
    """Tabulate the joint angles that the figure was given, and their velocities.

    These are angles of bones (Cardan angles of the joints, pelvis and spine included),
    not angles between keypoints; see `sagittal_angles` for those.

    Parameters
    ----------
    motion
        Any motion.

    Returns
    -------
    A `signals` table: for every angle ``*_deg`` and ``*_deg_s``. The velocity is the
    derivative of the cubic spline through the frames.
    """
    columns = []
    for name, angle in motion.angles.items():
        spline = scipy.interpolate.CubicSpline(motion.time_s, angle)
        columns += [
            pl.Series(name, angle),
            pl.Series(f"{name}_s", spline(motion.time_s, 1)),
        ]
    return frames_of(motion).with_columns(columns)


def sagittal_angles(motion: Motion, /, *, heading_deg: float = 0.0) -> Signals:
    """Measure the angles between exact keypoints in a vertical plane.

    Trunk lean, thigh, shank and foot angles, and hip, knee, ankle and elbow flexion, as
    one camera square to that plane would see them without perspective.

    Parameters
    ----------
    motion
        Any motion.
    heading_deg
        The direction that counts as forward, as a turn to the left from X.

    Returns
    -------
    A `signals` table in degrees. Thigh and shank are positive with the lower end in
    front, the trunk when leaning forward, the foot with the toes up; joints are
    positive in flexion and dorsiflexion, zero when standing straight.
    """
    forward = rotation(1, heading_deg) @ [1.0, 0.0, 0.0]
    flat = {
        name: np.stack([p @ forward, p[:, 1]], -1) for name, p in motion.points.items()
    }

    def from_down(a: str, b: str) -> Array:
        x, y = (flat[b] - flat[a]).T
        degrees: Array = np.degrees(np.arctan2(x, -y))
        return degrees

    shoulders = (flat["left_shoulder"] + flat["right_shoulder"]) / 2
    x, y = (shoulders - flat["mid_hip"]).T
    trunk = np.degrees(np.arctan2(x, y))
    found = {"trunk_lean_deg": trunk}
    for side in ("left", "right"):
        thigh = from_down(f"{side}_hip", f"{side}_knee")
        shank = from_down(f"{side}_knee", f"{side}_ankle")
        foot = from_down(f"{side}_heel", f"{side}_big_toe") - 90.0
        upper_arm = from_down(f"{side}_shoulder", f"{side}_elbow")
        forearm = from_down(f"{side}_elbow", f"{side}_wrist")
        found |= {
            f"{side}_thigh_angle_deg": thigh,
            f"{side}_shank_angle_deg": shank,
            f"{side}_foot_angle_deg": foot,
            f"{side}_hip_flexion_deg": thigh + trunk,
            f"{side}_knee_flexion_deg": thigh - shank,
            f"{side}_ankle_dorsiflexion_deg": foot - shank,
            f"{side}_elbow_flexion_deg": forearm - upper_arm,
        }
    wrapped = {name: (angle + 180.0) % 360.0 - 180.0 for name, angle in found.items()}
    return frames_of(motion).with_columns(**wrapped)
