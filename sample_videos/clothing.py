"""Clothes, shoes and hair: shells around the flesh, cut off at hems and necklines."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomech.synthetic.figure import BONE_INDEX
from sample_videos.body import SIDES, part_of
from sample_videos.volume import Capsule, Crop, Floats

Array = NDArray[np.float64]
Hair = Literal["bald", "short", "bob", "long", "ponytail", "bun", "cap"]

#: Materials of the person program, by number.
SKIN, SHIRT, LEGWEAR, SHOES, HAIR, CAP, SOLE = range(7)
_SIZE_M = 1.75


class Outfit(NamedTuple):
    """What a person wears: lengths are fractions of the limb, looseness in metres."""

    sleeve: float = 0.5
    shirt_hem: float = 0.0
    shirt_loose_m: float = 0.010
    leg_length: float = 0.4
    leg_loose_m: float = 0.014
    collar: float = 1.0
    hair: Hair = "short"
    glove: bool = False


class Shell(NamedTuple):
    """A garment: its solid, the region kept, and how finely it is meshed."""

    material: int
    capsules: list[Capsule]
    crop: Crop
    cell_m: float
    blend_m: float


def shells(capsules: list[Capsule], frames: Array, outfit: Outfit) -> list[Shell]:
    """Cut all garments of an outfit for one body in the bind pose.

    Parameters
    ----------
    capsules
        The flesh, from `sample_videos.body.flesh`.
    frames
        The bones, from `sample_videos.body.bind_frames`.
    outfit
        What to wear.
    """
    return [
        _shirt(capsules, frames, outfit),
        _legwear(capsules, frames, outfit),
        *_shoes(capsules, frames),
        *_hair(capsules, frames, outfit.hair),
    ]


def _float32(values: ArrayLike) -> Floats:
    return np.asarray(values, np.float32)


def _origin(frames: Array, bone: str) -> Floats:
    return frames[BONE_INDEX[bone], :3, 3].astype(np.float32)


def _shirt(capsules: list[Capsule], frames: Array, outfit: Outfit) -> Shell:
    long = outfit.sleeve > 1.0
    worn = ("pelvis", "abdomen", "chest", "clavicle", "upper_arm")
    body = part_of(capsules, *worn, *(("forearm",) if long else ()))
    pelvis, neck = _origin(frames, "pelvis"), _origin(frames, "neck")
    abdomen = _origin(frames, "abdomen")
    shoulder = _origin(frames, "right_upper_arm")
    hand, elbow = _origin(frames, "right_hand"), _origin(frames, "right_forearm")
    arm = (hand - shoulder) / np.linalg.norm(hand - shoulder)
    reach = float(np.linalg.norm(elbow - shoulder)) * outfit.sleeve
    hem = float(pelvis[1] + outfit.shirt_hem)
    opening = 0.068 * outfit.collar
    vest = outfit.sleeve <= 0.0

    def crop(x: Floats, y: Floats, z: Floats) -> Floats:
        side = np.abs(z)
        along = (side - shoulder[2]) * arm[2] + (y - shoulder[1]) * arm[1] - reach
        cut = side - 0.86 * shoulder[2] if vest else along
        above = (side - shoulder[2]) * -arm[1] + (y - shoulder[1]) * arm[2]
        on_arm = (side > 0.75 * shoulder[2]) & (above > -0.11)
        sleeve = np.where(on_arm, cut, -1.0)
        away = np.sqrt((x - neck[0] - 0.012) ** 2 + (y - neck[1] - 0.035) ** 2 + z**2)
        ends = np.maximum(hem - y, y - neck[1] - 0.045)
        return _float32(np.maximum(np.maximum(ends, sleeve), opening - away))

    loose = outfit.shirt_loose_m
    on_shoulders = [id(capsule) for capsule in part_of(body, "clavicle", "upper_arm")]

    def ease(capsule: Capsule) -> float:
        if id(capsule) in on_shoulders:
            return 0.6 * loose
        return loose * (1.25 if capsule.start_m[1] < abdomen[1] + 0.1 else 1.0)

    draped = [capsule.grown(ease(capsule)) for capsule in body]
    return Shell(SHIRT, draped, crop, 0.016, 0.014)


def _legwear(capsules: list[Capsule], frames: Array, outfit: Outfit) -> Shell:
    body = part_of(capsules, "pelvis", "abdomen", "thigh", "shank")
    hip, ankle = _origin(frames, "right_thigh"), _origin(frames, "right_foot")
    hem = float(hip[1] + (ankle[1] - hip[1]) * outfit.leg_length)
    waist = float(_origin(frames, "abdomen")[1] + 0.015)

    def crop(x: Floats, y: Floats, z: Floats) -> Floats:
        return _float32(np.maximum(hem - y, y - waist) + 0.0 * (x + z))

    flare = 0.6 * outfit.leg_loose_m
    worn = [
        capsule.grown(outfit.leg_loose_m)._replace(
            end_radius_m=capsule.end_radius_m + outfit.leg_loose_m + flare
        )
        for capsule in body
    ]
    return Shell(LEGWEAR, worn, crop, 0.016, 0.015)


def _shoes(capsules: list[Capsule], frames: Array) -> list[Shell]:
    ground = ground_height(capsules)
    found = []
    for side, _ in SIDES:
        ankle = _origin(frames, f"{side}_foot")
        foot = part_of(capsules, f"{side}_foot", f"{side}_toes")

        def crop(x: Floats, y: Floats, z: Floats, top: float = ankle[1]) -> Floats:
            shoe = np.maximum(ground - y, y - top - 0.014)
            return _float32(shoe + 0.0 * (x + z))

        worn = [capsule.grown(0.008) for capsule in foot]
        found.append(Shell(SHOES, worn, crop, 0.011, 0.010))
    return found


def ground_height(capsules: list[Capsule]) -> float:
    """Find the height of the soles in the bind pose, in metres."""
    feet = part_of(capsules, "foot", "toes")
    return min(float(c.end_m[1] - c.end_radius_m) for c in feet)


def _hair(capsules: list[Capsule], frames: Array, style: Hair) -> list[Shell]:
    if style == "bald":
        return []
    skull = part_of(capsules, "head")[:2]
    scale = skull[0].start_radius_m / 0.080
    origin, bone = _origin(frames, "head"), skull[0].bone

    def lock(
        start: tuple[float, float, float],
        end: tuple[float, float, float],
        radii: tuple[float, float],
    ) -> Capsule:
        a, b = (origin + scale * np.array(p, np.float32) for p in (start, end))
        return Capsule(bone, a, b, scale * radii[0], scale * radii[1])

    def hairline(x: Floats, y: Floats, z: Floats) -> Floats:
        forward, up = (x - origin[0]) / scale, (y - origin[1]) / scale
        line = 0.034 + 0.95 * forward + 0.10 * np.maximum(forward, 0.0)
        line = np.maximum(line, np.where(forward > -0.01, 0.012, -0.07))
        return _float32(line - up + 0.0 * z)

    def crown(x: Floats, y: Floats, z: Floats) -> Floats:
        rise = 0.062 + 0.12 * (x - origin[0]) / scale
        return _float32(rise * scale - (y - origin[1]) + 0.0 * z)

    def free(x: Floats, y: Floats, z: Floats) -> Floats:
        behind = x - origin[0] < -0.022 * scale
        return _float32(np.where(behind, -1.0, hairline(x, y, z)))

    thick = [capsule.grown(0.012 if style == "bob" else 0.008) for capsule in skull]
    if style == "cap":
        brim = [
            lock((0.085, 0.078, z), (0.150, 0.068, 0.6 * z), (0.009, 0.006))
            for z in (-0.045, -0.022, 0.0, 0.022, 0.045)
        ]
        hair = Shell(HAIR, thick, hairline, 0.010, 0.008)
        cap = [capsule.grown(0.013) for capsule in skull]
        return [hair, Shell(CAP, [*cap, *brim], crown, 0.010, 0.008)]
    locks = {
        "short": [],
        "bob": [lock((-0.04, 0.02, z), (-0.03, -0.07, z), (0.05, 0.04)) for z in _PAIR],
        "long": [
            lock((-0.05, 0.03, z), (-0.06, -0.17, z), (0.05, 0.04)) for z in _PAIR
        ],
        "ponytail": [lock((-0.10, 0.06, 0.0), (-0.14, -0.12, 0.0), (0.028, 0.018))],
        "bun": [lock((-0.105, 0.09, 0.0), (-0.11, 0.09, 0.0), (0.040, 0.040))],
    }[style]
    crop = free if locks else hairline
    return [Shell(HAIR, [*thick, *locks], crop, 0.010, 0.009)]


_PAIR = (-0.045, 0.045)
