"""What every pose model looks like from outside, whoever made it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from biomech.errors import ModelError
from biomech.skeletons import Skeleton

#: One picture: blue, green, red; shape (height, width, 3).
Frame = NDArray[np.uint8]
Points = NDArray[np.float32]

#: Said in the terminal, in the Parquet footer and in the report, word for word.
DEMO_WARNING = (
    "This run used the demonstration model biomech-s1, which knows rendered people "
    "only: do not trust its numbers on real footage. Name a model with --model, "
    "for example yolo26n-pose."
)


@dataclass(frozen=True, eq=False)
class Detections:
    """The people found in one picture.

    Attributes
    ----------
    boxes
        Left, top, right, bottom in pixels of the picture, shape (people, 4).
    scores
        How sure the model is of each person, 0 to 1, shape (people,).
    keypoints
        x and y in pixels (y down) and confidence from 0 to 1, shape (people,
        keypoints, 3). The coordinates of an unseen keypoint are NaN, never (0, 0);
        its confidence stays.
    world
        Landmarks in metres about the middle of the hips, as the model gives them,
        shape (people, keypoints, 3); None for models without a third dimension.
    """

    boxes: Points
    scores: Points
    keypoints: Points
    world: Points | None = None

    def __post_init__(self) -> None:
        """Refuse arrays that do not describe the same number of people."""
        n = len(self.boxes)
        fits = (
            self.boxes.shape == (n, 4)
            and self.scores.shape == (n,)
            and self.keypoints.ndim == 3
            and self.keypoints.shape[::2] == (n, 3)
            and (self.world is None or self.world.shape == self.keypoints.shape)
        )
        if not fits:
            shapes = [
                None if a is None else a.shape
                for a in (self.boxes, self.scores, self.keypoints, self.world)
            ]
            msg = (
                f"boxes, scores, keypoints and world have shapes {shapes}; allowed "
                "are (n, 4), (n,), (n, k, 3) and nothing or (n, k, 3)"
            )
            raise ModelError(msg)

    def __len__(self) -> int:
        """Count the people."""
        return len(self.boxes)

    @classmethod
    def empty(cls, n_keypoints: int) -> "Detections":
        """Describe a picture without people."""
        return cls(
            boxes=np.empty((0, 4), np.float32),
            scores=np.empty(0, np.float32),
            keypoints=np.empty((0, n_keypoints, 3), np.float32),
        )


@dataclass(frozen=True)
class ModelInfo:
    """What is written down about the model that a run used.

    Attributes
    ----------
    name
        The official name, or the stem of the file.
    path
        Where the weights lie.
    sha256
        Digest of the weights.
    engine
        What computes: ``openvino``, ``onnxruntime``, ``torch``, ``tensorrt`` or
        ``mediapipe``.
    precision
        ``f32``, ``f16``, ``bf16`` or ``int8``.
    device
        ``cpu``, ``cuda`` or ``mps``.
    imgsz
        Longer side of the network's input in pixels; the other side follows the
        picture, rounded up to the stride.
    skeleton
        Name of the keypoint layout.
    keypoints
        Names in the model's order.
    second_look
        Whether small people were cut out and looked at again.
    versions
        Versions of the libraries that computed.
    is_demo
        Whether this is the shipped demonstration model.
    licence
        Licence of the weights, where it is known.
    notes
        What a reader of the results must know, such as a fallback that was taken.
    """

    name: str
    path: str
    sha256: str
    engine: str
    precision: str
    device: str
    imgsz: int
    skeleton: str
    keypoints: tuple[str, ...]
    second_look: bool = False
    versions: Mapping[str, str] = field(default_factory=dict)
    is_demo: bool = False
    licence: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def warning(self) -> str | None:
        """What to tell the user before anything else; None for a serious model."""
        return DEMO_WARNING if self.is_demo else None

    def as_meta(self) -> dict[str, Any]:
        """Give plain values for the Parquet footer."""
        return {**asdict(self), "warning": self.warning}


@runtime_checkable
class PoseModel(Protocol):
    """A pose model: pictures in, people out.

    A model may remember earlier pictures (BlazePose follows a person from frame to
    frame), so call `reset` between two clips, and `close` at the end.
    """

    @property
    def info(self) -> ModelInfo:
        """What this model is and how it computes."""
        ...

    @property
    def skeleton(self) -> Skeleton:
        """The keypoints, in the order of `Detections.keypoints`."""
        ...

    def __call__(self, frames: Sequence[Frame], /) -> list[Detections]:
        """Find the people in consecutive pictures, which may differ in size."""
        ...

    def reset(self) -> None:
        """Forget earlier pictures; a new clip begins."""
        ...

    def close(self) -> None:
        """Give back memory and threads."""
        ...
