"""The smallest motion with a closed form: legs that swing like double pendulums."""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.errors import ConfigError
from biomech.schema import Poses

Array = NDArray[np.float64]

#: Segments below the shoulder and below the hip: (from, to, length in body heights).
_TRUNK_BH, _UPPER_ARM_BH, _FOREARM_BH = 0.288, 0.162, 0.154
_THIGH_BH, _SHANK_BH, _HEEL_BH, _TOE_BH, _ANKLE_BH = 0.245, 0.246, 0.036, 0.108, 0.028


def pendulum(
    *,
    peak_flexion_deg: float = 60.0,
    thigh_swing_deg: float = 20.0,
    trunk_lean_deg: float = 5.0,
    elbow_flexion_deg: float = 30.0,
    frequency_hz: float = 1.0,
    n_frames: int = 121,
    rate_hz: float = 60.0,
    height_px: float = 800.0,
    center_px: tuple[float, float] = (640.0, 360.0),
    dtype: type[pl.DataType] = pl.Float32,
    clip_id: str = "pendulum",
    track_id: int = 0,
) -> Poses:
    """Swing two legs below a fixed hip, seen from the right side, facing right.

    With ``w = 2 pi frequency_hz`` and, for the right leg, t half a period later::

        knee flexion        = peak_flexion_deg (1 - cos(w t)) / 2
        thigh angle         = thigh_swing_deg sin(w t)
        hip flexion         = thigh angle + trunk_lean_deg
        ankle dorsiflexion  = 0
        elbow flexion       = elbow_flexion_deg, upper arms hanging plumb

    Parameters
    ----------
    peak_flexion_deg
        Largest knee flexion.
    thigh_swing_deg
        Amplitude of the thigh to either side of the vertical.
    trunk_lean_deg
        Forward lean of the trunk.
    elbow_flexion_deg
        Flexion of both elbows.
    frequency_hz
        Swings per second.
    n_frames
        Number of frames; frame 0 is at time 0.
    rate_hz
        Frames per second.
    height_px
        Body height in the picture, which sets all lengths.
    center_px
        Where the middle of the hips is.
    dtype
        Of the coordinates: Float32 as stored, or Float64 for exact comparisons.
    clip_id, track_id
        Key of the table.

    Returns
    -------
    A `poses` table in pixels (y down) with shoulders, elbows, wrists, hips, knees,
    ankles, heels, big toes and their middle points, all with confidence 1.

    Raises
    ------
    ConfigError
        If there are negative frames, or rate or height are not positive.

    Examples
    --------
    >>> poses = pendulum(n_frames=2, height_px=100.0)
    >>> poses.select("frame", "left_hip_x_px", "left_hip_y_px").rows()
    [(0, 640.0, 360.0), (1, 640.0, 360.0)]
    """
    if n_frames < 0 or min(rate_hz, height_px) <= 0:
        msg = "n_frames must be 0 or more, rate_hz and height_px more than 0; found "
        raise ConfigError(msg + f"{n_frames}, {rate_hz}, {height_px}")
    time_s = np.arange(n_frames) / rate_hz
    hip = np.zeros((n_frames, 2))
    shoulder = hip - _down(np.full(n_frames, -trunk_lean_deg)) * _TRUNK_BH
    points = {"mid_hip": hip, "neck": shoulder}
    for side, delay in (("left", 0.0), ("right", 0.5)):
        phase = 2 * np.pi * (frequency_hz * time_s - delay)
        thigh = thigh_swing_deg * np.sin(phase)
        shank = thigh - peak_flexion_deg * (1 - np.cos(phase)) / 2
        knee = hip + _down(thigh) * _THIGH_BH
        ankle = knee + _down(shank) * _SHANK_BH
        heel = ankle + _down(shank) * _ANKLE_BH - _down(shank + 90.0) * _HEEL_BH
        elbow = shoulder + _down(np.zeros(n_frames)) * _UPPER_ARM_BH
        wrist = elbow + _down(np.full(n_frames, elbow_flexion_deg)) * _FOREARM_BH
        points |= {
            f"{side}_shoulder": shoulder,
            f"{side}_elbow": elbow,
            f"{side}_wrist": wrist,
            f"{side}_hip": hip,
            f"{side}_knee": knee,
            f"{side}_ankle": ankle,
            f"{side}_heel": heel,
            f"{side}_big_toe": heel + _down(shank + 90.0) * (_HEEL_BH + _TOE_BH),
        }
    frames = pl.DataFrame(
        {
            "clip_id": pl.repeat(clip_id, n_frames, dtype=pl.String, eager=True),
            "track_id": pl.repeat(track_id, n_frames, dtype=pl.Int32, eager=True),
            "frame": pl.int_range(n_frames, dtype=pl.Int32, eager=True),
            "time_s": time_s,
        }
    )
    pixels = {
        name: np.array(center_px) + height_px * point * [1.0, -1.0]
        for name, point in points.items()
    }
    return frames.with_columns(_columns(pixels, dtype))


def _columns(pixels: dict[str, Array], dtype: type[pl.DataType]) -> Iterator[pl.Series]:
    """Lay out keypoints as columns, all seen for certain."""
    for name, point in pixels.items():
        for axis, values in zip(("x_px", "y_px"), point.T, strict=True):
            yield pl.Series(f"{name}_{axis}", values, dtype=pl.Float64).cast(dtype)
        yield pl.Series(f"{name}_confidence", np.ones(len(point), np.float32))


def _down(angle_deg: Array) -> Array:
    """Point down, turned forward by an angle: X right, Y up, shape (frames, 2)."""
    radians = np.radians(angle_deg)
    return np.stack([np.sin(radians), -np.cos(radians)], axis=-1)
