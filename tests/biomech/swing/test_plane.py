import numpy as np
import polars as pl
import pytest

import biomech as bm
from biomech.swing import swing_plane


def arc(slope_deg, direction_deg, *, arc_deg=180.0, n=25, noise_m=0.0, seed=0):
    """Points on a circle of 1 m in the plane of given slope and direction."""
    slope, direction = np.radians([slope_deg, direction_deg])
    level = np.array([np.cos(direction), 0.0, np.sin(direction)])
    side = np.array([-np.sin(direction), 0.0, np.cos(direction)])
    rising = np.cos(slope) * side + np.sin(slope) * np.array([0.0, 1.0, 0.0])
    angle = np.radians(np.linspace(-arc_deg / 2, arc_deg / 2, n))[:, None]
    xyz = np.array([0.3, 1.0, -0.2]) + np.sin(angle) * level - np.cos(angle) * rising
    xyz = xyz + np.random.default_rng(seed).normal(0, noise_m, xyz.shape)
    x, y, z = xyz.T
    return pl.DataFrame({"time_s": np.arange(n) / 240, "x_m": x, "y_m": y, "z_m": z})


@pytest.mark.parametrize("slope_deg", [20.0, 47.0, 62.0, 89.0])
@pytest.mark.parametrize("direction_deg", [-30.0, 0.0, 12.0])
@pytest.mark.parametrize("arc_deg", [90.0, 180.0, 270.0])
def test_exact_arcs_give_exact_planes(slope_deg, direction_deg, arc_deg):
    found = swing_plane(arc(slope_deg, direction_deg, arc_deg=arc_deg))

    assert found["slope_deg"].item() == pytest.approx(slope_deg, abs=1e-6)
    assert found["direction_deg"].item() == pytest.approx(direction_deg, abs=1e-6)
    assert found["rms_m"].item() == pytest.approx(0.0, abs=1e-9)
    assert found["arc_deg"].item() == pytest.approx(arc_deg, rel=0.06)


def test_two_centimetres_of_noise_cost_one_and_a_half_degrees_at_most():
    found = pl.concat(
        [swing_plane(arc(50.0, 5.0, noise_m=0.02, seed=seed)) for seed in range(400)]
    )

    slope = (found["slope_deg"] - 50.0).abs()
    direction = (found["direction_deg"] - 5.0).abs()
    assert slope.quantile(0.95) <= 1.5
    assert direction.quantile(0.95) <= 2.0


def test_stated_standard_deviations_cover_the_truth():
    found = pl.concat(
        [swing_plane(arc(50.0, 5.0, noise_m=0.02, seed=seed)) for seed in range(400)]
    )

    for name, truth in (("slope", 50.0), ("direction", 5.0)):
        away = (found[f"{name}_deg"] - truth).abs()
        covered = (away <= 1.645 * found[f"{name}_sd_deg"]).mean()
        assert 0.85 <= covered <= 0.95


def test_one_wild_point_hardly_moves_the_plane():
    points = arc(50.0, 5.0, noise_m=0.002)
    wild = points.with_columns(
        pl.when(pl.int_range(pl.len()) == 12)
        .then(pl.col("y_m") + 0.25)
        .otherwise("y_m")
        .alias("y_m")
    )

    robust = swing_plane(wild)["slope_deg"].item()
    plain = swing_plane(wild, robust=False)["slope_deg"].item()

    assert abs(robust - 50.0) < 0.5 < abs(plain - 50.0)


@pytest.mark.parametrize("axis", ["x_m", "y_m", "z_m"])
@pytest.mark.parametrize("off_m", [0.5, 4.0])
def test_a_stray_point_weighs_no_more_the_farther_it_is(axis, off_m):
    points = arc(55.0, 20.0, n=120, noise_m=0.005)
    stray = pl.when(pl.int_range(pl.len()) == 50).then(off_m).otherwise(0.0)

    found = swing_plane(points.with_columns(pl.col(axis) + stray))

    assert found["slope_deg"].item() == pytest.approx(55.0, abs=0.6)
    assert found["direction_deg"].item() == pytest.approx(20.0, abs=0.6)


def test_shuffled_rows_and_rows_with_nulls_change_nothing():
    points = arc(50.0, 5.0)
    holes = pl.concat([points, points.tail(1).with_columns(x_m=pl.lit(None, float))])

    found = swing_plane(holes.sample(fraction=1.0, shuffle=True, seed=1))

    assert found["slope_deg"].item() == pytest.approx(50.0, abs=1e-6)


def test_rows_without_a_time_are_left_out():
    lost = arc(50.0, 5.0).with_columns(
        time_s=pl.when(pl.int_range(pl.len()) == 12).then(None).otherwise("time_s")
    )

    found = swing_plane(lost)

    assert found["n_points"].item() == 24
    assert found["arc_deg"].item() == pytest.approx(180.0, rel=0.06)


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        (arc(50.0, 5.0).with_columns(y_m="x_m", z_m="x_m"), "not_in_plane"),
        (arc(50.0, 5.0).with_columns(x_m=0.0, y_m=0.0, z_m=0.0), "not_in_plane"),
        (arc(50.0, 5.0).with_columns(x_m=float("nan")), "low_coverage"),
        (arc(50.0, 5.0, arc_deg=20.0), "not_in_plane"),
        (arc(50.0, 5.0, noise_m=0.5), "not_in_plane"),
        (arc(50.0, 5.0).head(3), "low_coverage"),
        (arc(50.0, 5.0).clear(), "low_coverage"),
    ],
)
def test_paths_that_define_no_plane_are_refused_with_a_reason(points, reason):
    found = swing_plane(points)

    assert found["slope_deg"].item() is None
    assert found["reason"].item() == reason


def test_two_dimensions_give_a_line_and_say_so():
    x = np.linspace(0, 1, 20)
    points = pl.DataFrame({"time_s": x, "x_m": x, "y_m": x * np.tan(np.radians(60))})

    found = swing_plane(points)

    assert found["kind"].item() == "line_2d"
    assert found["slope_deg"].item() == pytest.approx(60.0, abs=1e-6)
    assert found["direction_deg"].item() is None


def test_what_is_no_table_is_refused():
    with pytest.raises(bm.SchemaError, match="collect"):
        swing_plane(arc(50.0, 5.0).lazy())
    with pytest.raises(bm.SchemaError, match="found builtins"):
        swing_plane(arc(50.0, 5.0).to_dict())


def test_missing_columns_and_wrong_types_are_one_error():
    bad = pl.DataFrame({"time_s": ["a"], "x_m": [1.0]})

    with pytest.raises(bm.SchemaError, match=r"missing \['y_m'\], not numbers"):
        swing_plane(bad)
