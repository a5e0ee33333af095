"""Stills of the overlay video at the moments of events."""

import base64
from collections.abc import Sequence
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

#: Stills are this wide in the page.
_WIDTH_PX = 300
_QUALITY = 78


def stills(video: Path, times_s: Sequence[float], /) -> list[str | None]:
    """Take the frames of a video that are nearest to some moments.

    Parameters
    ----------
    video
        The overlay video; its first frame is at 0 s.
    times_s
        Moments in seconds, any order.

    Returns
    -------
    One JPEG per moment as a data URI; None where the video does not reach it or cannot
    be read.
    """
    if not times_s:
        return []
    order = np.argsort(times_s)
    wanted = [float(times_s[i]) for i in order]
    found: list[str | None] = [None] * len(times_s)
    try:
        with av.open(str(video)) as container:
            _collect(container, wanted, order, found)
    except (OSError, ValueError):  # PyAV's errors are both
        return found
    return found


def _collect(
    container: av.container.InputContainer,
    wanted: list[float],
    order: NDArray[np.intp],
    found: list[str | None],
) -> None:
    """Walk through the video once and keep the frame nearest to every moment."""
    previous: tuple[float, av.VideoFrame] | None = None
    next_ = 0
    for frame in container.decode(video=0):
        time_s = float(frame.time or 0.0)
        while next_ < len(wanted) and wanted[next_] <= time_s:
            nearest = frame
            if previous and wanted[next_] - previous[0] < time_s - wanted[next_]:
                nearest = previous[1]
            found[order[next_]] = _jpeg(nearest.to_ndarray(format="bgr24"))
            next_ += 1
        previous = (time_s, frame)
        if next_ == len(wanted):
            return


def _jpeg(image: NDArray[np.uint8]) -> str | None:
    height, width = image.shape[:2]
    size = (_WIDTH_PX, max(1, round(height * _WIDTH_PX / width)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        return None
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()
