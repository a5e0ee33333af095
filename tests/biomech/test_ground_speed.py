import numpy as np
import polars as pl
import pytest
import scipy

import biomech as bm


def positions(x, y=None, *, rate_hz=25.0, sd_m=0.1, noise_m=0.0, seed=0):
    """Places on the ground, of one track."""
    n = len(x)
    xy = np.column_stack([x, np.zeros(n) if y is None else y])
    xy = xy + np.random.default_rng(seed).normal(0.0, noise_m, (n, 2))
    return pl.DataFrame(
        {
            "clip_id": ["match"] * n,
            "track_id": pl.Series([3] * n, dtype=pl.Int32),
            "frame": pl.Series(range(n), dtype=pl.Int32),
            "time_s": np.arange(n) / rate_hz,
            "ground_x_m": pl.Series(xy[:, 0], nan_to_null=True),
            "ground_y_m": pl.Series(xy[:, 1], nan_to_null=True),
            "ground_sd_m": np.full(n, sd_m),
            "ground_plane_sd_m": np.full(n, 0.02),
        }
    )


def sprints(duration_s=60.0, rate_hz=25.0):
    """Sprints to 8.7 m/s every 15 s on a curve: x, y and speed, in closed form."""
    time, w = np.arange(0.0, duration_s, 1 / rate_hz), 2 * np.pi / 15
    way = 4.35 * (time - np.sin(w * time) / w)
    radius = 30.0
    x, y = radius * np.sin(way / radius), radius * np.cos(way / radius)
    return x, y, 4.35 * (1 - np.cos(w * time))


def values(metrics):
    return dict(metrics.select("metric", "value").iter_rows())


@pytest.mark.parametrize(
    ("noise_m", "rmse_m_s", "peak_ratio", "way_ratio"),
    [(0.0, 0.05, 0.01, 0.002), (0.2, 0.25, 0.03, 0.01)],
)
def test_sprints_are_measured_within_the_goals(
    noise_m, rmse_m_s, peak_ratio, way_ratio
):
    x, y, truth = sprints()

    speeds = bm.ground_speed(positions(x, y, noise_m=noise_m))
    found = values(bm.ground_metrics(speeds))

    off = speeds["ground_speed_m_s"].to_numpy() - truth
    assert np.sqrt(np.mean(off**2)) <= rmse_m_s
    assert found["top_speed"] == pytest.approx(8.7, rel=peak_ratio)
    assert found["distance_covered"] == pytest.approx(4.35 * 60.0, rel=way_ratio)
    assert found["mean_speed"] == pytest.approx(4.35, rel=way_ratio)


def test_the_interval_of_a_speed_holds_the_truth():
    x = np.arange(500) * 0.2

    metrics = bm.ground_metrics(bm.ground_speed(positions(x, noise_m=0.1)))

    inside = metrics.with_columns(truth=pl.Series([99.8, 5.0, 5.0]))
    assert inside.select(pl.col("truth").is_between("low", "high").all()).item()
    assert (metrics["high"] - metrics["low"] < 0.15 * metrics["value"]).all()


def test_somebody_who_stands_has_a_distance_that_may_be_zero():
    metrics = bm.ground_metrics(bm.ground_speed(positions(np.zeros(500), noise_m=0.1)))

    assert metrics.filter(metric="distance_covered")["low"].item() <= 0.0


def test_lasting_noise_neither_moves_who_stands_nor_hastens_who_strolls():
    # Errors of 0.1 m that last half a second, at 25 frames/s for a minute.
    rng, keep = np.random.default_rng(2), np.exp(-1 / 12.5)
    noise = scipy.signal.lfilter(
        [0.1 * np.sqrt(1 - keep**2)], [1, -keep], rng.normal(size=(2, 1500))
    )
    still = positions(noise[0], noise[1])
    stroll = positions(noise[0] + 0.3 * np.arange(1500) / 25, noise[1])

    standing = values(bm.ground_metrics(bm.ground_speed(still)))
    strolling = values(bm.ground_metrics(bm.ground_speed(stroll)))

    assert standing["distance_covered"] < 2.0
    assert strolling["distance_covered"] == pytest.approx(18.0, rel=0.1)


def test_a_track_that_jumps_to_somebody_else_has_no_speed_there():
    x = np.arange(250) * 0.1
    x[125:] += 4.0

    speeds = bm.ground_speed(positions(x, noise_m=0.02))

    gone = speeds.filter(pl.col("ground_speed_m_s").is_null())["time_s"]
    assert gone.min() < 4.6
    assert gone.max() > 5.4
    found = values(bm.ground_metrics(speeds))
    assert found["top_speed"] < 3.0
    assert found["distance_covered"] == pytest.approx(0.1 * 250 - 3.0, rel=0.15)


def test_a_single_wrong_place_changes_nothing():
    x = np.arange(100) * 0.2
    wrong = x.copy()
    wrong[50] += 3.0

    found = bm.ground_speed(positions(wrong))["ground_speed_m_s"]

    np.testing.assert_allclose(found, 5.0, atol=0.02)


@pytest.mark.parametrize(("n_hidden", "n_missing"), [(10, 0), (30, 30)])
def test_short_gaps_are_bridged_and_long_ones_stay(n_hidden, n_missing):
    x = np.arange(200) * 0.1
    x[80 : 80 + n_hidden] = np.nan

    speeds = bm.ground_speed(positions(x))

    assert speeds["ground_speed_m_s"].null_count() == n_missing


@pytest.mark.parametrize(
    ("x", "reason"),
    [(np.arange(20) * 0.1, "too_short"), (np.full(50, np.nan), "low_coverage")],
)
def test_too_little_of_a_path_is_refused(x, reason):
    metrics = bm.ground_metrics(bm.ground_speed(positions(x)))

    assert metrics["value"].null_count() == metrics.height == 3
    assert set(metrics["reason"]) == {reason}


def test_less_certain_places_count_less():
    x = np.arange(100) * 0.1
    off = np.where(np.arange(100) >= 50, 0.3 * (-1.0) ** np.arange(100), 0.0)
    told = positions(x + off).with_columns(
        ground_sd_m=pl.when(pl.col("frame") < 50).then(0.02).otherwise(0.3)
    )

    trusted = bm.ground_speed(positions(x + off))["ground_speed_sd_m_s"]
    found = bm.ground_speed(told)["ground_speed_sd_m_s"]

    assert found[25] < trusted[25] / 2
    assert found[75] > found[25] * 2


def test_signals_without_places_are_refused():
    with pytest.raises(bm.SchemaError, match=r"lack \['ground_x_m', 'ground_y_m'"):
        bm.ground_speed(positions(np.zeros(3)).select(*bm.FRAME, "time_s"))


def test_frames_that_are_not_in_the_table_are_a_gap_too():
    x = np.arange(200) * 0.1
    table = positions(x).filter(~pl.col("frame").is_between(80, 109))

    found = values(bm.ground_metrics(bm.ground_speed(table)))

    assert found["distance_covered"] == pytest.approx(19.9 - 3.1, abs=0.05)


def test_bridged_gaps_leave_the_interval():
    x = np.arange(200) * 0.1
    x[95:100] = np.nan
    table = positions(x).with_columns(
        pl.when(pl.col("ground_x_m").is_not_null()).then("ground_plane_sd_m")
    )

    assert bm.ground_metrics(bm.ground_speed(table))["low"].null_count() == 0
