import polars as pl
import polars.selectors as cs
import pytest

import biomech as bm
from biomech.synthetic import (
    Camera,
    baseball_swing,
    golf_swing,
    squat,
    to_poses,
)

FACE_ON = Camera(position_m=(0.0, 1.2, 7.0), target_m=(0.0, 1.0, 0.0), focal_px=1400.0)
DOWN_THE_LINE = Camera(
    position_m=(-7.0, 1.2, 0.0), target_m=(0.0, 1.0, 0.0), focal_px=1400.0
)


@pytest.fixture(scope="module")
def golf():
    return golf_swing(plane_slope_deg=52.0, plane_direction_deg=4.0)


def by_name(metrics):
    bm.SCHEMAS["metrics"].validate(metrics)
    return {row["metric"]: row for row in metrics.iter_rows(named=True)}


def test_the_plane_of_the_club_is_the_one_it_was_made_with(golf):
    found = by_name(bm.swing_metrics(to_poses(golf)))

    assert found["swing_plane_slope"]["value"] == pytest.approx(52.0, abs=0.1)
    assert found["swing_plane_direction"]["value"] == pytest.approx(4.0, abs=0.1)
    assert found["swing_plane_rms"]["value"] == pytest.approx(0.0, abs=1e-3)


def test_tempo_and_club_head_speed_are_those_of_the_swing(golf):
    found = by_name(bm.swing_metrics(to_poses(golf)))

    speed = golf.truth["club_head_speed_m_s"]
    assert found["tempo_ratio"]["low"] <= 3.0 <= found["tempo_ratio"]["high"] * 1.02
    assert found["club_head_speed"]["value"] == pytest.approx(speed, rel=0.02)
    assert found["attack_angle"]["low"] <= golf.truth["attack_angle_deg"]
    assert golf.truth["attack_angle_deg"] <= found["attack_angle"]["high"]


def test_a_swing_in_slow_motion_has_a_tempo_but_neither_times_nor_speeds(golf):
    slowed = to_poses(golf).with_columns(time_s=4.0 * pl.col("time_s"))

    found = by_name(bm.swing_metrics(slowed))

    assert found["tempo_ratio"]["low"] <= 3.0 <= found["tempo_ratio"]["high"]
    for name in ("backswing_time", "downswing_time", "hand_speed", "club_head_speed"):
        assert found[name]["reason"] == "slow_motion"


def test_one_camera_refuses_what_it_cannot_see_and_says_why(golf):
    no_club = to_poses(golf, camera=FACE_ON).select(~cs.starts_with("grip", "club"))

    found = by_name(bm.swing_metrics(no_club))

    assert found["x_factor"]["reason"] == "needs_3d"
    assert found["swing_plane_slope"]["reason"] == "needs_3d"
    assert found["club_head_speed"]["reason"] == "no_implement"
    assert found["hand_speed"]["reason"] == "no_scale"
    assert found["hand_path_slope"]["reason"] == "view_unsuitable"
    assert found["spine_angle"]["reason"] == "view_unsuitable"


def test_the_hand_path_is_measured_down_the_line_as_an_indication_only(golf):
    no_club = to_poses(golf, camera=DOWN_THE_LINE).select(
        ~cs.starts_with("grip", "club")
    )

    found = by_name(bm.swing_metrics(no_club, height_m=1.75))

    assert found["hand_path_slope"]["grade"] == "C"
    assert found["head_sway"]["reason"] == "view_unsuitable"
    spine_3d = by_name(bm.swing_metrics(to_poses(golf)))["spine_angle"]["value"]
    assert found["spine_angle"]["value"] == pytest.approx(spine_3d, abs=4.0)


def test_slow_frames_refuse_the_club(golf):
    slow = to_poses(golf).filter(pl.col("frame") % 4 == 0)  # 60 frames/s

    found = by_name(bm.swing_metrics(slow))

    assert found["club_head_speed"]["reason"] == "rate_too_low"
    assert found["attack_angle"]["reason"] == "rate_too_low"


def test_who_does_not_swing_is_told_so_for_every_metric():
    metrics = bm.swing_metrics(to_poses(squat(rate_hz=60.0)), sport="golf")

    assert set(metrics["reason"]) == {"no_events"}


def test_a_bat_is_measured_at_its_sweet_spot():
    swing = baseball_swing()

    found = by_name(bm.swing_metrics(to_poses(swing), sport="baseball"))

    # The sweet spot is nearer to the hands than the tip, and so slower.
    tip = swing.truth["bat_tip_speed_m_s"]
    assert 0.75 * tip < found["bat_speed"]["value"] < tip
    slope = swing.truth["plane_slope_deg"]
    assert found["swing_path_tilt"]["value"] == pytest.approx(slope, abs=0.2)
    assert found["attack_angle"]["low"] <= swing.truth["attack_angle_deg"]
    assert swing.truth["attack_angle_deg"] <= found["attack_angle"]["high"]


def test_impossible_heights_are_refused(golf):
    with pytest.raises(bm.ConfigError, match="height_m is 175"):
        bm.swing_metrics(to_poses(golf), height_m=175.0)


def test_the_sequence_about_the_trunk_is_the_one_it_was_made_with(golf):
    poses = to_poses(golf)
    swings = bm.swings(bm.swing_events(poses))

    found = bm.kinematic_sequence(poses, swings, axis="trunk")

    rows = {row["segment"]: row for row in found.iter_rows(named=True)}
    for segment in ("pelvis", "thorax", "club"):
        peak = golf.truth[f"{segment}_peak_deg_s"]
        assert rows[segment]["peak_deg_s"] == pytest.approx(peak, rel=0.02)
        time_s = golf.truth[f"{segment}_peak_s"]
        assert rows[segment]["peak_time_s"] == pytest.approx(time_s, abs=0.5 / 240)
    assert rows["pelvis"]["order"] < rows["thorax"]["order"] < rows["club"]["order"]


def test_one_camera_refuses_the_turning_of_pelvis_and_thorax(golf):
    found = bm.kinematic_sequence(to_poses(golf, camera=FACE_ON))

    rows = {row["segment"]: row for row in found.iter_rows(named=True)}
    assert rows["pelvis"]["reason"] == rows["thorax"]["reason"] == "needs_3d"
    assert rows["forearm"]["kind"] == "2d_proxy"
    assert rows["forearm"]["grade"] == "C"


def test_simultaneous_peaks_share_a_rank(golf):
    poses = to_poses(golf)
    same = poses.with_columns(
        pl.col(f"left_shoulder_{a}_m").alias(f"left_hip_{a}_m") for a in "xyz"
    ).with_columns(
        pl.col(f"right_shoulder_{a}_m").alias(f"right_hip_{a}_m") for a in "xyz"
    )

    found = bm.kinematic_sequence(same, (1.2, 1.7))

    order = dict(found.select("segment", "order").iter_rows())
    assert order["pelvis"] == order["thorax"]


def test_empty_windows_and_unknown_axes_are_refused(golf):
    with pytest.raises(bm.ConfigError, match="is empty"):
        bm.kinematic_sequence(to_poses(golf), (2.0, 1.0))
    with pytest.raises(bm.ConfigError, match="unknown axis"):
        bm.kinematic_sequence(to_poses(golf), axis="pelvis")
