"""Random poses for training pictures, with both feet (or a hand) where they could be.

Each archetype is a table of joint angles with spreads. They are wide on purpose: a
pose model must not learn that only athletes in good form exist. Whole movements come
from `biomech.synthetic` instead.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from biomech.synthetic.figure import Figure, bone_frames
from biomech.synthetic.landmarks import points

Array = NDArray[np.float64]
Angles = dict[str, float]

_SIDES = ("left", "right")
_SOLES = tuple(
    f"{side}_{part}_sole" for side in _SIDES for part in ("heel", "ball", "toe")
)
_LIMITS = {
    "knee_flexion_deg": (0.0, 150.0),
    "elbow_flexion_deg": (0.0, 150.0),
    "hip_flexion_deg": (-25.0, 125.0),
    "ankle_dorsiflexion_deg": (-45.0, 30.0),
}


def random_angles(rng: np.random.Generator) -> Angles:
    """Draw the joint angles of a random pose, in degrees."""
    archetypes = list(_ARCHETYPES)
    weights = np.array([_ARCHETYPES[a][1] for a in archetypes])
    make = _ARCHETYPES[
        archetypes[rng.choice(len(archetypes), p=weights / weights.sum())]
    ]
    angles = _common(rng) | make[0](rng)
    if rng.random() < 0.25:
        side = _SIDES[rng.integers(2)]
        angles |= _free_arm(rng, side)
    if rng.random() < 0.5:
        angles = {_mirrored(name): value for name, value in angles.items()}
    return {name: _limited(name, value) for name, value in angles.items()}


def standing(figure: Figure, angles: Angles, *, lift_m: float = 0.0) -> Array:
    """Put a pose on the ground: the lowest point of the soles touches Y = 0.

    Parameters
    ----------
    figure
        The person.
    angles
        Joint angles in degrees.
    lift_m
        Height of the lowest point, for jumps.

    Returns
    -------
    Bone frames, shape (bones, 4, 4).
    """
    frames = bone_frames(figure, angles, np.zeros(3))
    soles = points(figure, frames, _SOLES)[0]
    frames = frames[0].copy()
    frames[:, 1, 3] += lift_m - soles[:, 1].min()
    return np.asarray(frames, np.float64)


def _common(rng: np.random.Generator) -> Angles:
    """Draw what every pose has: a slightly bent spine, a turned head, loose hands."""
    spread = {
        "lumbar_flexion_deg": (3, 6),
        "lumbar_bend_deg": (0, 5),
        "lumbar_rotation_deg": (0, 7),
        "thorax_flexion_deg": (3, 5),
        "thorax_bend_deg": (0, 4),
        "thorax_rotation_deg": (0, 8),
        "neck_flexion_deg": (4, 15),
        "neck_bend_deg": (0, 7),
        "neck_rotation_deg": (0, 24),
        "pelvis_tilt_deg": (-5, 5),
        "pelvis_list_deg": (0, 3),
    }
    for side in _SIDES:
        spread |= {
            f"{side}_forearm_pronation_deg": (70, 35),
            f"{side}_wrist_flexion_deg": (5, 15),
            f"{side}_hip_adduction_deg": (-5, 5),
            f"{side}_hip_rotation_deg": (-8, 8),
            f"{side}_shoulder_rotation_deg": (0, 20),
        }
    return {name: float(rng.normal(*by)) for name, by in spread.items()}


def _free_arm(rng: np.random.Generator, side: str) -> Angles:
    """Raise one arm anywhere."""
    return {
        f"{side}_shoulder_elevation_deg": float(rng.uniform(5, 170)),
        f"{side}_shoulder_plane_deg": float(rng.uniform(-20, 110)),
        f"{side}_shoulder_rotation_deg": float(rng.uniform(-50, 50)),
        f"{side}_elbow_flexion_deg": float(rng.uniform(0, 130)),
    }


def _arms(rng: np.random.Generator, elevation: float, elbow: float) -> Angles:
    found: Angles = {}
    for side in _SIDES:
        found[f"{side}_shoulder_elevation_deg"] = float(rng.normal(elevation, 10))
        found[f"{side}_shoulder_plane_deg"] = float(rng.normal(70, 25))
        found[f"{side}_elbow_flexion_deg"] = float(abs(rng.normal(elbow, 15)))
    return found


def _legs(rng: np.random.Generator, hip: float, knee: float, spread: float) -> Angles:
    found: Angles = {}
    for side in _SIDES:
        flexion = float(rng.normal(knee, spread))
        found[f"{side}_knee_flexion_deg"] = flexion
        found[f"{side}_hip_flexion_deg"] = float(rng.normal(hip, spread))
        found[f"{side}_ankle_dorsiflexion_deg"] = 0.3 * flexion - 2.0
    return found


def _stand(rng: np.random.Generator) -> Angles:
    if rng.random() < 0.3:
        hands_on_hips = {}
        for side in _SIDES:
            hands_on_hips[f"{side}_shoulder_elevation_deg"] = float(rng.normal(42, 6))
            hands_on_hips[f"{side}_shoulder_plane_deg"] = float(rng.normal(-5, 10))
            hands_on_hips[f"{side}_shoulder_rotation_deg"] = float(rng.normal(65, 10))
            hands_on_hips[f"{side}_elbow_flexion_deg"] = float(rng.normal(95, 10))
        return _legs(rng, 4, 5, 5) | hands_on_hips
    return _legs(rng, 4, 5, 5) | _arms(rng, 8, 18)


def _stride(rng: np.random.Generator, amplitude: float, elbow: float) -> Angles:
    """Draw one instant of walking or running; 1 is a brisk walk."""
    phase = rng.uniform(0, 2 * np.pi)
    found: Angles = {"pelvis_tilt_deg": float(-4 - 3 * amplitude)}
    for side, shift in (("left", 0.0), ("right", np.pi)):
        swing = np.cos(phase + shift)
        lift = max(np.sin(phase + shift + 2.6), 0.0)
        found[f"{side}_hip_flexion_deg"] = float(9 + 24 * amplitude * swing)
        found[f"{side}_knee_flexion_deg"] = float(8 + 52 * amplitude**0.8 * lift)
        found[f"{side}_ankle_dorsiflexion_deg"] = float(4 - 16 * max(-swing, 0) * lift)
        arm = -np.cos(phase + shift)
        found[f"{side}_shoulder_plane_deg"] = 90.0
        found[f"{side}_shoulder_elevation_deg"] = float(2 + 25 * amplitude * arm)
        found[f"{side}_elbow_flexion_deg"] = float(elbow + 14 * arm)
    return found


def _walk(rng: np.random.Generator) -> Angles:
    return _stride(rng, float(rng.uniform(0.6, 1.2)), 20.0)


def _run(rng: np.random.Generator) -> Angles:
    return _stride(rng, float(rng.uniform(1.3, 2.1)), 85.0)


def _squat(rng: np.random.Generator) -> Angles:
    depth = float(rng.uniform(0.3, 1.15))
    lean = {"pelvis_tilt_deg": -30 * depth, "neck_flexion_deg": -15 * depth}
    wide = {f"{side}_hip_adduction_deg": -14.0 * depth for side in _SIDES}
    arms = _arms(rng, float(rng.uniform(0, 90)), float(rng.uniform(0, 110)))
    return _legs(rng, 95 * depth, 105 * depth, 5) | arms | lean | wide


def _lunge(rng: np.random.Generator) -> Angles:
    depth = float(rng.uniform(0.4, 1.0))
    return _arms(rng, float(rng.uniform(0, 60)), float(rng.uniform(0, 100))) | {
        "left_hip_flexion_deg": 85 * depth,
        "left_knee_flexion_deg": 90 * depth,
        "left_ankle_dorsiflexion_deg": 8.0,
        "right_hip_flexion_deg": -20 * depth,
        "right_knee_flexion_deg": 65 * depth,
        "right_ankle_dorsiflexion_deg": 20 * depth,
        "right_toe_extension_deg": 45 * depth,
        "pelvis_tilt_deg": float(rng.normal(-8, 8)),
    }


def _bend(rng: np.random.Generator) -> Angles:
    tilt = float(rng.uniform(20, 75))
    trunk = {"pelvis_tilt_deg": -tilt, "lumbar_flexion_deg": float(rng.uniform(5, 30))}
    knees = float(rng.uniform(5, 70))
    legs = _legs(rng, tilt + 0.6 * knees, knees, 6)
    return legs | _arms(rng, float(rng.uniform(30, 90)), 20) | trunk


def _strike(rng: np.random.Generator) -> Angles:
    """Draw both hands in front or above, as on a bat, a club or a ball."""
    reach = float(rng.uniform(15, 165))
    arms: Angles = {}
    for side, across in (("left", 18.0), ("right", 18.0)):
        arms[f"{side}_shoulder_elevation_deg"] = float(rng.normal(reach, 8))
        arms[f"{side}_shoulder_plane_deg"] = float(rng.normal(90 + across, 10))
        arms[f"{side}_elbow_flexion_deg"] = float(rng.uniform(5, 80))
    turn = float(rng.normal(0, 30))
    twist = {"thorax_rotation_deg": 0.5 * turn, "lumbar_rotation_deg": 0.3 * turn}
    stance = {
        f"{side}_hip_adduction_deg": float(rng.uniform(-22, -4)) for side in _SIDES
    }
    lean = {"pelvis_tilt_deg": float(rng.uniform(-35, 0))}
    bent = float(rng.uniform(10, 40))
    return _legs(rng, bent, bent, 8) | arms | twist | stance | lean


def _kick(rng: np.random.Generator) -> Angles:
    swing = float(rng.uniform(-30, 95))
    return _arms(rng, 40, 30) | {
        "right_hip_flexion_deg": swing,
        "right_knee_flexion_deg": float(rng.uniform(0, 100)),
        "right_ankle_dorsiflexion_deg": float(rng.uniform(-35, 10)),
        "left_hip_flexion_deg": float(rng.uniform(-5, 25)),
        "left_knee_flexion_deg": float(rng.uniform(5, 35)),
        "left_ankle_dorsiflexion_deg": 8.0,
        "pelvis_tilt_deg": float(rng.normal(5, 10)),
    }


def _sit(rng: np.random.Generator) -> Angles:
    legs = _legs(rng, 85, 90, 12)
    return legs | _arms(rng, float(rng.uniform(10, 50)), float(rng.uniform(10, 100)))


def _anything(rng: np.random.Generator) -> Angles:
    """Draw every limb on its own."""
    arms = _free_arm(rng, "left") | _free_arm(rng, "right")
    hip, knee = float(rng.uniform(-10, 80)), float(rng.uniform(0, 90))
    return (
        _legs(rng, hip, knee, 25)
        | arms
        | {"pelvis_tilt_deg": float(rng.normal(-5, 18))}
    )


_ARCHETYPES: dict[str, tuple[Callable[[np.random.Generator], Angles], float]] = {
    "stand": (_stand, 1.6),
    "walk": (_walk, 2.0),
    "run": (_run, 2.0),
    "squat": (_squat, 1.2),
    "lunge": (_lunge, 1.0),
    "bend": (_bend, 1.0),
    "strike": (_strike, 2.0),
    "kick": (_kick, 0.8),
    "sit": (_sit, 0.5),
    "anything": (_anything, 1.5),
}


def _mirrored(name: str) -> str:
    if name.startswith("left_"):
        return "right_" + name.removeprefix("left_")
    return name.replace("right_", "left_", 1) if name.startswith("right_") else name


def _limited(name: str, value: float) -> float:
    for ending, (low, high) in _LIMITS.items():
        if name.endswith(ending):
            return float(np.clip(value, low, high))
    return value
