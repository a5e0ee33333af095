import polars as pl
import pytest

import biomech as bm
from biomech.synthetic import pendulum


def part(first, last, track_id, move_px=0.0):
    return (
        pendulum(n_frames=300, dtype=pl.Float64)
        .filter(pl.col("frame").is_between(first, last - 1))
        .with_columns(
            pl.col("^.*_x_px$") + move_px, track_id=pl.lit(track_id, pl.Int32)
        )
    )


def numbers(poses):
    return sorted(poses["track_id"].unique().to_list())


def test_a_track_that_goes_on_gets_the_number_of_its_beginning():
    poses = pl.concat([part(130, 300, 8), part(0, 100, 3)])

    joined = bm.stitch_tracks(poses)

    assert numbers(joined) == [3]
    assert joined.height == 270


def test_three_parts_become_one():
    poses = pl.concat([part(0, 90, 1), part(100, 190, 5), part(200, 300, 2)])

    assert numbers(bm.stitch_tracks(poses)) == [1]


def test_of_two_who_appear_the_nearer_one_is_taken():
    poses = pl.concat([part(0, 100, 1), part(110, 300, 2, 400.0), part(112, 300, 3)])

    assert numbers(bm.stitch_tracks(poses)) == [1, 2]


@pytest.mark.parametrize(
    ("gap_frames", "move_px"), [(90, 0.0), (10, 900.0)], ids=["too late", "too far"]
)
def test_others_are_left_alone(gap_frames, move_px):
    poses = pl.concat([part(0, 100, 1), part(100 + gap_frames, 300, 2, move_px)])

    assert numbers(bm.stitch_tracks(poses)) == [1, 2]


def test_people_seen_at_once_are_not_joined():
    poses = pl.concat([part(0, 200, 1), part(100, 300, 2)])

    assert numbers(bm.stitch_tracks(poses)) == [1, 2]


def test_clips_are_not_joined():
    late = part(110, 300, 2).with_columns(clip_id=pl.lit("other"))

    assert numbers(bm.stitch_tracks(pl.concat([part(0, 100, 1), late]))) == [1, 2]


def test_quality_tells_what_was_seen():
    poses = pl.concat([part(0, 50, 1), part(100, 200, 1)])
    poses = poses.with_columns(
        pl.when(pl.col("frame") >= 20).then(pl.col("^nose.*|^left_knee_[xy]_px$"))
    )

    quality = bm.track_quality(poses).row(0, named=True)

    n_keypoints = len(bm.keypoints_of(poses))
    assert quality["n_frames"] == 150
    assert quality["coverage_pct"] == pytest.approx(75.0)
    assert quality["longest_gap_s"] == pytest.approx(51 / 60)
    assert quality["rate_hz"] == pytest.approx(60.0)
    assert quality["seen_pct"] == pytest.approx(100 * (1 - 20 / 150 / n_keypoints))
    assert quality["height_px"] == pytest.approx(800.0, rel=1e-6)


def test_no_rows_have_no_tracks():
    assert bm.track_quality(pendulum().clear()).is_empty()
    assert bm.stitch_tracks(pendulum().clear()).is_empty()
