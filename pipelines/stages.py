"""The stages of a run: what each needs, what it makes, and when it is finished.

A stage is finished when its main file carries the digest of the stage: the hash of its
version, its settings and the digests of its inputs. Nothing else is remembered, so a
run that was killed at any moment goes on with what is missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from biomech.errors import FormatError
from biomech.io.parquet import digest, read_meta
from pipelines import analysis, pose
from pipelines.clips import write_clip
from pipelines.drawing import draw_overlay
from pipelines.jobs import ClipJob
from pipelines.pages import write_report
from pipelines.stamps import read_stamp
from pipelines.tasks import Task


@dataclass(frozen=True)
class Stage:
    """One kind of work on a clip.

    Attributes
    ----------
    version
        Raised when the same settings and inputs give other results.
    inputs
        Stages whose results it reads.
    settings
        What its result depends on, besides those: anything JSON can hold.
    main
        The file that is written last and carries the digest.
    run
        Does the work; returns a remark for the manifest, or None.
    needs
        Stages without which it cannot run; by default its inputs.
    is_wanted
        Whether the clip's settings ask for it.
    """

    version: int
    inputs: tuple[str, ...]
    settings: Callable[[ClipJob], Mapping[str, Any]]
    main: Callable[[ClipJob], Path]
    run: Callable[[Task], str | None]
    needs: tuple[str, ...] = ()
    is_wanted: Callable[[ClipJob], bool] = lambda _: True


def _table(name: str) -> Callable[[ClipJob], Path]:
    return lambda job: job.out.table(name, job.clip_id)


def _clip_settings(job: ClipJob) -> dict[str, Any]:
    return {"video": job.sha256, **asdict(job.clip)}


def _pose_settings(job: ClipJob) -> dict[str, Any]:
    pose_config = asdict(job.config.pose)
    return {
        "video": job.sha256,
        "model": job.model.sha256 if job.model else None,
        **{k: pose_config[k] for k in ("precision", "imgsz", "second_look")},
        **{k: getattr(job.clip, k) for k in ("capture_fps", "start_s", "end_s")},
    }


def _clean_settings(job: ClipJob) -> dict[str, Any]:
    tracks = job.out.tracks(job.clip_id)
    return {
        **asdict(job.config.clean),
        "track": job.clip.track,
        "activity": job.clip.activity,
        "tracks": tracks.read_text(encoding="utf-8") if tracks.exists() else None,
    }


def _scale_settings(job: ClipJob) -> dict[str, Any]:
    return {k: getattr(job.clip, k) for k in ("height_m", "ground")}


def _metrics_settings(job: ClipJob) -> dict[str, Any]:
    return {k: getattr(job.clip, k) for k in ("height_m", "view", "handedness")}


#: Every stage by name, in the order in which they run.
STAGE: Mapping[str, Stage] = {
    "clip": Stage(1, (), _clip_settings, _table("clips"), write_clip),
    "pose": Stage(
        2, (), _pose_settings, _table("poses_raw"), pose.run, needs=("clip",)
    ),
    "clean": Stage(3, ("pose",), _clean_settings, _table("poses"), analysis.clean),
    "kinematics": Stage(
        1, ("clean",), _scale_settings, _table("signals"), analysis.kinematics
    ),
    "metrics": Stage(
        2,
        ("clean", "kinematics"),
        _metrics_settings,
        _table("metrics"),
        analysis.metrics,
    ),
    "overlay": Stage(
        1,
        ("clean",),
        lambda job: asdict(job.config.overlay),
        lambda job: job.out.overlay(job.clip_id),
        draw_overlay,
        is_wanted=lambda job: job.config.overlay.enabled and job.has_video,
    ),
    "report": Stage(
        1,
        ("clip", "clean", "kinematics", "metrics", "overlay"),
        lambda job: asdict(job.config.report),
        lambda job: job.out.report(job.clip_id),
        write_report,
        needs=("clip", "clean"),
    ),
}


def digests(job: ClipJob, /) -> dict[str, str]:
    """Compute the digest of every stage, before any of them has run.

    Parameters
    ----------
    job
        The clip and its settings.

    Returns
    -------
    SHA-256 by name of the stage. For a stage that is not to be run, that of the result
    which is there.
    """
    found: dict[str, str] = {}
    for name, stage in STAGE.items():
        if name not in job.stages:
            found[name] = read_stamp(stage.main(job)) or "none"
            continue
        found[name] = digest(
            {
                "stage": name,
                "version": stage.version,
                "settings": stage.settings(job),
                "inputs": {i: found[i] for i in stage.inputs},
                "wanted": stage.is_wanted(job),
            }
        )
    return found


def why_run(job: ClipJob, name: str, expected: str, /) -> str | None:
    """Say why a stage has to run, or None if its result is there.

    Parameters
    ----------
    job
        The clip.
    name
        The stage.
    expected
        Its digest.

    Returns
    -------
    ``"forced"``, ``"new"``, ``"changed"``, ``"incomplete"`` or None.
    """
    if job.forced and _at_or_after(name, job.forced):
        return "forced"
    main = STAGE[name].main(job)
    if not main.exists():
        return "new"
    if read_stamp(main) != expected:
        return "changed"
    return None if _has_all_tables(main) else "incomplete"


def _at_or_after(name: str, forced: frozenset[str]) -> bool:
    """Whether a stage is forced, or reads what a forced one makes."""
    return name in forced or any(_at_or_after(i, forced) for i in STAGE[name].inputs)


def _has_all_tables(main: Path) -> bool:
    """Whether the other tables that the stage wrote are still there."""
    if main.suffix != ".parquet":
        return True
    try:
        tables = read_meta(main).get("tables", [])
    except FormatError:
        return False
    return all((main.parent.parent / t / main.name).exists() for t in tables)
