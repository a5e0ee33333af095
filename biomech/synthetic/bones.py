"""The bones of a figure: names, parents, and the angles that turn them."""

from typing import NamedTuple


class Turn(NamedTuple):
    """One elementary rotation of a bone: ``gain`` times an angle about one axis."""

    angle: str
    axis: int
    gain: float


class Bone(NamedTuple):
    """A bone: its parent, and its rotations from the parent in body-fixed order."""

    name: str
    parent: str | None
    turns: tuple[Turn, ...]


_X, _Y, _Z = 0, 1, 2

# The pelvis turns in the order of Baker (2001): rotation, list, tilt, so that heading
# is about the vertical whatever the tilt. Signs are OpenSim's: + tilt is posterior,
# + list is right side down, + rotation is a turn to the left.
_TRUNK = (
    Bone(
        "pelvis",
        None,
        (
            Turn("pelvis_rotation_deg", _Y, 1),
            Turn("pelvis_list_deg", _X, 1),
            Turn("pelvis_tilt_deg", _Z, 1),
        ),
    ),
    *(
        Bone(
            bone,
            parent,
            (
                Turn(f"{region}_flexion_deg", _Z, -gain),
                Turn(f"{region}_bend_deg", _X, gain),
                Turn(f"{region}_rotation_deg", _Y, gain),
            ),
        )
        for bone, parent, region, gain in (
            ("abdomen", "pelvis", "lumbar", 1.0),
            ("chest", "abdomen", "thorax", 1.0),
            # The skull moves on the whole cervical spine: half each (a convention).
            ("neck", "chest", "neck", 0.5),
            ("head", "neck", "neck", 0.5),
        )
    ),
)

# Right-hand limbs; left ones mirror the rotations about X and Y. The shoulder is a
# swing (plane of elevation: 0 abduction, 90 forward) without twist, then a rotation.
# The forearm bone carries half of the pronation, as the skin does, the hand all of it.
_LIMB: tuple[tuple[str, str, tuple[tuple[str, int, float], ...]], ...] = (
    (
        "clavicle",
        "chest",
        (("clavicle_protraction", _Y, 1), ("clavicle_elevation", _X, -1)),
    ),
    (
        "upper_arm",
        "clavicle",
        (
            ("shoulder_plane", _Y, 1),
            ("shoulder_elevation", _X, -1),
            ("shoulder_plane", _Y, -1),
            ("shoulder_rotation", _Y, 1),
        ),
    ),
    (
        "forearm",
        "upper_arm",
        (("elbow_flexion", _Z, 1), ("forearm_pronation", _Y, 0.5)),
    ),
    (
        "hand",
        "forearm",
        (
            ("forearm_pronation", _Y, 0.5),
            ("wrist_flexion", _Z, 1),
            ("wrist_deviation", _X, 1),
        ),
    ),
    (
        "thigh",
        "pelvis",
        (("hip_flexion", _Z, 1), ("hip_adduction", _X, 1), ("hip_rotation", _Y, 1)),
    ),
    ("shank", "thigh", (("knee_flexion", _Z, -1),)),
    (
        "foot",
        "shank",
        (
            ("ankle_dorsiflexion", _Z, 1),
            ("ankle_inversion", _X, 1),
            ("ankle_rotation", _Y, 1),
        ),
    ),
    ("toes", "foot", (("toe_extension", _Z, 1),)),
)


def _limb(side: str) -> tuple[Bone, ...]:
    """Give one side's bones from the right-hand table."""
    mirror = {_X: -1.0, _Y: -1.0, _Z: 1.0} if side == "left" else {}
    names = {bone for bone, *_ in _LIMB}
    return tuple(
        Bone(
            f"{side}_{bone}",
            f"{side}_{parent}" if parent in names else parent,
            tuple(
                Turn(f"{side}_{angle}_deg", axis, gain * mirror.get(axis, 1.0))
                for angle, axis, gain in turns
            ),
        )
        for bone, parent, turns in _LIMB
    )


#: All bones, parents before children.
BONES: tuple[Bone, ...] = (*_TRUNK, *_limb("left"), *_limb("right"))

#: Position of each bone in the bones axis of `bone_frames`.
BONE_INDEX: dict[str, int] = {bone.name: i for i, bone in enumerate(BONES)}

#: Every angle `bone_frames` understands. Flexion, dorsiflexion, adduction, internal
#: rotation, pronation, ulnar deviation, inversion, bends to the right and turns to the
#: left are positive.
ANGLES: tuple[str, ...] = tuple(
    dict.fromkeys(turn.angle for bone in BONES for turn in bone.turns)
)

#: A pose in which a skin is easily built: arms away from the trunk, legs apart.
BIND_POSE: dict[str, float] = {
    f"{side}_{angle}": value
    for side in ("left", "right")
    for angle, value in (
        ("shoulder_elevation_deg", 45.0),
        ("hip_adduction_deg", -8.0),
        ("forearm_pronation_deg", 60.0),
    )
}
