"""Exchanges of left and right in real walks and runs, whose sides are known."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import biomech as bm
from biomech.skeletons import mirror_of
from biomech.synthetic import add_noise, add_swaps

DATA = "data/"
WALKS = (
    "A14_pose2sim_opensim_trc_mot/Pose2Sim_markers.trc",
    "B01_gait_pig_events_btk/PiG_Motion-FlatFoot-Full.c3d",
    "B02_gait_forceplate_events/walkNorm_NP1004a06.c3d",
    "B03_gait_seven_labs/AUC__CB_Dynamic0003.c3d",
    "B03_gait_seven_labs/FMC__MH0222_BP06.c3d",
    "B03_gait_seven_labs/Sydney__S4-AMGait03.c3d",
    "B04_gait_treadmill_events/test_small.c3d",
    "B07_walk_run_rajagopal_grf/motion_capture_walk.trc",
    "B08_walk_gait2392_grf/subject01_walk1.trc",
    "B10_bmc_walk_run_winter_pezzack/walk.trc",
    "B11_walk_opencap_lab_grf/S4_walking1.trc",
)
RUNS = (
    "B05_run_sprint_known_speed/run0350cms.trc",
    "B05_run_sprint_known_speed/run0700cms.trc",
    "B06_run_hamner_grf/subject02_running.trc",
)
ESTIMATED = (
    ("A01_openpose_body25_running/example1_side", 30.0),
    ("F01_pose2sim_4cam_video_json_trc/openpose_body25b_json/cam01_json", 60.0),
    ("F01_pose2sim_4cam_video_json_trc/openpose_body25b_json/cam03_json", 60.0),
)
#: Half a percent of the body's height, 4 px in a body of 800.
NOISE_M = 0.009
HEEL = "left_heel_x_m"


def from_the_side(poses):
    """Poses without depth, as a camera beside the way sees them, and with noise."""
    flat = poses.drop([c for c in poses.columns if c.endswith("_z_m")])
    return add_noise(flat, sd_m=NOISE_M, seed=1)


def exchange_legs(poses, first, last):
    """Give the left leg's columns to the right one from row `first` up to `last`."""
    row = pl.int_range(pl.len())
    names = ("hip", "knee", "ankle", "heel", "big_toe", "small_toe")
    legs = [c for c in poses.columns if c.split("_", 1)[-1].startswith(names)]
    swapped = [
        pl.when((row >= first) & (row < last)).then(mirror_of(c)).otherwise(c).alias(c)
        for c in legs
    ]
    return poses.with_columns(swapped)


@pytest.mark.parametrize("name", WALKS + RUNS)
def test_clean_walks_and_runs_of_laboratories_are_left_alone(shared, name):
    poses = bm.read_file(shared(DATA + name)).sort(bm.FRAME)

    for seen in (poses, from_the_side(poses)):
        assert_frame_equal(bm.fix_swaps(seen), seen)


@pytest.mark.parametrize(("name", "rate_hz"), ESTIMATED)
def test_openpose_that_knows_its_sides_is_left_alone(shared, name, rate_hz):
    poses = bm.read_file(shared(DATA + name), rate_hz=rate_hz).sort(bm.FRAME)

    fixed = bm.fix_swaps(bm.mask_low_confidence(poses))

    assert bm.swap_intervals(bm.mask_low_confidence(poses), fixed).is_empty()


@pytest.mark.parametrize("name", WALKS + RUNS)
def test_99_percent_of_frames_are_right_after_short_exchanges(shared, name):
    truth = from_the_side(bm.read_file(shared(DATA + name)).sort(bm.FRAME))
    apart = (truth[HEEL] - truth["right_heel_x_m"]).to_numpy()
    away = np.ones(truth.height, bool)
    for i in np.flatnonzero(np.diff(np.sign(apart))):
        away[max(0, i - 1) : i + 3] = False

    right = []
    for seed in range(4):
        swapped = add_swaps(truth, fraction=0.03, seed=seed).poses
        fixed = bm.fix_swaps(swapped)
        right.append((fixed[HEEL] == truth[HEEL]).to_numpy()[away])

    assert np.mean(right) >= 0.99


@pytest.mark.parametrize("length_s", [0.5, 1.0])
def test_long_exchanges_are_undone_where_most_of_the_recording_is_right(
    shared, length_s
):
    n_tried = 0
    for name in WALKS + RUNS:
        truth = from_the_side(bm.read_file(shared(DATA + name)).sort(bm.FRAME))
        step_s = truth["time_s"].diff().median()
        n, first = round(length_s / step_s), truth.height // 4
        if n > truth.height / 3:
            continue
        swapped = exchange_legs(truth, first, first + n)
        fixed = bm.fix_swaps(swapped)
        wrong = (fixed[HEEL] != truth[HEEL]).to_numpy()
        assert wrong.sum() <= 4, name
        n_tried += 1

    assert n_tried >= 4
