"""A jointed human figure: proportions, bones and forward kinematics.

World axes are those of the ISB and OpenSim: X forward, Y up, Z to the right, metres.
Every bone has a frame whose origin is its proximal joint. With all angles zero the
figure stands upright facing +X, arms hanging, palms forward (the anatomical position),
and every bone frame is parallel to the world.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomech.errors import ConfigError
from biomech.synthetic.bones import ANGLES, BIND_POSE, BONE_INDEX, BONES, Bone
from biomech.synthetic.rotations import rotation

__all__ = [
    "ANGLES",
    "BIND_POSE",
    "BONES",
    "BONE_INDEX",
    "Bone",
    "Figure",
    "Sex",
    "bone_frame",
    "bone_frames",
    "figure",
    "local_rotation",
    "rest_joints",
]

Array = NDArray[np.float64]
Sex = Literal["male", "female"]

#: Height of the ankle joint and lengths of shank, thigh, foot and hand: Drillis and
#: Contini as drawn by Winter (2009, figure 4.1). Upper arm and forearm between joint
#: centres: de Leva (1996, table 4). Hip and shoulder widths are between joint centres:
#: the pelvis of Bell et al. (1990) gives about 0.10, biacromial breadth 0.259 less the
#: 2.5 to 3 % that the joint lies inside the acromion on each side. Fractions of height.
_PROPORTIONS: dict[Sex, dict[str, float]] = {
    "male": {
        "ankle_height_m": 0.039,
        "shank_m": 0.246,
        "thigh_m": 0.245,
        "foot_m": 0.152,
        "hip_width_m": 0.098,
        "trunk_m": 0.288,
        "shoulder_width_m": 0.206,
        "upper_arm_m": 0.162,
        "forearm_m": 0.154,
        "hand_m": 0.108,
    },
    "female": {
        "ankle_height_m": 0.039,
        "shank_m": 0.246,
        "thigh_m": 0.245,
        "foot_m": 0.145,
        "hip_width_m": 0.102,
        "trunk_m": 0.288,
        "shoulder_width_m": 0.192,
        "upper_arm_m": 0.159,
        "forearm_m": 0.152,
        "hand_m": 0.104,
    },
}


@dataclass(frozen=True)
class Figure:
    """The proportions of one person: lengths between joint centres, in metres.

    ``trunk_m`` runs from the middle of the hips to the middle of the shoulders,
    ``foot_m`` from heel to toe tip, ``hand_m`` from wrist to finger tip.
    """

    height_m: float
    sex: Sex
    ankle_height_m: float
    shank_m: float
    thigh_m: float
    foot_m: float
    hip_width_m: float
    trunk_m: float
    shoulder_width_m: float
    upper_arm_m: float
    forearm_m: float
    hand_m: float

    @property
    def leg_m(self) -> float:
        """Length of the straight leg, hip to ankle."""
        return self.thigh_m + self.shank_m

    @property
    def hip_height_m(self) -> float:
        """Height of the hip joints above the floor when standing."""
        return self.leg_m + self.ankle_height_m


def figure(
    *,
    height_m: float = 1.75,
    sex: Sex = "male",
    lengths_m: Mapping[str, float] | None = None,
) -> Figure:
    """Build a figure from body height, with normal proportions.

    Parameters
    ----------
    height_m
        Body height in metres, 0.5 to 2.5.
    sex
        Which table of proportions to use, "male" or "female".
    lengths_m
        Lengths that replace the normal ones, by the name of the `Figure` field.

    Returns
    -------
    The figure, all lengths in metres.

    Raises
    ------
    ConfigError
        If the height, the sex or a length is impossible, or a length is unknown.

    References
    ----------
    Winter DA (2009) Biomechanics and motor control of human movement, 4th ed.,
    doi:10.1002/9780470549148. de Leva P (1996) J Biomech 29:1223,
    doi:10.1016/0021-9290(95)00178-6. Bell AL et al. (1990) J Biomech 23:617,
    doi:10.1016/0021-9290(90)90054-7.

    Examples
    --------
    >>> round(figure(height_m=1.80).thigh_m, 3)
    0.441
    """
    problems = []
    if not 0.5 <= height_m <= 2.5:
        problems.append(f"height_m is {height_m}, allowed are 0.5 to 2.5")
    if sex not in _PROPORTIONS:
        problems.append(f"sex is {sex!r}, allowed are {sorted(_PROPORTIONS)}")
    proportions = _PROPORTIONS.get(sex, _PROPORTIONS["male"])
    for name, length_m in (lengths_m or {}).items():
        if name not in proportions:
            problems.append(f"length {name!r} is unknown, known: {[*proportions]}")
        elif not 0 < length_m < height_m:
            problems.append(f"{name} is {length_m}, allowed are 0 to {height_m}")
    if problems:
        raise ConfigError("; ".join(problems))
    normal = {name: ratio * height_m for name, ratio in proportions.items()}
    return Figure(height_m=height_m, sex=sex, **(normal | dict(lengths_m or {})))


def rest_joints(person: Figure, /) -> Array:
    """Place the proximal joint of every bone with all angles zero.

    The soles are on the floor Y = 0 and the middle of the hips is above the origin.

    Parameters
    ----------
    person
        The figure.

    Returns
    -------
    Metres, shape (bones, 3), in the order of `BONES`.
    """
    h, hip = person.height_m, person.hip_height_m
    shoulder = hip + person.trunk_m
    # Spine joints: L5-S1, T12-L1, C7-T1 and the skull's joint, on a lateral view of
    # the upright spine (fractions of height, read to half a centimetre).
    joints = {
        "pelvis": (0.0, hip, 0.0),
        "abdomen": (-0.020 * h, hip + 0.058 * h, 0.0),
        "chest": (-0.024 * h, hip + 0.145 * h, 0.0),
        "neck": (-0.022 * h, shoulder + 0.022 * h, 0.0),
        "head": (0.0, shoulder + 0.098 * h, 0.0),
    }
    wrist = shoulder - person.upper_arm_m - person.forearm_m
    # The ball of the foot is 70 % of the way from heel to toe tip, the ankle 25 %.
    ball = (0.70 - 0.25) * person.foot_m
    for side, sign in (("left", -1), ("right", 1)):
        z_arm = sign * person.shoulder_width_m / 2
        z_leg = sign * person.hip_width_m / 2
        joints |= {
            f"{side}_clavicle": (0.010 * h, shoulder - 0.004 * h, sign * 0.014 * h),
            f"{side}_upper_arm": (-0.006 * h, shoulder, z_arm),
            f"{side}_forearm": (-0.006 * h, shoulder - person.upper_arm_m, z_arm),
            f"{side}_hand": (-0.006 * h, wrist, z_arm),
            f"{side}_thigh": (0.0, hip, z_leg),
            f"{side}_shank": (0.0, hip - person.thigh_m, z_leg),
            f"{side}_foot": (0.0, person.ankle_height_m, z_leg),
            f"{side}_toes": (ball, 0.012 * h, z_leg),
        }
    return np.array([joints[bone.name] for bone in BONES])


def bone_frames(
    person: Figure, angles: Mapping[str, ArrayLike], root_m: ArrayLike | None = None, /
) -> Array:
    """Place all bones by forward kinematics.

    Parameters
    ----------
    person
        The figure.
    angles
        Degrees by name (see `ANGLES`), one number or one per frame; zero where absent.
    root_m
        Middle of the hip joints, shape (3,) or (frames, 3). By default, where the
        standing figure has it.

    Returns
    -------
    Bone frames in the world, shape (frames, bones, 4, 4): columns are the axes of the
    bone and its origin, the proximal joint, in metres.

    Raises
    ------
    ConfigError
        If an angle is unknown or the lengths disagree.
    """
    if unknown := sorted(set(angles) - set(ANGLES)):
        msg = f"unknown angles {unknown}; known are {list(ANGLES)}"
        raise ConfigError(msg)
    rest = rest_joints(person)
    root = np.atleast_2d(np.asarray(rest[0] if root_m is None else root_m, float))
    series = {name: np.atleast_1d(np.asarray(a, float)) for name, a in angles.items()}
    n_frames = _n_frames([len(root), *(len(values) for values in series.values())])

    frames = np.zeros((n_frames, len(BONES), 4, 4))
    frames[..., 3, 3] = 1.0
    for i, bone in enumerate(BONES):
        local = local_rotation(bone, series)
        if bone.parent is None:
            frames[:, i, :3, :3], frames[:, i, :3, 3] = local, root
            continue
        parent = BONE_INDEX[bone.parent]
        turned = frames[:, parent, :3, :3]
        frames[:, i, :3, :3] = turned @ local
        frames[:, i, :3, 3] = frames[:, parent, :3, 3] + turned @ (
            rest[i] - rest[parent]
        )
    return frames


def bone_frame(
    person: Figure,
    angles: Mapping[str, ArrayLike],
    root_m: ArrayLike,
    name: str,
    /,
) -> tuple[Array, Array]:
    """Place one bone, without those that do not carry it.

    Parameters
    ----------
    person
        The figure.
    angles
        Degrees by name; zero where absent.
    root_m
        Middle of the hip joints, shape (3,) or (frames, 3).
    name
        A bone.

    Returns
    -------
    Rotations of the bone, shape (frames or 1, 3, 3), and its origin, (frames, 3).
    """
    chain = [BONES[BONE_INDEX[name]]]
    while chain[-1].parent is not None:
        chain.append(BONES[BONE_INDEX[chain[-1].parent]])
    rest = rest_joints(person)
    turned, origin = np.eye(3)[None], np.atleast_2d(np.asarray(root_m, float))
    for bone in reversed(chain):
        if bone.parent is not None:
            offset = rest[BONE_INDEX[bone.name]] - rest[BONE_INDEX[bone.parent]]
            origin = origin + turned @ offset
        turned = turned @ local_rotation(bone, angles)
    return turned, origin


def _n_frames(lengths: list[int]) -> int:
    """Find the common number of frames, where 1 goes with any."""
    several = {length for length in lengths if length != 1}
    if len(several) > 1:
        msg = f"angles and root_m have different numbers of frames: {sorted(several)}"
        raise ConfigError(msg)
    return several.pop() if several else 1


def local_rotation(bone: Bone, angles: Mapping[str, ArrayLike], /) -> Array:
    """Compose a bone's rotation relative to its parent.

    Parameters
    ----------
    bone
        The bone.
    angles
        Degrees by name, zero where absent.

    Returns
    -------
    Rotation matrices, shape (frames or 1, 3, 3).
    """
    matrix = np.eye(3)[None]
    for turn in bone.turns:
        if turn.angle in angles:
            values = np.atleast_1d(np.asarray(angles[turn.angle], float))
            matrix = matrix @ rotation(turn.axis, turn.gain * values)
    return matrix
