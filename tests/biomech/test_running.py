"""Events and metrics of running against an exact runner."""

import numpy as np
import polars as pl
import polars.selectors as cs
import pytest

import biomech as bm
from biomech.schema import METRICS
from biomech.synthetic import add_noise, runner, to_poses, walker
from biomech.units import GRAVITY_M_S2


def row(metrics, name, side=None):
    """Give the one row of a metric."""
    same = pl.col("side").is_null() if side is None else pl.col("side") == side
    found = metrics.filter(pl.col("metric") == name, same)
    assert found.height == 1
    return found.row(0, named=True)


def errors(events, motion):
    """Signed error of the only event of the kind within 0.1 s; NaN without it."""
    found = []
    for event, side, time in motion.events.select("event", "side", "time_s").rows():
        away = events.filter(event=event, side=side)["time_s"].to_numpy() - time
        near = away[np.abs(away) < 0.1]
        if 0.1 < time < motion.time_s[-1] - 0.1:
            found.append(near[0] if len(near) == 1 else np.nan)
    return np.array(found)


@pytest.mark.parametrize(
    "knobs",
    [
        {},
        {"treadmill": True},
        {"heading_deg": 180.0},
        {"rate_hz": 60.0},
        {"speed_m_s": 5.0, "stride_s": 0.62, "contact_s": 0.18, "rate_hz": 240.0},
    ],
    ids=str,
)
def test_events_of_the_runner_are_within_ten_milliseconds(knobs):
    motion = runner(duration_s=4.0, **knobs)

    wrong = errors(bm.running_events(to_poses(motion)), motion)

    assert np.abs(wrong).max() < 0.010


def test_noise_loses_no_event():
    motion = runner(duration_s=4.0)

    wrong = errors(bm.running_events(add_noise(to_poses(motion), sd_m=0.009)), motion)

    assert np.isfinite(wrong).all()
    assert np.std(wrong) < 0.012


@pytest.mark.parametrize(
    ("metric", "side", "truth", "within"),
    [
        ("step_frequency", None, 171.43, 0.2),
        ("contact_time", None, 0.235, 0.005),
        ("flight_time", "left", 0.115, 0.005),
        ("duty_factor", None, 0.3357, 0.008),
        ("stride_length", None, 2.45, 0.005),
        ("step_length", "right", 1.225, 0.005),
        ("speed", None, 3.5, 0.01),
        ("vertical_oscillation", None, 0.0769, 0.002),
        ("symmetry_contact_time", None, 0.0, 0.5),
        ("trunk_lean_at_contact", None, 5.0, 0.1),
    ],
)
def test_metrics_of_the_runner_are_true(metric, side, truth, within):
    metrics = bm.running_metrics(to_poses(runner()))

    METRICS.validate(metrics)
    found = row(metrics, metric, side)
    assert found["value"] == pytest.approx(truth, abs=within)
    assert found["low"] <= truth <= found["high"]


def test_a_heel_strike_is_positive():
    found = row(bm.running_metrics(to_poses(runner())), "foot_strike_angle", "left")

    assert found["value"] == pytest.approx(10.0, abs=2.0)


def test_the_foot_lands_in_front_of_the_body_in_both_directions():
    for heading_deg in (0.0, 180.0):
        metrics = bm.running_metrics(to_poses(runner(heading_deg=heading_deg)))

        assert row(metrics, "overstride", "right")["value"] > 0.1
        assert row(metrics, "shin_angle_at_contact", "right")["value"] > 0


def test_stiffness_follows_the_formula_of_morin():
    contact, flight, mass = 0.235, 0.115, 70.0
    force = mass * GRAVITY_M_S2 * np.pi / 2 * (flight / contact + 1)
    drop = force * contact**2 / (mass * np.pi**2) - GRAVITY_M_S2 * contact**2 / 8

    metrics = bm.running_metrics(to_poses(runner()), mass_kg=mass)

    stiffness = row(metrics, "vertical_stiffness")
    assert stiffness["value"] == pytest.approx(force / drop / 1000, rel=0.02)
    assert stiffness["low"] < force / drop / 1000 < stiffness["high"]
    assert 5 < row(metrics, "leg_stiffness")["value"] < 20
    assert row(metrics, "leg_stiffness")["grade"] == "B"


def test_stiffness_needs_a_mass():
    metrics = bm.running_metrics(to_poses(runner()))

    assert row(metrics, "leg_stiffness")["reason"] == "no_mass"


def test_thirty_frames_a_second_give_no_contact_time():
    metrics = bm.running_metrics(to_poses(runner(rate_hz=30.0)))

    assert row(metrics, "contact_time")["reason"] == "rate_too_low"
    assert row(metrics, "step_frequency")["value"] == pytest.approx(171.43, abs=1.5)


def test_walking_has_no_flight():
    metrics = bm.running_metrics(to_poses(walker()))

    assert row(metrics, "flight_time")["reason"] == "no_flight"


def test_every_metric_has_a_card():
    for metric in bm.running_metrics(to_poses(runner()))["metric"].unique():
        assert bm.explain(metric)


@pytest.mark.parametrize("n_frames", [1, 3, 20])
def test_too_little_is_refused_without_an_exception(n_frames):
    metrics = bm.running_metrics(to_poses(runner()).head(n_frames))

    assert metrics["value"].null_count() == metrics.height
    assert metrics["reason"].null_count() == 0


def test_hips_stand_for_a_body_that_is_not_seen_whole():
    poses = to_poses(runner()).select(~cs.matches("nose|ear|eye|head|elbow|wrist|neck"))

    metrics = bm.running_metrics(poses.select(~cs.matches("shoulder")))

    assert row(metrics, "vertical_oscillation")["grade"] == "B"
    assert row(metrics, "trunk_lean_at_contact")["reason"] == "missing_keypoints"


def test_no_rows_give_no_metrics():
    assert bm.running_metrics(to_poses(runner()).clear()).is_empty()


def test_feet_alone_give_times_and_lengths_but_nothing_of_the_body():
    poses = to_poses(runner()).select(~cs.matches("hip|knee|shoulder"))

    metrics = bm.running_metrics(poses, mass_kg=70.0)

    assert row(metrics, "contact_time")["value"] == pytest.approx(0.235, abs=0.015)
    assert row(metrics, "step_length")["value"] == pytest.approx(1.225, abs=0.02)
    for name in ("speed", "vertical_oscillation", "leg_stiffness"):
        assert row(metrics, name)["value"] is None
