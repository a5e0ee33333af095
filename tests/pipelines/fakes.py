"""A pose model that reads frame numbers off pictures and knows where people are then.

`coded` draws a number on a picture as white and black blocks, which survive encoding;
`SyntheticModel` reads it and answers with the pose of a synthetic walker at that frame.
"""

from functools import lru_cache
from pathlib import Path

import av
import numpy as np

from biomech.arrays import to_array
from biomech.skeletons import HALPE26
from biomech.synthetic import ParallelCamera, to_poses, walker
from pipelines.models import Detections, ModelInfo, ModelSource

RATE_HZ = 30
WIDTH_PX, HEIGHT_PX = 640, 360
BITS = 18
BLOCK_PX = 16
SOURCE = ModelSource("synthetic", Path("synthetic.pt"), "0" * 64)

CAMERA = ParallelCamera(
    scale_px_m=100.0, center_m=(2.7, 0.9, 0.0), width_px=WIDTH_PX, height_px=HEIGHT_PX
)


def coded(number: int) -> np.ndarray:
    """A grey picture with its number in blocks along the upper edge."""
    image = np.full((HEIGHT_PX, WIDTH_PX, 3), 120, np.uint8)
    for bit in range(BITS):
        value = 255 if number >> bit & 1 else 0
        image[:BLOCK_PX, bit * BLOCK_PX : (bit + 1) * BLOCK_PX] = value
    return image


def number_of(image: np.ndarray) -> int:
    """Read the number off a picture."""
    half = BLOCK_PX // 2
    bits = [int(image[half, half + BLOCK_PX * bit, 0] > 128) for bit in range(BITS)]
    return sum(value << bit for bit, value in enumerate(bits))


def coded_video(path: Path, n_frames: int, *, first: int = 0) -> Path:
    """Write a video of numbered pictures at 30 frames per second."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        fast = {"preset": "ultrafast"}
        stream = container.add_stream("libx264", rate=RATE_HZ, options=fast)
        stream.width, stream.height = WIDTH_PX, HEIGHT_PX
        stream.pix_fmt = "yuv420p"
        for number in range(first, first + n_frames):
            frame = av.VideoFrame.from_ndarray(coded(number), format="bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@lru_cache(maxsize=1)
def walking() -> np.ndarray:
    """Keypoints of a walker in pixels and their confidence: (frames, points, 3)."""
    motion = walker(duration_s=4.0, rate_hz=float(RATE_HZ))
    poses = to_poses(motion, camera=CAMERA, names=HALPE26.keypoints)
    pose = to_array(poses, keypoints=HALPE26.keypoints)
    return np.dstack([pose.xyz, pose.confidence]).astype(np.float32)


class SyntheticModel:
    """Finds a walker in numbered pictures; nobody after the walk has ended."""

    skeleton = HALPE26
    info = ModelInfo(
        name="synthetic",
        path="synthetic.pt",
        sha256="0" * 64,
        engine="synthetic",
        precision="f32",
        device="cpu",
        imgsz=640,
        skeleton=HALPE26.name,
        keypoints=HALPE26.keypoints,
    )

    def __init__(self):
        self.seen = []

    def reset(self):
        pass

    def close(self):
        pass

    def __call__(self, frames):
        return [self._find(number_of(frame)) for frame in frames]

    def _moment(self, number):
        return number

    def _find(self, number):
        self.seen.append(number)
        number = self._moment(number)
        if number >= len(walking()):
            return Detections.empty(len(HALPE26))
        points = walking()[number][None]
        seen = points[0, np.isfinite(points[0, :, 0]), :2]
        if not len(seen):
            return Detections.empty(len(HALPE26))
        box = np.concatenate([seen.min(axis=0), seen.max(axis=0)])[None]
        return Detections(box.astype(np.float32), np.array([0.9], np.float32), points)


class TreadmillModel(SyntheticModel):
    """Finds somebody who walks on the spot for ever: the walk forth and back."""

    def _moment(self, number):
        n = len(walking())
        return min(number % (2 * n), 2 * n - 1 - number % (2 * n))


def load_treadmill(source, config, n_streams):
    """As `load_synthetic`, for long videos."""
    return TreadmillModel()


def load_synthetic(source, config, n_streams):
    """The loader of a job, as `pipelines.jobs.load_pose_model`."""
    return SyntheticModel()
