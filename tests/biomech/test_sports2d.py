import numpy as np
import polars as pl
import pytest

import biomech as bm
from biomech.sports2d import SPORTS2D_ANGLES
from biomech.synthetic import pendulum, to_poses, walker


def named(ours):
    return f"sports2d_{ours.replace(' ', '_')}_deg"


@pytest.fixture(scope="module")
def poses():
    return pendulum(n_frames=120, dtype=pl.Float64)


def test_there_are_twelve_joints_and_fourteen_segments():
    default = [n for n in SPORTS2D_ANGLES if "hand" not in n]

    assert len(default) == 12 + 14


def test_zeros_are_those_of_the_peer():
    standing = pendulum(
        n_frames=2,
        peak_flexion_deg=0.0,
        thigh_swing_deg=0.0,
        trunk_lean_deg=0.0,
        elbow_flexion_deg=0.0,
        dtype=pl.Float64,
    )

    row = bm.sports2d_angles(standing, cutoff_hz=None).row(0, named=True)

    for name in ("ankle", "knee", "hip", "shoulder", "elbow", "foot"):
        assert row[f"sports2d_right_{name}_deg"] == pytest.approx(0.0, abs=1e-9)
    for name in ("shank", "thigh", "arm", "forearm"):
        assert row[f"sports2d_left_{name}_deg"] == pytest.approx(-90.0)
    assert row["sports2d_trunk_deg"] == pytest.approx(90.0)


@pytest.mark.parametrize(
    ("knobs", "angle", "value"),
    [
        ({"thigh_swing_deg": 40.0}, "left_thigh", -50.0),
        ({"thigh_swing_deg": 40.0}, "left_hip", 40.0),
        ({"trunk_lean_deg": 20.0}, "trunk", 70.0),
        ({"trunk_lean_deg": 20.0}, "left_hip", 20.0),
        ({"elbow_flexion_deg": 90.0}, "left_elbow", 90.0),
        ({"peak_flexion_deg": 120.0}, "left_knee", 60.0),
    ],
)
def test_signs_are_those_of_the_peer(knobs, angle, value):
    usual = {"peak_flexion_deg": 0.0, "thigh_swing_deg": 0.0, "trunk_lean_deg": 0.0}
    poses = pendulum(**usual | knobs, n_frames=61, dtype=pl.Float64)

    quarter = bm.sports2d_angles(poses, cutoff_hz=None).row(15, named=True)

    assert quarter[f"sports2d_{angle}_deg"] == pytest.approx(value)


def test_the_crosswalk_leads_from_our_angles_to_theirs():
    motion = walker(duration_s=2.0)
    poses = to_poses(motion, dims=2, dtype=pl.Float64)
    ours = bm.joint_angles(poses).join(bm.segment_angles(poses), on=bm.FRAME)

    theirs = bm.sports2d_angles(poses, cutoff_hz=None)

    compared = 0
    for name, angle in SPORTS2D_ANGLES.items():
        if angle.ours in ours.columns and named(name) in theirs.columns:
            if name == "head":  # ours goes to the ears, theirs to the head top
                continue
            expected = angle.offset_deg + angle.factor * ours[angle.ours]
            np.testing.assert_allclose(theirs[named(name)], expected, atol=1e-6)
            compared += 1
    assert compared == 21  # no wrists in this skeleton; pelvis, shoulders, head apart


def test_pelvis_and_shoulders_are_lines_without_direction():
    motion = walker(duration_s=2.0)

    angles = bm.sports2d_angles(to_poses(motion, dims=2), cutoff_hz=None)

    for name in ("pelvis", "shoulders"):
        assert angles[f"sports2d_{name}_deg"].is_between(-90.0, 90.0).all()


def test_angles_are_filtered_by_the_peers_convention(poses):
    raw = bm.sports2d_angles(poses, cutoff_hz=None)

    filtered = bm.sports2d_angles(poses, cutoff_hz=6.0)

    expected = bm.lowpass(raw, cutoff_hz=6.0, convention="per_pass")
    knee = "sports2d_left_knee_deg"
    np.testing.assert_allclose(filtered[knee], expected[knee], atol=1e-9)


def test_three_dimensions_are_refused():
    with pytest.raises(bm.UnitError, match="3 dimensions"):
        bm.sports2d_angles(to_poses(walker(duration_s=1.2)))
