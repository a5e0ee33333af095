import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import biomech as bm
from biomech.arrays import coordinate_columns
from biomech.synthetic import add_dropouts, add_noise, pendulum

ANKLE = "left_ankle_x_px"


def walk(**knobs):
    return pendulum(n_frames=600, dtype=pl.Float64, **knobs)


def hole(poses, first, last, name="left_ankle"):
    gone = pl.col("frame").is_between(first, last)
    return poses.with_columns(
        pl.when(~gone).then(pl.col(f"^{name}_[xy]_px$")).name.keep()
    )


def test_low_confidence_becomes_null_and_unknown_confidence_stays(frames):
    poses = frames.with_columns(
        nose_x_px=pl.Series([1.0, 2.0, 3.0]),
        nose_y_px=pl.Series([1.0, 2.0, 3.0]),
        nose_confidence=pl.Series([0.29, None, 0.3]),
    )

    masked = bm.mask_low_confidence(poses, min_confidence=0.3)

    assert masked["nose_x_px"].to_list() == [None, 2.0, 3.0]
    assert masked["nose_confidence"].to_list() == [0.29, None, 0.3]


@pytest.mark.parametrize("bad", [np.inf, -np.inf, 1e7, np.nan])
def test_impossible_coordinates_become_null(frames, bad):
    poses = frames.with_columns(
        nose_x_px=pl.Series([1.0, bad, 3.0]), nose_y_px=pl.Series([1.0, 2.0, 3.0])
    )

    masked = bm.mask_low_confidence(poses)

    assert masked["nose_x_px"].to_list() == [1.0, None, 3.0]
    assert masked["nose_y_px"].to_list() == [1.0, None, 3.0]


def test_the_corner_of_the_picture_means_missing(frames):
    poses = frames.with_columns(
        nose_x_px=pl.Series([0.0, 0.0, 3.0]), nose_y_px=pl.Series([0.0, 2.0, 0.0])
    )

    assert bm.mask_low_confidence(poses)["nose_y_px"].to_list() == [None, 2.0, 0.0]


def test_jumps_are_rejected_and_movement_is_not():
    poses = add_noise(walk(), sd_px=2.0, seed=1)
    jumped = poses.with_columns(
        pl.when(pl.col("frame") == 100).then(pl.col(ANKLE) + 80.0).otherwise(ANKLE)
    )

    cleaned = bm.reject_outliers(jumped)

    lost = cleaned[ANKLE].is_null()
    assert lost[100]
    assert cleaned["left_ankle_y_px"].is_null()[100]
    assert lost.mean() < 0.03


def test_running_through_the_picture_is_no_jump():
    poses = walk().with_columns(
        (pl.col(c) + 20.0 * pl.col("frame")).alias(c)
        for c in coordinate_columns(walk())
        if c.endswith("_x_px")
    )

    cleaned = bm.reject_outliers(poses)

    assert cleaned.select(pl.col("^.*_x_px$").null_count()).sum_horizontal().item() == 0


def test_gaps_are_filled_up_to_the_limit_in_seconds():
    poses = hole(hole(walk(), 100, 105), 300, 420)

    filled = bm.fill_gaps(poses, max_gap_s=0.15)

    lost = filled[ANKLE].is_null()
    assert lost.sum() == 121
    error = (filled[ANKLE] - walk()[ANKLE]).to_numpy()[100:106]
    assert np.abs(error).max() < 1.0


def test_limits_can_differ_between_keypoints():
    poses = hole(hole(walk(), 100, 105), 100, 105, name="right_hip")
    limits = dict.fromkeys(bm.keypoints_of(poses), 0.15) | {"left_ankle": 0.05}

    filled = bm.fill_gaps(poses, max_gap_s=limits)

    assert filled[ANKLE].null_count() == 6
    assert filled["right_hip_x_px"].null_count() == 0


@pytest.mark.parametrize(
    "knobs",
    [
        {"method": "rts", "cutoff_hz": 6.0},
        {"method": "butterworth", "cutoff_hz": 6.0},
        {"method": "savitzky_golay", "window_s": 0.15},
        {"method": "gcv_spline"},
    ],
    ids=lambda k: k["method"],
)
def test_every_smoother_brings_noise_down_and_keeps_the_movement(knobs):
    columns = [ANKLE, "left_ankle_y_px", "left_ankle_confidence"]
    truth = walk().select("clip_id", "track_id", "frame", "time_s", *columns)
    noisy = add_noise(truth, sd_px=4.0, seed=2)

    smooth = bm.smooth(noisy, **knobs)

    before = (noisy[ANKLE] - truth[ANKLE]).std()
    after = (smooth[ANKLE] - truth[ANKLE]).std()
    assert after < 0.75 * before


def test_the_median_takes_single_spikes_away():
    poses = walk(thigh_swing_deg=0.0, peak_flexion_deg=0.0)
    spiky = poses.with_columns(pl.col(ANKLE) + 70.0 * (pl.col("frame") % 50 == 20))

    smooth = bm.smooth(spiky, method="median", window_s=0.08)

    assert (smooth[ANKLE] - poses[ANKLE]).abs().max() == 0.0


def test_the_default_smoother_says_how_sure_it_is():
    poses = hole(add_noise(walk(), sd_px=4.0, seed=3), 200, 204)

    smooth = bm.smooth(poses, activity="walk")

    sd = smooth["left_ankle_sd_px"]
    assert 1.0 < sd[100] < 3.0
    assert sd[202] > 1.3 * sd[100]
    assert smooth[ANKLE].null_count() == 0


def test_ninety_percent_intervals_of_all_keypoints_hold_the_truth():
    truth = walk()
    smooth = bm.smooth(add_noise(truth, sd_px=4.0, seed=4), activity="walk")

    inside, n = 0, 0
    for name in bm.keypoints_of(truth):
        for axis in "xy":
            error = (smooth[f"{name}_{axis}_px"] - truth[f"{name}_{axis}_px"]).abs()
            covered = error < 1.645 * smooth[f"{name}_sd_px"]
            inside, n = inside + covered.sum(), n + len(covered)

    assert 0.85 <= inside / n <= 0.95


def test_all_tracks_have_their_own_time():
    slow = walk()
    fast = walk(track_id=7, rate_hz=120.0)

    both = bm.smooth(pl.concat([fast, slow]), cutoff_hz=6.0)

    alone = bm.smooth(slow, cutoff_hz=6.0)
    assert_frame_equal(both.filter(pl.col("track_id") == 0), alone)


@pytest.mark.parametrize("method", ["rts", "butterworth"])
def test_a_cutoff_above_nyquist_is_refused(method):
    with pytest.raises(bm.ConfigError, match="at 60 frames per second"):
        bm.smooth(walk(), method=method, cutoff_hz=40.0)


def test_the_bands_of_an_activity_bow_to_a_low_frame_rate():
    poses = pendulum(rate_hz=15.0)

    assert bm.smooth(poses, activity="golf").height == poses.height


def test_unknown_methods_and_activities_are_named():
    with pytest.raises(bm.ConfigError, match="unknown method 'kalman'"):
        bm.smooth(walk(), method="kalman")
    with pytest.raises(bm.ConfigError, match=r"unknown activity 'walking'.*'walk'"):
        bm.smooth(walk(), activity="walking")


@pytest.mark.parametrize(
    ("knobs", "told"),
    [
        ({"method": "butterworth", "max_gap_s": 0.2}, r"no max_gap_s \(of rts\)"),
        ({"polyorder": 2, "window_s": 0.2}, r"rts has no window_s .*, no polyorder"),
        ({"method": "median", "cutoff_hz": 6.0}, "of rts and butterworth"),
        ({"method": "gcv_spline", "convention": "per_pass"}, "of butterworth"),
    ],
)
def test_knobs_of_another_method_are_refused(knobs, told):
    with pytest.raises(bm.ConfigError, match=told):
        bm.smooth(walk(), **knobs)


def test_lowpass_takes_poses_and_signals():
    signals = bm.joint_angles(walk())

    smooth = bm.lowpass(signals, cutoff_hz=8.0)

    knee = "left_knee_flexion_deg"
    assert (smooth[knee] - signals[knee]).abs().max() < 1.0
    assert bm.lowpass(walk(), cutoff_hz=8.0).columns == walk().columns


def test_the_peers_cutoff_is_lower_than_it_says():
    noisy = add_noise(walk(), sd_px=4.0, seed=5)

    ours = bm.lowpass(noisy, cutoff_hz=6.0 * 0.802)
    peers = bm.lowpass(noisy, cutoff_hz=6.0, convention="per_pass")

    assert (ours[ANKLE] - peers[ANKLE]).std() < 0.1
    assert (ours[ANKLE] - noisy[ANKLE]).std() > 1.0


def test_resampling_gives_even_times_common_to_all_tracks():
    poses = pl.concat([walk(), walk(track_id=1).with_columns(pl.col("time_s") + 0.033)])

    even = bm.resample(poses, rate_hz=100.0)

    assert set(even.group_by("track_id").agg(pl.col("time_s").diff().mean())["time_s"])
    np.testing.assert_allclose(even["time_s"] * 100, even["frame"], atol=1e-9)
    w = 2 * np.pi * even.filter(pl.col("track_id") == 0)["time_s"].to_numpy()
    knee = bm.joint_angles(even.filter(pl.col("track_id") == 0))
    np.testing.assert_allclose(
        knee["left_knee_flexion_deg"], 30 * (1 - np.cos(w)), atol=0.05
    )


def test_resampling_leaves_long_gaps_open():
    even = bm.resample(hole(walk(), 100, 160), rate_hz=30.0)

    assert even[ANKLE].null_count() == 31


def test_a_gap_of_ten_seconds_without_rows_is_never_crossed():
    late = walk().with_columns(pl.col("frame") + 1200, pl.col("time_s") + 20.0)
    poses = pl.concat([walk(), late.with_columns(pl.col(ANKLE) + 5000.0)])

    smooth = bm.smooth(poses, activity="walk")

    alone = bm.smooth(walk(), activity="walk")
    difference = (smooth[ANKLE].head(600) - alone[ANKLE]).abs().max()
    assert difference < 0.05


def test_dropouts_are_bridged_by_the_smoother():
    truth = walk()
    lost = add_dropouts(add_noise(truth, sd_px=2.0, seed=6), fraction=0.05, seed=7)

    smooth = bm.smooth(lost, activity="walk")

    there = smooth[ANKLE].is_not_null()
    assert there.mean() > 0.98
    assert (smooth[ANKLE] - truth[ANKLE]).filter(there).abs().max() < 10.0


@pytest.mark.parametrize("n", [0, 1, 2])
@pytest.mark.parametrize(
    "step",
    [bm.mask_low_confidence, bm.reject_outliers, bm.fill_gaps, bm.smooth, bm.fix_swaps],
)
def test_hardly_any_frames_break_nothing(step, n):
    poses = walk().head(n)

    assert step(poses).height == n


@pytest.mark.parametrize(
    "step",
    [bm.mask_low_confidence, bm.reject_outliers, bm.fill_gaps, bm.smooth, bm.fix_swaps],
)
def test_points_that_were_never_seen_stay_null(step):
    poses = walk().with_columns(pl.lit(None, pl.Float64).alias(c) for c in [ANKLE])
    poses = poses.with_columns(pl.lit(None, pl.Float64).alias("left_ankle_y_px"))

    assert step(poses)[ANKLE].null_count() == 600


@pytest.mark.parametrize(
    "step", [bm.reject_outliers, bm.fill_gaps, bm.smooth, bm.fix_swaps, bm.clean]
)
def test_time_that_does_not_grow_is_refused(step):
    poses = walk().with_columns(time_s=pl.col("time_s") * (pl.col("frame") != 3))

    with pytest.raises(bm.SchemaError, match="does not grow"):
        step(poses)
