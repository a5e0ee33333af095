import numpy as np
import pytest

from biomech.errors import ConfigError
from biomech.synthetic import ANGLES, bone_frames, figure, keypoints, random_pose
from biomech.synthetic.random_pose import KINDS


def poses(n=300, **knobs):
    rng = np.random.default_rng(7)
    return [random_pose(rng, **knobs) for _ in range(n)]


def test_poses_are_made_of_known_angles_within_human_ranges():
    for pose in poses():
        assert set(pose.angles) <= set(ANGLES)
        for side in ("left", "right"):
            assert 0 <= pose.angles[f"{side}_knee_flexion_deg"] <= 140
            assert 0 <= pose.angles[f"{side}_elbow_flexion_deg"] <= 145
            assert -25 <= pose.angles[f"{side}_hip_flexion_deg"] <= 125


def test_nobody_is_below_the_floor_and_all_but_jumpers_touch_it():
    for pose in poses():
        lowest = keypoints(pose.figure, pose.bones)[0, :, 1].min()
        assert lowest > 0.0
        if pose.kind != "jumping":
            assert lowest < 0.09 * pose.figure.height_m


def test_bones_follow_from_angles_and_root():
    for pose in poses(20):
        again = bone_frames(pose.figure, pose.angles, pose.root_m)
        np.testing.assert_allclose(pose.bones, again, atol=1e-12)


def test_every_kind_occurs_and_both_sides_lead():
    found = poses(600)

    assert {pose.kind for pose in found} == set(KINDS)
    lunges = [
        pose.angles["left_hip_flexion_deg"] - pose.angles["right_hip_flexion_deg"]
        for pose in found
        if pose.kind == "lunging"
    ]
    assert min(lunges) < -30
    assert max(lunges) > 30


def test_the_same_seed_gives_the_same_pose():
    first, second = (random_pose(np.random.default_rng(3)) for _ in range(2))

    assert first.angles == second.angles


def test_kind_person_and_heading_can_be_asked_for():
    person = figure(height_m=1.5)

    pose = random_pose(
        np.random.default_rng(0), kind="sitting", person=person, heading_deg=90.0
    )

    assert pose.kind == "sitting"
    assert pose.figure is person
    assert pose.angles["pelvis_rotation_deg"] == 90.0


def test_an_unknown_kind_is_refused():
    with pytest.raises(ConfigError, match="did you mean 'sitting'"):
        random_pose(np.random.default_rng(0), kind="siting")
