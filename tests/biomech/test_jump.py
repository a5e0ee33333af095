import numpy as np
import polars as pl
import pytest

import biomech as bm
from biomech.synthetic import (
    Camera,
    add_noise,
    counter_movement_jump,
    drop_jump,
    squat,
    to_poses,
    walker,
)

SIDE_VIEW = Camera(
    position_m=(0.0, 1.0, 8.0),
    target_m=(0.0, 1.0, 0.0),
    focal_px=3200.0,
    width_px=1920,
    height_px=1080,
)


def times(events, name):
    return events.filter(pl.col("event").cast(pl.String) == name)["time_s"].to_list()


@pytest.mark.parametrize("rate_hz", [60.0, 120.0, 240.0])
@pytest.mark.parametrize("camera", [None, SIDE_VIEW], ids=["3D", "2D"])
def test_take_off_and_landing_are_found_between_frames(rate_hz, camera):
    motion = counter_movement_jump(rate_hz=rate_hz)

    found = bm.jump_events(to_poses(motion, camera=camera))

    for name in ("take_off", "landing"):
        assert times(found, name) == pytest.approx(times(motion.events, name), abs=2e-3)
    assert times(found, "lowest") == pytest.approx([1.1], abs=1.1 / rate_hz)


@pytest.mark.parametrize("height_m", [0.15, 0.35, 0.6])
def test_height_from_flight_time_is_that_of_the_jump(height_m):
    motion = counter_movement_jump(jump_height_m=height_m, rate_hz=120.0)

    found = bm.jumps(bm.jump_events(to_poses(motion)))

    # The truth's flight time; landing posture makes it longer than ballistics alone.
    expected = 9.80665 * motion.truth["flight_s"] ** 2 / 8
    assert found["height_flight_m"].to_list() == pytest.approx([expected], abs=4e-3)
    assert found["kind"].to_list() == ["counter_movement"]


def test_a_drop_jump_has_contact_time_and_the_fall_is_no_jump():
    motion = drop_jump(rate_hz=120.0)
    landing_s, last_s = times(motion.events, "landing")
    take_off_s = times(motion.events, "take_off")[-1]

    found = bm.jumps(bm.jump_events(to_poses(motion)))

    assert found["kind"].to_list() == ["drop"]
    contact_s = found["contact_time_s"].item()
    assert contact_s == pytest.approx(take_off_s - landing_s, abs=3e-3)
    assert found["end_s"].item() == pytest.approx(last_s, abs=2e-3)


def test_a_drop_jump_is_one_by_ankles_alone_and_when_the_clip_begins_in_the_fall():
    motion = drop_jump(rate_hz=120.0)
    landing_s = times(motion.events, "landing")[0]
    poses = to_poses(motion).filter(pl.col("time_s") > landing_s - 0.12)
    ankles = to_poses(motion).select(~pl.selectors.contains("toe"))

    falling, by_ankles = (bm.jumps(bm.jump_events(p)) for p in (poses, ankles))

    assert falling["kind"].to_list() == by_ankles["kind"].to_list() == ["drop"]
    assert falling["start_s"].item() == pytest.approx(landing_s, abs=3e-3)
    assert by_ankles["start_s"].item() == pytest.approx(landing_s, abs=0.03)


@pytest.mark.parametrize("motion", [squat, walker], ids=["squat", "walker"])
def test_who_does_not_jump_has_no_jumps(motion):
    events = bm.jump_events(to_poses(motion()))

    assert events.is_empty()
    assert bm.jumps(events).is_empty()


def test_ankles_serve_where_there_are_no_feet_but_with_less_confidence():
    motion = counter_movement_jump(rate_hz=120.0)
    coco = to_poses(motion).select(~pl.selectors.contains("toe", "heel"))

    found = bm.jump_events(coco)
    metrics = by_name(bm.jump_metrics(coco, events=found))

    for name in ("take_off", "landing"):
        (event,) = found.filter(pl.col("event").cast(pl.String) == name).to_dicts()
        (true_s,) = times(motion.events, name)
        assert event["confidence"] == pytest.approx(0.5)
        assert abs(event["time_s"] - true_s) < 1.645 * event["time_sd_s"]
    assert metrics["flight_time"]["grade"] == "B"
    assert metrics["jump_gravity"]["grade"] == "A"


@pytest.mark.parametrize("hidden_s", [0.1, 0.2])
@pytest.mark.parametrize("edge", ["take_off", "landing"])
def test_feet_hidden_at_an_edge_leave_it_as_uncertain_as_the_gap_is_long(
    edge, hidden_s
):
    motion = counter_movement_jump(rate_hz=60.0)
    (at_s,) = times(motion.events, edge)
    begin_s = at_s - 0.3 * hidden_s
    seen = ~pl.col("time_s").is_between(begin_s, begin_s + hidden_s)
    poses = to_poses(motion).with_columns(
        pl.when(seen).then(pl.selectors.contains("toe", "ankle")).name.keep()
    )

    events = bm.jump_events(poses)
    found = by_name(bm.jump_metrics(poses, events=events))["flight_time"]

    sd_s = events.filter(pl.col("event").cast(pl.String) == edge)["time_sd_s"].item()
    assert sd_s == pytest.approx(hidden_s / np.sqrt(12), rel=0.3)
    assert abs(times(events, edge)[0] - at_s) < 1.645 * sd_s
    assert found["reason"] == ("low_coverage" if hidden_s > 0.15 else None)


def test_a_push_that_began_before_the_clip_has_no_kind_and_no_time():
    poses = to_poses(counter_movement_jump(rate_hz=120.0))

    # The body moves up fastest at 1.3 s.
    found = bm.jumps(bm.jump_events(poses.filter(pl.col("time_s") > 1.25)))

    assert found["kind"].to_list() == [None]
    assert found["time_to_take_off_s"].to_list() == [None]


@pytest.mark.parametrize(
    ("hold_s", "kind"), [(0.1, "counter_movement"), (1.0, "squat")]
)
def test_who_holds_still_at_the_lowest_point_makes_a_squat_jump(hold_s, kind):
    poses = to_poses(counter_movement_jump(rate_hz=120.0))
    lowest = 132  # 1.1 s
    held = round(hold_s * 120)
    frames = np.clip(np.arange(poses.height + held) - lowest, 0, held)
    rows = np.arange(poses.height + held) - frames
    poses = poses[rows].with_columns(
        frame=pl.int_range(pl.len(), dtype=pl.Int32),
        time_s=pl.int_range(pl.len()) / 120,
    )

    found = bm.jumps(bm.jump_events(poses))

    assert found["kind"].to_list() == [kind]
    if kind == "squat":
        onset_s = 1.1 + hold_s
        assert found["start_s"].item() == pytest.approx(onset_s, abs=0.03)


def test_hips_that_do_not_sink_again_make_no_jump():
    motion = counter_movement_jump(jump_height_m=0.1, rate_hz=120.0)
    (take_off_s,) = times(motion.events, "take_off")
    hips = [f"{side}_hip_y_m" for side in ("left", "right")]
    since = pl.col("time_s") >= take_off_s

    poses = to_poses(motion)
    staying_up = poses.with_columns(
        pl.when(since).then(pl.col(h).filter(since).max()).otherwise(h).alias(h)
        for h in hips
    )

    assert bm.jumps(bm.jump_events(poses)).height == 1
    assert bm.jump_events(staying_up).is_empty()


def test_hips_that_fall_faster_than_gravity_allows_make_no_jump():
    poses = to_poses(counter_movement_jump(jump_height_m=0.6, rate_hz=240.0))

    # Twice as fast, gravity is four times as strong.
    assert bm.jumps(bm.jump_events(poses)).height == 1
    twice_as_fast = poses.with_columns(pl.col("time_s") / 2)
    assert bm.jump_events(twice_as_fast).is_empty()


def test_a_flight_cut_by_the_clip_is_not_invented():
    poses = to_poses(counter_movement_jump(rate_hz=120.0))

    found = bm.jumps(bm.jump_events(poses.filter(pl.col("time_s") < 1.6)))

    assert found.is_empty()


def test_two_people_and_shuffled_rows_do_not_mix():
    poses = to_poses(counter_movement_jump(rate_hz=60.0))
    standing = to_poses(squat(rate_hz=60.0)).with_columns(
        track_id=pl.lit(7, pl.Int32), clip_id=pl.lit(poses["clip_id"][0])
    )
    both = pl.concat([poses, standing]).sample(fraction=1.0, shuffle=True, seed=3)

    found = bm.jump_events(both)

    assert found["track_id"].unique().to_list() == [poses["track_id"][0]]


def test_all_null_feet_give_no_jump_and_no_error():
    poses = to_poses(counter_movement_jump(rate_hz=60.0))
    blind = poses.with_columns(
        pl.lit(None, pl.Float32).alias(c)
        for c in poses.columns
        if "toe" in c or "ankle" in c or "heel" in c
    )

    assert bm.jump_events(blind).is_empty()


def test_one_frame_and_no_frames_give_no_rows():
    poses = to_poses(counter_movement_jump(rate_hz=60.0))

    assert bm.jump_events(poses.head(1)).is_empty()
    assert bm.jump_events(poses.clear()).is_empty()


def test_force_plates_agree_on_a_real_drop_jump(shared):
    markers = shared("data/D01_jump_squat_opencap_lab_grf/S4_DJ1.trc")
    poses = bm.to_poses(bm.read_markers(markers))

    found = bm.jumps(bm.jump_events(poses))

    # Force plates, sum of vertical forces > 20 N, at 100 Hz: +-10 ms.
    assert found["start_s"].item() == pytest.approx(1.42, abs=0.012)
    assert found["take_off_s"].item() == pytest.approx(2.16, abs=0.012)
    assert found["landing_s"].item() == pytest.approx(2.57, abs=0.012)
    assert found["height_flight_m"].item() == pytest.approx(0.206, abs=0.015)


def test_squats_on_force_plates_are_counted_and_as_deep_as_inverse_kinematics(shared):
    markers = shared("data/D01_jump_squat_opencap_lab_grf/S4_squats1.trc")
    angles = bm.joint_angles(bm.to_poses(bm.read_markers(markers)))

    found = bm.repetitions(angles, column="right_knee_flexion_deg")

    truth = np.array([99.0, 96.2, 94.1, 91.5, 93.3])
    offset = (found["depth_deg"].to_numpy() - truth).mean()
    assert found["deepest_s"].to_list() == pytest.approx(
        [1.35, 3.93, 6.73, 9.44, 12.27], abs=0.1
    )
    np.testing.assert_allclose(found["depth_deg"] - offset, truth, atol=2.0)


def by_name(metrics):
    return {row["metric"]: row for row in metrics.iter_rows(named=True)}


def test_the_centre_of_mass_rises_as_high_as_it_was_made_to():
    motion = counter_movement_jump(jump_height_m=0.35, rate_hz=120.0)

    found = by_name(bm.jump_metrics(to_poses(motion)))

    assert found["jump_height_com"]["value"] == pytest.approx(0.35, abs=3e-3)
    assert found["jump_gravity"]["value"] == pytest.approx(9.80665, rel=0.01)
    # Landing with bent legs makes the flight longer: the truth says by how much.
    apart = motion.truth["flight_time_height_m"] - motion.truth["jump_height_m"]
    assert found["jump_height_disagreement"]["value"] == pytest.approx(apart, abs=6e-3)


@pytest.mark.parametrize("correlation_s", [0.0, 0.1], ids=["white", "lasting"])
def test_four_pixels_of_noise_cost_one_centimetre(correlation_s):
    motion = counter_movement_jump(jump_height_m=0.35, rate_hz=60.0)
    poses = to_poses(motion, camera=SIDE_VIEW)

    heights = []
    for seed in range(4):
        noisy = add_noise(poses, sd_px=4.0, correlation_s=correlation_s, seed=seed)
        cleaned = bm.clean(noisy, activity="jump")
        metrics = by_name(bm.jump_metrics(cleaned, height_m=1.75))
        heights.append(metrics["jump_height_com"]["value"])

    assert np.abs(np.array(heights) - 0.35).mean() <= 0.010


def test_a_clip_that_ends_at_the_landing_tells_how_the_knees_touch_only():
    poses = to_poses(counter_movement_jump(rate_hz=120.0))
    (landing_s,) = times(bm.jump_events(poses), "landing")
    cut = poses.filter(pl.col("time_s") < landing_s + 0.15)

    found, whole = by_name(bm.jump_metrics(cut)), by_name(bm.jump_metrics(poses))

    touch_deg = whole["landing_knee_flexion"]["value"]
    assert found["landing_knee_flexion"]["value"] == pytest.approx(touch_deg)
    assert found["landing_knee_flexion_range"]["reason"] == "cut_by_clip"


@pytest.mark.parametrize("factor", [2, 8])
def test_slow_motion_without_the_capture_rate_is_noticed(factor):
    poses = to_poses(counter_movement_jump(rate_hz=240.0))
    slow = poses.with_columns(pl.col("time_s") * factor)

    found = by_name(bm.jump_metrics(slow))

    # Time enters gravity squared.
    assert found["jump_gravity"]["value"] == pytest.approx(
        9.80665 / factor**2, rel=0.03
    )
    assert found["jump_height_com"]["reason"] == "gravity_mismatch"
    assert found["jump_height_flight"]["reason"] == "gravity_mismatch"


def test_pixels_without_a_height_give_times_and_refuse_lengths():
    poses = to_poses(counter_movement_jump(rate_hz=120.0), camera=SIDE_VIEW)

    found = by_name(bm.jump_metrics(poses))

    assert found["flight_time"]["value"] is not None
    assert found["jump_height_com"]["reason"] == "no_scale"
    assert found["countermovement_depth"]["reason"] == "no_scale"


def test_a_track_without_jumps_says_so_for_every_metric():
    metrics = bm.jump_metrics(to_poses(squat()))

    assert set(metrics["reason"]) == {"no_events"}
    bm.SCHEMAS["metrics"].validate(metrics)


def test_who_jumps_out_of_the_picture_was_not_seen_well_enough():
    poses = to_poses(counter_movement_jump(rate_hz=120.0), camera=SIDE_VIEW)
    inside = pl.col("left_ankle_y_px") > 850.0
    gone = poses.with_columns(pl.when(inside).then(pl.selectors.contains("_px")))

    found = bm.jump_metrics(gone, height_m=1.75)

    assert set(found["reason"]) == {"low_coverage"}


def test_a_head_out_of_the_picture_refuses_the_centre_of_mass_not_the_flight():
    poses = to_poses(counter_movement_jump(rate_hz=120.0), camera=SIDE_VIEW)
    heads = [k for k in bm.keypoints_of(poses) if k.endswith(("nose", "ear", "_top"))]
    cropped = poses.with_columns(
        pl.when(pl.col(f"{k}_y_px") > 230.0).then(f"{k}_{part}").alias(f"{k}_{part}")
        for k in heads
        for part in ("x_px", "y_px")
    )

    found = by_name(bm.jump_metrics(cropped, height_m=1.75))

    whole = by_name(bm.jump_metrics(poses, height_m=1.75))
    assert found["jump_height_com"]["reason"] == "low_coverage"
    assert found["jump_gravity"]["reason"] == "low_coverage"
    height_m = whole["jump_height_flight"]["value"]
    assert found["jump_height_flight"]["value"] == pytest.approx(height_m, abs=1e-6)
