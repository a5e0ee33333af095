import pytest

import biomech as bm
from biomech.skeletons import (
    BLAZEPOSE33,
    BODY25,
    BODY25B,
    COCO17,
    COCO18,
    HALPE26,
    SKELETONS,
    mirror_of,
)


def test_sizes_are_those_of_the_models():
    sizes = {name: len(s) for name, s in SKELETONS.items()}

    assert sizes == {
        "COCO-17": 17,
        "HALPE-26": 26,
        "BODY_25": 25,
        "BODY_25B": 25,
        "COCO-18": 18,
        "BLAZEPOSE-33": 33,
    }


def test_indices_are_those_of_the_models():
    # COCO, OpenPose and MediaPipe documentation.
    assert COCO17.keypoints[15] == "left_ankle"
    assert HALPE26.keypoints[20:] == (
        *("left_big_toe", "right_big_toe", "left_small_toe", "right_small_toe"),
        *("left_heel", "right_heel"),
    )
    assert BODY25.keypoints[8] == "mid_hip"
    assert BODY25.keypoints[11] == "right_ankle"
    assert BODY25.keypoints[21] == "left_heel"
    assert BODY25B.keypoints[17] == "neck"
    assert BODY25B.keypoints[22] == "right_big_toe"
    assert COCO18.keypoints[4] == "right_wrist"
    assert BLAZEPOSE33.keypoints[11] == "left_shoulder"
    assert BLAZEPOSE33.keypoints[28] == "right_ankle"
    assert BLAZEPOSE33.keypoints[31:] == ("left_big_toe", "right_big_toe")


def test_every_paired_keypoint_has_a_mirror():
    sided = [k for k in bm.KEYPOINTS if k.startswith(("left_", "right_"))]

    assert all(mirror_of(k) in bm.KEYPOINTS and mirror_of(k) != k for k in sided)
    assert all(mirror_of(mirror_of(k)) == k for k in bm.KEYPOINTS)


def test_unknown_and_repeated_keypoints_are_refused():
    with pytest.raises(bm.SkeletonError, match=r"unknown keypoints \['tail'\]"):
        bm.Skeleton("cat", ("nose", "tail"))
    with pytest.raises(bm.SkeletonError, match=r"twice \['nose'\]"):
        bm.Skeleton("two noses", ("nose", "nose"))


def test_limbs_join_present_keypoints_only():
    limbs = COCO17.limbs

    assert ("left_knee", "left_ankle") in limbs
    assert {k for limb in limbs for k in limb} <= set(COCO17.keypoints)
