"""Curves of healthy adults, and the distance to them."""

import numpy as np
import polars as pl
import pytest

import biomech as bm
from biomech.norms import KEY_POINTS
from biomech.synthetic import to_poses, walker


@pytest.mark.parametrize("signal", list(KEY_POINTS))
def test_the_curve_passes_through_the_published_points(signal):
    curve = bm.normal_curves()[signal.replace("_deg", "_mean_deg")].to_numpy()

    for phase, degrees in KEY_POINTS[signal].items():
        assert curve[int(phase)] == pytest.approx(degrees, abs=1e-9)


def test_the_curve_ends_where_it_begins_and_never_overshoots():
    curves = bm.normal_curves()

    for signal, points in KEY_POINTS.items():
        curve = curves[signal.replace("_deg", "_mean_deg")].to_numpy()
        assert curve[0] == pytest.approx(curve[-1])
        assert curve.max() <= max(points.values()) + 1e-9
        assert curve.min() >= min(points.values()) - 1e-9


def cycles_of(shift_deg, *, n_strides=3):
    """Make cycles that lie a constant away from the normal curves."""
    curves = bm.normal_curves()
    stride = curves.select(
        pl.lit("a").alias("clip_id"),
        pl.lit(0, pl.Int32).alias("track_id"),
        pl.lit("left").alias("side"),
        "phase_pct",
        *(
            (pl.col(s.replace("_deg", "_mean_deg")) + shift_deg).alias(s)
            for s in KEY_POINTS
        ),
    )
    return pl.concat(
        [stride.with_columns(stride_id=pl.lit(i, pl.Int32)) for i in range(n_strides)]
    )


@pytest.mark.parametrize("shift_deg", [0.0, 5.0, -8.0])
def test_a_constant_distance_is_the_score(shift_deg):
    scores = bm.gait_variable_scores(cycles_of(shift_deg))

    np.testing.assert_allclose(scores["value"], abs(shift_deg), atol=1e-9)
    assert scores["metric"].to_list() == [
        "gait_variable_score_hip",
        "gait_variable_score_knee",
        "gait_variable_score_ankle",
    ]
    assert set(scores["grade"]) == {"B"}


def test_an_ordinary_walker_is_near_the_reference():
    poses = to_poses(walker(duration_s=6.0))
    strides = bm.strides(bm.gait_events(poses), poses)

    scores = bm.gait_variable_scores(bm.cycles(bm.joint_angles(poses), strides))

    assert scores["value"].max() < 10.0


def test_a_signal_that_is_missing_is_refused():
    scores = bm.gait_variable_scores(cycles_of(0.0).drop("ankle_dorsiflexion_deg"))

    ankle = scores.filter(metric="gait_variable_score_ankle")
    assert ankle["reason"].to_list() == ["missing_keypoints"]


def test_half_a_cycle_is_refused():
    half = pl.when(pl.col("phase_pct") < 50).then(pl.col("knee_flexion_deg"))

    scores = bm.gait_variable_scores(cycles_of(0.0).with_columns(half))

    knee = scores.filter(metric="gait_variable_score_knee")
    assert knee["reason"].to_list() == ["too_few_cycles"]
