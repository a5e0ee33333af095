"""Write video that plays in a browser, with the time of every frame kept."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from biomech.errors import VideoError
from pipelines.files import replacing
from pipelines.video import Image, VideoFrame

#: Ticks of the files written, as fine as MPEG's own clock.
_TICK_S = Fraction(1, 90_000)


def write_video(
    path: str | Path,
    images: Iterable[VideoFrame],
    /,
    *,
    rate: Fraction | float,
    quality: int = 23,
    comment: str = "",
) -> int:
    """Write frames as H.264 that plays in a browser.

    Times are kept, so a variable rate stays variable; the first frame is at zero. Odd
    sizes gain a repeated row or column, because 4:2:0 colour needs even ones. The file
    appears only once it is complete.

    Parameters
    ----------
    path
        Where to write; ends in ``.mp4``.
    images
        Frames in order of time, all of one size.
    rate
        Usual frames per second; only a hint for the encoder.
    quality
        Constant rate factor of x264, 0 (lossless) to 51; 23 is its default.
    comment
        Text for the metadata of the file.

    Returns
    -------
    The number of frames written.

    Raises
    ------
    VideoError
        If there are no frames, or they differ in size, or times do not increase.
    """
    n_frames = 0
    with replacing(Path(path)) as part:
        options = {"movflags": "+faststart"}
        with av.open(str(part), "w", format="mp4", options=options) as container:
            container.metadata["comment"] = comment
            stream = None
            zero_s, last = 0.0, -1
            for frame in images:
                if stream is None:
                    stream = _h264_stream(container, frame.image, rate, quality)
                    zero_s = frame.time_s
                tick = round((frame.time_s - zero_s) / _TICK_S)
                if tick <= last:
                    msg = (
                        f"frame {frame.index} at {frame.time_s} s is not after the last"
                    )
                    raise VideoError(msg)
                container.mux(stream.encode(_encodable(frame.image, tick, stream)))
                n_frames, last = n_frames + 1, tick
            if stream is None:
                msg = f"there are no frames to write to {Path(path).name!r}"
                raise VideoError(msg)
            container.mux(stream.encode(None))
    return n_frames


def _h264_stream(
    container: Any, image: Image, rate: Fraction | float, quality: int
) -> Any:
    """Add a stream that every browser plays."""
    height, width = image.shape[:2]
    nominal = Fraction(rate).limit_denominator(1001)
    options = {"crf": str(quality), "preset": "veryfast"}
    stream = container.add_stream("libx264", rate=nominal, options=options)
    stream.width, stream.height = width + width % 2, height + height % 2
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = _TICK_S
    return stream


def _encodable(image: Image, tick: int, stream: Any) -> Any:
    """Wrap an image, padded to the size of the stream, with its time."""
    height, width = image.shape[:2]
    rows, columns = stream.height - height, stream.width - width
    if not (0 <= rows <= 1 and 0 <= columns <= 1):
        msg = f"a frame is {width}x{height}, the video {stream.width}x{stream.height}"
        raise VideoError(msg)
    padded = np.pad(image, ((0, rows), (0, columns), (0, 0)), mode="edge")
    frame = av.VideoFrame.from_ndarray(padded, format="bgr24")
    frame.pts, frame.time_base = tick, _TICK_S
    return frame
