"""Where shadows are: the square that the sun looks at, and the spots under feet."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from biomech.synthetic.figure import BONE_INDEX
from sample_videos.view import View

Array = NDArray[np.float64]
Floats = NDArray[np.float32]

_FEET = [
    BONE_INDEX[f"{side}_{part}"]
    for side in ("left", "right")
    for part in ("foot", "toes")
]
#: Radius of the dark spot under a foot, and how far the shadow map reaches at least.
_SPOT_M, _REACH_M = 0.13, 5.0
#: How far towards the sun something may be and still throw a shadow, in metres.
_SUN_REACH_M = 40.0


def feet_of(bones: Sequence[Array]) -> Array:
    """Return where ankles and balls of the feet of all people are, (points, 3)."""
    if not bones:
        return np.zeros((0, 3))
    return np.concatenate([frames[_FEET, :3, 3] for frames in bones])


def contacts(feet: Array, limit: int) -> Array:
    """Return the darkest spots under feet: place and radius, (at most limit, 4)."""
    low = feet[:limit] * np.array([1.0, 0.3, 1.0])
    return np.column_stack([low, np.full(len(low), _SPOT_M)])


def sun_clip(sun_direction: Floats, view: View, feet: Array) -> Array:
    """Look from the sun on a square around all people.

    Parameters
    ----------
    sun_direction
        Towards the sun, (3,).
    view
        The camera; the square is in front of it where there are no people.
    feet
        From `feet_of`.

    Returns
    -------
    Matrix (4, 4) from the world to the clip space of the shadow map.
    """
    middle = feet.mean(axis=0) if len(feet) else view.position_m + 5 * view.rotation[2]
    centre = np.array([middle[0], 0.9, middle[2]])
    away = np.linalg.norm((feet - centre)[:, [0, 2]], axis=1)
    reach_m = max(_REACH_M, 2.0 + float(away.max(initial=0.0)))
    sun = np.asarray(sun_direction, float)
    sun = sun / np.linalg.norm(sun)
    aside = np.cross(sun, [0.0, 0.0, 1.0] if abs(sun[2]) < 0.9 else [1.0, 0.0, 0.0])
    aside /= np.linalg.norm(aside)
    turn = np.array([aside, np.cross(sun, aside), -sun])
    matrix = np.eye(4)
    matrix[:3, :3] = turn / np.array([[reach_m], [reach_m], [_SUN_REACH_M]])
    matrix[:3, 3] = -matrix[:3, :3] @ centre
    return matrix
