import polars as pl
import polars.selectors as cs
import pytest
from polars.testing import assert_frame_equal

from biomech.errors import ConfigError, SchemaError
from pipelines.athletes import choose_athletes, rank_tracks


def rows(track_id, frames, *, clip_id="a", width_px=10.0):
    """One person of 10 px height, 10 pictures per second."""
    frame = pl.Series("frame", list(frames), dtype=pl.Int32)
    f32 = pl.Float32
    return pl.DataFrame(
        {"clip_id": clip_id, "track_id": track_id, "frame": frame}
    ).select(
        "clip_id",
        pl.col("track_id").cast(pl.Int32),
        "frame",
        time_s=pl.col("frame") / 10.0,
        box_x_min_px=pl.lit(5.0, f32),
        box_y_min_px=pl.lit(0.0, f32),
        box_x_max_px=pl.lit(5.0 + width_px, f32),
        box_y_max_px=pl.lit(10.0, f32),
        nose_x_px=pl.lit(6.0, f32),
        nose_y_px=pl.lit(1.0, f32),
        nose_confidence=pl.lit(0.9, f32),
        neck_x_px=pl.lit(8.0, f32),
        neck_y_px=pl.lit(4.0, f32),
        neck_confidence=pl.lit(0.9, f32),
    )


@pytest.fixture
def poses():
    """Track 1: large for 5 frames; 2: small for 20; 3: mid-sized for 10."""
    return pl.concat(
        [
            rows(1, range(5), width_px=20.0),
            rows(2, range(20), width_px=2.0),
            rows(3, range(5, 15), width_px=15.0),
        ]
    )


def test_area_times_duration_orders_the_tracks(poses):
    ranked = rank_tracks(poses)

    # 5 x 200 px2, 20 x 20 px2 and 10 x 150 px2, a tenth of a second each.
    assert ranked["track_id"].to_list() == [3, 1, 2]
    assert ranked["area_s_px2"].to_list() == pytest.approx([150.0, 100.0, 40.0])
    assert ranked["area_px2"].to_list() == [150.0, 200.0, 20.0]
    assert ranked["duration_s"].to_list() == pytest.approx([0.9, 0.4, 1.9])
    assert ranked["n_frames"].to_list() == [10, 5, 20]


def test_without_boxes_the_extent_of_the_keypoints_counts(poses):
    ranked = rank_tracks(poses.drop(cs.starts_with("box_")))

    assert ranked["area_px2"].to_list() == [6.0, 6.0, 6.0]
    assert ranked["track_id"].to_list() == [2, 3, 1]


def test_people_of_motion_capture_are_ranked_by_their_extent_in_metres(poses):
    metres = poses.drop(cs.starts_with("box_")).rename(lambda c: c.replace("_px", "_m"))

    ranked = rank_tracks(metres)

    assert ranked["area_m2"].to_list() == [6.0, 6.0, 6.0]
    assert choose_athletes(metres)["track_id"].unique().to_list() == [2]


def test_auto_keeps_the_athlete_of_every_clip(poses):
    other = rows(7, range(3), clip_id="b")

    kept = choose_athletes(pl.concat([poses, other]), athlete="auto")

    assert kept.select("clip_id", "track_id").unique().sort("clip_id").rows() == [
        ("a", 3),
        ("b", 7),
    ]


def test_all_keeps_everybody_and_a_number_keeps_one(poses):
    assert_frame_equal(choose_athletes(poses, athlete="all"), poses)
    assert choose_athletes(poses, athlete=2)["track_id"].unique().to_list() == [2]


@pytest.mark.parametrize("athlete", ["tallest", 9])
def test_unknown_athlete_is_refused_with_what_is_allowed(poses, athlete):
    with pytest.raises(ConfigError, match=r"auto, all, or one of \[1, 2, 3\]"):
        choose_athletes(poses, athlete=athlete)


def test_no_rows_give_no_rows(poses):
    assert choose_athletes(poses.clear()).is_empty()


def test_wrong_table_is_refused(poses):
    with pytest.raises(SchemaError):
        rank_tracks(poses.drop("track_id"))
