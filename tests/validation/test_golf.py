"""The eight golf events on the real clip, through BlazePose and the whole pipeline."""

import tomllib
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import biomech as bm
from pipelines.cli import app

LABELS = Path(__file__).with_name("golf_labels.toml")


def test_seven_of_eight_events_of_a_real_swing_are_within_tolerance(shared, tmp_path):
    pytest.importorskip("mediapipe")
    video = shared("data/C03_golf_swing/golfdb_test_video.mp4")
    model = shared("models/pose_landmarker_full.task")
    arguments = ["run", str(video), "--out", str(tmp_path), "--activity", "golf"]
    arguments += ["--model", str(model), "--set", "overlay.enabled=false"]

    done = CliRunner().invoke(app, arguments)

    assert done.exit_code == 0, done.output
    labels = tomllib.loads(LABELS.read_text(encoding="utf-8"))
    events = bm.read_table(
        next((tmp_path / "events").glob("*.parquet")), schema=bm.SCHEMAS["events"]
    )
    found = dict(
        events.select(
            pl.col("event").cast(pl.String), pl.col("time_s") * 29.97
        ).iter_rows()
    )
    # GolfDB's tolerance: a thirtieth of address to impact, in frames.
    tolerance = max(round((labels["impact"] - labels["address"]) / 30), 1)
    within = [name for name in labels if abs(found[name] - labels[name]) <= tolerance]
    assert len(found) == 8
    assert len(within) >= 7, found
