"""The swings of a foot, and the signs of contact and toe-off before and after them.

A foot that is carried forward must go faster than the body, at any speed and for any
way of walking: swings are found first, as peaks of forward speed. Every swing has at
most one toe-off before it and one initial contact after it, so that events of a foot
alternate by construction; rules differ only in where around a swing they put them.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.kernels.signal import derivative, peaks
from biomech.locomotion import FOOT_POINTS, LEAST_SPEED, Locomotion, mean_of
from biomech.schema import EVENTS, Events

Array = NDArray[np.float64]
Event = Literal["initial_contact", "toe_off"]

#: A swing lasts less than half of a walking stride, so that the foot must go twice as
#: fast as the body on average; its peak is near three times in walking, two in running.
_SWING_PEAK = 1.3
_SWING_PROMINENCE = 0.8
#: No stride is shorter (sprint: 0.42 s).
LEAST_STRIDE_S = 0.35
#: How far the peaks of single foot points lie from that of the whole foot.
_PEAK_SHIFT_S = 0.2
#: Slower than this share of the track's usual speed is starting, stopping or turning.
_STEADY = 0.25
#: Faster than this the person turns round (a circle of 2 m at 1.2 m/s: 34 deg/s).
_TURN_DEG_S = 60.0
#: Error of a detected event against force plates: standard deviation from stride to
#: stride, and of what all events of one recording share (15 walks, eight laboratories;
#: notes of `gait_events`). Together they are the `sd_s` of the cues.
METHOD_STRIDE_S = 0.008
METHOD_SHARED_S = 0.010
#: A straight line between samples leaves about a tenth of the frame time.
_SUBFRAME = 0.1
#: Cues that differ by this from their mean leave a third of the confidence.
_DISAGREEMENT_S = 0.04
#: Around an event, the foot is looked at for this long to see whether it was visible.
_LOOK_S = 0.05
#: Below this share of its range of height a foot is near the ground (O'Connor 2007).
_LOW_SHARE = 0.35


class Swing(NamedTuple):
    """One swing: first sample to look at, sample of fastest motion, last sample."""

    begin: int
    peak: int
    end: int


class Cue(NamedTuple):
    """One sign of an event near a swing.

    Attributes
    ----------
    kind
        ``"forward"``: forward velocity relative to the ground, in walking speeds,
        crosses a level. ``"relative"``: the same relative to the hips.
        ``"vertical"``: the vertical velocity is extreme.
    points
        Foot points whose velocities are averaged.
    level
        The level, in walking speeds.
    delay_s
        Mean time from the crossing to the event, as measured.
    sd_s
        Standard deviation of that time between laboratories and strides.
    """

    kind: Literal["forward", "relative", "vertical"]
    points: tuple[str, ...]
    level: float
    delay_s: float
    sd_s: float


class Footfall(NamedTuple):
    """One event of one foot."""

    event: str
    side: str
    time: float
    sd: float
    confidence: float


def foot_points(track: Locomotion, side: str, wanted: Iterable[str]) -> list[str]:
    """List the keypoints of a foot that the track has.

    Parameters
    ----------
    track
        One person.
    side
        Which foot.
    wanted
        Names without side, such as those of `FOOT_POINTS`.

    Returns
    -------
    Keypoint names, in the order wanted.
    """
    return [f"{side}_{p}" for p in wanted if f"{side}_{p}" in track.points]


def steady_speed(track: Locomotion) -> Array:
    """Give the speed over the ground, NaN where the person does not go steadily.

    Parameters
    ----------
    track
        One person.

    Returns
    -------
    Shape (frames,), in the unit of the track per second.
    """
    speed = track.speed
    seen = speed[np.isfinite(speed)]
    if not len(seen):
        return speed
    least = _STEADY * float(np.percentile(seen, 75))
    if np.isfinite(track.leg):
        least = max(least, LEAST_SPEED * track.leg)
    steady = (speed > least) & (turning(track) < _TURN_DEG_S)
    return np.where(steady, speed, np.nan)


def turning(track: Locomotion) -> Array:
    """Give how fast the heading turns; 0 in the plane.

    Parameters
    ----------
    track
        One person.

    Returns
    -------
    Degrees per second, shape (frames,).
    """
    if track.dims == 2:
        return np.zeros(len(track.time))
    angle = np.unwrap(np.arctan2(track.heading[:, 2], track.heading[:, 0]))
    return np.abs(np.degrees(derivative(angle, track.time)))


def swings(track: Locomotion, side: str) -> list[Swing]:
    """Find the swings of a foot.

    Beyond both ends of the clip the foot is taken to stand, so that half a swing at an
    end still gives its event.

    Parameters
    ----------
    track
        One person.
    side
        Which foot.

    Returns
    -------
    The swings in order; none where the person does not travel.
    """
    names = foot_points(track, side, FOOT_POINTS)
    if not names or len(track.time) < 5:
        return []
    foot = mean_of([track.forward(n) for n in names]) / steady_speed(track)
    step = 1 / track.rate_hz
    time = np.concatenate([[track.time[0] - step], track.time, [track.time[-1] + step]])
    found = peaks(
        np.concatenate([[0.0], foot, [0.0]]),
        time,
        height=_SWING_PEAK,
        prominence=_SWING_PROMINENCE,
        min_distance_s=LEAST_STRIDE_S,
    )
    top = found.sample - 1
    between = (top[:-1] + top[1:]) // 2
    begins = [0, *between.tolist()]
    ends = [*between.tolist(), len(foot) - 1]
    return [Swing(*s) for s in zip(begins, top.tolist(), ends, strict=False)]


def place(
    track: Locomotion, side: str, event: Event, cues: tuple[Cue, ...]
) -> Iterator[Footfall]:
    """Put one kind of event around every swing of a foot.

    Parameters
    ----------
    track
        One person.
    side
        Which foot.
    event
        Which event.
    cues
        Signs to look for. Several are averaged, each weighted by the inverse of its
        variance: that of the method and that of keypoint noise.

    Yields
    ------
    At most one event per swing; none where no sign can be seen.
    """
    signals = [_signal(track, side, cue) for cue in cues]
    velocity_sd = _velocity_noise(track)
    for swing in swings(track, side):
        rows = []
        for cue, signal in zip(cues, signals, strict=True):
            time, slope = _sign(track, side, signal, cue, event=event, swing=swing)
            n = len(foot_points(track, side, cue.points))
            noise = velocity_sd / np.sqrt(n) / max(abs(slope), 1e-9)
            rows.append((time + cue.delay_s, noise, cue.sd_s))
        table = np.array([r for r in rows if np.isfinite(r).all()])
        if len(table):
            yield _averaged(track, side, event, table)


def _averaged(track: Locomotion, side: str, event: str, table: Array) -> Footfall:
    times, noise, method = table.T
    weight = 1 / (method**2 + noise**2)
    weight /= weight.sum()
    time = float(weight @ times)
    # Cues see the same foot: their errors are taken to go together.
    parts = weight @ method, weight @ noise, _SUBFRAME / track.rate_hz
    spread = float(np.sqrt(weight @ (times - time) ** 2))
    agreement = float(np.exp(-((spread / _DISAGREEMENT_S) ** 2)))
    sd = float(np.linalg.norm(parts))
    return Footfall(event, side, time, sd, agreement * _visible(track, side, time))


def _visible(track: Locomotion, side: str, time: float) -> float:
    """Give the mean confidence of a foot around an event; interpolated counts as 0."""
    look = max(_LOOK_S, 1.5 / track.rate_hz)
    near = np.abs(track.time - time) <= look
    if not near.any():
        return 0.0
    shares = []
    for name in foot_points(track, side, FOOT_POINTS):
        score = np.nan_to_num(track.confidence[name][near], nan=1.0)
        shares.append(np.where(track.measured[name][near], score, 0.0).mean())
    return float(np.clip(np.mean(shares), 0.0, 1.0))


def _velocity_noise(track: Locomotion) -> float:
    """Give the noise of a smoothed velocity, in walking speeds.

    White noise through an ideal low-pass filter and a derivative keeps
    ``2 pi fc sqrt(2 fc dt / 3)`` of its standard deviation; a Butterworth filter is
    not ideal and keeps a tenth more.
    """
    fc = track.cutoff_hz
    gain = 1.1 * 2 * np.pi * fc * np.sqrt(2 * fc / track.rate_hz / 3)
    speed = steady_speed(track)
    speed = speed[np.isfinite(speed)]
    return float(gain * track.noise / np.median(speed)) if len(speed) else np.nan


def _signal(track: Locomotion, side: str, cue: Cue) -> Array:
    names = foot_points(track, side, cue.points)
    if cue.kind == "vertical":
        return mean_of([track.upward(n) for n in names]) / steady_speed(track)
    forward = mean_of([track.forward(n) for n in names])
    if cue.kind == "relative":
        hips = derivative(track.hips(), track.time)
        forward = forward + track.ground - np.einsum("fd,fd->f", hips, track.heading)
    return np.asarray(forward / steady_speed(track))


def _sign(
    track: Locomotion, side: str, signal: Array, cue: Cue, *, event: Event, swing: Swing
) -> tuple[float, float]:
    """Find when a cue shows around one swing, and the slope of the signal there."""
    if cue.kind == "vertical":
        return _extreme(track, side, signal, event, swing)
    reach = round(_PEAK_SHIFT_S * track.rate_hz)
    low, high = max(swing.peak - reach, swing.begin), min(swing.peak + reach, swing.end)
    near = signal[low : high + 1]
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
    part = (
        slice(swing.peak, swing.end + 1) if contact else slice(swing.begin, swing.peak)
    )
    height = track.foot(side)[:, 1]
    span = height[swing.begin : swing.end + 1]
    if len(signal[part]) < 3 or not np.isfinite(span).any():
        return np.nan, np.nan
    low = height[part] < np.nanmin(span) + _LOW_SHARE * np.ptp(span[np.isfinite(span)])
    wanted = -signal[part] if contact else signal[part]
    wanted = np.where(low | (not contact), wanted, -np.inf)
    best = int(np.argmax(np.nan_to_num(wanted, nan=-np.inf)))
    at = part.start + best
    if not 0 < at < len(signal) - 1 or not np.isfinite(wanted[best]):
        return np.nan, np.nan
    # An extremum is a crossing of the acceleration: over one frame it moves the
    # velocity by this much.
    bend = abs(signal[at - 1] - 2 * signal[at] + signal[at + 1]) * track.rate_hz
    return float(track.time[at]), float(bend)


def in_order(found: Iterable[Footfall]) -> list[Footfall]:
    """Sort events by time, keeping the better of two equal ones that nearly coincide.

    Nothing is inserted: an event that cannot be seen stays missing, and what needs it
    becomes null.

    Parameters
    ----------
    found
        Events of one track, in any order.

    Returns
    -------
    Events in order of time.
    """
    kept: dict[tuple[str, str], list[Footfall]] = {}
    for event in sorted(found, key=lambda f: f.time):
        chain = kept.setdefault((event.side, event.event), [])
        if chain and event.time - chain[-1].time < LEAST_STRIDE_S:
            chain[-1] = max(chain[-1], event, key=lambda f: f.confidence)
        else:
            chain.append(event)
    return sorted((f for chain in kept.values() for f in chain), key=lambda f: f.time)


def events_table(found: Iterable[tuple[Locomotion, list[Footfall]]]) -> Events:
    """Collect the events of all tracks.

    Parameters
    ----------
    found
        Tracks with their events.

    Returns
    -------
    An `events` table, sorted by track and time.
    """
    rows: list[Mapping[str, object]] = [
        {
            "clip_id": track.clip_id,
            "track_id": track.track_id,
            "event": event.event,
            "side": event.side,
            "frame": int(track.frame[np.argmin(np.abs(track.time - event.time))]),
            "time_s": event.time,
            "time_sd_s": event.sd,
            "confidence": event.confidence,
        }
        for track, events in found
        for event in events
    ]
    return pl.DataFrame(rows, schema=EVENTS.empty().schema)
