"""Which figures a page shows, by activity: what is there is drawn, no more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from matplotlib.axes import Axes

from biomech.norms import KEY_POINTS, normal_curves
from biomech.schema import Signals
from reports.data import Person
from reports.findings import title_of
from reports.plots import (
    plot_asymmetry,
    plot_cycles,
    plot_path,
    plot_sequence,
    plot_signals,
    plot_swing_plane,
    to_svg,
    translate,
)
from reports.plots.bars import asymmetries
from reports.plots.curves import Band
from reports.plots.svg import span_of
from reports.words import Words

#: Curves over time, by activity, what a coach looks at first.
CURVES = {
    "walk": ("knee_flexion_deg", "hip_flexion_deg", "ankle_dorsiflexion_deg"),
    "run": ("knee_flexion_deg", "hip_flexion_deg", "ankle_dorsiflexion_deg"),
    "jump": ("centre_of_mass_y_m", "knee_flexion_deg", "hip_flexion_deg"),
    "squat": ("knee_flexion_deg", "hip_flexion_deg", "trunk_lean_deg"),
    "golf": ("elbow_flexion_deg", "knee_flexion_deg", "trunk_lean_deg"),
    "baseball": ("elbow_flexion_deg", "shoulder_flexion_deg"),
    "tennis": ("elbow_flexion_deg", "shoulder_flexion_deg"),
    "throw": ("elbow_flexion_deg", "shoulder_flexion_deg"),
}
#: Curves over the cycle of walking and running.
CYCLE_CURVES = ("hip_flexion_deg", "knee_flexion_deg", "ankle_dorsiflexion_deg")
_DEFAULT_CURVES = ("knee_flexion_deg", "hip_flexion_deg", "elbow_flexion_deg")
#: Speeds over time: of a joint, then of a point, in metres if there is a scale.
_FAST = {
    **dict.fromkeys(("walk", "run"), ("knee_flexion", "ankle")),
    **dict.fromkeys(("jump", "squat"), ("knee_flexion", "centre_of_mass")),
}
_DEFAULT_FAST = ("elbow_flexion", "wrist")
_PATHS = {
    "walk": ("left_ankle", "right_ankle"),
    "run": ("left_ankle", "right_ankle"),
    "golf": ("left_wrist", "right_wrist", "club_head"),
    "baseball": ("left_wrist", "right_wrist", "bat_tip"),
    "tennis": ("left_wrist", "right_wrist", "racket_head"),
    "throw": ("left_wrist", "right_wrist"),
}
#: Points of a swing that move in one plane: from which event to which, and the metric
#: that measures the slope.
_PLANES = {
    "club_head": ("mid_downswing", "mid_follow_through", "swing_plane_slope"),
    "hands": ("mid_downswing", "impact", "hand_path_slope"),
}


@dataclass(frozen=True)
class Picture:
    """One figure of a page.

    Attributes
    ----------
    section
        ``"curves"``, ``"cycle"``, ``"sequence"``, ``"asymmetry"`` or ``"path"``.
    title
        What it shows.
    svg
        The figure.
    span
        For curves over time: seconds at the left and right edge of the axes, and those
        edges as shares of the width.
    """

    section: str
    title: str
    svg: str
    span: tuple[float, float, float, float] | None = None


class _Drawer:
    """Makes pictures of one person in one language."""

    def __init__(self, person: Person, say: Words) -> None:
        self.person, self.say = person, say
        self.table = person.table

    def picture(self, section: str, axes: Axes, title: str, *, key: str) -> Picture:
        """Finish a figure."""
        titles = {**self.say["plot"], **self.say["unit"], **self._metric_titles()}
        translate(axes, titles, decimal_mark=self.say["page"]["decimal_mark"])
        svg = to_svg(axes, title=title, prefix=f"p{self.person.track_id}{key}")
        return Picture(
            section, title, svg, span_of(axes) if section == "curves" else None
        )

    def _metric_titles(self) -> dict[str, str]:
        english: dict[str, Any] = {}
        metrics = self.table("metrics")
        names = [] if metrics is None else metrics["metric"].unique().to_list()
        return {title_of(n, english): title_of(n, self.say) for n in names}

    def title(self, column: str, what: str = "{joint}") -> str:
        """Name a figure by the column it shows."""
        return signal_title(column, self.say, what=what)


def signal_title(column: str, say: Words, /, *, what: str = "{joint}") -> str:
    """Name a figure by the column it shows, in words of the language."""
    joint = say["signal"].get(column, column.replace("_", " "))
    said = str(say["figure"].get(what, what)).format(joint=joint)
    return said[:1].upper() + said[1:]


def pictures(person: Person, say: Words, /) -> list[Picture]:
    """Draw all figures that the tables of a clip allow.

    Parameters
    ----------
    person
        One person of a clip.
    say
        The catalogue of a language.

    Returns
    -------
    Figures in the order of the page.
    """
    drawer = _Drawer(person, say)
    return [
        *_curves(drawer),
        *_cycles(drawer),
        *_sequence(drawer),
        *_asymmetry(drawer),
        *_planes(drawer),
        *_path(drawer),
    ]


def _columns(table: pl.DataFrame, column: str) -> list[str]:
    """List the columns of a quantity that hold anything: both sides, or none."""
    names = (f"left_{column}", f"right_{column}", column)
    return [n for n in names if n in table.columns and table[n].count() > 1]


def _curves(drawer: _Drawer) -> Iterator[Picture]:
    signals = drawer.table("signals")
    if signals is None:
        return
    activity = drawer.person.activity
    joint, point = _FAST.get(activity, _DEFAULT_FAST)
    for column in CURVES.get(activity, _DEFAULT_CURVES):
        yield from _curve(drawer, signals, column, column, "{joint}")
    yield from _curve(drawer, signals, f"{joint}_deg_s", f"{joint}_deg", "velocity")
    for unit in ("m_s", "px_s"):
        yield from _curve(drawer, signals, f"{point}_speed_{unit}", point, "speed")
    over_ground = "ground_speed_m_s"
    yield from _curve(drawer, signals, over_ground, over_ground, "{joint}")


def _curve(
    drawer: _Drawer, signals: Signals, column: str, named: str, what: str
) -> Iterator[Picture]:
    columns = _columns(signals, column)
    if not columns:
        return
    axes = plot_signals(signals, columns=columns, events=drawer.table("events"))
    _name_sides(axes, columns)
    title = drawer.title(named, what)
    yield drawer.picture("curves", axes, title, key=f"t{column}")


def _name_sides(axes: Axes, columns: Sequence[str]) -> None:
    """Say only the side in the legend: the rest is in the title."""
    legend = axes.get_legend()
    if legend is not None:
        for text, name in zip(legend.get_texts(), columns, strict=True):
            text.set_text(name.split("_", 1)[0])


def _cycles(drawer: _Drawer) -> Iterator[Picture]:
    cycles = drawer.table("cycles")
    if cycles is None:
        return
    for column in CYCLE_CURVES:
        if column in cycles.columns and cycles[column].count():
            band = _normal(column) if drawer.person.activity == "walk" else None
            axes = plot_cycles(cycles, column=column, band=band)
            yield drawer.picture("cycle", axes, drawer.title(column), key=f"c{column}")


def _normal(column: str) -> Band | None:
    """Give mean and standard deviation of healthy adults as a band."""
    if column not in KEY_POINTS:
        return None
    curves, bare = normal_curves(), column.removesuffix("_deg")
    mean, sd = (curves[f"{bare}_{what}_deg"].to_numpy() for what in ("mean", "sd"))
    phase = curves["phase_pct"].to_list()
    return Band(phase, (mean - sd).tolist(), (mean + sd).tolist(), "healthy adults")


def _sequence(drawer: _Drawer) -> Iterator[Picture]:
    first = first_sequence(drawer.person)
    if first is not None and first["peak_time_s"].count() > 1:
        title = drawer.say["page"]["sequence"]
        yield drawer.picture("sequence", plot_sequence(first), title, key="seq")


def first_sequence(person: Person, /) -> pl.DataFrame | None:
    """Give the kinematic sequence of the first swing of a person, if there is one."""
    sequences = person.table("sequences")
    if sequences is None:
        return None
    first = sequences.filter(pl.col("swing_id").fill_null(0) == 0)
    return None if first.is_empty() else first


def _asymmetry(drawer: _Drawer) -> Iterator[Picture]:
    metrics = drawer.table("metrics")
    if metrics is not None and not asymmetries(metrics).is_empty():
        title = drawer.say["page"]["asymmetry"]
        yield drawer.picture("asymmetry", plot_asymmetry(metrics), title, key="asy")


def _planes(drawer: _Drawer) -> Iterator[Picture]:
    poses, swings = drawer.table("poses"), drawer.table("swings")
    if poses is None or swings is None:
        return
    for point, (begin, end, metric) in _PLANES.items():
        slope_deg = _value(drawer, metric)
        start_s, end_s = (swings.item(0, f"{e}_s") for e in (begin, end))
        needed = ("left_wrist", "right_wrist") if point == "hands" else (point,)
        if None in (slope_deg, start_s, end_s):
            continue
        if (
            _n_seen(poses.filter(pl.col("time_s").is_between(start_s, end_s)), needed)
            < 4
        ):
            continue
        window = swings.select("start_s", "end_s").row(0)
        axes = plot_swing_plane(
            poses.filter(pl.col("time_s").is_between(*window)),
            keypoint=point,
            start_s=start_s,
            end_s=end_s,
            slope_deg=slope_deg,
        )
        title = drawer.say["figure"][f"plane_{point}"]
        yield drawer.picture("path", axes, title, key=f"plane{point}")


def _value(drawer: _Drawer, metric: str) -> float | None:
    metrics = drawer.table("metrics")
    if metrics is None:
        return None
    found = metrics.filter((pl.col("metric") == metric) & pl.col("value").is_not_null())
    return None if found.is_empty() else float(found["value"][0])


def _path(drawer: _Drawer) -> Iterator[Picture]:
    poses = drawer.table("poses")
    if poses is None or drawer.person.activity in ("jump", "squat"):
        return
    wanted = _PATHS.get(drawer.person.activity, ("left_wrist", "right_wrist"))
    present = [k for k in wanted if _n_seen(poses, (k,)) > 1]
    if present:
        axes = plot_path(poses, keypoints=present)
        yield drawer.picture("path", axes, drawer.say["page"]["path"], key="path")


def _n_seen(poses: pl.DataFrame, keypoints: Sequence[str]) -> int:
    """Count the frames in which all of some points are there."""
    for unit in ("px", "m"):
        names = [f"{k}_x_{unit}" for k in keypoints]
        if set(names) <= set(poses.columns):
            return poses.select(names).drop_nulls().height
    return 0
