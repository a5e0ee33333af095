"""Open media files, or say in one line why they cannot be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av

from biomech.errors import VideoError

#: Demuxers that take pictures and text for video.
_NOT_VIDEO = frozenset({"tty", "image2", "bin", "xbin", "idf", "adf"})
#: Kinds of box that an MP4 or MOV file may begin with.
_MP4_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"})


@contextmanager
def opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """Open a video file: its container and the video stream in it.

    Parameters
    ----------
    path
        A local file. Nothing else is ever opened, even if a playlist names it.

    Yields
    ------
    The container and the stream, as PyAV objects, closed afterwards.

    Raises
    ------
    VideoError
        If the file is missing, a folder, empty, cut off, or holds no video.
    """
    if not path.exists():
        msg = f"there is no file {str(path)!r}"
        raise VideoError(msg)
    if path.is_dir():
        msg = f"{str(path)!r} is a folder, not a video"
        raise VideoError(msg)
    try:
        if not path.stat().st_size:
            msg = f"{path.name!r} is empty (0 bytes)"
            raise VideoError(msg)
        local_only = {"protocol_whitelist": "file"}
        container = av.open(str(path.resolve()), options=local_only)
    except (av.error.FFmpegError, UnicodeError, PermissionError) as error:
        raise VideoError(_why_unreadable(path, error)) from error
    with container:
        yield container, _video_stream(container, path)


def packets(container: Any, stream: Any) -> Iterator[Any]:
    """Read packets until the end, or until the file breaks off.

    Parameters
    ----------
    container, stream
        What `opened` gave.

    Yields
    ------
    PyAV packets in the order of storage; the last one is empty and flushes the decoder.
    """
    found = container.demux(stream)
    while True:
        try:
            packet = next(found)
        except (StopIteration, av.error.FFmpegError):
            return
        yield packet


def _video_stream(container: Any, path: Path) -> Any:
    """Choose the video stream; pictures, text and album covers are none."""
    name = container.format.name
    if name.endswith("_pipe") or name in _NOT_VIDEO:
        msg = f"{path.name!r} is not a video (it reads as {name!r})"
        raise VideoError(msg)
    cover = av.stream.Disposition.attached_pic
    streams = [s for s in container.streams.video if not s.disposition & cover]
    if not streams:
        kinds = sorted({s.type for s in container.streams}) or ["nothing"]
        msg = f"{path.name!r} holds no video, only {', '.join(kinds)}"
        raise VideoError(msg)
    if streams[0].codec_context is None:
        msg = f"{path.name!r} is coded in a way that this installation cannot decode"
        raise VideoError(msg)
    return streams[0]


def _why_unreadable(path: Path, error: Exception) -> str:
    """Explain a file that does not open, by its first bytes."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as failure:
        return f"{path.name!r} cannot be read: {failure.strerror}"
    if head[4:8] in _MP4_BOXES:
        return (
            f"{path.name!r} is cut off or damaged: its index is missing, as when a "
            "recording or a copy is interrupted"
        )
    reason = getattr(error, "strerror", None) or str(error)
    return f"{path.name!r} is not a video that can be read ({reason})"
