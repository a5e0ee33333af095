"""Conditions: how a trial is seen, from the markers themselves to a poor video."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from biomech.arrays import from_array, to_array
from biomech.markers import key_columns
from biomech.schema import Poses
from biomech.synthetic.camera import Camera
from biomech.synthetic.noise import add_dropouts, add_noise, add_swaps
from pipelines.validation.trials import Trial

Array = NDArray[np.float64]

#: A person is this tall in the picture, so that noise in pixels has a meaning.
BODY_PX = 800.0
#: Longer gaps in the markers are not bridged when the film's frames are computed.
LONGEST_GAP_S = 0.1
#: Times that differ by less are the same, up to rounding.
_SAME_TIME_S = 1e-6
_DISTANCES_M = (4.0, 8.0)
_YAWS_DEG = (0.0, 10.0, 20.0, 30.0)
_RATES_HZ = (30.0, 60.0, 120.0)
#: How long keypoint errors of pose models last (methods: AR(1), 0.1 s).
CORRELATION_S = 0.1


@dataclass(frozen=True)
class Condition:
    """How a trial is seen.

    Attributes
    ----------
    name
        Short, for tables.
    rate_hz
        Frames per second; None for the rate of the recording.
    distance_m
        From the camera to the person; None for the markers in space.
    yaw_deg
        How far the camera is from square to the way.
    noise_px
        Standard deviation per coordinate on a person of `BODY_PX`.
    correlated
        Whether errors last, as those of pose models do.
    dropouts
        Whether keypoints are missing now and then.
    swaps
        Whether left and right legs are exchanged now and then.
    """

    name: str
    rate_hz: float | None = None
    distance_m: float | None = None
    yaw_deg: float = 0.0
    noise_px: float = 0.0
    correlated: bool = False
    dropouts: bool = False
    swaps: bool = False

    @property
    def is_noisy(self) -> bool:
        """Whether anything was added to the exact picture."""
        return self.noise_px > 0 or self.dropouts or self.swaps


class Seen(NamedTuple):
    """A trial under a condition.

    Attributes
    ----------
    poses
        As a pose model would have given them: metres, or pixels.
    metres_per_px
        Of the plane in which the person moves; 1 for metres.
    """

    poses: Poses
    metres_per_px: float


def conditions(*, quick: bool = False) -> Iterator[Condition]:
    """List the conditions of a validation.

    Parameters
    ----------
    quick
        Only one condition of each kind.

    Yields
    ------
    Markers in space; the picture at 4 and 8 m, yaw 0 to 30 degrees, 30 to 120 frames/s;
    noise of 4, 7 and 10 px, white and correlated, alone and with dropouts and swaps.
    """
    yield Condition("3D")
    yield Condition("2D", 60.0, 8.0)
    yield Condition("2D 120/s", 120.0, 8.0)
    if not quick:
        for distance, yaw, rate in product(_DISTANCES_M, _YAWS_DEG, _RATES_HZ):
            name = f"2D {distance:.0f} m {yaw:.0f} deg {rate:.0f}/s"
            yield Condition(name, rate, distance, yaw)
    for noise in (7.0,) if quick else (4.0, 7.0, 10.0):
        yield Condition(f"2D {noise:.0f} px white", 60.0, 8.0, noise_px=noise)
        name = f"2D {noise:.0f} px correlated"
        yield Condition(name, 60.0, 8.0, noise_px=noise, correlated=True)
        yield Condition(
            f"2D {noise:.0f} px, dropouts, swaps",
            *(60.0, 8.0),
            noise_px=noise,
            dropouts=True,
            swaps=True,
        )


def seen(trial: Trial, condition: Condition, /, *, seed: int = 0) -> Seen:
    """Look at a trial under a condition.

    Parameters
    ----------
    trial
        In metres, with exact keypoints.
    condition
        How to look.
    seed
        Of the noise.

    Returns
    -------
    What a pose model would have given. Keypoints have confidences where noise was
    added.
    """
    poses = trial.poses
    if condition.rate_hz is not None:
        poses = at_rate(poses, condition.rate_hz)
    if condition.distance_m is None:
        return Seen(poses, 1.0)
    focal_px = BODY_PX / trial.height_m * condition.distance_m
    picture = _filmed(poses, condition, focal_px, trial.height_m)
    metres_per_px = condition.distance_m / focal_px
    if condition.noise_px:
        memory = CORRELATION_S if condition.correlated else 0.0
        picture = add_noise(
            _with_confidence(picture),
            sd_px=condition.noise_px,
            correlation_s=memory,
            seed=seed,
        )
    if condition.dropouts:
        picture = add_dropouts(picture, seed=seed + 1)
    if condition.swaps:
        picture = add_swaps(picture, seed=seed + 2).poses
    return Seen(picture, metres_per_px)


def at_rate(poses: Poses, rate_hz: float, /) -> Poses:
    """Compute the poses at the times of a film, by cubic splines between the markers.

    Parameters
    ----------
    poses
        Of one track, in metres.
    rate_hz
        Frames per second of the film; its first frame is at the first time.

    Returns
    -------
    A `poses` table; null where a marker is missing for longer than 0.1 s, and beyond
    its first and last frame.
    """
    array = to_array(poses)
    time = array.time_s
    film = time[0] + np.arange(int((time[-1] - time[0]) * rate_hz + 1e-6) + 1) / rate_hz
    flat = array.xyz.reshape(len(time), -1)
    columns = [_interpolated(time, column, film) for column in flat.T]
    xyz = np.column_stack(columns).reshape(len(film), *array.xyz.shape[1:])
    clip, track = array.frames.row(0)[:2]
    frames = key_columns(clip, film, track_id=track)
    return from_array(frames, xyz=xyz, keypoints=array.keypoints, unit="m")


def _interpolated(time: Array, values: Array, film: Array) -> Array:
    good = np.isfinite(values)
    if good.sum() < 4:
        return np.full(len(film), np.nan)
    known = time[good]
    spline = scipy.interpolate.CubicSpline(known, values[good], extrapolate=False)
    after = np.clip(np.searchsorted(known, film), 1, len(known) - 1)
    since, until = film - known[after - 1], known[after] - film
    is_known = np.minimum(np.abs(since), np.abs(until)) < _SAME_TIME_S
    is_near = since + until <= LONGEST_GAP_S + _SAME_TIME_S
    return np.where(is_near | is_known, spline(film), np.nan)


def _filmed(
    poses: Poses, condition: Condition, focal_px: float, height_m: float
) -> Poses:
    """Film from the right of the middle of the way, at hip height."""
    array = to_array(poses)
    middle = np.nanmedian(array.xyz, axis=(0, 1))
    target = np.array([middle[0], height_m / 2, middle[2]])
    yaw = np.radians(condition.yaw_deg)
    distance = condition.distance_m or 1.0
    position = target + distance * np.array([np.sin(yaw), 0.0, np.cos(yaw)])
    camera = Camera(position, target, focal_px, width_px=1920, height_px=1080)
    pixels = camera.project(array.xyz).pixels
    return from_array(array.frames, xyz=pixels, keypoints=array.keypoints, unit="px")


def _with_confidence(poses: Poses) -> Poses:
    """Give every keypoint a column for the confidence that noise will tell."""
    array = to_array(poses)
    missing = np.isnan(array.xyz).any(axis=2)
    confidence = np.where(missing, np.nan, 0.9)
    return from_array(
        array.frames,
        xyz=array.xyz,
        keypoints=array.keypoints,
        unit="px",
        confidence=confidence,
    )
