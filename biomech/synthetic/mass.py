"""Where the mass of a figure is, from its keypoints: the truth for jumps and runs."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from biomech.synthetic.figure import Figure, Sex

Array = NDArray[np.float64]

#: Segment: (near end, far end), and for male and female the share of body mass and the
#: centre of mass from the near end, de Leva (1996, table 4). The head's mass is put
#: between the ears; the hand's 4 % of body height beyond the wrist along the forearm.
_SEGMENTS: tuple[tuple[tuple[str, str], dict[Sex, tuple[float, float]]], ...] = (
    (("ear", "ear"), {"male": (0.0694, 0.0), "female": (0.0668, 0.0)}),
    (("shoulders", "hips"), {"male": (0.4346, 0.4310), "female": (0.4257, 0.3782)}),
    (("shoulder", "elbow"), {"male": (0.0271, 0.5772), "female": (0.0255, 0.5754)}),
    (("elbow", "wrist"), {"male": (0.0162, 0.4574), "female": (0.0138, 0.4559)}),
    (("wrist", "hand"), {"male": (0.0061, 1.0), "female": (0.0056, 1.0)}),
    (("hip", "knee"), {"male": (0.1416, 0.4095), "female": (0.1478, 0.3612)}),
    (("knee", "ankle"), {"male": (0.0433, 0.4395), "female": (0.0481, 0.4352)}),
    (("heel", "big_toe"), {"male": (0.0137, 0.4415), "female": (0.0129, 0.4014)}),
)
_HAND_BH = 0.04
#: Standard gravity, rounded as in the biomechanics literature.
GRAVITY_M_S2 = 9.81


def mass_centre(person: Figure, points: Mapping[str, Array], /) -> Array:
    """Find the centre of mass of the whole body.

    Parameters
    ----------
    person
        The figure.
    points
        Keypoints by name, shape (frames, 3).

    Returns
    -------
    Metres, shape (frames, 3).

    References
    ----------
    de Leva P (1996) Adjustments to Zatsiorsky-Seluyanov's segment inertia parameters.
    J Biomech 29:1223, doi:10.1016/0021-9290(95)00178-6.
    """
    sides = [_side_points(person, points, side) for side in ("left", "right")]
    weighted, total = np.zeros_like(points["mid_hip"]), 0.0
    for (near, far), by_sex in _SEGMENTS:
        mass, share = by_sex[person.sex]
        # Head and trunk are listed once, so each side stands for half of them.
        part = 0.5 * mass if near in {"ear", "shoulders"} else mass
        for side in sides:
            weighted = weighted + part * (side[near] * (1 - share) + side[far] * share)
            total += part
    return weighted / total


def _side_points(
    person: Figure, points: Mapping[str, Array], side: str
) -> dict[str, Array]:
    """Name the points of one side without the side, the middle ones in plural."""
    names = ("ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    found = {n: points[f"{side}_{n}"] for n in (*names, "heel", "big_toe")}
    forearm = found["wrist"] - found["elbow"]
    along = forearm / np.linalg.norm(forearm, axis=-1, keepdims=True)
    return {
        **found,
        "shoulders": (points["left_shoulder"] + points["right_shoulder"]) / 2,
        "hips": (points["left_hip"] + points["right_hip"]) / 2,
        "hand": found["wrist"] + _HAND_BH * person.height_m * along,
    }
