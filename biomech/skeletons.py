"""Keypoints and skeletons: one vocabulary of names for every pose model.

A skeleton is an ordered subset of `KEYPOINTS`, in the index order of the model. The
skeleton of a table is read off its column names.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from biomech.errors import SkeletonError

_COCO = (
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
)
_HALPE_MORE = (
    "head_top",
    "neck",
    "mid_hip",
    "left_big_toe",
    "right_big_toe",
    "left_small_toe",
    "right_small_toe",
    "left_heel",
    "right_heel",
)
_BLAZEPOSE_MORE = (
    "left_eye_inner",
    "right_eye_inner",
    "left_eye_outer",
    "right_eye_outer",
    "left_mouth",
    "right_mouth",
    "left_pinky",
    "right_pinky",
    "left_index",
    "right_index",
    "left_thumb",
    "right_thumb",
)
#: Points of clubs, bats, rackets and balls.
IMPLEMENT_POINTS = (
    "grip",
    "club_head",
    "bat_knob",
    "bat_tip",
    "racket_grip",
    "racket_head",
    "ball",
)
#: The back and the front of the thorax: C7 with T10, and sternum, in files of markers.
THORAX_POINTS = ("thorax_back", "thorax_front")

#: Every name a keypoint can have. Append only: files depend on the names.
KEYPOINTS: tuple[str, ...] = (
    *_COCO,
    *_HALPE_MORE,
    *_BLAZEPOSE_MORE,
    *IMPLEMENT_POINTS,
    *THORAX_POINTS,
)

_LIMBS = (
    ("left_ear", "left_eye"),
    ("left_eye", "nose"),
    ("nose", "right_eye"),
    ("right_eye", "right_ear"),
    ("head_top", "neck"),
    ("neck", "left_shoulder"),
    ("neck", "right_shoulder"),
    ("neck", "mid_hip"),
    ("mid_hip", "left_hip"),
    ("mid_hip", "right_hip"),
    ("left_shoulder", "right_shoulder"),
    ("left_shoulder", "left_hip"),
    ("right_shoulder", "right_hip"),
    ("left_hip", "right_hip"),
    *(
        (f"{side}_{a}", f"{side}_{b}")
        for side in ("left", "right")
        for a, b in (
            ("shoulder", "elbow"),
            ("elbow", "wrist"),
            ("wrist", "index"),
            ("hip", "knee"),
            ("knee", "ankle"),
            ("ankle", "heel"),
            ("heel", "big_toe"),
            ("ankle", "big_toe"),
        )
    ),
    ("grip", "club_head"),
    ("bat_knob", "bat_tip"),
    ("racket_grip", "racket_head"),
)


@dataclass(frozen=True)
class Skeleton:
    """An ordered set of keypoints, as one pose model numbers them.

    Attributes
    ----------
    name
        What people call it.
    keypoints
        Names from `KEYPOINTS`, in the model's index order.
    """

    name: str
    keypoints: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse names outside the vocabulary, and names given twice."""
        unknown = sorted(set(self.keypoints) - set(KEYPOINTS))
        twice = sorted({k for k in self.keypoints if self.keypoints.count(k) > 1})
        if unknown or twice:
            msg = f"skeleton {self.name!r}: unknown keypoints {unknown}, twice {twice}"
            raise SkeletonError(msg)

    def __len__(self) -> int:
        """Count the keypoints."""
        return len(self.keypoints)

    @property
    def limbs(self) -> tuple[tuple[str, str], ...]:
        """Pairs of keypoints to draw a line between."""
        return limbs_of(self.keypoints)


def limbs_of(keypoints: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """List the limbs that a set of keypoints can show.

    Parameters
    ----------
    keypoints
        Names from `KEYPOINTS`.

    Returns
    -------
    Pairs of names, both present.
    """
    present = set(keypoints)
    return tuple(limb for limb in _LIMBS if present >= set(limb))


def mirror_of(name: str) -> str:
    """Name the same keypoint, angle or column on the other side of the body.

    Parameters
    ----------
    name
        A name that may begin with ``left_`` or ``right_``.

    Returns
    -------
    The name with its side exchanged; unpaired names come back unchanged.

    Examples
    --------
    >>> mirror_of("left_knee"), mirror_of("nose")
    ('right_knee', 'nose')
    """
    for side, other in (("left_", "right_"), ("right_", "left_")):
        if name.startswith(side):
            return other + name.removeprefix(side)
    return name


def _sided(order: str, side: str) -> tuple[str, ...]:
    return tuple(f"{side}_{part}" for part in order.split())


_ARM, _LEG = "shoulder elbow wrist", "hip knee ankle"

#: The 17 points of COCO, as every stock YOLO pose model gives them.
COCO17 = Skeleton("COCO-17", _COCO)
#: COCO-17 with head top, neck, mid-hip and feet (Halpe-FullBody, body part).
HALPE26 = Skeleton("HALPE-26", (*_COCO, *_HALPE_MORE))
#: OpenPose BODY_25.
BODY25 = Skeleton(
    "BODY_25",
    (
        *("nose", "neck"),
        *_sided(_ARM, "right"),
        *_sided(_ARM, "left"),
        "mid_hip",
        *_sided(_LEG, "right"),
        *_sided(_LEG, "left"),
        *("right_eye", "left_eye", "right_ear", "left_ear"),
        *_sided("big_toe small_toe heel", "left"),
        *_sided("big_toe small_toe heel", "right"),
    ),
)
#: OpenPose BODY_25B: 25 points as well, in another order.
BODY25B = Skeleton(
    "BODY_25B",
    (
        *_COCO,
        *("neck", "head_top"),
        *_sided("big_toe small_toe heel", "left"),
        *_sided("big_toe small_toe heel", "right"),
    ),
)
#: OpenPose COCO-18 (old models).
COCO18 = Skeleton(
    "COCO-18",
    (
        *("nose", "neck"),
        *_sided(_ARM, "right"),
        *_sided(_ARM, "left"),
        *_sided(_LEG, "right"),
        *_sided(_LEG, "left"),
        *("right_eye", "left_eye", "right_ear", "left_ear"),
    ),
)
#: MediaPipe BlazePose; its foot index is the big toe.
BLAZEPOSE33 = Skeleton(
    "BLAZEPOSE-33",
    (
        "nose",
        *_sided("eye_inner eye eye_outer", "left"),
        *_sided("eye_inner eye eye_outer", "right"),
        *("left_ear", "right_ear", "left_mouth", "right_mouth"),
        *(
            f"{side}_{part}"
            for part in (
                *("shoulder", "elbow", "wrist", "pinky", "index", "thumb"),
                *("hip", "knee", "ankle", "heel", "big_toe"),
            )
            for side in ("left", "right")
        ),
    ),
)

#: Every built-in skeleton by name.
SKELETONS: dict[str, Skeleton] = {
    s.name: s for s in (COCO17, HALPE26, BODY25, BODY25B, COCO18, BLAZEPOSE33)
}
