"""Vary labelled pictures: crop, zoom, mirror, colour, blur, noise, cut-outs."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from biomech.skeletons import HALPE26, mirror_of
from pipelines.training.pictures import Picture, Pixels

Array = NDArray[np.float64]
#: Width and height, in pixels.
Size = tuple[int, int]

#: Grey around pictures, as ultralytics pads them at inference.
PADDING = (114, 114, 114)
#: A person cut off by the edge stays labelled while this share of the box remains.
_MIN_BOX_SHARE, _MIN_BOX_PX = 0.15, 4.0


@dataclass(frozen=True)
class Augmentation:
    """How much pictures are varied.

    Attributes
    ----------
    heights
        Height of the person that a crop is made around, in parts of the crop (or
        the width, where that fills more of it).
    shift
        Spread (standard deviation) of that person's place, in parts of the crop.
    whole_share
        How often the whole picture is used instead of a crop around a person.
    mirror_share, colour_share, grey_share, blur_share, noise_share, cut_out_share
        How often each is done.
    """

    heights: tuple[float, float] = (0.35, 1.05)
    shift: float = 0.10
    whole_share: float = 0.05
    mirror_share: float = 0.5
    colour_share: float = 0.6
    grey_share: float = 0.05
    blur_share: float = 0.15
    noise_share: float = 0.15
    cut_out_share: float = 0.15


def mirrored_order(names: tuple[str, ...] = HALPE26.keypoints, /) -> NDArray[np.int64]:
    """Return the index of each keypoint's twin on the other side of the body.

    Parameters
    ----------
    names
        Keypoints in the order of the network.

    Returns
    -------
    Indices, shape (k,); unpaired keypoints keep theirs.
    """
    return np.array([names.index(mirror_of(name)) for name in names])


def augmented(
    picture: Picture,
    /,
    *,
    size_px: Size,
    rng: np.random.Generator,
    how: Augmentation,
    twins: NDArray[np.int64],
) -> Picture:
    """Make another picture of the same people.

    Parameters
    ----------
    picture
        What is known.
    size_px
        Width and height of the picture that comes out.
    rng
        Source of all choices.
    how
        How much to vary.
    twins
        What `mirrored_order` says of the keypoints.

    Returns
    -------
    The new picture. Keypoints outside of it have visibility 0; people of whom hardly
    anything is left are unlabelled.
    """
    scale, centre = _crop(picture, size_px, rng, how)
    flip = rng.random() < how.mirror_share
    across = -scale if flip else scale
    matrix = np.array([[across, 0.0, 0.0], [0.0, scale, 0.0]])
    matrix[:, 2] = _aim(size_px, rng, how) - matrix[:, :2] @ centre
    fine = cv2.INTER_AREA if scale < 0.6 else cv2.INTER_LINEAR
    image = cv2.warpAffine(
        np.ascontiguousarray(picture.image),
        matrix,
        size_px,
        flags=fine,
        borderValue=PADDING,
    )
    boxes, keypoints = _moved(picture, matrix, size_px)
    if flip:
        keypoints = keypoints[:, twins]
    return Picture(_recoloured(image, rng, how), boxes, keypoints)


def _crop(
    picture: Picture, size_px: Size, rng: np.random.Generator, how: Augmentation
) -> tuple[float, Array]:
    """Choose a zoom and the point of the picture to look at."""
    height, width = picture.image.shape[:2]
    fit = min(size_px[0] / width, size_px[1] / height)
    if not len(picture.boxes) or rng.random() < how.whole_share:
        return fit, np.array([width / 2, height / 2])
    left, top, right, bottom = picture.boxes[rng.integers(len(picture.boxes))]
    filled = max((right - left) / size_px[0], (bottom - top) / size_px[1])
    wanted = rng.uniform(*how.heights) / filled
    scale = float(np.clip(wanted, 0.5 * fit, 3.0 * fit))
    return scale, np.array([(left + right) / 2, (top + bottom) / 2])


def _aim(size_px: Size, rng: np.random.Generator, how: Augmentation) -> Array:
    return np.array(size_px) * (0.5 + rng.normal(0.0, how.shift, 2))


def _moved(
    picture: Picture, matrix: Array, size_px: Size
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Move labels along and clip them to the new picture."""
    corners = picture.boxes.reshape(-1, 2, 2) @ matrix[:, :2].T + matrix[:, 2]
    boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    inside = boxes.clip(0, np.tile(size_px, 2))
    before, after = _area(boxes), _area(inside)
    sides = (inside[:, 2:] - inside[:, :2]).min(axis=1, initial=np.inf)
    keep = (after > _MIN_BOX_SHARE * before) & (sides > _MIN_BOX_PX)
    keypoints = picture.keypoints.copy()
    xy = keypoints[..., :2] @ matrix[:, :2].T + matrix[:, 2]
    shown = ((xy >= 0) & (xy < size_px)).all(axis=-1) & (keypoints[..., 2] > 0)
    keypoints[..., :2] = np.where(shown[..., None], xy, 0.0)
    keypoints[..., 2] *= shown
    return inside[keep].astype(np.float32), keypoints[keep].astype(np.float32)


def _area(boxes: Array) -> Array:
    area: Array = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return area


def _recoloured(image: Pixels, rng: np.random.Generator, how: Augmentation) -> Pixels:
    """Change light, colour, sharpness and noise; cover patches."""
    if rng.random() < how.colour_share:
        image = _relit(image, rng)
    if rng.random() < how.grey_share:
        image = cv2.cvtColor(
            cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR
        )
    if rng.random() < how.blur_share:
        sigma = rng.uniform(0.4, 1.6)
        image = cv2.GaussianBlur(image, (0, 0), sigma)
    if rng.random() < how.noise_share:
        grain = rng.normal(0, rng.uniform(2, 12), image.shape[:2])[..., None]
        image = np.clip(image + grain, 0, 255).astype(np.uint8)
    if rng.random() < how.cut_out_share:
        image = _covered(image, rng)
    return image


def _relit(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Change exposure, contrast, white balance and saturation."""
    gain = rng.uniform(0.75, 1.25) * rng.uniform(0.9, 1.1, 3)
    levels = (np.arange(256) / 255.0) ** rng.uniform(0.65, 1.5)
    table = np.clip(255 * levels[:, None] * gain, 0, 255).astype(np.uint8)
    image = cv2.LUT(image, table[None])
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    saturation = rng.uniform(0.4, 1.4)
    mixed: Pixels = cv2.addWeighted(image, saturation, grey, 1 - saturation, 0)
    return mixed


def _covered(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Hide one to three rectangles."""
    size = np.array(image.shape[1::-1])
    image = image.copy()
    for _ in range(rng.integers(1, 4)):
        width, height = patch = (size * rng.uniform(0.04, 0.18, 2)).astype(int)
        x, y = rng.integers(size - patch)
        image[y : y + height, x : x + width] = rng.integers(0, 256, 3)
    return image
