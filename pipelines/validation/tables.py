"""The tables of a validation."""

import polars as pl

from biomech.table import Column, TableSchema

#: What the truth of recordings made in the computer is called.
MADE = "made"


def _key() -> dict[str, Column]:
    return {
        "pair": Column(pl.Int32, "number of the row"),
        "trial": Column(pl.String, "folder and file"),
        "laboratory": Column(pl.String, "folder"),
        "activity": Column(pl.String, "walk, run, jump, squat, throw or golf"),
        "condition": Column(pl.String, "how it was seen"),
        "recorded_hz": Column(pl.Float64, "frame rate of the markers"),
    }


def _number(description: str) -> Column:
    return Column(pl.Float64, description, nullable=True)


def _text(description: str) -> Column:
    return Column(pl.String, description, nullable=True)


EVENT_ERRORS = TableSchema(
    name="event_errors",
    version=1,
    columns={
        **_key(),
        "event": Column(pl.String, "as in events tables"),
        "side": Column(pl.String, "left, right, or empty for the whole body"),
        "source": Column(pl.String, "of the truth"),
        "kind": Column(pl.String, "matched, missed or false"),
        "true_s": _number("when it was"),
        "error_ms": _number("found minus true"),
        "sd_ms": _number("the standard deviation that was promised"),
    },
    key=("pair",),
)
DURATION_ERRORS = TableSchema(
    name="duration_errors",
    version=1,
    columns={
        **_key(),
        "duration": Column(pl.String, "stride_time or stance_time"),
        "side": Column(pl.String, "left or right"),
        "source": Column(pl.String, "of the truth, the same of both ends"),
        "start_s": _number("when it began, in truth"),
        "true_ms": _number("how long it was"),
        "error_ms": _number("found minus true"),
        "repeat_ms": _number("after how long the foot repeats itself, see repeats.py"),
    },
    key=("pair",),
)
METRIC_ERRORS = TableSchema(
    name="metric_errors",
    version=1,
    columns={
        **_key(),
        "metric": Column(pl.String, "id of a definition card"),
        "side": _text("left, right, or null for both"),
        "source": _text("of the truth of walking and running"),
        "true": _number("measured otherwise, or from the true events and the markers"),
        "error": _number("found minus true; null where it was refused"),
        "inside": Column(pl.Boolean, "whether the interval holds it", nullable=True),
        "grade": _text("A, B or C; null for a value without one"),
        "reason": _text("why it was refused"),
    },
    key=("pair",),
)
ANGLE_ERRORS = TableSchema(
    name="angle_errors",
    version=1,
    columns={
        **_key(),
        "angle": Column(pl.String, "joint angle"),
        "side": Column(pl.String, "left or right"),
        "offset_deg": _number("mean of found minus reference"),
        "rmse_deg": _number("root mean square difference"),
        "rmse_offset_removed_deg": _number("the same without the offset"),
    },
    key=("pair",),
)
GOALS = TableSchema(
    name="goals",
    version=1,
    columns={
        "goal": Column(pl.String, "short name"),
        "statement": Column(pl.String, "what was to be reached"),
        "limit": Column(pl.Float64, "the figure of the goal"),
        "highest": _number("where the goal is a range"),
        "unit": Column(pl.String, "of the figure"),
        "reached": _number("the figure that was measured"),
        "n": Column(pl.Int32, "pairs behind it"),
        "is_met": Column(pl.Boolean, "null without data", nullable=True),
    },
    key=("goal",),
)
