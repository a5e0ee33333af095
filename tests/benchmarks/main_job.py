"""Measure the pose stage against ultralytics' own tracking loop, and compare the rows.

Run ``python -m tests.benchmarks.main_job [VIDEO] [--model MODEL]``. Every variant runs
in a process of its own, in turn, several times; the least of each is the figure, since
neighbours on the machine only ever add. Processor time per frame is the steady one.

Measured on two idle cores (match.mp4, biomech-s1, 640 px, one round; CPU-ms per frame,
frames per second): ultralytics' default 54.6, 18.7; with our tracker 50.2, 20.3; with
OpenVINO and ByteTrack 38.9, 48.4 (f32) and 26.8, 68.8 (bf16); biomech 32.5, 55.4 (f32)
and 21.4, 81.0 (bf16). All 1,434 rows of the same tracker are equal: frames, numbers,
and keypoints to 0.001 px.
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
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmarks.same_rows import compare

#: Frames that warm up an engine and are not timed.
WARM_UP = 10
SHIPPED = Path("pipelines/models/weights/biomech-s1.pt")
SAMPLE = Path("sample_videos/match.mp4")

#: The tracker of biomech: BoT-SORT as shipped, without the camera's motion.
STILL = "botsort_still.yaml"
REFERENCE, OURS = "ultralytics track, BoT-SORT still", "biomech pose, f32"


class Clock:
    """Wall and processor time from the end of the warm-up on."""

    def __init__(self) -> None:
        self.n_before = self.n_frames = 0
        self._wall_s = self._cpu_s = 0.0

    def tick(self, n_frames: int) -> None:
        """Note how many frames are done, and start once the warm-up is over."""
        self.n_frames = n_frames
        if not self.n_before and n_frames >= WARM_UP:
            self.n_before = n_frames
            self._wall_s, self._cpu_s = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        """Give frames per second, milliseconds of processor per frame, memory."""
        wall_s = time.perf_counter() - self._wall_s
        cpu_s = time.process_time() - self._cpu_s
        n_timed = self.n_frames - self.n_before
        return {
            "frames_per_s": n_timed / wall_s,
            "cpu_ms": 1000 * cpu_s / n_timed,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


def ultralytics_track(
    video: Path, model: Path, out: Path, clock: Clock, *, tracker: str | None = None
) -> None:
    """Track as ultralytics documents it, and write the rows to Parquet."""
    import polars as pl
    from ultralytics import YOLO

    options: dict[str, Any] = {"tracker": tracker} if tracker else {}
    results = YOLO(model, task="pose").track(
        video, stream=True, verbose=False, imgsz=640, **options
    )
    rows: list[tuple[float, ...]] = []
    for frame, result in enumerate(results):
        clock.tick(frame + 1)
        if result.boxes is None or result.boxes.id is None:
            continue
        ids, boxes = result.boxes.id.tolist(), result.boxes.xyxy.tolist()
        points = result.keypoints.data.reshape(len(ids), -1).tolist()
        found = zip(ids, boxes, points, strict=True)
        rows += [(frame, i, *box, *row) for i, box, row in found]
    pl.DataFrame(rows, orient="row").write_parquet(out / "rows.parquet")


def ultralytics_still(video: Path, model: Path, out: Path, clock: Clock) -> None:
    """Track with the tracker that biomech uses."""
    from ultralytics.utils import ROOT, YAML

    settings = YAML.load(ROOT / "cfg" / "trackers" / "botsort.yaml")
    YAML.save(out / STILL, {**settings, "gmc_method": "none"})
    ultralytics_track(video, model, out, clock, tracker=str(out / STILL))


def ultralytics_openvino(
    video: Path, model: Path, out: Path, clock: Clock, *, precision: str
) -> None:
    """Track as a user who tunes would: OpenVINO and ByteTrack.

    Left alone, OpenVINO computes in bf16 on processors that can.
    """
    import openvino

    compile_model = openvino.Core.compile_model
    pinned = {"INFERENCE_PRECISION_HINT": precision}

    def compile_pinned(
        core: Any, network: Any, *, device_name: str, config: Any
    ) -> Any:
        return compile_model(core, network, device_name, {**config, **pinned})

    openvino.Core.compile_model = compile_pinned
    exported = model.with_name(f"{model.stem}_openvino_model")
    ultralytics_track(video, exported, out, clock, tracker="bytetrack.yaml")


def biomech_pose(
    video: Path, model: Path, out: Path, clock: Clock, *, precision: str
) -> None:
    """Run the pose stage as ``biomech pose`` does, and write ``poses_raw``."""
    from pipelines.batch import run
    from pipelines.config import Config
    from pipelines.files import sha256_of
    from pipelines.jobs import OutFolder, jobs_of_videos
    from pipelines.models import ModelSource
    from pipelines.news import FramesDone
    from pipelines.tracking import Tracker

    def listen(news: object) -> None:
        if isinstance(news, FramesDone):
            clock.tick(news.n_done)

    Tracker(rate_hz=30.0)  # imports count for nobody

    jobs = jobs_of_videos(
        [video],
        out=OutFolder(out),
        config=Config().with_settings(
            ["pose.imgsz=640", f"pose.precision={precision}"]
        ),
        model=ModelSource(model.stem, model, sha256_of(model)),
        stages=("clip", "pose"),
    )
    if errors := [o.error for o in run(jobs, listener=listen) if o.error]:
        raise RuntimeError("; ".join(errors))


VARIANTS: dict[str, Callable[[Path, Path, Path, Clock], None]] = {
    "ultralytics track, default": ultralytics_track,
    REFERENCE: ultralytics_still,
    "ultralytics OpenVINO f32, ByteTrack": partial(
        ultralytics_openvino, precision="f32"
    ),
    "ultralytics OpenVINO bf16, ByteTrack": partial(
        ultralytics_openvino, precision="bf16"
    ),
    OURS: partial(biomech_pose, precision="f32"),
    "biomech pose, bf16": partial(biomech_pose, precision="bf16"),
}


def export_openvino(model: Path) -> None:
    """Let ultralytics convert a model, in a process that does not count."""
    code = (
        "import sys; from ultralytics import YOLO; "
        "YOLO(sys.argv[1], task='pose').export(format='openvino', dynamic=True)"
    )
    subprocess.run([sys.executable, "-c", code, str(model)], check=True)


def measure(variant: str, video: Path, model: Path, out: Path) -> dict[str, float]:
    """Run one variant in a process of its own."""
    command = [sys.executable, "-m", __spec__.name, str(video), "--model", str(model)]
    done = subprocess.run(
        [*command, "--only", variant, "--out", str(out)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def print_table(rounds: dict[str, list[dict[str, float]]]) -> None:
    """Print the least processor time and memory and the best rate of each variant."""
    print(f"{'variant':38}{'CPU-ms/frame':>13}{'frames/s':>10}{'peak MB':>9}")
    for name, found in rounds.items():
        cpu_ms = min(f["cpu_ms"] for f in found)
        rate = max(f["frames_per_s"] for f in found)
        peak_mb = max(f["peak_mb"] for f in found)
        print(f"{name:38}{cpu_ms:13.1f}{rate:10.1f}{peak_mb:9.0f}")


def need_torchvision() -> None:
    """Stop where ultralytics cannot track at all: its wheels have to fit each other."""
    try:
        import torchvision  # noqa: F401
    except (ImportError, RuntimeError) as error:
        sys.exit(f"ultralytics needs a torchvision that fits torch: {error}")


def main() -> None:
    """Measure all variants in turn, print a table, compare the rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("video", type=Path, nargs="?", default=SAMPLE)
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=[*VARIANTS])
    parser.add_argument("--only", choices=VARIANTS, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only:
        clock = Clock()
        VARIANTS[asked.only](asked.video, asked.model, asked.out, clock)
        print(json.dumps(clock.read()))
        return
    need_torchvision()
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in asked.variants}
    with tempfile.TemporaryDirectory() as folder:
        outs = {name: Path(folder) / str(i) for i, name in enumerate(asked.variants)}
        model = Path(shutil.copy(asked.model, folder))
        if any("OpenVINO" in name for name in asked.variants):
            export_openvino(model)
        for _ in range(asked.rounds):
            for name, out in outs.items():
                shutil.rmtree(out, ignore_errors=True)
                out.mkdir()
                rounds[name].append(measure(name, asked.video, model, out))
        print_table(rounds)
        if {REFERENCE, OURS} <= outs.keys():
            print(compare(outs[OURS], outs[REFERENCE]))


if __name__ == "__main__":
    main()
