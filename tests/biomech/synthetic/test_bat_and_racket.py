import numpy as np
import pytest

from biomech.errors import ConfigError
from biomech.schema import EVENTS, POSES
from biomech.synthetic import baseball_swing, points, tennis_serve, to_poses


@pytest.fixture(scope="module", params=["right", "left"])
def swing(request):
    return baseball_swing(handedness=request.param, plane_slope_deg=30.0)


@pytest.fixture(scope="module", params=["right", "left"])
def serve(request):
    return tennis_serve(handedness=request.param)


def contact_s(motion):
    return motion.events.filter(event="contact")["time_s"].item()


def slope_of(path):
    normal = np.linalg.svd(path - path.mean(axis=0))[2][2]
    return np.degrees(np.arccos(abs(normal[1])))


def around_contact(motion, before=0.12, after=0.06):
    since = motion.time_s - contact_s(motion)
    return (since > -before) & (since < after)


def test_the_tip_of_the_bat_stays_on_the_plane_asked(swing):
    path = swing.points["bat_tip"][around_contact(swing)]

    assert slope_of(path) == pytest.approx(30.0, abs=1e-6)


def test_the_racket_head_stays_on_the_plane_asked(serve):
    path = serve.points["racket_head"][around_contact(serve)]

    assert slope_of(path) == pytest.approx(84.0, abs=1e-6)


def test_bat_and_racket_keep_their_lengths(swing, serve):
    bat = swing.points["bat_tip"] - swing.points["bat_knob"]
    racket = serve.points["racket_head"] - serve.points["racket_grip"]

    np.testing.assert_allclose(np.linalg.norm(bat, axis=1), 0.86)
    np.testing.assert_allclose(np.linalg.norm(racket, axis=1), 0.50)


def test_head_and_ball_meet_at_contact():
    for make, head in ((baseball_swing, "bat_tip"), (tennis_serve, "racket_head")):
        fine = make(rate_hz=1000.0)
        nearest = np.argmin(np.abs(fine.time_s - contact_s(fine)))
        gap = fine.points[head][nearest] - fine.points["ball"][nearest]
        assert np.linalg.norm(gap) < 0.05


def test_speed_and_attack_angle_at_contact_are_those_of_the_path():
    for make, head in ((baseball_swing, "bat_tip"), (tennis_serve, "racket_head")):
        fine = make(rate_hz=2000.0)
        velocity = np.gradient(fine.points[head], fine.time_s, axis=0)
        vx, vy, vz = velocity[np.argmin(np.abs(fine.time_s - contact_s(fine)))]
        attack = np.degrees(np.arctan2(vy, np.hypot(vx, vz)))
        assert fine.truth[f"{head}_speed_m_s"] == pytest.approx(
            np.linalg.norm([vx, vy, vz]), rel=0.01
        )
        assert fine.truth["attack_angle_deg"] == pytest.approx(attack, abs=0.5)
        assert vx > 0


def test_bats_and_rackets_are_as_fast_as_people_swing_them(swing, serve):
    assert 25 < swing.truth["bat_tip_speed_m_s"] < 40
    assert 18 < serve.truth["racket_head_speed_m_s"] < 45


def test_the_ball_comes_from_the_pitcher_and_goes_back(swing):
    ball, since = swing.points["ball"][:, 0], swing.time_s - contact_s(swing)

    assert np.diff(ball[(since > -0.35) & (since < -0.01)]).max() < 0
    assert ball[since > 0.1][0] > ball[np.argmin(np.abs(since))] + 1


def test_the_toss_goes_up_and_comes_down_to_the_racket(serve):
    height, since = serve.points["ball"][:, 1], serve.time_s - contact_s(serve)

    toss = height[(since > -0.73) & (since < 0)]
    assert toss.max() > toss[0] + 0.5
    assert toss.max() > toss[-1] + 0.1


def test_the_ball_lies_in_the_other_hand_until_it_is_tossed(serve):
    since = serve.time_s - contact_s(serve) + 0.73
    palms = points(serve.figure, serve.bones, ("left_palm", "right_palm"))
    to_ball = np.linalg.norm(palms - serve.points["ball"][:, None], axis=2)

    assert to_ball[since < -0.08].min(axis=1).max() < 1e-9
    assert to_ball[(since > 0.3) & (since < 0.5)].min() > 0.2
    steps = np.linalg.norm(np.diff(serve.points["ball"], axis=0), axis=1)
    assert steps[since[1:] < 0.7].max() * 240 < 8


def test_events_come_in_order_in_valid_tables(swing, serve):
    for motion, names in (
        (swing, ["foot_contact", "launch", "contact", "follow_through"]),
        (serve, ["release", "launch", "contact", "follow_through"]),
    ):
        EVENTS.validate(motion.events)
        POSES.validate(to_poses(motion))
        assert motion.events["event"].to_list() == names


def test_feet_stay_on_the_floor(swing, serve):
    soles = tuple(
        f"{s}_{p}_sole" for s in ("left", "right") for p in ("heel", "ball", "toe")
    )

    for motion in (swing, serve):
        placed = points(motion.figure, motion.bones, soles)
        assert placed[..., 1].min() > -0.004
        assert np.ptp(placed[:, [2, 5]], axis=0).max() < 0.004


def test_both_hands_hold_the_bat(swing):
    shaft = swing.points["bat_tip"] - swing.points["bat_knob"]
    shaft = shaft / np.linalg.norm(shaft, axis=1, keepdims=True)

    for name in ("left_palm", "right_palm"):
        offset = points(swing.figure, swing.bones, (name,))[:, 0]
        offset = offset - swing.points["bat_knob"]
        off = offset - shaft * np.sum(offset * shaft, axis=1, keepdims=True)
        assert np.linalg.norm(off, axis=1).max() < 0.05


def test_one_hand_holds_the_racket():
    serve = tennis_serve(handedness="right")

    palm = points(serve.figure, serve.bones, ("right_palm",))[:, 0]

    gap = np.linalg.norm(palm - serve.points["racket_grip"], axis=1)
    assert gap.max() < 0.05


@pytest.mark.parametrize("height_m", [1.55, 2.0])
def test_other_people_swing_and_serve_too(height_m):
    assert np.isfinite(baseball_swing(height_m=height_m, rate_hz=60.0).bones).all()
    assert np.isfinite(tennis_serve(height_m=height_m, rate_hz=60.0).bones).all()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: baseball_swing(plane_slope_deg=80.0),
        lambda: baseball_swing(handedness="both"),
        lambda: tennis_serve(plane_slope_deg=20.0),
        lambda: tennis_serve(handedness="none"),
        lambda: tennis_serve(contact_s=0.2),
    ],
)
def test_impossible_strokes_are_refused(wrong):
    with pytest.raises(ConfigError, match="allowed are"):
        wrong()
