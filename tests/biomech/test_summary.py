import sys
from datetime import datetime

import numpy as np
import polars as pl
import pytest

import biomech as bm
from biomech.arrays import from_array
from biomech.definitions import DEFINITIONS
from biomech.summary import KEY_METRICS, metric_column
from tests.reports.runs import write_clip

WALK = [
    ("speed", None, 1.4, 0.1, 6),
    ("cadence", None, 110.0, 2.0, 6),
    ("stride_length", "left", 1.2, 0.1, 3),
    ("stride_length", "right", 1.3, 0.1, 3),
    ("step_width", None, None, "needs_3d", 0),
]


def test_a_row_says_who_what_how_well_seen_and_the_key_metrics(tmp_path):
    run = write_clip(tmp_path, "a", WALK, athlete="Ada", seen=5)

    row = bm.summary(run).row(0, named=True)

    assert row["athlete"] == "Ada"
    assert row["activity"] == "walk"
    assert row["modified_at"] == datetime(2026, 3, 1)
    assert row["coverage_pct"] == pytest.approx(50.0)
    assert (row["n_measured"], row["n_refused"]) == (4, 1)
    assert row["speed_m_s"] == pytest.approx(1.4)
    assert row["left_stride_length_m"] == pytest.approx(1.2)
    assert row["right_stride_length_m"] == pytest.approx(1.3)


def test_both_sides_together_give_one_column(tmp_path):
    rows = [*WALK, ("stride_length", None, 1.25, 0.1, 6)]

    table = bm.summary(write_clip(tmp_path, "a", rows))

    assert table["stride_length_m"].to_list() == [1.25]
    assert "left_stride_length_m" not in table.columns


def test_metrics_can_be_chosen_and_refused_ones_are_null(tmp_path):
    run = write_clip(tmp_path, "a", WALK)

    table = bm.summary(run, metrics=["step_width", "cadence"])

    assert table.columns[-2:] == ["step_width_m", "cadence_spm"]
    assert table.select("step_width_m", "cadence_spm").row(0) == (None, 110.0)


def test_clips_of_several_activities_share_one_table(tmp_path):
    write_clip(tmp_path, "a", WALK, athlete="Ada")
    write_clip(tmp_path, "b", [("tempo_ratio", None, 3.0, 0.2, 1)], activity="golf")

    table = bm.summary(tmp_path)

    assert table["tempo_ratio"].to_list() == [None, 3.0]
    assert table["cadence_spm"].to_list() == [110.0, None]


def test_every_person_has_a_row_and_an_empty_clip_one_without_track(tmp_path):
    write_clip(tmp_path, "a", WALK, tracks=[3, 7])
    write_clip(tmp_path, "b", [], tracks=[])

    table = bm.summary(tmp_path)

    assert table.sort("clip_id", "track_id")["track_id"].to_list() == [3, 7, None]
    assert table.filter(clip_id="b")["coverage_pct"].to_list() == [None]


def test_an_activity_that_was_recognised_is_found(tmp_path):
    run = write_clip(tmp_path, "a", WALK, activity="walk", named="auto")

    assert bm.summary(run)["activity"].to_list() == ["walk"]


def test_a_folder_that_is_no_run_is_refused_with_what_it_holds(tmp_path):
    (tmp_path / "holiday.mp4").touch()

    with pytest.raises(bm.FormatError, match=r"not the folder of a run.*holiday\.mp4"):
        bm.summary(tmp_path)
    with pytest.raises(bm.FormatError, match="no folder"):
        bm.summary(tmp_path / "nowhere")


def test_a_damaged_table_is_named(tmp_path):
    run = write_clip(tmp_path, "a", WALK)
    (run / "metrics" / "a.parquet").write_bytes(b"no parquet")

    with pytest.raises(bm.FormatError, match="metrics"):
        bm.summary(run)


def test_an_unknown_metric_is_refused_with_its_neighbour(tmp_path):
    with pytest.raises(bm.ConfigError, match="'cadence'"):
        bm.summary(write_clip(tmp_path, "a", WALK), metrics=["cadense"])


def test_key_metrics_are_metrics():
    assert {m for names in KEY_METRICS.values() for m in names} <= set(DEFINITIONS)


def test_a_unit_is_not_written_twice():
    assert metric_column("tempo_ratio", None, "ratio") == "tempo_ratio"
    assert metric_column("repetition_count", None, "") == "repetition_count"


def test_pandas_keeps_whole_numbers_and_categories():
    pandas = pytest.importorskip("pandas")
    table = pl.DataFrame(
        {"n": [1, None], "x": [0.5, None], "side": ["left", None]},
        schema={"n": pl.Int32, "x": pl.Float64, "side": pl.Enum(["left", "right"])},
    )

    frame = bm.to_pandas(table)

    assert str(frame["n"].dtype) == "Int32"
    assert frame["n"][1] is pandas.NA
    assert np.isnan(frame["x"][1])
    assert list(frame["side"].cat.categories) == ["left", "right"]


def two_people():
    """Person 4 in frames 0 to 2, person 2 in frames 1 and 2; x tells who and when."""
    rows = [(4, 0), (4, 1), (4, 2), (2, 1), (2, 2)]
    frames = pl.DataFrame(
        [("a", track, frame, frame / 50) for track, frame in rows],
        schema={
            "clip_id": str,
            "track_id": pl.Int32,
            "frame": pl.Int32,
            "time_s": float,
        },
        orient="row",
    )
    xyz = np.array([[[100 * t + f, 7.0], [np.nan, np.nan]] for t, f in rows])
    names = ("nose", "left_knee")
    sure = np.full(xyz.shape[:2], 0.5)
    return from_array(frames, xyz=xyz, keypoints=names, unit="px", confidence=sure)


def test_xarray_has_the_dimensions_of_movement():
    pytest.importorskip("xarray")

    data = bm.to_xarray(two_people())

    assert data["position"].dims == ("time", "space", "keypoint", "individual")
    assert data["confidence"].dims == ("time", "keypoint", "individual")
    at = data["position"].sel(space="x", keypoint="nose", individual="id_2")
    np.testing.assert_array_equal(at, [np.nan, 201.0, 202.0])
    assert data["position"].sel(keypoint="left_knee").isnull().all()
    assert data.attrs["fps"] == pytest.approx(50.0)
    assert data.attrs["ds_type"] == "poses"


def test_xarray_takes_rows_in_any_order_and_none_at_all():
    pytest.importorskip("xarray")
    poses = two_people()

    assert bm.to_xarray(poses.reverse()).identical(bm.to_xarray(poses))
    assert bm.to_xarray(poses.clear()).sizes["time"] == 0


def test_uneven_time_has_no_frame_rate():
    pytest.importorskip("xarray")
    uneven = two_people().with_columns(
        time_s=pl.when(frame=2).then(pl.lit(0.5)).otherwise("time_s")
    )

    assert "fps" not in bm.to_xarray(uneven).attrs


def test_xarray_takes_one_clip_only():
    pytest.importorskip("xarray")
    poses = two_people()
    both = pl.concat([poses, poses.with_columns(clip_id=pl.lit("b"))])

    with pytest.raises(bm.SchemaError, match=r"one clip is allowed, found 2: \['a', "):
        bm.to_xarray(both)


@pytest.mark.parametrize(
    ("package", "function"),
    [("pandas", bm.to_pandas), ("pyarrow", bm.to_pandas), ("xarray", bm.to_xarray)],
)
def test_a_missing_package_is_named_with_its_remedy(package, function, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(
        bm.ConfigError, match=f"need the package {package}: pip install"
    ):
        function(two_people())
