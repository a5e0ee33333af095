import json
import re

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import biomech as bm
from biomech.errors import ConfigError, FormatError, SchemaError
from biomech.metrics import estimate
from biomech.schema import GRADE, METRICS
from pipelines.cli import app
from reports.comparison import NOT_COMPARED, VERDICTS, changes, flagged, pooled
from reports.plots.intervals import plot_athletes, plot_changes
from reports.sessions import read_session, told_apart
from reports.team import read_team, team
from reports.words import LANGUAGES, words
from tests.reports.runs import MODEL, metrics_of, write_clip

HOSTILE = "<script>alert('x')</script>$1"


def change(before, after):
    """Compare one metric, cadence, given as (value, half, n)."""
    tables = (pooled(metrics_of([("cadence", None, *row)])) for row in (before, after))
    return changes(*tables).row(0, named=True)


def test_the_detectable_change_is_that_of_weir():
    # 3-4-5: halves of 3 and 4 steps/min give 1.645 sqrt(SEM1² + SEM2²) = 5.
    row = change((100.0, 3.0, 5), (106.0, 4.0, 5))

    assert row["mdc"] == pytest.approx(5.0)
    assert (row["low"], row["high"]) == pytest.approx((1.0, 11.0))
    assert row["verdict"] == "higher"


@pytest.mark.parametrize(
    ("after", "verdict"),
    [(104.9, "within"), (105.1, "higher"), (95.1, "within"), (94.9, "lower")],
)
def test_only_what_is_beyond_the_detectable_change_is_flagged(after, verdict):
    assert change((100.0, 3.0, 5), (after, 4.0, 5))["verdict"] == verdict


def test_of_uneven_intervals_the_halves_that_face_each_other_count():
    before = pooled(metrics_of([("cadence", None, 100.0, 3.0, 5)]))
    after = pooled(metrics_of([("cadence", None, 110.0, 4.0, 5)]))

    wide = after.with_columns(high=pl.lit(999.0)), before.with_columns(low=pl.lit(0.0))

    assert changes(before, wide[0])["mdc"].item() == pytest.approx(5.0)
    assert changes(wide[1], after)["mdc"].item() == pytest.approx(5.0)
    assert changes(wide[0], before)["mdc"].item() == pytest.approx(5.0)


def test_at_most_one_in_ten_is_flagged_where_nothing_changed():
    rng = np.random.default_rng(1)
    before, after = (
        pl.concat(
            metrics_of([("cadence", None, 0.0, 1.0, 5)]).with_columns(
                metric=pl.lit(f"cadence{i}"),
                value=pl.lit(found.value),
                low=pl.lit(found.low),
                high=pl.lit(found.high),
            )
            for i, found in enumerate(estimate(x) for x in rng.normal(size=(400, 5)))
        )
        for _ in range(2)
    )

    verdicts = changes(pooled(before), pooled(after))["verdict"]

    assert 0.02 < verdicts.is_in(["higher", "lower"]).mean() < 0.10


def test_a_single_movement_is_never_flagged():
    row = change((100.0, 3.0, 1), (200.0, 4.0, 9))

    assert row["verdict"] == "single"
    assert flagged(pl.DataFrame([row])).is_empty()


def test_refused_metrics_are_said_and_not_compared():
    row = change((100.0, 3.0, 5), (None, "view_oblique", 0))

    assert (row["verdict"], row["reason"]) == ("not_compared", "refused_after")
    assert row["after_reason"] == "view_oblique"
    assert row["difference"] is None


@pytest.mark.parametrize(
    ("change_of", "reason"),
    [
        ({"unit": pl.lit("hz")}, "units_differ"),
        ({"model": pl.lit("other")}, "models_differ"),
        ({"model": pl.lit(None, pl.String)}, "models_differ"),
        ({"low": pl.lit(None, pl.Float64)}, "no_interval"),
        ({"metric": pl.lit("speed")}, "absent_after"),
    ],
)
def test_what_is_not_alike_is_not_compared(change_of, reason):
    table = pooled(metrics_of([("cadence", None, 100.0, 3.0, 5)]))

    row = changes(table, table.with_columns(**change_of)).row(0, named=True)

    assert (row["verdict"], row["reason"]) == ("not_compared", reason)
    assert row["difference"] is None
    assert row["mdc"] is None


def test_sides_are_compared_with_their_own_side():
    rows = [("stance_time", s, v, 0.01, 4) for s, v in (("left", 0.6), ("right", 0.7))]
    table = pooled(metrics_of(rows))

    assert changes(table, table.reverse())["difference"].to_list() == [0.0, 0.0]


def test_several_clips_are_averaged_and_their_spread_counts():
    clips = [
        metrics_of([("cadence", None, value, 0.1, 4)], clip_id=clip_id)
        for clip_id, value in (("a", 100.0), ("b", 102.0), ("c", 104.0))
    ]

    row = pooled(pl.concat(clips)).row(0, named=True)

    # Student's quantile of 2 degrees of freedom is 2.920; sd 2, so 2.920 * 2 / sqrt(3).
    assert row["value"] == pytest.approx(102.0)
    assert row["high"] - row["value"] == pytest.approx(3.372, abs=1e-3)
    assert (row["n"], row["n_clips"], row["sd"]) == (12, 3, pytest.approx(2.0))


def test_clips_of_different_models_are_not_mixed():
    rows = [("cadence", None, 100.0, 1.0, 4)]
    both = [metrics_of(rows, clip_id=m, model=m) for m in ("one", "two")]

    row = pooled(pl.concat(both)).row(0, named=True)

    assert row["value"] is None
    assert row["model"] == "one, two"


def run_of(folder, cadence, *, clip_id="walk", **more):
    rows = [
        ("cadence", None, cadence, 3.0, 5),
        ("speed", None, 1.4, 0.1, 5),
        ("step_width", None, None, "needs_3d", 0),
    ]
    return write_clip(folder, clip_id, rows, **more)


def test_a_session_is_a_run_or_a_file_of_a_clip(tmp_path):
    run = run_of(tmp_path / "monday", 100.0, athlete="Ada")

    whole = read_session(run)
    single = read_session(run / "metrics" / "walk.parquet", athlete="Ada")

    assert (whole.label, single.label) == ("monday", "Ada")
    assert whole.models == ["m (ffffffffffff)"]
    assert whole.pooled.equals(single.pooled)


def test_sessions_with_equal_labels_gain_their_folders(tmp_path):
    runs = [run_of(tmp_path / day / "out", 100.0, athlete="Ada") for day in "ab"]
    others = [run_of(tmp_path / day, 100.0, athlete="Ada") for day in ("mo", "fr")]

    same = told_apart([read_session(run) for run in runs])
    ada = told_apart([read_session(run, athlete="Ada") for run in others])
    twice = told_apart([read_session(runs[0]), read_session(runs[0])])

    assert [s.label for s in same] == ["out (a/out)", "out (b/out)"]
    assert [s.label for s in ada] == ["Ada (mo)", "Ada (fr)"]
    assert [s.label for s in twice] == ["out #1", "out #2"]


def test_a_run_without_metrics_gives_pages_that_say_so(tmp_path):
    run = run_of(tmp_path / "a", 100.0)
    (run / "metrics" / "walk.parquet").unlink()
    page = tmp_path / "page.html"

    shown = compare(run, run_of(tmp_path / "b", 100.0), "--out", page)
    squad = CliRunner().invoke(app, ["team", str(run)])

    assert (shown.exit_code, squad.exit_code) == (0, 0)
    say = words("en")
    assert say["compare"]["nothing"] in page.read_text("utf-8")
    assert say["page"]["no_metrics"] in (run / "reports" / "team.html").read_text(
        "utf-8"
    )


def test_what_is_no_single_session_is_refused_with_the_choices(tmp_path):
    run_of(tmp_path, 100.0, clip_id="a", athlete="Ada", tracks=[1, 2])
    run_of(tmp_path, 100.0, clip_id="b", athlete="Ben", activity="run")

    with pytest.raises(ConfigError) as error:
        read_session(tmp_path)

    message = str(error.value)
    assert "--athlete: Ada, Ben" in message
    assert "--activity: run, walk" in message
    assert "--track: 1, 2" in message
    with pytest.raises(ConfigError, match="no athlete 'Cleo'; there are Ada, Ben"):
        read_session(tmp_path, athlete="Cleo")
    with pytest.raises(FormatError, match="does not exist"):
        read_session(tmp_path / "nowhere")


def compare(*arguments):
    return CliRunner().invoke(app, ["compare", *map(str, arguments)])


def test_compare_tells_and_writes_what_changed(tmp_path):
    monday = run_of(tmp_path / "monday", 100.0)
    friday = run_of(tmp_path / "friday", 110.0)
    page = tmp_path / "page.html"

    shown = compare(monday, friday, "--out", page)

    assert shown.exit_code == 0, shown.output
    assert "friday against monday: 1 of 2 metrics beyond their errors" in shown.stdout
    assert "higher cadence: 100 to 110 spm (detectable 4.2)" in shown.stdout
    text = page.read_text("utf-8")
    assert "Cadence: +10.0 steps/min" in text
    assert "one camera cannot show this; it needs 3D data" in text
    assert "10.1519/15184.1" in text


def test_a_change_of_an_indication_is_said_to_be_one(tmp_path):
    monday, friday = (
        run_of(tmp_path / day, cadence)
        for day, cadence in (("monday", 100.0), ("friday", 110.0))
    )
    path = friday / "metrics" / "walk.parquet"
    graded = pl.read_parquet(path).with_columns(grade=pl.lit("C").cast(GRADE))
    bm.write_table(graded, path, schema=METRICS, meta={"model": MODEL})

    compare(monday, friday, "--out", tmp_path / "page.html")

    text = (tmp_path / "page.html").read_text("utf-8")
    assert words("en")["compare"]["indications"] in text


def test_compare_sets_athletes_of_one_run_side_by_side(tmp_path):
    for name, cadence in (("Ada", 100.0), ("Ben", 90.0)):
        run_of(tmp_path, cadence, clip_id=name, athlete=name)

    shown = compare(
        tmp_path, "--athlete", "Ada", "--athlete", "Ben", "--json",
        "--out", tmp_path / "page.html",
    )  # fmt: skip

    found = json.loads(shown.stdout)
    assert found["first"] == "Ada"
    assert found["changes"]["Ben"][0]["verdict"] == "lower"


def test_comparing_one_session_with_nothing_is_refused(tmp_path):
    shown = compare(run_of(tmp_path, 100.0))

    assert isinstance(shown.exception, ConfigError)
    assert "two sessions or more" in str(shown.exception)


def test_different_models_are_said_on_the_page_and_nothing_is_flagged(tmp_path):
    monday = run_of(tmp_path / "monday", 100.0)
    friday = run_of(tmp_path / "friday", 150.0, model={"name": "other"})

    shown = compare(monday, friday, "--out", tmp_path / "page.html")

    assert "0 of 0 metrics" in shown.stdout
    text = (tmp_path / "page.html").read_text("utf-8")
    assert "found by different models: m (ffffffffffff) and other" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_escape_hostile_names_and_are_the_same_each_time(tmp_path, language):
    for i in range(6):
        name = HOSTILE + str(i)
        run_of(
            tmp_path, 100.0 + i, clip_id=f"c{i}", athlete=name,
            model={"name": HOSTILE, "warning": "demonstration"},
        )  # fmt: skip
    pair = ("--athlete", HOSTILE + "0", "--athlete", HOSTILE + "5")
    pages = [tmp_path / name for name in ("a.html", "b.html", "c.html", "d.html")]

    for page in pages[:2]:
        found = compare(tmp_path, *pair, "--out", page, "--language", language)
        assert found.exit_code == 0, found.exception
    for page in pages[2:]:
        arguments = ["team", tmp_path, "--out", page, "--language", language]
        found = CliRunner().invoke(app, [str(a) for a in arguments])
        assert found.exit_code == 0, found.exception

    texts = [page.read_text("utf-8") for page in pages]
    assert texts[0] == texts[1]
    assert texts[2] == texts[3]
    for text in texts:
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text
        assert words(language)["page"]["demo_title"] in text
        assert len(re.findall(r"<script>", text)) == 1


def squad(folder, cadences):
    for i, cadence in enumerate(cadences):
        rows = [("cadence", None, cadence, 3.0, 5), ("speed", None, 1.4, 0.1, 5)]
        write_clip(folder, f"c{i}", rows, athlete=f"P{i}")
    return team(read_team(folder)).filter(metric="cadence").sort("athlete")


def test_only_who_is_wholly_outside_of_the_usual_range_stands_out(tmp_path):
    # Median 100, absolute deviations 2, 1, 0, 1, 2, 20: their median 1.5.
    found = squad(tmp_path, [98.0, 99.0, 100.0, 101.0, 102.0, 120.0])

    low, high = found.select("usual_low", "usual_high").row(0)
    assert (low, high) == pytest.approx((100.5 - 5.5598, 100.5 + 5.5598), abs=1e-3)
    assert found["standing"].to_list() == [*["usual"] * 5, "above"]


def test_four_athletes_have_no_usual_range(tmp_path):
    found = squad(tmp_path, [98.0, 99.0, 100.0, 150.0])

    assert found["standing"].unique().to_list() == ["few"]
    assert found["usual_low"].null_count() == 4


def test_who_was_measured_by_another_model_is_shown_but_not_compared(tmp_path):
    write_clip(
        tmp_path, "z", [("cadence", None, 150.0, 3.0, 5)], athlete="Z",
        model={"name": "other"},
    )  # fmt: skip
    found = squad(tmp_path, [98.0, 99.0, 100.0, 101.0, 102.0]).row(5, named=True)

    assert (found["athlete"], found["value"]) == ("Z", 150.0)
    assert (found["standing"], found["why"]) == ("not_compared", "models_differ")
    assert found["n_athletes"] == 5


def test_people_without_names_stand_for_themselves(tmp_path):
    run_of(tmp_path, 100.0, clip_id="a", tracks=[1, 2])
    run_of(tmp_path, 100.0, clip_id="b")

    assert [s.label for s in read_team(tmp_path)] == ["a #1", "a #2", "b"]


def test_a_figure_needs_its_columns_and_a_label_for_each_row():
    table = pooled(metrics_of([("cadence", None, 100.0, 3.0, 5)]))

    with pytest.raises(SchemaError, match="difference"):
        plot_changes(table, labels=["Cadence"])
    with pytest.raises(SchemaError, match="2 labels for 1 rows"):
        plot_changes(changes(table, table), labels=["a", "b"])
    with pytest.raises(SchemaError, match="athlete"):
        plot_athletes(table, unit="spm")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_and_reason_has_words(language):
    say = words(language)

    assert set(say["verdict"]) == set(VERDICTS)
    assert set(NOT_COMPARED) <= set(say["compare"])
    assert set(say["compare"]) == set(words("en")["compare"])
    assert set(say["team"]) == set(words("en")["team"])


def test_pages_fit_a_phone_and_load_nothing(tmp_path, browser):
    for i, cadence in enumerate([90.0, 100.0, 101.0, 102.0, 103.0]):
        run_of(tmp_path, cadence, clip_id=f"c{i}", athlete=HOSTILE + str(i))
    names = ("--athlete", HOSTILE + "0", "--athlete", HOSTILE + "1")
    compare(tmp_path, *names, "--out", tmp_path / "compare.html")
    CliRunner().invoke(app, ["team", str(tmp_path), "--out", f"{tmp_path}/team.html"])
    page = browser.new_page(viewport={"width": 360, "height": 800})
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append("dialog"))

    widths = []
    for name in ("compare", "team"):
        page.goto((tmp_path / f"{name}.html").as_uri())
        widths.append(page.evaluate("document.documentElement.scrollWidth"))

    assert widths == [360, 360]
    assert said == []
    assert len(asked) == 2
    assert page.locator("svg[role=img]").count() >= 1
