"""Fit a picture into the network's input, and bring points back exactly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.models.protocol import Frame, Points

#: The grey that YOLO networks were trained to ignore.
PADDING_GREY = 114


@dataclass(frozen=True)
class Letterbox:
    """How one size of picture lies in the network's input.

    Attributes
    ----------
    image
        Height and width of the picture in pixels.
    network
        Height and width of the network's input in pixels.
    inner
        Height and width that the picture takes up there.
    offset
        Rows above it and columns left of it.

    Notes
    -----
    Both sides are rounded to whole pixels on their own, so the scales of x and y
    differ slightly; one common scale would be wrong by up to half a pixel. Sizes and
    offsets are rounded as the training code of ultralytics does.
    """

    image: tuple[int, int]
    network: tuple[int, int]
    inner: tuple[int, int]
    offset: tuple[int, int]

    @classmethod
    def fit(
        cls, image: tuple[int, int], *, network: tuple[int, int], stride: int | None
    ) -> "Letterbox":
        """Scale a picture to the largest size that fits.

        Parameters
        ----------
        image
            Height and width of the picture in pixels.
        network
            Largest height and width of the input in pixels.
        stride
            Shrink the input round the picture to multiples of this; None keeps it.

        Returns
        -------
        The placement.
        """
        gain = min(network[0] / image[0], network[1] / image[1])
        inner = tuple(max(round(side * gain), 1) for side in image)
        spare = [whole - used for whole, used in zip(network, inner, strict=True)]
        if stride is not None:
            spare = [s % stride for s in spare]
        # Half a pixel goes below and to the right.
        offset = tuple(round(s / 2 - 0.1) for s in spare)
        size = tuple(u + s for u, s in zip(inner, spare, strict=True))
        return cls(
            image=image,
            network=(size[0], size[1]),
            inner=(inner[0], inner[1]),
            offset=(offset[0], offset[1]),
        )

    def blank(self, n_pictures: int) -> NDArray[np.uint8]:
        """Make an input that is all padding, shape (pictures, height, width, 3)."""
        return np.full((n_pictures, *self.network, 3), PADDING_GREY, np.uint8)

    def place(self, frame: Frame, *, into: Frame) -> None:
        """Scale a picture into its place in one input of `blank`."""
        import cv2

        (top, left), (height, width) = self.offset, self.inner
        target = into[top : top + height, left : left + width]
        if self.inner == self.image:
            target[:] = frame
        else:
            cv2.resize(frame, (width, height), dst=target)

    def to_image(self, points: Points) -> Points:
        """Bring network coordinates back to the picture.

        Parameters
        ----------
        points
            x and y in the network's pixels, shape (..., 2).

        Returns
        -------
        x and y in the picture's pixels, shape (..., 2).
        """
        inner, image, offset = (
            np.array(pair[::-1], np.float32)
            for pair in (self.inner, self.image, self.offset)
        )
        return (points - offset) / (inner / image)
