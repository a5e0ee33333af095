"""What `biomech info` found, in lines that a person reads."""

import json
from collections.abc import Mapping
from typing import Any

from biomech.schema import keypoint_columns


def legible(found: Mapping[str, Any], /) -> list[str]:
    """Write the description of a file, a line or a few for every value.

    Keypoints are named once instead of by column, numbers by keypoint become their
    range, and every step and every repaired interval has its own line.

    Parameters
    ----------
    found
        What `pipelines.description.describe` found.

    Returns
    -------
    The lines, names in a column of their own.
    """
    shown = {key: _rows(key, value) for key, value in _grouped(found).items()}
    width = max(len(key) for key in shown)
    return [
        f"{key if row == 0 else '':{width}}  {text}"
        for key, rows in shown.items()
        for row, text in enumerate(rows)
    ]


def _grouped(found: Mapping[str, Any]) -> dict[str, Any]:
    """Tell the columns of keypoints from the others."""
    values = dict(found)
    if isinstance(columns := values.get("columns"), Mapping):
        points = keypoint_columns(columns)
        of_points = {c for parts in points.values() for c in parts.values()}
        of_points |= {f"{name}_sd_{unit}" for name in points for unit in ("px", "m")}
        values["columns"] = [c for c in columns if c not in of_points]
        values["keypoints"] = list(points)
    return values


def _rows(key: str, value: Any) -> list[str]:
    match key, value:
        case "steps", [*steps]:
            return [_step(step) for step in steps]
        case "swaps", [*swaps] if swaps:
            return [_swap(swap) for swap in swaps]
        case _, str():
            return [value]
        case _, [*items] if all(isinstance(item, str) for item in items):
            return [", ".join(items) or "none"]
        case _, Mapping():
            return [_pairs(value)]
        case _:
            return [json.dumps(value)]


def _step(step: Mapping[str, Any]) -> str:
    told = {**step.get("counts", {}), **step.get("params", {})}
    return f"{step.get('op', '')}: {_pairs(told)}"


def _swap(swap: Mapping[str, Any]) -> str:
    return (
        f"{swap['part']} of track {swap['track_id']}, frames {swap['start_frame']} to "
        f"{swap['end_frame'] - 1} ({swap['start_s']:.2f} to {swap['end_s']:.2f} s)"
    )


def _pairs(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_short(value)}" for name, value in values.items())


def _short(value: Any) -> str:
    """Write a value; numbers by keypoint as their range."""
    match value:
        case str():
            return value
        case Mapping() if value and all(isinstance(v, float) for v in value.values()):
            low, high = min(value.values()), max(value.values())
            return f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"
        case _:
            return json.dumps(value)
