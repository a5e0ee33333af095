"""Read video with the times of its container.

Phones record at a variable rate, turned on their side, in slow motion and in ten bits.
`probe` says what a file holds, and `frames` streams upright images with their times.

Time zero is the first frame of the file. A time is the container's timestamp times its
time base, never a frame number over a rounded rate.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple, Self

import av
import numpy as np
from numpy.typing import NDArray

from biomech.errors import VideoError
from pipelines.containers import opened, packets
from pipelines.timeline import Clock, Timeline

Image = NDArray[np.uint8]

#: A camera that captures faster than the file plays notes it here (Android does).
_CAPTURE_TAG = "com.android.capture.fps"
#: Given rates are rounded: only below this share of the rate of the file is it another.
_LEAST_CAPTURE_SHARE = 0.95


@dataclass(frozen=True)
class VideoInfo:
    """What a video file holds.

    Attributes
    ----------
    path, container, codec, pixel_format, bit_depth
        Where it is and how it is stored.
    width_px, height_px
        Size as displayed: turned upright, with square pixels.
    rotation_deg
        Counter-clockwise turn that makes the stored image upright: 0, 90, 180 or 270.
    pixel_aspect
        Width over height of a stored pixel, 1 for nearly all cameras.
    rate
        Average frames per second as played, an exact fraction.
    capture_rate
        Frames per second as filmed; equal to `rate` but for slow motion.
    capture_rate_hint
        What the camera noted as its capture rate, if it did.
    variable_rate
        Whether intervals between frames differ by more than 10 % (and one tick).
    n_frames
        Frames in the file, found by reading it; some may turn out to be damaged.
    n_declared
        Frames that the header promises, if it does.
    duration_s
        From the first frame to the end of the last one, in seconds as filmed.
    n_bad_times
        Frames whose timestamp is missing, repeated or runs backwards.
    """

    path: Path
    container: str
    codec: str
    pixel_format: str
    bit_depth: int
    width_px: int
    height_px: int
    rotation_deg: int
    pixel_aspect: Fraction
    rate: Fraction
    capture_rate: Fraction
    capture_rate_hint: float | None
    variable_rate: bool
    n_frames: int
    n_declared: int | None
    duration_s: float
    n_bad_times: int

    @property
    def slowdown(self) -> Fraction:
        """How many times slower than life the file plays."""
        return self.capture_rate / self.rate


@dataclass(frozen=True)
class VideoFrame:
    """One upright image: its position in the file, its time, blue-green-red bytes."""

    index: int
    time_s: float
    image: Image


class FrameCounts(NamedTuple):
    """What became of the frames of a file: delivered, damaged, given a new time.

    Before the end, the damaged are those that the decoder refused so far; at the end,
    all that the file holds and that were not delivered.
    """

    n_decoded: int
    n_damaged: int
    n_repaired_times: int


def probe(path: str | Path, /, *, capture_fps: float | None = None) -> VideoInfo:
    """Find out what a video file holds.

    The file is read through once without decoding it, because headers promise frames
    that are not there.

    Parameters
    ----------
    path
        A video file.
    capture_fps
        Frames per second at which slow motion was filmed; by default, as played.

    Returns
    -------
    A `VideoInfo`.

    Raises
    ------
    VideoError
        If there is no such file, it holds no video that can be decoded, or the capture
        rate is below that of the file.
    """
    return _inspect(Path(path), _capture_rate(capture_fps))[0]


def frames(
    path: str | Path,
    /,
    *,
    capture_fps: float | None = None,
    start_s: float | None = None,
    end_s: float | None = None,
    first_frame: int = 0,
    n_threads: int = 1,
) -> "FrameReader":
    """Stream the frames of a video, upright and with their times.

    Damaged frames are left out and counted. A timestamp that is missing, repeated or
    runs backwards is replaced: half a usual interval after the frame before, or a
    whole one if there is none; after a jump back of more than one interval (a clock
    that was reset) the rest of the video is shifted to follow on.

    Parameters
    ----------
    path
        A video file.
    capture_fps
        Frames per second at which slow motion was filmed; times are then those of the
        filmed scene, scaled by the rate of the file over this one.
    start_s, end_s
        Part to read, in seconds of the file as it plays: from `start_s`, up to and
        without `end_s`.
    first_frame
        Number of the frame to begin with, if it lies in that part; to go on reading.
    n_threads
        Threads of the decoder. One costs the least processor time per frame.

    Returns
    -------
    An iterator of `VideoFrame`, to be used once; `counts` tells what was left out.

    Raises
    ------
    VideoError
        If the file cannot be read, the range is empty, or the capture rate is below
        that of the file.
    """
    start, end = start_s or 0.0, np.inf if end_s is None else end_s
    if start < 0 or not end > start:
        msg = f"a video cannot be read from {start} s to {end} s"
        raise VideoError(msg)
    info, timeline = _inspect(Path(path), _capture_rate(capture_fps))
    if start >= timeline.duration_s:
        msg = f"{info.path.name!r} is {timeline.duration_s:.2f} s long: no {start} s"
        raise VideoError(msg)
    return FrameReader(info, timeline, (start, end), first_frame, n_threads)


class FrameReader(Iterator[VideoFrame]):
    """The frames of one video, one at a time; made by `frames`."""

    def __init__(
        self,
        info: VideoInfo,
        timeline: Timeline,
        played_s: tuple[float, float],
        first_frame: int,
        n_threads: int,
    ) -> None:
        self.info = info
        self._played_s = played_s
        self._first_frame = first_frame
        self._n_threads = n_threads
        self._clock = Clock(timeline)
        self._n_decoded = self._n_damaged = 0
        self._frames = self._read()

    @property
    def counts(self) -> FrameCounts:
        """What became of the frames read so far."""
        return FrameCounts(self._n_decoded, self._n_damaged, self._clock.n_mended)

    @property
    def n_expected(self) -> int | None:
        """Frames in the part to read; None where timestamps cannot be trusted."""
        return self._clock.count(*self._played_s)

    def __next__(self) -> VideoFrame:
        return next(self._frames)

    def close(self) -> None:
        """Close the file; reading to the end does so as well."""
        self._frames.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> Generator[VideoFrame]:
        """Decode, time, turn and hand out the frames of the range."""
        start_s, end_s = self._played_s
        slowdown = float(self.info.slowdown)
        upright = _Converter(self.info)
        with opened(self.info.path) as (container, stream):
            stream.codec_context.thread_count = self._n_threads
            tick = self._clock.tick(start_s, self._first_frame)
            if tick is not None:
                container.seek(tick, stream=stream)
            for frame in self._decode(container, stream):
                index, played_s = self._clock.read(frame.pts)
                if played_s >= end_s:
                    break
                if played_s >= start_s and index >= self._first_frame:
                    self._n_decoded += 1
                    yield VideoFrame(index, played_s / slowdown, upright(frame))
        if (n := self._clock.count(start_s, end_s, self._first_frame)) is not None:
            self._n_damaged = n - self._n_decoded

    def _decode(self, container: Any, stream: Any) -> Iterator[Any]:
        """Decode packet by packet, so that a damaged one costs only itself."""
        for packet in packets(container, stream):
            decoded = _decoded(packet)
            self._n_damaged += decoded is None
            for frame in decoded or ():
                self._n_damaged += frame.is_corrupt
                if not frame.is_corrupt:
                    yield frame


def _inspect(path: Path, capture_rate: Fraction | None) -> tuple[VideoInfo, Timeline]:
    """Read a file through: what it holds, and when."""
    with opened(path) as (container, stream):
        first, stamps = None, []
        for packet in packets(container, stream):
            if packet.size and not packet.is_discard:
                stamps.append(packet.pts)
            if first is None:
                first = next(iter(_decoded(packet) or ()), None)
        if first is None:
            msg = f"{path.name!r} holds no frame that can be decoded"
            raise VideoError(msg)
        timeline = Timeline.from_stamps(stamps, stream.time_base, stream.average_rate)
        rate = capture_rate or timeline.rate
        _refuse_time_lapse(path, timeline.rate, rate)
        return _info(path, (container, stream), first, timeline, rate), timeline


def _info(
    path: Path,
    source: tuple[Any, Any],
    first: Any,
    timeline: Timeline,
    capture_rate: Fraction,
) -> VideoInfo:
    """Gather what the container, its first frame and its timestamps say."""
    container, stream = source
    quarter_turns = round(first.rotation / 90) % 4
    aspect = Fraction(stream.sample_aspect_ratio or 1)
    size = (round(first.width * aspect), first.height)
    tags = {**container.metadata, **stream.metadata}
    return VideoInfo(
        path=path,
        container=container.format.name,
        codec=stream.codec_context.codec.canonical_name,
        pixel_format=first.format.name,
        bit_depth=first.format.components[0].bits,
        width_px=size[quarter_turns % 2],
        height_px=size[1 - quarter_turns % 2],
        rotation_deg=90 * quarter_turns,
        pixel_aspect=aspect,
        rate=timeline.rate,
        capture_rate=capture_rate,
        capture_rate_hint=float(tags[_CAPTURE_TAG]) if _CAPTURE_TAG in tags else None,
        variable_rate=timeline.is_variable,
        n_frames=timeline.n_frames,
        n_declared=stream.frames or None,
        duration_s=timeline.duration_s * float(timeline.rate / capture_rate),
        n_bad_times=timeline.n_bad,
    )


def _capture_rate(capture_fps: float | None) -> Fraction | None:
    """Turn a rate such as 239.76 into a fraction."""
    if capture_fps is None:
        return None
    if not 0 < capture_fps < np.inf:
        msg = f"capture_fps is {capture_fps}, but must be a positive number"
        raise VideoError(msg)
    return Fraction(capture_fps).limit_denominator(1001)


def _refuse_time_lapse(path: Path, played: Fraction, captured: Fraction) -> None:
    """Refuse a capture rate below that of the file; rounded ones pass."""
    if captured < _LEAST_CAPTURE_SHARE * played:
        msg = (
            f"{path.name!r} plays {float(played):.4g} frames/s, but capture_fps is "
            f"{float(captured):.4g}: slow motion is filmed faster than it plays, and a "
            "time-lapse cannot be measured"
        )
        raise VideoError(msg)


def _decoded(packet: Any) -> list[Any] | None:
    """Decode a packet; None if it is damaged."""
    try:
        frames: list[Any] = packet.decode()
    except av.error.FFmpegError:
        return None
    return frames


class _Converter:
    """Turn decoded frames into upright bytes with square pixels."""

    def __init__(self, info: VideoInfo) -> None:
        self._quarter_turns = info.rotation_deg // 90
        size = (info.width_px, info.height_px)
        self._width = size[self._quarter_turns % 2]
        self._height = size[1 - self._quarter_turns % 2]
        # Without scaling, the fast way gives the same bytes at half the cost.
        kinds = av.video.reformatter.Interpolation
        scaled = info.pixel_aspect != 1
        self._interpolation = kinds.BICUBIC if scaled else kinds.FAST_BILINEAR
        self._reformatter = av.video.reformatter.VideoReformatter()

    def __call__(self, frame: Any) -> Image:
        image: Image = self._reformatter.reformat(
            frame,
            width=self._width,
            height=self._height,
            format="bgr24",
            interpolation=self._interpolation,
            threads=1,
        ).to_ndarray()
        return np.ascontiguousarray(np.rot90(image, self._quarter_turns))
