"""What is measured for which activity."""

from typing import get_args

import polars as pl
import pytest
from typer.testing import CliRunner

from biomech.bands import BANDS
from biomech.summary import KEY_METRICS
from biomech.synthetic import to_poses, walker
from pipelines.activities import analyse
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
