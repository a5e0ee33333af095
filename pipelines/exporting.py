"""Tables of a run into files for other programs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl

from biomech.arrays import to_long
from biomech.errors import ConfigError, FormatError, did_you_mean
from biomech.io.mot import write_mot
from biomech.io.parquet import read_table
from biomech.io.trc import write_trc
from biomech.schema import POSES, SCHEMAS, SIGNALS, TRACK
from biomech.table import TableSchema

#: Tables with rows per frame: one file per clip. All others are put together.
_PER_FRAME = ("poses_raw", "poses", "poses_world", "signals", "cycles")
_KNOWN: dict[str, TableSchema] = {
    **SCHEMAS,
    **dict.fromkeys(("poses_raw", "poses_world"), POSES),
}


class _Order(NamedTuple):
    """What to write, and where to."""

    run: Path
    tables: tuple[str, ...]
    to: Path
    long: bool


def export_run(
    run: Path,
    /,
    *,
    file_format: str,
    to: Path,
    tables: tuple[str, ...] = (),
    long: bool = False,
) -> Iterator[Path]:
    """Write tables of a run as files of another format.

    Parameters
    ----------
    run
        The folder of the run.
    file_format
        ``trc`` (poses, a file per track), ``mot`` (signals, a file per track), ``csv``
        or ``xlsx`` (any table).
    to
        Folder for the files; made if need be.
    tables
        Which tables; by default what the format is for, and for csv and xlsx all that
        are not per frame.
    long
        For csv: poses with a row per keypoint.

    Yields
    ------
    The files, as they are written.

    Raises
    ------
    ConfigError
        If the format or a table is unknown, or the format cannot hold the table.
    FormatError
        If the run has none of the tables, or a file cannot be read or written.
    """
    if file_format not in _WRITERS:
        msg = f"unknown format {file_format!r}"
        raise ConfigError(msg + did_you_mean(file_format, _WRITERS))
    chosen = tables or _default_tables(run, file_format)
    for table in chosen:
        if table not in _KNOWN:
            msg = f"unknown table {table!r}"
            raise ConfigError(msg + did_you_mean(table, _KNOWN))
    found = [t for t in chosen if any((run / t).glob("*.parquet"))]
    if not found:
        msg = f"{run} has no tables {list(chosen)} to export"
        raise FormatError(msg)
    try:
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"cannot make the folder {to}: {error.strerror or error}"
        raise FormatError(msg) from error
    yield from _WRITERS[file_format](_Order(run, tuple(found), to, long))


def _default_tables(run: Path, file_format: str) -> tuple[str, ...]:
    if file_format == "trc":
        return ("poses",) if any((run / "poses").glob("*.parquet")) else ("poses_raw",)
    if file_format == "mot":
        return ("signals",)
    return tuple(name for name in _KNOWN if name not in _PER_FRAME)


def _read(run: Path, table: str) -> Iterator[tuple[str, pl.DataFrame]]:
    """Read a table clip by clip."""
    for path in sorted((run / table).glob("*.parquet")):
        yield path.stem, read_table(path, schema=_KNOWN[table])


def _tracks(run: Path, table: str) -> Iterator[tuple[str, pl.DataFrame]]:
    """Read a table track by track, under a name for its file."""
    for clip_id, df in _read(run, table):
        for part in df.partition_by(TRACK, maintain_order=True):
            yield f"{clip_id}_track{part['track_id'][0]}", part.sort("frame")


def _trc(order: _Order) -> Iterator[Path]:
    _only(order.tables, POSES, "trc")
    for table in order.tables:
        for name, poses in _tracks(order.run, table):
            path = order.to / f"{name}.trc"
            write_trc(poses, path)
            yield path


def _mot(order: _Order) -> Iterator[Path]:
    _only(order.tables, SIGNALS, "mot")
    for table in order.tables:
        for name, signals in _tracks(order.run, table):
            path = order.to / f"{name}.mot"
            write_mot(signals, path)
            yield path


def _only(tables: tuple[str, ...], schema: TableSchema, file_format: str) -> None:
    if wrong := [t for t in tables if _KNOWN[t] is not schema]:
        able = sorted(t for t, s in _KNOWN.items() if s is schema)
        msg = f"{file_format} cannot hold {wrong}; it holds {able}"
        raise ConfigError(msg)


def _csv(order: _Order) -> Iterator[Path]:
    for table in order.tables:
        if table in _PER_FRAME:
            for clip_id, df in _read(order.run, table):
                tidy = to_long(df) if order.long and _KNOWN[table] is POSES else df
                yield _written(tidy, order.to / table / f"{clip_id}.csv")
        else:
            yield _written(_together(order.run, table), order.to / f"{table}.csv")


def _together(run: Path, table: str) -> pl.DataFrame:
    """Stack a table of all clips; columns that a clip lacks are null."""
    return pl.concat([df for _, df in _read(run, table)], how="diagonal_relaxed")


def _written(df: pl.DataFrame, path: Path) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        df.write_csv(path)
    except OSError as error:
        msg = f"cannot write {path}: {error.strerror or error}"
        raise FormatError(msg) from error
    return path


def _xlsx(order: _Order) -> Iterator[Path]:
    """Write one workbook with a sheet per table."""
    try:
        from xlsxwriter import Workbook
        from xlsxwriter.exceptions import FileCreateError
    except ImportError as error:
        msg = "writing xlsx needs the package xlsxwriter: pip install 'biomech[excel]'"
        raise FormatError(msg) from error
    path = order.to / f"{order.run.resolve().name}.xlsx"
    stacked = {table: _together(order.run, table) for table in order.tables}
    for table, df in stacked.items():
        if df.height >= _MOST_ROWS:
            msg = f"{table} has {df.height} rows, a sheet holds {_MOST_ROWS}; take csv"
            raise ConfigError(msg)
    try:
        with Workbook(path) as book:
            for table, df in stacked.items():
                df.write_excel(book, table, float_precision=6)
    except (OSError, FileCreateError) as error:
        msg = f"cannot write {path}: {error}"
        raise FormatError(msg) from error
    yield path


#: Rows of an Excel sheet, less one for the header.
_MOST_ROWS = 1_048_575

_WRITERS: dict[str, Callable[[_Order], Iterator[Path]]] = {
    "trc": _trc,
    "mot": _mot,
    "csv": _csv,
    "xlsx": _xlsx,
}
