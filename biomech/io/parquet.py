"""Tables on disk: Parquet, written whole or not at all, with provenance in the footer.

The footer holds one JSON document under the key ``biomech``. It is provenance only:
nothing that a computation needs is only there, because scans and filters lose it. This
module is the only one that touches polars' experimental metadata functions.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

from biomech.errors import FormatError, SchemaError
from biomech.schema import POSES, Poses, TableSchema
from biomech.skeletons import Skeleton

_KEY = "biomech"
#: Of a table written in pieces: small enough to be held, large enough to compress.
_ROWS_PER_GROUP = 8_000


def write_table(
    df: pl.DataFrame,
    path: str | Path,
    /,
    *,
    schema: TableSchema,
    meta: Mapping[str, Any] | None = None,
) -> None:
    """Write a table so that the file either exists complete or not at all.

    The table is validated, cast to the stored types and sorted by its key, written to
    ``<path>.part`` and then renamed.

    Parameters
    ----------
    df
        The table.
    path
        Where to; missing folders are made.
    schema
        What kind of table it is.
    meta
        Provenance for the footer: anything JSON can hold.

    Raises
    ------
    SchemaError
        If the table does not fit its schema.
    FormatError
        If the file cannot be written.
    """
    schema.validate(df)
    with _replacing(Path(path)) as part:
        schema.conform(df).write_parquet(
            part,
            compression="zstd",
            compression_level=3,
            metadata=_footer(schema, meta),
        )


def write_pieces(
    pieces: Iterable[pl.DataFrame],
    path: str | Path,
    /,
    *,
    schema: TableSchema,
    meta: Mapping[str, Any] | None = None,
) -> None:
    """Write a table that is too large to hold, piece by piece.

    Parameters
    ----------
    pieces
        At least one table, all with the same columns, in the order of the key: the
        pieces are written one after the other, and only each by itself is sorted.
    path
        Where to; missing folders are made.
    schema
        What kind of table it is. Every piece is validated by itself.
    meta
        Provenance for the footer: anything JSON can hold.

    Raises
    ------
    SchemaError
        If a piece does not fit the schema, or there is none.
    FormatError
        If the file cannot be written.
    """
    stored = (schema.conform(piece) for piece in _validated(pieces, schema))
    first = next(stored, None)
    if first is None:
        msg = f"no pieces of a {schema.name} table to write"
        raise SchemaError(msg)

    def source(
        with_columns: list[str] | None,
        predicate: pl.Expr | None,
        n_rows: int | None,
        batch_size: int | None,  # noqa: ARG001 - pieces have the size they have
    ) -> Iterator[pl.DataFrame]:
        for piece in chain([first], stored):
            kept = piece if predicate is None else piece.filter(predicate)
            shown = kept if with_columns is None else kept.select(with_columns)
            yield shown if n_rows is None else shown.head(n_rows)

    lazy = register_io_source(source, schema=first.schema)
    with _replacing(Path(path)) as part:
        lazy.sink_parquet(
            part,
            compression="zstd",
            compression_level=3,
            row_group_size=_ROWS_PER_GROUP,
            metadata=_footer(schema, meta),
        )


def read_meta(path: str | Path, /) -> dict[str, Any]:
    """Read the provenance of one file.

    Parameters
    ----------
    path
        A Parquet file that `write_table` wrote.

    Returns
    -------
    The footer document; ``{}`` for Parquet files of others.

    Raises
    ------
    FormatError
        If the file is missing or is not Parquet.
    """
    path = Path(path)
    try:
        raw = pl.read_parquet_metadata(path).get(_KEY, "{}")
        document: dict[str, Any] = json.loads(raw)
    except (OSError, pl.exceptions.PolarsError, ValueError) as error:
        raise _unreadable(path, error) from error
    return document


def read_table(path: str | Path, /, *, schema: TableSchema) -> pl.DataFrame:
    """Read one file and check that it holds what the schema says.

    Parameters
    ----------
    path
        A Parquet file.
    schema
        What kind of table to expect.

    Returns
    -------
    The table.

    Raises
    ------
    FormatError
        If the file is missing, damaged or no Parquet.
    SchemaError
        If it holds another kind of table.
    """
    path = Path(path)
    try:
        df = pl.read_parquet(path, glob=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _unreadable(path, error) from error
    try:
        schema.check(df)
    except SchemaError as error:
        msg = f"{path}: {error}"
        raise SchemaError(msg) from error
    return df


def read_poses(path: str | Path, /) -> Poses:
    """Read one `poses` or `poses_raw` file.

    Parameters
    ----------
    path
        A Parquet file.

    Returns
    -------
    A `poses` table.

    Raises
    ------
    FormatError
        If the file is missing, damaged or no Parquet.
    SchemaError
        If it holds another kind of table.
    """
    return read_table(path, schema=POSES)


def scan_poses(
    source: str | Path, /, *, skeleton: Skeleton | None = None
) -> pl.LazyFrame:
    """Scan the poses of a whole season lazily.

    Parameters
    ----------
    source
        A file, a folder or a glob such as ``"OUT/poses/*.parquet"``.
    skeleton
        Give one when clips of different pose models are mixed: its keypoints (in
        pixels) become the columns, null where a file lacks them.

    Returns
    -------
    A lazy `poses` table.

    Raises
    ------
    FormatError
        If no file matches.
    """
    files = _files(Path(source))
    if not files:
        msg = f"no Parquet files match {str(source)!r}"
        raise FormatError(msg)
    if skeleton is None:
        return pl.scan_parquet(
            files, missing_columns="insert", extra_columns="ignore", glob=False
        )
    wanted = {n: c.dtype for n, c in POSES.columns.items()} | {
        f"{k}_{part}": pl.Float32
        for k in skeleton.keypoints
        for part in ("x_px", "y_px", "confidence")
    }
    return pl.scan_parquet(
        files,
        schema=wanted,
        missing_columns="insert",
        extra_columns="ignore",
        glob=False,
    )


def digest(document: Any, /) -> str:
    """Hash any JSON-like value, so that equal contents have equal digests.

    Parameters
    ----------
    document
        Dicts, lists, strings, numbers, booleans and None.

    Returns
    -------
    SHA-256 in hexadecimal.

    Examples
    --------
    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _validated(
    pieces: Iterable[pl.DataFrame], schema: TableSchema
) -> Iterator[pl.DataFrame]:
    for piece in pieces:
        schema.validate(piece)
        yield piece


def _footer(schema: TableSchema, meta: Mapping[str, Any] | None) -> dict[str, str]:
    """Make the metadata of a file."""
    footer = {
        "table": schema.name,
        "version": schema.version,
        "producer": producer(),
        **(meta or {}),
    }
    return {_KEY: json.dumps(footer, sort_keys=True)}


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Write under another name, and rename the file once it is complete."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    except OSError as error:
        msg = f"cannot write {path}: {error.strerror or error}"
        raise FormatError(msg) from error
    except pl.exceptions.ComputeError as error:  # polars does not say what it met
        msg = f"cannot write {path}: is the disk full? ({str(error).splitlines()[0]})"
        raise FormatError(msg) from error
    finally:
        part.unlink(missing_ok=True)


def _files(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    if source.is_dir():
        return sorted(source.glob("*.parquet"))
    anchor = Path(source.anchor)
    pattern = str(source.relative_to(anchor)) if source.anchor else str(source)
    return sorted(anchor.glob(pattern))


def _unreadable(path: Path, error: Exception) -> FormatError:
    why = "no such file" if not path.exists() else str(error).splitlines()[0]
    return FormatError(f"cannot read {path} as Parquet: {why}")


def producer() -> str:
    """Name this program and its version, as they stand in every file it writes.

    Returns
    -------
    Such as ``"biomech 1.0"``.
    """
    try:
        return f"biomech {version('biomech')}"
    except PackageNotFoundError:  # a checkout that is not installed
        return "biomech 0+unknown"
