"""Adapt a pose network to a user's own labelled pictures."""

import contextlib
import json
import logging
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import polars as pl

from biomech.errors import ConfigError, ModelError
from biomech.skeletons import mirror_of
from pipelines.evaluate import Scores
from pipelines.models import ModelSource, find_model, load_model
from pipelines.models.quiet import import_ultralytics
from pipelines.models.trust import trust
from pipelines.training.assess import assess
from pipelines.training.datasets import Split, read_dataset, split_by_video
from pipelines.training.labelled import DataSet, Labelled

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
        yaml_path = _write_yolo(work / "dataset", found, split)
        best = _run_trainer(source, yaml_path, work / "training", how)
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


def _write_yolo(folder: Path, found: DataSet, split: Split) -> Path:
    """Lay the split out as ultralytics wants it: links to pictures, label files."""
    for part, pictures in (("train", split.learned), ("val", split.held_out)):
        (folder / "images" / part).mkdir(parents=True)
        (folder / "labels" / part).mkdir(parents=True)
        for number, picture in enumerate(pictures):
            name = f"{number:06d}"
            link = folder / "images" / part / (name + picture.path.suffix.lower())
            _link(picture.path.resolve(), link)
            lines = _yolo_lines(picture)
            (folder / "labels" / part / f"{name}.txt").write_text("\n".join(lines))
    names = found.keypoints
    document = {
        "path": str(folder.resolve()),
        "train": "images/train",
        "val": "images/val",
        "kpt_shape": [len(names), 3],
        "flip_idx": [names.index(mirror_of(name)) for name in names],
        "names": {0: "person"},
        "kpt_names": {0: list(names)},
    }
    path = folder / "data.yaml"
    path.write_text(json.dumps(document, indent=1))  # JSON is YAML
    return path


def _link(picture: Path, link: Path) -> None:
    """Link to a picture, or copy it where ultralytics would write through the link.

    It saves a JPEG anew that does not end with the marker of its end.
    """
    jpeg = picture.suffix.lower() in (".jpg", ".jpeg")
    if jpeg and not picture.read_bytes().endswith(b"\xff\xd9"):
        shutil.copyfile(picture, link)
        return
    try:
        link.symlink_to(picture)
    except OSError:  # a file system without links
        shutil.copyfile(picture, link)


def _yolo_lines(picture: Labelled) -> list[str]:
    """Write people as class, centre, size and keypoints, in parts of the picture."""
    height, width = picture.load().image.shape[:2]
    size = pl.Series([width, height], dtype=pl.Float64).to_numpy()
    boxes = picture.boxes.reshape(-1, 2, 2).clip(0, size) / size
    centres, sides = boxes.mean(axis=1), boxes[:, 1] - boxes[:, 0]
    points = picture.keypoints.copy()
    labelled = points[..., 2:] > 0
    points[..., :2] = (points[..., :2].clip(0, size) / size) * labelled
    return [
        " ".join(["0", *(f"{v:.6g}" for v in (*centre, *side, *person.ravel()))])
        for centre, side, person in zip(centres, sides, points, strict=True)
    ]


def _run_trainer(
    source: ModelSource, data: Path, folder: Path, how: FineTuning
) -> Path:
    """Train with ultralytics and return its best weights."""
    ultralytics = import_ultralytics()
    with _torchvision():
        network = ultralytics.YOLO(str(source.path), task="pose")
        imgsz = how.imgsz or int(network.overrides.get("imgsz", 640))
        try:
            network.train(
                data=str(data),
                epochs=how.epochs,
                patience=how.patience,
                imgsz=imgsz,
                batch=how.batch_size,
                device=None if how.device == "auto" else how.device,
                seed=how.seed,
                project=str(folder.resolve()),
                name="run",
                exist_ok=True,
                plots=False,
                verbose=False,
                workers=0 if sys.platform == "win32" else 2,
            )
        except (RuntimeError, ValueError, OSError) as error:
            msg = f"training failed: {error}"
            raise ModelError(msg) from error
    best = folder / "run" / "weights" / "best.pt"
    if not best.is_file():
        msg = f"training ended without weights in {best.parent}"
        raise ModelError(msg)
    return best


@contextlib.contextmanager
def _torchvision() -> Iterator[None]:
    """Lend ultralytics' trainer the one function of torchvision that it calls.

    The torchvision of the package index does not load beside a torch without CUDA; its
    non-maximum suppression is then done by ultralytics' own.
    """
    try:
        import torchvision  # noqa: F401
    except (ImportError, RuntimeError, OSError):
        from ultralytics.utils.nms import TorchNMS

        broken = [name for name in sys.modules if name.split(".")[0] == "torchvision"]
        for name in broken:
            del sys.modules[name]
        lent: Any = ModuleType("torchvision")
        lent.ops = SimpleNamespace(nms=TorchNMS.nms)
        lent.__version__ = "0"
        sys.modules["torchvision"] = lent
        try:
            yield
        finally:
            del sys.modules["torchvision"]
    else:
        yield


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
    for model_path in (source, weights):
        model = load_model(
            model_path, engine="torch", imgsz=how.imgsz, device=how.device
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


def _score_lines(before: Scores | None, after: Scores) -> Sequence[str]:
    overall = pl.col("keypoint").is_null()
    old = (
        dict(before.filter(overall).select("metric", "value").iter_rows())
        if before is not None
        else {}
    )
    lines = []
    for row in after.filter(overall).iter_rows(named=True):
        values = (old.get(row["metric"]), row["value"])
        cells = ["-" if value is None else f"{value:.3f}" for value in values]
        lines.append(f"| {row['metric']} | {' | '.join(cells)} | {row['unit']} |")
    return lines
