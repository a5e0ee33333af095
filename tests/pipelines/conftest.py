"""Small videos made on the spot, each frame telling its own number."""

import contextlib
import os
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

TICK = Fraction(1, 90_000)
RATE = Fraction(30_000, 1001)

#: Brightness of frame n is LEVEL * n, which survives every codec here.
LEVEL = 8


def picture(number: int, *, width: int = 64, height: int = 48) -> np.ndarray:
    """A grey picture as bright as its number, with a white upper left corner."""
    image = np.full((height, width, 3), LEVEL * number, np.uint8)
    image[: height // 4, : width // 4] = 255
    return image


@pytest.fixture
def ordinary_priority():
    """Take back the real-time priority that SVT-AV1 gives the process of a superuser.

    Left alone it would pass to everything started later, and starve the machine.
    """
    yield
    if hasattr(os, "sched_setscheduler"):
        for thread in Path("/proc/self/task").iterdir():
            with contextlib.suppress(OSError):
                os.sched_setscheduler(
                    int(thread.name), os.SCHED_OTHER, os.sched_param(0)
                )


@pytest.fixture
def make_video(tmp_path: Path, ordinary_priority: None) -> Callable[..., Path]:
    """Encode a video: `stamps` are its timestamps in ticks of 1/90000 s."""

    def make(
        name: str = "clip.mp4",
        *,
        codec: str = "libx264",
        pixel_format: str = "yuv420p",
        n_frames: int = 20,
        stamps: Sequence[int] | None = None,
        rotation_deg: int | None = None,
        width: int = 64,
        height: int = 48,
        options: dict[str, str] | None = None,
        pixel_aspect: Fraction | None = None,
        metadata: dict[str, str] | None = None,
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        mov = {"movflags": "use_metadata_tags"} if name.endswith((".mp4", "v")) else {}
        with av.open(str(path), "w", options=mov) as container:
            container.metadata.update(metadata or {})
            stream = container.add_stream(codec, rate=RATE, options=options or {})
            stream.width, stream.height = width, height
            stream.pix_fmt = pixel_format
            stream.codec_context.time_base = TICK
            if pixel_aspect:
                stream.codec_context.sample_aspect_ratio = pixel_aspect
            if rotation_deg is not None:
                stream.set_display_rotation(rotation_deg)
            for i, stamp in enumerate(stamps or range(0, 3003 * n_frames, 3003)):
                image = picture(i, width=width, height=height)
                frame = av.VideoFrame.from_ndarray(image, format="bgr24")
                frame.pts, frame.time_base = stamp, TICK
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    return make
