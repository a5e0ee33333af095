"""SPL Open Data: free throws as JSON, the player and the ball in feet."""

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biomech.arrays import from_array
from biomech.errors import FormatError
from biomech.io.registry import Reading, reads
from biomech.io.source import clip_id_of, read_json
from biomech.keypoint_names import keypoint_named
from biomech.markers import key_columns
from biomech.schema import Poses

Array = NDArray[np.float64]

_FOOT_M = 0.3048
#: The court has X to the basket and Z up; ours are X forward, Y up, Z right.
_TURN = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
_HEAD = re.compile(rb'"tracking"\s*:\s*\[\s*\{\s*"frame"')


def _is_free_throw(_path: Path, head: bytes) -> bool:
    return bool(_HEAD.search(head))


@reads("poses", name="free_throws", suffixes=(".json",), sniff=_is_free_throw)
def read_free_throw(path: Path, _how: Reading, /) -> Poses:
    """Read a free throw of SPL Open Data.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    A `poses` table in metres, with the keypoint ``ball``: X to the basket, Y up.

    Raises
    ------
    FormatError
        If it is no such file.
    """
    document = read_json(path)
    frames = document.get("tracking") if isinstance(document, dict) else None
    if not isinstance(frames, list) or not frames:
        msg = f"{path}: no list 'tracking' of frames"
        raise FormatError(msg)
    try:
        time_s = np.array([frame["time"] for frame in frames], dtype=np.float64) / 1000
        points = [_points(frame["data"]) for frame in frames]
        xyz = np.array([list(p.values()) for p in points], dtype=np.float64)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        msg = f"{path}: a frame lacks its time, the ball or the player: {error}"
        raise FormatError(msg) from error
    return from_array(
        key_columns(clip_id_of(path), time_s),
        xyz=_FOOT_M * xyz @ _TURN.T,
        keypoints=list(points[0]),
        unit="m",
    )


def _points(data: dict[str, Any]) -> dict[str, list[float]]:
    """Name the points of one frame; those that we have no name for are left out."""
    named = {keypoint_named(label): xyz for label, xyz in data["player"].items()}
    return {n: xyz for n, xyz in named.items() if n} | {"ball": data["ball"]}
