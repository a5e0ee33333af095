"""Figures as library functions: a table in, axes out."""

import matplotlib as mpl
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes

from biomech.definitions import DEFINITIONS
from biomech.errors import SchemaError
from biomech.metrics import Estimate, metric, metrics_table
from biomech.synthetic import golf_swing, to_poses
from reports.plots import (
    figure,
    plot_asymmetry,
    plot_cycles,
    plot_cycles_together,
    plot_path,
    plot_sequence,
    plot_signals,
    plot_swing_plane,
    to_svg,
    translate,
)
from reports.plots.bars import asymmetries
from reports.plots.curves import spread, thinned
from reports.plots.svg import span_of
from reports.ranges import RANGES
from reports.style import LEFT, RIGHT

KNEES = ["left_knee_flexion_deg", "right_knee_flexion_deg"]


def test_figures_are_drawn_on_the_axes_given_or_on_new_ones(tables):
    given = figure()
    drawn = plot_signals(tables["signals"], columns=KNEES, ax=given)
    new = plot_signals(tables["signals"], columns=KNEES)

    assert drawn is given
    assert isinstance(new, Axes)
    assert new is not given


@pytest.mark.parametrize(
    "plot",
    [
        lambda t: plot_signals(t, columns=KNEES),
        lambda t: plot_cycles(t, column="knee_flexion_deg"),
        lambda t: plot_path(t, keypoints=["left_ankle"]),
        plot_asymmetry,
        plot_sequence,
        lambda t: plot_swing_plane(t, keypoint="hands", start_s=0.0, end_s=1.0),
    ],
)
def test_a_wrong_table_is_refused(plot):
    with pytest.raises(SchemaError, match=r"clip_id|segment"):
        plot(pl.DataFrame({"x": [1.0]}))


def test_left_is_blue_and_right_is_vermilion_and_gaps_stay_gaps(tables):
    gap = tables["signals"].with_columns(
        pl.when(pl.col("frame") != 50).then(pl.col(KNEES[0])).alias(KNEES[0])
    )

    axes = plot_signals(gap, columns=KNEES)

    lines = {line.get_label(): line for line in axes.get_lines()}
    assert lines["left knee flexion"].get_color() == LEFT
    assert lines["right knee flexion"].get_color() == RIGHT
    assert np.isnan(lines["left knee flexion"].get_ydata()[50])
    assert axes.get_ylabel() == "°"


def test_columns_of_two_units_are_refused(tables):
    with pytest.raises(SchemaError, match="one figure, one unit"):
        plot_signals(tables["signals"], columns=[KNEES[0], "left_knee_flexion_deg_s"])


def test_events_are_numbered_in_order_of_time(tables):
    events = tables["events"].sort("time_s").head(5)

    axes = plot_signals(tables["signals"], columns=KNEES, events=events)

    assert [t.get_text() for t in axes.texts] == ["1", "2", "3", "4", "5"]
    places = [t.get_position()[0] for t in axes.texts]
    assert places == sorted(places)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=12), st.floats(0.01, 2))
def test_numbers_are_pushed_apart_and_keep_their_order(places, least):
    places = sorted(places)

    moved = spread(places, least=least)

    gaps = np.diff(moved)
    assert (gaps >= least - 1e-9).all()
    assert np.mean(moved) == pytest.approx(np.mean(places), abs=1e-9)


def test_a_long_curve_keeps_every_peak():
    rng = np.random.default_rng(1)
    time = np.arange(100_000) / 30
    x = rng.normal(size=100_000)
    x[[777, 50_001]] = 99.0, -99.0

    kept_time, kept = thinned(time, x)

    assert len(kept) <= 1200
    assert kept.max() == 99.0
    assert kept.min() == -99.0
    np.testing.assert_array_equal(kept, x[np.searchsorted(time, kept_time)])


def test_cycles_show_the_mean_of_each_side(tables):
    axes = plot_cycles(tables["cycles"], column="knee_flexion_deg")

    (left,) = (x for x in axes.get_lines() if str(x.get_label()).startswith("left"))
    own = tables["cycles"].filter(pl.col("side") == "left").drop_nulls(KNEES[0][5:])
    mid = own.filter(phase_pct=50.0)["knee_flexion_deg"].mean()
    assert left.get_ydata()[50] == pytest.approx(mid)
    assert left.get_color() == LEFT


def test_asymmetry_is_right_minus_left_in_percent_of_their_mean():
    rows = [
        metric("step_time", Estimate(v, v - e, v + e, 3, 0.0), grade="A", side=side)
        for side, v, e in (("left", 0.5, 0.03), ("right", 0.6, 0.04))
    ]
    table = metrics_table(rows, clip_id="a", track_id=1)

    found = asymmetries(table)
    axes = plot_asymmetry(table)

    expected = [100 * d / 0.55 for d in (0.1, 0.05, 0.15)]
    assert found.row(0) == ("step_time", *(pytest.approx(e) for e in expected))
    assert [p.get_width() for p in axes.patches] == [pytest.approx(expected[0])]


@pytest.mark.parametrize("slope_deg", [45.0, 60.0])
def test_a_swing_plane_shows_the_slope_it_has(slope_deg):
    motion = golf_swing(plane_slope_deg=slope_deg)
    times = dict(motion.events.select("event", "time_s").iter_rows())

    axes = plot_swing_plane(
        to_poses(motion),
        keypoint="club_head",
        start_s=times["mid_downswing"],
        end_s=times["mid_follow_through"],
    )

    shown = axes.get_legend().get_texts()[1].get_text()
    assert float(shown.rstrip("°")) == pytest.approx(slope_deg, abs=1.0)


def test_a_plane_of_three_points_is_refused():
    poses = to_poses(golf_swing(rate_hz=60.0))

    with pytest.raises(SchemaError, match="at least 4"):
        plot_swing_plane(poses, keypoint="club_head", start_s=1.0, end_s=1.04)


def test_an_svg_stands_by_itself_and_is_the_same_every_time(tables):
    def drawn():
        axes = plot_signals(tables["signals"], columns=KNEES)
        return to_svg(axes, title='<b>"Knee"', prefix="k"), span_of(axes)

    (svg, span), again = drawn(), drawn()

    assert (svg, span) == again
    assert 'aria-label="&lt;b&gt;&quot;Knee&quot;"' in svg
    assert "http" not in svg.replace("http://www.w3.org", "")
    assert "var(--ink)" in svg
    assert span[0] == 0.0
    assert 0 < span[2] < span[3] < 1


def test_words_of_a_figure_can_be_put_into_another_language(tables):
    axes = plot_cycles(tables["cycles"], column="knee_flexion_deg")

    translate(axes, {"left": "links", "cycle (%)": "Zyklus (%)"})

    assert axes.get_xlabel() == "Zyklus (%)"
    said = [text.get_text().split(" ")[0] for text in axes.get_legend().get_texts()]
    assert said == ["links", "right"]


def test_no_global_state_of_matplotlib_is_touched(tables):
    before = dict(mpl.rcParams)

    to_svg(plot_signals(tables["signals"], columns=KNEES), title="", prefix="a")

    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", RANGES)
def test_every_usual_range_is_that_of_the_definition_card(name):
    card = DEFINITIONS[name]
    text = f"{card.meaning} {card.error}".replace("about ", "")

    usual = RANGES[name]
    assert f"{abs(usual.high):g}" in text
    assert f"{abs(usual.low):g}" in text


def test_sessions_are_drawn_over_each_other_with_their_number_of_cycles(tables):
    first = tables["cycles"].filter(pl.col("side") == "left")
    second = first.with_columns(pl.col("knee_flexion_deg") + 10.0)

    axes = plot_cycles_together(
        {"Mo": first, "Fr": second}, column="knee_flexion_deg", side="left"
    )

    curves = [line for line in axes.lines if "n = " in str(line.get_label())]
    n = first.drop_nulls("knee_flexion_deg")["stride_id"].n_unique()
    labels = [line.get_label() for line in curves]
    assert labels == [f"Mo (n = {n})", f"Fr (n = {n})"]
    apart = curves[1].get_ydata() - curves[0].get_ydata()
    np.testing.assert_allclose(apart, 10.0)
