"""A foot that rolls on the floor from heel to toe without sliding."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomech.synthetic.figure import Figure
from biomech.synthetic.landmarks import (
    ANKLE_ALONG_FOOT,
    BALL_ALONG_FOOT,
    BALL_HEIGHT,
    sites,
)
from biomech.synthetic.rotations import rotation

Array = NDArray[np.float64]


class FootPose(NamedTuple):
    """Where the ankle is, and how foot and toes are turned in the world."""

    ankle_m: Array
    rotation: Array
    toe_extension_deg: Array


def rolled_foot(
    person: Figure,
    /,
    *,
    side: str,
    heel_m: ArrayLike,
    pitch_deg: ArrayLike,
    toe_pitch_deg: ArrayLike = 0.0,
    toe_out_deg: ArrayLike = 0.0,
) -> FootPose:
    """Pose a foot that stands on the floor.

    With the toes up (positive pitch) it stands on the edge of its heel; else on the
    ball, with the toes flat on the floor, or on the tip of the toes if those are
    pitched too.

    Parameters
    ----------
    person
        The figure.
    side
        "left" or "right".
    heel_m
        Where the edge of the heel touches the floor when the foot is flat,
        shape (3,) or (frames, 3).
    pitch_deg
        Foot above the floor: positive with the toes up, negative with the heel up.
    toe_pitch_deg
        Toes above the floor, zero or negative.
    toe_out_deg
        Turn of the foot outwards, about the vertical.

    Returns
    -------
    The pose of the foot.
    """
    pitch = np.atleast_1d(np.asarray(pitch_deg, float))
    toe_pitch = np.atleast_1d(np.asarray(toe_pitch_deg, float))
    outwards = 1.0 if side == "left" else -1.0
    heading = rotation(1, outwards * np.atleast_1d(np.asarray(toe_out_deg, float)))
    foot, toes = heading @ rotation(2, pitch), heading @ rotation(2, toe_pitch)
    heel, ball, tip = _contacts(person, side)

    flat = np.asarray(heel_m, float)
    on_heel = flat - foot @ heel
    toe_tip = flat + heading @ (ball + tip - heel)
    on_toes = toe_tip - toes @ tip - foot @ ball
    ankle = np.where((pitch > 0)[..., None], on_heel, on_toes)
    extension = np.where(pitch > 0, 0.0, toe_pitch - pitch)
    return FootPose(ankle, foot, extension)


def heel_about_toe(
    person: Figure,
    heel_m: ArrayLike,
    /,
    *,
    side: str,
    toe_out_deg: float,
    spin_deg: ArrayLike,
) -> Array:
    """Move the heel of a flat foot round the tip of its toes.

    Parameters
    ----------
    person
        The figure.
    heel_m
        Where the heel touches the floor, shape (3,).
    side
        "left" or "right".
    toe_out_deg
        Turn of the foot outwards before it spins.
    spin_deg
        Turn inwards about the toes.

    Returns
    -------
    Where the heel would touch the floor then, shape (frames, 3).
    """
    outwards = 1.0 if side == "left" else -1.0
    heel, ball, tip = _contacts(person, side)
    spin = np.atleast_1d(np.asarray(spin_deg, float))
    before = rotation(1, outwards * toe_out_deg) @ (ball + tip - heel)
    after = rotation(1, outwards * (toe_out_deg - spin)) @ (ball + tip - heel)
    moved: Array = np.asarray(heel_m, float) + before - after
    return moved


def sole_depth(person: Figure, foot: FootPose, /) -> Array:
    """Measure how far the lowest point of the sole is below the ankle.

    Parameters
    ----------
    person
        The figure.
    foot
        The pose of the foot, of either side.

    Returns
    -------
    Metres, shape (frames,).
    """
    heel, ball, tip = _contacts(person, "right")
    toes = foot.rotation @ rotation(2, foot.toe_extension_deg)
    under_ball = ball - np.array([0.0, BALL_HEIGHT * person.height_m, 0.0])
    heights = [
        (foot.rotation @ heel)[..., 1],
        (foot.rotation @ under_ball)[..., 1],
        (foot.rotation @ ball + toes @ tip)[..., 1],
    ]
    depth: Array = -np.min(heights, axis=0)
    return depth


def _contacts(person: Figure, side: str) -> tuple[Array, Array, Array]:
    """Heel edge and ball joint from the ankle, toe tip from the ball joint."""
    known = sites(person)
    drop = BALL_HEIGHT * person.height_m - person.ankle_height_m
    along = (BALL_ALONG_FOOT - ANKLE_ALONG_FOOT) * person.foot_m
    ball = np.array([along, drop, 0.0])
    return known[f"{side}_heel_sole"][1], ball, known[f"{side}_toe_sole"][1]
