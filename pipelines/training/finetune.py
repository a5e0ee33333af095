"""Adapt a pose network to a user's own labelled pictures."""

import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from biomech.errors import ConfigError, ModelError
from pipelines.evaluate import Scores
from pipelines.models import ModelSource, find_model, load_model
from pipelines.models.trust import trust
from pipelines.training.assess import assess
from pipelines.training.datasets import Split, read_dataset, split_by_video
from pipelines.training.labelled import DataSet
from pipelines.training.trainer import run_trainer
from pipelines.training.yolo import write_yolo

logger = logging.getLogger(__name__)

#: Room for checkpoints, in copies of the base weights (optimiser and average in
#: float32, last and best), and for everything else.
_CHECKPOINT_COPIES, _SPARE_BYTES = 16, 100 * 2**20


@dataclass(frozen=True)
class FineTuning:
    """How to adapt a network.

    Attributes
    ----------
    epochs
        Passes over the pictures, at most.
    patience
        Stop after so many passes without progress on the held-out pictures.
    imgsz
        Longer side of the network's input in pixels; None keeps the base model's.
    batch_size
        Pictures per step.
    held_out_share
        Least share of the pictures to judge by, whole videos where there are several.
    device
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    seed
        Of all choices.
    """

    epochs: int = 100
    patience: int = 20
    imgsz: int | None = None
    batch_size: int = 16
    held_out_share: float = 0.2
    device: str = "auto"
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense, all at once."""
        problems = [
            f"{name} is {value}, needed is at least 1"
            for name, value in (
                ("epochs", self.epochs),
                ("patience", self.patience),
                ("batch_size", self.batch_size),
            )
            if value < 1
        ]
        if not 0 < self.held_out_share < 1:
            problems.append(
                f"held_out_share is {self.held_out_share}, not between 0 and 1"
            )
        if self.imgsz is not None and (self.imgsz < 32 or self.imgsz % 32):
            problems.append(f"imgsz is {self.imgsz}, not a multiple of 32")
        if problems:
            raise ConfigError("; ".join(problems))

    def trainer_options(self) -> dict[str, Any]:
        """Name the knobs as ultralytics' trainer does, without those left to it."""
        options = {
            "epochs": self.epochs,
            "patience": self.patience,
            "imgsz": self.imgsz,
            "batch": self.batch_size,
            "device": None if self.device == "auto" else self.device,
            "seed": self.seed,
        }
        return {name: value for name, value in options.items() if value is not None}


@dataclass(frozen=True)
class FineTuned:
    """What fine-tuning gave.

    Attributes
    ----------
    weights
        The new weights; they are trusted on this computer.
    before, after
        Scores of base and new weights on the held-out pictures; ``before`` is None
        where the base names other keypoints.
    split
        What was learned from and what was held out.
    """

    weights: Path
    before: Scores | None
    after: Scores
    split: Split


def fine_tune(
    data: Path,
    out: Path,
    /,
    *,
    base: str | Path | None = None,
    images: Path | None = None,
    how: FineTuning | None = None,
) -> FineTuned:
    """Train a pose network on labelled pictures, starting from a known one.

    The data set is checked as a whole before anything is written, some videos are held
    out, training stops when they are no longer served better, and base and new weights
    are scored on them. `out` appears when everything is done, with ``<name>.pt``,
    ``<name>.toml`` (keypoint names), ``evaluation.parquet`` and ``report.md``, where
    the name is that of the folder.

    Parameters
    ----------
    data
        A COCO keypoints JSON, or a folder of ultralytics with ``data.yaml``.
    out
        The folder to make. It must not exist, or be empty.
    base
        Name or file of the weights to start from, as `pipelines.models.find_model`
        takes them.
    images
        For COCO: the folder of the pictures, if it is not beside the JSON.
    how
        How to train.

    Returns
    -------
    The new weights and their scores.

    Raises
    ------
    FormatError
        If something is wrong with the data set; the message lists everything.
    ModelError
        If the base model cannot be used, or training fails.
    ConfigError
        If the folder is in use, the disk is too full, or a number makes no sense.
    """
    how = how or FineTuning()
    _check_free(out)
    source = find_model(base)
    if source.path.suffix != ".pt":
        msg = f"only .pt weights can be trained further, not {source.path.name}"
        raise ModelError(msg)
    found = read_dataset(data, images=images)
    split = split_by_video(found.pictures, held_out_share=how.held_out_share)
    _check_space(out, source.path)
    work = out.with_name(f"{out.name}.part")
    shutil.rmtree(work, ignore_errors=True)
    try:
        parts = {"train": split.learned, "val": split.held_out}
        document = write_yolo(work / "dataset", parts, found.keypoints)
        best = run_trainer(
            source.path, document, work / "training", **how.trainer_options()
        )
        result = work / "result"
        weights = _keep(best, found.keypoints, result / f"{out.name}.pt")
        entry = trust(weights)
        before, after = _judge(source, weights, found, split, how)
        _report(result, source, split, before, after)
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.exists():
            out.rmdir()
        result.rename(out)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    logger.info("trusted %s (sha256 %s)", out / weights.name, entry.sha256[:16])
    return FineTuned(out / weights.name, before, after, split)


def _check_free(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        msg = f"{out} exists and is not an empty folder; choose another --out"
        raise ConfigError(msg)


def _check_space(out: Path, base: Path) -> None:
    """Refuse to begin what the disk cannot hold."""
    place = next(folder for folder in out.absolute().parents if folder.exists())
    needed = _CHECKPOINT_COPIES * base.stat().st_size + _SPARE_BYTES
    free = shutil.disk_usage(place).free
    if free < needed:
        msg = (
            f"{place} has {free / 2**20:.0f} MiB free; training needs "
            f"{needed / 2**20:.0f} MiB"
        )
        raise ConfigError(msg)


def _keep(best: Path, keypoints: tuple[str, ...], weights: Path) -> Path:
    """Put the weights and the names of their keypoints into the result."""
    weights.parent.mkdir(parents=True)
    shutil.copyfile(best, weights)
    names = ", ".join(f'"{name}"' for name in keypoints)
    weights.with_suffix(".toml").write_text(f"keypoints = [{names}]\n", "utf-8")
    return weights


def _judge(
    source: ModelSource, weights: Path, found: DataSet, split: Split, how: FineTuning
) -> tuple[Scores | None, Scores]:
    """Score base and new weights on the held-out pictures."""
    scores = []
    for network in (source, weights):
        # One look for both: left to itself, only the shipped model takes a second one.
        model = load_model(
            network,
            engine="torch",
            imgsz=how.imgsz,
            device=how.device,
            second_look=False,
        )
        try:
            pictures = (picture.load() for picture in split.held_out)
            common = set(model.skeleton.keypoints) & set(found.keypoints)
            scores.append(
                assess(model, pictures, keypoints=found.keypoints) if common else None
            )
        finally:
            model.close()
    before, after = scores
    if after is None:  # the new weights have the keypoints of the data set
        msg = f"{weights} does not give the keypoints of the data set"
        raise ModelError(msg)
    return before, after


def _report(
    folder: Path,
    source: ModelSource,
    split: Split,
    before: Scores | None,
    after: Scores,
) -> None:
    """Write the scores as a table for programs and as a page for people."""
    parts = [after.with_columns(weights=pl.lit("fine-tuned"))]
    if before is not None:
        parts.insert(0, before.with_columns(weights=pl.lit(source.name)))
    pl.concat(parts).write_parquet(folder / "evaluation.parquet")
    base = f"Base: {source.name} (sha256 {source.sha256[:16]})."
    counts = f"{len(split.learned)} pictures, judged on {len(split.held_out)}"
    lines = [
        "# Fine-tuned pose model",
        "",
        f"{base} Learned from {counts}: {split.rule}.",
        "",
        f"| metric | {source.name} | fine-tuned | unit |",
        "|---|---|---|---|",
        *_score_lines(before, after),
        "",
        f"Held out: {', '.join(sorted({p.video for p in split.held_out}))}",
        "",
    ]
    (folder / "report.md").write_text("\n".join(lines), "utf-8")


def _score_lines(before: Scores | None, after: Scores) -> Iterator[str]:
    """Write one line per score of all keypoints together."""
    old = _overall(before) if before is not None else {}
    units = dict(after.select("metric", "unit").iter_rows())
    for metric, new in _overall(after).items():
        values = (old.get(metric), new)
        cells = ["-" if value is None else f"{value:.3f}" for value in values]
        yield f"| {metric} | {' | '.join(cells)} | {units[metric]} |"


def _overall(scores: Scores) -> dict[str, float | None]:
    overall = scores.filter(pl.col("keypoint").is_null())
    return dict(overall.select("metric", "value").iter_rows())
