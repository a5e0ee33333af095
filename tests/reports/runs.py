"""Folders of runs with the numbers that a test wants."""

from datetime import UTC, datetime

import polars as pl

import biomech as bm
from biomech.schema import CLIPS, METRICS, POSES

MODEL = {"name": "m", "sha256": "f" * 64}


def metrics_of(rows, *, clip_id="a", track_id=0, model="m"):
    """Rows of (metric, side, value, half of the interval, n) or (..., None, why, n)."""
    found = [
        {
            "clip_id": clip_id,
            "track_id": track_id,
            "metric": metric,
            "side": side,
            "value": value,
            "unit": bm.definition(metric).unit,
            "low": None if value is None else value - half,
            "high": None if value is None else value + half,
            "n": n,
            "sd": None,
            "grade": None if value is None else "B",
            "reason": half if value is None else None,
        }
        for metric, side, value, half, n in rows
    ]
    schema = {name: column.dtype for name, column in METRICS.columns.items()}
    return pl.DataFrame(found, schema=schema).with_columns(
        model=pl.lit(model, pl.String)
    )


def write_clip(run, clip_id, rows, *, athlete=None, activity="walk", **more):
    """One clip of ten frames, as a run would leave it."""
    tracks = more.get("tracks", [0])
    frames = pl.DataFrame(
        [(clip_id, t, f, f / 10) for t in tracks for f in range(more.get("seen", 10))],
        schema={
            "clip_id": str,
            "track_id": pl.Int32,
            "frame": pl.Int32,
            "time_s": float,
        },
        orient="row",
    )
    poses = frames.with_columns(nose_x_px=pl.lit(1.0), nose_y_px=pl.lit(2.0))
    parts = [
        metrics_of(rows, clip_id=clip_id, track_id=t).drop("model") for t in tracks
    ]
    metrics = pl.concat([METRICS.empty(), *parts])
    clip = pl.DataFrame(
        {
            "clip_id": [clip_id],
            "path": f"{clip_id}.mp4",
            "sha256": "",
            "rate_hz": more.get("rate_hz", 10.0),
            "n_frames": 10,
            "width_px": 64,
            "height_px": 48,
            "duration_s": 0.9,
            "athlete": athlete,
            "activity": more.get("named", activity),
            "view": more.get("view", "sagittal"),
            "modified_ns": int(datetime(2026, 3, 1, tzinfo=UTC).timestamp()) * 10**9,
        },
        schema_overrides={n: c.dtype for n, c in CLIPS.columns.items()},
    )
    meta = {"activity": activity, "model": more.get("model", MODEL)}
    for schema, table in ((CLIPS, clip), (POSES, poses), (METRICS, metrics)):
        path = run / schema.name / f"{clip_id}.parquet"
        bm.write_table(table, path, schema=schema, meta=meta)
    return run
