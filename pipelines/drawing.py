"""The overlay stage: the video with skeletons on it, as a browser plays it."""

from collections.abc import Iterator

from biomech.schema import POSES, Poses
from pipelines.config import OverlayConfig
from pipelines.encoding import write_video
from pipelines.prefetch import prefetch
from pipelines.tasks import Task
from pipelines.video import FrameReader, VideoFrame, frames
from reports.overlay import Overlay, fitted


def draw_overlay(task: Task) -> None:
    """Draw the cleaned poses of a clip on its frames.

    The video begins with the first frame of the part that was analysed and runs at the
    speed of the scene: its time plus that frame's ``time_s`` is the time of the tables.

    Parameters
    ----------
    task
        The stage to run.
    """
    job = task.job
    poses = task.read("poses", POSES)
    with frames(
        job.path,
        capture_fps=job.clip.capture_fps,
        start_s=job.clip.start_s,
        end_s=job.clip.end_s,
    ) as reader:
        write_video(
            job.out.overlay(job.clip_id),
            _drawn(reader, poses, job.config.overlay, task),
            rate=reader.info.capture_rate,
            quality=job.config.overlay.quality,
            comment=task.digest,
        )


def _drawn(
    reader: FrameReader, poses: Poses, config: OverlayConfig, task: Task
) -> Iterator[VideoFrame]:
    """Draw on frames that are decoded ahead."""
    scale = min(1.0, config.max_height_px / reader.info.height_px)
    overlay = Overlay(poses, trace_s=config.trace_s, scale=scale)
    n_expected = reader.n_expected
    for n, frame in enumerate(prefetch(reader, depth=8), start=1):
        image = fitted(frame.image, max_height_px=config.max_height_px)
        yield VideoFrame(frame.index, frame.time_s, overlay.draw(image, frame.index))
        task.progress(n, n_expected)
