"""What the footage of steps can support: why there are none, and metres per unit."""

from typing import Literal, NamedTuple

import numpy as np
import polars as pl

from biomech.arrays import dims_of, unit_of_poses
from biomech.body import SIDES, mean_of
from biomech.calibration import body_scale
from biomech.schema import TRACK, Events, Poses, Strides
from biomech.steps.locomotion import FOOT_POINTS, Locomotion
from biomech.view import camera_view

View = Literal["sagittal", "frontal", "oblique"]

#: Feet seen in fewer frames than this cannot be read.
_LEAST_SEEN = 0.3
#: Shoulders wider than this share of the trunk: the camera looks from front or back.
_FRONTAL = 0.5
#: Legs that point up by less than this (60 degrees off) belong to no one who steps.
_UPRIGHT = 0.5
#: Ankles that are never further apart than this share of the leg belong to one leg:
#: even steps of 0.35 m reach 0.37.
_LEAST_APART = 0.25
#: Relative error of lengths in metres as given, and of what a camera of unknown yaw, up
#: to 15 degrees, shortens them (3.4 %, half of it as standard deviation).
_SCALE_ERROR = 0.005
_YAW_ERROR = 0.017
_UNSUITABLE = {"frontal": "view_unsuitable", "oblique": "view_oblique"}


class Scale(NamedTuple):
    """Metres per unit of the poses, its relative error, and why there is none.

    Without shoulders and hips nobody knows whether a picture is from the side.
    """

    factor: float
    error: float
    reason: str | None
    is_view_known: bool = True


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
    if not _is_upright(track):
        return "not_upright"
    is_frontal = track.dims == 2 and (view == "frontal" or _looks_frontal(track))
    together = _legs_together(track) and not is_frontal
    if together or not table.is_empty():
        return "legs_together" if together else None
    feet = [m for n, m in track.measured.items() if n.endswith(FOOT_POINTS)]
    if not feet:
        return "missing_keypoints"
    if not events.is_empty():
        return "too_few_cycles"
    if np.mean(feet) < _LEAST_SEEN:
        return "low_coverage"
    return "view_unsuitable" if is_frontal else "no_events"


def _is_upright(track: Locomotion) -> bool:
    """Whether the hips are above the feet, as far as both are seen."""
    legs = track.hips() - mean_of([track.foot(side) for side in SIDES])
    length = np.linalg.norm(legs, axis=1)
    up = legs[length > 0, 1] / length[length > 0]
    return not len(up) or float(np.median(up)) > _UPRIGHT


def _legs_together(track: Locomotion) -> bool:
    """Whether both ankles are in one place, whatever the steps look like.

    Weak pose models draw both legs on the nearer one; every step then looks like a
    stride of either foot.
    """
    if not {"left_ankle", "right_ankle"} <= set(track.points):
        return False
    apart = track.points["left_ankle"] - track.points["right_ankle"]
    distance = np.linalg.norm(apart, axis=1)
    distance = distance[np.isfinite(distance)]
    if not len(distance) or not np.isfinite(track.leg):
        return False
    return float(np.percentile(distance, 90)) < _LEAST_APART * track.leg


def _looks_frontal(track: Locomotion) -> bool:
    names = [f"{s}_{p}" for s in SIDES for p in ("shoulder", "hip")]
    if not all(n in track.points for n in names):
        return False
    left, left_hip, right, right_hip = (track.points[n] for n in names)
    trunk = np.linalg.norm((left + right - left_hip - right_hip) / 2, axis=1)
    known = np.isfinite(left[:, 0] - right[:, 0]) & (trunk > 0)
    share = np.abs(left - right)[known, 0] / trunk[known]
    return len(share) > 0 and float(np.median(share)) > _FRONTAL


def scales_of(
    poses: Poses, /, *, height_m: float | None, view: View | None
) -> dict[tuple[str, int], Scale]:
    """Find metres per unit for every track.

    Parameters
    ----------
    poses
        A `poses` table.
    height_m
        Body height, the same for all tracks, if known.
    view
        Direction of the camera, if known; else `camera_view` tells.

    Returns
    -------
    The scale of each ``(clip_id, track_id)``. Pixels get theirs from `body_scale`.
    """
    keys = poses.select(TRACK).unique()
    if dims_of(poses) == 3:
        return {key: Scale(1.0, _SCALE_ERROR, None) for key in keys.iter_rows()}
    seen = camera_view(poses).select(*TRACK, pl.col("view").cast(pl.String), "yaw_deg")
    if view is not None:
        yaw = pl.when(pl.lit(view == "sagittal")).then(0.0).alias("yaw_deg")
        seen = seen.with_columns(pl.lit(view).alias("view"), yaw)
    if unit_of_poses(poses) == "m":
        sizes = keys.with_columns(scale_px_m=1.0, scale_sd_px_m=_SCALE_ERROR)
    elif height_m is None:
        return {key: Scale(np.nan, 0.0, "no_scale") for key in keys.iter_rows()}
    else:
        sizes = body_scale(poses, height_m=height_m)
    both = seen.join(sizes, on=TRACK, how="left", nulls_equal=True)
    columns = (*TRACK, "view", "yaw_deg", "scale_px_m", "scale_sd_px_m")
    return {row[:2]: _scale(*row[2:]) for row in both.select(columns).iter_rows()}


def _scale(
    view: str | None, yaw_deg: float | None, size: float | None, size_sd: float | None
) -> Scale:
    if view in _UNSUITABLE:
        return Scale(np.nan, 0.0, _UNSUITABLE[view])
    if not size or size_sd is None:
        return Scale(np.nan, 0.0, "missing_keypoints")
    short = _YAW_ERROR if yaw_deg is None else 1 - np.cos(np.radians(yaw_deg))
    error = float(np.hypot(size_sd / size, short))
    return Scale(1 / size, error, None, is_view_known=yaw_deg is not None)
