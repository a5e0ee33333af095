"""Timestamps of a container: which can be trusted, and mending those that cannot."""

from fractions import Fraction
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

#: H.264 and HEVC store a frame at most 16 places away from where it is shown.
_REORDER_DEPTH = 16
#: Intervals further than this share from the usual one make the rate variable.
_VARIABLE_SHARE = 0.1


class Timeline(NamedTuple):
    """The timestamps of a video, in the order in which frames are shown.

    Attributes
    ----------
    ticks
        Known timestamps, sorted, in units of `base`.
    base
        Seconds per tick.
    n_frames
        Frames in the file, with or without a timestamp.
    n_bad
        Frames whose timestamp is missing, repeated or runs backwards.
    rate
        Average frames per second.
    """

    ticks: NDArray[np.int64]
    base: Fraction
    n_frames: int
    n_bad: int
    rate: Fraction

    @classmethod
    def from_stamps(
        cls, stamps: list[int | None], base: Fraction, declared_rate: Fraction | None
    ) -> Self:
        """Build a timeline from the stamps of packets, in the order of storage."""
        known = np.array([s for s in stamps if s is not None], dtype=np.int64)
        ticks = np.sort(known)
        n_missing = len(stamps) - known.size
        n_repeated = int(np.count_nonzero(np.diff(ticks) == 0))
        highest = np.maximum.accumulate(known)[:-_REORDER_DEPTH]
        n_late = int(np.count_nonzero(highest > known[_REORDER_DEPTH:]))
        n_bad = n_missing + n_repeated + n_late
        rate = _rate(ticks, base, declared_rate, is_sound=not n_bad)
        return cls(ticks, base, len(stamps), n_bad, rate)

    @property
    def interval(self) -> float:
        """The usual number of ticks from one frame to the next."""
        steps = np.diff(self.ticks)
        steps = steps[steps > 0]
        if not steps.size:
            return float(1 / self.rate / self.base)
        return float(np.percentile(steps, 50, method="lower"))

    @property
    def is_variable(self) -> bool:
        """Whether intervals differ by more than a tenth, and more than rounding."""
        steps = np.diff(self.ticks)
        off = np.abs(steps - self.interval) > _VARIABLE_SHARE * self.interval + 1
        return bool(off.any())

    @property
    def duration_s(self) -> float:
        """Seconds from the first frame to the end of the last one."""
        n_ticks = self.n_frames * self.interval
        if not self.n_bad:
            n_ticks = float(self.ticks[-1] - self.ticks[0]) + self.interval
        return n_ticks * float(self.base)


class Clock:
    """Turn timestamps into frame numbers and seconds, mending what is wrong.

    Where the whole timeline is sound, a frame's number is the rank of its timestamp, so
    that numbers stay right after a jump and around damaged frames. Otherwise frames
    are counted, and a timestamp that is missing, repeated or runs backwards is
    replaced: a missing one by the last plus the usual interval, a repeated one by the
    last plus half of it. After a jump back of more than one interval, a clock that was
    reset, the rest is shifted to follow on.
    """

    def __init__(self, timeline: Timeline) -> None:
        self.n_mended = 0
        self._timeline = timeline
        self._interval = timeline.interval
        self._shift = 0.0
        self._last: float | None = None
        self._n_read = 0

    @property
    def is_sound(self) -> bool:
        """Whether every timestamp can be trusted."""
        return not self._timeline.n_bad

    def tick(self, played_s: float, first_frame: int) -> int | None:
        """Return the timestamp to jump to; None where reading begins at the start."""
        ticks, base = self._timeline.ticks, self._timeline.base
        if not self.is_sound or not (played_s or first_frame):
            return None
        known = int(ticks[min(first_frame, ticks.size - 1)])
        return max(int(ticks[0] + played_s / base), known)

    def count(self, start_s: float, end_s: float, first_frame: int = 0) -> int | None:
        """Count the frames of a part; None where timestamps cannot be trusted."""
        if not self.is_sound:
            return None
        ticks, base = self._timeline.ticks, float(self._timeline.base)
        played_s = ((ticks - ticks[0]) * base)[first_frame:]
        return int(np.count_nonzero((played_s >= start_s) & (played_s < end_s)))

    def read(self, stamp: int | None) -> tuple[int, float]:
        """Return the number of a frame and its seconds since the first one."""
        ticks, base = self._timeline.ticks, self._timeline.base
        if self.is_sound and stamp is not None:
            index = int(np.searchsorted(ticks, stamp))
            return index, float((stamp - int(ticks[0])) * base)
        index, self._n_read = self._n_read, self._n_read + 1
        self._last = self._mended(stamp)
        return index, self._last * float(base)

    def _mended(self, stamp: int | None) -> float:
        """Return ticks since the first frame, later than those of the last frame."""
        following = 0.0 if self._last is None else self._last + self._interval
        if stamp is None:
            self.n_mended += 1
            return following
        if self._last is None:
            self._shift = -float(stamp)
        tick = stamp + self._shift
        if self._last is None or tick > self._last:
            return tick
        self.n_mended += 1
        if tick < self._last - self._interval:
            self._shift += following - tick
            return following
        return self._last + self._interval / 2


def _rate(
    ticks: NDArray[np.int64],
    base: Fraction,
    declared: Fraction | None,
    *,
    is_sound: bool,
) -> Fraction:
    """Return the exact average rate; the declared one if it explains every stamp."""
    span = int(ticks[-1] - ticks[0]) if is_sound and ticks.size > 1 else 0
    if not span:
        # 25 Hz is what players assume of a bare stream that says nothing.
        return declared or Fraction(25)
    if declared:
        expected = np.arange(ticks.size) / float(declared * base)
        if np.abs(ticks - ticks[0] - expected).max() <= 1:
            return declared
    return (ticks.size - 1) / (span * base)
