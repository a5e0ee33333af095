import numpy as np
import polars as pl
import pytest

from biomech.arrays import from_array
from reports import style
from reports.overlay import Overlay, fitted

LEG = ("left_hip", "left_knee", "left_ankle")
#: A line one pixel wide is smoothed at its edges.
EDGE = 24
GREY = np.full((120, 160, 3), 128, np.uint8)


def poses(points, *, names=LEG, confidence=0.9, track=1, n_frames=1):
    """The same points in every frame, 10 frames per second."""
    frames = pl.DataFrame(
        {
            "clip_id": ["a"] * n_frames,
            "track_id": pl.Series([track] * n_frames, dtype=pl.Int32),
            "frame": pl.Series(range(n_frames), dtype=pl.Int32),
            "time_s": [i / 10 for i in range(n_frames)],
        }
    )
    xyz = np.broadcast_to(np.array(points, float), (n_frames, len(names), 2))
    sure = np.full((n_frames, len(names)), confidence)
    return from_array(frames, xyz=xyz, keypoints=names, unit="px", confidence=sure)


def bgr(colour):
    red, green, blue = bytes.fromhex(colour.lstrip("#"))
    return [blue, green, red]


@pytest.mark.parametrize(
    ("names", "colour"),
    [
        (("left_hip", "left_knee"), style.LEFT),
        (("right_hip", "right_knee"), style.RIGHT),
        (("head_top", "neck"), style.MIDDLE),
    ],
)
def test_a_limb_has_the_colour_of_its_side(names, colour):
    table = poses([[20, 60], [140, 60]], names=names)

    drawn = Overlay(table).draw(GREY, 0)

    np.testing.assert_allclose(drawn[60, 80], bgr(colour), atol=EDGE)


def test_the_given_picture_is_left_as_it_is():
    before = GREY.copy()

    Overlay(poses([[20, 60], [80, 60], [140, 60]])).draw(GREY, 0)

    assert (before == GREY).all()


def test_missing_points_are_not_drawn():
    table = poses([[20, 60], [np.nan, np.nan], [140, 60]], confidence=np.nan)

    drawn = Overlay(table, trace_s=0.0).draw(GREY, 0)

    assert (drawn == GREY).all()


def test_points_far_outside_do_no_harm():
    table = poses([[1e9, -1e9], [80, 60], [140, 60]])

    drawn = Overlay(table).draw(GREY, 0)

    assert drawn.shape == GREY.shape


def test_uncertain_limbs_are_fainter():
    points = [[20, 60], [80, 60], [140, 60]]
    sure = Overlay(poses(points)).draw(GREY, 0)

    unsure = Overlay(poses(points, confidence=0.2)).draw(GREY, 0)

    def change(image):
        return np.abs(image[60, 50].astype(int) - 128).sum()

    assert 0 < change(unsure) < change(sure)


def test_frames_without_people_stay_as_they_are():
    overlay = Overlay(poses([[20, 60], [80, 60], [140, 60]]))

    assert (overlay.draw(GREY, 7) == GREY).all()


def test_no_poses_at_all_are_drawn_as_nothing():
    overlay = Overlay(poses([[20, 60], [80, 60], [140, 60]]).clear())

    assert (overlay.draw(GREY, 0) == GREY).all()


def test_a_path_is_as_long_as_asked():
    table = poses([[0, 0]], names=("left_wrist",), n_frames=11).with_columns(
        left_wrist_x_px=pl.Series([10.0 * i + 20 for i in range(11)], dtype=pl.Float32),
        left_wrist_y_px=pl.lit(60.0, pl.Float32),
    )

    drawn = Overlay(table, trace_s=0.3).draw(GREY, 10)
    touched = np.flatnonzero((drawn[60] != 128).any(axis=1))

    assert touched.min() == pytest.approx(90, abs=2)


def test_paths_of_different_people_do_not_join():
    one = poses([[20, 20]], names=("left_wrist",), n_frames=2)
    two = poses([[140, 100]], names=("left_wrist",), n_frames=2, track=2)

    drawn = Overlay(pl.concat([one, two]), trace_s=9.0).draw(GREY, 1)

    assert (drawn[60, 80] == 128).all()


def test_a_scaled_overlay_fits_a_shrunk_frame():
    table = poses([[40, 120], [160, 120], [280, 120]])
    large = np.full((240, 320, 3), 128, np.uint8)

    small = fitted(large, max_height_px=120)
    drawn = Overlay(table, scale=0.5).draw(small, 0)

    assert small.shape == (120, 160, 3)
    np.testing.assert_allclose(drawn[60, 50], bgr(style.LEFT), atol=EDGE)
