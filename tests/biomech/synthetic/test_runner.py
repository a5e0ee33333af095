import numpy as np
import pytest

import biomech as bm
from biomech.errors import ConfigError
from biomech.synthetic import points, runner, to_poses
from biomech.synthetic.mass import mass_centre

SIDES = ["left", "right"]
STRIDE_S, CONTACT_S, SPEED_M_S = 0.7, 0.235, 3.5
RUN = runner(duration_s=2.8, rate_hz=500.0)


def since_contact(side):
    late = 0.5 if side == "left" else 0.0
    return np.mod(RUN.time_s - late * STRIDE_S, STRIDE_S)


def sole(side, part):
    return points(RUN.figure, RUN.bones, (f"{side}_{part}_sole",))[:, 0]


def flying():
    return np.all([since_contact(side) > CONTACT_S for side in SIDES], axis=0)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("part", "start_s", "end_s"), [("heel", 0.0, 0.03), ("toe", 0.05, CONTACT_S)]
)
def test_feet_do_not_slide_on_the_floor(side, part, start_s, end_s):
    since, here = since_contact(side), sole(side, part)
    number = np.floor(RUN.time_s / STRIDE_S - (0.5 if side == "left" else 0.0) + 1e-9)

    for stride in range(3):
        held = here[(since >= start_s) & (since <= end_s) & (number == stride)]
        assert np.ptp(held, axis=0).max() < 0.002


def test_both_feet_are_in_the_air_in_flight():
    parts = [sole(s, p)[:, 1] for s in SIDES for p in ("heel", "ball", "toe")]
    lowest = np.min(parts, axis=0)

    middle = np.all(
        [
            (since_contact(s) > CONTACT_S + 0.02) & (since_contact(s) < 0.68)
            for s in SIDES
        ],
        axis=0,
    )
    assert lowest[middle].min() > 0.005
    assert lowest.min() > -0.002


def test_the_centre_of_mass_falls_freely_in_flight():
    height = mass_centre(RUN.figure, RUN.points)[:, 1]
    acceleration = np.gradient(np.gradient(height, RUN.time_s), RUN.time_s)

    inside = np.convolve(flying(), np.ones(9), "same") == 9
    np.testing.assert_allclose(acceleration[inside], -9.81, atol=0.3)


def test_the_centre_of_mass_oscillates_as_the_spring_mass_model_says():
    height = mass_centre(RUN.figure, RUN.points)[:, 1]

    # Morin (2005): compression Fmax tc^2 / (m pi^2) - g tc^2 / 8, and free flight.
    flight_s = STRIDE_S / 2 - CONTACT_S
    force = 9.81 * np.pi / 2 * (flight_s / CONTACT_S + 1)
    compression = force * CONTACT_S**2 / np.pi**2 - 9.81 * CONTACT_S**2 / 8
    expected = compression + 9.81 * flight_s**2 / 8
    assert np.ptp(height) == pytest.approx(expected, abs=0.0005)
    assert RUN.truth["vertical_oscillation_m"] == pytest.approx(expected)


def test_events_are_at_their_closed_form_times():
    right = RUN.events.filter(side="right")

    contact = right.filter(event="initial_contact")["time_s"]
    off = right.filter(event="toe_off")["time_s"]
    np.testing.assert_allclose(contact, STRIDE_S * np.arange(4), atol=1e-12)
    np.testing.assert_allclose(off, STRIDE_S * np.arange(4) + CONTACT_S)


#: Share of the stride: (low, high) degrees, textbook means of running at 3 to 4 m/s
#: (Novacheck 1998) with about two standard deviations.
BANDS = {
    "hip_flexion": {0.02: (25, 50), 0.36: (-20, 5), 0.75: (45, 68)},
    "knee_flexion": {0.01: (8, 30), 0.14: (35, 55), 0.34: (10, 32), 0.62: (80, 115)},
    "ankle_dorsiflexion": {0.17: (15, 33), 0.38: (-32, -10)},
}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("joint", BANDS)
def test_joint_angles_are_within_normative_bands(side, joint):
    at = since_contact(side) / STRIDE_S

    for moment, (low, high) in BANDS[joint].items():
        angle = RUN.angles[f"{side}_{joint}_deg"][np.argmin(np.abs(at - moment))]
        assert low <= angle <= high, moment


@pytest.mark.parametrize(
    ("speed_m_s", "stride_s", "contact_s"),
    [(2.5, 0.74, 0.29), (3.0, 0.72, 0.26), (4.5, 0.66, 0.20), (6.0, 0.58, 0.15)],
)
def test_other_speeds_run_as_well(speed_m_s, stride_s, contact_s):
    other = runner(speed_m_s=speed_m_s, stride_s=stride_s, contact_s=contact_s)

    assert np.isfinite(other.bones).all()
    assert 50 < other.angles["left_knee_flexion_deg"].max() < 130
    moved = other.points["mid_hip"][-1] - other.points["mid_hip"][0]
    assert moved[0] / other.time_s[-1] == pytest.approx(speed_m_s)


def test_on_a_treadmill_the_runner_stays():
    mill = runner(treadmill=True)

    assert np.abs(mill.points["mid_hip"][:, 0]).max() < 1e-9


@pytest.mark.parametrize(
    "knobs", [{"contact_s": 0.4}, {"speed_m_s": -1.0}, {"speed_m_s": 14.0}]
)
def test_impossible_runs_are_refused(knobs):
    with pytest.raises(ConfigError):
        runner(**knobs)


@pytest.mark.parametrize(
    ("strike", "least", "most"),
    [("heel", 8.0, 12.0), ("midfoot", -1.6, 8.0), ("forefoot", -12.0, -1.6)],
)
def test_the_foot_lands_as_asked(strike, least, most):
    poses = to_poses(runner(strike=strike, rate_hz=240.0))

    metrics = bm.running_metrics(poses).filter(metric="foot_strike_angle")

    assert metrics["value"].is_between(least, most).all()


def test_an_unknown_strike_is_refused():
    with pytest.raises(ConfigError, match="known are heel, midfoot, forefoot"):
        runner(strike="toe")
