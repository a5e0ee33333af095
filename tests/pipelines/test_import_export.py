import json

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from typer.testing import CliRunner

import biomech as bm
from biomech.io.registry import Reading
from biomech.markers import key_columns
from biomech.schema import METRICS, SIGNALS
from biomech.synthetic import golf_swing, to_poses, walker
from pipelines.batch import run as run_batch
from pipelines.cli import app
from pipelines.config import Config
from pipelines.exporting import export_run
from pipelines.importing import import_files, with_size
from pipelines.jobs import OutFolder, jobs_of_run
from reports.words import words

NAMES = ("left_hip", "right_hip", "left_ankle", "right_ankle")


@pytest.fixture
def trc(tmp_path, frames):
    """A TRC file of four keypoints in pixels."""
    xyz = np.random.default_rng(3).uniform(0, 500, (3, 4, 2))
    path = tmp_path / "walk.trc"
    poses = bm.from_array(frames, xyz=xyz, keypoints=NAMES, unit="px")
    bm.write_trc(poses, path)
    return path


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_what_is_imported_can_be_analysed(tmp_path, trc):
    (done,) = import_files([trc], out=OutFolder(tmp_path / "out"), how=Reading())

    (job,) = jobs_of_run(OutFolder(tmp_path / "out"), config=Config(), clip={})
    poses = bm.read_poses(tmp_path / "out" / "poses_raw" / f"{done.clip_id}.parquet")
    assert (done.table, done.n_rows, done.n_tracks) == ("poses_raw", 3, 1)
    assert (job.clip_id, job.path.name) == (done.clip_id, "walk.trc")
    assert bm.keypoints_of(poses) == (*NAMES, "mid_hip")


def test_motion_capture_goes_from_a_file_to_a_page(tmp_path):
    walk = to_poses(walker(speed_m_s=1.3, duration_s=4.0, rate_hz=50.0))
    bm.write_trc(walk, tmp_path / "walk.trc")
    out = tmp_path / "out"

    run("import", tmp_path / "walk.trc", "--out", out, "--height-m", "1.75")
    analyzed = run("analyze", out)
    reported = run("report", out)

    metrics = pl.read_parquet(out / "metrics" / "*.parquet")
    speed = metrics.filter(pl.col("metric") == "speed", pl.col("side").is_null())
    (page,) = (out / "reports").glob("walk-*.html")
    said = page.read_text("utf-8")
    assert (analyzed.exit_code, reported.exit_code) == (0, 0)
    assert speed["value"].item() == pytest.approx(1.3, abs=0.02)
    assert "walking. 4.0 s of video, seen in 100 % of the frames." in said
    assert f"biomech import {tmp_path}/walk.trc --out OUT" in said
    assert words("en")["page"]["in_picture"] not in said


def test_a_walk_of_less_than_two_strides_is_told_to_be_named(tmp_path):
    walk = to_poses(walker(duration_s=1.3, rate_hz=50.0))
    bm.write_trc(walk, tmp_path / "walk.trc")
    run("import", tmp_path / "walk.trc", "--out", tmp_path / "out")

    unnamed = run("analyze", tmp_path / "out")
    named = run("analyze", tmp_path / "out", "--activity", "walk")

    metrics = pl.read_parquet(tmp_path / "out" / "metrics" / "*.parquet")
    assert "a walk or run needs two strides" in unnamed.stderr
    assert "no activity" not in named.stderr
    assert "too_few_cycles" in set(metrics["reason"])


def test_the_clip_knows_rate_size_and_athlete(tmp_path, trc):
    result = run(
        *("import", trc, "--out", tmp_path / "out", "--size", "640x480"),
        *("--athlete", "A", "--activity", "walk", "--height-m", "1.8"),
    )

    (path,) = (tmp_path / "out" / "clips").glob("*.parquet")
    row = pl.read_parquet(path).row(0, named=True)
    assert result.exit_code == 0
    assert (row["rate_hz"], row["n_frames"]) == (pytest.approx(10.0), 3)
    assert (row["width_px"], row["height_px"]) == (640, 480)
    assert (row["athlete"], row["activity"], row["height_m"]) == ("A", "walk", 1.8)


def test_one_bad_file_does_not_stop_the_others(tmp_path, trc):
    (trc.parent / "bad.trc").write_text("nonsense")

    result = run("import", trc.parent, "--out", tmp_path / "out", "--json")

    done = {d["path"].rpartition("/")[2]: d for d in json.loads(result.stdout)}
    assert result.exit_code == 1
    assert done["walk.trc"]["error"] is None
    assert "bad.trc" in done["bad.trc"]["error"]


def test_an_error_names_its_file(tmp_path, trc):
    text = trc.read_text("utf-8")
    trc.write_text(text.replace("Hip", "_1").replace("Ankle", "_2"), "utf-8")

    (done,) = import_files([trc], out=OutFolder(tmp_path / "out"), how=Reading())

    assert done.error.startswith(f"{trc}: marker mapping 'auto'")


def test_only_bad_files_are_a_usage_error_in_one_line(tmp_path):
    result = run("import", tmp_path / "none.trc", "--out", tmp_path / "out")

    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_folder_of_frames_is_one_clip(tmp_path):
    folder = tmp_path / "in" / "json"
    folder.mkdir(parents=True)
    points = [1.0, 2.0, 0.5] * 18
    for i in range(3):
        document = {"people": [{"pose_keypoints_2d": points}]}
        (folder / f"a_{i}_keypoints.json").write_text(json.dumps(document))

    done = list(
        import_files(
            [tmp_path / "in"], out=OutFolder(tmp_path / "out"), how=Reading(rate_hz=10)
        )
    )

    assert [(d.n_rows, d.error) for d in done] == [(3, None)]


@pytest.mark.parametrize("size", ["640", "640x", "ax480", "0x480", "1x2x3"])
def test_a_size_that_makes_no_sense_is_refused(size):
    with pytest.raises(bm.FormatError, match="1920x1080"):
        with_size(Reading(), size)


def test_poses_go_out_and_come_back_as_trc(tmp_path, trc):
    out = tmp_path / "out"
    run("import", trc, "--out", out)

    result = run("export", out, "--format", "trc", "--to", tmp_path / "there", "--json")

    (path,) = json.loads(result.stdout)
    again = bm.read_file(path).drop("clip_id")
    assert_frame_equal(again, bm.read_file(trc).drop("clip_id"))


def test_curves_go_out_as_mot_per_track(tmp_path):
    frames = pl.concat(key_columns("c", np.arange(2) / 10, track_id=i) for i in (1, 2))
    signals = frames.with_columns(left_knee_flexion_deg=pl.Series([1.0, 2, 3, 4]))
    path = tmp_path / "out" / "signals" / "c.parquet"
    bm.write_table(signals, path, schema=SIGNALS)

    files = list(export_run(tmp_path / "out", file_format="mot", to=tmp_path / "there"))

    assert [f.name for f in files] == ["c_track1.mot", "c_track2.mot"]
    assert bm.read_signals(files[1])["left_knee_flexion_deg"].to_list() == [3.0, 4.0]


@pytest.fixture
def metrics(tmp_path):
    for clip, value in (("a", 110.0), ("b", None)):
        row = {"clip_id": clip, "track_id": 0, "metric": "cadence", "side": None}
        row |= {"value": value, "unit": "spm", "low": None, "high": None, "n": 3}
        row |= {"sd": None, "grade": None, "reason": "few_cycles"}
        schema = {n: c.dtype for n, c in METRICS.columns.items()}
        table = pl.DataFrame([row], schema=schema)
        path = tmp_path / "out" / "metrics" / f"{clip}.parquet"
        bm.write_table(table, path, schema=METRICS)
    return tmp_path / "out"


def test_metrics_of_all_clips_are_one_csv(tmp_path, metrics):
    result = run("export", metrics)

    table = pl.read_csv(metrics / "exports" / "metrics.csv")
    assert result.exit_code == 0
    assert table.select("clip_id", "value").rows() == [("a", 110.0), ("b", None)]


def test_a_workbook_has_a_sheet_per_table(tmp_path, metrics):
    (path,) = export_run(metrics, file_format="xlsx", to=tmp_path / "there")

    import zipfile

    with zipfile.ZipFile(path) as book:
        sheets = book.read("xl/workbook.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
    assert 'name="metrics"' in sheets
    assert "cadence" in texts


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"file_format": "pdf"}, "unknown format 'pdf'"),
        ({"file_format": "csv", "tables": ("metric",)}, "did you mean 'metrics'"),
        ({"file_format": "trc", "tables": ("metrics",)}, "trc cannot hold"),
        ({"file_format": "csv", "tables": ("events",)}, "has no tables"),
    ],
)
def test_what_cannot_be_exported_says_why(tmp_path, metrics, options, what):
    with pytest.raises(bm.BiomechError, match=what):
        list(export_run(metrics, to=tmp_path / "there", **options))


def test_the_formats_are_listed():
    result = run("formats", "--json")

    found = json.loads(result.stdout)
    assert {"format": "trc", "holds": "markers", "suffixes": ".trc"} in found["formats"]
    assert "opencap" in found["marker_maps"]


def test_a_left_hander_who_was_declared_right_handed_is_told(tmp_path):
    golf = to_poses(golf_swing(handedness="left", rate_hz=60.0))
    bm.write_trc(golf, tmp_path / "golf.trc")
    out = OutFolder(tmp_path / "out")
    list(import_files([tmp_path / "golf.trc"], out=out, how=Reading()))
    known = {"activity": "golf", "handedness": "right"}
    stages = ("clean", "kinematics", "metrics")
    jobs = jobs_of_run(out, config=Config(), clip=known, stages=stages)

    done = run_batch(jobs, listener=lambda _: None)

    notes = {outcome.stage: outcome.note for outcome in done}
    assert "looks left-handed, but handedness='right' was given" in notes["metrics"]
