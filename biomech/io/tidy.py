"""Our own tables as CSV: wide as they are, or one row per keypoint."""

from pathlib import Path

import polars as pl

from biomech.arrays import from_long, to_long
from biomech.errors import FormatError
from biomech.io.registry import Reading, reads
from biomech.schema import POSES, Poses

_KEY = b"clip_id,track_id,frame,time_s"


def _is_ours(_path: Path, head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf").startswith(_KEY)


@reads("poses", name="csv", suffixes=(".csv",), sniff=_is_ours)
def _read(path: Path, _how: Reading) -> Poses:
    return read_csv(path)


def read_csv(path: str | Path, /) -> Poses:
    """Read poses from a CSV file that `write_csv` wrote, wide or long.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    A `poses` table.

    Raises
    ------
    FormatError
        If the file is missing or not such a table.
    SchemaError
        If its columns are not those of poses.
    """
    path = Path(path)
    try:
        table = pl.read_csv(path, infer_schema_length=None)
    except (OSError, pl.exceptions.PolarsError) as error:
        msg = f"cannot read {path}: {str(error).splitlines()[0]}"
        raise FormatError(msg) from error
    fixed = [n for n in POSES.columns if n in table.columns]
    others = [c for c in table.columns if c not in fixed and c != "keypoint"]
    try:
        table = table.with_columns(
            *(pl.col(n).cast(POSES.columns[n].dtype) for n in fixed),
            pl.col(others).cast(pl.Float32),
        )
    except pl.exceptions.PolarsError as error:
        msg = f"{path}: a cell is not a number: {str(error).splitlines()[0]}"
        raise FormatError(msg) from error
    return from_long(table) if "keypoint" in table.columns else table


def write_csv(poses: Poses, path: str | Path, /, *, long: bool = False) -> None:
    """Write poses as CSV.

    Parameters
    ----------
    poses
        A `poses` table.
    path
        Where to.
    long
        One row per keypoint instead of one per frame.

    Raises
    ------
    SchemaError
        If it is not a `poses` table.
    FormatError
        If the file cannot be written.
    """
    POSES.check(poses)
    table = to_long(poses) if long else poses
    try:
        table.write_csv(Path(path))
    except OSError as error:
        msg = f"cannot write {path}: {error.strerror or error}"
        raise FormatError(msg) from error
