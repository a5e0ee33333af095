import json

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import biomech as bm
from biomech.skeletons import mirror_of
from biomech.synthetic import (
    ParallelCamera,
    add_dropouts,
    add_noise,
    add_swaps,
    pendulum,
    runner,
    to_poses,
    walker,
)


@pytest.fixture(scope="module")
def gaits():
    """A walk and a run of 10 s, 457 px per metre (800 px tall), from the side."""
    walk_view = ParallelCamera(457.0, (7.0, 0.9, 0.0), width_px=9000, height_px=1200)
    run_view = ParallelCamera(457.0, (17.0, 0.9, 0.0), width_px=20000, height_px=1200)
    return {
        "walk": to_poses(walker(duration_s=10.0), camera=walk_view),
        "run": to_poses(runner(duration_s=10.0), camera=run_view),
    }


def flags(intervals, part, n):
    found = np.zeros(n, bool)
    for start, end in (
        intervals.filter(pl.col("part") == part)
        .select("start_frame", "end_frame")
        .iter_rows()
    ):
        found[start:end] = True
    return found


def near_crossing(poses, name):
    apart = (poses[f"left_{name}_x_px"] - poses[f"right_{name}_x_px"]).to_numpy()
    near = np.zeros(len(apart), bool)
    for i in np.flatnonzero(np.diff(np.sign(apart))):
        near[max(0, i - 1) : i + 3] = True
    return near


@pytest.mark.parametrize("gait", ["walk", "run"])
@pytest.mark.parametrize(("part", "joint"), [("legs", "ankle"), ("arms", "wrist")])
@pytest.mark.parametrize("sd_px", [0.0, 4.0, 7.0])
def test_swaps_are_undone_in_99_percent_of_frames(gaits, gait, part, joint, sd_px):
    truth = gaits[gait]
    right = wrong = 0
    for seed in range(4):
        raw = add_noise(truth, sd_px=sd_px, seed=seed) if sd_px else truth
        swapped = add_swaps(raw, part=part, fraction=0.02, seed=seed + 10)
        injected = swapped.intervals.with_columns(part=pl.lit(part))

        fixed = bm.fix_swaps(swapped.poses)

        found = bm.swap_intervals(swapped.poses, fixed)
        n = truth.height
        away = ~near_crossing(truth, joint)
        same = flags(injected, part, n) == flags(found, part, n)
        right, wrong = right + (same & away).sum(), wrong + (~same & away).sum()

    assert right / (right + wrong) >= 0.99


@pytest.mark.parametrize("gait", ["walk", "run"])
@pytest.mark.parametrize(
    ("sd_px", "correlation_s"), [(0, 0), (4, 0), (10, 0), (7, 0.1)]
)
def test_a_walk_or_run_without_swaps_is_left_alone(gaits, gait, sd_px, correlation_s):
    raw = gaits[gait]
    if sd_px:
        raw = add_noise(raw, sd_px=sd_px, correlation_s=correlation_s, seed=1)
        raw = add_dropouts(raw, seed=2)

    fixed = bm.fix_swaps(raw)

    assert_frame_equal(fixed, raw)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("gait", ["walk", "run"])
def test_a_model_that_is_unsure_while_the_legs_cross_leaves_them_alone(
    gaits, gait, seed
):
    truth, rng = gaits[gait], np.random.default_rng(seed)
    apart = (truth["left_ankle_x_px"] - truth["right_ankle_x_px"]).to_numpy()
    sd_px = 3.0 + 24.0 * np.exp(-((apart / 80.0) ** 2))
    raw = truth.with_columns(
        pl.col(c) + pl.lit(pl.Series(rng.normal(0, sd_px).astype(np.float32)))
        for c in truth.columns
        if c.endswith(("_x_px", "_y_px"))
    )

    fixed = bm.fix_swaps(raw, parts=("legs",))

    assert bm.swap_intervals(raw, fixed).is_empty()


@pytest.mark.parametrize("gait", ["walk", "run"])
def test_single_frames_with_both_legs_laid_on_one_exchange_nothing(gaits, gait):
    raw = add_noise(gaits[gait], sd_px=4.0, correlation_s=0.05, seed=3)
    points = ("hip", "knee", "ankle", "heel", "big_toe", "small_toe")
    left = [f"left_{point}_{axis}_px" for point in points for axis in "xy"]
    is_wild = pl.col("frame") % 37 == 20
    raw = raw.with_columns(
        pl.when(is_wild)
        .then((pl.col(a) + pl.col(mirror_of(a))) / 2)
        .otherwise(name)
        .alias(name)
        for a in left
        for name in (a, mirror_of(a))
    )

    fixed = bm.fix_swaps(raw, parts=("legs",))

    assert_frame_equal(fixed, raw)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_an_exchange_of_a_whole_second_of_walking_is_undone(gaits, seed):
    truth = add_noise(gaits["walk"], sd_px=4.0, seed=seed)
    swapped = add_swaps(truth, fraction=0.1, burst_frames=(60, 60), seed=seed)

    fixed = bm.fix_swaps(swapped.poses, parts=("legs",))

    wrong = (fixed["left_knee_x_px"] != truth["left_knee_x_px"]).sum()
    assert swapped.intervals.height > 0
    assert wrong <= 4 * swapped.intervals.height


def test_listed_intervals_are_those_that_were_exchanged(gaits):
    swapped = add_swaps(gaits["walk"], fraction=0.02, burst_frames=(4, 8), seed=5)

    found = bm.swap_intervals(swapped.poses, bm.fix_swaps(swapped.poses))

    expected = swapped.intervals.select("start_frame", "end_frame").rows()
    assert found.select("start_frame", "end_frame").rows() == expected
    assert found["part"].unique().to_list() == ["legs"]


def test_fixing_twice_is_fixing_once(gaits):
    once = bm.fix_swaps(add_swaps(gaits["run"], seed=6).poses)

    assert_frame_equal(bm.fix_swaps(once), once)


def test_intervals_of_different_frames_are_refused(gaits):
    with pytest.raises(bm.SchemaError, match="same frames"):
        bm.swap_intervals(gaits["walk"], gaits["walk"].head(10))


def test_unknown_parts_are_refused(gaits):
    with pytest.raises(bm.SchemaError, match=r"unknown parts \['heads'\]"):
        bm.fix_swaps(gaits["walk"], parts=("heads",))


@pytest.mark.parametrize(
    ("sd_px", "knee_deg", "hip_deg"),
    [(4.0, 1.7, 1.2), (7.0, 2.5, 1.8), (10.0, 3.5, 2.5)],
)
def test_angles_of_a_noisy_walk_are_as_good_as_theory_allows(
    gaits, sd_px, knee_deg, hip_deg
):
    truth = gaits["walk"]
    raw = add_dropouts(add_swaps(add_noise(truth, sd_px=sd_px), seed=1).poses, seed=2)

    angles = bm.joint_angles(bm.clean(raw, activity="walk"))

    expected = bm.joint_angles(truth)
    for name, goal in (("knee_flexion", knee_deg), ("hip_flexion", hip_deg)):
        error = angles[f"left_{name}_deg"] - expected[f"left_{name}_deg"]
        assert np.sqrt((error**2).mean()) < goal


def test_the_record_counts_what_was_done():
    truth = pendulum(n_frames=600)
    doubtful = pl.col("frame").is_between(50, 52)
    raw = add_noise(truth, sd_px=2.0, seed=3).with_columns(
        left_knee_confidence=pl.when(doubtful).then(0.1).otherwise(0.9),
        right_ankle_x_px=pl.col("right_ankle_x_px") + 90.0 * (pl.col("frame") == 200),
    )

    record = bm.cleaning(raw, activity="walk")

    counts = {step.op: step.counts for step in record.steps}
    assert counts["mask_low_confidence"]["n_masked"] >= 3
    assert counts["reject_outliers"]["n_rejected"] >= 1
    assert counts["fill_gaps"]["n_filled"] >= 4
    assert counts["fill_gaps"]["n_missing"] <= 2  # at the very ends
    assert json.loads(json.dumps(record.footer()))[0]["op"] == "mask_low_confidence"


@pytest.mark.parametrize(
    ("knobs", "low_hz", "high_hz"),
    [
        ({}, 6.0, 8.0),
        ({"cutoff_hz": 7.0}, 7.0, 7.0),
        ({"method": "butterworth"}, 8.0, 8.0),
        ({"method": "butterworth", "cutoff_hz": 5.0}, 5.0, 5.0),
    ],
)
def test_the_record_says_which_cut_offs_and_gap_limits_were_used(
    knobs, low_hz, high_hz
):
    raw = add_noise(pendulum(n_frames=200), sd_px=2.0)

    used = {s.op: s.params for s in bm.cleaning(raw, activity="walk", **knobs).steps}

    assert low_hz <= used["smooth"]["cutoff_hz"]["left_ankle"] <= high_hz
    assert used["fill_gaps"]["max_gap_s"]["left_ankle"] == 0.15


def test_the_cut_off_that_a_low_frame_rate_allows_is_recorded():
    raw = pendulum(n_frames=60, rate_hz=10.0)

    record = bm.cleaning(raw, activity="walk", method="butterworth")

    used = record.steps[-1].params["cutoff_hz"]
    assert used["left_ankle"] == pytest.approx(4.5)


def test_clean_poses_can_be_written_and_read(tmp_path, gaits):
    poses = bm.clean(add_noise(gaits["walk"], sd_px=4.0), activity="walk")

    bm.write_table(poses, tmp_path / "poses.parquet", schema=bm.SCHEMAS["poses"])

    assert_frame_equal(bm.read_poses(tmp_path / "poses.parquet"), poses)


def test_cleaning_keeps_the_input_and_the_order_of_rows_does_not_matter():
    raw = add_noise(pendulum(n_frames=200), sd_px=3.0, seed=4)
    copy = raw.clone()

    first = bm.clean(raw)
    second = bm.clean(raw.sample(fraction=1.0, shuffle=True, seed=5))

    assert_frame_equal(first, second)
    assert_frame_equal(raw, copy)


def test_a_table_without_rows_comes_back_without_rows():
    assert bm.clean(pendulum().clear()).is_empty()


@pytest.mark.parametrize("method", ["butterworth", "savitzky_golay", "gcv_spline"])
def test_other_smoothers_fill_gaps_by_splines(method):
    names = pl.col("^(clip_id|track_id|frame|time_s|left_(hip|knee|ankle)_.*)$")
    raw = add_noise(pendulum(n_frames=300).select(names), sd_px=2.0)
    raw = raw.with_columns(
        pl.when(~pl.col("frame").is_between(100, 104)).then(pl.col("^.*_px$"))
    )

    poses = bm.clean(raw, method=method, activity="walk")

    assert poses["left_ankle_x_px"].null_count() == 0
