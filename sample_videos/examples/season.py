"""A season to try things on: three people who walk once a month, exactly known.

The folder is laid out as ``biomech run --out`` lays out its results, so that whatever
works on it works on a real season.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

import biomech as bm
from biomech.schema import CLIPS, CYCLES, EVENTS, METRICS, POSES, SIGNALS, STRIDES
from biomech.skeletons import HALPE26
from biomech.synthetic import ParallelCamera, add_noise, to_poses, walker

_RATE_HZ = 50.0
_SIZE_PX = (1280, 720)
#: Who found the points: nobody, they are known.
_MODEL = {"name": "synthetic", "sha256": None, "is_demo": False}


class Walk(NamedTuple):
    """One clip of the season.

    Attributes
    ----------
    athlete, height_m
        Who.
    month
        When, 1 to 12.
    speed_m_s, stride_s
        How fast, and the duration of a stride.
    step_asymmetry_ratio
        (Left step time - right step time) / stride time.
    """

    athlete: str
    height_m: float
    month: int
    speed_m_s: float
    stride_s: float = 1.1
    step_asymmetry_ratio: float = 0.0

    @property
    def clip_id(self) -> str:
        """Name of the clip."""
        return f"{self.athlete.lower()}-{self.month:02}"


#: Ada gets faster, Ben stays as he is, Cleo limps less from month to month.
WALKS = tuple(
    walk
    for month in range(1, 5)
    for walk in (
        Walk("Ada", 1.68, month, 1.2 + 0.08 * (month - 1)),
        Walk("Ben", 1.85, month, 1.35, stride_s=1.15),
        Walk("Cleo", 1.74, month, 1.25, step_asymmetry_ratio=0.12 - 0.03 * (month - 1)),
    )
)


def write_season(folder: str | Path, /, *, walks: Iterable[Walk] = WALKS) -> Path:
    """Film the walks with a camera that exists only here, and analyse them.

    Parameters
    ----------
    folder
        Where the run goes; made if need be.
    walks
        The clips; names within a season differ by athlete or month.

    Returns
    -------
    The folder, with ``clips, poses, signals, events, strides, cycles`` and ``metrics``.
    """
    run = Path(folder)
    for seed, walk in enumerate(walks):
        _write_clip(run, walk, seed)
    return run


def _write_clip(run: Path, walk: Walk, seed: int) -> None:
    poses = _filmed(walk, seed)
    events = bm.gait_events(poses)
    strides = bm.strides(events, poses)
    signals = bm.joint_angles(poses)
    metrics = bm.gait_metrics(
        poses, events=events, height_m=walk.height_m, view="sagittal"
    )
    tables = (
        (CLIPS, _clip(walk, poses)),
        (POSES, poses),
        (SIGNALS, signals),
        (EVENTS, events),
        (STRIDES, strides),
        (CYCLES, bm.cycles(signals, strides)),
        (METRICS, metrics),
    )
    for schema, table in tables:
        path = run / schema.name / f"{walk.clip_id}.parquet"
        meta = {"activity": "walk", "model": _MODEL}
        bm.write_table(table, path, schema=schema, meta=meta)


def _filmed(walk: Walk, seed: int) -> pl.DataFrame:
    motion = walker(
        speed_m_s=walk.speed_m_s,
        stride_s=walk.stride_s,
        height_m=walk.height_m,
        step_asymmetry_ratio=walk.step_asymmetry_ratio,
        duration_s=4.0,
        rate_hz=_RATE_HZ,
        start_m=(-2.9, 0.0, 0.0),
        clip_id=walk.clip_id,
    )
    camera = ParallelCamera(scale_px_m=200.0)
    poses = to_poses(motion, camera=camera, names=HALPE26.keypoints)
    return add_noise(poses, sd_px=0.7, seed=seed)


def _clip(walk: Walk, poses: pl.DataFrame) -> pl.DataFrame:
    """Describe the clip as a run describes a video."""
    filmed = datetime(2026, walk.month, 15, 10, tzinfo=UTC)
    return pl.DataFrame(
        {
            "clip_id": walk.clip_id,
            "path": f"{walk.clip_id}.mp4",
            "sha256": "",
            "rate_hz": _RATE_HZ,
            "n_frames": poses.height,
            "width_px": _SIZE_PX[0],
            "height_px": _SIZE_PX[1],
            "duration_s": poses["time_s"].max(),
            "athlete": walk.athlete,
            "activity": "walk",
            "view": "sagittal",
            "modified_ns": int(filmed.timestamp()) * 10**9,
        },
        schema_overrides={n: c.dtype for n, c in CLIPS.columns.items()},
    )
