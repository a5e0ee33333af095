"""Stills of the overlay video at the moments of events."""

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

#: Stills are this wide in the page.
_WIDTH_PX = 300
_QUALITY = 78
#: An event so soon after the last frame is shown by it.
_END_S = 0.1


Box = tuple[float, float, float, float]


def stills(
    video: Path,
    times_s: Sequence[float],
    /,
    *,
    boxes: Sequence[Box | None] = (),
) -> list[str | None]:
    """Take the frames of a video that are nearest to some moments.

    Parameters
    ----------
    video
        The overlay video; its first frame is at 0 s.
    times_s
        Moments in seconds, any order.
    boxes
        What to show of each: left, top, right and bottom as shares of the picture; None
        or no boxes at all show everything.

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
    shown = [boxes[i] if boxes else None for i in order]
    try:
        with av.open(str(video)) as container:
            for n, frame in enumerate(_nearest(container, wanted)):
                found[order[n]] = _jpeg(frame.to_ndarray(format="bgr24"), shown[n])
    except (OSError, ValueError):  # PyAV's errors are both
        return found
    return found


def _nearest(
    container: av.container.InputContainer, wanted: list[float]
) -> Iterator[av.VideoFrame]:
    """Walk through the video once; give the frame nearest to every moment."""
    previous: tuple[float, av.VideoFrame] | None = None
    n = 0
    for frame in container.decode(video=0):
        time_s = float(frame.time or 0.0)
        while n < len(wanted) and wanted[n] <= time_s:
            is_earlier = previous and wanted[n] - previous[0] < time_s - wanted[n]
            yield previous[1] if previous and is_earlier else frame
            n += 1
        previous = (time_s, frame)
        if n == len(wanted):
            return
    for time_s in wanted[n:]:  # an event between the last frame and the end
        if previous and time_s - previous[0] < _END_S:
            yield previous[1]


def _jpeg(image: NDArray[np.uint8], box: Box | None) -> str | None:
    height, width = image.shape[:2]
    if box is not None:
        left, right = (round(x * width) for x in (box[0], box[2]))
        top, bottom = (round(y * height) for y in (box[1], box[3]))
        image = image[top : max(bottom, top + 2), left : max(right, left + 2)]
    height, width = image.shape[:2]
    size = (_WIDTH_PX, max(1, round(height * _WIDTH_PX / width)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        return None
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()
