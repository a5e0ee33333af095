"""Progress in the terminal: one line that changes, or plain lines in a log."""

import math
import sys
import time
from typing import TextIO

from pipelines.news import ClipDone, FramesDone, News, StageBegun

#: Seconds between two changes of the line, and between two lines of a log.
_EVERY_S, _LOG_EVERY_S = 0.1, 30.0
_BAR_WIDTH = 20
_CLEAR_LINE = "\r\x1b[2K"


class Progress:
    """Shows how far a batch is, on standard error.

    Parameters
    ----------
    n_clips
        Clips in the batch.
    stream
        Where to write; a terminal gets a changing line, anything else plain lines.
    """

    def __init__(self, n_clips: int, stream: TextIO | None = None) -> None:
        self._n_clips = n_clips
        self._stream = stream or sys.stderr
        self._is_terminal = self._stream.isatty()
        self._n_done = 0
        self._doing: dict[str, tuple[str, str]] = {}
        self._begun: dict[str, tuple[float, int]] = {}
        self._shown_s = -math.inf

    def __call__(self, news: News) -> None:
        """Take news from the work."""
        match news:
            case StageBegun():
                self._doing[news.clip_id] = (news.file, news.stage)
                self._begun.pop(news.clip_id, None)
                self._show(f"{news.file}: {news.stage}")
            case FramesDone():
                self._show(self._frames(news))
            case ClipDone():
                self._finish(news)

    def close(self) -> None:
        """Leave the terminal with a clean line."""
        if self._is_terminal:
            self._stream.write(_CLEAR_LINE)
            self._stream.flush()

    def _frames(self, news: FramesDone) -> str:
        """Say how far a clip is, how fast, and how long it will take."""
        now = time.monotonic()
        begun_s, n_before = self._begun.setdefault(news.clip_id, (now, news.n_done))
        file, stage = self._doing.get(news.clip_id, (news.clip_id, news.stage))
        of = f"/{news.n_frames}" if news.n_frames else ""
        text = f"{file}: {stage} {news.n_done}{of} frames"
        rate_hz = (news.n_done - n_before) / (now - begun_s) if now > begun_s else 0.0
        if rate_hz > 0:
            text += f", {rate_hz:.1f} frames/s"
            if news.n_frames:
                left_s = (news.n_frames - news.n_done) / rate_hz
                text += f", {in_minutes(left_s)} left"
        return text

    def _finish(self, news: ClipDone) -> None:
        """Count a clip, and leave a line about it."""
        self._n_done += 1
        self._doing.pop(news.clip_id, None)
        self._begun.pop(news.clip_id, None)
        place = f"[{self._n_done}/{self._n_clips}] {printable(news.file)}"
        self.close()
        for error in news.errors:
            self._line(f"{place}: FAILED: {printable(error)}")
        if not news.errors:
            done = f"done in {in_minutes(news.seconds)}"
            self._line(f"{place}: {done if news.n_stages_run else 'already done'}")

    def _show(self, text: str) -> None:
        """Change the line, or add one to a log, if it is time to."""
        now = time.monotonic()
        every_s = _EVERY_S if self._is_terminal else _LOG_EVERY_S
        if now - self._shown_s < every_s:
            return
        self._shown_s = now
        if not self._is_terminal:
            self._line(printable(text))
            return
        filled = _BAR_WIDTH * self._n_done // max(1, self._n_clips)
        bar = "#" * filled + "-" * (_BAR_WIDTH - filled)
        line = f"[{bar}] {self._n_done}/{self._n_clips} clips  {printable(text)}"
        self._stream.write(_CLEAR_LINE + line[: _columns() - 1])
        self._stream.flush()

    def _line(self, text: str) -> None:
        self._stream.write(text + "\n")
        self._stream.flush()


def in_minutes(seconds: float, /) -> str:
    """Write a time span for people.

    Parameters
    ----------
    seconds
        How long.

    Returns
    -------
    Such as ``"3.2 s"``, ``"2:05"`` or ``"1:02:05"``.

    Examples
    --------
    >>> in_minutes(3.21), in_minutes(125), in_minutes(3725)
    ('3.2 s', '2:05', '1:02:05')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def printable(text: str, /) -> str:
    """Replace control characters, which a file name may use to fool a terminal.

    Parameters
    ----------
    text
        Anything.

    Returns
    -------
    One line of text.
    """
    return "".join(c if c.isprintable() else "?" for c in text)


def _columns() -> int:
    import shutil

    return shutil.get_terminal_size().columns
