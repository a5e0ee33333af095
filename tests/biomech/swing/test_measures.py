"""Every measure of a swing against a movement whose answer can be written down."""

import numpy as np
import pytest

import biomech as bm
from biomech.swing.measures import MEASURES
from biomech.swing.scene import Scene
from biomech.swing.value import Times
from biomech.synthetic import baseball_swing, golf_swing, tennis_serve, to_poses

RATE_HZ = 240.0
TIME = np.arange(0.0, 1.0, 1 / RATE_HZ)
UP = np.array([0.0, 1.0, 0.0])
TIMES = {"foot_contact": 0.2, "launch": 0.3, "contact": 0.8, "follow_through": 0.9}
GOLF = {"address": 0.1, "top": 0.5, "impact": 0.8}


def turned(angle_deg):
    """Level directions, turned from Z (the right) about the vertical."""
    angle = np.radians(np.broadcast_to(angle_deg, TIME.shape))
    return np.stack([np.sin(angle), 0 * angle, np.cos(angle)], axis=1)


def scene(points=None, *, hips_deg=0.0, shoulders_deg=0.0, lean_deg=0.0, is_3d=True):
    """A trunk of 0.5 m with hips and shoulders turned; more points as given."""
    lean = np.radians(lean_deg)
    trunk = 0.5 * np.array([np.sin(lean), np.cos(lean), 0.0])
    paths = {}
    for joint, centre, angle in (
        ("hip", UP, hips_deg),
        ("shoulder", UP + trunk, shoulders_deg),
    ):
        paths[f"left_{joint}"] = centre - 0.15 * turned(angle)
        paths[f"right_{joint}"] = centre + 0.15 * turned(angle)
    paths |= points or {}
    dims = 3 if is_3d else 2
    paths = {n: np.broadcast_to(p, (len(TIME), 3))[:, :dims] for n, p in paths.items()}
    return Scene(TIME, paths, True, is_3d, RATE_HZ, "right")


def measured(name, where, times=TIMES, *, sport="baseball"):
    return MEASURES[sport][name](where, Times(times))


def test_separation_is_the_largest_turn_before_contact():
    shoulders = 40.0 * np.sin(np.pi * TIME / 0.8)
    found = measured("hip_shoulder_separation", scene(shoulders_deg=shoulders))

    assert found.value == pytest.approx(40.0, abs=0.01)


def test_the_x_factor_is_the_turn_at_the_top():
    turning = scene(hips_deg=-45.0 * TIME / 0.5, shoulders_deg=-90.0 * TIME / 0.5)

    assert measured("x_factor", turning, GOLF, sport="golf").value == pytest.approx(
        45.0, abs=0.01
    )


def test_the_elbow_straightens_as_fast_as_it_was_made_to():
    flexion = np.radians(120.0 - 50.0 * TIME - 60.0 * TIME**2)
    shoulder = UP * 1.5 + 0.15 * turned(0.0)
    elbow = shoulder - 0.3 * UP
    forearm = np.stack([np.sin(flexion), -np.cos(flexion), 0 * TIME], axis=1)
    arm = {"right_elbow": elbow, "right_wrist": elbow + 0.25 * forearm}

    found = measured("elbow_extension_speed", scene(arm))

    # Up to 50 ms after contact.
    assert found.value == pytest.approx(50.0 + 120.0 * 0.85, rel=0.005)


def test_the_hand_is_as_fast_as_its_path():
    circle = np.stack([np.cos(6 * TIME), 1 + 0 * TIME, np.sin(6 * TIME)], axis=1)

    found = measured("hand_speed", scene({"right_wrist": 0.7 * circle}))

    assert found.value == pytest.approx(0.7 * 6.0, rel=1e-3)


def test_the_stride_is_level_and_measured_when_the_foot_lands():
    ankles = {
        "left_ankle": np.array([0.0, 0.3, 0.0]) + TIME[:, None] * np.array([3.0, 0, 4]),
        "right_ankle": np.zeros(3),
    }

    found = measured("swing_stride_length", scene(ankles))

    assert found.value == pytest.approx(5.0 * 0.2, abs=1e-9)


def test_spine_angle_and_its_change_are_those_of_the_trunk():
    lean = 30.0 - 10.0 * np.clip((TIME - 0.1) / 0.7, 0.0, 1.0)
    trunk = 0.5 * np.stack([np.sin(np.radians(lean)), np.cos(np.radians(lean))], axis=1)
    centre = UP + np.column_stack([trunk, 0 * TIME])
    bends = {
        f"{side}_shoulder": centre + sign * np.array([0.0, 0.0, 0.15])
        for side, sign in (("left", -1), ("right", 1))
    }

    assert measured("spine_angle", scene(bends), GOLF, sport="golf").value == (
        pytest.approx(30.0, abs=0.01)
    )
    assert measured("spine_angle_change", scene(bends), GOLF, sport="golf").value == (
        pytest.approx(-10.0, abs=0.01)
    )


def test_sway_and_lift_are_ways_from_address():
    way = np.clip((TIME - 0.1) / 0.7, 0.0, 1.0)[:, None]
    head = np.array([0.0, 1.7, 0.0]) + way * np.array([-0.06, 0.0, 0.0])
    hips = way * np.array([0.09, 0.03, 0.0])
    moved = scene(
        {
            "nose": head,
            "left_hip": UP - 0.15 * turned(0.0) + hips,
            "right_hip": UP + 0.15 * turned(0.0) + hips,
        }
    )

    found = {
        name: measured(name, moved, GOLF, sport="golf").value
        for name in ("head_sway", "pelvis_sway", "pelvis_lift")
    }

    assert found == pytest.approx(
        {"head_sway": 0.06, "pelvis_sway": 0.09, "pelvis_lift": 0.03}, abs=1e-9
    )


@pytest.mark.parametrize(
    ("swing", "sport", "speed", "tip"),
    [
        (golf_swing, "golf", "club_head_speed", "club_head_speed_m_s"),
        (tennis_serve, "tennis", "racket_speed", "racket_head_speed_m_s"),
    ],
)
def test_the_implement_is_as_fast_and_goes_where_it_was_made_to(
    swing, sport, speed, tip
):
    motion = swing()

    metrics = bm.swing_metrics(to_poses(motion), sport=sport)

    found = {row["metric"]: row for row in metrics.iter_rows(named=True)}
    assert found[speed]["value"] == pytest.approx(motion.truth[tip], rel=0.04)
    for name, truth in (
        ("attack_angle", "attack_angle_deg"),
        ("attack_direction", "swing_direction_deg"),
    ):
        low, high = found[name]["low"], found[name]["high"]
        assert low <= motion.truth[truth] <= high, name
        assert high - low < 17.0, name


def test_the_bat_attacks_in_the_direction_it_was_made_to():
    motion = baseball_swing()

    metrics = bm.swing_metrics(to_poses(motion), sport="baseball")

    found = {row["metric"]: row for row in metrics.iter_rows(named=True)}
    row = found["attack_direction"]
    assert row["low"] <= motion.truth["swing_direction_deg"] <= row["high"]
    assert row["high"] - row["low"] < 17.0


def test_every_measure_has_a_card():
    for measures in MEASURES.values():
        for name in measures:
            assert name in bm.explain(name)
