"""Events of walking against an exact walker."""

import numpy as np
import polars as pl
import polars.selectors as cs
import pytest
from polars.testing import assert_frame_equal

import biomech as bm
from biomech.synthetic import add_dropouts, add_noise, to_poses, walker

#: The walker plants its feet in its own way: detectors set on real people place its
#: events within this. The bias of one recording is 10 ms (one standard deviation).
SHARED_S = 0.020


def errors(events, motion, *, reach_s=0.1):
    """Signed error of the nearest event of the kind; NaN where there is none."""
    found = []
    for event, side, time in motion.events.select("event", "side", "time_s").rows():
        same = events.filter(event=event, side=side)["time_s"].to_numpy()
        away = same - time
        near = away[np.abs(away) < reach_s]
        if 0.1 < time < motion.time_s[-1] - 0.1:
            found.append(near[0] if len(near) == 1 else np.nan)
    return np.array(found)


@pytest.mark.parametrize(
    "knobs",
    [
        {},
        {"treadmill": True},
        {"heading_deg": 180.0},
        {"heading_deg": 40.0},
        {"speed_m_s": 1.0, "stride_s": 1.2},
        {"speed_m_s": 0.4, "stride_s": 2.0},
        {"rate_hz": 30.0},
        {"rate_hz": 240.0},
        {"step_asymmetry_ratio": 0.1},
        {"height_m": 1.5, "speed_m_s": 1.2},
    ],
    ids=str,
)
def test_every_event_is_found_once_and_within_twenty_milliseconds(knobs):
    motion = walker(duration_s=6.0, **knobs)

    wrong = errors(bm.gait_events(to_poses(motion)), motion)

    assert np.abs(wrong).max() < SHARED_S


@pytest.mark.parametrize("detector", ["consensus", "ground_speed", "zeni"])
def test_a_detector_errs_alike_on_every_stride(detector):
    motion = walker(duration_s=6.0, rate_hz=100.0)

    events = bm.gait_events(to_poses(motion), detector=detector)

    for event in ("initial_contact", "toe_off"):
        only = motion.events.filter(event=event)
        wrong = errors(events, _with_events(motion, only))
        assert np.std(wrong) < 0.002


def test_zeni_leads_contact_as_it_does_on_real_people():
    motion = walker(duration_s=6.0)
    contacts = _with_events(motion, motion.events.filter(event="initial_contact"))

    early = errors(bm.gait_events(to_poses(motion), detector="zeni"), contacts)

    assert -0.06 < np.mean(early) < -0.015


def test_foot_velocity_finds_every_event():
    motion = walker(duration_s=6.0, rate_hz=100.0)

    events = bm.gait_events(to_poses(motion), detector="foot_velocity")

    assert np.isfinite(errors(events, motion)).all()


def test_pixels_without_a_scale_give_the_same_events():
    motion = walker(duration_s=5.0)
    metres = to_poses(motion, dims=2, dtype=pl.Float64)
    pixels = metres.select(
        "clip_id",
        "track_id",
        "frame",
        "time_s",
        (cs.ends_with("_x_m") * 200 + 300).name.map(lambda n: n[:-1] + "px"),
        (cs.ends_with("_y_m") * -200 + 600).name.map(lambda n: n[:-1] + "px"),
    )

    found, expected = bm.gait_events(pixels), bm.gait_events(metres)

    assert_frame_equal(found, expected, abs_tol=1e-6)


def test_seven_pixels_of_noise_move_events_by_less_than_ten_milliseconds():
    motion = walker(duration_s=12.0)
    clean = to_poses(motion)
    base = errors(bm.gait_events(clean), motion)

    noisy = [
        errors(bm.gait_events(add_noise(clean, sd_m=7 * 1.75 / 800, seed=s)), motion)
        for s in range(4)
    ]

    shift = np.array(noisy) - base
    assert np.isfinite(shift).mean() > 0.995
    assert np.nanstd(shift) < 0.010


@pytest.mark.parametrize("correlation_s", [0.0, 0.1])
def test_time_sd_grows_with_noise_whether_it_lasts_or_not(correlation_s):
    clean = to_poses(walker())

    quiet, loud = (
        bm.gait_events(add_noise(clean, sd_m=sd, correlation_s=correlation_s))
        for sd in (0.001, 0.015)
    )

    assert quiet["time_sd_s"].mean() < loud["time_sd_s"].mean()


def test_dropouts_lose_no_event():
    motion = walker(duration_s=8.0)

    events = bm.gait_events(add_dropouts(to_poses(motion), seed=3))

    assert np.abs(errors(events, motion)).max() < SHARED_S


def test_ankles_alone_serve_as_proxy():
    motion = walker(duration_s=6.0)
    coco = to_poses(motion).select(~cs.matches("heel|toe"))

    wrong = errors(bm.gait_events(coco), motion)

    assert np.abs(wrong).max() < 0.03


def test_contact_and_toe_off_of_a_foot_alternate():
    events = bm.gait_events(add_noise(to_poses(walker(duration_s=10.0)), sd_m=0.02))

    for _, foot in events.sort("time_s").group_by("side"):
        assert (foot["event"] != foot["event"].shift(1)).drop_nulls().all()


def test_people_and_clips_do_not_mix_and_rows_may_be_shuffled():
    one = to_poses(walker())
    two = to_poses(walker(track_id=1, speed_m_s=1.0, stride_s=1.3, heading_deg=180.0))
    both = pl.concat([one, two]).sample(fraction=1.0, shuffle=True, seed=1)

    events = bm.gait_events(both)

    expected = pl.concat([bm.gait_events(one), bm.gait_events(two)])
    assert_frame_equal(events, expected)


def test_someone_who_stands_has_no_events():
    poses = to_poses(walker())
    standing = poses.with_columns(cs.ends_with("_m").first())

    assert bm.gait_events(add_noise(standing, sd_m=0.01)).is_empty()


def test_walking_towards_the_camera_has_no_events():
    poses = to_poses(walker(heading_deg=90.0), dims=2)

    assert bm.gait_events(poses).is_empty()


@pytest.mark.parametrize("n_frames", [0, 1, 2, 4, 6])
def test_short_tables_give_no_events(n_frames):
    assert bm.gait_events(to_poses(walker()).head(n_frames)).is_empty()


def test_null_feet_give_no_events():
    feet = cs.matches("(heel|toe|ankle).*_m$")
    poses = to_poses(walker()).with_columns(pl.when(pl.lit(False)).then(feet))

    assert bm.gait_events(poses).is_empty()


def test_unknown_detector_is_refused_by_name():
    with pytest.raises(bm.ConfigError, match="did you mean 'zeni'"):
        bm.gait_events(to_poses(walker()), detector="zenni")


def test_wrong_table_is_refused():
    with pytest.raises(bm.SchemaError, match="'time_s' is missing"):
        bm.gait_events(to_poses(walker()).drop("time_s"))


def _with_events(motion, events):
    from dataclasses import replace

    return replace(motion, events=events)


def test_rows_that_a_tracker_lost_change_no_event():
    motion = walker(duration_s=6.0, rate_hz=100.0)
    seen = np.random.default_rng(0).random(600) > 0.1
    poses = to_poses(motion).filter(pl.Series(seen))

    wrong = errors(bm.gait_events(poses), motion)

    assert np.abs(wrong).max() < SHARED_S


@pytest.mark.parametrize("first", range(0, 120, 15))
def test_half_a_second_gives_true_events_or_none(first):
    motion = walker(duration_s=2.0, rate_hz=100.0)
    part = to_poses(motion)[first : first + 50]

    events = bm.gait_events(part)

    for event, side, time in events.select("event", "side", "time_s").iter_rows():
        true = motion.events.filter(event=event, side=side)["time_s"].to_numpy()
        assert np.abs(true - time).min() < SHARED_S
        assert part["time_s"][0] <= time <= part["time_s"][-1]
