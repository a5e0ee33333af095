"""The quality page: what was seen, what was repaired, what was refused and why."""

from typing import Any

import polars as pl
import polars.selectors as cs

from biomech.arrays import axes_of, unit_of_poses
from biomech.errors import BiomechError
from biomech.kinematics import joint_angles
from reports.data import ClipData, Person
from reports.findings import in_order, reason_of, title_of
from reports.numbers import decimal
from reports.words import Words

#: Angles whose largest value shows what smoothing did.
_PEAKS = ("knee_flexion_deg", "elbow_flexion_deg")


def facts(person: Person, words: Words, /) -> list[tuple[str, str]]:
    """List what a reader must know of the footage to judge the numbers.

    Parameters
    ----------
    person
        One person of a clip.
    words
        The catalogue of a language.

    Returns
    -------
    Pairs of label and text; what is unknown is left out.
    """
    page = words["page"]
    data = person.data
    counts, clip = _counts(data), data.clip
    rows: list[tuple[str, str | None]] = [
        (page["coverage"], _share(coverage(person))),
        (page["confidence"], _two_digits(_confidence(person), words)),
        (page["rate"], _rate(clip, words)),
        (page["view"], words["view"].get(clip.get("view"), page["unknown"])),
        (page["size"], _size(clip)),
        (page["masked"], _part(counts, "n_masked", "n_points", words)),
        (page["swaps"], _count(counts, "n_intervals")),
        (page["rejected"], _count(counts, "n_rejected")),
        (page["filled"], _count(counts, "n_filled")),
        (page["missing"], _count(counts, "n_missing")),
        *_smoothing(person, words),
        (page["damaged"], _count(_frames(data), "n_damaged_frames")),
    ]
    return [(label, text) for label, text in rows if text is not None]


def coverage(person: Person, /) -> float | None:
    """Tell in which share of the clip's frames a person was seen.

    Parameters
    ----------
    person
        One person of a clip.

    Returns
    -------
    0 to 1; None if it is unknown.
    """
    poses, n_frames = person.table("poses"), person.data.clip.get("n_frames")
    if poses is None or not n_frames:
        return None
    seen = poses.filter(pl.any_horizontal(cs.ends_with("_x_px", "_x_m").is_not_null()))
    return min(1.0, seen.height / int(n_frames))


def refusals(person: Person, words: Words, /) -> list[tuple[str, str]]:
    """List every metric that was refused, with its reason in words.

    Parameters
    ----------
    person
        One person of a clip.
    words
        The catalogue of a language.

    Returns
    -------
    Pairs of a reason and the metrics that were refused for it.
    """
    metrics = person.table("metrics")
    if metrics is None:
        return []
    refused = in_order(metrics.filter(pl.col("value").is_null()), person.activity)
    measured = set(metrics.filter(pl.col("value").is_not_null())["metric"])
    found: dict[str, dict[str, None]] = {}
    for name, side, reason in refused.select(
        "metric", pl.col("side").cast(pl.String), "reason"
    ).iter_rows():
        title = title_of(name, words, side if name in measured else None)
        found.setdefault(reason_of(reason, words), {})[title] = None
    return [(reason, ", ".join(titles)) for reason, titles in found.items()]


def _smoothing(person: Person, words: Words) -> list[tuple[str, str | None]]:
    """Say what smoothing did: to the points, and to the largest angle."""
    raw, clean = (person.table(name) for name in ("poses_raw", "poses"))
    if raw is None or clean is None:
        return []
    rows = [(words["page"]["moved"], _moved(raw, clean, words))]
    column = next((c for c in _PEAKS if _peak(clean, c) is not None), None)
    before, after = (_peak(t, column) for t in (raw, clean)) if column else (None, None)
    if column and before is not None and after is not None:
        label = words["page"]["peak"].format(joint=words["signal"][column])
        rows.append((label, f"{before:.0f}° → {after:.0f}°"))
    return rows


def _moved(raw: pl.DataFrame, clean: pl.DataFrame, words: Words) -> str | None:
    """Say the median distance between detected and smoothed points."""
    points = {k: c for k, c in axes_of(clean).items() if set(c) <= set(raw.columns)}
    wanted = ["frame", *(c for columns in points.values() for c in columns)]
    both = clean.select(wanted).join(raw.select(wanted), on="frame", suffix="_raw")
    apart = both.select(
        pl.sum_horizontal(
            [(pl.col(c) - pl.col(f"{c}_raw")) ** 2 for c in columns], ignore_nulls=False
        )
        .sqrt()
        .alias(keypoint)
        for keypoint, columns in points.items()
    )
    if not points or apart.is_empty():
        return None
    median = pl.concat(apart.get_columns()).median()
    if not isinstance(median, float):
        return None
    scale, unit = (1, "px") if unit_of_poses(clean) == "px" else (1000, "mm")
    return f"{decimal(scale * median, 1, words)} {unit}"


def _peak(poses: pl.DataFrame, column: str) -> float | None:
    """Give the 99th percentile of a joint angle over both sides."""
    names = [f"{side}_{column}" for side in ("left", "right")]
    try:
        angles = joint_angles(poses, angles=names)
    except BiomechError:
        return None
    value = angles.select(names).unpivot().select(pl.col("value").quantile(0.99)).item()
    return None if value is None else float(value)


def _counts(data: ClipData) -> dict[str, Any]:
    """Add up what the steps of cleaning counted."""
    steps = data.footers.get("poses", {}).get("steps", [])
    counts: dict[str, Any] = {}
    for step in steps:
        counts |= step.get("counts", {})
    return counts


def _frames(data: ClipData) -> dict[str, Any]:
    frames = data.footers.get("poses_raw", {}).get("frames", {})
    return frames if isinstance(frames, dict) else {}


def _confidence(person: Person) -> float | None:
    raw = person.table("poses_raw")
    if raw is None:
        return None
    found = raw.select(cs.ends_with("_confidence"))
    if not found.width:
        return None
    median = pl.concat(found.get_columns()).median()
    return median if isinstance(median, float) else None


def _rate(clip: dict[str, Any], words: Words) -> str | None:
    rate, unit = clip.get("rate_hz"), words["page"]["frame_rate_unit"]
    return None if rate is None else f"{decimal(rate, 2, words)} {unit}"


def _size(clip: dict[str, Any]) -> str | None:
    width, height = clip.get("width_px"), clip.get("height_px")
    return f"{width} × {height} px" if width and height else None


def _share(x: float | None) -> str | None:
    return None if x is None else f"{100 * x:.0f} %"


def _two_digits(x: float | None, words: Words) -> str | None:
    return None if x is None else decimal(x, 2, words)


def _count(counts: dict[str, Any], key: str) -> str | None:
    return str(counts[key]) if key in counts else None


def _part(counts: dict[str, Any], key: str, of: str, words: Words) -> str | None:
    if key not in counts or not counts.get(of):
        return None
    share = decimal(100 * counts[key] / counts[of], 1, words)
    return f"{counts[key]} / {counts[of]} ({share} %)"
