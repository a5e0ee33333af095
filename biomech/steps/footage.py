"""What the footage of steps can support: why there are none, and metres per unit."""

from typing import Literal, NamedTuple

import numpy as np

from biomech.schema import Events, Strides
from biomech.steps.locomotion import FOOT_POINTS, SIDES, Locomotion

View = Literal["sagittal", "frontal", "oblique"]

#: Feet seen in fewer frames than this cannot be read.
_LEAST_SEEN = 0.3
#: Shoulders wider than this share of the trunk: the camera looks from front or back.
_FRONTAL = 0.5
#: Thigh and shank over body height (Drillis & Contini 1966, in Winter 2009).
_LEG_SHARE = 0.491
#: Relative error of a length: metres as given; a body height in the picture (posture
#: 2 %, leg share 3 %, perspective 2 %); an unknown yaw up to 15 degrees (3.4 %, half of
#: it as standard deviation).
_SCALE_ERROR = 0.005
_HEIGHT_ERROR = 0.04
_YAW_ERROR = 0.017
_UNSUITABLE = {"frontal": "view_unsuitable", "oblique": "view_oblique"}


class Scale(NamedTuple):
    """Metres per unit of the poses, its relative error, and why there is none."""

    factor: float
    error: float
    reason: str | None


def no_steps_reason(
    track: Locomotion, table: Strides, events: Events, view: View | None
) -> str | None:
    """Say why there is nothing to measure, or None if there is.

    Parameters
    ----------
    track
        One person.
    table, events
        Strides and events of this person.
    view
        Direction of the camera, if known.

    Returns
    -------
    A code of `biomech.quality.REASONS`.
    """
    if not table.is_empty():
        return None
    feet = [m for n, m in track.measured.items() if n.endswith(FOOT_POINTS)]
    if not feet:
        return "missing_keypoints"
    if not events.is_empty():
        return "too_few_cycles"
    if np.mean(feet) < _LEAST_SEEN:
        return "low_coverage"
    if track.dims == 2 and (view == "frontal" or _looks_frontal(track)):
        return "view_unsuitable"
    return "no_events"


def _looks_frontal(track: Locomotion) -> bool:
    names = [f"{s}_{p}" for s in SIDES for p in ("shoulder", "hip")]
    if not all(n in track.points for n in names):
        return False
    left, left_hip, right, right_hip = (track.points[n] for n in names)
    trunk = np.linalg.norm((left + right - left_hip - right_hip) / 2, axis=1)
    share = np.abs(left - right)[:, 0] / trunk
    share = share[np.isfinite(share)]
    return len(share) > 0 and float(np.median(share)) > _FRONTAL


def scale_of(track: Locomotion, height_m: float | None, view: View | None) -> Scale:
    """Give metres per unit of a track.

    Parameters
    ----------
    track
        One person.
    height_m
        Body height, if known.
    view
        Direction of the camera, if known.

    Returns
    -------
    The scale. Pixels get it from thigh and shank, which are 0.491 of body height.
    """
    if track.dims == 3:
        return Scale(1.0, _SCALE_ERROR, None)
    if view in _UNSUITABLE:
        return Scale(np.nan, 0.0, _UNSUITABLE[view])
    yaw = 0.0 if view == "sagittal" else _YAW_ERROR
    if track.unit == "m":
        return Scale(1.0, float(np.hypot(_SCALE_ERROR, yaw)), None)
    if height_m is None:
        return Scale(np.nan, 0.0, "no_scale")
    if not np.isfinite(track.leg):
        return Scale(np.nan, 0.0, "missing_keypoints")
    error = float(np.hypot(_HEIGHT_ERROR, yaw))
    return Scale(height_m * _LEG_SHARE / track.leg, error, None)
