import polars as pl
import polars.selectors as cs
import pytest

import biomech as bm
from biomech.synthetic import (
    Camera,
    add_noise,
    baseball_swing,
    golf_swing,
    squat,
    tennis_serve,
    to_poses,
    walker,
)

FACE_ON = Camera(position_m=(0.0, 1.2, 7.0), target_m=(0.0, 1.0, 0.0), focal_px=1400.0)
DOWN_THE_LINE = Camera(
    position_m=(-7.0, 1.2, 0.0), target_m=(0.0, 1.0, 0.0), focal_px=1400.0
)
NO_CLUB = ~cs.starts_with("grip", "club_head")
FRAME_S = 1 / 60


@pytest.fixture(scope="module", params=["right", "left"])
def golf(request):
    return request.param, golf_swing(handedness=request.param, rate_hz=60.0)


def times(events):
    return dict(events.select(pl.col("event").cast(pl.String), "time_s").iter_rows())


def test_with_the_club_all_eight_events_are_within_a_frame(golf):
    _, motion = golf

    found = times(bm.swing_events(to_poses(motion)))

    truth = times(motion.events)
    assert list(found) == list(truth)
    for name, time_s in truth.items():
        assert found[name] == pytest.approx(time_s, abs=1.2 * FRAME_S), name


@pytest.mark.parametrize("camera", [FACE_ON, DOWN_THE_LINE], ids=["face on", "line"])
def test_without_the_club_the_body_shows_five_events_within_three_frames(golf, camera):
    _, motion = golf

    found = times(bm.swing_events(to_poses(motion, camera=camera).select(NO_CLUB)))

    truth = times(motion.events)
    for name in ("mid_backswing", "top", "mid_downswing", "impact", "finish"):
        assert found[name] == pytest.approx(truth[name], abs=2.5 * FRAME_S), name


def test_level_shaft_without_a_club_is_marked_as_a_proxy(golf):
    _, motion = golf

    found = bm.swing_events(to_poses(motion).select(NO_CLUB))

    confidence = dict(
        found.select(pl.col("event").cast(pl.String), "confidence").iter_rows()
    )
    assert confidence["toe_up"] < 0.5 < confidence["top"]
    assert confidence["mid_follow_through"] < 0.5


@pytest.mark.parametrize("camera", [FACE_ON, DOWN_THE_LINE], ids=["face on", "line"])
@pytest.mark.parametrize("seed", [1, 2])
def test_noise_of_four_pixels_moves_the_seen_events_by_a_few_frames(golf, camera, seed):
    _, motion = golf
    # 4 px on a person of 800 px is 0.5 % of body height; this one has 350 px.
    poses = to_poses(motion, camera=camera).select(NO_CLUB)
    noisy = bm.clean(add_noise(poses, sd_px=0.005 * 350, seed=seed), activity="golf")

    found = times(bm.swing_events(noisy))

    truth = times(motion.events)
    for name in ("mid_backswing", "top", "mid_downswing", "impact"):
        assert found[name] == pytest.approx(truth[name], abs=2.5 * FRAME_S), name
    for name in ("address", "finish"):
        assert found[name] == pytest.approx(truth[name], abs=2.5 * FRAME_S), name


def test_handedness_is_seen_and_contradictions_are_said(golf):
    hand, motion = golf
    poses = to_poses(motion)
    wrong = "left" if hand == "right" else "right"

    assert set(bm.swing_events(poses)["side"]) == {wrong}  # the lead side

    with pytest.warns(UserWarning, match=f"looks {hand}-handed"):
        bm.swing_events(poses, handedness=wrong)


def test_a_swing_cut_at_its_start_has_no_address_and_is_not_complete(golf):
    _, motion = golf
    poses = to_poses(motion).filter(pl.col("time_s") > 1.2)

    found = bm.swings(bm.swing_events(poses))

    assert found["address_s"].to_list() == [None]
    assert found["tempo_ratio"].to_list() == [None]
    assert found["is_complete"].to_list() == [False]


@pytest.mark.parametrize("start_s", [1.39, 1.41, 1.44, 1.48])
def test_a_swing_cut_after_the_top_has_no_top(golf, start_s):
    _, motion = golf  # the top is at 1.38 s
    poses = to_poses(motion).filter(pl.col("time_s") > start_s)

    found = bm.swings(bm.swing_events(poses))

    assert found["top_s"].to_list() == [None]
    assert found["impact_s"].item() == pytest.approx(1.64, abs=FRAME_S)


def test_a_swing_without_finish_is_still_a_swing(golf):
    _, motion = golf
    poses = to_poses(motion).filter(pl.col("time_s") < 1.9)

    found = bm.swings(bm.swing_events(poses))

    assert found["finish_s"].to_list() == [None]
    assert found["tempo_ratio"].item() == pytest.approx(3.0, rel=0.08)


def test_two_swings_of_two_golfers_are_numbered_apart():
    poses = to_poses(golf_swing(rate_hz=60.0))
    later = poses.with_columns(
        pl.col("time_s") + 4.0, (pl.col("frame") + 240).cast(pl.Int32)
    )
    other = poses.with_columns(track_id=pl.lit(5, pl.Int32))
    both = pl.concat([poses, later, other]).sample(fraction=1.0, shuffle=True, seed=2)

    found = bm.swings(bm.swing_events(both))

    assert found.select("track_id", "swing_id").rows() == [(0, 0), (0, 1), (5, 0)]
    assert found["is_complete"].all()


@pytest.mark.parametrize("motion", [walker, squat], ids=["walker", "squat"])
@pytest.mark.parametrize("sport", ["golf", "baseball", "tennis", "throw"])
def test_who_does_not_swing_has_no_swings(motion, sport):
    events = bm.swing_events(to_poses(motion(rate_hz=60.0)), sport=sport)

    assert events.is_empty()
    assert bm.swings(events).is_empty()


@pytest.mark.parametrize("sport", ["golf", "baseball", "tennis", "throw"])
def test_noise_of_who_stands_still_is_no_swing(sport):
    stands = pl.concat([to_poses(golf_swing(rate_hz=60.0)).head(1)] * 240).with_columns(
        frame=pl.int_range(240, dtype=pl.Int32), time_s=pl.int_range(240) / 60
    )
    noisy = bm.clean(add_noise(stands, sd_m=0.03, seed=3), activity=sport)

    assert bm.swing_events(noisy, sport=sport).is_empty()


@pytest.mark.parametrize(
    ("motion", "sport"), [(baseball_swing, "baseball"), (tennis_serve, "tennis")]
)
def test_contact_is_within_two_hundredths_of_a_second(motion, sport):
    swing = motion()

    found = times(bm.swing_events(to_poses(swing), sport=sport))

    truth = times(swing.events)
    assert found["contact"] == pytest.approx(truth["contact"], abs=0.02)
    assert found["launch"] < found["contact"] < found["follow_through"]


def test_the_front_foot_lands_when_it_does():
    swing = baseball_swing()

    found = times(bm.swing_events(to_poses(swing), sport="baseball"))

    truth = times(swing.events)
    assert found["foot_contact"] == pytest.approx(truth["foot_contact"], abs=0.02)


def test_a_hand_launched_before_the_foot_lands_is_one_swing():
    found = bm.swing_events(to_poses(baseball_swing()), sport="baseball")
    name = pl.col("event").cast(pl.String)
    early = found.with_columns(
        time_s=pl.when(name == "launch").then(0.1).otherwise("time_s")
    )

    swings = bm.swings(early)

    assert swings["is_complete"].to_list() == [True]
    assert swings["launch_s"].item() < swings["foot_contact_s"].item()


def test_unknown_sports_and_hands_are_refused_with_a_suggestion():
    poses = to_poses(golf_swing(rate_hz=60.0)).head(3)

    with pytest.raises(bm.ConfigError, match="did you mean 'golf'"):
        bm.swing_events(poses, sport="gofl")
    with pytest.raises(bm.ConfigError, match="unknown handedness"):
        bm.swing_events(poses, handedness="both")


def test_no_frames_give_no_events():
    poses = to_poses(golf_swing(rate_hz=60.0)).clear()

    assert bm.swing_events(poses).is_empty()
    assert bm.swings(bm.swing_events(poses)).is_empty()


@pytest.mark.parametrize(
    ("motion", "sport"), [(baseball_swing, "baseball"), (tennis_serve, "tennis")]
)
@pytest.mark.parametrize("rate_hz", [60.0, 240.0])
def test_a_ball_in_sight_tells_contact_to_half_a_frame(motion, sport, rate_hz):
    swing = motion(rate_hz=rate_hz)

    found = bm.swing_events(to_poses(swing), sport=sport)

    contact = found.row(by_predicate=pl.col("event").cast(pl.String) == "contact")
    row = dict(zip(found.columns, contact, strict=True))
    truth = times(swing.events)["contact"]
    assert row["time_s"] == pytest.approx(truth, abs=0.55 / rate_hz)
    assert row["time_sd_s"] == pytest.approx(0.5 / rate_hz, rel=0.01)


@pytest.mark.parametrize(
    ("motion", "sport"), [(baseball_swing, "baseball"), (tennis_serve, "tennis")]
)
def test_without_ball_and_implement_contact_has_a_wide_interval(motion, sport):
    swing = motion()
    bare = to_poses(swing).select(~cs.starts_with("bat", "racket", "ball"))

    found = bm.swing_events(bare, sport=sport)

    row = found.filter(pl.col("event").cast(pl.String) == "contact")
    away = abs(row["time_s"].item() - times(swing.events)["contact"])
    assert away <= 1.645 * row["time_sd_s"].item()
