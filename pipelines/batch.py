"""A batch: plan what is to be done for many videos, do it, and survive what fails."""

import time
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from biomech.errors import BiomechError
from pipelines.executors import Listener, WorkerDiedError, process_pool, serial
from pipelines.files import sole_writer
from pipelines.jobs import ClipJob
from pipelines.manifest import Outcome, announce, record
from pipelines.news import ClipDone, FramesDone, StageBegun
from pipelines.pages import write_list
from pipelines.pose import close_model
from pipelines.stages import STAGE, digests, why_run
from pipelines.tasks import Task

#: Seconds between two writings of the manifest while clips are finished quickly.
_MANIFEST_EVERY_S = 2.0

#: What a worker gives back for a clip.
Result = list[Outcome] | WorkerDiedError


def plan(jobs: Sequence[ClipJob], /) -> pl.DataFrame:
    """Say what a run would do, and why.

    Parameters
    ----------
    jobs
        The clips.

    Returns
    -------
    One row per clip and stage: ``clip_id``, ``path``, ``stage``, ``digest`` and
    ``reason``: ``new``, ``changed``, ``incomplete``, ``forced``, or null where the
    result is there already.
    """
    rows = [
        (job.clip_id, str(job.path), name, digest, why_run(job, name, digest))
        for job in jobs
        for name, digest in digests(job).items()
        if name in job.stages and STAGE[name].is_wanted(job)
    ]
    columns = ("clip_id", "path", "stage", "digest", "reason")
    schema = dict.fromkeys(columns, pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def run(
    jobs: Sequence[ClipJob], /, *, n_workers: int | None = None, listener: Listener
) -> list[Outcome]:
    """Do everything for all clips that is not done yet.

    Finished stages are left alone, whatever ended an earlier run. A clip that fails
    stops none of the others. The manifest is kept up to date on the way.

    Parameters
    ----------
    jobs
        The clips.
    n_workers
        Processes to work in, which may crash; by default this one, which must not.
    listener
        Told `pipelines.news`.

    Returns
    -------
    What became of every stage of every clip; and, without a clip, of the page that
    lists them, if that failed.

    Raises
    ------
    ConfigError
        If another run writes to the same folder.
    """
    if not jobs:
        return []
    with sole_writer(jobs[0].out.root):
        if n_workers is None:
            done = serial(run_clip, jobs, listener=listener)
        else:
            done = process_pool(run_clip, jobs, listener=listener, n_workers=n_workers)
        announce(jobs[0].out.manifest, _pending(jobs))
        outcomes = _gather(done, jobs[0].out.manifest)
        if any("report" in job.stages for job in jobs):
            outcomes += _list_clips(jobs[0])
    return outcomes


def _gather(done: Iterable[tuple[ClipJob, Result]], manifest: Path) -> list[Outcome]:
    """Take results as they come, and keep the manifest up to date."""
    outcomes: list[Outcome] = []
    fresh: list[Outcome] = []
    written_s = time.monotonic()
    try:
        for job, result in done:
            if isinstance(result, WorkerDiedError):
                fresh += _all_failed(job, str(result))
            else:
                fresh += result
            if time.monotonic() - written_s > _MANIFEST_EVERY_S:
                record(manifest, fresh)
                outcomes, fresh, written_s = outcomes + fresh, [], time.monotonic()
    finally:
        close_model()
        if fresh:
            record(manifest, fresh)
    return outcomes + fresh


def run_clip(job: ClipJob, tell: Listener, /) -> list[Outcome]:
    """Run the stages of one clip that are not finished.

    Parameters
    ----------
    job
        The clip.
    tell
        Told `pipelines.news`.

    Returns
    -------
    One outcome per stage. Errors are in there; none is raised.
    """
    began_s = time.monotonic()
    outcomes: dict[str, Outcome] = {}
    n_run = 0
    for name, digest in digests(job).items():
        if name not in job.stages or not STAGE[name].is_wanted(job):
            continue
        row = Outcome(job.clip_id, name, "done", str(job.path), digest)
        if not _all_done(outcomes, STAGE[name].needs or STAGE[name].inputs):
            outcomes[name] = replace(row, status="blocked", digest=None)
        elif why_run(job, name, digest) is None:
            outcomes[name] = row
        else:
            n_run += 1
            tell(StageBegun(job.clip_id, job.path.name, name))
            is_final = _all_done(outcomes, STAGE[name].inputs)
            outcomes[name] = _run_stage(job, row, tell, is_final=is_final)
    errors = tuple(o.error for o in outcomes.values() if o.error)
    seconds = time.monotonic() - began_s
    tell(ClipDone(job.clip_id, job.path.name, errors, n_run, seconds))
    return list(outcomes.values())


def _all_done(outcomes: Mapping[str, Outcome], names: Iterable[str]) -> bool:
    """Whether none of these stages failed; those that are not run count as done."""
    return all(outcomes[n].status == "done" for n in names if n in outcomes)


def _run_stage(
    job: ClipJob, row: Outcome, tell: Listener, *, is_final: bool
) -> Outcome:
    """Run one stage; whatever goes wrong becomes a row of the manifest."""
    stage = STAGE[row.stage]
    known = digests(job)

    def progress(n_done: int, n_frames: int | None) -> None:
        tell(FramesDone(job.clip_id, row.stage, n_done, n_frames))

    task = Task(
        job=job,
        stage=row.stage,
        digest=row.digest if is_final and row.digest else "incomplete",
        inputs={i: known[i] for i in stage.inputs},
        settings=stage.settings(job),
        progress=progress,
    )
    began_s = time.monotonic()
    try:
        note = stage.run(task)
    except (BiomechError, OSError) as error:
        return replace(row, status="failed", digest=None, error=_one_line(error))
    except Exception as error:  # noqa: BLE001 - one clip must not stop the others
        line = f"unforeseen {type(error).__name__}: {_one_line(error)}"
        trace = traceback.format_exc()
        return replace(row, status="failed", digest=None, error=line, traceback=trace)
    return replace(row, seconds=time.monotonic() - began_s, note=note)


def _list_clips(job: ClipJob) -> Iterator[Outcome]:
    """Write the page that lists all clips; tell only if that fails."""
    try:
        write_list(job.out, language=job.config.report.language)
    except Exception as error:  # noqa: BLE001 - the clips are done all the same
        line = f"{type(error).__name__}: {_one_line(error)}"
        trace = traceback.format_exc()
        index = str(job.out.index)
        yield Outcome("", "report", "failed", index, error=line, traceback=trace)


def _pending(jobs: Sequence[ClipJob]) -> Iterator[Outcome]:
    """List everything that a run is about to look at."""
    for job in jobs:
        for name in STAGE:
            if name in job.stages and STAGE[name].is_wanted(job):
                yield Outcome(job.clip_id, name, "pending", str(job.path))


def _one_line(error: Exception) -> str:
    text = str(error)
    if isinstance(error, OSError) and error.strerror:  # of the system, with a number
        text = ": ".join(str(p) for p in (error.filename, error.strerror) if p)
    return " ".join(text.split()) or type(error).__name__


def _all_failed(job: ClipJob, reason: str) -> Iterator[Outcome]:
    """Blame the first unfinished stage of a clip whose worker died."""
    row = Outcome(job.clip_id, "", "done", str(job.path))
    status = "done"
    for name, digest in digests(job).items():
        if name not in job.stages or not STAGE[name].is_wanted(job):
            continue
        if status == "done" and why_run(job, name, digest) is not None:
            status = "blocked"
            yield replace(row, stage=name, status="failed", error=reason)
        elif status == "done":
            yield replace(row, stage=name, digest=digest)
        else:
            yield replace(row, stage=name, status="blocked")
