"""What a track tells of its body: how tall it is, and which hand is the faster."""

import numpy as np

from biomech.arrays import PoseArray
from biomech.kernels.geometry import distance
from biomech.kernels.windows import bridge, speed

#: Thigh and shank as shares of stature (Drillis & Contini 1966, in Winter 2009).
LEG_SHARE = 0.245 + 0.246


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
    for side in ("left", "right"):
        knee = array.point(f"{side}_knee")
        thigh = distance(array.point(f"{side}_hip"), knee)
        lengths.append(thigh + distance(array.point(f"{side}_ankle"), knee))
    legs = np.concatenate(lengths)
    legs = legs[np.isfinite(legs)]
    return float(np.percentile(legs, 90)) / LEG_SHARE if len(legs) else np.nan


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
    time = array.frames["time_s"].to_numpy().astype(np.float64)
    hips = (array.point("left_hip") + array.point("right_hip")) / 2
    fastest = {"right": 0.0, "left": 0.0}
    for side in fastest:
        hand = bridge(array.point(f"{side}_wrist") - hips)
        if len(time) > 4 and np.isfinite(hand).all():
            fastest[side] = float(speed(hand, time, window_s=0.03).max())
    return max(fastest, key=lambda side: fastest[side])
