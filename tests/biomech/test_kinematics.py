import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import biomech as bm
from biomech.schema import keypoint_columns
from biomech.skeletons import mirror_of
from biomech.synthetic import add_noise, pendulum

KNEE = "left_knee_flexion_deg"


def exact(**knobs):
    return pendulum(dtype=pl.Float64, **knobs)


def transformed(poses, *, matrix=((1, 0), (0, 1)), shift=(0, 0)):
    (a, b), (c, d) = matrix
    changes = []
    for parts in keypoint_columns(poses.columns).values():
        x, y = pl.col(parts["x_px"]), pl.col(parts["y_px"])
        changes += [
            (a * x + b * y + shift[0]).alias(parts["x_px"]),
            (c * x + d * y + shift[1]).alias(parts["y_px"]),
        ]
    return poses.with_columns(changes)


def in_space(poses, heading_deg=0.0):
    """The same points in metres, in the plane of a heading; hips 0.2 m apart."""
    c, s = np.cos(np.radians(heading_deg)), np.sin(np.radians(heading_deg))
    columns = []
    for name, parts in keypoint_columns(poses.columns).items():
        x = (poses[parts["x_px"]] - 640.0).to_numpy() / 400
        y = (360.0 - poses[parts["y_px"]]).to_numpy() / 400
        side = {"left": -0.1, "right": 0.1}.get(name.split("_")[0], 0.0)
        columns += [
            pl.Series(f"{name}_x_m", c * x + s * side),
            pl.Series(f"{name}_y_m", y),
            pl.Series(f"{name}_z_m", -s * x + c * side),
        ]
    return poses.select("clip_id", "track_id", "frame", "time_s").with_columns(columns)


def truth(poses):
    t = poses["time_s"].to_numpy()
    phase = 2 * np.pi * t
    return {
        "left_knee_flexion_deg": 30.0 * (1 - np.cos(phase)),
        "right_knee_flexion_deg": 30.0 * (1 + np.cos(phase)),
        "left_hip_flexion_deg": 20.0 * np.sin(phase) + 5.0,
        "right_ankle_dorsiflexion_deg": np.zeros(len(t)),
        "left_elbow_flexion_deg": np.full(len(t), 30.0),
        "left_shoulder_flexion_deg": np.full(len(t), 5.0),
    }


def assert_angles(signals, expected, atol=1e-6):
    for name, angle in expected.items():
        np.testing.assert_allclose(signals[name], angle, atol=atol, err_msg=name)


def test_joint_angles_are_exact_to_a_millionth_of_a_degree():
    poses = exact()

    assert_angles(bm.joint_angles(poses), truth(poses))


def test_stored_precision_costs_less_than_a_thousandth_of_a_degree():
    poses = pendulum()

    assert_angles(bm.joint_angles(poses), truth(poses), atol=1e-3)


def test_facing_left_gives_the_same_angles_of_the_same_legs():
    poses = exact()
    leftwards = transformed(poses, matrix=((-1, 0), (0, 1)), shift=(1280, 0))

    assert_angles(bm.joint_angles(leftwards), truth(poses))
    assert bm.facing(leftwards)["direction"].to_list() == [-1]


@pytest.mark.parametrize("turn_deg", [-20.0, 7.0, 30.0])
def test_rolling_zooming_and_moving_the_camera_changes_no_joint_angle(turn_deg):
    c, s = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    poses = exact()
    seen = transformed(poses, matrix=((3 * c, -3 * s), (3 * s, 3 * c)), shift=(5, -7))

    assert_angles(bm.joint_angles(seen), truth(poses))


def test_segment_angles_undo_a_known_roll_of_the_camera():
    c, s = np.cos(np.radians(8.0)), np.sin(np.radians(8.0))
    poses = exact()
    rolled = transformed(poses, matrix=((c, s), (-s, c)))  # anticlockwise on screen

    assert_frame_equal(
        bm.segment_angles(rolled, roll_deg=8.0), bm.segment_angles(poses), abs_tol=1e-6
    )


def test_segments_have_the_signs_of_their_definition():
    signals = bm.segment_angles(exact(thigh_swing_deg=20.0, trunk_lean_deg=5.0))

    quarter = signals.row(15, named=True)  # left thigh forward, knee at 30 degrees
    assert quarter["left_thigh_deg"] == pytest.approx(20.0)
    assert quarter["left_shank_deg"] == pytest.approx(-10.0)
    assert quarter["left_foot_deg"] == pytest.approx(-10.0)  # toes down
    assert quarter["trunk_lean_deg"] == pytest.approx(5.0)
    assert quarter["left_forearm_deg"] == pytest.approx(30.0)


@pytest.mark.parametrize("heading_deg", [0.0, 63.0, 180.0])
def test_angles_in_space_are_those_of_the_sagittal_plane(heading_deg):
    poses = exact()
    space = in_space(poses, heading_deg)

    assert_angles(bm.joint_angles(space), truth(poses))
    np.testing.assert_allclose(
        bm.segment_angles(space)["left_thigh_deg"],
        bm.segment_angles(poses)["left_thigh_deg"],
        atol=1e-6,
    )


def test_exchanging_sides_exchanges_the_angles():
    poses = exact()
    names = {c: mirror_of(c) for c in poses.columns}

    mirrored = bm.joint_angles(poses.rename(names)).rename(
        {c: mirror_of(c) for c in bm.JOINT_ANGLES if "wrist" not in c}
    )

    assert_frame_equal(
        mirrored, bm.joint_angles(poses), check_column_order=False, abs_tol=1e-9
    )


def test_without_heels_the_ankle_is_taken_from_ankle_to_toe():
    poses = exact().drop(pl.col("^.*_heel_.*$"))

    raw = bm.joint_angles(poses, neutral_ankle_deg=0.0)["left_ankle_dorsiflexion_deg"]
    usual = bm.joint_angles(poses)["left_ankle_dorsiflexion_deg"]

    toe_below_ankle = -np.degrees(np.arctan2(0.028, 0.108))
    np.testing.assert_allclose(raw, toe_below_ankle, atol=1e-6)
    np.testing.assert_allclose(usual, toe_below_ankle + 30.0, atol=1e-6)


def test_missing_keypoint_gives_null_not_nan():
    seen = pl.col("frame") != 1
    poses = exact(n_frames=3).with_columns(
        pl.when(seen).then(pl.col("^left_knee_[xy]_px$"))
    )

    knee = bm.joint_angles(poses)[KNEE]

    assert knee.is_null().to_list() == [False, True, False]
    assert not knee.is_nan().any()


def test_no_frames_give_no_rows():
    signals = bm.joint_angles(exact().clear())

    assert signals.is_empty()
    assert KNEE in signals.columns


def test_keypoints_that_are_all_null_give_null_angles():
    poses = exact().with_columns(pl.lit(None, pl.Float64).alias("left_knee_x_px"))

    assert bm.joint_angles(poses)[KNEE].null_count() == 121


def test_default_leaves_out_what_the_skeleton_cannot_give():
    names = bm.joint_angles(exact().drop(pl.col("^.*_ankle_.*$"))).columns

    assert KNEE not in names
    assert "left_hip_flexion_deg" in names
    assert "left_wrist_flexion_deg" not in names


def test_asking_for_what_the_skeleton_cannot_give_names_everything():
    poses = exact().drop(pl.col("^.*_ankle_.*$"))

    with pytest.raises(bm.SkeletonError, match=r"did you mean.*lack: \['left_ankle'\]"):
        bm.joint_angles(poses, angles=[KNEE, "left_elbow_flexion"])


def test_wrong_table_is_refused():
    with pytest.raises(bm.SchemaError, match="'frame' is missing"):
        bm.joint_angles(exact().drop("frame"))


def test_repeated_timestamps_are_refused_with_their_place():
    poses = exact().with_columns(
        time_s=pl.when(pl.col("frame") == 7).then(0.1).otherwise("time_s")
    )

    with pytest.raises(bm.SchemaError, match=r"'pendulum' track 0: 1 times.*frame 7"):
        bm.joint_angles(poses)


def test_shuffled_rows_give_the_same_table():
    poses = pl.concat([exact(), exact(track_id=3, peak_flexion_deg=40.0)])

    shuffled = bm.joint_angles(poses.sample(fraction=1.0, shuffle=True, seed=1))

    assert_frame_equal(shuffled, bm.joint_angles(poses))


@pytest.mark.parametrize("flexion_deg", [0.0, 90.0])
def test_noise_propagates_as_the_formula_says(flexion_deg):
    still = exact(
        peak_flexion_deg=flexion_deg,
        thigh_swing_deg=0.0,
        frequency_hz=0.5,
        n_frames=2,
        rate_hz=1.0,
        height_px=800.0,
    ).filter(pl.col("frame") == 1)
    many = pl.concat([still] * 4000).with_columns(
        frame=pl.int_range(4000, dtype=pl.Int32), time_s=pl.int_range(4000) / 60
    )
    thigh, shank = 0.2455 * 800.0, 0.2455 * 800.0

    noisy = add_noise(many, sd_px=4.0, seed=5)

    bend = np.cos(np.radians(flexion_deg))
    variance = 2 / thigh**2 + 2 / shank**2 + 2 * bend / (thigh * shank)
    knee = bm.joint_angles(noisy)[KNEE].std()
    assert knee == pytest.approx(np.degrees(4.0 * np.sqrt(variance)), rel=0.04)
    segment = bm.segment_angles(noisy)["left_thigh_deg"].std()
    assert segment == pytest.approx(np.degrees(np.sqrt(2) * 4.0 / thigh), rel=0.04)


def test_a_runner_who_turns_round_keeps_flexion_positive():
    there = exact(n_frames=180)
    back = transformed(exact(n_frames=180), matrix=((-1, 0), (0, 1)), shift=(1280, 0))
    back = back.with_columns(pl.col("frame") + 180, pl.col("time_s") + 3.0)

    knee = bm.joint_angles(pl.concat([there, back]))[KNEE].to_numpy()

    expected = truth(there)[KNEE]
    np.testing.assert_allclose(knee[:150], expected[:150], atol=1e-6)
    np.testing.assert_allclose(knee[-150:], expected[-150:], atol=1e-6)
