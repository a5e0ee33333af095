"""How well truth repeats: after how long a foot does again what it did.

A foot that lands twice moves twice alike. The curves of its points around one true
contact are laid on those around the next; the time between them is a stride time that
needs no rule for contact. What laboratories, plates and detectors say differs from it
by how evenly they mark the same moment: the floor below which no error of single
stride times against them can be told.
"""

import numpy as np
from numpy.typing import NDArray

from biomech.schema import Poses
from biomech.steps.locomotion import FOOT_POINTS, Locomotion, tracks_of

Array = NDArray[np.float64]

#: More of the curves is kept than detectors of walking see (8 Hz).
_CUTOFF_HZ = 12.0
#: The curves are compared so far around contact, at this many places.
_AROUND = np.linspace(-0.12, 0.12, 121)
#: The next contact is looked for so far around where it was marked.
_SHIFTS_S = np.arange(-0.12, 0.12, 0.001)
#: A height of 1 cm counts as much as a speed of 0.1 m/s.
_SPEED_WEIGHT = 0.1


class FootCurves:
    """The curves of the feet of one recording."""

    def __init__(self, poses: Poses, /) -> None:
        self.track = next(tracks_of(poses, cutoff_hz=_CUTOFF_HZ))
        self._curves: dict[str, Array] = {
            side: _curves(self.track, side) for side in ("left", "right")
        }

    def repeat_s(self, side: str, start_s: float, end_s: float, /) -> float | None:
        """Tell after how long a foot does again what it did at a contact.

        Parameters
        ----------
        side
            The foot.
        start_s, end_s
            A contact, and about where the next one is.

        Returns
        -------
        Seconds; None where the foot was not seen around both, or does not come to the
        same within 0.12 s of `end_s`.
        """
        before = self._around(side, np.array([start_s]))[:, :, 0]
        after = self._around(side, end_s + _SHIFTS_S)
        apart = ((after - before[:, :, None]) ** 2).mean(axis=(0, 1))
        if not np.isfinite(apart).any():
            return None
        best = int(np.nanargmin(apart))
        if best in (0, len(apart) - 1) or np.isnan(apart[[best - 1, best + 1]]).any():
            return None
        return float(end_s + _SHIFTS_S[best] - start_s)

    def _around(self, side: str, moments: Array) -> Array:
        """Read the curves around moments; shape (curves, places, moments)."""
        times = _AROUND[:, None] + moments
        clock = self.track.time
        return np.array(
            [
                np.interp(times, clock, curve, left=np.nan, right=np.nan)
                for curve in self._curves[side]
            ]
        ).reshape(-1, *times.shape)


def _curves(track: Locomotion, side: str) -> Array:
    """Give height and weighted forward speed of each point of a foot."""
    names = [f"{side}_{p}" for p in FOOT_POINTS if f"{side}_{p}" in track.points]
    curves = [
        curve
        for name in names
        for curve in (track.points[name][:, 1], _SPEED_WEIGHT * track.forward(name))
    ]
    return np.array(curves).reshape(-1, len(track.time))
