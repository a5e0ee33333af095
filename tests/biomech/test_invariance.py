"""What must not change an answer, tried with many poses that nobody chose."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import biomech as bm
from biomech.arrays import coordinate_columns
from biomech.schema import keypoint_columns
from biomech.skeletons import COCO17, mirror_of
from biomech.synthetic import add_noise, pendulum

FEW = settings(max_examples=8, deadline=None)
SEEDS = st.integers(0, 10_000)


def random_poses(seed, n_frames=12):
    """A body thrown together: every keypoint anywhere near its usual place."""
    rng = np.random.default_rng(seed)
    xyz = rng.normal(0, 60, (n_frames, 17, 2)) + rng.uniform(200, 800, (1, 17, 2))
    xyz[rng.random((n_frames, 17)) < 0.05] = np.nan
    frames = pl.DataFrame(
        {
            "clip_id": "a",
            "track_id": pl.repeat(0, n_frames, dtype=pl.Int32, eager=True),
            "frame": pl.int_range(n_frames, dtype=pl.Int32, eager=True),
            "time_s": np.arange(n_frames) / 30,
        }
    )
    poses = bm.from_array(frames, xyz=xyz, keypoints=COCO17.keypoints, unit="px")
    return poses.cast(dict.fromkeys(coordinate_columns(poses), pl.Float64))


def changed(poses, *, turn_deg=0.0, zoom=1.0, shift=(0.0, 0.0), flip=False):
    c, s = zoom * np.cos(np.radians(turn_deg)), zoom * np.sin(np.radians(turn_deg))
    sign = -1.0 if flip else 1.0
    columns = []
    for parts in keypoint_columns(poses.columns).values():
        x, y = sign * pl.col(parts["x_px"]), pl.col(parts["y_px"])
        columns += [
            (c * x - s * y + shift[0]).alias(parts["x_px"]),
            (s * x + c * y + shift[1]).alias(parts["y_px"]),
        ]
    return poses.with_columns(columns)


def without_sign(angles):
    return angles.with_columns(pl.col("^.*_deg$").abs())


@FEW
@given(
    seed=SEEDS,
    turn_deg=st.floats(-180, 180),
    zoom=st.floats(0.01, 50),
    shift=st.tuples(st.floats(-5000, 5000), st.floats(-5000, 5000)),
)
def test_joint_angles_do_not_know_the_camera(seed, turn_deg, zoom, shift):
    poses = random_poses(seed)
    seen = changed(poses, turn_deg=turn_deg, zoom=zoom, shift=shift)

    # A turned camera may take left for right; the sizes of angles stay.
    assert_frame_equal(
        without_sign(bm.joint_angles(seen)),
        without_sign(bm.joint_angles(poses)),
        abs_tol=1e-6,
    )


@FEW
@given(seed=SEEDS, zoom=st.floats(0.1, 10), x=st.floats(-2000, 2000))
def test_zoom_and_shift_leave_signs_and_segments_alone(seed, zoom, x):
    poses = random_poses(seed)
    seen = changed(poses, zoom=zoom, shift=(x, -x))

    for angles in (bm.joint_angles, bm.segment_angles):
        assert_frame_equal(angles(seen), angles(poses), abs_tol=1e-6)


@FEW
@given(seed=SEEDS)
def test_a_flipped_picture_shows_the_same_angles(seed):
    poses = random_poses(seed)

    here, there = (
        bm.facing(p)["direction"] for p in (poses, changed(poses, flip=True))
    )
    if here.item() == -there.item():
        assert_frame_equal(
            bm.joint_angles(changed(poses, flip=True)),
            bm.joint_angles(poses),
            abs_tol=1e-6,
        )


@FEW
@given(seed=SEEDS)
def test_exchanging_the_sides_twice_changes_nothing(seed):
    poses = random_poses(seed)
    names = {c: mirror_of(c) for c in poses.columns}
    once = poses.rename(names)

    assert_frame_equal(once.rename(names), poses)
    angles = bm.joint_angles(poses)
    exchanged = bm.joint_angles(once)
    for column in angles.columns[4:]:
        np.testing.assert_allclose(
            exchanged[mirror_of(column)].abs(), angles[column].abs(), atol=1e-6
        )


@FEW
@given(seed=SEEDS, factor=st.floats(0.1, 10), shift=st.floats(-1000, 1000), turn=SEEDS)
@pytest.mark.parametrize(
    "knobs",
    [
        {"method": "rts", "cutoff_hz": 5.0},
        {"method": "butterworth", "cutoff_hz": 5.0},
        {"method": "savitzky_golay", "window_s": 0.2},
    ],
    ids=lambda k: k["method"],
)
def test_smoothers_are_linear(knobs, seed, factor, shift, turn):
    poses = random_poses(seed)
    moved = changed(poses, turn_deg=turn, zoom=factor, shift=(shift, -shift))

    smooth_then_move = changed(
        bm.smooth(poses, **knobs), turn_deg=turn, zoom=factor, shift=(shift, -shift)
    )
    move_then_smooth = bm.smooth(moved, **knobs)

    columns = coordinate_columns(poses)
    assert_frame_equal(
        move_then_smooth.select(columns),
        smooth_then_move.select(columns),
        abs_tol=1e-3,
    )


@FEW
@given(seed=SEEDS)
def test_segments_add_up_to_joints(seed):
    poses = random_poses(seed)
    joints, segments = bm.joint_angles(poses), bm.segment_angles(poses)

    for side in ("left", "right"):
        sums = {
            "knee": segments[f"{side}_thigh_deg"] - segments[f"{side}_shank_deg"],
            "hip": segments[f"{side}_thigh_deg"] + segments["trunk_lean_deg"],
        }
        for joint, total in sums.items():
            difference = (total - joints[f"{side}_{joint}_flexion_deg"]).drop_nulls()
            whole_turns = difference / 360
            np.testing.assert_allclose(whole_turns, whole_turns.round(), atol=1e-8)


TABLE_FUNCTIONS = [
    *(
        bm.mask_low_confidence,
        bm.reject_outliers,
        bm.fill_gaps,
        bm.smooth,
        bm.fix_swaps,
    ),
    *(bm.clean, bm.lowpass, bm.joint_angles, bm.segment_angles, bm.keypoint_velocities),
    *(bm.keypoint_accelerations, bm.centre_of_mass, bm.sports2d_angles),
    *(bm.track_quality, bm.stitch_tracks, bm.facing, bm.camera_view, bm.ground_line),
]


@pytest.mark.parametrize("function", TABLE_FUNCTIONS, ids=lambda f: f.__name__)
def test_every_function_keeps_its_input_and_ignores_the_order_of_rows(function):
    poses = add_noise(
        pl.concat([pendulum(n_frames=60), pendulum(n_frames=60, track_id=1)]), sd_px=1.0
    )
    copy = poses.clone()

    straight = function(poses)
    shuffled = function(poses.sample(fraction=1.0, shuffle=True, seed=3))

    assert_frame_equal(poses, copy)
    key = bm.FRAME if "frame" in straight.columns else bm.TRACK
    assert_frame_equal(straight.sort(key), shuffled.sort(key))


@pytest.mark.parametrize("function", TABLE_FUNCTIONS, ids=lambda f: f.__name__)
def test_every_function_refuses_other_tables_and_mixed_units(function):
    mixed = pendulum(n_frames=3).with_columns(nose_x_m=1.0, nose_y_m=1.0)

    with pytest.raises(bm.SchemaError, match="'frame' is missing"):
        function(pendulum(n_frames=3).drop("frame"))
    with pytest.raises(bm.SchemaError, match="units are mixed"):
        function(mixed)


@pytest.mark.parametrize("function", TABLE_FUNCTIONS, ids=lambda f: f.__name__)
def test_every_function_takes_a_table_without_keypoints(function):
    bare = pendulum(n_frames=3).select(*bm.FRAME, "time_s")

    assert function(bare).height in {1, 3}
