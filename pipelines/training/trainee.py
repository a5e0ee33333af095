"""A network that learns: recipe, steps, averaged weights, states to resume from."""

import copy
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from biomech.errors import ModelError
from pipelines.files import replacing
from pipelines.training.augment import Augmentation, Size
from pipelines.training.batches import on_device
from pipelines.training.network import (
    criterion_of,
    load_into,
    new_network,
    save_weights,
)
from pipelines.training.parallel import Team, share_gradients


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
    sizes_px
        Widths and heights of the pictures learned from, which take turns. A person
        fills one third to all of the height, so small people cost little.
    batch_size
        Pictures per step, of all processes together, at the largest size; there are
        more of smaller ones, in proportion.
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
    imgsz
        Longer side of the network's input that the weights ask for when they are used,
        in pixels. People should be as large there as in training.
    """

    architecture: str = "yolo11n-pose.yaml"
    n_pictures: int = 200_000
    max_minutes: float = math.inf
    sizes_px: tuple[Size, ...] = ((128, 160), (160, 256), (192, 320))
    batch_size: int = 32
    peak_rate: float = 2e-3
    warm_up_steps: int = 150
    decay_share: float = 0.4
    final_rate_share: float = 0.02
    weight_decay: float = 0.02
    averaging: float = 0.995
    save_minutes: float = 2.0
    n_frozen: int = 0
    imgsz: int = 384
    augmentation: Augmentation = field(default_factory=Augmentation)

    def portion(self, step: int, n_processes: int) -> tuple[int, Size]:
        """Return how many pictures a process takes in a step, and of which size.

        Parameters
        ----------
        step
            Number of the step in this run, from 0.
        n_processes
            How many share the work.
        """
        size = self.sizes_px[step % len(self.sizes_px)]
        largest = max(width * height for width, height in self.sizes_px)
        share = self.batch_size // n_processes
        return share * largest // (size[0] * size[1]), size

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
        save_weights(self.average, out / "weights.pt", imgsz=self.recipe.imgsz)
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
