import numpy as np
import pytest

from biomech.errors import ConfigError
from biomech.schema import EVENTS, POSES
from biomech.synthetic import figure, golf_swing, points, to_poses

EVENT_NAMES = [
    "address",
    "toe_up",
    "mid_backswing",
    "top",
    "mid_downswing",
    "impact",
    "mid_follow_through",
    "finish",
]


@pytest.fixture(scope="module")
def swing():
    return golf_swing(plane_slope_deg=56.0, plane_direction_deg=4.0, rate_hz=240.0)


def moments(motion):
    return dict(motion.events.select("event", "time_s").iter_rows())


def plane_of(path):
    """Slope and direction by singular values, in world axes (methods of Kwon)."""
    normal = np.linalg.svd(path - path.mean(axis=0))[2][2]
    normal = normal * np.sign(normal[1])
    line = np.cross(normal, [0.0, 1.0, 0.0])
    line = line * np.sign(line[0])
    slope = np.degrees(np.arccos(normal[1] / np.linalg.norm(normal)))
    return slope, np.degrees(np.arctan2(line[2], line[0]))


@pytest.mark.parametrize("handedness", ["right", "left"])
def test_the_club_head_stays_on_the_plane_asked(handedness):
    swing = golf_swing(
        plane_slope_deg=56.0, plane_direction_deg=4.0, handedness=handedness
    )
    at = moments(swing)
    window = (swing.time_s >= at["mid_downswing"]) & (
        swing.time_s <= at["mid_follow_through"]
    )

    slope, direction = plane_of(swing.points["club_head"][window])

    assert slope == pytest.approx(56.0, abs=1e-6)
    assert direction == pytest.approx(4.0, abs=1e-6)


def test_the_club_keeps_its_length(swing):
    club = np.linalg.norm(swing.points["club_head"] - swing.points["grip"], axis=1)

    np.testing.assert_allclose(club, 0.98)


def test_the_eight_events_of_golfdb_come_in_order(swing):
    EVENTS.validate(swing.events)
    assert swing.events["event"].to_list() == EVENT_NAMES


def test_shaft_and_lead_arm_are_horizontal_when_the_events_say(swing):
    at = moments(swing)

    def height_at(moment, upper, lower):
        rise = swing.points[upper][:, 1] - swing.points[lower][:, 1]
        return np.interp(at[moment], swing.time_s, rise)

    for moment in ("toe_up", "mid_follow_through"):
        assert height_at(moment, "grip", "club_head") == pytest.approx(0.0, abs=0.01)
    for moment in ("mid_backswing", "mid_downswing"):
        lead = height_at(moment, "left_shoulder", "left_wrist")
        assert lead == pytest.approx(0.0, abs=0.005)


def test_the_head_is_at_the_ball_at_address_and_impact():
    fine = golf_swing(rate_hz=2000.0)
    at, ball = moments(fine), fine.points["ball"][0]

    for moment, reach_m in (("address", 0.05), ("impact", 0.015)):
        nearest = np.argmin(np.abs(fine.time_s - at[moment]))
        gap = np.linalg.norm(fine.points["club_head"][nearest] - ball)
        assert gap < reach_m
    assert ball[1] == pytest.approx(0.0)


def test_the_club_head_stays_above_the_ground(swing):
    assert swing.points["club_head"][:, 1].min() > -0.03


def test_tempo_is_as_asked():
    swing = golf_swing(tempo_ratio=3.6, downswing_s=0.24)
    at = moments(swing)

    assert at["impact"] - at["top"] == pytest.approx(0.24)
    assert (at["top"] - at["address"]) / 0.24 == pytest.approx(3.6)


def test_segments_peak_from_the_ground_up(swing):
    segments = ("pelvis", "thorax", "arm", "club")

    times = [swing.truth[f"{segment}_peak_s"] for segment in segments]
    speeds = [swing.truth[f"{segment}_peak_deg_s"] for segment in segments]

    assert times == sorted(times)
    assert speeds == sorted(speeds)
    assert 300 < speeds[0] < 700
    assert 1500 < speeds[3] < 3000


def test_the_club_head_is_as_fast_as_the_truth_says(swing):
    fine = golf_swing(plane_slope_deg=56.0, plane_direction_deg=4.0, rate_hz=2000.0)
    speed = np.linalg.norm(
        np.gradient(fine.points["club_head"], fine.time_s, axis=0), axis=1
    )

    at_impact = np.interp(moments(fine)["impact"], fine.time_s, speed)

    assert at_impact == pytest.approx(swing.truth["club_head_speed_m_s"], rel=1e-3)
    assert 30 < at_impact < 60


def test_both_hands_stay_on_the_club(swing):
    grip, head = swing.points["grip"], swing.points["club_head"]
    along = (head - grip) / np.linalg.norm(head - grip, axis=1, keepdims=True)

    palms = points(swing.figure, swing.bones, ("left_palm", "right_palm"))

    for k in range(2):
        offset = palms[:, k] - grip
        off_shaft = offset - along * np.sum(offset * along, axis=1, keepdims=True)
        assert np.linalg.norm(off_shaft, axis=1).max() < 0.05


def test_feet_stay_on_the_floor(swing):
    soles = tuple(
        f"{s}_{p}_sole" for s in ("left", "right") for p in ("heel", "ball", "toe")
    )
    placed = points(swing.figure, swing.bones, soles)

    assert placed[..., 1].min() > -0.004
    assert np.ptp(placed[:, [2, 5]], axis=0).max() < 0.004


def test_a_left_hander_is_the_mirror_image():
    right, left = golf_swing(), golf_swing(handedness="left")

    mirror = [1, 1, -1]
    for name, twin in (("left_wrist", "right_wrist"), ("nose", "nose")):
        np.testing.assert_allclose(
            left.points[name], right.points[twin] * mirror, atol=1e-9
        )
    np.testing.assert_allclose(
        left.points["club_head"], right.points["club_head"] * mirror, atol=1e-9
    )


def test_the_target_is_ahead_and_the_table_is_valid(swing):
    flight = swing.points["ball"][-1] - swing.points["ball"][0]

    assert flight[0] > 10
    POSES.validate(to_poses(swing))


@pytest.mark.parametrize("longer", [0.94, 1.06])
@pytest.mark.parametrize("wider", [0.94, 1.06])
def test_plausible_bodies_swing_with_their_feet_on_the_floor(longer, wider):
    ways = {"upper_arm_m": longer, "forearm_m": longer, "hip_width_m": wider}
    ways |= {"shoulder_width_m": wider, "thigh_m": 2 - longer}
    usual = figure(height_m=2.0, sex="female")
    lengths = {name: ratio * getattr(usual, name) for name, ratio in ways.items()}
    person = figure(height_m=2.0, sex="female", lengths_m=lengths)

    swing = golf_swing(person=person, plane_direction_deg=6.0, rate_hz=60.0)

    toes = points(person, swing.bones, ("left_toe_sole", "right_toe_sole"))
    assert np.ptp(toes, axis=0).max() < 0.006
    assert toes[..., 1].min() > -0.004


def test_impossible_swings_are_refused_with_every_problem():
    with pytest.raises(ConfigError, match=r"tempo_ratio is 9.*slope_deg is 5.*'both'"):
        golf_swing(tempo_ratio=9.0, plane_slope_deg=5.0, handedness="both")
