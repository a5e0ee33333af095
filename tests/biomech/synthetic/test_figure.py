import numpy as np
import pytest

from biomech.errors import ConfigError
from biomech.skeletons import HALPE26
from biomech.synthetic import (
    ANGLES,
    BONE_INDEX,
    BONES,
    bone_frames,
    figure,
    keypoints,
    reach_arm,
    reach_leg,
    rest_joints,
)
from biomech.synthetic.rotations import decompose, rotation

PERSON = figure(height_m=1.80)


def place(name, angles):
    points = keypoints(PERSON, bone_frames(PERSON, angles))
    return points[0, HALPE26.keypoints.index(name)]


def random_angles(seed, n_frames=50, spread_deg=40.0):
    rng = np.random.default_rng(seed)
    return {name: rng.uniform(-1, 1, n_frames) * spread_deg for name in ANGLES}


def test_parents_come_before_children():
    seen = set()
    for bone in BONES:
        assert bone.parent is None or bone.parent in seen
        seen.add(bone.name)


def test_standing_figure_is_as_tall_as_it_says_and_stands_on_the_floor():
    assert place("head_top", {})[1] == pytest.approx(1.80, abs=0.002)
    assert place("left_heel", {})[1] == pytest.approx(0.011 * 1.80)
    assert rest_joints(PERSON)[:, 1].min() > 0


def test_left_and_right_are_mirror_images_when_standing():
    points = dict(
        zip(
            HALPE26.keypoints,
            keypoints(PERSON, bone_frames(PERSON, {}))[0],
            strict=True,
        )
    )

    for name, point in points.items():
        if name.startswith("left_"):
            twin = points[name.replace("left_", "right_")]
            np.testing.assert_allclose(point, twin * [1, 1, -1])
            assert point[2] < 0


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(
    ("angle", "point", "axis", "sign"),
    [
        ("hip_flexion", "knee", 0, 1),  # knee goes forward
        ("knee_flexion", "ankle", 0, -1),  # ankle goes back
        ("ankle_dorsiflexion", "big_toe", 1, 1),  # toes go up
        ("toe_extension", "big_toe", 1, 1),
        ("elbow_flexion", "wrist", 0, 1),  # wrist goes forward
    ],
)
def test_sagittal_angles_move_the_limb_the_anatomical_way(
    side, angle, point, axis, sign
):
    moved = place(f"{side}_{point}", {f"{side}_{angle}_deg": 30.0})

    change = (moved - place(f"{side}_{point}", {}))[axis]
    assert change * sign > 0.02


@pytest.mark.parametrize("side", ["left", "right"])
def test_adduction_brings_the_leg_to_the_midline(side):
    moved = place(f"{side}_ankle", {f"{side}_hip_adduction_deg": 10.0})

    assert abs(moved[2]) < abs(place(f"{side}_ankle", {})[2])


@pytest.mark.parametrize("side", ["left", "right"])
def test_internal_rotation_turns_the_toes_inwards(side):
    moved = place(f"{side}_big_toe", {f"{side}_hip_rotation_deg": 20.0})

    inwards = 1 if side == "left" else -1
    assert (moved[2] - place(f"{side}_big_toe", {})[2]) * inwards > 0.02


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(
    ("plane_deg", "expected"), [(0.0, (0, 0, 1)), (90.0, (1, 0, 0)), (-45.0, None)]
)
def test_raising_the_arm_follows_the_plane_of_elevation(side, plane_deg, expected):
    angles = {
        f"{side}_shoulder_elevation_deg": 90.0,
        f"{side}_shoulder_plane_deg": plane_deg,
    }

    arm = place(f"{side}_wrist", angles) - place(f"{side}_shoulder", angles)

    out = -1 if side == "left" else 1
    if expected is None:
        expected = (-np.sqrt(0.5), 0, np.sqrt(0.5))
    length = PERSON.upper_arm_m + PERSON.forearm_m
    np.testing.assert_allclose(
        arm / length, np.array(expected) * [1, 1, out], atol=1e-9
    )


@pytest.mark.parametrize(
    ("angle", "axis", "sign"),
    [
        ("pelvis_rotation_deg", 2, -1),  # to the left: the nose goes left
        ("pelvis_list_deg", 2, 1),  # right side down: the head goes right
        ("pelvis_tilt_deg", 0, -1),  # posterior tilt: the head goes back
        ("lumbar_flexion_deg", 0, 1),
        ("thorax_bend_deg", 2, 1),
        ("neck_rotation_deg", 2, -1),
    ],
)
def test_trunk_angles_have_the_signs_of_opensim(angle, axis, sign):
    change = place("nose", {angle: 20.0}) - place("nose", {})

    assert change[axis] * sign > 0.01


def test_bones_keep_their_lengths_in_any_pose():
    bones = bone_frames(PERSON, random_angles(1))
    rest = rest_joints(PERSON)

    for bone in BONES[1:]:
        child, parent = BONE_INDEX[bone.name], BONE_INDEX[bone.parent]
        length = np.linalg.norm(
            bones[:, child, :3, 3] - bones[:, parent, :3, 3], axis=1
        )
        np.testing.assert_allclose(length, np.linalg.norm(rest[child] - rest[parent]))


def test_bone_frames_are_right_handed_rotations():
    rotations = bone_frames(PERSON, random_angles(2))[..., :3, :3]

    np.testing.assert_allclose(np.linalg.det(rotations), 1.0)
    np.testing.assert_allclose(
        rotations @ rotations.swapaxes(-1, -2),
        np.broadcast_to(np.eye(3), rotations.shape),
        atol=1e-12,
    )


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0), (2, 1, 0)])
def test_decompose_gives_back_the_turns(order):
    wanted = np.random.default_rng(3).uniform(-85, 85, (200, 3))
    matrix = np.eye(3)
    for axis, angle in zip(order, wanted.T, strict=True):
        matrix = matrix @ rotation(axis, angle)

    np.testing.assert_allclose(decompose(matrix, order), wanted, atol=1e-9)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_leg_reaches_ankle_and_foot_orientation(side):
    angles = random_angles(4, spread_deg=15.0)
    angles[f"{side}_knee_flexion_deg"] = np.linspace(5, 100, 50)
    wanted = bone_frames(PERSON, angles)
    foot = wanted[:, BONE_INDEX[f"{side}_foot"]]
    root = wanted[:, 0, :3, 3]

    solved = reach_leg(
        PERSON,
        angles,
        root,
        side=side,
        ankle_m=foot[:, :3, 3],
        foot_rotation=foot[:, :3, :3],
    )

    found = bone_frames(PERSON, solved, root)[:, BONE_INDEX[f"{side}_foot"]]
    np.testing.assert_allclose(found, foot, atol=1e-9)
    knee = f"{side}_knee_flexion_deg"
    np.testing.assert_allclose(solved[knee], angles[knee], atol=1e-6)


@pytest.mark.parametrize("side", ["left", "right"])
def test_an_arm_reaches_wrist_and_hand_orientation(side):
    angles = random_angles(5, spread_deg=30.0)
    angles[f"{side}_elbow_flexion_deg"] = np.linspace(2, 120, 50)
    wanted = bone_frames(PERSON, angles)
    hand = wanted[:, BONE_INDEX[f"{side}_hand"]]
    root = wanted[:, 0, :3, 3]

    solved = reach_arm(
        PERSON,
        angles,
        root,
        side=side,
        wrist_m=hand[:, :3, 3],
        elbow_direction=(-1.0, -0.5, 0.2),
        hand_rotation=hand[:, :3, :3],
    )

    found = bone_frames(PERSON, solved, root)[:, BONE_INDEX[f"{side}_hand"]]
    np.testing.assert_allclose(found, hand, atol=1e-9)


def test_the_elbow_points_where_asked():
    solved = reach_arm(
        PERSON,
        {},
        (0.0, 1.0, 0.0),
        side="right",
        wrist_m=(0.3, 1.4, 0.2),
        elbow_direction=(0.0, -1.0, 0.0),
    )

    bones = bone_frames(PERSON, solved, (0.0, 1.0, 0.0))[0]
    shoulder, elbow, wrist = (
        bones[BONE_INDEX[f"right_{bone}"], :3, 3]
        for bone in ("upper_arm", "forearm", "hand")
    )
    assert elbow[1] < (shoulder + wrist)[1] / 2


def test_a_target_out_of_reach_is_refused_with_the_allowed_distance():
    with pytest.raises(ConfigError, match=r"left ankle.*are within reach"):
        reach_leg(
            PERSON,
            {},
            (0.0, 1.5, 0.0),
            side="left",
            ankle_m=(0.0, 0.07, 0.0),
            foot_rotation=np.eye(3),
        )


def test_impossible_figures_are_refused_with_every_problem():
    with pytest.raises(ConfigError, match=r"height_m is 9.*'robot'.*'tail_m' is unk"):
        figure(height_m=9, sex="robot", lengths_m={"tail_m": 1})


def test_unknown_angles_are_refused():
    with pytest.raises(ConfigError, match=r"left_wing_deg"):
        bone_frames(PERSON, {"left_wing_deg": 3})


def test_angles_of_different_lengths_are_refused():
    with pytest.raises(ConfigError, match=r"different numbers of frames: \[2, 3\]"):
        bone_frames(
            PERSON, {"left_knee_flexion_deg": [1, 2], "neck_bend_deg": [1, 2, 3]}
        )
