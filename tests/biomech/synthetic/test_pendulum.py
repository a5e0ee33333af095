import numpy as np
import polars as pl
import pytest

from biomech.errors import ConfigError
from biomech.schema import POSES
from biomech.synthetic import pendulum


def direction(poses, a, b):
    """Angle of b seen from a, from straight down, forward positive, degrees."""
    x = poses[f"{b}_x_px"] - poses[f"{a}_x_px"]
    y = poses[f"{b}_y_px"] - poses[f"{a}_y_px"]
    return np.degrees(np.arctan2(x.to_numpy(), y.to_numpy()))


def test_knee_thigh_and_trunk_follow_the_formulas():
    poses = pendulum(peak_flexion_deg=50.0, dtype=pl.Float64)

    thigh = direction(poses, "left_hip", "left_knee")
    shank = direction(poses, "left_knee", "left_ankle")

    phase = 2 * np.pi * poses["time_s"].to_numpy()
    np.testing.assert_allclose(thigh, 20 * np.sin(phase), atol=1e-9)
    np.testing.assert_allclose(thigh - shank, 25 * (1 - np.cos(phase)), atol=1e-9)
    np.testing.assert_allclose(
        direction(poses, "left_shoulder", "left_hip"), -5.0, atol=1e-9
    )


def test_the_right_leg_is_half_a_period_late():
    poses = pendulum(n_frames=91, rate_hz=60.0)

    assert poses["right_knee_x_px"][60] == pytest.approx(poses["left_knee_x_px"][30])


def test_foot_is_square_to_the_shank():
    poses = pendulum(dtype=pl.Float64)

    shank = direction(poses, "right_knee", "right_ankle")
    foot = direction(poses, "right_heel", "right_big_toe")

    np.testing.assert_allclose(foot - shank, 90.0, atol=1e-9)


def test_it_is_a_poses_table_even_without_frames():
    POSES.validate(pendulum())
    POSES.validate(pendulum(n_frames=0))


def test_impossible_knobs_are_refused():
    with pytest.raises(ConfigError, match="rate_hz"):
        pendulum(rate_hz=0.0)
