"""Body height as the legs tell it, in the unit of the table."""

import numpy as np

from biomech.arrays import PoseArray
from biomech.kernels.geometry import distance

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
