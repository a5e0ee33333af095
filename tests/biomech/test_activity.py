"""Walking, running, standing and other, told apart."""

import polars as pl
import polars.selectors as cs
import pytest

import biomech as bm
from biomech.synthetic import add_noise, runner, to_poses, walker


def kinds(poses):
    return bm.activity(poses)["activity"].to_list()


@pytest.mark.parametrize("treadmill", [False, True])
@pytest.mark.parametrize(("motion", "kind"), [(walker, "walking"), (runner, "running")])
def test_the_whole_clip_is_one_activity(motion, kind, treadmill):
    table = bm.activity(to_poses(motion(duration_s=5.0, treadmill=treadmill)))

    assert table["activity"].to_list() == [kind]
    assert table.select("start_s").item() == 0.0
    assert table.select("end_s").item() == pytest.approx(5.0, abs=1e-6)


def test_noise_does_not_make_someone_who_stands_walk():
    poses = to_poses(walker()).with_columns(cs.ends_with("_m").first())

    assert kinds(add_noise(poses, sd_m=0.01)) == ["standing"]


def test_standing_then_walking_is_two_intervals():
    walk = to_poses(walker(duration_s=5.0))
    stand = walk.with_columns(cs.ends_with("_m").first())
    later = walk.with_columns(
        (pl.col("frame") + walk.height).cast(pl.Int32), pl.col("time_s") + 5.0
    )

    table = bm.activity(pl.concat([stand, later]))

    assert table["activity"].to_list() == ["standing", "walking"]
    assert table["end_s"][0] == pytest.approx(5.0, abs=0.6)
    assert table["start_s"][1] == table["end_s"][0]


def test_what_cannot_be_seen_is_other():
    feet = cs.matches("(heel|toe|ankle|knee|hip).*_m$")
    nothing = pl.when(pl.lit(value=False)).then(feet)

    assert kinds(to_poses(walker()).with_columns(nothing)) == ["other"]


def test_tracks_are_told_apart():
    walk = to_poses(walker(rate_hz=120.0, clip_id="a"))
    run = to_poses(runner(track_id=1, clip_id="a"))

    table = bm.activity(pl.concat([run, walk]))

    assert table.select("track_id", "activity").rows() == [
        (0, "walking"),
        (1, "running"),
    ]


def test_no_rows_give_no_intervals():
    assert bm.activity(to_poses(walker()).clear()).is_empty()


def test_feet_alone_tell_standing_from_walking():
    walk = to_poses(walker(duration_s=4.0)).select(~cs.matches("hip|knee|shoulder"))
    stand = add_noise(walk.with_columns(cs.ends_with("_m").first()), sd_m=0.01)

    assert kinds(walk) == ["walking"]
    assert kinds(stand) == ["standing"]
