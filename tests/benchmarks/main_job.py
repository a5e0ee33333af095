"""Measure the pose stage against ultralytics' own tracking loop.

Run ``python -m tests.benchmarks.main_job VIDEO --model MODEL``. Every variant runs in a
process of its own, in turn, several times; the least of each is the figure, since
neighbours on the machine only ever add. Processor time per frame is the steady one.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: Frames that warm up an engine and are not timed.
WARM_UP = 10


def ultralytics_track(video: Path, model: Path, *, tracker: str | None) -> int:
    """Track as ultralytics documents it, and write the rows to Parquet."""
    import polars as pl
    from ultralytics import YOLO

    options: dict[str, Any] = {"tracker": tracker} if tracker else {}
    results = YOLO(model, task="pose").track(
        video, stream=True, verbose=False, imgsz=640, **options
    )
    rows: list[tuple[float, ...]] = []
    n_frames = 0
    for result in results:
        n_frames += 1
        clock.begin_after(n_frames)
        if result.boxes is None or result.boxes.id is None:
            continue
        ids = result.boxes.id.tolist()
        points = result.keypoints.data.reshape(len(ids), -1).tolist()
        rows += [(n_frames, i, *p) for i, p in zip(ids, points, strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        pl.DataFrame(rows, orient="row").write_parquet(Path(folder) / "rows.parquet")
    return n_frames


def ultralytics_openvino(video: Path, model: Path, *, tracker: str) -> int:
    """Track with the engine that a user who tunes would choose.

    It lets OpenVINO choose the precision, which on a new processor is bf16.
    """
    exported = model.with_name(f"{model.stem}_openvino_model")
    return ultralytics_track(video, exported, tracker=tracker)


def biomech_pose(video: Path, model: Path, *, precision: str) -> int:
    """Run the pose stage as ``biomech pose`` does, and write ``poses_raw``."""
    from pipelines.batch import run
    from pipelines.config import Config
    from pipelines.jobs import OutFolder, jobs_of_videos
    from pipelines.models import find_model
    from pipelines.news import FramesDone

    n_frames = 0

    def listen(news: object) -> None:
        nonlocal n_frames
        if isinstance(news, FramesDone):
            n_frames = news.n_done
            clock.begin_after(n_frames)

    with tempfile.TemporaryDirectory() as folder:
        jobs = jobs_of_videos(
            [video],
            out=OutFolder(Path(folder)),
            config=Config().with_settings(
                ["pose.imgsz=640", f"pose.precision={precision}"]
            ),
            model=find_model(model),
            stages=("clip", "pose"),
        )
        (error,) = {o.error for o in run(jobs, listener=listen)}
    if error:
        raise RuntimeError(error)
    return n_frames


class Clock:
    """Wall and processor time from the end of the warm-up on."""

    def __init__(self) -> None:
        self.n_before = 0
        self._wall_s = self._cpu_s = 0.0

    def begin_after(self, n_frames: int) -> None:
        """Start once, when enough frames are done."""
        if not self.n_before and n_frames >= WARM_UP:
            self.n_before = n_frames
            self._wall_s, self._cpu_s = time.perf_counter(), time.process_time()

    def read(self, n_frames: int) -> dict[str, float]:
        """Give frames per second, milliseconds of processor per frame, memory."""
        wall_s = time.perf_counter() - self._wall_s
        cpu_s = time.process_time() - self._cpu_s
        n_timed = n_frames - self.n_before
        return {
            "frames_per_s": n_timed / wall_s,
            "cpu_ms": 1000 * cpu_s / n_timed,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


clock = Clock()

VARIANTS: dict[str, tuple[Callable[..., int], dict[str, Any]]] = {
    "ultralytics track, default": (ultralytics_track, {"tracker": None}),
    "ultralytics track, ByteTrack": (ultralytics_track, {"tracker": "bytetrack.yaml"}),
    "ultralytics OpenVINO, ByteTrack": (
        ultralytics_openvino,
        {"tracker": "bytetrack.yaml"},
    ),
    "biomech pose, f32": (biomech_pose, {"precision": "f32"}),
    "biomech pose, bf16": (biomech_pose, {"precision": "bf16"}),
}


def export_openvino(model: Path) -> None:
    """Let ultralytics convert a model, in a process that does not count."""
    code = (
        "import sys; from ultralytics import YOLO; "
        "YOLO(sys.argv[1], task='pose').export(format='openvino', dynamic=True)"
    )
    subprocess.run([sys.executable, "-c", code, str(model)], check=True)


def measure(variant: str, video: Path, model: Path) -> dict[str, float]:
    """Run one variant in a process of its own."""
    command = [sys.executable, "-m", __spec__.name, str(video), "--model", str(model)]
    done = subprocess.run(
        [*command, "--only", variant], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure all variants in turn and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("video", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=VARIANTS)
    asked = parser.parse_args()
    if asked.only:
        function, options = VARIANTS[asked.only]
        n_frames = function(asked.video, asked.model, **options)
        print(json.dumps(clock.read(n_frames)))
        return
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in VARIANTS}
    with tempfile.TemporaryDirectory() as folder:
        model = Path(shutil.copy(asked.model, folder))
        export_openvino(model)
        for _ in range(asked.rounds):
            for name in VARIANTS:
                rounds[name].append(measure(name, asked.video, model))
    print(f"{'variant':32}{'CPU-ms/frame':>14}{'frames/s':>10}{'peak MB':>9}")
    for name, found in rounds.items():
        cpu_ms = min(f["cpu_ms"] for f in found)
        rate = max(f["frames_per_s"] for f in found)
        peak_mb = max(f["peak_mb"] for f in found)
        print(f"{name:32}{cpu_ms:14.1f}{rate:10.1f}{peak_mb:9.0f}")


if __name__ == "__main__":
    main()
