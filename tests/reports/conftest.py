"""A small run with known answers, and one real browser for all tests."""

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which

import av
import numpy as np
import polars as pl
import pytest

import biomech as bm
from biomech.io.parquet import write_table
from biomech.schema import (
    CLIPS,
    CYCLES,
    EVENTS,
    METRICS,
    POSES,
    SIGNALS,
    STRIDES,
)
from biomech.synthetic import ParallelCamera, to_poses, walker

RATE_HZ = 30
WIDTH_PX, HEIGHT_PX = 320, 180
CLIP_ID = "walk-0123456789"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SCHEMAS = {
    "clips": CLIPS,
    "poses_raw": POSES,
    "poses": POSES,
    "signals": SIGNALS,
    "events": EVENTS,
    "strides": STRIDES,
    "cycles": CYCLES,
    "metrics": METRICS,
}
FOOTERS = {
    "poses_raw": {
        "model": {
            "name": "tiny",
            "sha256": "f" * 64,
            "versions": {"engine": "1.0"},
            "warning": None,
        },
        "video": {"path": "walk.mp4", "sha256": "0" * 64},
    },
    "poses": {
        "activity": "walk",
        "created": "2026-01-02T03:04:05+00:00",
        "params": {"cutoff_hz": 6.0},
        "steps": [{"counts": {"n_masked": 3, "n_points": 100}}],
    },
}
Tables = dict[str, pl.DataFrame]


def clip_row(**changes: object) -> pl.DataFrame:
    """One row of the clips table."""
    row = {
        "clip_id": CLIP_ID,
        "path": "walk.mp4",
        "sha256": "0" * 64,
        "rate_hz": float(RATE_HZ),
        "n_frames": 120,
        "width_px": WIDTH_PX,
        "height_px": HEIGHT_PX,
        "duration_s": 4.0,
        "athlete": "Ada",
        "activity": "walk",
        "view": "sagittal",
    } | changes
    dtypes = {name: column.dtype for name, column in CLIPS.columns.items()}
    return pl.DataFrame([row], schema=dtypes)


@pytest.fixture(scope="session")
def tables() -> Tables:
    """Four seconds of a synthetic walker, analysed."""
    camera = ParallelCamera(
        scale_px_m=55.0,
        center_m=(2.7, 0.9, 0.0),
        width_px=WIDTH_PX,
        height_px=HEIGHT_PX,
    )
    motion = walker(duration_s=4.0, rate_hz=RATE_HZ, clip_id=CLIP_ID, track_id=1)
    poses = to_poses(motion, camera=camera)
    signals = bm.joint_angles(poses)
    signals = signals.join(
        bm.angular_velocities(signals), on=["clip_id", "track_id", "frame", "time_s"]
    )
    events = bm.gait_events(poses)
    strides = bm.strides(events, poses)
    return {
        "clips": clip_row(),
        "poses_raw": poses,
        "poses": poses,
        "signals": signals,
        "events": events,
        "strides": strides,
        "cycles": bm.cycles(signals, strides),
        "metrics": bm.gait_metrics(poses, events=events, height_m=1.75),
    }


def write_run(
    run: Path,
    tables: Tables,
    *,
    clip_id: str = CLIP_ID,
    footers: dict[str, dict[str, object]] | None = None,
) -> Path:
    """Write tables as a run does."""
    for name, table in tables.items():
        write_table(
            table.with_columns(clip_id=pl.lit(clip_id)),
            run / name / f"{clip_id}.parquet",
            schema=SCHEMAS[name],
            meta=(footers or FOOTERS).get(name, {}),
        )
    return run


def add_video(run: Path, video: Path, *, clip_id: str = CLIP_ID) -> None:
    """Put the video where the overlay belongs."""
    (run / "overlays").mkdir(exist_ok=True)
    (run / "overlays" / f"{clip_id}.mp4").write_bytes(video.read_bytes())


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds that a browser can play, every frame brighter than the last."""
    path = tmp_path_factory.mktemp("video") / "walk.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE_HZ)
        stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        for number in range(4 * RATE_HZ):
            image = np.full((HEIGHT_PX, WIDTH_PX, 3), 2 * number, np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture
def make_run(tmp_path: Path, tables: Tables, video: Path) -> Callable[..., Path]:
    """Write a run; changed tables replace those of the walker, None leaves one out."""

    def make(
        *,
        has_video: bool = True,
        clip_id: str = CLIP_ID,
        footers: dict[str, dict[str, object]] | None = None,
        **changes: pl.DataFrame | None,
    ) -> Path:
        run = tmp_path / "run"
        kept = {k: v for k, v in (tables | changes).items() if v is not None}
        write_run(run, kept, clip_id=clip_id, footers=footers)
        if has_video:
            add_video(run, video, clip_id=clip_id)
        return run

    return make


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """One headless Chromium for all tests, or a skip that says why."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is missing")
    path = next((found for name in BROWSERS if (found := which(name))), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is on the PATH")
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=options)
        yield running
        running.close()
