"""Clips of a run: which file, what is known about it, where its results go."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import polars as pl

from biomech.errors import FormatError
from biomech.io.parquet import read_meta
from pipelines.config import STAGES, ClipConfig, Config, PoseConfig
from pipelines.files import clip_id_of, find_videos, sha256_of
from pipelines.models import ModelSource, PoseModel, load_model

#: From the settings of the pose stage and the number of threads to a model.
ModelLoader = Callable[[ModelSource | None, PoseConfig, int | None], PoseModel]


def load_pose_model(
    source: ModelSource | None, config: PoseConfig, n_streams: int | None, /
) -> PoseModel:
    """Make the pose model of a run ready.

    Parameters
    ----------
    source
        The weights; None chooses them.
    config
        Settings of the pose stage.
    n_streams
        Threads on a processor; None takes all.

    Returns
    -------
    The model.
    """
    return load_model(
        source,
        device=config.device,
        precision=config.precision,
        imgsz=config.imgsz,
        second_look=config.second_look,
        n_streams=n_streams,
    )


@dataclass(frozen=True)
class OutFolder:
    """The folder of a run, as the design fixes it.

    Attributes
    ----------
    root
        The folder that ``--out`` names.
    """

    root: Path

    def table(self, name: str, clip_id: str) -> Path:
        """Name the file of one table of one clip."""
        return self.root / name / f"{clip_id}.parquet"

    def overlay(self, clip_id: str) -> Path:
        """Name the overlay video of a clip."""
        return self.root / "overlays" / f"{clip_id}.mp4"

    def report(self, clip_id: str) -> Path:
        """Name the report page of a clip."""
        return self.root / "reports" / f"{clip_id}.html"

    def tracks(self, clip_id: str) -> Path:
        """Name the file in which a person mends the tracks of a clip."""
        return self.root / "tracks" / f"{clip_id}.toml"

    def parts(self, clip_id: str, digest: str) -> Path:
        """Name the folder of what the pose stage has done so far."""
        return self.root / "poses_raw" / f".{clip_id}-{digest[:12]}.parts"

    @property
    def index(self) -> Path:
        """The page that lists all clips."""
        return self.root / "reports" / "index.html"

    @property
    def manifest(self) -> Path:
        """The table of what was done."""
        return self.root / "manifest.parquet"


@dataclass(frozen=True)
class ClipJob:
    """Everything that a worker needs to know to work on one clip.

    Attributes
    ----------
    clip_id, path, sha256
        The video; `sha256` is empty if it could not be read.
    out
        Where results go.
    clip
        What is known about the clip.
    config
        Settings of the stages.
    model
        The pose model; None if no clip needs one.
    forced
        Stages to run even if their results are there.
    stages
        Stages to run, in order; by default all.
    n_workers
        How many workers share this machine.
    has_video
        Whether the file is a video; imported poses are not.
    load
        Makes the pose model ready.
    """

    clip_id: str
    path: Path
    sha256: str
    out: OutFolder
    clip: ClipConfig = field(default_factory=ClipConfig)
    config: Config = field(default_factory=Config)
    model: ModelSource | None = None
    forced: frozenset[str] = frozenset()
    stages: tuple[str, ...] = STAGES
    n_workers: int = 1
    has_video: bool = True
    load: ModelLoader = load_pose_model


@dataclass(frozen=True)
class _Known:
    """A file as it was when its hash was computed."""

    n_bytes: int
    modified_ns: int
    sha256: str


def jobs_of_videos(
    inputs: Iterable[str | Path], /, *, out: OutFolder, config: Config, **more: Any
) -> list[ClipJob]:
    """Make a job of every video in some files and folders.

    Parameters
    ----------
    inputs
        Video files and folders.
    out
        Where results go.
    config
        Settings of the stages.
    more
        Other fields of `ClipJob`, the same for all.

    Returns
    -------
    One job per video; of files with the same name and content only the first.

    Raises
    ------
    VideoError
        If there is no video.
    """
    known = _known_files(out)
    jobs: dict[str, ClipJob] = {}
    for path in find_videos(inputs, out=out.root):
        sha256 = _hash(path, known)
        clip_id = clip_id_of(path, sha256 or "unreadable")
        clip = config.of_clip(path.name)
        job = ClipJob(clip_id, path, sha256, out, clip=clip, config=config, **more)
        jobs.setdefault(clip_id, job)
    return list(jobs.values())


def jobs_of_run(
    out: OutFolder, /, *, config: Config, clip: Mapping[str, Any], **more: Any
) -> list[ClipJob]:
    """Make a job of every clip whose poses a run has found.

    Parameters
    ----------
    out
        The folder of the run.
    config
        Settings of the stages.
    clip
        What is known better now: fields of `ClipConfig` that replace those of the run.
    more
        Other fields of `ClipJob`, the same for all.

    Returns
    -------
    One job per file in ``poses_raw``.

    Raises
    ------
    FormatError
        If there are none.
    """
    files = sorted((out.root / "poses_raw").glob("*.parquet"))
    if not files:
        made = f"biomech pose VIDEO --out {out.root}"
        msg = f"no poses in {str(out.root)!r}; make some with: {made}"
        raise FormatError(msg)
    return [_job_of(path, out, config, clip, more) for path in files]


def _job_of(
    path: Path,
    out: OutFolder,
    config: Config,
    clip: Mapping[str, Any],
    more: Mapping[str, Any],
) -> ClipJob:
    """Make a job from what the footers of a clip's files say."""
    poses = read_meta(path)
    row = out.table("clips", path.stem)
    meta = read_meta(row) if row.exists() else poses
    names = {f.name for f in fields(ClipConfig)}
    video = meta.get("video", {})
    name = Path(video.get("path", path.name))
    before = {k: v for k, v in meta.get("clip", {}).items() if k in names}
    known = {**before, **config.clips.get(name.name, {}), **clip}
    return ClipJob(
        path.stem,
        name,
        video.get("sha256", ""),
        out,
        clip=ClipConfig(**known),
        config=config,
        has_video=poses.get("stage") != "import",
        **more,
    )


def _known_files(out: OutFolder) -> dict[str, _Known]:
    """Read the hashes that an earlier run computed, by path."""
    files = sorted((out.root / "clips").glob("*.parquet"))
    columns = ["path", "n_bytes", "modified_ns", "sha256"]
    frames = [pl.read_parquet(file, glob=False) for file in files]
    rows = [f.select(columns) for f in frames if set(columns) <= set(f.columns)]
    return {r[0]: _Known(*r[1:]) for frame in rows for r in frame.iter_rows()}


def _hash(path: Path, known: Mapping[str, _Known]) -> str:
    """Hash a video, unless it is as it was; empty if it cannot be read."""
    try:
        status = path.stat()
        before = known.get(str(path))
        if before and (status.st_size, status.st_mtime_ns) == (
            before.n_bytes,
            before.modified_ns,
        ):
            return before.sha256
        return sha256_of(path)
    except OSError:
        return ""
