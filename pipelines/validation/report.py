"""The page of a validation."""

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import matplotlib as mpl
import numpy as np
import polars as pl
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from biomech.errors import FormatError
from pipelines.validation.goals import Errors
from pipelines.validation.measure import recorded_hz
from pipelines.validation.statistics import summary
from pipelines.validation.study import Study
from pipelines.validation.tables import MADE
from pipelines.validation.trials import Skipped, Trial
from reports.style import LEFT, RIGHT

#: Element names in pictures are made from this, so that equal data give equal pages.
_SALT = "biomech"
_TITLES = {"initial_contact": "initial contact", "toe_off": "toe-off"}


@dataclass(frozen=True)
class Table:
    """A table on the page."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_text: int = 3


def write_page(
    path: Path,
    /,
    *,
    errors: Errors,
    goals: pl.DataFrame,
    data: Path,
    trials: Sequence[Trial],
    studies: Sequence[Study],
    skipped: Sequence[Skipped],
) -> None:
    """Write what was measured, what was reached and what was missed.

    Parameters
    ----------
    path
        The HTML file.
    errors
        The tables of errors.
    goals
        From `goals_table`.
    data
        The folder of folders, whose ``SOURCE.md`` say the licences.
    trials, studies
        What was measured: walking and running, other movements.
    skipped
        What was not, and why.

    Raises
    ------
    FormatError
        If the file cannot be written.
    """
    template = resources.files("pipelines.validation").joinpath("page.html.j2")
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    page = environment.from_string(template.read_text(encoding="utf-8")).render(
        counts=_counts(errors, trials, studies),
        goals=list(goals.iter_rows(named=True)),
        n_met=int(goals["is_met"].sum()),
        n_missed=int((~goals["is_met"].drop_nulls()).sum()),
        figures=[Markup(_svg(f)) for f in _figures(errors)],
        tables=[*_tables(errors), _sources(data, trials, studies)],
        skipped=skipped,
        trials=[*(_about(trial) for trial in trials), *(s.about for s in studies)],
    )
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        msg = f"cannot write {path}: {error.strerror or error}"
        raise FormatError(msg) from error


def _counts(
    errors: Errors, trials: Sequence[Trial], studies: Sequence[Study]
) -> dict[str, int]:
    return {
        "trials": len(trials) + len(studies),
        "laboratories": len(
            {t.laboratory for t in trials if t.laboratory != MADE}
            | {s.about[0].partition("/")[0] for s in studies if not s.is_made}
        ),
        "events": sum(t.events.height for t in trials)
        + sum(len(s.events) for s in studies),
        "conditions": errors.events["condition"].n_unique(),
        "pairs": errors.events.filter(kind="matched").height,
    }


def _about(trial: Trial) -> tuple[str, ...]:
    """Describe a trial in one row."""
    rate = recorded_hz(trial.poses)
    sources = trial.events.group_by("source").len().sort("source")
    truth = ", ".join(f"{n} from {source}" for source, n in sources.iter_rows())
    if trial.speed_m_s is not None:
        truth = ", ".join(filter(None, (truth, f"speed {trial.speed_m_s:.2f} m/s")))
    duration = float(trial.poses["time_s"][-1] - trial.poses["time_s"][0])
    return (
        trial.name,
        trial.activity,
        f"{rate:.0f}",
        f"{duration:.1f}",
        f"{trial.height_m:.2f}",
        truth,
    )


def _sources(data: Path, trials: Sequence[Trial], studies: Sequence[Study]) -> Table:
    """List the sets of data and their licences."""
    names = [t.name for t in trials] + [s.about[0] for s in studies]
    counts = Counter(name.partition("/")[0] for name in names)
    rows = tuple(
        (name, _licence(data / name), str(counts[name])) for name in sorted(counts)
    )
    note = "Licences as the sets state them."
    return Table("Sets of data", note, ("set", "licence", "recordings"), rows, n_text=2)


def _licence(folder: Path) -> str:
    if folder.name == MADE:
        return "made in the computer"
    path, start = folder / "SOURCE.md", "- Licence:"
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    stated = (line for line in lines if line.startswith(start))
    return next(stated, start).removeprefix(start).strip() or "not stated"


def _tables(errors: Errors) -> list[Table]:
    found = errors.events.filter(kind="matched")
    return [
        _agreement_table(
            "Events by condition",
            "Found minus true, in ms; force plates and laboratories together.",
            found.filter(pl.col("source") != "derived"),
            by=["activity", "condition", "event"],
            sd="sd_ms",
        ),
        _agreement_table(
            "Events by laboratory, markers in space",
            "Found minus true, in ms. Laboratories differ in marker sites and shoes.",
            found.filter(condition="3D"),
            by=["activity", "laboratory", "source", "event"],
            sd="sd_ms",
        ),
        _agreement_table(
            "Strides and stances",
            "Single durations, found minus true, in ms.",
            errors.durations,
            by=["activity", "condition", "duration"],
        ),
        _repeat_table(errors.durations),
        _metric_table(errors.metrics),
        _angle_table(errors.angles),
    ]


#: Fields of an agreement -> what they are called on the page.
_FIELDS = {
    "n": "n",
    "bias": "bias",
    "sd": "SD",
    "mae": "MAE",
    "rmse": "RMSE",
    "loa_low": "LoA low",
    "loa_high": "LoA high",
}


def _agreement_table(
    title: str, note: str, errors: pl.DataFrame, *, by: list[str], sd: str | None = None
) -> Table:
    found = summary(errors, by=by, error="error_ms", sd=sd)
    rows = _rows(found, by, [*_FIELDS], share="coverage")
    return Table(title, note, (*by, *_FIELDS.values(), "in 90 %"), rows, n_text=len(by))


def _repeat_table(durations: pl.DataFrame) -> Table:
    """Set truth and what was found against strides that need no rule for contact."""
    note = (
        "Single stride times in ms, against the time after which the curves of a foot "
        "repeat. What the truth differs by is the floor of any error against it."
    )
    strides = durations.drop_nulls("repeat_ms")
    who = {"truth": pl.col("true_ms"), "found": pl.col("true_ms") + pl.col("error_ms")}
    parts = [
        strides.with_columns(said_by=pl.lit(name), error_ms=time - pl.col("repeat_ms"))
        for name, time in who.items()
    ]
    by = ["activity", "source", "said_by"]
    both = pl.concat(parts).sort(by)
    return _agreement_table("Strides that repeat", note, both, by=by)


def _metric_table(metrics: pl.DataFrame) -> Table:
    by = ["activity", "condition", "metric"]
    note = (
        "In the unit of the metric. Walking and running: whole recordings, both sides "
        "together, metrics of the found events and poses minus those of the true "
        "events on the markers. Other movements: found minus true."
    )
    own = metrics.filter(pl.col("side").is_null())
    numbers = summary(own.drop_nulls("error"), by=by, error="error")
    counts = own.group_by(by, maintain_order=True).agg(
        refused=pl.col("error").null_count(), inside=pl.col("inside").mean()
    )
    table = counts.join(numbers, on=by, how="left", maintain_order="left")
    rows = _rows(table, by, ["refused", *_FIELDS], digits=3, share="inside")
    return Table("Metrics", note, (*by, "refused", *_FIELDS.values(), "in 90 %"), rows)


def _angle_table(angles: pl.DataFrame) -> Table:
    by = ["activity", "condition", "angle"]
    note = (
        "Against Plug-in-Gait and inverse kinematics, degrees, means over recordings "
        "and sides. Our hip is relative to the trunk, theirs to the pelvis."
    )
    fields = ("offset_deg", "rmse_deg", "rmse_offset_removed_deg")
    table = angles.group_by(by, maintain_order=True).agg(
        pl.len().alias("n"), *(pl.col(f).mean() for f in fields)
    )
    head = (*by, "n", "offset", "RMSE", "RMSE, offset removed")
    return Table("Joint angles", note, head, _rows(table, by, ["n", *fields]))


def _rows(
    table: pl.DataFrame,
    texts: list[str],
    numbers: list[str],
    *,
    digits: int = 1,
    share: str | None = None,
) -> tuple[tuple[str, ...], ...]:
    """Spell the rows of a table: texts, numbers, and a share in per cent."""
    shares = [] if share is None else [share]
    return tuple(
        (
            *(str(row[name]).replace("_", " ") for name in texts),
            *(_number(row[name], digits=digits) for name in numbers),
            *(_percent(row[name]) for name in shares),
        )
        for row in table.iter_rows(named=True)
    )


def _number(value: float | None, *, digits: int = 1) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.{digits}f}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f} %"


def _figures(errors: Errors) -> list[Figure]:
    return [f for f in (_laboratories(errors), _views(errors)) if f is not None]


def _laboratories(errors: Errors) -> Figure | None:
    """Draw every event error, laboratory by laboratory."""
    found = errors.events.filter(kind="matched", condition="3D", activity="walk")
    names = sorted(found["laboratory"].unique().to_list())
    if not names:
        return None
    figure = Figure(figsize=(9, 1.2 + 0.5 * len(names)), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for axis, (event, title) in zip(axes, _TITLES.items(), strict=True):
        for row, name in enumerate(names):
            own = found.filter(laboratory=name, event=event)["error_ms"].to_numpy()
            spread = row + np.linspace(-0.25, 0.25, len(own)) if len(own) > 1 else [row]
            axis.plot(own, spread[: len(own)], "o", ms=3, color=LEFT, alpha=0.6)
            if len(own):
                axis.plot(own.mean(), row, "|", ms=16, mew=2, color=RIGHT)
        axis.axvspan(-17, 17, color="0.92", zorder=0)
        axis.axvline(0, color="0.6", lw=0.8)
        axis.set_title(title)
        axis.set_xlabel("found minus true (ms)")
    axes[0].set_yticks(range(len(names)), [n.replace("_", " ") for n in names])
    axes[0].invert_yaxis()
    figure.suptitle("Events in walking, markers in space (grey: 17 ms; bar: mean)")
    return figure


def _views(errors: Errors) -> Figure | None:
    """Draw the error of events over the yaw of the camera, a line per frame rate."""
    found = errors.events.filter(
        pl.col("condition").str.contains(r"^2D \d+ m \d+ deg \d+/s$"),
        pl.col("source") != "derived",
        kind="matched",
        activity="walk",
    )
    if found.is_empty():
        return None
    parts = found["condition"].str.extract_groups(
        r"^2D (?<distance>\d+) m (?<yaw>\d+) deg (?<rate>\d+)/s$"
    )
    found = pl.concat([found, parts.struct.unnest().cast(pl.Int32)], how="horizontal")
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    styles = {30: ":", 60: "--", 120: "-"}
    highest = [1.0]
    for axis, (event, title) in zip(axes, _TITLES.items(), strict=True):
        own = found.filter(event=event)
        means = own.group_by("distance", "yaw", "rate").agg(
            pl.col("error_ms").abs().mean()
        )
        for (distance, rate), line in means.sort("distance", "rate", "yaw").group_by(
            ["distance", "rate"], maintain_order=True
        ):
            axis.plot(
                *(line["yaw"], line["error_ms"], styles.get(int(str(rate)), "-")),
                color=LEFT if distance == 4 else RIGHT,
                label=f"{distance} m, {rate} frames/s",
            )
        highest += means["error_ms"].to_list()
        axis.set_title(title)
        axis.set_xlabel("yaw of the camera (deg)")
    axes[0].set_ylim(0, 1.3 * max(highest))
    axes[0].set_ylabel("mean absolute error (ms)")
    axes[1].legend(fontsize=7, frameon=False)
    return figure


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    with mpl.rc_context(
        {"svg.hashsalt": _SALT, "font.size": 9, "svg.fonttype": "none"}
    ):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]
