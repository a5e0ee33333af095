import numpy as np
import polars as pl
import pytest

import biomech as bm
from biomech.synthetic import pendulum


def test_angular_velocity_and_acceleration_follow_the_closed_form():
    signals = bm.joint_angles(pendulum(dtype=pl.Float64, rate_hz=120.0, n_frames=360))
    w, t = 2 * np.pi, signals["time_s"].to_numpy()

    rate = bm.angular_velocities(signals)["left_knee_flexion_deg_s"]
    change = bm.angular_accelerations(signals)["left_knee_flexion_deg_s2"]

    inside = slice(20, -20)
    np.testing.assert_allclose(
        rate[inside], (30 * w * np.sin(w * t))[inside], atol=1e-3
    )
    np.testing.assert_allclose(
        change[inside], (30 * w**2 * np.cos(w * t))[inside], atol=0.05
    )


def test_an_arm_that_swings_through_180_degrees_has_no_jump_in_speed(frames):
    angle = pl.Series([175.0, -179.0, -173.0])
    signals = frames.with_columns(left_shoulder_flexion_deg=angle)

    rate = bm.angular_velocities(signals, method="central")

    np.testing.assert_allclose(rate["left_shoulder_flexion_deg_s"], 60.0)


def test_falling_is_positive_in_pixels_and_negative_in_metres(frames):
    fall = pl.Series([0.0, 1.0, 2.0])
    pixels = frames.with_columns(nose_x_px=pl.lit(3.0), nose_y_px=fall)
    metres = frames.with_columns(nose_x_m=pl.lit(3.0), nose_y_m=-fall)

    assert bm.keypoint_velocities(pixels)["nose_vy_px_s"].to_list() == pytest.approx(
        [10.0] * 3
    )
    assert bm.keypoint_velocities(metres)["nose_vy_m_s"].to_list() == pytest.approx(
        [-10.0] * 3
    )
    assert bm.keypoint_velocities(metres)["nose_speed_m_s"][1] == pytest.approx(10.0)


def test_acceleration_of_a_throw_is_that_of_gravity():
    t = np.arange(60) / 60
    poses = pl.DataFrame(
        {
            "clip_id": "a",
            "track_id": pl.Series([0] * 60, dtype=pl.Int32),
            "frame": pl.Series(range(60), dtype=pl.Int32),
            "time_s": t,
            "ball_x_m": 5 * t,
            "ball_y_m": 4 * t - 9.81 * t**2 / 2,
        }
    )

    found = bm.keypoint_accelerations(poses)

    np.testing.assert_allclose(found["ball_ay_m_s2"], -9.81, atol=1e-6)
    np.testing.assert_allclose(found["ball_acceleration_m_s2"], 9.81, atol=1e-6)


def test_time_that_runs_backwards_is_refused(frames):
    poses = frames.with_columns(
        time_s=pl.Series([0.0, 0.2, 0.1]), nose_x_px=1.0, nose_y_px=1.0
    )

    with pytest.raises(bm.SchemaError, match="does not grow"):
        bm.keypoint_velocities(poses)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_one_or_two_frames_give_null_or_a_difference(frames, n):
    poses = frames.head(n).with_columns(nose_x_m=pl.lit(1.0), nose_y_m=pl.lit(2.0))

    speed = bm.keypoint_velocities(poses)["nose_speed_m_s"].to_list()

    assert speed == {0: [], 1: [None], 2: [0.0, 0.0]}[n]


def test_unknown_methods_and_columns_are_named(frames):
    signals = frames.with_columns(left_knee_flexion_deg=pl.lit(1.0))

    with pytest.raises(bm.ConfigError, match="unknown method 'quintic'"):
        bm.angular_velocities(signals, method="quintic")
    with pytest.raises(bm.ConfigError, match="did you mean 'left_knee_flexion_deg'"):
        bm.angular_velocities(signals, columns=["left_knee_flex_deg"])


def test_poses_in_place_of_angles_are_refused_with_what_to_do():
    with pytest.raises(bm.SchemaError, match="make angles of them with joint_angles"):
        bm.angular_velocities(pendulum())
