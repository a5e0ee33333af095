"""The tables of biomech: what each one holds, one schema per table.

Tables are plain polars frames; design rules: one row per frame for what is measured
per frame (wide), tall only where the set of things varies (events, metrics); units are
suffixes of names; missing is null.
"""

import polars as pl

from biomech.table import Column, TableSchema, keypoint_columns

__all__ = [
    "CLIPS",
    "CYCLES",
    "EVENT",
    "EVENTS",
    "EVENT_NAMES",
    "FRAME",
    "GRADE",
    "JUMPS",
    "METRICS",
    "POSES",
    "REPETITIONS",
    "SCHEMAS",
    "SIDE",
    "SIGNALS",
    "STRIDES",
    "SWINGS",
    "TRACK",
    "VIEW",
    "Clips",
    "Column",
    "Cycles",
    "Events",
    "Metrics",
    "Poses",
    "Signals",
    "Strides",
    "TableSchema",
    "keypoint_columns",
]

#: One track of one clip: somebody's path through a video.
TRACK = ("clip_id", "track_id")
#: One frame of one track.
FRAME = (*TRACK, "frame")

Clips = pl.DataFrame
Poses = pl.DataFrame
Signals = pl.DataFrame
Events = pl.DataFrame
Strides = pl.DataFrame
Cycles = pl.DataFrame
Metrics = pl.DataFrame

#: Events of every movement. Append only.
EVENT_NAMES = (
    # gait and running
    "initial_contact",
    "toe_off",
    # golf, after GolfDB
    "address",
    "toe_up",
    "mid_backswing",
    "top",
    "mid_downswing",
    "impact",
    "mid_follow_through",
    "finish",
    # bat, racket, throw
    "foot_contact",
    "launch",
    "contact",
    "release",
    "follow_through",
    # jumps
    "movement_onset",
    "lowest",
    "take_off",
    "landing",
    # repetitions
    "repetition_start",
    "deepest",
    "repetition_end",
)
EVENT = pl.Enum(EVENT_NAMES)
SIDE = pl.Enum(["left", "right"])
VIEW = pl.Enum(["sagittal", "frontal", "oblique"])
GRADE = pl.Enum(["A", "B", "C"])


def _clip_track() -> dict[str, Column]:
    return {
        "clip_id": Column(pl.String, "the clip: safe file stem and content hash"),
        "track_id": Column(pl.Int32, "the person within the clip"),
    }


def _frame_key() -> dict[str, Column]:
    return {
        **_clip_track(),
        "frame": Column(pl.Int32, "index of the decoded frame; not a clock"),
        "time_s": Column(pl.Float64, "from the container's timestamps"),
    }


def _interval_of(what: str) -> dict[str, Column]:
    return {
        "start_s": Column(pl.Float64, f"begin of the {what}"),
        "end_s": Column(pl.Float64, f"end of the {what}, not included"),
    }


def _side() -> Column:
    return Column(SIDE, "body side", nullable=True)


CLIPS = TableSchema(
    name="clips",
    version=1,
    columns={
        "clip_id": Column(pl.String, "safe file stem and content hash"),
        "path": Column(pl.String, "the video file"),
        "sha256": Column(pl.String, "of the video file"),
        "rate_hz": Column(pl.Float64, "mean frame rate of capture", low=0.0),
        "n_frames": Column(pl.Int32, "frames decoded", low=0),
        "width_px": Column(pl.Int32, "after rotation", nullable=True, low=1),
        "height_px": Column(pl.Int32, "after rotation", nullable=True, low=1),
        "duration_s": Column(pl.Float64, "first to last frame", low=0.0),
        "athlete": Column(pl.String, "who, if known", nullable=True),
        "activity": Column(pl.String, "what, if known", nullable=True),
        "view": Column(VIEW, "camera direction, if known", nullable=True),
    },
    key=("clip_id",),
)
POSES = TableSchema(
    name="poses", version=1, columns=_frame_key(), key=FRAME, of_keypoints=True
)
SIGNALS = TableSchema(
    name="signals", version=1, columns=_frame_key(), key=FRAME, needs_units=True
)
EVENTS = TableSchema(
    name="events",
    version=1,
    columns={
        **_clip_track(),
        "event": Column(EVENT, "what happened"),
        "side": _side(),
        "frame": Column(pl.Int32, "the nearest frame"),
        "time_s": Column(pl.Float64, "when, between frames too"),
        "time_sd_s": Column(
            pl.Float64, "one standard deviation", nullable=True, low=0.0
        ),
        "confidence": Column(pl.Float32, "0 to 1", nullable=True, low=0.0, high=1.0),
    },
    key=(*TRACK, "event", "side", "time_s"),
    order=(*TRACK, "time_s"),
)
STRIDES = TableSchema(
    name="strides",
    version=1,
    columns={
        **_clip_track(),
        "side": _side(),
        "stride_id": Column(pl.Int32, "counts from 0 in each track and side"),
        **_interval_of("stride"),
    },
    key=(*TRACK, "side", "stride_id"),
    needs_units=True,
)
SWINGS, JUMPS, REPETITIONS = (
    TableSchema(
        name=f"{what}s",
        version=1,
        columns={
            **_clip_track(),
            f"{what}_id": Column(pl.Int32, "counts from 0 in each track"),
            **_interval_of(what),
        },
        key=(*TRACK, f"{what}_id"),
        needs_units=True,
    )
    for what in ("swing", "jump", "repetition")
)
CYCLES = TableSchema(
    name="cycles",
    version=1,
    columns={
        **_clip_track(),
        "side": _side(),
        "stride_id": Column(pl.Int32, "as in strides"),
        "phase_pct": Column(pl.Float64, "0 to 100, 101 points", low=0.0, high=100.0),
    },
    key=(*TRACK, "side", "stride_id", "phase_pct"),
    needs_units=True,
)
METRICS = TableSchema(
    name="metrics",
    version=1,
    columns={
        **_clip_track(),
        "metric": Column(pl.String, "id of a definition card"),
        "side": _side(),
        "value": Column(pl.Float64, "null when refused", nullable=True),
        "unit": Column(pl.String, "a unit suffix; empty for a count"),
        "low": Column(pl.Float64, "of the 90 % interval", nullable=True),
        "high": Column(pl.Float64, "of the 90 % interval", nullable=True),
        "n": Column(pl.Int32, "strides, swings, jumps or frames behind it", low=0),
        "sd": Column(pl.Float64, "between those n", nullable=True, low=0.0),
        "grade": Column(GRADE, "A, B or C", nullable=True),
        "reason": Column(pl.String, "code of why it is null", nullable=True),
    },
    key=(*TRACK, "metric", "side"),
)

#: Every schema by the name of its folder in a run.
SCHEMAS: dict[str, TableSchema] = {
    schema.name: schema
    for schema in (
        CLIPS,
        POSES,
        SIGNALS,
        EVENTS,
        STRIDES,
        SWINGS,
        JUMPS,
        REPETITIONS,
        CYCLES,
        METRICS,
    )
}
