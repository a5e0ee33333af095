"""The flesh of a figure: capsules on its bones, in the coordinates of each bone.

Bone coordinates are those of `biomech.synthetic.figure`: the origin is the proximal
joint, and with all angles zero every bone is parallel to the world (X forward, Y up,
Z right). Sizes are written for a body of 1.75 m and scale with height; breadths and
depths were set against the anthropometric survey of Gordon et al. (2014).

References
----------
Gordon CC et al. (2014), "2012 Anthropometric survey of U.S. Army personnel", report
NATICK/TR-15/007 (breadths, depths and girths of trunk, limbs and head).
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from biomech.synthetic.figure import (
    BIND_POSE,
    BONE_INDEX,
    BONES,
    Figure,
    bone_frames,
    rest_joints,
)
from sample_videos.volume import Capsule

Array = NDArray[np.float64]
Hand = Literal["open", "fist"]
#: State of both hands: open, closed around a handle, or only one of them closed.
Hands = Literal["open", "fist", "left_fist", "right_fist"]
SIDES = (("left", -1.0), ("right", 1.0))

#: Arms away from the trunk, legs apart, soles flat on the ground.
BIND = BIND_POSE | {f"{side}_ankle_inversion_deg": 8.0 for side, _ in SIDES}
_SIZE_M = 1.75


class Build(NamedTuple):
    """How a person's flesh differs from the average: factors, 1 is average."""

    girth: float = 1.0
    muscle: float = 1.0
    bust: float = 1.0
    head: float = 1.0


class Local(NamedTuple):
    """A tapered capsule in the coordinates of a bone, for a body of 1.75 m."""

    bone: str
    start: tuple[float, float, float]
    end: tuple[float, float, float]
    start_radius: float
    end_radius: float


def bind_frames(figure: Figure) -> Array:
    """Place the bones in the pose in which the skin is made, (bones, 4, 4)."""
    frames: Array = bone_frames(figure, BIND)[0]
    return frames


def flesh(figure: Figure, build: Build, *, hand: Hand = "open") -> list[Capsule]:
    """Cover the bones of a figure in the bind pose.

    Parameters
    ----------
    figure
        Whose bones.
    build
        Thin or stout, lean or muscular.
    hand
        Fingers slightly bent, or closed around a handle.

    Returns
    -------
    Capsules in metres, in the world of `bind_frames`.
    """
    frames = bind_frames(figure)
    size = figure.height_m / _SIZE_M
    return [
        _placed(part, frames, size)
        for parts in (
            _trunk(figure, build),
            _head(figure, build),
            *(_arm(figure, build, *side) for side in SIDES),
            *(_hand(hand, *side) for side in SIDES),
            *(_leg(figure, build, *side) for side in SIDES),
            *(_foot(figure, *side) for side in SIDES),
        )
        for part in parts
    ]


def part_of(capsules: list[Capsule], *names: str) -> list[Capsule]:
    """Select the capsules on bones whose name ends with one of the given names."""
    bones = {i for i, bone in enumerate(BONES) if bone.name.endswith(names)}
    return [capsule for capsule in capsules if capsule.bone in bones]


def _placed(part: Local, frames: Array, size: float) -> Capsule:
    frame = frames[BONE_INDEX[part.bone]]
    ends = np.array([part.start, part.end]) * size @ frame[:3, :3].T + frame[:3, 3]
    start, end = ends.astype(np.float32)
    index = BONE_INDEX[part.bone]
    return Capsule(index, start, end, part.start_radius * size, part.end_radius * size)


def _trunk(figure: Figure, build: Build) -> Iterator[Local]:
    female = figure.sex == "female"
    girth, muscle = build.girth, build.muscle
    wide = figure.hip_width_m / (0.098 * figure.height_m)
    broad = figure.shoulder_width_m / (0.206 * figure.height_m)
    waist = (0.078 if female else 0.088) * girth
    ribs = (0.088 if female else 0.099) * girth**0.5
    belly = max(girth - 0.95, 0.0)
    for z in (-1.0, 1.0):
        yield _dot("pelvis", (-0.002, 0.035, 0.076 * wide * z), 0.093 * girth)
        yield _dot("pelvis", (-0.002, 0.085, 0.064 * wide * z), 0.088 * girth)
        seat = (-0.040, -0.020, 0.066 * wide * z), (-0.036, 0.025, 0.060 * wide * z)
        yield Local("pelvis", *seat, 0.084 * girth, 0.084 * girth)
        yield _dot("abdomen", (0.030, 0.045, 0.058 * z), waist)
        yield _dot("abdomen", (0.033, 0.105, 0.060 * z), waist)
        yield _dot("chest", (0.034, 0.020, 0.062 * broad * z), ribs)
        yield _dot("chest", (0.030, 0.105, 0.068 * broad * z), ribs * 1.02)
        yield _dot("chest", (0.018, 0.185, 0.074 * broad * z), 0.080 * muscle)
        if female:
            breast = (0.088, 0.105, 0.066 * z), (0.090, 0.090, 0.068 * z)
            yield Local("chest", *breast, 0.050, 0.055 * build.bust)
        else:
            pectoral = (0.082, 0.125, 0.055 * z), (0.070, 0.155, 0.095 * z)
            yield Local("chest", *pectoral, 0.052 * muscle, 0.046 * muscle)
    centre = (0.048 + 0.10 * belly, 0.020, 0.0), (0.045 + 0.08 * belly, 0.090, 0.0)
    yield Local("abdomen", *centre, 0.085 * girth, 0.085 * girth)
    neck = (0.044 if female else 0.053) * muscle**0.5
    yield Local("neck", (-0.004, -0.040, 0.0), (0.012, 0.080, 0.0), neck * 1.12, neck)
    yield Local("neck", (0.012, 0.080, 0.0), (0.030, 0.120, 0.0), neck, neck * 0.95)


def _head(figure: Figure, build: Build) -> Iterator[Local]:
    female = figure.sex == "female"
    k = build.head
    jaw = 0.034 if female else 0.039

    def part(
        start: tuple[float, float, float],
        end: tuple[float, float, float],
        start_radius: float,
        end_radius: float,
    ) -> Local:
        a, b = (tuple(k * v for v in point) for point in (start, end))
        return Local("head", a, b, k * start_radius, k * end_radius)  # type: ignore[arg-type]

    yield part((-0.030, 0.058, 0.0), (0.022, 0.060, 0.0), 0.080, 0.077)
    yield part((-0.028, 0.030, 0.0), (0.020, 0.030, 0.0), 0.072, 0.068)
    yield part((0.040, 0.030, 0.0), (0.050, -0.010, 0.0), 0.055, 0.050)
    yield part((0.048, -0.018, 0.0), (0.070, -0.058, 0.0), 0.045, 0.026)
    for z in (-1.0, 1.0):
        yield part((0.004, -0.012, 0.046 * z), (0.058, -0.060, 0.014 * z), 0.026, 0.024)
        yield part((0.068, 0.012, 0.036 * z), (0.058, -0.005, 0.048 * z), 0.020, 0.016)
        yield part((-0.006, 0.016, 0.074 * z), (-0.012, 0.046, 0.082 * z), 0.009, 0.012)
    yield part((0.004, -0.035, 0.0), (0.046, -0.052, 0.0), jaw, jaw)
    yield part((0.093, 0.030, 0.0), (0.106, 0.000, 0.0), 0.006, 0.012)


def _arm(figure: Figure, build: Build, side: str, z: float) -> Iterator[Local]:
    slim = 0.88 if figure.sex == "female" else 1.0
    k = slim * build.muscle * build.girth**0.4
    size = figure.height_m / _SIZE_M
    upper, fore = figure.upper_arm_m / size, figure.forearm_m / size
    clavicle, arm = f"{side}_clavicle", f"{side}_upper_arm"
    joints = rest_joints(figure)
    x, y, _ = (joints[BONE_INDEX[arm]] - joints[BONE_INDEX[clavicle]]) / size
    reach = figure.shoulder_width_m / 2 / size - 0.0245
    start, end = (-0.038, 0.030, 0.014 * z), (x, y - 0.018, z * (reach - 0.032))
    yield Local(clavicle, start, end, 0.042 * k, 0.038 * k)
    yield Local(arm, (0.0, -0.030, 0.0), (0.0, -0.095, 0.004 * z), 0.046 * k, 0.047 * k)
    yield Local(arm, (0.0, -0.010, 0.0), (0.0, -upper, 0.0), 0.043 * k, 0.038 * k)
    belly = (0.010, -0.35 * upper, 0.0), (0.010, -0.65 * upper, 0.0)
    yield Local(arm, *belly, 0.043 * k, 0.042 * k)
    bone = f"{side}_forearm"
    bulge = (0.004, -0.30 * fore, 0.003 * z)
    yield Local(bone, (0.0, 0.0, 0.0), bulge, 0.040 * k, 0.042 * k)
    yield Local(bone, bulge, (0.0, -fore, 0.0), 0.042 * k, 0.026 * k**0.5)


def _hand(hand: Hand, side: str, z: float) -> Iterator[Local]:
    bone = f"{side}_hand"
    yield Local(bone, (0.0, -0.005, 0.0), (0.0, -0.040, 0.006 * z), 0.025, 0.024)
    for across in (-0.028, -0.009, 0.010, 0.028):
        knuckle = (0.0, -0.090 + 0.2 * abs(across), across)
        yield Local(bone, (0.0, -0.040, 0.7 * across), knuckle, 0.016, 0.013)
        length = 1.0 - 6.0 * abs(across - 0.005 * z)
        if hand == "open":
            joints = [(0.012, -0.040), (0.030, -0.068)]
        else:
            joints = [(0.034, -0.012), (0.048, 0.022), (0.026, 0.040)]
            length = 1.0
        start = knuckle
        for forward, down in joints:
            end = (forward * length, knuckle[1] + down * length, across * 0.95)
            yield Local(bone, start, end, 0.0105, 0.0095)
            start = end
    thumb = (0.012, -0.025, 0.026 * z)
    if hand == "open":
        joints_3d = [(0.028, -0.058, 0.044 * z), (0.040, -0.088, 0.046 * z)]
    else:
        joints_3d = [(0.042, -0.052, 0.040 * z), (0.058, -0.074, 0.020 * z)]
    for end in joints_3d:
        yield Local(bone, thumb, end, 0.0135, 0.0115)
        thumb = end


def _leg(figure: Figure, build: Build, side: str, z: float) -> Iterator[Local]:
    female = figure.sex == "female"
    k = build.girth**0.8 * build.muscle**0.5
    top = (0.090 if female else 0.086) * k
    size = figure.height_m / _SIZE_M
    thigh, shank = figure.thigh_m / size, figure.shank_m / size
    bone = f"{side}_thigh"
    knee = (0.0, -thigh, 0.0)
    yield Local(bone, (0.0, -0.010, 0.004 * z), knee, top, 0.052 * k**0.6)
    quads = (0.014, -0.25 * thigh, 0.0), (0.010, -0.62 * thigh, 0.0)
    yield Local(bone, *quads, 0.074 * k, 0.063 * k)
    yield _dot(bone, (0.010, -thigh + 0.012, 0.0), 0.050 * k**0.6)
    bone = f"{side}_shank"
    yield Local(bone, (0.0, 0.0, 0.0), (0.0, -shank, 0.0), 0.051 * k**0.6, 0.033)
    calf = (-0.018, -0.14 * shank, 0.0), (-0.014, -0.42 * shank, 0.002 * z)
    yield Local(bone, *calf, 0.049 * k, 0.044 * k)


def _foot(figure: Figure, side: str, z: float) -> Iterator[Local]:
    bone = f"{side}_foot"
    size = figure.height_m / _SIZE_M
    ankle = figure.ankle_height_m / size
    ball, toe = 0.45 * figure.foot_m / size, 0.30 * figure.foot_m / size
    heel = (-0.25 * figure.foot_m / size + 0.033, -ankle + 0.032, 0.0)
    yield Local(bone, (0.0, 0.004, 0.0), (-0.022, -0.020, 0.0), 0.035, 0.034)
    yield Local(bone, (-0.022, -0.020, 0.0), heel, 0.033, 0.032)
    yield Local(bone, (0.010, -0.008, 0.0), (ball, -ankle + 0.034, 0.0), 0.036, 0.029)
    for across in (-0.016, 0.018):
        start, end = (0.0, -ankle + 0.030, across * 0.6), (ball, -ankle + 0.026, across)
        yield Local(bone, start, end, 0.030, 0.025)
        big = across * z < 0.0
        tip = ((toe - 0.020) * (1.0 if big else 0.80), -0.001, across * 0.85)
        level = -0.012 * 1.75 + 0.026
        yield Local(f"{side}_toes", (0.0, level, across), tip, 0.025, 0.019)


def _dot(bone: str, centre: tuple[float, float, float], radius: float) -> Local:
    """Make a ball, as a capsule of no length."""
    return Local(bone, centre, centre, radius, radius)
