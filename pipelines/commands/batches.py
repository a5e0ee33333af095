"""What the commands `run`, `pose`, `analyze` and `report` have in common."""

import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer

from biomech.errors import ConfigError, did_you_mean
from pipelines.batch import run
from pipelines.config import JOB_FILE, STAGES, Config
from pipelines.files import find_videos, make_folder
from pipelines.jobs import ClipJob, OutFolder, jobs_of_run, jobs_of_videos
from pipelines.manifest import Outcome
from pipelines.models import find_model, require_device
from pipelines.progress import Progress, in_minutes, printable

#: What a shell expects of a program that Ctrl-C ended.
_STOPPED = 130


@dataclass(frozen=True)
class Request:
    """What the user asked for on the command line.

    Attributes
    ----------
    known
        What is known about the clips: fields of `ClipConfig`; None says nothing.
    pose
        Fields of `PoseConfig`; None says nothing.
    report
        Fields of `ReportConfig`; None says nothing.
    job_file
        The job file, if one was named.
    settings
        Single settings such as ``clean.cutoff_hz=8``.
    force
        Stages to run again.
    stages
        Stages to run at all.
    n_workers
        Videos to work on at the same time.
    """

    known: Mapping[str, Any] = field(default_factory=dict)
    pose: Mapping[str, Any] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)
    job_file: Path | None = None
    settings: Sequence[str] = ()
    force: Sequence[str] = ()
    stages: tuple[str, ...] = STAGES
    n_workers: int = 1

    @property
    def clip(self) -> dict[str, Any]:
        """What was said about the clips."""
        found = {k: v for k, v in self.known.items() if v is not None}
        if str(found.get("track", "auto")).isdigit():
            found["track"] = int(found["track"])
        return found

    def config(self, inputs: Iterable[Path] = ()) -> Config:
        """Put together the settings: job file, then options, then ``--set``.

        An option on the command line also wins over what the job file says about
        single clips.
        """
        file = self.job_file or _job_file(inputs)
        config = Config.from_toml(file) if file else Config()
        pose = {k: v for k, v in self.pose.items() if v is not None}
        report = {k: v for k, v in self.report.items() if v is not None}
        config = config.updated({**self.clip, "pose": pose, "report": report})
        clips = {name: {**known, **self.clip} for name, known in config.clips.items()}
        return config.updated({"clips": clips}).with_settings(self.settings)

    def forced(self) -> frozenset[str]:
        """Check the names of the stages to force."""
        for stage in self.force:
            if stage not in STAGES:
                msg = f"unknown stage {stage!r}" + did_you_mean(stage, STAGES)
                raise ConfigError(msg)
        return frozenset(self.force)


def work_on_videos(
    inputs: Sequence[Path], out: Path, request: Request, *, as_json: bool
) -> int:
    """Run stages on videos, with progress, and say how it went.

    Parameters
    ----------
    inputs
        Video files and folders.
    out
        Where results go.
    request
        What was asked for.
    as_json
        Whether to print the result as JSON.

    Returns
    -------
    The exit code: 0 all done, 1 some clips failed, 130 stopped.
    """
    config = request.config(inputs)
    forced = request.forced()
    folder = OutFolder(out)
    if "pose" in request.stages:  # before anything that takes time
        require_device(config.pose.device)
    find_videos(inputs, out=out)
    make_folder(out)
    jobs = jobs_of_videos(
        inputs,
        out=folder,
        config=config,
        model=find_model(config.pose.model),
        forced=forced,
        stages=request.stages,
        n_workers=request.n_workers,
    )
    _warn_of_unknown_clips(config, jobs)
    return _work(jobs, folder, request.n_workers, as_json=as_json)


def work_on_run(out: Path, request: Request, *, as_json: bool) -> int:
    """Run stages on the clips of an earlier run.

    Parameters
    ----------
    out
        The folder of the run.
    request
        What was asked for.
    as_json
        Whether to print the result as JSON.

    Returns
    -------
    The exit code, as of `work_on_videos`.
    """
    folder = OutFolder(out)
    jobs = jobs_of_run(
        folder,
        config=request.config(),
        clip=request.clip,
        forced=request.forced(),
        stages=request.stages,
        n_workers=request.n_workers,
    )
    # Reading tables crashes nothing: one worker needs no process of its own.
    n_workers = request.n_workers if request.n_workers > 1 else None
    return _work(jobs, folder, n_workers, as_json=as_json)


def _work(
    jobs: Sequence[ClipJob], out: OutFolder, n_workers: int | None, *, as_json: bool
) -> int:
    """Run, show progress, report."""
    warning = next((j.model for j in jobs if j.model and j.model.is_demo), None)
    if warning is not None:
        from pipelines.models import DEMO_WARNING

        _say(f"warning: {DEMO_WARNING}")
    began_s = time.monotonic()
    progress = Progress(len(jobs))
    try:
        outcomes = run(jobs, n_workers=n_workers, listener=progress)
    except KeyboardInterrupt:
        _say("stopped. What is finished is kept: run the same command again to go on.")
        return _STOPPED
    finally:
        progress.close()
    return _conclude(outcomes, out, time.monotonic() - began_s, as_json=as_json)


def _conclude(
    outcomes: Sequence[Outcome], out: OutFolder, seconds: float, *, as_json: bool
) -> int:
    """Say what was done and what failed, and where the results are."""
    failed = [o for o in outcomes if o.status == "failed"]
    n_clips = len({o.clip_id for o in outcomes if o.clip_id})
    n_failed = len({o.clip_id for o in failed if o.clip_id})
    _say_notes(outcomes)
    for outcome in failed:
        if not outcome.clip_id:
            _say(f"error: {outcome.path} was not written: {outcome.error}")
    if as_json:
        document = {
            "out": str(out.root),
            "n_clips": n_clips,
            "n_failed": n_failed,
            "seconds": round(seconds, 3),
            "failed": [
                {
                    "clip_id": o.clip_id,
                    "path": o.path,
                    "stage": o.stage,
                    "error": o.error,
                }
                for o in failed
            ],
        }
        typer.echo(json.dumps(document, indent=2))
    else:
        done = f"{n_clips - n_failed} of {n_clips} clips done"
        typer.echo(f"{done} in {in_minutes(seconds)}; results in {out.root}")
        if out.index.exists():
            typer.echo(f"open {out.index}")
    return 1 if failed else 0


def _say_notes(outcomes: Sequence[Outcome]) -> None:
    """Say each remark once, with the clips that it is about."""
    clips: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.note:
            clips.setdefault(outcome.note, []).append(Path(outcome.path).name)
    for note, names in clips.items():
        about = names[0] if len(names) == 1 else f"{len(names)} clips"
        _say(f"note: {about}: {note}")


def _job_file(inputs: Iterable[Path]) -> Path | None:
    """Find the job file of an input folder."""
    files = [path / JOB_FILE for path in inputs if (path / JOB_FILE).is_file()]
    if len(files) > 1:
        msg = f"several inputs have a {JOB_FILE}; name one with --config"
        raise ConfigError(msg)
    return files[0] if files else None


def _warn_of_unknown_clips(config: Config, jobs: Sequence[ClipJob]) -> None:
    """Say which clips of a job file are not there: the name may be misspelt."""
    names = {job.path.name for job in jobs}
    absent = sorted(config.clips.keys() - names)
    if absent:
        hint = did_you_mean(absent[0], names) if len(absent) == 1 else ""
        _say(f"warning: no input is called {' or '.join(map(repr, absent))}{hint}")


def _say(text: str) -> None:
    """Tell the person at the terminal."""
    sys.stderr.write(printable(text) + "\n")
