"""A body in keypoints: derived points, its height, and which hand is the faster."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from biomech.arrays import PoseArray
from biomech.kernels.geometry import distance
from biomech.kernels.windows import bridge, speed

Array = NDArray[np.float64]

SIDES = ("left", "right")
#: Lengths between joint centres over body height: thigh, shank, trunk (middle of hips
#: to middle of shoulders), and the ankle over the ground. Drillis & Contini as in
#: Winter (2009), figure 4.1.
THIGH, SHANK, TRUNK, ANKLE_HEIGHT = 0.245, 0.246, 0.288, 0.039


def point_of(array: PoseArray, name: str) -> Array:
    """Give a keypoint, shape (frames, dims); NaN where the skeleton lacks it.

    ``mid_hip`` and ``mid_shoulder`` (``neck`` for want of shoulders) are made of both
    sides.
    """
    if name in array.keypoints:
        return array.point(name)
    if name == "mid_shoulder" and "left_shoulder" not in array.keypoints:
        return point_of(array, "neck")
    if name in {"mid_hip", "mid_shoulder"}:
        part = name.removeprefix("mid_")
        return (point_of(array, f"left_{part}") + point_of(array, f"right_{part}")) / 2
    return np.full((len(array.xyz), array.xyz.shape[2]), np.nan)


def mean_of(arrays: Iterable[Array]) -> Array:
    """Average what is there, element by element; NaN where nothing is."""
    stack = np.stack(list(arrays))
    there = np.isfinite(stack)
    with np.errstate(invalid="ignore"):
        mean: Array = np.where(there, stack, 0.0).sum(axis=0) / there.sum(axis=0)
    return mean


def built_height(array: PoseArray) -> Array:
    """Estimate the body height of every frame from thigh, shank and trunk.

    Parameters
    ----------
    array
        Poses in pixels or metres.

    Returns
    -------
    Shape (frames,), in the unit of the poses: (thigh + shank + trunk) / 0.779, each leg
    segment the mean of the sides that are seen. Bent joints do not matter, segments
    that point towards the camera make it too small; NaN where one is missing, or
    where all points are one.
    """

    def length(a: str, b: str) -> Array:
        size: Array = np.linalg.norm(point_of(array, a) - point_of(array, b), axis=-1)
        return size

    thigh = mean_of(length(f"{s}_hip", f"{s}_knee") for s in SIDES)
    shank = mean_of(length(f"{s}_knee", f"{s}_ankle") for s in SIDES)
    trunk = length("mid_hip", "mid_shoulder")
    total: Array = (thigh + shank + trunk) / (THIGH + SHANK + TRUNK)
    return np.where(total > 0, total, np.nan)


def stature_of(array: PoseArray, /) -> float:
    """Estimate body height from the legs at their longest.

    It serves as a yardstick for thresholds (a share of body height is the same for
    pixels and metres), not as a scale.

    Parameters
    ----------
    array
        The poses of one track.

    Returns
    -------
    Body height in the unit of the poses; NaN if no leg was ever seen.

    Raises
    ------
    SkeletonError
        If the skeleton has no hips, knees and ankles.
    """
    lengths = []
    for side in SIDES:
        knee = array.point(f"{side}_knee")
        thigh = distance(array.point(f"{side}_hip"), knee)
        lengths.append(thigh + distance(array.point(f"{side}_ankle"), knee))
    legs = np.concatenate(lengths)
    legs = legs[legs > 0]  # neither unseen nor a point
    return float(np.percentile(legs, 90)) / (THIGH + SHANK) if len(legs) else np.nan


def faster_hand(array: PoseArray, /) -> str:
    """Tell which wrist becomes faster relative to the hips: the hand that strikes.

    Parameters
    ----------
    array
        The poses of one track, sorted by frame.

    Returns
    -------
    ``"left"`` or ``"right"``; right if neither was seen.

    Raises
    ------
    SkeletonError
        If the skeleton has no hips or wrists.
    """
    time = array.time_s
    hips = (array.point("left_hip") + array.point("right_hip")) / 2
    fastest = {"right": 0.0, "left": 0.0}
    for side in fastest:
        hand = bridge(array.point(f"{side}_wrist") - hips)
        if len(time) > 4 and np.isfinite(hand).all():
            fastest[side] = float(speed(hand, time, window_s=0.03).max())
    return max(fastest, key=lambda side: fastest[side])
