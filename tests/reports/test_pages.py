"""Pages without a browser: what is missing is said, and nothing is too large."""

import base64
import csv
import html
import io
import re

import jinja2
import numpy as np
import polars as pl
import pytest

from biomech.definitions import DEFINITIONS
from biomech.errors import FormatError
from biomech.schema import EVENTS, METRICS, SIGNALS
from reports.data import read_clip
from reports.downloads import csv_uri, excel_uri
from reports.html import write_clip_report, write_page
from reports.index import write_index
from reports.words import words
from tests.reports.conftest import CLIP_ID, clip_row
from tests.reports.runs import write_clip

SAY = words("en")["page"]
#: A run without figures, for tests of words.
BARE = dict.fromkeys(("signals", "cycles", "poses_raw"))


def text_of(path):
    """The words of a page, without markup and figures."""
    body = path.read_text(encoding="utf-8").split("</head>")[1]
    body = re.sub(r"<(svg|script).*?</\1>", " ", body, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def content_of(uri):
    return base64.b64decode(uri.split(",", 1)[1])


def test_the_same_tables_give_the_same_bytes(make_run):
    run = make_run()

    pages = [write_clip_report(run, CLIP_ID).read_bytes() for _ in range(2)]
    lists = [write_index(run).read_bytes() for _ in range(2)]

    assert pages[0] == pages[1]
    assert lists[0] == lists[1]


def test_a_page_says_what_was_seen_and_how_sure_it_is(make_run, tables):
    said = text_of(write_clip_report(make_run(), CLIP_ID))

    cadence = tables["metrics"].filter(metric="cadence").row(0, named=True)
    assert "Ada: walking. 4.0 s of video, seen in 100 % of the frames." in said
    assert f"Cadence: {cadence['value']:.1f} steps/min" in said
    assert f"{cadence['low']:.1f} to {cadence['high']:.1f} steps/min" in said
    assert "healthy adults: 100 to 130 steps/min" in said


def test_a_page_in_german_has_no_english_label(make_run):
    said = text_of(write_clip_report(make_run(), CLIP_ID, language="de"))

    assert "Ada: Gehen. 4,0 s Video" in said
    for german in ("Kadenz", "Berechnet als", "Braucht", "Fehler", "Quelle"):
        assert german in said
    for english in ("Key figures", "What is this?", "with 90 % certainty", "Knee fl"):
        assert english not in said


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ({"metrics": None} | BARE, SAY["no_metrics"]),
        ({"events": None, "strides": None, "cycles": None}, SAY["no_events"]),
        ({"has_video": False} | BARE, SAY["no_video"]),
        ({"signals": None}, SAY["quality"]),
        ({"clips": None} | BARE, SAY["provenance"]),
    ],
)
def test_a_page_says_what_is_missing(make_run, missing, said):
    assert said in text_of(write_clip_report(make_run(**missing), CLIP_ID))


def test_a_page_with_nothing_but_the_video_s_row_is_still_a_page(make_run, tables):
    nothing = dict.fromkeys(tables, None) | {"clips": tables["clips"]}

    said = text_of(write_clip_report(make_run(has_video=False, **nothing), CLIP_ID))

    assert "Nobody was found in 4.0 s of video" in said


def test_a_damaged_table_is_named_and_the_rest_is_shown(make_run):
    run = make_run(**BARE)
    (run / "events" / f"{CLIP_ID}.parquet").write_bytes(b"no table")

    said = text_of(write_clip_report(run, CLIP_ID))

    assert f"{SAY['problems']}. events:" in said
    assert "Cadence" in said


def test_an_unreadable_video_leaves_out_the_phase_pictures(make_run):
    run = make_run(**BARE)
    (run / "overlays" / f"{CLIP_ID}.mp4").write_bytes(b"no video")

    said = text_of(write_clip_report(run, CLIP_ID))

    assert f" {SAY['phases']} " not in said
    assert f"{SAY['events']} (" in said


def test_one_frame_makes_a_page(make_run, tables):
    one = {
        name: tables[name].filter(pl.col("frame") == 0)
        for name in ("poses_raw", "poses", "signals")
    }
    gone = dict.fromkeys(("events", "strides", "cycles", "metrics"), None)

    said = text_of(write_clip_report(make_run(**one, **gone), CLIP_ID))

    assert "Ada: walking" in said
    assert SAY["no_metrics"] in said


def test_forty_people_are_counted_and_the_longest_seen_are_shown(make_run, tables):
    def crowd(name):
        first = tables[name].filter(pl.col("time_s") < 0.3)
        return pl.concat(
            first.head(9 - i % 3).with_columns(track_id=pl.lit(i, pl.Int32))
            for i in range(1, 41)
        )

    many = {name: crowd(name) for name in ("poses_raw", "poses", "signals")}
    gone = dict.fromkeys(("events", "strides", "cycles", "metrics"), None)

    run = make_run(**many, **gone)
    path = write_clip_report(run, CLIP_ID)

    said = text_of(path)
    assert "40 people were tracked;" in text_of(write_index(run))
    assert "40 people were tracked. The 6 who were seen longest" in said
    assert said.count(SAY["quality"]) == 6
    ids = re.findall(r' id="([^"]+)"', path.read_text(encoding="utf-8"))
    assert len(ids) == len(set(ids))


def test_ninety_minutes_stay_below_ten_megabytes_and_keep_their_peak(make_run):
    n = 90 * 60 * 30
    frame = np.arange(n)
    knee = 30 + 30 * np.sin(frame / 5)
    knee[100_001] = 123.0
    key = {
        "clip_id": [CLIP_ID] * n,
        "track_id": pl.Series([1] * n, dtype=pl.Int32),
        "frame": pl.Series(frame, dtype=pl.Int32),
        "time_s": frame / 30,
    }
    signals = pl.DataFrame({**key, "left_knee_flexion_deg": knee})
    wrist = {"left_wrist_x_px": 100 + 50 * np.sin(frame / 9), "left_wrist_y_px": knee}
    poses = pl.DataFrame({**key, **wrist}).with_columns(
        pl.col("left_wrist_x_px", "left_wrist_y_px").cast(pl.Float32),
        left_wrist_confidence=pl.lit(0.9, pl.Float32),
    )
    steps = frame[::16]
    events = EVENTS.empty().with_columns()
    events = pl.DataFrame(
        {
            "clip_id": [CLIP_ID] * len(steps),
            "track_id": [1] * len(steps),
            "event": ["initial_contact"] * len(steps),
            "side": ["left"] * len(steps),
            "frame": steps,
            "time_s": steps / 30,
            "time_sd_s": [0.01] * len(steps),
            "confidence": [1.0] * len(steps),
        },
        schema=events.schema,
    )
    gone = dict.fromkeys(("strides", "cycles", "metrics", "poses_raw"), None)
    clips = clip_row(n_frames=n, duration_s=n / 30)

    path = write_clip_report(
        make_run(clips=clips, signals=signals, poses=poses, events=events, **gone),
        CLIP_ID,
    )

    assert path.stat().st_size < 3e6
    assert "120" in path.read_text(encoding="utf-8")  # the axis reaches the peak


def test_a_metric_without_certainty_is_no_finding(make_run, tables):
    vague = tables["metrics"].with_columns(
        low=pl.col("value").abs() * -2 - 1, high=pl.col("value").abs() * 4 + 1
    )

    said = text_of(write_clip_report(make_run(metrics=vague, **BARE), CLIP_ID))

    assert words("en")["finding"]["none"] in said


def test_a_demo_model_is_announced_on_top(make_run):
    footers = {"poses_raw": {"model": {"name": "demo", "warning": "Not for use."}}}

    said = text_of(
        write_clip_report(make_run(footers=footers, signals=None, cycles=None), CLIP_ID)
    )

    assert said.index(
        "Demonstration model. This run used the demonstration model demo"
    ) < said.index("What we saw")


@pytest.mark.parametrize(
    ("licence", "named"), [("AGPL-3.0", "tiny"), (None, "'my models/tiny.pt'")]
)
def test_the_command_names_a_model_that_can_be_found_again(make_run, licence, named):
    model = {"name": "tiny", "path": "my models/tiny.pt", "licence": licence}
    footers = {"poses_raw": {"model": model}}

    run = make_run(footers=footers, signals=None, cycles=None)
    said = text_of(write_clip_report(run, CLIP_ID))

    assert f"biomech run VIDEO --out OUT --model {named} {SAY['cite']}" in said


def test_every_refused_metric_is_listed_with_its_reason(make_run, tables):
    metrics = tables["metrics"].with_columns(
        value=pl.lit(None, pl.Float64),
        low=pl.lit(None, pl.Float64),
        high=pl.lit(None, pl.Float64),
        reason=pl.lit("no_scale"),
    )

    said = text_of(write_clip_report(make_run(metrics=metrics, **BARE), CLIP_ID))

    reason = "no scale: give the athlete's height or a known length"
    rest = said.split(SAY["refused"])[1]
    assert rest.count(reason) == 1
    for name in metrics["metric"].unique():
        assert DEFINITIONS[name].title in rest
    assert f"{SAY['not_told']}: Speed: {reason}." in said


def test_unknown_clips_are_refused(make_run):
    with pytest.raises(FormatError, match="holds nothing of a clip 'other'"):
        write_clip_report(make_run(), "other")


def test_a_word_that_a_template_misspells_is_an_error(tmp_path):
    with pytest.raises(jinja2.UndefinedError):
        write_page(tmp_path / "x.html", "clip.html.j2", language="en")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_spreadsheet_takes_no_text_for_a_formula(text):
    table = pl.DataFrame({"metric": [text, "plain"], "value": [-1.5, None]})

    rows = list(csv.reader(io.StringIO(content_of(csv_uri(table)).decode("utf-8-sig"))))

    assert rows == [["metric", "value"], ["'" + text, "-1.5"], ["plain", ""]]


def test_excel_holds_every_table_as_text_and_numbers(tables):
    zipfile = pytest.importorskip("zipfile")
    pytest.importorskip("xlsxwriter")
    hostile = tables["metrics"].with_columns(reason=pl.lit("=cmd|' /C calc'!A0"))

    uris = [excel_uri({"metrics": hostile, "events": tables["events"]}) for _ in "ab"]

    assert uris[0] == uris[1]
    with zipfile.ZipFile(io.BytesIO(content_of(uris[0]))) as book:
        names = book.namelist()
        sheets = [book.read(n).decode() for n in names if "worksheets/sheet" in n]
    assert len(sheets) == 2
    assert not any("<f>" in sheet for sheet in sheets)


def test_without_tables_there_is_no_excel_file():
    assert excel_uri({}) is None


def test_metrics_of_the_csv_are_those_of_the_table(tables):
    content = content_of(csv_uri(tables["metrics"]))

    found = pl.read_csv(content, schema_overrides={"reason": pl.String})
    assert found["value"].to_list() == tables["metrics"]["value"].to_list()


def test_an_empty_metrics_or_signals_table_counts_as_missing(make_run):
    run = make_run(metrics=METRICS.empty(), signals=SIGNALS.empty())

    assert SAY["no_metrics"] in text_of(write_clip_report(run, CLIP_ID))


def test_walking_shows_the_pictures_of_one_stride(make_run):
    page = write_clip_report(make_run(), CLIP_ID).read_text(encoding="utf-8")

    shown = re.findall(r'<img src="[^"]+" alt="(\S+),', page)

    assert len(shown) == 5
    assert shown[0] == shown[-1]


def test_people_are_known_without_reading_their_points(make_run):
    columns = {"poses": ["track_id"]}

    light = read_clip(make_run(), CLIP_ID, tables=("poses",), columns=columns)

    assert light.tables["poses"].columns == ["track_id"]
    assert [p.track_id for p in light.people] == [
        p.track_id for p in read_clip(make_run(), CLIP_ID).people
    ]


def test_the_list_shows_how_sure_a_finding_is_and_what_failed(make_run):
    run = make_run()
    pl.DataFrame(
        {"path": ["a/<b>.mp4"], "status": ["failed"], "error": ["no video stream"]}
    ).write_parquet(run / "manifest.parquet")

    said = text_of(write_index(run))

    assert "<b>.mp4: no video stream" in said
    assert "with 90 % certainty" in said


def test_the_list_marks_what_is_unusual_for_an_athlete(tmp_path):
    for i, cadence in enumerate((100.0, 101.0, 102.0, 103.0, 104.0, 150.0)):
        rows = [("cadence", None, cadence, 0.5, 8)]
        write_clip(tmp_path, f"c{i}-0123456789", rows, athlete="Ada")

    said = text_of(write_index(tmp_path))

    assert "Ada: walking" in said
    assert "c5: Cadence 150.0 steps/min, above this athlete's usual" in said
    assert "c4: Cadence" not in said


def test_events_that_were_placed_and_not_seen_are_called_estimated(make_run, tables):
    events = tables["events"].with_columns(confidence=pl.lit(0.4, pl.Float32))

    said = text_of(write_clip_report(make_run(events=events, **BARE), CLIP_ID))

    assert said.count(f"s · {SAY['estimated']}") == events.height + 5
