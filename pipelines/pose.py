"""The pose stage: who is where in every frame, and who is who over time."""

from collections.abc import Iterator
from dataclasses import asdict
from multiprocessing.util import Finalize

from biomech.schema import POSES
from pipelines.config import PoseConfig
from pipelines.detection import Parts, Reach, Source, detect
from pipelines.jobs import ModelLoader
from pipelines.linking import link
from pipelines.models import ModelSource, PoseModel
from pipelines.models.streams import available_cpus
from pipelines.tasks import Task
from pipelines.tracking import Tracker
from pipelines.video import probe


def run(task: Task) -> str | None:
    """Find and follow people, and write ``poses_raw`` (and ``poses_world``).

    Parameters
    ----------
    task
        The stage to run.

    Returns
    -------
    A remark about the model or about damaged frames, or None.
    """
    job = task.job
    shared = job.n_workers > 1
    n_streams = max(1, available_cpus() // job.n_workers) if shared else None
    model = _keeper.model(job.load, job.model, job.config.pose, n_streams)
    parts = Parts(job.out.parts(job.clip_id, task.digest))
    clip = job.clip
    source = Source(job.clip_id, job.path, clip.capture_fps, clip.start_s, clip.end_s)
    reach = detect(
        source,
        model,
        parts,
        progress=task.progress,
        can_go_on=model.info.engine != "mediapipe",
    )
    linked = link(parts, Tracker(rate_hz=_rate_hz(source)))
    counts = {k: v for k, v in asdict(reach).items() if k.startswith("n_")}
    footer = {
        "model": model.info.as_meta(),
        "skeleton": model.skeleton.name,
        "frames": counts,
        "tables": ["poses_world"] if linked.has_world() else [],
    }
    if linked.has_world():
        task.write_pieces("poses_world", linked.pieces("world"), POSES, **footer)
    else:
        task.drop("poses_world")
    task.write_pieces("poses_raw", linked.pieces("image"), POSES, **footer)
    parts.remove()
    return "; ".join(_remarks(model, reach)) or None


def _rate_hz(source: Source) -> float:
    """Tell the rate at which the scene was filmed."""
    return float(probe(source.path, capture_fps=source.capture_fps).capture_rate)


def _remarks(model: PoseModel, reach: Reach) -> Iterator[str]:
    """Say what a reader of the results should know."""
    yield from model.info.notes
    if reach.n_damaged_frames:
        n = reach.n_damaged_frames + reach.n_frames
        yield f"{reach.n_damaged_frames} of {n} frames are damaged and were left out"


class _Keeper:
    """Keeps the model of this process ready from clip to clip."""

    def __init__(self) -> None:
        self._key: object = None
        self._model: PoseModel | None = None

    def model(
        self,
        load: ModelLoader,
        source: ModelSource | None,
        config: PoseConfig,
        n_streams: int | None,
    ) -> PoseModel:
        """Return the model, loaded anew if another one is asked for."""
        key = (load, source, config, n_streams)
        if self._model is None or key != self._key:
            self.close()
            self._key, self._model = key, load(source, config, n_streams)
            Finalize(None, self.close, exitpriority=1)  # for workers: at their end
        return self._model

    def close(self) -> None:
        """Give back what the model holds."""
        if self._model is not None:
            self._model.close()
            self._model = None


_keeper = _Keeper()


def close_model() -> None:
    """Give back the model that this process keeps ready, if there is one.

    To be called before the program ends: some engines cannot end later.
    """
    _keeper.close()
