import json
import subprocess
import sys
import time
from importlib import metadata

import polars as pl
import pytest
from typer.testing import CliRunner

from pipelines.batch import run
from pipelines.cli import app, main
from pipelines.commands.batches import Request
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


def test_tracks_are_mended_by_hand_and_only_later_stages_run_again(cli, season):
    cli.invoke(app, ["analyze", str(season.root)])
    (raw,) = (season.root / "poses_raw").glob("*.parquet")
    before = raw.stat().st_mtime_ns
    edits = season.tracks(raw.stem)
    edits.parent.mkdir()
    edits.write_text(
        '[[split]]\ntrack = 1\nat_s = 2.0\ninto = 7\n[names]\n7 = "Änna <b>"\n',
        encoding="utf-8",
    )

    shown = cli.invoke(app, ["analyze", str(season.root), "--athlete", "7"])
    poses = pl.read_parquet(season.root / "poses" / "*.parquet")

    assert shown.exit_code == 0, shown.output
    assert raw.stat().st_mtime_ns == before
    assert poses["time_s"].min() >= 2.0
    assert poses["track_id"].unique().to_list() == [7]
    assert poses["athlete"].unique().to_list() == ["Änna <b>"]


def test_a_wrong_track_number_fails_that_clip_with_the_right_ones(cli, season):
    shown = cli.invoke(app, ["analyze", str(season.root), "--athlete", "9"])

    assert shown.exit_code == 1
    assert "allowed are auto, all, or one of [1]" in shown.stderr


def test_a_job_file_in_the_folder_is_used_and_options_win(tmp_path):
    (tmp_path / "job.toml").write_text(
        'height_m = 1.9\nactivity = "run"\n[clips."a.mp4"]\nheight_m = 1.7\n'
    )

    config = Request(known={"activity": "walk"}).config([tmp_path])

    assert config.of_clip("a.mp4").height_m == 1.7
    assert config.of_clip("b.mp4").height_m == 1.9
    assert config.of_clip("a.mp4").activity == "walk"


def test_info_tells_about_a_video(cli, tmp_path):
    path = coded_video(tmp_path / "a b.mp4", 12)

    shown = cli.invoke(app, ["info", str(path), "--json"])

    document = json.loads(shown.stdout)
    assert (document["n_frames"], document["rate"]) == (12, "30")


def test_info_tells_where_a_table_came_from(cli, season):
    (path,) = (season.root / "poses_raw").glob("*.parquet")

    shown = cli.invoke(app, ["info", str(path)])

    assert "n_rows" in shown.stdout
    assert "name synthetic" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["status", "nowhere"], "no folder of a run"),
        (["analyze", "nowhere"], "no poses in 'nowhere'"),
        (["info", "nowhere.mp4"], "there is no file"),
        (["run", "nowhere", "--out", "x"], "there is no file or folder 'nowhere'"),
        (["run", "a.mp4", "--out", "a.mp4"], "results need a folder, and 'a.mp4'"),
        (["run", ".", "--out", "x", "--force", "poze"], "did you mean 'pose'"),
        (["run", ".", "--out", "x", "--set", "a=1"], "unknown key 'a'"),
        (["run", ".", "--out", "x", "--height-m", "180"], "in metres, as 1.80"),
        (["run", ".", "--out", "x", "--activity", "swim"], "must be one of"),
        (["run", ".", "--out", "x", "--config", "no.toml"], "no.toml"),
        (["run", ".", "--out", "x", "--device", "cuda:7"], "must be one of 'auto'"),
        pytest.param(
            ["run", ".", "--out", "x", "--device", "mps"],
            "torch sees no Apple graphics",
            marks=pytest.mark.skipif(sys.platform == "darwin", reason="has them"),
        ),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_two(
    monkeypatch, capsys, tmp_path, arguments, told
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.mp4").touch()
    monkeypatch.setattr("sys.argv", ["biomech", *arguments])

    with pytest.raises(SystemExit) as ended:
        main()
    shown = capsys.readouterr()

    assert ended.value.code == 2
    assert told in shown.err
    assert len(shown.err.splitlines()) == 1
    assert shown.out == ""


def test_help_is_there_at_once(root):
    times_s = []
    for _ in range(3):
        begun_s = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "pipelines", "--help"],
            cwd=root,
            capture_output=True,
            check=False,
        )
        times_s.append(time.perf_counter() - begun_s)
        assert done.returncode == 0

    assert min(times_s) < 0.6  # 0.1 s alone; the margin is for a busy machine


def test_the_version_is_the_installed_one(cli):
    shown = cli.invoke(app, ["--version"])

    assert shown.stdout == f"biomech {metadata.version('biomech')}\n"


def test_doctor_speaks_json_and_sees_the_codecs(cli, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    shown = cli.invoke(app, ["doctor", "--json"])

    findings = {f["what"]: f for f in json.loads(shown.stdout)}
    assert findings["video H.264"]["is_well"]
    assert findings["this folder"]["is_well"]
    assert shown.exit_code in {0, 1}
