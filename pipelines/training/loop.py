"""The training loop: mixed precision, warm-up, decay, averaged weights, resumable."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from biomech.errors import ConfigError
from pipelines.training.batches import Batches, Source
from pipelines.training.parallel import Team, agree, join, leave
from pipelines.training.trainee import Recipe, Trainee

logger = logging.getLogger(__name__)


def train(
    sources: Sequence[Source],
    out: Path,
    /,
    *,
    recipe: Recipe,
    start: Path | None = None,
    resume: bool = False,
    device: str = "auto",
    n_processes: int = 1,
    n_workers: int = 0,
    seed: int = 0,
) -> Path:
    """Train a pose network from labelled pictures.

    Parameters
    ----------
    sources
        Folders of shards with their weights.
    out
        Folder for ``weights.pt`` (half precision, opened by `ultralytics.YOLO`) and
        ``state.pt`` (to resume from), both replaced every `Recipe.save_minutes`.
    recipe
        How to train.
    start
        Weights to start from; by default random ones.
    resume
        Go on from ``state.pt`` in `out` if it is there.
    device
        ``auto``, ``cpu``, ``cuda``.
    n_processes
        On a processor, how many one-thread processes share the work.
    n_workers
        Threads per process that prepare pictures beside the training.
    seed
        Of all choices.

    Returns
    -------
    The file of weights.

    Raises
    ------
    FormatError
        If a source holds no labelled pictures.
    ConfigError
        If the recipe makes no sense.
    ModelError
        If the weights to start from do not fit.
    """
    _check(recipe, n_processes)
    out.mkdir(parents=True, exist_ok=True)
    where = torch.device(
        ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    )
    state = out / "state.pt"
    task = _Task(
        tuple(sources),
        out,
        recipe,
        start=start,
        state=state if resume and state.exists() else None,
        device=where,
        n_workers=n_workers,
        seed=seed,
    )
    if n_processes == 1:
        _work(task, Team())
        return task.weights
    meeting = out / f"meeting_{time.time_ns()}"
    try:
        torch.multiprocessing.spawn(
            _member, (n_processes, str(meeting), task), nprocs=n_processes
        )
    finally:
        meeting.unlink(missing_ok=True)
    return task.weights


@dataclass(frozen=True)
class _Task:
    """What every process of a team needs to know."""

    sources: tuple[Source, ...]
    out: Path
    recipe: Recipe
    start: Path | None
    state: Path | None
    device: torch.device
    n_workers: int
    seed: int

    @property
    def weights(self) -> Path:
        return self.out / "weights.pt"


def _member(rank: int, size: int, meeting_point: str, task: _Task) -> None:
    """Train as one of several processes."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    team = Team(rank, size)
    join(team, meeting_point)
    _work(task, team)
    leave(team)


def _check(recipe: Recipe, n_processes: int) -> None:
    problems = []
    problems += [
        f"a picture of {width} x {height} px: not multiples of 32 from 64 on"
        for width, height in recipe.sizes_px
        if width % 32 or height % 32 or min(width, height) < 64
    ]
    if n_processes < 1 or recipe.batch_size % max(n_processes, 1):
        problems.append(
            f"batch_size {recipe.batch_size} cannot be shared by {n_processes}"
        )
    if recipe.n_pictures < recipe.batch_size:
        problems.append(f"n_pictures {recipe.n_pictures} is less than one batch")
    if problems:
        raise ConfigError("; ".join(problems))


def _work(task: _Task, team: Team) -> None:
    """Train in this process."""
    torch.manual_seed(task.seed)
    batches = Batches(
        task.sources,
        seed=task.seed * 1000 + team.rank,
        how=task.recipe.augmentation,
        n_workers=task.n_workers,
    )
    trainee = Trainee(task.recipe, task.device)
    if task.state is not None:
        trainee.restore(task.state)
    elif task.start is not None:
        trainee.begin_from(task.start)
    _run(trainee, batches, team, task.out)


def _run(trainee: Trainee, batches: Batches, team: Team, out: Path) -> None:
    recipe = trainee.recipe
    began, spent, saved = time.monotonic(), trainee.minutes, trainee.minutes
    first = trainee.n_seen
    while True:
        trainee.minutes = spent + (time.monotonic() - began) / 60
        by_time = trainee.minutes / recipe.max_minutes
        progress = agree(max(by_time, trainee.n_seen / recipe.n_pictures), team)
        if progress >= 1:
            break
        n_pictures, size_px = recipe.portion(trainee.n_steps, team.size)
        batch = batches.draw(n_pictures, size_px=size_px)
        losses = trainee.step(batch, progress, team)
        if team.leads and trainee.n_steps % 50 == 0:
            pace = (trainee.n_seen - first) / max(time.monotonic() - began, 1e-9)
            _say(trainee, losses, pace, batches.n_pictures)
        if team.leads and trainee.minutes - saved > recipe.save_minutes:
            saved = trainee.minutes
            trainee.save(out)
    if team.leads:
        trainee.save(out)


def _say(trainee: Trainee, losses: dict[str, float], pace: float, known: int) -> None:
    parts = " ".join(f"{name} {value:.3f}" for name, value in losses.items())
    logger.info(
        "%6.1f min  %8d pictures seen of %d  %5.1f/s  step size %.5f  %s",
        trainee.minutes,
        trainee.n_seen,
        known,
        pace,
        trainee.rate,
        parts,
    )
