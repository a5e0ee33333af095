import numpy as np
import polars as pl
import pytest

from biomech.errors import BiomechError, ConfigError
from biomech.schema import EVENTS, POSES, SIGNALS
from biomech.synthetic import figure, points, to_poses, to_signals, walker

SIDES = ["left", "right"]
WALK = walker(duration_s=4.4, rate_hz=200.0)
STRIDE_S = 1.1


def phase(motion, side):
    """Share of the stride of a leg, from its definition in the docstring."""
    late = 0.5 if side == "left" else 0.0
    return (motion.time_s / STRIDE_S - late) % 1.0


def sole(motion, side, part):
    return points(motion.figure, motion.bones, (f"{side}_{part}_sole",))[:, 0]


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("part", "start", "end"), [("heel", 0.0, 0.07), ("toe", 0.09, 0.62)]
)
def test_feet_do_not_slide_on_the_floor(side, part, start, end):
    at, here = phase(WALK, side), sole(WALK, side, part)

    for stride in range(4):
        late = 0.5 if side == "left" else 0.0
        number = np.floor(WALK.time_s / STRIDE_S - late)
        held = here[(at >= start) & (at <= end) & (number == stride)]
        if len(held):
            assert np.ptp(held, axis=0).max() < 0.002


@pytest.mark.parametrize("side", SIDES)
def test_feet_stay_above_the_floor(side):
    for part in ("heel", "ball", "toe"):
        assert sole(WALK, side, part)[:, 1].min() > -0.002


@pytest.mark.parametrize("side", SIDES)
def test_the_foot_is_in_the_air_between_toe_off_and_contact(side):
    at = phase(WALK, side)
    lowest = np.min(
        [sole(WALK, side, part)[:, 1] for part in ("heel", "ball", "toe")], axis=0
    )

    assert (lowest[(at > 0.65) & (at < 0.97)] > 0.002).all()


#: Phase: (low, high) degrees; textbook means (methods of Perry, Winter) with about two
#: standard deviations between people.
BANDS = {
    "hip_flexion": {0.0: (22, 40), 0.52: (-20, 0), 0.85: (23, 43)},
    "knee_flexion": {
        0.0: (-2, 12),
        0.15: (8, 28),
        0.40: (-2, 15),
        0.62: (28, 52),
        0.72: (54, 70),
        0.97: (-3, 12),
    },
    "ankle_dorsiflexion": {
        0.08: (-12, 3),
        0.45: (3, 18),
        0.63: (-28, -8),
        0.85: (-6, 10),
    },
}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("joint", BANDS)
def test_joint_angles_are_within_normative_bands(side, joint):
    at, angle = phase(WALK, side), WALK.angles[f"{side}_{joint}_deg"]

    for moment, (low, high) in BANDS[joint].items():
        nearest = np.argmin(np.abs(at - moment))
        assert low <= angle[nearest] <= high, moment


def test_knees_never_bend_the_wrong_way():
    for side in SIDES:
        assert WALK.angles[f"{side}_knee_flexion_deg"].min() >= 0.0


def test_joint_angles_have_no_jumps():
    for name, angle in WALK.angles.items():
        if "shoulder" not in name:
            assert np.abs(np.diff(angle)).max() < 5.0, name


def test_events_are_at_their_closed_form_times():
    contacts = WALK.events.filter(event="initial_contact")
    offs = WALK.events.filter(event="toe_off", side="right")["time_s"].to_numpy()

    np.testing.assert_allclose(
        contacts.filter(side="right")["time_s"], STRIDE_S * np.arange(4), atol=1e-12
    )
    np.testing.assert_allclose(
        contacts.filter(side="left")["time_s"], STRIDE_S * (np.arange(4) + 0.5)
    )
    np.testing.assert_allclose(offs, STRIDE_S * (np.arange(4) + 0.62))
    EVENTS.validate(WALK.events)


def test_the_heel_is_farthest_ahead_within_20_ms_before_contact():
    fine = walker(duration_s=2.2, rate_hz=1000.0)
    ahead = fine.points["right_heel"][:, 0] - fine.points["mid_hip"][:, 0]

    last = (fine.time_s > 0.5) & (fine.time_s < 1.5)
    moment = fine.time_s[last][np.argmax(ahead[last])]

    assert -0.021 < moment - 1.1 <= 0.0


def test_the_pelvis_travels_at_the_speed_asked():
    fine = walker(speed_m_s=1.2, duration_s=2.2 + 1 / 100, rate_hz=100.0)

    x = fine.points["mid_hip"][:, 0]

    assert (x[220] - x[0]) / 2.2 == pytest.approx(1.2)


def test_on_a_treadmill_the_pelvis_stays_and_the_feet_go_back_with_the_belt():
    mill = walker(treadmill=True, duration_s=2.2, rate_hz=200.0)
    flat = (phase(mill, "right") > 0.13) & (phase(mill, "right") < 0.22)

    speed = np.gradient(sole(mill, "right", "heel")[:, 0], mill.time_s)

    np.testing.assert_allclose(speed[flat], -1.35, atol=1e-4)
    assert np.abs(mill.points["mid_hip"][:, 0]).max() < 0.03


def test_turning_round_walks_the_other_way_without_mirroring():
    back = walker(heading_deg=180.0, start_m=(3.0, 0.0, 0.0), duration_s=1.0)

    there = walker(duration_s=1.0)

    np.testing.assert_allclose(
        back.points["left_knee"],
        there.points["left_knee"] * [-1, 1, -1] + [3, 0, 0],
        atol=1e-12,
    )


def test_asymmetry_changes_the_step_times_as_asked():
    limp = walker(step_asymmetry_ratio=0.1, duration_s=4.4)

    contacts = limp.events.filter(event="initial_contact").sort("time_s")
    steps = contacts.with_columns(step_s=pl.col("time_s").diff()).drop_nulls("step_s")
    left, right = (steps.filter(side=s)["step_s"].mean() for s in SIDES)

    assert (left - right) / STRIDE_S == pytest.approx(0.1)
    assert limp.truth["left_step_s"] == pytest.approx(left)


@pytest.mark.parametrize(
    ("speed_m_s", "stride_s", "height_m"),
    [(0.7, 1.4, 1.75), (1.0, 1.2, 1.6), (1.7, 1.0, 1.9), (1.35, 1.1, 1.65)],
)
def test_other_people_at_other_speeds_walk_as_well(speed_m_s, stride_s, height_m):
    other = walker(speed_m_s=speed_m_s, stride_s=stride_s, height_m=height_m)

    for side in SIDES:
        assert sole(other, side, "toe")[:, 1].min() > -0.004
        assert 45 < other.angles[f"{side}_knee_flexion_deg"].max() < 75


def test_tables_are_valid():
    POSES.validate(to_poses(WALK))
    SIGNALS.validate(to_signals(WALK))


def test_a_person_keeps_its_proportions():
    tall = walker(person=figure(height_m=1.95, sex="female"), duration_s=0.5)

    thigh = np.linalg.norm(tall.points["left_knee"] - tall.points["left_hip"], axis=1)

    np.testing.assert_allclose(thigh, 0.245 * 1.95)


@pytest.mark.parametrize(
    "knobs",
    [
        {"speed_m_s": 0.0},
        {"stride_s": -1.0},
        {"step_asymmetry_ratio": 0.5},
        {"duration_s": 0.0},
        {"speed_m_s": 6.0},
    ],
)
def test_impossible_walks_are_refused(knobs):
    with pytest.raises(ConfigError):
        walker(**knobs)

    assert issubclass(ConfigError, BiomechError)
