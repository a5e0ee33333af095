"""When a golfer's arms leave their rest at address, and come to rest at the finish."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from biomech.kernels.windows import runs, speed

Array = NDArray[np.float64]

#: The arms are still while their mean speed is below this share of the fastest of the
#: hands round impact, or this many times its 10th percentile (the mean speed of five
#: points with noise in the plane: 10 % are below 0.88 standard deviations, 95 % below
#: 1.75) ...
_STILL_SHARE, _NOISE_FACTOR = 0.03, 2.0
#: ... for this long, and at address once for longer. Where they rest is told by the
#: last (first) second.
_STILL_S, _LASTING_S, _HOME_S = 0.1, 0.25, 1.0
#: They stray at address by this at most, in body heights (2.6 cm).
_STRAY_BH = 0.015
#: Their first way from there, in body heights (1 to 5 cm).
_WAY_BH = (0.006, 0.03)
#: Stillness is judged by the slope over this time, which noise does not fake.
_CALM_WINDOW_S = 0.15
#: Frames from `first`, before `last`.
_Range = tuple[int, int]


@dataclass(frozen=True)
class Arms:
    """Hands, elbows and shoulders of one swing.

    Attributes
    ----------
    time_s
        Shape (frames,).
    paths
        In body heights, relative to the hips, shape (frames, points, dims).
    fastest
        The largest speed of the hands round impact, in body heights per second.
    """

    time_s: Array
    paths: Array
    fastest: float

    @cached_property
    def pace(self) -> Array:
        """The mean speed of the points, shape (frames,).

        Down the line the hands move along the view when they begin; the rest is seen.
        """
        each = self.paths.swapaxes(0, 1)
        paces = [speed(path, self.time_s, window_s=_CALM_WINDOW_S) for path in each]
        mean: Array = np.mean(paces, axis=0)
        return mean

    def address_s(self, before: int) -> float | None:
        """Give the last moment before the arms leave their rest.

        Parameters
        ----------
        before
            The frame of mid-backswing.

        Returns
        -------
        Seconds; None if the clip does not show the rest.
        """
        rests = self._rests(0, before)
        if not rests:
            return None
        first, last = self._at_address(rests)
        return self._leaving_s(slice(first, None), last - first)

    def finish_s(self, after: int) -> float | None:
        """Give the first moment at which the arms have come to rest.

        Parameters
        ----------
        after
            The frame of impact.

        Returns
        -------
        Seconds; None if the clip does not show the rest.
        """
        rests = self._rests(after, len(self.time_s))
        if not rests:
            return None
        first, last = rests[0]
        # Seen backwards in time, they leave that rest.
        back = slice(last - 1, after - 1 if after else None, -1)
        return self._leaving_s(back, last - first)

    def _rests(self, first: int, last: int) -> list[_Range]:
        """List the ranges of frames in which the arms are still for long enough."""
        noise = float(np.percentile(self.pace, 10))
        level = max(_STILL_SHARE * self.fastest, _NOISE_FACTOR * noise)
        found = [(first + a, first + b) for a, b in runs(self.pace[first:last] < level)]
        return [rest for rest in found if self._lasts_s(rest) >= _STILL_S]

    def _lasts_s(self, rest: _Range) -> float:
        return float(self.time_s[rest[1] - 1] - self.time_s[rest[0]])

    def _at_address(self, rests: list[_Range]) -> _Range:
        """Tell the last rest at address from lulls of a slow takeaway.

        It is the last one that lasts, or a shorter one after it in the same place.
        """
        places = [np.median(self.paths[a:b], axis=0) for a, b in rests]
        lasting = [i for i, r in enumerate(rests) if self._lasts_s(r) >= _LASTING_S]
        found = lasting[-1] if lasting else len(rests) - 1
        for later in range(found + 1, len(rests)):
            if _mean_length(places[later] - places[found]) <= _STRAY_BH:
                found = later
        return rests[found]

    def _leaving_s(self, frames: slice, last: int) -> float:
        """Find when the arms leave the place where the first `last` frames rest.

        The place is that of the quieter half of the last second there. A straight line
        through their first way is followed back to it: that asks for no threshold above
        the noise. Frames may run backwards in time.
        """
        paths, time, pace = self.paths[frames], self.time_s[frames], self.pace[frames]
        near = np.flatnonzero(np.abs(time[:last] - time[last - 1]) <= _HOME_S)
        home = near[pace[near] <= np.median(pace[near])]
        away = paths - np.median(paths[home], axis=0)
        gone = np.flatnonzero(_mean_length(away[last:]) > _WAY_BH[1])
        if not len(gone):
            return float(time[last - 1])
        end = last + int(gone[0]) + 1
        heading = away[end - 1] / np.linalg.norm(away[end - 1])
        way = (away[:end] * heading).sum(axis=(1, 2)) / np.sqrt(paths.shape[1])
        begin = int(np.flatnonzero(way < _WAY_BH[0]).max(initial=0)) + 1
        if end - begin < 3:
            return float(time[begin - 1])
        since_s = time[begin:end] - time[begin]
        rate, at_begin = np.polyfit(since_s, way[begin:], 1)
        back_s = np.clip(at_begin / rate, -_LASTING_S, _LASTING_S)
        return float(time[begin] - back_s)


def _mean_length(vectors: Array) -> Array:
    mean: Array = np.linalg.norm(vectors, axis=-1).mean(axis=-1)
    return mean
