import polars as pl
import pytest
from polars.testing import assert_frame_equal

from biomech.errors import ConfigError
from pipelines.track_edits import (
    Merge,
    Split,
    TrackEdits,
    edit_tracks,
    read_track_edits,
)
from tests.pipelines.test_athletes import rows


@pytest.fixture
def poses():
    """Track 1 in frames 0 to 9, track 2 in 8 to 14, track 3 in 20 to 24."""
    return pl.concat(
        [rows(1, range(10)), rows(2, range(8, 15)), rows(3, range(20, 25))]
    )


def frames_of(table, track):
    return table.filter(pl.col("track_id") == track)["frame"].to_list()


def test_split_gives_the_later_part_another_number(poses):
    edited = edit_tracks(poses, TrackEdits(splits=(Split(1, at_s=0.6, into=9),)))

    assert frames_of(edited, 1) == [0, 1, 2, 3, 4, 5]
    assert frames_of(edited, 9) == [6, 7, 8, 9]


def test_merged_tracks_share_a_number_and_no_frame_counts_twice(poses):
    wide = poses.with_columns(
        nose_x_px=pl.when(pl.col("track_id") == 2).then(50.0).otherwise("nose_x_px")
    ).cast({"nose_x_px": pl.Float32})

    edited = edit_tracks(wide, TrackEdits(merges=(Merge((2, 1, 3)),)))

    assert frames_of(edited, 2) == [*range(15), *range(20, 25)]
    assert edited["track_id"].unique().to_list() == [2]
    at_eight = edited.filter(pl.col("frame") == 8)["nose_x_px"].to_list()
    assert at_eight == [50.0]


def test_merge_may_use_what_a_split_made(poses):
    edits = TrackEdits(splits=(Split(1, 0.6, 9),), merges=(Merge((9, 3)),))

    edited = edit_tracks(poses, edits)

    assert frames_of(edited, 9) == [6, 7, 8, 9, 20, 21, 22, 23, 24]


def test_names_come_in_a_column_and_strangers_have_none(poses):
    edited = edit_tracks(poses, TrackEdits(names={1: "Anna"}))

    named = edited.select("track_id", "athlete").unique().sort("track_id")
    assert named.rows() == [(1, "Anna"), (2, None), (3, None)]


def test_no_corrections_change_nothing(poses):
    assert_frame_equal(edit_tracks(poses, TrackEdits()), poses)


def test_every_wrong_number_is_named_at_once(poses):
    edits = TrackEdits(
        splits=(Split(8, 0.5, 2),), merges=(Merge((1, 7)),), names={6: "Eve"}
    )

    with pytest.raises(ConfigError) as caught:
        edit_tracks(poses, edits)

    message = str(caught.value)
    for part in (
        "split: there is no track 8",
        "split: there is a track 2 already",
        "merge: there is no track 7",
        "names: there is no track 6",
    ):
        assert part in message


def test_file_is_read_as_written(tmp_path):
    path = tmp_path / "tracks.toml"
    path.write_text(
        "[[split]]\ntrack = 2\nat_s = 4\ninto = 20\n"
        '[[merge]]\ntracks = [3, 20]\n[names]\n3 = "Anna"\n'
    )

    assert read_track_edits(path) == TrackEdits(
        splits=(Split(2, 4, 20),), merges=(Merge((3, 20)),), names={3: "Anna"}
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[merge", "not TOML"),
        ("[[merged]]\ntracks = [1, 2]", "did you mean 'merge'"),
        ("[[merge]]\ntracks = [1]", "merge needs exactly tracks"),
        ('[[merge]]\ntracks = [1, "2"]', "merge needs exactly tracks"),
        ("[[split]]\ntrack = 1\nat_s = 2.0", "split needs exactly track, at_s, into"),
        ('[[split]]\ntrack = 1\nat_s = "2"\ninto = 3', "split needs exactly"),
        ('[names]\nanna = "1"', 'names must look like 3 = "Anna"'),
        ('names = "Anna"', "names must look like"),
    ],
)
def test_wrong_file_is_explained(tmp_path, text, message):
    path = tmp_path / "tracks.toml"
    path.write_text(text)

    with pytest.raises(ConfigError, match=message):
        read_track_edits(path)
