"""Files of other programs into the folder of a run, as if a model had made them."""

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from biomech.errors import BiomechError, FormatError
from biomech.io.formats import read_file, read_signals
from biomech.io.parquet import digest, write_table
from biomech.io.registry import FORMATS, Reading, find_format
from biomech.schema import CLIPS, POSES, SIGNALS, Poses
from pipelines.config import ClipConfig
from pipelines.files import sha256_of
from pipelines.jobs import OutFolder

#: Files of a folder with these suffixes are tried; others are left alone.
_SUFFIXES = frozenset(s for f in FORMATS for s in f.suffixes if s)


@dataclass(frozen=True)
class Imported:
    """What became of one file.

    Attributes
    ----------
    path
        The file or folder.
    table
        Where its rows went: ``"poses_raw"`` or ``"signals"``; None if it failed.
    clip_id
        Its name in the run.
    n_rows, n_tracks
        What it held.
    error
        One line, if it failed.
    note
        What a user should know, if anything.
    """

    path: str
    table: str | None = None
    clip_id: str | None = None
    n_rows: int = 0
    n_tracks: int = 0
    error: str | None = None
    note: str | None = None


def import_files(
    inputs: Iterable[Path],
    /,
    *,
    out: OutFolder,
    how: Reading,
    format: str = "auto",  # noqa: A002 - what everybody calls it
    clip: ClipConfig | None = None,
) -> Iterator[Imported]:
    """Read files of other programs into a run.

    Poses go to ``poses_raw`` and get a row in ``clips``, motion files go to
    ``signals``; a file that cannot be read does not stop the others.

    Parameters
    ----------
    inputs
        Files; folders that are a format of their own (one file per frame); or folders
        of such files and folders.
    out
        The folder of the run.
    how
        What the files do not say: frame rate, unit, axes, mapping, skeleton, size.
    format
        The format of all of them, or ``"auto"``.
    clip
        What is known about the athlete.

    Yields
    ------
    What became of each file.
    """
    for path in _files(inputs, format):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            try:
                done = _import_file(path, out, how, format, clip or ClipConfig())
            except BiomechError as error:
                done = Imported(str(path), error=_with_name(path, str(error)))
        yield replace(done, note="; ".join(str(w.message) for w in caught) or None)


def _with_name(path: Path, error: str) -> str:
    """Say which file an error is about, if it does not."""
    return error if path.name in error else f"{path}: {error}"


def _files(inputs: Iterable[Path], name: str) -> Iterator[Path]:
    """List what to read: a folder of frames is one, another folder many."""
    for path in inputs:
        if not path.is_dir() or _is_format(path, name):
            yield path
            continue
        inside = sorted(p for p in path.iterdir() if _is_candidate(p, name))
        yield from inside or [path]


def _is_candidate(path: Path, name: str) -> bool:
    if path.is_dir():
        return _is_format(path, name)
    return path.suffix.lower() in _SUFFIXES


def _is_format(folder: Path, name: str) -> bool:
    try:
        found = find_format(folder, "poses")
    except FormatError:
        return False
    return name in ("auto", found.name)


def _import_file(
    path: Path, out: OutFolder, how: Reading, name: str, clip: ClipConfig
) -> Imported:
    if path.suffix.lower() in (".mot", ".sto") and name in ("auto", "mot"):
        return _import_signals(path, out)
    options = {k: v for k, v in asdict(how).items() if v is not None}
    poses = read_file(path, format=name, **options)
    clip_id = str(poses["clip_id"][0])
    meta = _meta(path, clip_id, clip, options)
    write_table(
        _clip_row(poses, path, how, clip),
        out.table("clips", clip_id),
        schema=CLIPS,
        meta=meta,
    )
    write_table(poses, out.table("poses_raw", clip_id), schema=POSES, meta=meta)
    n_tracks = poses["track_id"].n_unique()
    return Imported(str(path), "poses_raw", clip_id, poses.height, n_tracks)


def _import_signals(path: Path, out: OutFolder) -> Imported:
    signals = read_signals(path)
    clip_id = str(signals["clip_id"][0])
    meta = _meta(path, clip_id, ClipConfig(), {})
    write_table(signals, out.table("signals", clip_id), schema=SIGNALS, meta=meta)
    return Imported(str(path), "signals", clip_id, signals.height, 1)


def _meta(
    path: Path, clip_id: str, clip: ClipConfig, options: dict[str, Any]
) -> dict[str, Any]:
    """Write down where the rows come from, as the pose stage does for videos."""
    sha256 = sha256_of(path)
    return {
        "digest": digest({"stage": "import", "file": sha256, "params": options}),
        "stage": "import",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "clip": {"clip_id": clip_id, **asdict(clip)},
        "video": {"path": str(path), "sha256": sha256},
        "params": options,
        "inputs": {},
    }


def _clip_row(poses: Poses, path: Path, how: Reading, clip: ClipConfig) -> pl.DataFrame:
    """Describe the file as one row of the clips table."""
    time = poses["time_s"].unique().sort()
    step = time.diff().drop_nulls().median()
    rate = how.rate_hz or (1.0 / float(str(step)) if step else 0.0)
    width, height = how.size_px or (None, None)
    return pl.DataFrame(
        {
            "clip_id": poses["clip_id"][:1],
            "path": str(path),
            "sha256": sha256_of(path),
            "rate_hz": rate,
            "n_frames": len(time),
            "width_px": width,
            "height_px": height,
            "duration_s": time[-1] - time[0],
            "athlete": clip.athlete,
            "activity": clip.activity,
            "view": clip.view,
            "height_m": clip.height_m,
        },
        schema_overrides={
            **{n: c.dtype for n, c in CLIPS.columns.items()},
            "height_m": pl.Float64,
        },
    )


def with_size(how: Reading, size: str | None, /) -> Reading:
    """Add the size of the picture, written as ``1920x1080``.

    Parameters
    ----------
    how
        The other options.
    size
        Width and height in pixels, or None.

    Returns
    -------
    The options with it.

    Raises
    ------
    FormatError
        If it is not of that form.
    """
    if size is None:
        return how
    parts = size.lower().replace("×", "x").split("x")
    if len(parts) != 2 or not all(part.isdigit() and int(part) > 0 for part in parts):
        msg = f"size {size!r}: expected width and height in pixels, such as 1920x1080"
        raise FormatError(msg)
    return replace(how, size_px=(int(parts[0]), int(parts[1])))
