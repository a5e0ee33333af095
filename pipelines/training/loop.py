"""The training loop: mixed precision, warm-up, decay, averaged weights, resumable."""

import copy
import logging
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from biomech.errors import ConfigError, ModelError
from pipelines.files import replacing
from pipelines.training.augment import Augmentation
from pipelines.training.batches import Batches, Source, on_device
from pipelines.training.network import (
    criterion_of,
    load_into,
    new_network,
    save_weights,
)
from pipelines.training.parallel import Team, agree, join, leave, share_gradients

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes
    ----------
    architecture
        A pose architecture of ultralytics.
    n_pictures
        Augmented pictures to learn from, in all; training ends there.
    max_minutes
        Training ends after this time at the latest, its decay included.
    size_px
        Edge of the pictures learned from.
    batch_size
        Pictures per step, of all processes together.
    peak_rate
        Step size of AdamW after the warm-up.
    warm_up_steps
        Steps over which the step size grows from zero.
    decay_share
        Share of the training, at its end, over which the step size falls (a cosine).
    final_rate_share
        Step size at the end, in parts of the peak.
    weight_decay
        Pull of weights (not of biases and norms) towards zero.
    averaging
        Share of the old in the moving average of weights, per step.
    save_minutes
        How often a state to resume from is written.
    n_frozen
        Layers, from the first on, that stay as they start: they hold edges and
        textures, and cost a fifth of the time.
    """

    architecture: str = "yolo11n-pose.yaml"
    n_pictures: int = 200_000
    max_minutes: float = math.inf
    size_px: int = 224
    batch_size: int = 32
    peak_rate: float = 2e-3
    warm_up_steps: int = 150
    decay_share: float = 0.4
    final_rate_share: float = 0.02
    weight_decay: float = 0.02
    averaging: float = 0.995
    save_minutes: float = 2.0
    n_frozen: int = 0
    augmentation: Augmentation = field(default_factory=Augmentation)

    def rate(self, progress: float, step: int) -> float:
        """Return the step size at a share of the training, 0 to 1.

        Parameters
        ----------
        progress
            How much of the training is done.
        step
            Number of the step in this run, from 0.
        """
        warm = min(1.0, (step + 1) / max(self.warm_up_steps, 1))
        late = max(0.0, (progress - 1 + self.decay_share) / max(self.decay_share, 1e-9))
        fall = 0.5 * (1 + math.cos(math.pi * min(late, 1.0)))
        low = self.final_rate_share
        return self.peak_rate * warm * (low + (1 - low) * fall)


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
    if recipe.size_px % 32 or recipe.size_px < 64:
        problems.append(f"size_px is {recipe.size_px}, not a multiple of 32 from 64 on")
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


def _run(trainee: "Trainee", batches: Batches, team: Team, out: Path) -> None:
    recipe = trainee.recipe
    share = recipe.batch_size // team.size
    began, spent, saved = time.monotonic(), trainee.minutes, trainee.minutes
    first = trainee.n_seen
    while True:
        trainee.minutes = spent + (time.monotonic() - began) / 60
        by_time = trainee.minutes / recipe.max_minutes
        progress = agree(max(by_time, trainee.n_seen / recipe.n_pictures), team)
        if progress >= 1:
            break
        batch = batches.draw(share, size_px=recipe.size_px)
        losses = trainee.step(batch, progress, team)
        if team.leads and trainee.n_steps % 50 == 0:
            pace = (trainee.n_seen - first) / max(time.monotonic() - began, 1e-9)
            _say(trainee, losses, pace, batches.n_pictures)
        if team.leads and trainee.minutes - saved > recipe.save_minutes:
            saved = trainee.minutes
            trainee.save(out)
    if team.leads:
        trainee.save(out)


def _say(trainee: "Trainee", losses: dict[str, float], pace: float, known: int) -> None:
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


class Trainee:
    """A network that learns: weights, their average, optimiser and counters."""

    def __init__(self, recipe: Recipe, device: torch.device, /) -> None:
        self.recipe = recipe
        self.device = device
        network = new_network(recipe.architecture).to(device)
        self.network = network.to(memory_format=torch.channels_last).train()
        _freeze(self.network, recipe.n_frozen)
        self.criterion = criterion_of(self.network)
        self.optimiser = _optimiser(self.network, recipe)
        self.average = _frozen_copy(self.network)
        self.n_steps = 0
        self.n_seen = 0
        self.minutes = 0.0
        self.rate = 0.0
        self._losses: dict[str, float] = {}

    def begin_from(self, weights: Path, /) -> None:
        """Start from the weights of another training."""
        load_into(self.network, weights)
        self.average.load_state_dict(self.network.state_dict())

    def step(
        self, batch: dict[str, Any], progress: float, team: Team
    ) -> dict[str, float]:
        """Learn from one batch.

        Returns
        -------
        Losses, averaged over about the last thirty steps.
        """
        self.rate = self.recipe.rate(progress, self.n_steps)
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate
        batch = on_device(batch, self.device)
        with torch.autocast(self.device.type, torch.bfloat16):
            found = self.network(batch["img"])
        loss, parts = self.criterion(_in_float32(found), batch)
        n_pictures = len(batch["img"])
        self.optimiser.zero_grad(set_to_none=True)
        (loss.sum() / n_pictures).backward()
        share_gradients(self.network, team)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 10.0)
        self.optimiser.step()
        self.n_steps += 1
        self.n_seen += n_pictures * team.size
        self._average()
        for name, value in parts.items():
            old = self._losses.get(name, float(value))
            self._losses[name] = 0.97 * old + 0.03 * float(value)
        return self._losses

    def _average(self) -> None:
        """Let the average follow, quickly at first."""
        keep = min(self.recipe.averaging, (1 + self.n_steps) / (10 + self.n_steps))
        with torch.no_grad():
            now = self.network.state_dict()
            for name, values in self.average.state_dict().items():
                if values.is_floating_point():
                    values.lerp_(now[name], 1 - keep)

    def save(self, out: Path, /) -> None:
        """Write the weights, and the state to resume from."""
        save_weights(self.average, out / "weights.pt", imgsz=self.recipe.size_px)
        state = {
            "architecture": self.recipe.architecture,
            "recipe": asdict(self.recipe),
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "counters": (self.n_steps, self.n_seen, self.minutes),
        }
        with replacing(out / "state.pt") as part:
            torch.save(state, part)

    def restore(self, path: Path, /) -> None:
        """Go on where a training stopped.

        Raises
        ------
        ModelError
            If the state is damaged or of another architecture.
        """
        try:
            state = torch.load(path, map_location=self.device, weights_only=True)
            self.network.load_state_dict(state["network"])
            self.average.load_state_dict(state["average"])
            self.optimiser.load_state_dict(state["optimiser"])
        except (RuntimeError, KeyError, ValueError, EOFError) as error:
            msg = f"cannot resume from {path}: {error}"
            raise ModelError(msg) from error
        self.n_steps, self.n_seen, self.minutes = state["counters"]


def _frozen_copy(network: Any) -> Any:
    average = copy.deepcopy(network).eval()
    average.requires_grad_(requires_grad=False)
    return average


def _freeze(network: Any, n_layers: int) -> None:
    """Keep the first layers and the statistics of their norms as they are."""
    for layer in network.model[:n_layers]:
        layer.eval()
        layer.requires_grad_(requires_grad=False)


def _optimiser(network: Any, recipe: Recipe) -> torch.optim.Optimizer:
    """Make AdamW; biases and norms do not decay."""
    learning = [p for p in network.parameters() if p.requires_grad]
    groups = [
        {
            "params": [p for p in learning if p.ndim > 1],
            "weight_decay": recipe.weight_decay,
        },
        {"params": [p for p in learning if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.peak_rate, betas=(0.9, 0.99), fused=True)


def _in_float32(found: Any) -> Any:
    """Give the losses what they need more digits for."""
    if isinstance(found, torch.Tensor):
        return found.float()
    if isinstance(found, dict):
        return {name: _in_float32(values) for name, values in found.items()}
    if isinstance(found, list | tuple):
        return type(found)(_in_float32(values) for values in found)
    return found
