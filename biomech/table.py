"""What a table is allowed to look like: columns, types, ranges, keys.

A schema is a value with two verbs: `TableSchema.check` looks at names and types only
and costs nothing (first line of every public function); `TableSchema.validate` also
looks at the values (at borders: reading foreign files, writing Parquet). Both refuse
lazy frames, which have no values: nobody collects a user's frame.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl
import polars.selectors as cs

from biomech.errors import SchemaError
from biomech.skeletons import KEYPOINTS
from biomech.units import unit_of

_TRACK = ("clip_id", "track_id")


@dataclass(frozen=True)
class Column:
    """One column: its type, whether it may be null or absent, and its range."""

    dtype: pl.DataType | type[pl.DataType]
    description: str
    nullable: bool = False
    required: bool = True
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class TableSchema:
    """The contract of one kind of table.

    Attributes
    ----------
    name, version
        Written to Parquet footers; the version changes when files become unreadable.
    columns
        The fixed columns. Other columns are allowed.
    key
        Columns that name a row: never null, unique, sorted when stored.
    of_keypoints
        Whether the other columns are keypoint coordinates.
    needs_units
        Whether every other column must carry a unit suffix.
    """

    name: str
    version: int
    columns: dict[str, Column]
    key: tuple[str, ...]
    of_keypoints: bool = False
    needs_units: bool = False
    order: tuple[str, ...] = ()

    def check(self, frame: pl.DataFrame, /) -> None:
        """Refuse a frame with wrong names or types, naming all problems at once.

        Wider signed integers and floats than the stored ones are welcome (notebooks
        make them); unsigned integers are not, because their differences wrap around.

        Raises
        ------
        SchemaError
            If `frame` is no polars frame or lazy, or a column is missing or of another
            type.
        """
        found = dict(schema_of(frame, self.name))
        problems = [*self._fixed_problems(found), *self._open_problems(found)]
        self._raise(problems)

    def validate(self, df: pl.DataFrame, /) -> None:
        """Check, then refuse null or repeated keys, ranges broken, NaN and infinity.

        Raises
        ------
        SchemaError
            With every problem found.
        """
        self.check(df)
        self._raise([*self._value_problems(df), *self._key_problems(df)])

    def empty(self) -> pl.DataFrame:
        """Make a table of this kind without rows, required columns only."""
        return pl.DataFrame(
            schema={n: c.dtype for n, c in self.columns.items() if c.required}
        )

    def conform(self, df: pl.DataFrame, /) -> pl.DataFrame:
        """Cast to the stored types and sort by the key, leaving other columns alone."""
        self.check(df)
        casts = [
            pl.col(n).cast(c.dtype) for n, c in self.columns.items() if n in df.columns
        ]
        if self.of_keypoints:
            fixed = cs.by_name(*self.columns, require_all=False)
            casts.append((cs.float() - fixed).cast(pl.Float32))
        key = self.order or self.key
        stored = df.with_columns(casts)
        if stored.select(key).equals(stored.select(key).sort(key)):
            return stored  # sorting copies the whole table
        return stored.sort(key, maintain_order=True)

    def to_markdown(self) -> str:
        """Describe the columns as a Markdown table, for documents and people."""
        lines = ["| column | type | unit | meaning |", "|---|---|---|---|"]
        for name, column in self.columns.items():
            mark = "?" if column.nullable else ""
            unit = unit_of(name) or ""
            cells = (f"`{name}`", f"{_name_of(column.dtype)}{mark}", unit)
            lines.append(f"| {' | '.join(cells)} | {column.description} |")
        return "\n".join(lines)

    def _raise(self, problems: list[str]) -> None:
        if problems:
            msg = f"not a {self.name} table: " + "; ".join(problems)
            raise SchemaError(msg)

    def _fixed_problems(self, found: dict[str, pl.DataType]) -> Iterator[str]:
        for name, column in self.columns.items():
            if name not in found:
                if column.required:
                    yield f"{name!r} is missing"
            elif not _fits(found[name], column.dtype):
                wanted = _name_of(column.dtype)
                yield f"{name!r} is {_name_of(found[name])}, expected {wanted}"

    def _open_problems(self, found: dict[str, pl.DataType]) -> Iterator[str]:
        others = {n: t for n, t in found.items() if n not in self.columns}
        if self.needs_units:
            for name, dtype in others.items():
                if dtype.is_float() and unit_of(name) is None:
                    yield f"{name!r} has no unit suffix"
        if self.of_keypoints:
            yield from _keypoint_problems(others)

    def _value_problems(self, df: pl.DataFrame) -> Iterator[str]:
        for name, column in self.columns.items():
            if name not in df.columns:
                continue
            if not column.nullable and (n := df[name].null_count()):
                yield f"{name!r} has {n} nulls"
            if column.dtype.is_numeric():
                yield from _range_problems(df[name], column)
        floats = df.select(cs.float())
        if not floats.is_empty():
            finite = floats.select(pl.all().is_finite().all())
            yield from (f"{c!r} holds NaN or infinity" for c in _false(finite))
        if self.of_keypoints and not df.is_empty():
            scores = df.select(
                cs.ends_with("_confidence").is_between(0.0, 1.0).all(),
            )
            yield from (f"{c!r} is outside 0..1" for c in _false(scores))

    def _key_problems(self, df: pl.DataFrame) -> Iterator[str]:
        if n := df.height - df.select(self.key).n_unique():
            yield f"{n} rows repeat the key {self.key}"
        if self.key[-1] == "frame" and "time_s" in df.columns:
            steps = (
                df.select(*self.key, "time_s")
                .sort(self.key)
                .select((pl.col("time_s").diff().over(_TRACK) <= 0.0).sum())
            )
            if n := steps.item():
                yield f"'time_s' does not grow at {n} rows"


def schema_of(frame: object, name: str) -> pl.Schema:
    """Give names and types of a table, or refuse what is none, such as a lazy one."""
    if isinstance(frame, pl.DataFrame):
        return frame.schema
    found = f"{type(frame).__module__.partition('.')[0]}.{type(frame).__name__}"
    advice = {
        "polars.LazyFrame": "; .collect() it first",
        "pandas.DataFrame": "; turn it into one by polars.from_pandas",
    }.get(found, "")
    msg = f"{name}: expected a polars.DataFrame, found {found}{advice}"
    raise SchemaError(msg)


def _false(flags: pl.DataFrame) -> Iterator[str]:
    return (name for name in flags.columns if flags[name].item() is False)


def _range_problems(series: pl.Series, column: Column) -> Iterator[str]:
    low, high = series.min(), series.max()
    if column.low is not None and isinstance(low, (int, float)) and low < column.low:
        yield f"{series.name!r} is {low}, expected at least {column.low}"
    if (
        column.high is not None
        and isinstance(high, (int, float))
        and high > column.high
    ):
        yield f"{series.name!r} is {high}, expected at most {column.high}"


def _fits(found: pl.DataType, wanted: pl.DataType | type[pl.DataType]) -> bool:
    if found == wanted:
        return True
    if wanted.is_float():
        return found.is_float()
    if wanted.is_signed_integer():
        return found.is_signed_integer()
    if isinstance(wanted, pl.Enum):
        return isinstance(found, pl.Enum) or found == pl.String
    return False


def _name_of(dtype: pl.DataType | type[pl.DataType]) -> str:
    return "Enum" if isinstance(dtype, pl.Enum) else str(dtype)


def keypoint_columns(names: Iterable[str], /) -> dict[str, dict[str, str]]:
    """Find the keypoints of a poses table in its column names.

    Parameters
    ----------
    names
        Column names, in any order.

    Returns
    -------
    For every keypoint present, in the order of `KEYPOINTS`, what it has:
    ``{"left_knee": {"x_px": "left_knee_x_px", "confidence": ...}}``.

    Examples
    --------
    >>> keypoint_columns(["clip_id", "nose_x_px", "nose_y_px"])
    {'nose': {'x_px': 'nose_x_px', 'y_px': 'nose_y_px'}}
    """
    parts: dict[str, dict[str, str]] = {}
    for name in names:
        for part in _PARTS:
            if name.endswith(f"_{part}") and name[: -len(part) - 1] in _VOCABULARY:
                parts.setdefault(name[: -len(part) - 1], {})[part] = name
    return {k: parts[k] for k in KEYPOINTS if k in parts}


_PARTS = ("x_px", "y_px", "x_m", "y_m", "z_m", "confidence")
_VOCABULARY = frozenset(KEYPOINTS)
_COORDINATE = re.compile(r"(?!box_).*_(x_px|y_px|x_m|y_m|z_m)")


def _keypoint_problems(others: dict[str, pl.DataType]) -> Iterator[str]:
    keypoints = keypoint_columns(others)
    units = {p[-2:] for parts in keypoints.values() for p in parts if p[1] == "_"}
    if {"_m", "px"} <= units:
        yield "units are mixed: some keypoints are in px, some in m"
    for name, parts in keypoints.items():
        yield from _axis_problems(name, parts)
        for column in parts.values():
            if not others[column].is_float():
                yield f"{column!r} is {others[column]}, expected a float"
    for name in others:
        if _COORDINATE.fullmatch(name) and name.rsplit("_", 2)[0] not in _VOCABULARY:
            yield f"{name!r} names an unknown keypoint"


def _axis_problems(name: str, parts: dict[str, str]) -> Iterator[str]:
    for x, y in (("x_px", "y_px"), ("x_m", "y_m")):
        if (x in parts) != (y in parts):
            yield f"{name!r} needs both {x} and {y}"
    if "z_m" in parts and "x_m" not in parts:
        yield f"{name!r} has z_m without x_m"
