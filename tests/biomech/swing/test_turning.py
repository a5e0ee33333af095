import numpy as np
import pytest

from biomech.swing.measures import shoulder_speed
from biomech.swing.scene import Scene
from biomech.swing.turning import (
    peak_of,
    pelvis_line,
    thorax_line,
    trunk_frame,
    turning,
)
from biomech.swing.value import Times

RATE_HZ = 240.0
TIME = np.arange(-0.5, 0.5, 1 / RATE_HZ)
PEAK_DEG_S, PEAK_S, WIDTH_S = 600.0, 0.03, 0.08
UP = np.array([0.0, 1.0, 0.0])


def line(length_m=0.4, noise_m=0.0, seed=0):
    """A level line whose turning speed is a bell of 600 degrees per second."""
    pace = PEAK_DEG_S * np.exp(-0.5 * ((TIME - PEAK_S) / WIDTH_S) ** 2)
    angle = np.radians(np.cumsum(pace) / RATE_HZ)
    level = np.stack([np.cos(angle), 0 * angle, np.sin(angle)], axis=1)
    noise = np.random.default_rng(seed).normal(0.0, noise_m, level.shape)
    return length_m * level + np.sqrt(2) * noise


@pytest.mark.parametrize("axis", [None, UP])
def test_a_line_turns_as_fast_as_it_was_made_to(axis):
    found = peak_of(turning(line(), TIME, axis=axis), TIME, (-0.4, 0.4))

    assert found.deg_s == pytest.approx(PEAK_DEG_S, rel=0.002)
    assert found.time_s == pytest.approx(PEAK_S, abs=0.5 / RATE_HZ)


def test_noise_is_told_by_the_length_of_a_rigid_line():
    away, inside = [], []
    for seed in range(60):
        found = peak_of(turning(line(noise_m=2e-4, seed=seed), TIME), TIME, (-0.4, 0.4))
        away.append(found.time_s - PEAK_S)
        inside.append(abs(found.time_s - PEAK_S) <= 1.645 * found.time_sd_s)

    # The speed has noise of 3.5 %: the top three frames alone would be 25 ms off.
    assert np.std(away) < 0.01
    assert np.mean(inside) >= 0.9


def trunk(shoulders_deg, front_deg):
    """Hips to the right along Z; shoulders and the front of the thorax turned."""
    turn, front = np.radians([shoulders_deg, front_deg])
    beside = 0.18 * np.array([np.sin(turn), 0.0, np.cos(turn)])
    ahead = 0.1 * np.array([np.cos(front), 0.0, -np.sin(front)])
    top = np.array([0.0, 1.4, 0.0])
    points = {
        "left_hip": np.array([0.0, 0.9, -0.09]),
        "right_hip": np.array([0.0, 0.9, 0.09]),
        "left_shoulder": top - beside,
        "right_shoulder": top + beside,
        "thorax_back": top - ahead,
        "thorax_front": top + ahead,
    }
    return {name: place[None, :] for name, place in points.items()}


def angle_deg(a, b):
    return np.degrees(np.arccos((a * b).sum() / np.linalg.norm(a) / np.linalg.norm(b)))


def test_the_thorax_turns_by_its_markers_and_without_them_by_the_shoulders():
    points = trunk(shoulders_deg=50.0, front_deg=30.0)
    bare = {name: path for name, path in points.items() if "thorax" not in name}

    pelvis = pelvis_line(points)

    assert angle_deg(thorax_line(points), pelvis) == pytest.approx(30.0)
    assert angle_deg(thorax_line(bare), pelvis) == pytest.approx(50.0)


def test_the_frame_of_the_trunk_is_forward_up_and_right():
    frame = trunk_frame(trunk(shoulders_deg=0.0, front_deg=0.0))[0]

    np.testing.assert_allclose(frame, np.eye(3), atol=1e-12)


@pytest.mark.parametrize("dims", [2, 3])
def test_the_shoulder_is_as_fast_as_the_arm_in_a_trunk_that_turns_itself(dims):
    lean, lift = np.radians([90.0, 90.0 + 400.0])[:, None] * TIME
    up = np.stack([np.sin(lean), np.cos(lean), 0 * TIME], axis=1)
    along = np.stack([-np.sin(lift), -np.cos(lift), 0 * TIME], axis=1)
    beside = np.array([0.0, 0.0, 0.1])
    points = {
        f"{side}_{joint}": sign * beside + high * up
        for side, sign in (("left", -1), ("right", 1))
        for joint, high in (("hip", 0.0), ("shoulder", 0.5))
    }
    points["right_elbow"] = points["right_shoulder"] + 0.3 * along
    scene = Scene(
        time_s=TIME,
        points={name: path[:, :dims] for name, path in points.items()},
        has_scale=True,
        is_3d=dims == 3,
        rate_hz=RATE_HZ,
        side="right",
    )

    found = shoulder_speed(scene, Times({"launch": -0.3, "release": 0.3}))

    assert found.value == pytest.approx(400.0, rel=1e-3)
