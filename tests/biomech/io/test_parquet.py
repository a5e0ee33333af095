import polars as pl
import pytest
from polars.testing import assert_frame_equal

import biomech as bm
from biomech.io.parquet import digest, write_pieces
from biomech.schema import METRICS, POSES
from biomech.skeletons import COCO17


@pytest.fixture
def poses(frames):
    return frames.with_columns(
        nose_x_px=pl.Series([1.0, None, 3.0], dtype=pl.Float32),
        nose_y_px=pl.Series([1.0, None, 3.0], dtype=pl.Float32),
        nose_confidence=pl.Series([1.0, 0.0, 1.0], dtype=pl.Float32),
    )


def test_a_table_and_its_provenance_come_back(poses, tmp_path):
    path = tmp_path / "deep" / "a.parquet"

    bm.write_table(poses, path, schema=POSES, meta={"model": {"name": "x"}})

    assert_frame_equal(bm.read_poses(path), poses)
    meta = bm.read_meta(path)
    assert meta["table"] == "poses"
    assert meta["model"] == {"name": "x"}
    assert not list(path.parent.glob("*.part"))


def test_rows_are_stored_in_the_order_of_the_key(poses, tmp_path):
    bm.write_table(poses.reverse(), tmp_path / "a.parquet", schema=POSES)

    assert bm.read_poses(tmp_path / "a.parquet")["frame"].to_list() == [0, 1, 2]


def test_a_bad_table_leaves_the_old_file_alone(poses, tmp_path):
    path = tmp_path / "a.parquet"
    bm.write_table(poses, path, schema=POSES)

    with pytest.raises(bm.SchemaError):
        bm.write_table(pl.concat([poses, poses]), path, schema=POSES)

    assert_frame_equal(bm.read_poses(path), poses)


@pytest.mark.parametrize("content", [None, b"", b"PAR1 but not really"])
def test_missing_and_damaged_files_are_one_clear_error(tmp_path, content):
    path = tmp_path / "broken.parquet"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(bm.FormatError, match=r"cannot read .*broken\.parquet"):
        bm.read_poses(path)


def test_another_kind_of_table_is_refused_by_name(poses, tmp_path):
    bm.write_table(poses, tmp_path / "a.parquet", schema=POSES)

    with pytest.raises(bm.SchemaError, match=r"a\.parquet: not a metrics table"):
        bm.read_table(tmp_path / "a.parquet", schema=METRICS)


def test_a_season_of_mixed_skeletons_scans_as_one_table(poses, tmp_path):
    other = poses.rename(lambda c: c.replace("nose", "left_heel")).with_columns(
        clip_id=pl.lit("b")
    )
    bm.write_table(poses, tmp_path / "a.parquet", schema=POSES)
    bm.write_table(other, tmp_path / "b.parquet", schema=POSES)

    season = bm.scan_poses(tmp_path / "*.parquet", skeleton=COCO17).collect()

    assert season.height == 6
    assert season["nose_x_px"].null_count() == 1 + 3
    assert "left_heel_x_px" not in season.columns


def test_scanning_nothing_says_what_was_looked_for(tmp_path):
    with pytest.raises(bm.FormatError, match="no Parquet files match"):
        bm.scan_poses(tmp_path / "*.parquet")


def test_digests_depend_on_content_not_on_order():
    assert digest({"a": 1, "b": [2, None]}) == digest({"b": [2, None], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


def test_pieces_become_one_table_in_their_order(poses, tmp_path):
    path = tmp_path / "a.parquet"
    other = poses.with_columns(track_id=pl.lit(2, pl.Int32))

    write_pieces(
        (piece for piece in (poses.clear(), poses, other)),
        path,
        schema=POSES,
        meta={"model": {"name": "x"}},
    )

    assert_frame_equal(bm.read_poses(path), pl.concat([poses, other]))
    assert bm.read_meta(path)["model"] == {"name": "x"}
    assert bm.read_meta(path)["table"] == "poses"


def test_a_wrong_piece_leaves_no_file(poses, tmp_path):
    bad = poses.with_columns(nose_x_px=pl.lit(float("inf"), pl.Float32))

    with pytest.raises(bm.BiomechError, match="infinity"):
        write_pieces([poses, bad], tmp_path / "a.parquet", schema=POSES)

    assert list(tmp_path.iterdir()) == []


def test_no_pieces_are_refused(tmp_path):
    with pytest.raises(bm.SchemaError, match="no pieces"):
        write_pieces([], tmp_path / "a.parquet", schema=POSES)
