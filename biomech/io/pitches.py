"""OpenBiomechanics: joint centres of baseball pitches as CSV, in metres."""

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import from_array
from biomech.errors import FormatError
from biomech.io.registry import Reading, reads
from biomech.markers import key_columns
from biomech.schema import Poses

Array = NDArray[np.float64]

_HEAD = b"session_pitch,time,"
#: Our joint -> theirs, on the side of the throwing hand and on the other.
_JOINTS = {
    "shoulder": ("shoulder_jc", "glove_shoulder_jc"),
    "elbow": ("elbow_jc", "glove_elbow_jc"),
    "wrist": ("wrist_jc", "glove_wrist_jc"),
    "hip": ("rear_hip", "lead_hip"),
    "knee": ("rear_knee_jc", "lead_knee_jc"),
    "ankle": ("rear_ankle_jc", "lead_ankle_jc"),
}
#: The frame of the thorax: its top, its bottom, and a point to the right of its top
#: (which the file calls "ap").
_THORAX = ("thorax_prox", "thorax_dist", "thorax_ap")


def _is_pitches(_path: Path, head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf").startswith(_HEAD)


@reads("poses", name="pitches", suffixes=(".csv",), sniff=_is_pitches)
def read_pitches(path: Path, _how: Reading, /) -> Poses:
    """Read the landmarks of pitches, as the OpenBiomechanics Project publishes them.

    The file names the throwing and the other side; which of them is the right one is
    seen from the knees, which bend forward.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    A `poses` table in metres, one clip per pitch: X to home plate, Y up, Z right.

    Raises
    ------
    FormatError
        If it is no such file.
    """
    try:
        table = pl.read_csv(path, infer_schema_length=None)
        names = [*(n for pair in _JOINTS.values() for n in pair), *_THORAX]
        wanted = [f"{name}_{axis}" for name in names for axis in "xyz"]
        table = table.select(
            pl.col("session_pitch").cast(pl.String),
            pl.col("time", *wanted).cast(pl.Float64),
        )
    except (OSError, pl.exceptions.PolarsError) as error:
        msg = f"cannot read pitches of {path}: {str(error).splitlines()[0]}"
        raise FormatError(msg) from error
    pitches = table.group_by("session_pitch", maintain_order=True)
    return pl.concat([_pitch(str(name), rows) for (name,), rows in pitches])


def _pitch(name: str, rows: pl.DataFrame) -> Poses:
    def point(landmark: str) -> Array:
        x, y, z = (rows[f"{landmark}_{axis}"].to_numpy() for axis in "xyz")
        return np.column_stack([x, z, -y])  # theirs has Y to the left and Z up

    joints = {
        (side, ours): point(theirs)
        for ours, pair in _JOINTS.items()
        for side, theirs in zip(("hand", "glove"), pair, strict=True)
    }
    ahead = sum(
        joints[side, "knee"] - (joints[side, "hip"] + joints[side, "ankle"]) / 2
        for side in ("hand", "glove")
    )
    to_the_right = np.cross(ahead, [0.0, 1.0, 0.0])
    across = joints["hand", "hip"] - joints["glove", "hip"]
    is_right = np.nanmedian((across * to_the_right).sum(axis=1)) > 0
    sides = {"hand": "right", "glove": "left"}
    if not is_right:
        sides = {"hand": "left", "glove": "right"}
    top, bottom, beside = (point(name) for name in _THORAX)
    front = np.cross(top - bottom, beside - top)
    front *= np.sign(np.nanmedian((front * ahead).sum(axis=1)))
    paths = {f"{sides[side]}_{ours}": path for (side, ours), path in joints.items()}
    paths |= {"thorax_back": top, "thorax_front": top + front}
    return from_array(
        key_columns(name, rows["time"].to_numpy()),
        xyz=np.stack(list(paths.values()), axis=1),
        keypoints=list(paths),
        unit="m",
    )
