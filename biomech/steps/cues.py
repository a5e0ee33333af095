"""Signs of contact and toe-off before and after the swings of a foot."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from biomech.body import SIDES, mean_of
from biomech.kernels.signal import derivative
from biomech.steps.locomotion import Locomotion
from biomech.steps.swings import Swing, foot_points, steady_speed

Array = NDArray[np.float64]
Event = Literal["initial_contact", "toe_off"]
Kind = Literal["forward", "relative", "vertical", "landing"]

#: How far the peaks of single foot points lie from that of the whole foot.
_PEAK_SHIFT_S = 0.2
#: A running foot lands within this time after it begins to go back under the body.
_LANDING_S = 0.12
#: ... and is looked at this much earlier, for slow cameras.
_BEFORE_S = 0.04
#: Below this share of its range of height a foot is near the ground (O'Connor 2007).
_LOW_SHARE = 0.35
#: Percentile of the height of a foot point that counts as lying on the ground.
_GROUND_PCT = 10.0
#: The heel rests for this long before and after the middle of a stance.
_REST_S = 0.02


class Cue(NamedTuple):
    """One sign of an event near a swing.

    Attributes
    ----------
    kind
        ``"forward"``: forward velocity relative to the ground, in walking speeds,
        crosses a level. ``"relative"``: the same relative to the hips.
        ``"vertical"``: the vertical velocity is extreme. ``"landing"``: the lower of
        the points, each above its own ground, falls slower than a level.
    points
        Foot points whose velocities are averaged (landing: of which the lower counts).
    level
        The level, in walking speeds.
    delay_s
        Mean time from the crossing to the event, as measured.
    sd_s
        Standard deviation of that time between laboratories and strides.
    """

    kind: Kind
    points: tuple[str, ...]
    level: float
    delay_s: float
    sd_s: float


def usable(track: Locomotion, side: str, cues: tuple[Cue, ...]) -> tuple[Cue, ...]:
    """Keep the cues whose points were seen.

    Parameters
    ----------
    track
        One person.
    side
        Which foot.
    cues
        Cues in question. One of the whole foot can do without the ankle.

    Returns
    -------
    Those that the track can show.
    """
    hips = any(f"{s}_hip" in track.points for s in SIDES)

    def can(cue: Cue) -> bool:
        needed = [p for p in cue.points if p != "ankle" or len(cue.points) < 3]
        seen = len(foot_points(track, side, needed)) == len(needed)
        return seen and (hips or cue.kind != "relative")

    return tuple(cue for cue in cues if can(cue))


def velocity_noise(track: Locomotion, swings_of: Mapping[str, list[Swing]]) -> float:
    """Give the noise of a smoothed velocity, in walking speeds.

    A heel that rests on the ground has no velocity: what is seen of it there is noise,
    white or lasting, whether or not the keypoints were smoothed before.

    Parameters
    ----------
    track
        One person.
    swings_of
        The swings of each side.

    Returns
    -------
    A standard deviation, from the median absolute velocity of heels (ankles where no
    heel was seen) in the middle of all stances; 0 without a stance between two swings.
    """
    seen = [
        track.forward(name)[_resting(track, found)]
        for side, found in swings_of.items()
        for name in foot_points(track, side, ("heel", "ankle"))[:1]
    ]
    slip = np.abs(np.concatenate([*seen, np.zeros(0)]))
    slip = slip[np.isfinite(slip)]
    speed = steady_speed(track)
    speed = speed[np.isfinite(speed)]
    return 1.4826 * float(np.median(slip) / np.median(speed)) if len(slip) else 0.0


def _resting(track: Locomotion, found: list[Swing]) -> NDArray[np.intp]:
    """List the samples around the middle of the stances between swings."""
    if len(found) < 2:
        return np.zeros(0, dtype=np.intp)
    middles = np.array([swing.begin for swing in found[1:]], dtype=np.intp)
    half = round(_REST_S * track.rate_hz)
    near = middles[:, None] + np.arange(-half, half + 1)
    return np.unique(np.clip(near, 0, len(track.time) - 1))


def cue_signal(track: Locomotion, side: str, cue: Cue) -> Array:
    """Give the velocity that a cue watches, in walking speeds.

    Parameters
    ----------
    track
        One person.
    side
        Which foot.
    cue
        Which cue; the track must have its points.

    Returns
    -------
    Shape (frames,); NaN where the person does not go steadily.
    """
    names = foot_points(track, side, cue.points)
    match cue.kind:
        case "landing":
            velocity = -derivative(_lowest(track, names), track.time)
        case "vertical":
            velocity = mean_of([track.upward(n) for n in names])
        case "forward":
            velocity = mean_of([track.forward(n) for n in names])
        case "relative":
            hips = np.einsum(
                "fd,fd->f", derivative(track.hips(), track.time), track.heading
            )
            forward = mean_of([track.forward(n) for n in names])
            velocity = forward + track.ground - hips
    return np.asarray(velocity / steady_speed(track))


def _lowest(track: Locomotion, names: list[str]) -> Array:
    """Give the height of the lower of several points, each above its own ground."""
    heights = np.array([track.points[n][:, 1] for n in names])
    ground = [np.percentile(h[np.isfinite(h)], _GROUND_PCT) for h in heights]
    return np.asarray((heights - np.array(ground)[:, None]).min(axis=0))


def sign(
    track: Locomotion, side: str, signal: Array, cue: Cue, *, event: Event, swing: Swing
) -> tuple[float, float]:
    """Find when a cue shows around one swing.

    Parameters
    ----------
    track
        One person.
    side
        Which foot.
    signal
        From `cue_signal`.
    cue
        Which cue.
    event
        Contact is looked for after the swing, toe-off before it.
    swing
        Which swing.

    Returns
    -------
    Time, and slope of the signal there; NaN where the cue cannot be seen.
    """
    if cue.kind == "vertical":
        return _extreme(track, side, signal, event, swing)
    if cue.kind == "landing":
        if swing.turn > swing.end:
            return np.nan, np.nan
        first = swing.turn - round(_BEFORE_S * track.rate_hz)
        reach = _LANDING_S
    else:
        first, reach = swing.peak - round(_PEAK_SHIFT_S * track.rate_hz), _PEAK_SHIFT_S
    low = max(first, swing.begin)
    last = max(swing.peak, first) + round(reach * track.rate_hz)
    near = signal[low : min(last, swing.end) + 1]
    if not np.isfinite(near).any():
        return np.nan, np.nan
    top = low + int(np.nanargmax(near))
    if event == "initial_contact":
        return _passing(signal[top : swing.end + 1], track.time[top:], cue.level)
    back = slice(top, swing.begin - 1 if swing.begin else None, -1)
    return _passing(signal[back], track.time[back], cue.level)


def _passing(signal: Array, time: Array, level: float) -> tuple[float, float]:
    """Find where a signal first falls below a level, between samples."""
    below = np.flatnonzero(signal < level)
    if not len(below) or below[0] == 0 or np.isnan(signal[: below[0]]).any():
        return np.nan, np.nan
    a, b = below[0] - 1, below[0]
    slope = (signal[b] - signal[a]) / (time[b] - time[a])
    return float(time[a] + (level - signal[a]) / slope), float(slope)


def _extreme(
    track: Locomotion, side: str, signal: Array, event: Event, swing: Swing
) -> tuple[float, float]:
    """Find the fastest fall of a foot near the ground, or the fastest rise before."""
    contact = event == "initial_contact"
    first, last = (swing.peak, swing.end) if contact else (swing.begin, swing.peak)
    height = track.foot(side)[:, 1]
    span = height[swing.begin : swing.end + 1]
    span = span[np.isfinite(span)]
    wanted = -signal if contact else signal
    inner = np.arange(max(first, 1), min(last, len(signal) - 2) + 1)
    tops = inner[
        (wanted[inner] > wanted[inner - 1]) & (wanted[inner] >= wanted[inner + 1])
    ]
    if contact and len(span):
        tops = tops[height[tops] < span.min() + _LOW_SHARE * np.ptp(span)]
    if not len(tops):
        return np.nan, np.nan
    at = int(tops[np.argmax(wanted[tops])])
    # An extremum is a crossing of the acceleration: the bend over one frame is how
    # much velocity tells it from its neighbours.
    bend = abs(signal[at - 1] - 2 * signal[at] + signal[at + 1]) * track.rate_hz
    return float(track.time[at]), float(bend)
