"""Travel over the ground: heading, speed and ground of an exact walker."""

import numpy as np
import polars as pl
import polars.selectors as cs
import pytest

import biomech as bm
from biomech.steps.locomotion import tracks_of
from biomech.steps.swings import swings
from biomech.synthetic import add_noise, runner, to_poses, walker


def only(poses):
    """Look at the one track of a table."""
    (track,) = tracks_of(poses, cutoff_hz=8.0)
    return track


@pytest.mark.parametrize("heading_deg", [0.0, 90.0, 180.0, 225.0])
def test_heading_and_speed_are_those_of_the_walker(heading_deg):
    track = only(to_poses(walker(heading_deg=heading_deg)))

    turn = np.radians(heading_deg)
    ahead = np.array([np.cos(turn), 0.0, -np.sin(turn)])
    assert np.median(track.heading @ ahead) > 0.999
    assert np.median(track.speed) == pytest.approx(1.35, abs=0.02)
    assert not track.moving_ground


@pytest.mark.parametrize(
    ("motion", "speed_m_s"),
    [(walker(treadmill=True), 1.35), (runner(treadmill=True), 3.5)],
)
def test_a_treadmill_moves_back_under_the_feet(motion, speed_m_s):
    track = only(to_poses(motion))

    assert track.moving_ground
    assert -np.median(track.ground) == pytest.approx(speed_m_s, rel=0.03)
    assert np.median(track.speed) == pytest.approx(speed_m_s, rel=0.03)


def test_a_camera_that_follows_gives_the_same_events():
    motion = walker(duration_s=5.0)
    poses = to_poses(motion, dims=2, dtype=pl.Float64)
    followed = poses.with_columns(cs.ends_with("_x_m") - 1.35 * pl.col("time_s"))

    still, moved = (bm.gait_events(p)["time_s"] for p in (poses, followed))

    np.testing.assert_allclose(moved, still, atol=0.005)


def test_uneven_timestamps_give_the_same_speed():
    poses = to_poses(walker(rate_hz=120.0))
    kept = poses.filter((pl.col("frame") % 3 != 0) | (pl.col("frame") % 2 == 0))

    assert np.median(only(kept).speed) == pytest.approx(1.35, abs=0.02)


def test_noise_is_told_from_the_samples():
    poses = add_noise(to_poses(walker(duration_s=10.0)), sd_m=0.01, seed=1)

    assert only(poses).noise == pytest.approx(0.01, rel=0.1)


@pytest.mark.parametrize(("told_m", "noise_m"), [(0.02, 0.02), (0.001, 0.01)])
def test_what_a_smoother_tells_of_the_feet_counts_where_it_is_more(told_m, noise_m):
    poses = add_noise(to_poses(walker(duration_s=10.0)), sd_m=0.01, seed=1)
    names = [f"{s}_{p}_sd_m" for s in ("left", "right") for p in ("heel", "ankle")]

    told = poses.with_columns(pl.lit(told_m).alias(name) for name in names)

    assert only(told).noise == pytest.approx(noise_m, rel=0.1)


def test_half_a_swing_at_an_end_counts():
    motion = walker(duration_s=5.0)
    poses = to_poses(motion).filter(pl.col("time_s") > 0.95)

    first = swings(only(poses), "right")[0]

    # The right foot swings from 0.682 to 1.1 s.
    assert first.begin == 0
    assert only(poses).time[first.turn] == pytest.approx(1.07, abs=0.03)


def test_long_gaps_stay_open_and_short_ones_are_filled():
    poses = to_poses(walker(duration_s=4.0, rate_hz=100.0))
    short, long = (
        pl.col("frame").is_between(100, 110),
        pl.col("frame").is_between(200, 240),
    )
    heel = pl.col("^left_heel_._m$")
    track = only(poses.with_columns(pl.when(~(short | long)).then(heel)))

    position = track.points["left_heel"][:, 0]
    assert np.isfinite(position[95:115]).all()
    assert np.isnan(position[201:240]).all()
    assert not track.measured["left_heel"][105]


def test_time_that_stands_still_is_refused():
    poses = to_poses(walker()).with_columns(time_s=pl.lit(0.0))

    with pytest.raises(bm.SchemaError, match="does not grow"):
        bm.gait_events(poses)
