import json
import subprocess
import sys
import time

import polars as pl
import pytest
from typer.testing import CliRunner

from pipelines.batch import run
from pipelines.cli import app
from pipelines.config import Config
from pipelines.jobs import OutFolder, jobs_of_videos
from tests.pipelines.fakes import SOURCE, coded_video, load_synthetic


@pytest.fixture
def cli(monkeypatch, tmp_path):
    monkeypatch.setenv("BIOMECH_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("BIOMECH_CACHE", str(tmp_path / "cache"))
    return CliRunner()


@pytest.fixture
def season(tmp_path):
    """A run with one good clip and one that failed, up to its poses."""
    coded_video(tmp_path / "in" / "walk.mp4", 120)
    (tmp_path / "in" / "zero.mp4").touch()
    out = OutFolder(tmp_path / "season")
    jobs = jobs_of_videos(
        [tmp_path / "in"],
        out=out,
        config=Config().with_settings(["activity=walk", "height_m=1.75"]),
        model=SOURCE,
        stages=("clip", "pose"),
        load=load_synthetic,
    )
    run(jobs, listener=lambda _: None)
    return out


def test_status_counts_and_names_what_failed(cli, season):
    shown = cli.invoke(app, ["status", str(season.root)])

    assert shown.exit_code == 0
    assert "clip           1 done     1 failed     0 waiting" in shown.stdout
    assert "zero.mp4: clip: 'zero.mp4' is empty (0 bytes)" in shown.stdout


def test_status_speaks_json(cli, season):
    shown = cli.invoke(app, ["status", str(season.root), "--json"])

    document = json.loads(shown.stdout)
    assert document["stages"][0]["done"] == 1
    assert document["failed"][0]["stage"] == "clip"


def test_analyze_goes_on_from_poses_without_video_or_model(cli, season, tmp_path):
    (tmp_path / "in" / "walk.mp4").unlink()

    shown = cli.invoke(app, ["analyze", str(season.root), "--json"])
    metrics = pl.read_parquet(season.root / "metrics" / "*.parquet")
    cadence = metrics.filter(pl.col("metric") == "cadence")["value"].item()

    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.stdout)["n_failed"] == 0
    assert cadence == pytest.approx(2 * 60 / 1.1, abs=2)  # two steps per 1.1 s


def test_analyze_keeps_what_the_run_knew_and_takes_what_is_said_now(cli, season):
    cli.invoke(app, ["analyze", str(season.root), "--activity", "none"])
    nothing = pl.read_parquet(season.root / "metrics" / "*.parquet")

    cli.invoke(app, ["analyze", str(season.root)])
    again = pl.read_parquet(season.root / "metrics" / "*.parquet")

    assert nothing.is_empty()
    assert not again.is_empty()


def test_tables_of_another_activity_do_not_stay_behind(cli, season):
    cli.invoke(app, ["analyze", str(season.root), "--activity", "walk"])
    before = sorted(file.parent.name for file in season.root.glob("*/walk-*.parquet"))

    cli.invoke(app, ["analyze", str(season.root), "--activity", "squat"])
    after = sorted(file.parent.name for file in season.root.glob("*/walk-*.parquet"))

    assert "strides" in before
    assert "strides" not in after
    assert "repetitions" in after


def test_info_tells_about_a_video(cli, tmp_path):
    path = coded_video(tmp_path / "a b.mp4", 12)

    shown = cli.invoke(app, ["info", str(path), "--json"])

    document = json.loads(shown.stdout)
    assert (document["n_frames"], document["rate"]) == (12, "30")


def test_info_tells_where_a_table_came_from(cli, season):
    (path,) = (season.root / "poses_raw").glob("*.parquet")

    shown = cli.invoke(app, ["info", str(path)])

    assert "n_rows" in shown.stdout
    assert '"name": "synthetic"' in shown.stdout


def call(*arguments, cwd):
    command = [sys.executable, "-m", "pipelines", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["status", "nowhere"], "no folder of a run"),
        (["analyze", "nowhere"], "no poses in 'nowhere'"),
        (["info", "nowhere.mp4"], "there is no file"),
        (["run", "nowhere", "--out", "x"], "there is no file or folder 'nowhere'"),
        (["run", ".", "--out", "x", "--force", "poze"], "did you mean 'pose'"),
        (["run", ".", "--out", "x", "--set", "a=1"], "unknown key 'a'"),
        (["run", ".", "--out", "x", "--height-m", "180"], "in metres, as 1.80"),
        (["run", ".", "--out", "x", "--activity", "swim"], "must be one of"),
        (["run", ".", "--out", "x", "--config", "no.toml"], "no.toml"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_two(root, arguments, told):
    done = call(*arguments, cwd=root)

    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_help_is_there_at_once(root):
    times_s = []
    for _ in range(3):
        begun_s = time.perf_counter()
        done = call("--help", cwd=root)
        times_s.append(time.perf_counter() - begun_s)
        assert done.returncode == 0

    assert min(times_s) < 0.6  # 0.1 s alone; the margin is for a busy machine


def test_doctor_speaks_json_and_sees_the_codecs(cli, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    shown = cli.invoke(app, ["doctor", "--json"])

    findings = {f["what"]: f for f in json.loads(shown.stdout)}
    assert findings["video H.264"]["is_well"]
    assert findings["this folder"]["is_well"]
    assert shown.exit_code in {0, 1}
