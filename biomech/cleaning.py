"""From what a pose model saw to poses that can be measured, and what that took."""

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from biomech.arrays import axes_of, keypoints_of
from biomech.bands import Band, bands_of, max_gap_of
from biomech.filters import fill_gaps, mask_low_confidence, reject_outliers
from biomech.schema import Poses
from biomech.smoothing import Method, smoothing
from biomech.swaps import fix_swaps, swap_intervals


@dataclass(frozen=True)
class Step:
    """One step of cleaning: what was done, with which knobs, and how much it did.

    Longest gaps and cut-offs are those used, by keypoint; the cut-off that a smoother
    chose is the median of all tracks.
    """

    op: str
    params: dict[str, Any]
    counts: dict[str, float]


@dataclass(frozen=True)
class Cleaning:
    """Cleaned poses, and how they came about.

    Attributes
    ----------
    poses
        The cleaned `poses` table.
    steps
        What was done in which order; counts are of keypoints in frames ("points").
    swaps
        The repaired intervals, as `biomech.swap_intervals` lists them.
    """

    poses: Poses
    steps: tuple[Step, ...]
    swaps: pl.DataFrame

    def footer(self) -> list[dict[str, Any]]:
        """List the steps as JSON can hold them, for the footer of a file."""
        return [asdict(step) for step in self.steps]


def clean(
    poses_raw: Poses,
    /,
    *,
    activity: str = "none",
    min_confidence: float = 0.3,
    swaps: bool = True,
    outlier_sd: float = 4.0,
    method: Method = "rts",
    cutoff_hz: float | Band | None = None,
    max_gap_s: float | None = None,
) -> Poses:
    """Mask, repair, fill and smooth poses: the steps of `cleaning`, without its record.

    Parameters
    ----------
    poses_raw
        A `poses` table as detected and tracked.
    activity, min_confidence, swaps, outlier_sd, method, cutoff_hz, max_gap_s
        As in `cleaning`.

    Returns
    -------
    The `poses` table, sorted by clip, track and frame; see `cleaning`.

    Raises
    ------
    SchemaError
        If `poses_raw` is not a `poses` table, or its time does not grow.
    ConfigError
        If a knob is unknown or impossible at this frame rate.

    Examples
    --------
    >>> from biomech.synthetic import add_noise, pendulum
    >>> raw = add_noise(pendulum(), sd_px=4.0)
    >>> clean(raw, activity="walk")["left_ankle_sd_px"].mean() < 4.0
    True
    """
    return cleaning(
        poses_raw,
        activity=activity,
        min_confidence=min_confidence,
        swaps=swaps,
        outlier_sd=outlier_sd,
        method=method,
        cutoff_hz=cutoff_hz,
        max_gap_s=max_gap_s,
    ).poses


def cleaning(
    poses_raw: Poses,
    /,
    *,
    activity: str = "none",
    min_confidence: float = 0.3,
    swaps: bool = True,
    outlier_sd: float = 4.0,
    method: Method = "rts",
    cutoff_hz: float | Band | None = None,
    max_gap_s: float | None = None,
) -> Cleaning:
    """Mask, repair, fill and smooth poses, and keep a record.

    Parameters
    ----------
    poses_raw
        A `poses` table as detected and tracked.
    activity
        Sets cut-offs and gap limits, see `biomech.BANDS`.
    min_confidence
        Keypoints below it are dropped, 0 to 1.
    swaps
        Whether to repair exchanges of left and right.
    outlier_sd
        Robust standard deviations from the running median that make an outlier.
    method
        The smoother, see `biomech.smooth`.
    cutoff_hz
        Cut-off, or lowest and highest, instead of the activity's.
    max_gap_s
        The longest gap to fill, instead of the activity's.

    Returns
    -------
    A `Cleaning`: the poses, the steps with their counts, the repaired intervals.

    Raises
    ------
    SchemaError
        If `poses_raw` is not a `poses` table, or its time does not grow.
    ConfigError
        If a knob is unknown or impossible at this frame rate.

    Notes
    -----
    Exchanges are repaired before outliers are looked for: a short exchange would be
    thrown away as an outlier otherwise. The RTS smoother fills gaps itself; for other
    methods a cubic spline does before. Longer gaps stay null.
    """
    bands = bands_of(activity)
    masked = mask_low_confidence(poses_raw, min_confidence=min_confidence)
    sides = fix_swaps(masked) if swaps else masked
    intervals = swap_intervals(masked, sides)
    kept = reject_outliers(sides, n_sd=outlier_sd)
    gaps = {
        name: max_gap_of(name, bands) if max_gap_s is None else max_gap_s
        for name in keypoints_of(kept)
    }
    whole = kept if method == "rts" else fill_gaps(kept, max_gap_s=gaps)
    smooth = smoothing(
        whole,
        method=method,
        activity=activity,
        cutoff_hz=cutoff_hz,
        max_gap_s=max_gap_s if method == "rts" else None,
    )
    tables = (poses_raw, masked, kept, smooth.poses)
    n_raw, n_trusted, n_kept, n_smooth = (_n_points(table) for table in tables)
    by = "rts" if method == "rts" else "cubic"
    n_missing = len(gaps) * smooth.poses.height - n_smooth
    filled: dict[str, float] = {"n_filled": n_smooth - n_kept, "n_missing": n_missing}
    used = {"method": method, "activity": activity, "cutoff_hz": smooth.cutoff_hz}
    steps = (
        Step(
            "mask_low_confidence",
            {"min_confidence": min_confidence},
            {"n_points": n_raw, "n_masked": n_raw - n_trusted},
        ),
        Step("fix_swaps", {"swaps": swaps}, _n_swapped(intervals)),
        Step(
            "reject_outliers",
            {"n_sd": outlier_sd},
            {"n_rejected": n_trusted - n_kept},
        ),
        Step("fill_gaps", {"by": by, "max_gap_s": gaps}, filled),
        Step("smooth", used, {}),
    )
    return Cleaning(smooth.poses, steps, intervals)


def _n_swapped(intervals: pl.DataFrame) -> dict[str, float]:
    """Count the repaired intervals and their frames."""
    lengths = intervals["end_frame"] - intervals["start_frame"]
    return {"n_intervals": intervals.height, "n_frames": int(lengths.sum())}


def _n_points(poses: Poses) -> int:
    """Count the keypoints that are there, over all frames."""
    first = [axes[0] for axes in axes_of(poses).values()]
    return int(sum(poses[column].is_not_null().sum() for column in first))
