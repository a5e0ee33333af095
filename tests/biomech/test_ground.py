import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import biomech as bm
from biomech.synthetic import Camera, to_poses, walker

COURT = np.array([[-8.0, -5.0], [8.0, -5.0], [5.0, 5.0], [-5.0, 5.0], [0.0, 1.0]])
STANDING = Camera((0.0, 3.4, 16.5), (0.0, 1.0, 0.0), focal_px=900.0)


def points_of(camera, times=(None,)):
    """What somebody sees who knows the court: one row per point and time."""
    court = np.broadcast_to(np.insert(COURT, 1, 0.0, axis=1), (len(times), 5, 3))
    pixels = camera.project(court).pixels.reshape(-1, 2)
    return pl.DataFrame(
        {
            "time_s": np.repeat(np.array(times, object), 5).tolist(),
            "x_px": pixels[:, 0],
            "y_px": pixels[:, 1],
            "x_m": np.tile(COURT[:, 0], len(times)),
            "y_m": np.tile(COURT[:, 1], len(times)),
        },
        schema_overrides={"time_s": pl.Float64},
    )


def panning(times):
    target = np.ones((len(times), 3)) * [0.0, 1.0, 0.0]
    target[:, 0] = -2.2 * np.cos(np.pi * np.asarray(times) / 4)
    return Camera((0.0, 3.4, 16.5), target, focal_px=900.0)


@pytest.fixture(scope="module")
def walk():
    return walker(duration_s=4.0, speed_m_s=1.4, start_m=(-3.0, 0.0, 0.0))


def off_hips(positions, motion):
    """Distance along and across from below the middle of the hips, shape (n, 2)."""
    truth = bm.to_array(to_poses(motion))
    hips = (truth.point("left_hip") + truth.point("right_hip")) / 2
    return positions.select("ground_x_m", "ground_y_m").to_numpy() - hips[:, [0, 2]]


def test_people_are_found_where_they_are(walk):
    found = bm.ground_positions(to_poses(walk, camera=STANDING), points_of(STANDING))

    off = off_hips(found, walk)
    assert np.abs(np.median(off, axis=0)).max() < 0.12
    assert off.std(axis=0).max() < 0.12


def test_points_at_few_times_follow_a_panning_camera(walk):
    poses = to_poses(walk, camera=panning(walk.time_s))
    times = [0.0, 1.0, 2.0, 3.0, 4.0]

    found = bm.ground_positions(poses, points_of(panning(times), times))

    off = off_hips(found, walk)
    assert np.abs(np.median(off, axis=0)).max() < 0.12
    assert off.std(axis=0).max() < 0.12


def test_outside_of_the_times_given_the_ground_is_not_known(walk):
    poses = to_poses(walk, camera=panning(walk.time_s))
    times = [1.0, 2.0, 3.0]

    found = bm.ground_positions(poses, points_of(panning(times), times))

    known = found.filter(pl.col("ground_x_m").is_not_null())["time_s"]
    assert (known.min(), known.max()) == pytest.approx((1.0, 3.0), abs=0.011)


@pytest.mark.parametrize("turn_deg", [90.0, 211.0])
def test_turning_the_axes_on_the_ground_turns_the_places(walk, turn_deg):
    c, s = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    x, y = pl.col("x_m"), pl.col("y_m")
    points, poses = points_of(STANDING), to_poses(walk, camera=STANDING)
    turned = points.with_columns(x_m=c * x - s * y + 7, y_m=s * x + c * y - 3)

    straight = bm.ground_positions(poses, points)
    found = bm.ground_positions(poses, turned)

    x, y = pl.col("ground_x_m"), pl.col("ground_y_m")
    expected = straight.with_columns(
        ground_x_m=c * x - s * y + 7, ground_y_m=s * x + c * y - 3
    )
    assert_frame_equal(found, expected, abs_tol=1e-8)


def test_without_ankles_nobody_stands_anywhere(walk):
    poses = to_poses(walk, camera=STANDING).drop(pl.col("^.*_ankle_.*$"))

    found = bm.ground_positions(poses, points_of(STANDING))

    assert found["ground_x_m"].null_count() == found.height


def test_the_plane_tells_its_fit():
    points = points_of(STANDING).with_columns(
        x_px=pl.col("x_px") + pl.Series([0.0, 0.0, 0.0, 0.0, 5.0])
    )

    found = bm.ground_plane(points).row(0, named=True)

    assert found["n_points"] == 5
    assert 0.2 < found["rms_px"] < 5.0
    assert found["condition"] < 20
    assert found["time_s"] is None


def test_poses_in_metres_are_refused(walk):
    with pytest.raises(bm.UnitError, match="already"):
        bm.ground_positions(to_poses(walk), points_of(STANDING))


def moved(points, row, **by):
    """Move one point."""
    here = pl.int_range(pl.len()) == row
    return points.with_columns(
        pl.when(here).then(pl.col(c) + d).otherwise(c).alias(c) for c, d in by.items()
    )


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda p: p.head(3), "there are 3, needed are 4"),
        (lambda p: pl.concat([p, p.head(1)]), "twice at the same time"),
        (lambda p: moved(p, 0, x_px=None), "missing or not finite"),
        (lambda p: p.with_columns(time_s=pl.Series([1.0, *[None] * 4])), "some have"),
        (lambda p: p.with_columns(y_m=pl.lit(0.0)), "show no plane"),
        (lambda p: p.with_columns(y_px=pl.lit(300.0)), "show no plane"),
        (lambda p: p.head(4).with_columns(x_m=pl.Series([8.0, -8, 5, -5])), "no plane"),
        (lambda p: moved(p, 4, x_px=150.0), r"worst is that at .* m on the ground"),
    ],
)  # fmt: skip
def test_points_that_make_no_sense_are_refused(spoil, message):
    with pytest.raises(bm.ConfigError, match=message):
        bm.ground_plane(spoil(points_of(STANDING)))


def test_a_table_of_something_else_is_refused():
    with pytest.raises(bm.SchemaError, match="'x_px' is missing"):
        bm.ground_plane(pl.DataFrame({"x": [1.0]}))
