"""How good poses are: predictions against a truth, table against table."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import unit_of_poses
from biomech.errors import FormatError
from biomech.io.parquet import read_poses
from biomech.schema import Poses
from biomech.skeletons import KEYPOINTS
from pipelines.matching import Compared, average_precision, compare

Array = NDArray[np.float64]
Scores = pl.DataFrame

#: COCO's thresholds of OKS: 0.50, 0.55, ... 0.95.
OKS_THRESHOLDS = np.linspace(0.50, 0.95, 10)
#: A keypoint counts as found within this part of the torso's length.
PCK_TORSO_RATIO = 0.2
#: Length of the torso in parts of the diagonal around the keypoints: used where the
#: torso is not labelled, and as its least (a torso seen end-on has no length).
_TORSO_OF_DIAGONAL, _LEAST_TORSO_OF_DIAGONAL = 0.25, 0.12
#: Shoulder to ankle in parts of stature: shoulder height 0.818, ankle height 0.039
#: (Drillis and Contini 1966, in Winter 2009, doi:10.1002/9780470549148).
_CHAIN_OF_STATURE = 0.818 - 0.039
#: Share of a track's frames whose chain of segments is shorter than the stature used:
#: segments that point at the camera look short.
_STATURE_QUANTILE = 0.95
#: Variance of the third difference of white noise of variance 1: 1 + 9 + 9 + 1.
_THIRD_DIFFERENCE_VARIANCE = 20.0
_ROOT = ("left_hip", "right_hip")


def evaluate(predicted: Poses, truth: Poses, /) -> Scores:
    """Score poses against the truth.

    People are matched frame by frame as `pipelines.matching.compare` says, whatever
    their track numbers; compared are the keypoints of HALPE-26 that both tables have.

    Parameters
    ----------
    predicted, truth
        `poses` tables, both in pixels or both in metres; of one clip or many.

    Returns
    -------
    One row per ``metric`` and ``keypoint`` (null for all together): ``value`` (null if
    nothing could be compared), ``unit`` and ``n``, the number of keypoints (people for
    ``oks_*`` and ``missed``) it rests on. In pixels:

    - ``oks_ap_50_95``, ``oks_ap_50``, ``oks_ap_75``: COCO's average precision, 0 to 1;
    - ``oks_mean``: similarity of each person, 0 for those not found;
    - ``missed``, ``extra``: people not found, and found where nobody is, per person;
    - ``pck``: share of keypoints within 0.2 of the torso's length; those of people not
      found count as wrong;
    - ``error_median``, ``error_p95``: distance of the keypoints of people who were
      found, in percent of body height;
    - ``jitter``, ``jitter_of_truth``: standard deviation of the white noise whose third
      difference is that of the coordinates, in percent of body height.

    In metres: ``mpjpe``, the mean distance per keypoint, and ``mpjpe_root``, the same
    with the middle of the hips laid over each other; ``missed`` and ``extra``.

    Raises
    ------
    SchemaError
        If a table is no poses table, the units differ or no frame is common.
    SkeletonError
        If the tables have no keypoint in common.

    References
    ----------
    Lin et al. (2014), doi:10.1007/978-3-319-10602-1_48 (COCO); Yang and Ramanan (2013),
    doi:10.1109/TPAMI.2012.261 (PCK); Ionescu et al. (2014), doi:10.1109/TPAMI.2013.248
    (MPJPE).
    """
    compared = compare(predicted, truth)
    in_pixels = unit_of_poses(truth) == "px"
    rows = [*_people(compared)]
    rows += _in_pixels(compared) if in_pixels else _in_metres(compared)
    return pl.DataFrame(
        rows,
        schema={
            "metric": pl.String,
            "keypoint": pl.Enum(KEYPOINTS),
            "value": pl.Float64,
            "unit": pl.String,
            "n": pl.Int32,
        },
        orient="row",
    ).with_columns(pl.col("value").fill_nan(None))


def read_many(path: Path, /) -> Poses:
    """Read one file of poses, or all of a folder.

    Parameters
    ----------
    path
        A Parquet file, or a folder of Parquet files of the same unit; of a folder with
        ``*.truth.parquet``, as that of the sample videos, only those are read.

    Returns
    -------
    A `poses` table; keypoints that a file lacks are null.

    Raises
    ------
    FormatError
        If there is nothing to read, or a file is damaged.
    SchemaError
        If a file holds another kind of table.
    """
    files = [path]
    if path.is_dir():
        files = sorted(path.glob("*.truth.parquet")) or sorted(path.glob("*.parquet"))
    if not files:
        msg = f"there is no Parquet file in {path}"
        raise FormatError(msg)
    return pl.concat([read_poses(file) for file in files], how="diagonal_relaxed")


Row = tuple[str, str | None, float, str, int]


def _people(compared: Compared) -> Iterator[Row]:
    n_true = len(compared.truth)
    n_missed = int((~_matched(compared)).sum())
    n_extra = compared.n_found - (n_true - n_missed)
    yield "missed", None, n_missed / n_true if n_true else np.nan, "ratio", n_true
    yield "extra", None, n_extra / n_true if n_true else np.nan, "ratio", n_true


def _matched(compared: Compared) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(compared.found).any(axis=(1, 2)))


def _in_pixels(compared: Compared) -> Iterator[Row]:
    n_true = len(compared.truth)
    precision = average_precision(compared, thresholds=OKS_THRESHOLDS)
    yield "oks_ap_50_95", None, float(precision.mean()), "ratio", n_true
    yield "oks_ap_50", None, float(precision[0]), "ratio", n_true
    yield "oks_ap_75", None, float(precision[5]), "ratio", n_true
    mean_oks = float(compared.oks.mean()) if n_true else np.nan
    yield "oks_mean", None, mean_oks, "ratio", n_true
    error = np.linalg.norm(compared.found - compared.truth, axis=-1)
    labelled = np.isfinite(compared.truth).all(axis=-1)
    close = error < PCK_TORSO_RATIO * torso_lengths(compared)[:, None]
    yield from _by_keypoint(
        "pck", np.where(labelled, close, np.nan), np.mean, "ratio", compared.keypoints
    )
    height = statures(compared)
    percent = 100 * error / height[:, None]
    yield from _by_keypoint("error_median", percent, np.median, "%", compared.keypoints)
    yield from _by_keypoint("error_p95", percent, _p95, "%", compared.keypoints)
    for name, points in (
        ("jitter", compared.found),
        ("jitter_of_truth", compared.truth),
    ):
        noise = _white_noise(points, compared.frames)
        relative = 100 * noise / height[3:, None]
        yield from _by_keypoint(
            name, relative, _root_mean_square, "%", compared.keypoints
        )


def _in_metres(compared: Compared) -> Iterator[Row]:
    error = np.linalg.norm(compared.found - compared.truth, axis=-1)
    yield from _by_keypoint("mpjpe", error, np.mean, "m", compared.keypoints)
    if set(_ROOT) <= set(compared.keypoints):
        at = [compared.keypoints.index(name) for name in _ROOT]
        moved = [
            points - points[:, at].mean(axis=1, keepdims=True)
            for points in (compared.found, compared.truth)
        ]
        error = np.linalg.norm(moved[0] - moved[1], axis=-1)
        yield from _by_keypoint("mpjpe_root", error, np.mean, "m", compared.keypoints)


def _by_keypoint(
    metric: str,
    values: Array,
    summary: Callable[[Array], Any],
    unit: str,
    keypoints: tuple[str, ...],
) -> Iterator[Row]:
    """Summarise all values, then those of each keypoint."""
    columns = [(None, values.ravel()), *zip(keypoints, values.T, strict=True)]
    for keypoint, column in columns:
        known = column[np.isfinite(column)]
        value = float(summary(known)) if len(known) else np.nan
        yield metric, keypoint, value, unit, len(known)


def torso_lengths(compared: Compared, /) -> Array:
    """Measure the distance from mid-shoulder to mid-hip of everybody in the truth.

    Parameters
    ----------
    compared
        What `compare` gave.

    Returns
    -------
    Shape (rows,), in the tables' unit; a quarter of the diagonal around the keypoints
    where the torso is not labelled, and at least 0.12 of that diagonal.
    """
    known = np.isfinite(compared.truth)
    most = np.where(known, compared.truth, -np.inf).max(axis=1, initial=-np.inf)
    least = np.where(known, compared.truth, np.inf).min(axis=1, initial=np.inf)
    span = np.where(known.any(axis=1), most - least, 0.0)
    diagonal = np.linalg.norm(span, axis=-1)
    shoulder, hip = (_middle(compared, part) for part in ("shoulder", "hip"))
    length = np.linalg.norm(shoulder - hip, axis=-1)
    length = np.where(np.isfinite(length), length, _TORSO_OF_DIAGONAL * diagonal)
    torso: Array = np.maximum(length, _LEAST_TORSO_OF_DIAGONAL * diagonal)
    return torso


def statures(compared: Compared, /) -> Array:
    """Estimate the body height behind each row of the truth, in the tables' unit.

    Parameters
    ----------
    compared
        What `compare` gave.

    Returns
    -------
    Shape (rows,): shoulder to hip to knee to ankle, the longer side, its 95th
    percentile over the track, divided by 0.779; NaN for tracks that never show a leg
    and a trunk.
    """
    chain = np.zeros(len(compared.truth))
    for upper, lower in (("hip", "knee"), ("knee", "ankle")):
        sides = [
            np.linalg.norm(
                _point(compared, f"{side}_{upper}")
                - _point(compared, f"{side}_{lower}"),
                axis=-1,
            )
            for side in ("left", "right")
        ]
        chain = chain + np.fmax(*sides)
    trunk = _middle(compared, "shoulder") - _middle(compared, "hip")
    chain = chain + np.linalg.norm(trunk, axis=-1)
    return (
        compared.frames.select("clip_id", "track_id")
        .with_columns(chain=pl.Series(chain, nan_to_null=True))
        .select(
            pl.col("chain")
            .quantile(_STATURE_QUANTILE, interpolation="linear")
            .over("clip_id", "track_id")
            / _CHAIN_OF_STATURE
        )
        .to_series()
        .to_numpy()
        .astype(np.float64)
    )


def _point(compared: Compared, name: str) -> Array:
    if name not in compared.keypoints:
        return np.full_like(compared.truth[:, 0], np.nan)
    return compared.truth[:, compared.keypoints.index(name)]


def _middle(compared: Compared, part: str) -> Array:
    middle: Array = (
        _point(compared, f"left_{part}") + _point(compared, f"right_{part}")
    ) / 2
    return middle


def _white_noise(points: Array, frames: pl.DataFrame) -> Array:
    """Give the noise per row and keypoint that its third difference stands for."""
    track = frames.select(pl.struct("clip_id", "track_id").rank("dense")).to_series()
    number, frame = (x.to_numpy().astype(np.int64) for x in (track, frames["frame"]))
    follows = (number[3:] == number[:-3]) & (frame[3:] - frame[:-3] == 3)
    squared = np.mean(np.diff(points, n=3, axis=0) ** 2, axis=-1)
    noise = np.sqrt(squared / _THIRD_DIFFERENCE_VARIANCE)
    return np.where(follows[:, None], noise, np.nan)


def _root_mean_square(values: Array) -> float:
    return float(np.sqrt(np.mean(values**2)))


def _p95(values: Array) -> float:
    return float(np.quantile(values, 0.95))
