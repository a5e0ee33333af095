"""The clip stage: what the video is, as one row of the clips table."""

from pathlib import Path

import polars as pl

from biomech.schema import CLIPS
from pipelines.tasks import Task
from pipelines.video import VideoInfo, probe


def write_clip(task: Task) -> str | None:
    """Probe the video and write its row.

    Parameters
    ----------
    task
        The stage to run.

    Returns
    -------
    A remark about frames that are missing or a rate that may be wrong, or None.
    """
    job = task.job
    info = probe(job.path, capture_fps=job.clip.capture_fps)
    row = clip_row(info, clip_id=job.clip_id, sha256=job.sha256).with_columns(
        pl.lit(job.clip.athlete, pl.String).alias("athlete"),
        pl.lit(job.clip.activity, pl.String).alias("activity"),
        pl.lit(job.clip.view, pl.String).alias("view"),
        pl.lit(job.clip.height_m, pl.Float64).alias("height_m"),
        pl.lit(job.clip.start_s, pl.Float64).alias("start_s"),
        pl.lit(job.clip.end_s, pl.Float64).alias("end_s"),
    )
    task.write("clips", row, CLIPS)
    return "; ".join(remarks(info)) or None


def clip_row(info: VideoInfo, /, *, clip_id: str, sha256: str) -> pl.DataFrame:
    """Describe a video as one row of the clips table.

    Parameters
    ----------
    info
        What the file holds.
    clip_id, sha256
        Its name and the hash of its content.

    Returns
    -------
    One row: the columns of `CLIPS` that a file can tell, and how it is coded. Size and
    time of change are kept so that the hash need not be computed again.
    """
    status = Path(info.path).stat()
    return pl.DataFrame(
        {
            "clip_id": clip_id,
            "path": str(info.path),
            "sha256": sha256,
            "rate_hz": float(info.capture_rate),
            "n_frames": info.n_frames,
            "width_px": info.width_px,
            "height_px": info.height_px,
            "duration_s": info.duration_s,
            "container": info.container,
            "codec": info.codec,
            "pixel_format": info.pixel_format,
            "bit_depth": info.bit_depth,
            "rotation_deg": info.rotation_deg,
            "played_rate": str(info.rate),
            "captured_rate": str(info.capture_rate),
            "is_variable_rate": info.variable_rate,
            "n_declared_frames": info.n_declared,
            "n_bad_times": info.n_bad_times,
            "n_bytes": status.st_size,
            "modified_ns": status.st_mtime_ns,
        },
        schema_overrides={"n_declared_frames": pl.Int32, "n_frames": pl.Int32},
    )


def remarks(info: VideoInfo, /) -> list[str]:
    """Say what a user should know about a video.

    Parameters
    ----------
    info
        What the file holds.

    Returns
    -------
    Short sentences; none for an ordinary file.
    """
    found = []
    if info.n_declared and info.n_declared > info.n_frames:
        found.append(
            f"the file promises {info.n_declared} frames but holds {info.n_frames}"
        )
    if info.n_bad_times:
        found.append(f"{info.n_bad_times} frames had no usable time and were given one")
    hint = info.capture_rate_hint
    if hint and abs(hint / float(info.capture_rate) - 1) > 0.05:
        found.append(
            f"the camera notes {hint:g} frames/s: if this is slow motion, add "
            f"--capture-fps {hint:g}"
        )
    return found
