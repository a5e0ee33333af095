"""A file in words: a video, or a table of a run."""

from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from biomech.errors import FormatError
from biomech.io.parquet import read_meta
from pipelines.clips import remarks
from pipelines.video import probe


def describe(path: Path, /) -> dict[str, Any]:
    """Say what a file holds.

    Parameters
    ----------
    path
        A video, or a Parquet file.

    Returns
    -------
    Plain values by name. Of a table: rows, columns and the footer; of a video: the
    fields of `pipelines.video.VideoInfo` and remarks.

    Raises
    ------
    VideoError
        If it is no video that can be read.
    FormatError
        If it is a damaged Parquet file.
    """
    if path.suffix == ".parquet":
        return _table(path)
    info = probe(path)
    values = {k: _plain(v) for k, v in asdict(info).items()}
    return {**values, "remarks": remarks(info)}


def _table(path: Path) -> dict[str, Any]:
    meta = read_meta(path)
    scan = pl.scan_parquet(path, glob=False)
    try:
        n_rows = int(scan.select(pl.len()).collect().item())
    except (OSError, pl.exceptions.PolarsError) as error:
        msg = f"cannot read {path}: {error}"
        raise FormatError(msg) from error
    columns = scan.collect_schema()
    return {
        "path": str(path),
        "n_rows": n_rows,
        "columns": {name: str(dtype) for name, dtype in columns.items()},
        **meta,
    }


def _plain(value: Any) -> Any:
    match value:
        case Path() | Fraction():
            return str(value)
        case _:
            return value
