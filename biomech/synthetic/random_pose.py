"""Poses at random, within what people do: material to train and to test with."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biomech.errors import ConfigError, did_you_mean
from biomech.synthetic.figure import Figure, Sex, bone_frames, figure
from biomech.synthetic.landmarks import points
from biomech.synthetic.reach import arm_swing

Array = NDArray[np.float64]


class Pose(NamedTuple):
    """One pose: who, how, where its bones are, and what kind of pose it is."""

    figure: Figure
    angles: dict[str, float]
    root_m: Array
    bones: Array
    kind: str


class _Range(NamedTuple):
    """Angle of the one side, of the other, and how much it varies."""

    one: float
    other: float
    sd: float


#: Legs and pelvis of each kind of pose, in degrees. One side is chosen at random.
_LEGS: dict[str, dict[str, _Range]] = {
    "standing": {
        "hip_flexion": _Range(4, 4, 6),
        "knee_flexion": _Range(6, 8, 6),
        "hip_adduction": _Range(-5, -5, 4),
    },
    "walking": {
        "hip_flexion": _Range(24, -8, 8),
        "knee_flexion": _Range(12, 25, 14),
        "ankle_dorsiflexion": _Range(2, -6, 8),
    },
    "running": {
        "hip_flexion": _Range(48, -6, 12),
        "knee_flexion": _Range(65, 50, 28),
        "ankle_dorsiflexion": _Range(5, -12, 12),
    },
    "lunging": {
        "hip_flexion": _Range(75, -10, 14),
        "knee_flexion": _Range(80, 40, 18),
        "ankle_dorsiflexion": _Range(8, 12, 8),
    },
    "side_lunging": {
        "hip_flexion": _Range(70, 20, 12),
        "knee_flexion": _Range(80, 8, 14),
        "hip_adduction": _Range(-25, -38, 8),
    },
    "squatting": {
        "hip_flexion": _Range(85, 85, 22),
        "knee_flexion": _Range(95, 95, 24),
        "ankle_dorsiflexion": _Range(20, 20, 8),
        "hip_adduction": _Range(-14, -14, 6),
    },
    "sitting": {
        "hip_flexion": _Range(85, 85, 12),
        "knee_flexion": _Range(85, 80, 18),
        "hip_adduction": _Range(-8, -8, 8),
    },
    "kneeling": {
        "hip_flexion": _Range(80, -5, 12),
        "knee_flexion": _Range(95, 100, 10),
        "ankle_dorsiflexion": _Range(5, -25, 10),
    },
    "kicking": {
        "hip_flexion": _Range(60, 8, 28),
        "knee_flexion": _Range(35, 16, 25),
        "hip_adduction": _Range(-15, -4, 12),
    },
    "jumping": {
        "hip_flexion": _Range(15, 10, 25),
        "knee_flexion": _Range(30, 25, 28),
        "ankle_dorsiflexion": _Range(-22, -22, 12),
        "hip_adduction": _Range(-8, -8, 9),
    },
    "bending": {
        "hip_flexion": _Range(60, 60, 20),
        "knee_flexion": _Range(20, 20, 14),
        "hip_adduction": _Range(-8, -8, 6),
    },
}
#: Trunk of each kind: forward lean of the pelvis and flexion of the spine.
_LEAN = {
    "running": (10.0, 6.0),
    "lunging": (12.0, 12.0),
    "side_lunging": (24.0, 15.0),
    "squatting": (28.0, 14.0),
    "kicking": (-6.0, 14.0),
    "bending": (48.0, 25.0),
}
#: Arms: flexion, abduction, rotation, elbow, and their standard deviations.
_ARMS: dict[str, tuple[tuple[float, float], ...]] = {
    "hanging": ((5, 18), (10, 7), (15, 20), (15, 12)),
    "bent": ((5, 30), (15, 10), (15, 22), (92, 20)),
    "forward": ((80, 25), (5, 15), (10, 25), (30, 28)),
    "overhead": ((155, 15), (-8, 12), (0, 25), (25, 25)),
    "sideways": ((10, 20), (80, 22), (0, 30), (25, 30)),
    "on_hips": ((-18, 8), (42, 8), (55, 10), (98, 10)),
    "at_face": ((55, 18), (15, 12), (20, 20), (125, 14)),
}
#: What joints can do, in degrees (normal ranges of motion, rounded outwards).
_LIMITS = {
    "hip_flexion": (-25.0, 125.0),
    "hip_adduction": (-50.0, 25.0),
    "hip_rotation": (-35.0, 35.0),
    "knee_flexion": (0.0, 140.0),
    "ankle_dorsiflexion": (-45.0, 30.0),
    "elbow_flexion": (0.0, 145.0),
}
KINDS = tuple(_LEGS)


def random_pose(
    rng: np.random.Generator,
    /,
    *,
    kind: str | None = None,
    person: Figure | None = None,
    heading_deg: float | None = None,
) -> Pose:
    """Draw a pose: legs of some kind, arms of some kind, a trunk to go with them.

    Arms and legs are correlated as in people: kinds of poses have their own means, the
    spread is about those, and joints stay within their normal ranges of motion.

    Parameters
    ----------
    rng
        Source of the random numbers.
    kind
        One of `KINDS`; by default any.
    person
        The figure; by default one of random height and sex.
    heading_deg
        Where it faces, as a turn to the left from X; by default anywhere.

    Returns
    -------
    The pose. The lowest point is on the floor, except when jumping; the root is above
    the origin. ``bones`` has one frame.

    Raises
    ------
    ConfigError
        If the kind is unknown.

    Examples
    --------
    >>> pose = random_pose(np.random.default_rng(1), kind="squatting")
    >>> pose.angles["left_knee_flexion_deg"] > 40
    True
    """
    if kind is not None and kind not in KINDS:
        msg = f"unknown kind of pose {kind!r}{did_you_mean(kind, KINDS)}"
        raise ConfigError(msg)
    chosen = str(rng.choice(KINDS)) if kind is None else kind
    person = person or _person(rng)
    heading = rng.uniform(-180, 180) if heading_deg is None else heading_deg
    angles = {
        **_trunk(rng, chosen),
        **_legs(rng, chosen),
        **_arms(rng),
        "pelvis_rotation_deg": float(heading),
    }
    lift = float(rng.uniform(0.05, 0.5)) if chosen == "jumping" else 0.0
    bones = bone_frames(person, angles, (0.0, 0.0, 0.0))
    root = np.array([0.0, lift - _lowest(person, bones), 0.0])
    bones[..., :3, 3] += root
    return Pose(person, angles, root, bones, chosen)


def _person(rng: np.random.Generator) -> Figure:
    """Draw a person: adults and some children."""
    sex: Sex = "female" if rng.random() < 0.5 else "male"
    mean = 1.64 if sex == "female" else 1.77
    height = float(np.clip(rng.normal(mean, 0.09), 1.3, 2.1))
    return figure(height_m=height, sex=sex)


def _within(name: str, value: float) -> float:
    """Keep an angle within the range of its joint."""
    low, high = _LIMITS.get(name, (-np.inf, np.inf))
    return float(np.clip(value, low, high))


def _legs(rng: np.random.Generator, kind: str) -> dict[str, float]:
    """Draw the angles of both legs."""
    sides = rng.permutation(["left", "right"])
    ranges: Mapping[str, _Range] = {
        "hip_adduction": _Range(-4, -4, 5),
        "hip_rotation": _Range(-6, -6, 10),
        "ankle_dorsiflexion": _Range(4, 4, 7),
        "ankle_inversion": _Range(0, 0, 5),
        "toe_extension": _Range(0, 8, 5),
        **_LEGS[kind],
    }
    return {
        f"{side}_{name}_deg": _within(name, rng.normal(mean, r.sd))
        for name, r in ranges.items()
        for side, mean in zip(sides, (r.one, r.other), strict=True)
    }


def _arms(rng: np.random.Generator) -> dict[str, float]:
    """Draw the angles of both arms, alike more often than not."""
    first, second = rng.choice(list(_ARMS), 2)
    modes = {"left": first, "right": first if rng.random() < 0.6 else second}
    found: dict[str, float] = {}
    for side, mode in modes.items():
        flexion, abduction, turn, elbow = (rng.normal(m, s) for m, s in _ARMS[mode])
        swing = arm_swing(
            side, flexion_deg=flexion, abduction_deg=abduction, rotation_deg=turn
        )
        found |= {name: float(angle[0]) for name, angle in swing.items()}
        raised = found[f"{side}_shoulder_elevation_deg"]
        found |= {
            # The shoulder blade takes part above 30 degrees, up to about 25.
            f"{side}_clavicle_elevation_deg": 0.18 * max(raised - 30.0, 0.0),
            f"{side}_elbow_flexion_deg": _within("elbow_flexion", elbow),
            f"{side}_forearm_pronation_deg": float(rng.uniform(0, 130)),
            f"{side}_wrist_flexion_deg": float(rng.normal(0, 20)),
            f"{side}_wrist_deviation_deg": float(rng.normal(5, 8)),
        }
    return found


def _trunk(rng: np.random.Generator, kind: str) -> dict[str, float]:
    """Draw pelvis, spine and neck; the head is held against the lean."""
    lean, curl = _LEAN.get(kind, (2.0, 4.0))
    lean, curl = rng.normal(lean, 7.0), rng.normal(curl, 8.0)
    twist, bend = rng.normal(0.0, 16.0), rng.normal(0.0, 7.0)
    upright = np.clip(0.6 * (lean + curl), -30.0, 40.0)
    return {
        "pelvis_tilt_deg": float(-lean),
        "pelvis_list_deg": float(rng.normal(0.0, 5.0)),
        "lumbar_flexion_deg": float(0.5 * curl),
        "lumbar_bend_deg": float(0.5 * bend),
        "lumbar_rotation_deg": float(0.4 * twist),
        "thorax_flexion_deg": float(0.5 * curl),
        "thorax_bend_deg": float(0.5 * bend),
        "thorax_rotation_deg": float(0.6 * twist),
        "neck_flexion_deg": float(rng.normal(-upright, 14.0)),
        "neck_bend_deg": float(rng.normal(-0.5 * bend, 8.0)),
        "neck_rotation_deg": float(np.clip(rng.normal(-0.5 * twist, 28.0), -75, 75)),
    }


def _lowest(person: Figure, bones: Array) -> float:
    """Find the height of the lowest point, soles and hands included."""
    names = [
        f"{side}_{point}"
        for side in ("left", "right")
        for point in (
            *("heel_sole", "ball_sole", "toe_sole", "small_toe", "heel"),
            *("knee", "hip", "elbow", "wrist", "fingertip", "big_toe"),
        )
    ]
    heights = points(person, bones, tuple(names))[0, :, 1]
    # These are inside: their skin is farther down by so many body heights.
    flesh = dict.fromkeys(("small_toe", "big_toe", "heel"), 0.011)
    flesh |= {"wrist": 0.015, "elbow": 0.02, "knee": 0.03, "hip": 0.05}
    inside = np.array([flesh.get(name.split("_", 1)[1], 0.0) for name in names])
    return float((heights - inside * person.height_m).min())
