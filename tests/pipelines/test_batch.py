import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from biomech.errors import BiomechError, ConfigError
from biomech.io.parquet import read_meta, read_poses
from biomech.synthetic import walker
from pipelines.batch import plan, run
from pipelines.config import Config
from pipelines.files import sole_writer
from pipelines.jobs import OutFolder, jobs_of_videos
from pipelines.manifest import read_manifest
from pipelines.video import probe
from tests.pipelines.fakes import SOURCE, SyntheticModel, coded_video, load_synthetic

STAGES = ("clip", "pose")
ALL_STAGES = ("clip", "pose", "clean", "kinematics", "metrics", "overlay", "report")
N_FRAMES = 120


@pytest.fixture
def out(tmp_path):
    return OutFolder(tmp_path / "out")


@pytest.fixture
def video(tmp_path):
    return coded_video(tmp_path / "in" / "walk.mp4", N_FRAMES)


def jobs_of(inputs, out, *, config=None, stages=STAGES, load=load_synthetic, **more):
    return jobs_of_videos(
        inputs,
        out=out,
        config=config or Config(),
        model=SOURCE,
        stages=stages,
        load=load,
        **more,
    )


def ignore(news):
    pass


def statuses(outcomes):
    return {(o.clip_id.split("-")[0], o.stage): o.status for o in outcomes}


def test_poses_follow_the_walker_through_the_video(video, out):
    jobs = jobs_of([video], out)

    run(jobs, listener=ignore)
    poses = read_poses(out.table("poses_raw", jobs[0].clip_id))

    assert poses["track_id"].n_unique() == 1
    assert poses["frame"].to_list() == list(range(N_FRAMES))
    assert poses["time_s"].to_list() == pytest.approx([i / 30 for i in range(N_FRAMES)])


def test_a_walk_is_measured_and_reported_from_video_to_page(tmp_path, out):
    coded_video(tmp_path / "in" / "Ann's <walk>.mp4", N_FRAMES)
    config = Config().with_settings(["height_m=1.75", "overlay.quality=40"])
    jobs = jobs_of([tmp_path / "in"], out, config=config, stages=ALL_STAGES)
    clip_id = jobs[0].clip_id

    outcomes = run(jobs, listener=ignore)
    metrics = pl.read_parquet(out.table("metrics", clip_id))
    cadence = metrics.filter(pl.col("metric") == "cadence")["value"].item()

    assert [o.error for o in outcomes] == [None] * len(ALL_STAGES)
    assert cadence == pytest.approx(2 * 60 / 1.1, abs=2)  # two steps per 1.1 s
    for table in ("signals", "events", "strides", "cycles"):
        assert pl.read_parquet(out.table(table, clip_id)).height > 0
    assert probe(out.overlay(clip_id)).n_frames == N_FRAMES
    assert clip_id in out.index.read_text(encoding="utf-8")
    assert "<walk>" not in out.report(clip_id).read_text(encoding="utf-8")
    assert set(plan(jobs)["reason"]) == {None}


def test_ground_points_give_speeds_whatever_the_activity(video, out):
    corners = [(0, 0), (500, 0), (500, 200), (0, 200)]  # 100 pixels are a metre
    ground = [
        {"x_px": x, "y_px": y, "x_m": x / 100, "y_m": y / 100} for x, y in corners
    ]
    config = Config().updated({"activity": "none", "ground": ground})
    jobs = jobs_of([video], out, config=config, stages=ALL_STAGES[:5])

    run(jobs, listener=ignore)
    metrics = pl.read_parquet(out.table("metrics", jobs[0].clip_id))
    signals = pl.read_parquet(out.table("signals", jobs[0].clip_id))

    way = walker(duration_s=4.0, rate_hz=30.0).root_m[:, 0]
    speed_m_s = (way[-1] - way[0]) / (len(way) - 1) * 30
    found = dict(metrics.select("metric", "value").iter_rows())
    assert found.keys() == {"distance_covered", "mean_speed", "top_speed"}
    assert found["mean_speed"] == pytest.approx(speed_m_s, rel=0.02)
    assert signals["ground_speed_m_s"].median() == pytest.approx(speed_m_s, rel=0.02)


def test_a_clip_without_people_is_reported_too(tmp_path, out):
    coded_video(tmp_path / "in" / "empty.mp4", 10, first=5000)

    outcomes = run(jobs_of([tmp_path / "in"], out, stages=ALL_STAGES), listener=ignore)

    assert [o.error for o in outcomes] == [None] * len(ALL_STAGES)
    assert "nobody was found" in [o.note for o in outcomes]
    assert len(list((out.root / "reports").glob("empty*.html"))) == 1


def test_a_clip_in_which_people_are_hardly_seen_is_told(tmp_path, out):
    video = coded_video(tmp_path / "in" / "late.mp4", 100, first=115)

    *_, clean = run(
        jobs_of([video], out, stages=("clip", "pose", "clean")), listener=ignore
    )

    assert clean.note == "people were seen in 5 of 100 frames only"


def test_a_footer_says_where_the_poses_came_from(video, out):
    jobs = jobs_of([video], out)

    run(jobs, listener=ignore)
    meta = read_meta(out.table("poses_raw", jobs[0].clip_id))

    assert meta["model"]["name"] == "synthetic"
    assert meta["model"]["sha256"] == SOURCE.sha256
    assert meta["video"]["sha256"] == jobs[0].sha256
    assert meta["frames"]["n_frames"] == N_FRAMES
    assert meta["skeleton"] == "HALPE-26"


def test_nothing_finished_is_done_again(video, out):
    jobs = jobs_of([video], out)
    run(jobs, listener=ignore)
    files = sorted(out.root.glob("*/*.parquet"))
    before = {file: file.stat().st_mtime_ns for file in files}

    outcomes = run(jobs, listener=ignore)

    assert {o.status for o in outcomes} == {"done"}
    assert {file: file.stat().st_mtime_ns for file in files} == before
    assert plan(jobs)["reason"].to_list() == [None, None]


def test_times_and_notes_of_the_first_run_stay_in_the_manifest(video, out):
    jobs = jobs_of([video], out)
    run(jobs, listener=ignore)
    first = read_manifest(out.manifest)

    run(jobs, listener=ignore)

    assert_frame_equal(read_manifest(out.manifest), first)
    assert first["seconds"].null_count() == 0


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("athlete='Anna'", ["changed", None]),
        ("capture_fps=240", ["changed", "changed"]),
        ("pose.imgsz=320", [None, "changed"]),
        ("overlay.quality=30", [None, None]),
    ],
)
def test_a_change_runs_only_what_depends_on_it(video, out, change, expected):
    run(jobs_of([video], out), listener=ignore)

    changed = jobs_of([video], out, config=Config().with_settings([change]))

    assert plan(changed)["reason"].to_list() == expected


def test_a_forced_stage_runs_again(video, out):
    run(jobs_of([video], out), listener=ignore)

    forced = jobs_of([video], out, forced=frozenset({"pose"}))

    assert plan(forced)["reason"].to_list() == [None, "forced"]


def test_a_damaged_result_is_made_again(video, out):
    jobs = jobs_of([video], out)
    run(jobs, listener=ignore)
    path = out.table("poses_raw", jobs[0].clip_id)
    whole = read_poses(path)
    path.write_bytes(path.read_bytes()[:500])

    run(jobs, listener=ignore)

    assert_frame_equal(read_poses(path), whole)


def test_one_failing_clip_stops_none_of_the_others(video, out):
    (video.parent / "empty.mp4").touch()
    (video.parent / "text.mp4").write_text("this is no video\n" * 99)

    inputs = [video.parent, video.parent / "missing.mp4"]
    outcomes = run(jobs_of(inputs, out), listener=ignore)

    assert statuses(outcomes) == {
        ("walk", "clip"): "done",
        ("walk", "pose"): "done",
        ("empty", "clip"): "failed",
        ("empty", "pose"): "blocked",
        ("text", "clip"): "failed",
        ("text", "pose"): "blocked",
        ("missing", "clip"): "failed",
        ("missing", "pose"): "blocked",
    }
    errors = [o.error for o in outcomes if o.error]
    assert all(len(error.splitlines()) == 1 for error in errors)
    failed = read_manifest(out.manifest).filter(pl.col("status") == "failed")
    assert failed.height == 3


class BrokenModel(SyntheticModel):
    def __call__(self, frames):
        msg = "the model has a bug"
        raise ZeroDivisionError(msg)


def load_broken(source, config, n_streams):
    return BrokenModel()


def test_an_unforeseen_error_is_recorded_with_its_traceback(video, out):
    run(jobs_of([video], out, load=load_broken), listener=ignore)

    row = read_manifest(out.manifest).row(1, named=True)

    assert row["status"] == "failed"
    assert row["error"] == "unforeseen ZeroDivisionError: the model has a bug"
    assert "test_batch.py" in row["traceback"]


def test_equal_names_in_two_folders_do_not_collide(tmp_path, out):
    coded_video(tmp_path / "in" / "a" / "GOPR0001.MP4", 10)
    coded_video(tmp_path / "in" / "b" / "GOPR0001.MP4", 20)

    run(jobs_of([tmp_path / "in"], out), listener=ignore)
    clips = pl.read_parquet(out.root / "clips" / "*.parquet")

    assert sorted(clips["n_frames"]) == [10, 20]
    assert clips["clip_id"].n_unique() == 2


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>.mp4", "Läufer – 跑步.mp4", f"{'x' * 200}.mp4"]
)
def test_names_of_any_kind_give_safe_files(tmp_path, out, name):
    coded_video(tmp_path / "in" / "x.mp4", 10).rename(
        tmp_path / "in" / name.replace("/", "")
    )

    outcomes = run(jobs_of([tmp_path / "in"], out), listener=ignore)
    names = [file.stem for file in (out.root / "poses_raw").glob("*.parquet")]

    assert {o.status for o in outcomes} == {"done"}
    assert len(names) == 1
    assert not set("<>/\\ ()'\"&") & set(names[0])


def test_results_are_no_inputs_of_the_next_run(video):
    out = OutFolder(video.parent / "results")
    coded_video(out.root / "overlays" / "walk.mp4", 5)

    jobs = jobs_of([video.parent], out)

    assert [job.path.name for job in jobs] == ["walk.mp4"]


def test_a_range_keeps_the_clock_and_numbers_of_the_whole(video, out):
    config = Config().with_settings(["start_s=1", "end_s=2"])
    jobs = jobs_of([video], out, config=config)

    run(jobs, listener=ignore)
    poses = read_poses(out.table("poses_raw", jobs[0].clip_id))

    assert poses["frame"].to_list() == list(range(30, 60))
    assert poses["time_s"].to_list() == pytest.approx([i / 30 for i in range(30, 60)])


@pytest.mark.slow  # every worker imports torch
def test_worker_processes_give_the_same_as_one(tmp_path):
    inputs = [coded_video(tmp_path / f"{n}.mp4", n) for n in (30, 40, 50)]
    one, many = OutFolder(tmp_path / "one"), OutFolder(tmp_path / "many")

    run(jobs_of(inputs, one), listener=ignore)
    run(jobs_of(inputs, many, n_workers=2), n_workers=2, listener=ignore)

    for file in sorted((one.root / "poses_raw").glob("*.parquet")):
        other = many.root / "poses_raw" / file.name
        assert_frame_equal(read_poses(file), read_poses(other))


class DeadlyModel(SyntheticModel):
    def __call__(self, frames):
        found = super().__call__(frames)
        if len(self.seen) > 35:
            os._exit(9)
        return found


def load_deadly(source, config, n_streams):
    return DeadlyModel()


def test_a_dying_worker_costs_only_its_own_clip(tmp_path, out):
    inputs = [coded_video(tmp_path / f"{n}.mp4", n) for n in (30, 20, 50)]
    jobs = jobs_of(inputs, out, load=load_deadly, n_workers=2)

    outcomes = run(jobs, n_workers=2, listener=ignore)

    pose = {k[0]: v for k, v in statuses(outcomes).items() if k[1] == "pose"}
    assert pose == {"30": "done", "20": "done", "50": "failed"}
    (error,) = [o.error for o in outcomes if o.error]
    assert "worker process died" in error


_SLOW_RUN = """
import sys, time
from pathlib import Path
from tests.pipelines import fakes
from tests.pipelines.test_batch import jobs_of
from pipelines.batch import run
from pipelines.jobs import OutFolder

class Slow(fakes.SyntheticModel):
    def __call__(self, frames):
        time.sleep(0.02)
        return super().__call__(frames)

def load(source, config, n_streams):
    return Slow()

jobs = jobs_of([Path(sys.argv[1])], OutFolder(Path(sys.argv[2])), load=load)
run(jobs, listener=print)
"""


def slow_run(root, video, out):
    return subprocess.Popen(
        [sys.executable, "-c", _SLOW_RUN, str(video), str(out.root)],
        cwd=root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def test_a_killed_run_goes_on_where_it_was_and_ends_the_same(root, tmp_path, out):
    video = coded_video(tmp_path / "in" / "long.mp4", 1200)
    reference = OutFolder(tmp_path / "reference")
    jobs = jobs_of([video], reference)
    run(jobs, listener=ignore)
    expected = read_poses(reference.table("poses_raw", jobs[0].clip_id))

    process = slow_run(root, video, out)
    deadline = time.monotonic() + 60
    while not list(out.root.glob("poses_raw/.*.parts/image/000001.parquet")):
        assert process.poll() is None, process.stderr.read().decode()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not list(out.root.glob("poses_raw/*.parquet"))
    model = SyntheticModel()
    (job,) = jobs_of([video], out)
    run([dataclasses.replace(job, load=lambda *_: model)], listener=ignore)

    assert_frame_equal(read_poses(out.table("poses_raw", job.clip_id)), expected)
    assert min(model.seen) >= 512
    assert not list(out.root.glob("poses_raw/.*"))


def test_an_interrupted_run_leaves_a_manifest_and_no_broken_file(video, out):
    second = coded_video(video.parent / "zz.mp4", 20)

    def stop(news):
        if getattr(news, "file", "") == second.name:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(jobs_of([video.parent], out), listener=stop)

    manifest = read_manifest(out.manifest)
    assert manifest["status"].to_list() == ["done", "done", "pending", "pending"]
    assert not list(out.root.rglob("*.part"))


def test_every_error_of_a_job_file_is_told_at_once(tmp_path):
    file = tmp_path / "job.toml"
    file.write_text('hight_m = 1.8\n[clips."a.mp4"]\nactivity = "swim"\n')

    with pytest.raises(BiomechError, match=r"(?s)did you mean 'height_m'.*'walk'"):
        Config.from_toml(file)


def test_the_manifest_is_json_ready(video, out):
    run(jobs_of([video], out), listener=ignore)

    rows = read_manifest(out.manifest).to_dicts()

    assert json.loads(json.dumps(rows)) == rows


def test_paths_in_a_job_are_those_given(video, out):
    (job,) = jobs_of([video], out)

    assert job.path == Path(video)


def test_a_second_run_in_the_same_folder_is_refused(video, out):
    with sole_writer(out.root), pytest.raises(ConfigError, match="another run writes"):
        run(jobs_of([video], out), listener=ignore)

    assert not out.manifest.exists()


def test_a_list_that_cannot_be_written_is_told_and_costs_no_clip(video, out):
    out.index.mkdir(parents=True)
    jobs = [
        dataclasses.replace(job, stages=(*job.stages, "report"))
        for job in jobs_of([video], out)
    ]

    *clips, index = run(jobs, listener=ignore)

    assert index.error is not None
    assert (index.clip_id, index.path) == ("", str(out.index))
    assert "failed" not in {o.status for o in clips if o.stage in ("clip", "pose")}
