import numpy as np
import pytest

from biomech.errors import ConfigError
from biomech.schema import EVENTS
from biomech.synthetic import counter_movement_jump, drop_jump, points, squat
from biomech.synthetic.mass import mass_centre

SOLES = tuple(
    f"{side}_{part}_sole" for side in ("left", "right") for part in ("heel", "toe")
)
JUMP = counter_movement_jump(jump_height_m=0.35, rate_hz=240.0)


def times(motion, event):
    return motion.events.filter(event=event)["time_s"].to_list()


def centre_height(motion):
    return mass_centre(motion.figure, motion.points)[:, 1]


def between(motion, start, end):
    return (motion.time_s >= start) & (motion.time_s <= end)


def soles(motion):
    return points(motion.figure, motion.bones, SOLES)


def test_the_centre_of_mass_is_in_free_fall_between_take_off_and_landing():
    (off,), (on,) = times(JUMP, "take_off"), times(JUMP, "landing")
    flight = between(JUMP, off, on)

    since, height = JUMP.time_s[flight] - off, centre_height(JUMP)[flight]

    fit = np.polyfit(since, height, 2)
    assert fit[0] == pytest.approx(-9.81 / 2, abs=1e-4)
    assert fit[1] == pytest.approx(np.sqrt(2 * 9.81 * 0.35), abs=1e-4)
    np.testing.assert_allclose(np.polyval(fit, since), height, atol=1e-6)


def test_the_centre_of_mass_rises_by_the_jump_height_after_take_off():
    (off,) = times(JUMP, "take_off")

    height = centre_height(JUMP)
    at_off = np.interp(off, JUMP.time_s, height)

    assert height.max() - at_off == pytest.approx(0.35, abs=1e-3)


def test_flight_time_overestimates_the_height_as_in_people():
    flight_s = times(JUMP, "landing")[0] - times(JUMP, "take_off")[0]

    assert JUMP.truth["flight_s"] == pytest.approx(flight_s)
    by_time = 9.81 * flight_s**2 / 8
    assert JUMP.truth["flight_time_height_m"] == pytest.approx(by_time)
    assert 0.005 < by_time - 0.35 < 0.06


@pytest.mark.parametrize(
    "motion",
    [JUMP, counter_movement_jump(arm_swing_ratio=0.0, jump_height_m=0.2, depth_m=0.25)],
)
def test_feet_are_on_the_floor_before_and_after_and_off_it_between(motion):
    (off,), (on,) = times(motion, "take_off"), times(motion, "landing")
    lowest = soles(motion)[..., 1].min(axis=1)

    grounded = ~between(motion, off, on)
    np.testing.assert_allclose(lowest[grounded], 0.0, atol=0.003)
    assert lowest[between(motion, off + 0.03, on - 0.03)].min() > 0.02
    assert lowest.min() > -0.003


def test_toes_do_not_slide_while_on_the_floor():
    (off,), (on,) = times(JUMP, "take_off"), times(JUMP, "landing")
    toes = soles(JUMP)[:, [1, 3]]

    for held in (between(JUMP, 0, off), between(JUMP, on, 9)):
        assert np.ptp(toes[held], axis=0).max() < 0.002


def test_joints_stay_within_human_ranges():
    knee, hip, ankle = (
        JUMP.angles[f"left_{joint}_deg"]
        for joint in ("knee_flexion", "hip_flexion", "ankle_dorsiflexion")
    )

    assert knee.min() >= 0
    assert 80 < knee.max() < 125
    assert hip.min() > -25
    assert hip.max() < 125
    assert ankle.min() > -52
    assert ankle.max() < 42


def test_jumps_happen_in_order():
    EVENTS.validate(JUMP.events)
    assert JUMP.events["event"].to_list() == [
        "movement_onset",
        "lowest",
        "take_off",
        "landing",
    ]
    onset, off = times(JUMP, "movement_onset")[0], times(JUMP, "take_off")[0]
    assert JUMP.truth["time_to_take_off_s"] == pytest.approx(off - onset)


def test_the_body_is_lowest_at_the_lowest_event_before_take_off():
    (low,), (off,) = times(JUMP, "lowest"), times(JUMP, "take_off")
    height = centre_height(JUMP)

    before = JUMP.time_s < off
    assert JUMP.time_s[before][np.argmin(height[before])] == pytest.approx(
        low, abs=0.01
    )
    assert height[0] - height[before].min() == pytest.approx(0.32, abs=1e-3)


@pytest.mark.parametrize("height_m", [1.5, 2.0])
@pytest.mark.parametrize("jump_height_m", [0.15, 0.55])
def test_other_people_jump_other_heights(height_m, jump_height_m):
    motion = counter_movement_jump(jump_height_m=jump_height_m, height_m=height_m)

    (off,) = times(motion, "take_off")
    height = centre_height(motion)
    rise = height.max() - np.interp(off, motion.time_s, height)
    assert rise == pytest.approx(jump_height_m, abs=0.01)


def test_a_drop_jump_falls_from_the_box_and_jumps_as_high_as_asked():
    motion = drop_jump(box_m=0.3, jump_height_m=0.25, contact_s=0.28, rate_hz=240.0)

    (leave, off), (touch, on) = times(motion, "take_off"), times(motion, "landing")
    height = centre_height(motion)
    assert off - touch == pytest.approx(0.28)
    for start, end in ((leave, touch), (off, on)):
        flight = between(motion, start, end)
        fit = np.polyfit(motion.time_s[flight], height[flight], 2)
        assert fit[0] == pytest.approx(-9.81 / 2, abs=1e-3)
    after = motion.time_s > touch
    rise = height[after].max() - np.interp(off, motion.time_s, height)
    assert rise == pytest.approx(0.25, abs=1e-3)
    assert motion.truth["reactive_strength_ratio"] == pytest.approx(0.25 / 0.28)


def test_a_drop_jumper_stands_on_the_box_first():
    motion = drop_jump(box_m=0.4)

    np.testing.assert_allclose(soles(motion)[0, :, 1], 0.4, atol=1e-9)
    np.testing.assert_allclose(soles(motion)[-1, :, 1], 0.0, atol=0.002)


def test_squats_bend_the_knees_as_asked_at_the_right_times():
    motion = squat(n_repetitions=3, peak_knee_deg=95.0, rate_hz=100.0)

    knee = motion.angles["right_knee_flexion_deg"]
    for moment in times(motion, "deepest"):
        near = between(motion, moment - 0.3, moment + 0.3)
        assert knee[near].max() == pytest.approx(95.0, abs=1.0)
        assert motion.time_s[near][np.argmax(knee[near])] == pytest.approx(
            moment, abs=0.03
        )
    assert len(times(motion, "repetition_start")) == 3
    assert (soles(motion)[..., 1] < 0.002).all()


def test_squatters_keep_their_balance_over_the_feet():
    motion = squat()

    forward = mass_centre(motion.figure, motion.points)[:, 0]

    assert np.ptp(forward) < 1e-4
    assert soles(motion)[..., 0].min() < forward.min() < soles(motion)[..., 0].max()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: counter_movement_jump(jump_height_m=3.0),
        lambda: counter_movement_jump(depth_m=-0.1),
        lambda: drop_jump(box_m=3.0),
        lambda: drop_jump(contact_s=0.01),
        lambda: squat(n_repetitions=0),
        lambda: squat(peak_knee_deg=170.0),
        lambda: squat(repetition_s=0.0),
    ],
)
def test_impossible_movements_are_refused(wrong):
    with pytest.raises(ConfigError, match="allowed are"):
        wrong()
