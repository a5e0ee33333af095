"""Speeds on the ground against the truth of the sample clip with a panning camera."""

import numpy as np
import polars as pl
import pytest

import biomech as bm
from biomech.synthetic import add_noise

WIDTH_PX = 960


@pytest.fixture(scope="module")
def players(root):
    """What a pose model would see of eight players who run straight on, and points."""
    folder = root / "sample_videos"
    truth = pl.read_parquet(folder / "match.truth.parquet")
    seen = truth.select(~pl.selectors.starts_with("box_")).with_columns(
        pl.when(pl.col(f"{side}_ankle_x_px").is_between(0, WIDTH_PX))
        .then(f"{side}_ankle_{axis}_px")
        .alias(f"{side}_ankle_{axis}_px")
        for side in ("left", "right")
        for axis in "xy"
    )
    poses = bm.clean(add_noise(seen, sd_px=1.0, seed=1))
    return poses, pl.read_csv(folder / "match.ground.csv")


@pytest.fixture(scope="module")
def truth(root):
    """The constant speed of every player."""
    poses = pl.read_parquet(root / "sample_videos/match.truth_3d.parquet")
    hips = [
        pl.mean_horizontal(f"left_hip_{axis}_m", f"right_hip_{axis}_m").alias(axis)
        for axis in "xz"
    ]
    ends = (
        poses.sort("frame")
        .select("track_id", "time_s", *hips)
        .group_by("track_id")
        .agg(pl.all().last() - pl.all().first())
    )
    way = (pl.col("x") ** 2 + pl.col("z") ** 2).sqrt()
    return ends.select("track_id", true_m_s=way / pl.col("time_s"))


def test_speeds_of_players_before_a_panning_camera_are_right(players, truth):
    speeds = bm.ground_speed(bm.ground_positions(*players))

    found = speeds.join(truth, on="track_id").drop_nulls("ground_speed_m_s")
    off = found["ground_speed_m_s"] - found["true_m_s"]
    assert np.sqrt((off**2).mean()) < 0.08
    assert off.abs().max() < 0.5


def test_intervals_of_mean_speeds_hold_the_truth(players, truth):
    speeds = bm.ground_speed(bm.ground_positions(*players))

    metrics = bm.ground_metrics(speeds).join(truth, on="track_id")

    mean = metrics.filter(metric="mean_speed")
    error = mean["value"] / mean["true_m_s"] - 1
    assert error.abs().max() < 0.03
    assert mean.select(pl.col("true_m_s").is_between("low", "high").sum()).item() >= 7
    top = metrics.filter(metric="top_speed")
    assert (top["value"] - top["true_m_s"]).abs().max() < 0.2
