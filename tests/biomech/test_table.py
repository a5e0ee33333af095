import polars as pl
import pytest

import biomech as bm
from biomech.schema import METRICS, POSES, SIGNALS, keypoint_columns


@pytest.fixture
def poses(frames):
    return frames.with_columns(
        left_knee_x_px=pl.Series([1.0, 2.0, 3.0], dtype=pl.Float32),
        left_knee_y_px=pl.Series([4.0, None, 6.0], dtype=pl.Float32),
        left_knee_confidence=pl.Series([0.9, 0.0, 1.0], dtype=pl.Float32),
    )


def test_a_good_table_passes(poses):
    POSES.check(poses)
    POSES.validate(poses)


def test_other_frames_are_told_how_to_become_one(poses):
    with pytest.raises(bm.SchemaError, match=r"polars\.LazyFrame; \.collect\(\) it"):
        POSES.check(poses.lazy())
    with pytest.raises(
        bm.SchemaError, match=r"pandas\.DataFrame; .*polars\.from_pandas"
    ):
        POSES.check(poses.to_pandas())


def test_notebook_types_are_welcome_and_stored_types_are_exact(poses):
    wide = poses.with_columns(
        pl.col("frame", "track_id").cast(pl.Int64),
        pl.col("left_knee_x_px").cast(pl.Float64),
    )

    stored = POSES.conform(wide)

    assert stored.schema["frame"] == pl.Int32
    assert stored.schema["left_knee_x_px"] == pl.Float32
    assert stored.schema["time_s"] == pl.Float64


def test_every_problem_is_named_at_once(poses):
    bad = poses.drop("clip_id").with_columns(
        pl.col("frame").cast(pl.UInt32), pl.lit(1.0).alias("left_hip_x_px")
    )

    with pytest.raises(bm.SchemaError) as error:
        POSES.check(bad)

    for part in ("'clip_id' is missing", "'frame' is UInt32", "'left_hip' needs both"):
        assert part in str(error.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"left_knee_x_px": pl.lit(float("nan"))}, "NaN or infinity"),
        ({"left_knee_x_px": pl.lit(float("inf"))}, "NaN or infinity"),
        ({"left_knee_confidence": pl.lit(1.5)}, "outside 0..1"),
        ({"time_s": pl.lit(0.0)}, "does not grow at 2 rows"),
        ({"frame": pl.lit(0, pl.Int32)}, "2 rows repeat the key"),
        ({"clip_id": pl.lit(None, pl.String)}, "'clip_id' has 3 nulls"),
        ({"nose_x_m": pl.lit(1.0), "nose_y_m": pl.lit(1.0)}, "units are mixed"),
        ({"tail_x_px": pl.lit(1.0)}, "unknown keypoint"),
    ],
)
def test_broken_values_are_refused(poses, change, message):
    with pytest.raises(bm.SchemaError, match=message):
        POSES.validate(poses.with_columns(**change))


def test_what_is_no_frame_is_refused_by_type():
    with pytest.raises(bm.SchemaError, match=r"found builtins\.dict"):
        POSES.check({"clip_id": []})


def test_signals_need_units_in_their_names(frames):
    SIGNALS.check(frames.with_columns(left_knee_flexion_deg=1.0))

    with pytest.raises(bm.SchemaError, match="'knee' has no unit suffix"):
        SIGNALS.check(frames.with_columns(knee=1.0))


def test_empty_tables_pass_their_own_schema():
    for schema in bm.SCHEMAS.values():
        schema.validate(schema.empty())


def test_markdown_lists_every_column():
    text = METRICS.to_markdown()

    assert all(f"`{name}`" in text for name in METRICS.columns)


def test_keypoints_come_in_the_order_of_the_vocabulary():
    found = keypoint_columns(["nose_y_px", "left_heel_x_m", "nose_x_px", "frame"])

    assert list(found) == ["nose", "left_heel"]
    assert found["nose"] == {"y_px": "nose_y_px", "x_px": "nose_x_px"}
