"""Run a validation: every trial under every condition, to tables and a page."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from biomech.errors import FormatError
from biomech.io.parquet import write_table
from biomech.table import TableSchema
from pipelines.validation.conditions import Condition, conditions
from pipelines.validation.exact import exact_studies
from pipelines.validation.goals import Errors, goals_table
from pipelines.validation.made import made_trials
from pipelines.validation.measure import measure
from pipelines.validation.movement_goals import movement_goals
from pipelines.validation.movements import movement_studies
from pipelines.validation.report import write_page
from pipelines.validation.study import Study
from pipelines.validation.tables import (
    ANGLE_ERRORS,
    DURATION_ERRORS,
    EVENT_ERRORS,
    GOALS,
    METRIC_ERRORS,
)
from pipelines.validation.trials import Skipped, Trial, load_trials

#: Told how many of how many measurements are done.
Tell = Callable[[int, int], None]
_TABLES = (EVENT_ERRORS, DURATION_ERRORS, METRIC_ERRORS, ANGLE_ERRORS)


@dataclass(frozen=True)
class Validation:
    """What a validation made.

    Attributes
    ----------
    page
        The HTML file.
    goals
        The `goals` table.
    n_trials, n_skipped
        Recordings measured, among them those made in the computer, and left out.
    """

    page: Path
    goals: pl.DataFrame
    n_trials: int
    n_skipped: int


def validate(
    data: Path, /, *, out: Path, quick: bool = False, tell: Tell = lambda *_: None
) -> Validation:
    """Measure every trial in a folder and write tables and a page.

    Parameters
    ----------
    data
        Folders of trials, see `trials.load_trials` and `movements.movement_studies`.
    out
        Folder for ``validation.html`` and one Parquet file per table; made if need be.
    quick
        One condition of each kind only.
    tell
        Told about progress.

    Returns
    -------
    What was made.

    Raises
    ------
    FormatError
        If there is no trial, or files cannot be written.
    """
    loaded = [*load_trials(data), *movement_studies(data)]
    trials = [t for t in loaded if isinstance(t, Trial)]
    studies = [t for t in loaded if isinstance(t, Study)]
    skipped = [t for t in loaded if isinstance(t, Skipped)]
    if not trials and not studies:
        reasons = "; ".join(f"{s.name}: {s.reason}" for s in skipped[:3])
        msg = f"no trial with truth in {data} ({reasons or 'no files'})"
        raise FormatError(msg)
    studies += exact_studies(quick=quick)
    made = list(made_trials(quick=quick))
    chosen = list(conditions(quick=quick))
    work = [(trial, condition) for condition in chosen for trial in trials]
    # What is made is seen from the side only.
    few = list(conditions(quick=True))
    work += [(trial, condition) for condition in few for trial in made]
    trials += made
    errors = _joined(_measured(work, tell=tell), studies)
    goals = goals_table(errors, more=movement_goals())
    for table, schema in zip((*errors, goals), (*_TABLES, GOALS), strict=True):
        write_table(table, out / f"{schema.name}.parquet", schema=schema)
    page = out / "validation.html"
    write_page(
        page,
        errors=errors,
        goals=goals,
        data=data,
        trials=trials,
        studies=studies,
        skipped=skipped,
    )
    return Validation(page, goals, len(trials) + len(studies), len(skipped))


def _measured(work: list[tuple[Trial, Condition]], *, tell: Tell) -> Errors:
    done = []
    for i, (trial, condition) in enumerate(work):
        tell(i, len(work))
        done.append(measure(trial, condition, seed=i))
    tell(len(done), len(done))
    stacked = (
        _table([row for rows in done for row in rows[k]], schema)
        for k, schema in enumerate(_TABLES)
    )
    return Errors(*stacked)


def _joined(errors: Errors, studies: list[Study]) -> Errors:
    """Add the rows of other movements."""
    events = _table([row for s in studies for row in s.events], EVENT_ERRORS)
    metrics = _table([row for s in studies for row in s.metrics], METRIC_ERRORS)
    return errors._replace(
        events=_numbered(pl.concat([errors.events, events])),
        metrics=_numbered(pl.concat([errors.metrics, metrics])),
    )


def _numbered(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(pl.int_range(pl.len(), dtype=pl.Int32).alias("pair"))


def _table(rows: list[dict[str, object]], schema: TableSchema) -> pl.DataFrame:
    types = {n: c.dtype for n, c in schema.columns.items() if n != "pair"}
    table = pl.DataFrame(rows, schema=types, infer_schema_length=None)
    return _numbered(table).select("pair", *types)
