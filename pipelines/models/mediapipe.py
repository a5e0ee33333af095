"""BlazePose of MediaPipe: 33 landmarks with feet, and landmarks in metres."""

import contextlib
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biomech.errors import ConfigError, ModelError
from biomech.skeletons import BLAZEPOSE33, Skeleton
from pipelines.models.decode import MIN_SCORE, hide_unseen, suppress_doubles
from pipelines.models.opencv_wheels import opencv_advice
from pipelines.models.protocol import Detections, Frame, ModelInfo
from pipelines.models.quiet import USAGE_REPORTS, silent_stderr
from pipelines.models.sources import ModelSource

#: Side of the picture that the landmark network sees, in pixels.
_INPUT_PX = 256
#: MediaPipe wants rising times, in milliseconds. Only its own smoothing looks at their
#: distance, and that is off.
_FRAME_MS = 33


class BlazePose:
    """BlazePose from a ``.task`` bundle, following people from frame to frame.

    Parameters
    ----------
    info
        What to write down; its path is the bundle.
    max_people
        The most people to give per picture.
    min_score
        Drop people below this score.

    Notes
    -----
    Running mode VIDEO with at least two people. Measured on two clips of the test data
    with the full bundle:

    - VIDEO finds the walker of a wide street scene in 96 % of the frames, IMAGE in
      36 %: it looks where the person was, the detector alone is made for selfies.
    - VIDEO with one person smooths the landmarks (a One Euro filter that cannot be
      switched off): on a golf swing the third difference falls from 1.44 to 0.34 px,
      and a filter of our own would then see lagging data. With two people or more
      MediaPipe does not smooth.
    - The price is 17 CPU-ms per frame instead of 11 with one person in view.
    """

    def __init__(self, info: ModelInfo, *, max_people: int, min_score: float) -> None:
        self._info = info
        self._max_people = max_people
        self._min_score = min_score
        self._time_ms = 0
        USAGE_REPORTS.block()
        try:
            self._landmarker: Any = _open(info.path, n_people=max(2, max_people))
        except ModelError:
            USAGE_REPORTS.release()
            raise

    @property
    def info(self) -> ModelInfo:
        """What this model is and how it computes."""
        return self._info

    @property
    def skeleton(self) -> Skeleton:
        """The keypoints, in the order of `Detections.keypoints`."""
        return BLAZEPOSE33

    def __call__(self, frames: Sequence[Frame], /) -> list[Detections]:
        """Find the people in consecutive pictures of one clip."""
        return [self._detect(frame) for frame in frames]

    def reset(self) -> None:
        """Forget where people were; a new clip begins."""
        if self._time_ms:
            self._landmarker.close()
            n_people = max(2, self._max_people)
            self._landmarker = _open(self._info.path, n_people=n_people)
            self._time_ms = 0

    def close(self) -> None:
        """Give back memory and threads."""
        if self._landmarker is not None:
            self._landmarker.close()
            self._landmarker = None
            USAGE_REPORTS.release()

    def _detect(self, frame: Frame) -> Detections:
        import mediapipe

        image = mediapipe.Image(
            image_format=mediapipe.ImageFormat.SRGB,
            data=np.ascontiguousarray(frame[..., ::-1]),
        )
        # The graph's remarks to developers come with the first picture.
        with contextlib.nullcontext() if self._time_ms else silent_stderr():
            found = self._landmarker.detect_for_video(image, self._time_ms)
        self._time_ms += _FRAME_MS
        people = _people(found, width_px=frame.shape[1], height_px=frame.shape[0])
        keep = suppress_doubles(people.boxes, people.scores)[: self._max_people]
        keep = keep[people.scores[keep] >= self._min_score]
        world = None if people.world is None else people.world[keep]
        return Detections(
            people.boxes[keep], people.scores[keep], people.keypoints[keep], world
        )


def load_blazepose(
    source: ModelSource, *, max_people: int = 4, min_score: float = MIN_SCORE
) -> BlazePose:
    """Make BlazePose ready.

    Parameters
    ----------
    source
        A ``.task`` bundle.
    max_people
        The most people to look for. The cost grows with the people in view.
    min_score
        Drop people below this score, 0 to 1; the score is the mean visibility of the
        landmarks.

    Returns
    -------
    The model.

    Raises
    ------
    ModelError
        If MediaPipe is not installed or the bundle is damaged.
    ConfigError
        If `max_people` is not positive.
    """
    if max_people < 1:
        msg = f"max_people is {max_people}; allowed is 1 or more"
        raise ConfigError(msg)
    _import_mediapipe()
    info = ModelInfo(
        name=source.name,
        path=str(source.path),
        sha256=source.sha256,
        engine="mediapipe",
        precision="f32",
        device="cpu",
        imgsz=_INPUT_PX,
        skeleton=BLAZEPOSE33.name,
        keypoints=BLAZEPOSE33.keypoints,
        versions={"mediapipe": version("mediapipe")},
        licence=source.licence,
        notes=(source.note,) if source.note else (),
    )
    return BlazePose(info, max_people=max_people, min_score=min_score)


def _people(found: Any, *, width_px: int, height_px: int) -> Detections:
    """Turn MediaPipe's lists of landmarks into arrays in pixels."""
    if not found.pose_landmarks:
        return Detections.empty(len(BLAZEPOSE33))
    keypoints = _numbers(found.pose_landmarks, last="visibility")
    size = np.array([width_px, height_px], np.float32)
    keypoints[..., :2] *= size
    xy = keypoints[..., :2].clip(0, size)
    boxes = np.concatenate([xy.min(axis=1), xy.max(axis=1)], axis=1)
    scores = keypoints[..., 2].mean(axis=1)
    hide_unseen(keypoints, width_px=width_px, height_px=height_px)
    world = _numbers(found.pose_world_landmarks, last="z")
    return Detections(boxes, scores, keypoints, world)


def _numbers(people: Sequence[Any], *, last: str) -> NDArray[np.float32]:
    """Read x, y and a third number of every landmark of every person."""
    return np.array(
        [[(p.x, p.y, getattr(p, last)) for p in landmarks] for landmarks in people],
        np.float32,
    )


def _import_mediapipe() -> None:
    """Import MediaPipe, or say how to get it."""
    try:
        import mediapipe.tasks.python  # noqa: F401
    except (ImportError, OSError) as error:
        advice = opencv_advice() or "install it with: pip install 'biomech[blazepose]'"
        msg = f"BlazePose needs MediaPipe, which cannot be imported ({error}); {advice}"
        raise ModelError(msg) from error


def _open(path: str, *, n_people: int) -> Any:
    """Open a bundle in VIDEO mode."""
    from mediapipe.tasks.python import BaseOptions, vision

    class QuietOptions(BaseOptions):  # type: ignore[misc, unused-ignore]
        """Options with which usage reports cannot be delivered."""

        def to_ctypes(self) -> Any:
            options = super().to_ctypes()
            options.ca_bundle_path = USAGE_REPORTS.NO_CERTIFICATES.encode()
            return options

    options = vision.PoseLandmarkerOptions(
        base_options=QuietOptions(model_asset_path=path),
        running_mode=vision.RunningMode.VIDEO,
        num_poses=n_people,
    )
    try:
        with silent_stderr():
            return vision.PoseLandmarker.create_from_options(options)
    except (RuntimeError, ValueError, OSError) as error:
        msg = f"{path} is no BlazePose bundle that MediaPipe can open: {error}"
        raise ModelError(msg) from error
