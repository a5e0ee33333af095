"""What workers tell while they work."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StageBegun:
    """A stage of a clip has begun."""

    clip_id: str
    file: str
    stage: str


@dataclass(frozen=True)
class FramesDone:
    """Some frames of a clip have been worked on; `n_frames` is None if unknown."""

    clip_id: str
    stage: str
    n_done: int
    n_frames: int | None


@dataclass(frozen=True)
class ClipDone:
    """A clip is finished, or has failed: then with one line per error."""

    clip_id: str
    file: str
    errors: tuple[str, ...]
    n_stages_run: int
    seconds: float


News = StageBegun | FramesDone | ClipDone
