"""Who is who: people of two poses tables, frame by frame, by their keypoints.

Rows of the truth are the measure: everything here is aligned to them.
"""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import keypoints_of, to_array, unit_of_poses
from biomech.errors import SchemaError, SkeletonError
from biomech.schema import Poses
from biomech.skeletons import HALPE26

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Spread of human labelling per keypoint, in parts of the square root of the person's
#: area: COCO's for its 17 points; added points take those of the nearest one.
_SIGMAS = {
    "nose": 0.026,
    "eye": 0.025,
    "ear": 0.035,
    "shoulder": 0.079,
    "elbow": 0.072,
    "wrist": 0.062,
    "hip": 0.107,
    "knee": 0.087,
    "ankle": 0.089,
    "head_top": 0.035,
    "neck": 0.079,
    "mid_hip": 0.107,
    "big_toe": 0.089,
    "small_toe": 0.089,
    "heel": 0.089,
}
#: Area of a person's outline in parts of the box around it, where no outline is known
#: (the factor that ultralytics uses).
_AREA_OF_BOX = 0.53
_BOX = ("box_x_min_px", "box_y_min_px", "box_x_max_px", "box_y_max_px")
#: Less alike than this is somebody else.
_MIN_OKS = 0.1


class Compared(NamedTuple):
    """Two poses tables side by side.

    Attributes
    ----------
    keypoints
        HALPE-26 keypoints that both have.
    frames
        Key columns of the truth, one row per person and frame.
    truth
        Shape (rows, keypoints, dims); NaN where the truth is silent.
    found
        The matched prediction, same shape; NaN where there is none.
    oks
        Object keypoint similarity of the match, 0 where there is none; NaN in metres.
    pairs
        All people of the same frame, matched or not.
    n_found
        Rows of the prediction in frames that the truth covers.
    score
        How sure the prediction is of each of its rows.
    """

    keypoints: tuple[str, ...]
    frames: pl.DataFrame
    truth: Array
    found: Array
    oks: Array
    pairs: "Pairs"
    n_found: int
    score: Array


class Pairs(NamedTuple):
    """Rows of truth and prediction in the same frame, with their likeness."""

    truth: Ints
    found: Ints
    likeness: Array


def sigmas_of(keypoints: tuple[str, ...], /) -> list[float]:
    """Return the spread that OKS allows each keypoint.

    Parameters
    ----------
    keypoints
        Names of `biomech.skeletons.HALPE26`.

    Returns
    -------
    Standard deviations in parts of the square root of the person's area.

    References
    ----------
    COCO keypoint evaluation, cocodataset.org/#keypoints-eval; Ronchi and Perona (2017),
    doi:10.1109/ICCV.2017.48.

    Examples
    --------
    >>> sigmas_of(("nose", "left_hip"))
    [0.026, 0.107]
    """
    plain = [name.removeprefix("left_").removeprefix("right_") for name in keypoints]
    return [_SIGMAS[name] for name in plain]


def compare(predicted: Poses, truth: Poses, /) -> Compared:
    """Find for every person of the truth the prediction that is most like it.

    Two people are matched if each is the other's best in that frame and, in pixels,
    their OKS is at least 0.1; then the rest is matched likewise.

    Parameters
    ----------
    predicted, truth
        `poses` tables in the same unit. Track numbers need not agree. Every person of
        the truth with a known keypoint counts, also in frames where the prediction has
        nobody; frames that only the prediction has, and clips that only one of them
        has, are left out. If each holds a single clip, the names may differ.

    Returns
    -------
    The two side by side.

    Raises
    ------
    SchemaError
        If a table is no poses table, the units differ or no frame is common.
    SkeletonError
        If no keypoint of HALPE-26 is common.
    """
    _check_units(predicted, truth)
    predicted = _same_clip(predicted, truth)
    names = _common_keypoints(predicted, truth)
    guessed = _in_common(predicted, truth)
    shown = _visible(truth, predicted, names)
    true, found = (to_array(t, keypoints=names) for t in (shown, guessed))
    n_dims = min(true.xyz.shape[2], found.xyz.shape[2])
    true_xyz, found_xyz = true.xyz[..., :n_dims], found.xyz[..., :n_dims]
    at_truth, at_found = _together(shown, guessed)
    gap = np.linalg.norm(found_xyz[at_found] - true_xyz[at_truth], axis=-1)
    if true.unit == "px":
        area = _areas(shown, true_xyz)[at_truth]
        likeness = _oks(gap, true_xyz[at_truth], area, names)
        floor = _MIN_OKS
    else:
        likeness = 1 / (1 + _row_mean(gap))
        floor = 0.0
    pairs = Pairs(at_truth, at_found, likeness)
    partner = _mutual_best(pairs, len(true_xyz), len(found_xyz), floor)
    hit = partner[:, 0] >= 0
    aligned = np.full_like(true_xyz, np.nan)
    aligned[hit] = found_xyz[partner[hit, 0]]
    oks = np.where(hit, likeness[partner[:, 1]] if len(likeness) else 0.0, 0.0)
    if true.unit == "m":
        oks = np.full_like(oks, np.nan)
    score = _scores(guessed, found.confidence)
    return Compared(
        names, true.frames, true_xyz, aligned, oks, pairs, guessed.height, score
    )


def average_precision(compared: Compared, /, *, thresholds: Array) -> Array:
    """Measure the average precision of keypoints at thresholds of OKS.

    Parameters
    ----------
    compared
        What `compare` gave, in pixels.
    thresholds
        Least OKS of a hit, one result for each.

    Returns
    -------
    Shape of `thresholds`, 0 to 1; NaN without people in the truth.

    Notes
    -----
    COCO's procedure: predictions in falling order of score take the free person most
    like them, precision is made monotonic and averaged over 101 recalls; one size
    class, every person counts.
    """
    n_true = len(compared.truth)
    if not n_true:
        return np.full(len(thresholds), np.nan)
    hits = _claimed(compared, thresholds)
    order = np.argsort(-compared.score, kind="stable")
    true_positives = np.cumsum(hits[order], axis=0)
    recall = true_positives / n_true
    precision = true_positives / np.arange(1, len(order) + 1)[:, None]
    envelope = np.maximum.accumulate(precision[::-1], axis=0)[::-1]
    levels = np.linspace(0, 1, 101)
    padded = np.vstack([envelope, np.zeros(len(thresholds))])
    columns = [
        padded[np.searchsorted(recall[:, k], levels - 1e-9), k].mean()
        for k in range(len(thresholds))
    ]
    return np.array(columns)


def _check_units(predicted: Poses, truth: Poses) -> None:
    units = unit_of_poses(predicted), unit_of_poses(truth)
    if units[0] != units[1]:
        msg = f"the prediction is in {units[0]} and the truth in {units[1]}"
        raise SchemaError(msg)


def _same_clip(predicted: Poses, truth: Poses) -> Poses:
    """Let two tables of one clip each be of the same clip."""
    names = truth["clip_id"].unique()
    if len(names) == 1 and predicted["clip_id"].n_unique() == 1:
        return predicted.with_columns(clip_id=pl.lit(names[0]))
    return predicted


def _in_common(predicted: Poses, truth: Poses) -> Poses:
    """Keep the frames of which the truth tells."""
    key = ["clip_id", "frame"]
    kept = predicted.join(truth.select(key).unique(), on=key, how="semi")
    if kept.is_empty() and not (predicted.is_empty() or truth.is_empty()):
        clips = (sorted(t["clip_id"].unique())[:3] for t in (predicted, truth))
        msg = "no frame is in both tables: clips {} and {}".format(*clips)
        raise SchemaError(msg)
    return kept.sort("clip_id", "track_id", "frame")


def _visible(truth: Poses, predicted: Poses, names: tuple[str, ...]) -> Poses:
    """Keep people of whom a keypoint is known, in the clips of the prediction."""
    axes = ("x_px", "y_px") if unit_of_poses(truth) == "px" else ("x_m", "y_m")
    known = pl.any_horizontal(
        pl.all_horizontal(
            pl.col(f"{name}_{axis}").is_not_null()
            & pl.col(f"{name}_{axis}").is_not_nan()
            for axis in axes
        )
        for name in names
    )
    if predicted.is_empty():
        kept = truth
    else:
        kept = truth.join(
            predicted.select("clip_id").unique(), on="clip_id", how="semi"
        )
    return kept.filter(known).sort("clip_id", "track_id", "frame")


def _common_keypoints(predicted: Poses, truth: Poses) -> tuple[str, ...]:
    both = set(keypoints_of(predicted)) & set(keypoints_of(truth))
    names = tuple(name for name in HALPE26.keypoints if name in both)
    if not names:
        has = [", ".join(keypoints_of(t)[:4]) or "none" for t in (predicted, truth)]
        msg = (
            "no keypoint of HALPE-26 is in both tables: "
            f"the prediction has {has[0]}, the truth {has[1]}, ..."
        )
        raise SkeletonError(msg)
    return names


def _together(truth: Poses, found: Poses) -> tuple[Ints, Ints]:
    """List all pairs of rows in the same frame."""
    key = ["clip_id", "frame"]
    left = truth.select(key).with_row_index("t")
    right = found.select(key).with_row_index("p")
    both = left.join(right, on=key, how="inner")
    return both["t"].to_numpy().astype(np.int64), both["p"].to_numpy().astype(np.int64)


def _areas(truth: Poses, xy: Array) -> Array:
    """Estimate the area of each person, from the box if the table has one."""
    wide, high = (np.ptp(_filled(xy[..., i]), axis=1) for i in (0, 1))
    area = wide * high
    if set(_BOX) <= set(truth.columns):
        box = truth.select(_BOX).cast(pl.Float64).to_numpy()
        of_box = (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])
        area = np.where(np.isfinite(of_box), of_box, area)
    estimate: Array = _AREA_OF_BOX * np.maximum(area, 1.0)
    return estimate


def _filled(values: Array) -> Array:
    """Put the row's mean where there is nothing; 0 in empty rows."""
    return np.where(np.isfinite(values), values, _row_mean(values)[:, None])


def _row_mean(values: Array) -> Array:
    """Average over keypoints, leaving out NaN; 0 in empty rows."""
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=1)
    mean: Array = total / np.maximum(known.sum(axis=1), 1)
    return mean


def _oks(gap: Array, truth: Array, area: Array, names: tuple[str, ...]) -> Array:
    """Average the likeness of the keypoints that the truth gives."""
    spread = 2 * np.array(sigmas_of(names))
    exponent = gap**2 / (2 * area[:, None] * spread**2)
    alike = np.where(np.isfinite(exponent), np.exp(-np.nan_to_num(exponent)), 0.0)
    labelled = np.isfinite(truth).all(axis=-1)
    oks: Array = (alike * labelled).sum(axis=1) / np.maximum(labelled.sum(axis=1), 1)
    return oks


def _mutual_best(pairs: Pairs, n_truth: int, n_found: int, floor: float) -> Ints:
    """Match rows that are each other's best, again and again.

    Returns the partner's row and the pair's number for each row of the truth, or -1.
    """
    partner = np.full((n_truth, 2), -1)
    alive = pairs.likeness >= floor
    while alive.any():
        likeness = np.where(alive, pairs.likeness, -1.0)
        best_truth, best_found = np.full(n_truth, -1.0), np.full(n_found, -1.0)
        np.maximum.at(best_truth, pairs.truth, likeness)
        np.maximum.at(best_found, pairs.found, likeness)
        mutual = alive & (likeness == best_truth[pairs.truth])
        mutual &= likeness == best_found[pairs.found]
        chosen = _first_of_each(pairs, np.flatnonzero(mutual))
        partner[pairs.truth[chosen]] = np.column_stack([pairs.found[chosen], chosen])
        alive &= ~np.isin(pairs.truth, pairs.truth[chosen])
        alive &= ~np.isin(pairs.found, pairs.found[chosen])
    return partner


def _first_of_each(pairs: Pairs, numbers: Ints) -> Ints:
    """Drop pairs whose row was used by an earlier pair of the list (ties)."""
    numbers = numbers[np.unique(pairs.truth[numbers], return_index=True)[1]]
    return numbers[np.unique(pairs.found[numbers], return_index=True)[1]]


def _scores(found: Poses, confidence: Array) -> Array:
    if "score" in found.columns:
        return found["score"].cast(pl.Float64).fill_null(0.0).to_numpy()
    return _row_mean(confidence)


def _claimed(compared: Compared, thresholds: Array) -> Flags:
    """Let predictions claim people in falling order of score, all frames at once."""
    pairs, score = compared.pairs, compared.score
    rank = _rank_in_frame(pairs, score, compared.n_found)
    taken = np.zeros((len(compared.truth), len(thresholds)), bool)
    hits = np.zeros((compared.n_found, len(thresholds)), bool)
    for turn in range(int(rank.max(initial=-1)) + 1):
        now = np.flatnonzero(rank[pairs.found] == turn)
        likeness = pairs.likeness[now, None]
        free = (likeness >= thresholds) & ~taken[pairs.truth[now]]
        value = np.where(free, likeness, -1.0)
        best = np.full_like(hits, -1.0, dtype=float)
        np.maximum.at(best, pairs.found[now], value)
        row, column = np.nonzero(free & (value == best[pairs.found[now]]))
        taken[pairs.truth[now][row], column] = True
        hits[pairs.found[now][row], column] = True
    return hits


def _rank_in_frame(pairs: Pairs, score: Array, n_found: int) -> Ints:
    """Rank the predictions of each frame by falling score, from 0."""
    # Pairs of one frame share their rows of truth: the first names the frame.
    frame = np.full(n_found, np.iinfo(np.int64).max)
    np.minimum.at(frame, pairs.found, pairs.truth)
    order = np.lexsort((-score, frame))
    start = np.flatnonzero(np.diff(frame[order], prepend=-1))
    first = np.zeros(n_found, np.int64)
    first[start] = start
    rank = np.empty(n_found, np.int64)
    rank[order] = np.arange(n_found) - np.maximum.accumulate(first)
    return rank
