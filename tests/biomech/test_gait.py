"""Metrics of walking against an exact walker, and their refusals."""

import numpy as np
import polars as pl
import polars.selectors as cs
import pytest
from polars.testing import assert_frame_equal

import biomech as bm
from biomech.schema import METRICS
from biomech.synthetic import Camera, add_noise, to_poses, walker


def row(metrics, name, side=None):
    """Give the one row of a metric."""
    same = pl.col("side").is_null() if side is None else pl.col("side") == side
    found = metrics.filter(pl.col("metric") == name, same)
    assert found.height == 1
    return found.row(0, named=True)


@pytest.fixture(scope="module")
def walk():
    """Eight seconds of walking in 3D, with its truth."""
    motion = walker(duration_s=8.0)
    return to_poses(motion), motion.truth


@pytest.mark.parametrize(
    ("metric", "side", "truth", "within"),
    [
        ("cadence", None, 109.09, 0.1),
        ("stride_time", None, 1.1, 0.001),
        ("stride_time", "left", 1.1, 0.001),
        ("step_time", "right", 0.55, 0.002),
        ("stance_time", "left", 0.682, 0.015),
        ("swing_time", "right", 0.418, 0.015),
        ("double_support", None, 24.0, 1.0),
        ("single_support", "left", 38.0, 1.0),
        ("stride_length", None, 1.485, 0.003),
        ("step_length", "left", 0.7425, 0.003),
        ("speed", None, 1.35, 0.003),
        ("step_width", None, 0.09625, 0.005),
        ("symmetry_step_time", None, 0.0, 0.5),
        ("symmetry_step_length", None, 0.0, 0.5),
        ("stride_time_cv", None, 0.0, 0.2),
    ],
)
def test_metrics_of_the_walker_are_true(walk, metric, side, truth, within):
    found = row(bm.gait_metrics(walk[0]), metric, side)

    assert found["value"] == pytest.approx(truth, abs=within)
    assert found["low"] <= truth <= found["high"]


def test_the_table_is_valid_and_graded(walk):
    metrics = bm.gait_metrics(walk[0])

    METRICS.validate(metrics)
    assert set(metrics["grade"].unique()) <= {"A", "B"}
    assert row(metrics, "stride_time")["grade"] == "A"
    assert row(metrics, "stride_time_cv")["grade"] == "B"


def test_every_metric_has_a_card(walk):
    for metric in bm.gait_metrics(walk[0])["metric"].unique():
        assert bm.explain(metric)


def test_asymmetry_is_measured_with_its_sign():
    motion = walker(duration_s=8.0, step_asymmetry_ratio=0.1)
    left, right = motion.truth["left_step_s"], motion.truth["right_step_s"]

    found = row(bm.gait_metrics(to_poses(motion)), "symmetry_step_time")

    assert found["value"] == pytest.approx(200 * (right - left) / (right + left), abs=3)


def test_pixels_without_height_have_times_but_no_lengths():
    metrics = bm.gait_metrics(_filmed())

    assert row(metrics, "cadence")["value"] == pytest.approx(109.09, abs=0.5)
    for name in ("stride_length", "speed", "step_length"):
        assert row(metrics, name)["reason"] == "no_scale"


def test_height_gives_pixels_a_scale():
    metrics = bm.gait_metrics(_filmed(), height_m=1.75)

    speed = row(metrics, "speed")
    assert speed["value"] == pytest.approx(1.35, rel=0.05)
    assert speed["low"] < 1.35 < speed["high"]
    assert speed["grade"] == "B"
    assert row(metrics, "step_width")["reason"] == "needs_3d"


@pytest.mark.parametrize(
    ("view", "reason"), [("oblique", "view_oblique"), ("frontal", "view_unsuitable")]
)
def test_a_view_from_elsewhere_refuses_lengths(view, reason):
    metrics = bm.gait_metrics(_filmed(), height_m=1.75, view=view)

    assert row(metrics, "stride_length")["reason"] == reason
    assert row(metrics, "cadence")["value"] is not None


@pytest.mark.parametrize("up", ["z", "x"])
def test_a_walk_whose_up_is_not_y_is_refused(walk, up):
    turned = walk[0].rename(lambda c: c.replace("_y_m", "_t_m"))
    turned = turned.rename(lambda c: c.replace(f"_{up}_m", "_y_m"))
    turned = turned.rename(lambda c: c.replace("_t_m", f"_{up}_m"))

    assert set(bm.gait_metrics(turned)["reason"]) == {"not_upright"}
    assert set(bm.running_metrics(turned)["reason"]) == {"not_upright"}


def test_ten_frames_a_second_give_cadence_but_no_phases():
    metrics = bm.gait_metrics(to_poses(walker(duration_s=8.0, rate_hz=10.0)))

    cadence = row(metrics, "cadence")
    assert cadence["value"] == pytest.approx(109.09, abs=1.0)
    assert cadence["grade"] == "B"
    for name in ("double_support", "stance_time", "symmetry_swing_time"):
        rows = metrics.filter(metric=name)
        assert set(rows["reason"]) == {"rate_too_low"}


def test_ankles_alone_lower_the_grade_and_refuse_clearance(walk):
    metrics = bm.gait_metrics(walk[0].select(~cs.matches("heel|toe")))

    assert row(metrics, "stride_time")["grade"] == "B"
    assert row(metrics, "foot_clearance", "left")["reason"] == "missing_keypoints"


def test_noise_widens_intervals_that_still_hold_the_truth(walk):
    noisy = add_noise(walk[0], sd_m=0.015, seed=2)

    quiet, loud = (
        row(bm.gait_metrics(p), "stance_time", "left") for p in (walk[0], noisy)
    )

    assert loud["high"] - loud["low"] > quiet["high"] - quiet["low"]
    assert loud["low"] < 0.682 < loud["high"]


def test_symmetry_of_cleaned_steps_keeps_its_promise_under_lasting_noise():
    held = []
    for seed in range(20):
        phase = np.random.default_rng(100 + seed).uniform()
        poses = to_poses(walker(duration_s=8.0, start_phase=phase), dims=2)
        poses = poses.select(~cs.matches("eye|ear|nose|elbow|wrist|small|head|neck"))
        noisy = add_noise(poses, sd_m=4 / 150, correlation_s=0.1, seed=seed)
        metrics = bm.gait_metrics(bm.clean(noisy, activity="walk"))
        found = row(metrics, "symmetry_step_length")
        held.append(found["low"] <= 0.0 <= found["high"])

    assert sum(held) >= 18


def test_events_of_the_user_are_taken(walk):
    motion = walker(duration_s=8.0)

    metrics = bm.gait_metrics(
        walk[0], events=motion.events.with_columns(time_sd_s=0.001)
    )

    assert row(metrics, "stance_time", "left")["value"] == pytest.approx(
        0.682, abs=1e-6
    )


def _refusals(poses):
    return set(bm.gait_metrics(poses)["reason"])


def test_steps_too_quick_for_a_walk_are_no_steps(walk):
    hurried = walk[0].with_columns(time_s=0.6 * pl.col("time_s"))  # 182 a minute

    metrics = bm.gait_metrics(hurried)

    assert metrics["reason"].unique().to_list() == ["implausible"]


def test_one_step_is_too_few():
    assert _refusals(to_poses(walker(duration_s=0.7))) == {"too_few_cycles"}


def test_standing_has_no_events(walk):
    assert _refusals(walk[0].with_columns(cs.ends_with("_m").first())) == {"no_events"}


def test_walking_towards_the_camera_names_the_view():
    poses = to_poses(walker(heading_deg=90.0), dims=2)

    assert _refusals(poses) == {"view_unsuitable"}


def test_null_feet_are_named(walk):
    feet = cs.matches("(heel|toe|ankle).*_m$")
    nothing = pl.when(pl.lit(value=False)).then(feet)

    assert _refusals(walk[0].with_columns(nothing)) == {"missing_keypoints"}


def test_a_skeleton_without_feet_is_named(walk):
    assert _refusals(walk[0].select(~cs.matches("heel|toe|ankle"))) == {
        "missing_keypoints"
    }


def test_someone_who_leaves_is_measured_while_there(walk):
    seen = pl.col("time_s") < 4.0
    poses = walk[0].with_columns(pl.when(seen).then(cs.ends_with("_m")))

    cadence = row(bm.gait_metrics(poses), "cadence")

    assert cadence["value"] == pytest.approx(109.09, abs=0.5)
    assert cadence["n"] < row(bm.gait_metrics(walk[0]), "cadence")["n"]


def test_no_rows_give_no_metrics(walk):
    assert bm.gait_metrics(walk[0].clear()).is_empty()


def test_shuffled_rows_change_nothing(walk):
    shuffled = walk[0].sample(fraction=1.0, shuffle=True, seed=5)

    assert_frame_equal(bm.gait_metrics(shuffled), bm.gait_metrics(walk[0]))


def _filmed():
    """Film the walker from the side, 12 m away."""
    motion = walker(duration_s=5.0, start_m=(-3.4, 0.0, 0.0))
    camera = Camera((0.0, 1.0, 12.0), (0.0, 1.0, 0.0), focal_px=1500.0, width_px=1920)
    return to_poses(motion, camera=camera)


@pytest.mark.parametrize(("speed_m_s", "grade"), [(1.2, "B"), (0.6, "C")])
def test_ankles_alone_are_worth_less_the_slower_one_walks(speed_m_s, grade):
    motion = walker(speed_m_s=speed_m_s, stride_s=1.4, duration_s=8.0, rate_hz=100.0)
    poses = to_poses(motion).select(~cs.matches("heel|toe"))

    assert row(bm.gait_metrics(poses), "stance_time", "left")["grade"] == grade


def test_lengths_from_feet_alone_in_a_picture_are_worth_less():
    poses = to_poses(walker(duration_s=6.0, rate_hz=100.0), dims=2)
    feet = poses.select(~cs.matches("hip|shoulder"))

    assert row(bm.gait_metrics(poses), "stride_length")["grade"] == "A"
    assert row(bm.gait_metrics(feet), "stride_length")["grade"] == "B"
