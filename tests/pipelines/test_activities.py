"""What is measured for which activity."""

from typing import get_args

import polars as pl
import polars.selectors as cs
import pytest
from typer.testing import CliRunner

from biomech.bands import BANDS
from biomech.summary import KEY_METRICS
from biomech.synthetic import (
    baseball_swing,
    counter_movement_jump,
    golf_swing,
    runner,
    squat,
    tennis_serve,
    to_poses,
    walker,
)
from pipelines.activities import analyse, recognise
from pipelines.analysis import signals_of
from pipelines.cli import app
from pipelines.config import Activity
from tests.pipelines.fakes import CAMERA

NAMED = [name for name in get_args(Activity) if name not in ("auto", "none")]


@pytest.fixture(scope="module")
def walk():
    return to_poses(walker(duration_s=6.0), camera=CAMERA)


@pytest.mark.parametrize("activity", NAMED)
def test_every_activity_is_measured_filtered_and_summarised(walk, activity):
    found = analyse(walk, signals_of(walk), activity=activity)

    assert len(found) > 1
    assert found["metrics"].height > 0
    assert activity in BANDS
    assert activity in KEY_METRICS


def test_the_help_names_every_activity():
    shown = CliRunner().invoke(app, ["run", "--help"]).stdout

    assert [name for name in get_args(Activity) if name not in shown] == []


def test_legs_that_were_seen_in_one_place_have_no_steps(walk):
    one_leg = walk.with_columns(
        pl.col(column).alias(column.replace("right_", "left_"))
        for column in walk.columns
        if column.startswith(("right_knee", "right_ankle", "right_heel", "right_big"))
    )

    found = analyse(one_leg, signals_of(one_leg), activity="walk")

    assert set(found["metrics"]["reason"]) == {"legs_together"}
    assert [n for n, table in found.items() if n != "metrics" and table.height] == []


SWINGS = ("golf", "baseball", "tennis")


@pytest.mark.parametrize(
    ("motion", "expected"),
    [
        (walker(duration_s=4.0), "walk"),
        (walker(duration_s=1.6), "none"),
        (runner(duration_s=3.0), "run"),
        (counter_movement_jump(), "jump"),
        (squat(n_repetitions=2), "squat"),
        (squat(n_repetitions=1), "none"),
        (squat(n_repetitions=2, peak_knee_deg=50.0), "none"),
        (squat(n_repetitions=3, peak_knee_deg=50.0), "squat"),
        (golf_swing(rate_hz=60.0), "golf"),
        (baseball_swing(rate_hz=60.0), "baseball"),
        (tennis_serve(rate_hz=60.0), "tennis"),
    ],
    ids=[
        *("walk", "a stride", "run", "jump", "two squats", "one squat"),
        *("two dips", "three shallow squats", *SWINGS),
    ],
)
def test_an_activity_is_recognised_or_left_without_a_name(motion, expected):
    assert recognise(to_poses(motion, camera=CAMERA)) == expected


def test_without_implements_golf_is_recognised_and_other_strokes_are_not():
    bare = ~cs.starts_with("grip", "club_head", "bat", "racket", "ball")
    swings = (golf_swing, baseball_swing, tennis_serve)

    found = [
        recognise(to_poses(s(rate_hz=60.0), camera=CAMERA).select(bare)) for s in swings
    ]

    assert found == ["golf", "none", "none"]


def test_steps_under_hips_that_sink_deep_are_no_walk(walk):
    upper = [c for c in walk.columns if c.endswith("_y_px") and "hip" in c]
    leg_px = (walk["left_ankle_y_px"] - walk["left_hip_y_px"]).median()
    sunk_px = 0.3 * leg_px * (1 - (2.0 * pl.col("time_s")).cos())

    sinking = walk.with_columns((pl.col(upper) + sunk_px).cast(pl.Float32))

    assert recognise(walk) == "walk"
    assert recognise(sinking) != "walk"
