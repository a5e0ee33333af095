"""Contacts and toe-offs: cues around swings, averaged, ordered, made a table.

Every swing has at most one toe-off before it and one contact after it, so that the
events of a foot alternate by construction; rules differ only in where they put them.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.body import SIDES
from biomech.schema import EVENTS, Events
from biomech.steps.cues import Cue, Event, cue_signal, sign, usable, velocity_noise
from biomech.steps.locomotion import FOOT_POINTS, Locomotion
from biomech.steps.swings import LEAST_STRIDE_S, Swing, foot_points, swings

Array = NDArray[np.float64]
#: What tells the events of a foot.
Cues = Mapping[Event, tuple[Cue, ...]]

#: Error of a detected event against force plates: standard deviation from stride to
#: stride, and of what all events of one recording share (15 walks, nine laboratories;
#: notes of `gait_events`). Together they are the `sd_s` of the cues.
METHOD_STRIDE_S = 0.011
METHOD_SHARED_S = 0.010
#: A straight line between samples leaves about a tenth of the frame time.
_SUBFRAME = 0.1
#: Right after contact the same foot point moves 0.06 to 0.12 walking speeds faster in
#: one person than in another (15 walks): no level fits all. Where speed falls quickly
#: it does not matter; where it lingers near a level, the level tells little.
_LEVEL_SD = 0.1
#: A foot that rests seems to move by its noise: a level below this many standard
#: deviations of that is passed too late, and counts only where nothing else is seen.
_CLEAR_SDS = 2.0
#: Cues that differ by this from their mean leave a third of the confidence.
_DISAGREEMENT_S = 0.04
#: Phases shorter than this share of the median are no steps (a limp makes 0.7).
_SHORT_SHARE = 0.6
#: Around an event, the foot is looked at for this long to see whether it was visible.
_LOOK_S = 0.05


class Footfall(NamedTuple):
    """One event of one foot."""

    event: str
    side: str
    time: float
    sd: float
    confidence: float


def footfalls(
    track: Locomotion, cues: Cues, /, *, ankle: Cues, fixed_weights: bool = False
) -> list[Footfall]:
    """Put a toe-off before and a contact after every swing of both feet.

    Parameters
    ----------
    track
        One person.
    cues
        Signs of each event. Several are averaged, each weighted by the inverse of its
        variance: that of the method and that of keypoint noise.
    ankle
        Signs to look for where the skeleton lacks what `cues` need.
    fixed_weights
        Whether the weights are those of the method alone. For signs of which one is
        early where the other is late: only together, always in the same shares, are
        they right.

    Returns
    -------
    Events in order of time, see `_in_order`; where no sign can be seen there is none.
    """
    swings_of = {side: swings(track, side) for side in SIDES}
    noise = velocity_noise(track, swings_of)
    found = []
    for side, own in swings_of.items():
        for event in cues:
            seen = usable(track, side, cues[event]) or usable(track, side, ankle[event])
            signs = _shown(track, side, event, cues=seen, swings=own, noise=noise)
            found += [
                _averaged(track, side, event, s, fixed_weights=fixed_weights)
                for s in signs
            ]
    # What the last sign announces may come after the end.
    inside = [f for f in found if track.time[0] <= f.time <= track.time[-1]]
    return _in_order(inside)


def _shown(
    track: Locomotion,
    side: str,
    event: Event,
    *,
    cues: tuple[Cue, ...],
    swings: list[Swing],
    noise: float,
) -> Iterator[Array]:
    """List the signs around every swing that has any.

    Each row has its time and three standard deviations of that: of noise, of the level
    between people, and of the method, which is all there is between recordings; and
    whether the level stands out of the noise of a foot that rests.
    """
    signals = [cue_signal(track, side, cue) for cue in cues]
    for swing in swings:
        rows = []
        for cue, signal in zip(cues, signals, strict=True):
            time, slope = sign(track, side, signal, cue, event=event, swing=swing)
            rest = noise / np.sqrt(len(foot_points(track, side, cue.points)))
            blur = np.array([rest, _LEVEL_SD]) / max(abs(slope), 1e-9)
            is_clear = cue.kind != "forward" or cue.level > _CLEAR_SDS * rest
            rows.append((time + cue.delay_s, *blur, cue.sd_s, is_clear))
        table = np.array([r for r in rows if np.isfinite(r).all()])
        if len(table):
            yield table


def _averaged(
    track: Locomotion, side: str, event: str, table: Array, *, fixed_weights: bool
) -> Footfall:
    times, noise, level, method, is_clear = table.T
    if fixed_weights:
        weight = 1 / method**2
    else:
        counts = is_clear if is_clear.any() else 1.0
        weight = counts / (method**2 + noise**2 + level**2)
    weight /= weight.sum()
    time = float(weight @ times)
    # Cues see the same foot: their errors are taken to go together.
    parts = weight @ method, weight @ noise, _SUBFRAME / track.camera_hz
    spread = float(np.sqrt(weight @ (times - time) ** 2))
    agreement = float(np.exp(-((spread / _DISAGREEMENT_S) ** 2)))
    sd = float(np.linalg.norm(parts))
    return Footfall(event, side, time, sd, agreement * _visible(track, side, time))


def _visible(track: Locomotion, side: str, time: float) -> float:
    """Give the mean confidence of a foot around an event; interpolated counts as 0."""
    look = max(_LOOK_S, 1.5 / track.camera_hz)
    near = slice(*np.searchsorted(track.time, [time - look, time + look]).tolist())
    if near.start == near.stop:
        return 0.0
    shares = []
    for name in foot_points(track, side, FOOT_POINTS):
        score = np.nan_to_num(track.confidence[name][near], nan=1.0)
        shares.append(np.where(track.measured[name][near], score, 0.0).mean())
    return float(np.clip(np.mean(shares), 0.0, 1.0))


def _in_order(found: Iterable[Footfall]) -> list[Footfall]:
    """Sort events by time and drop what cannot be.

    Of two equal events of a foot within 0.35 s the more confident stays. A contact
    after a swing of less than 0.6 of the usual swing, and a toe-off after such a
    stance, are dropped: recordings that were filtered before stop smoothly at their
    ends. Nothing is inserted: what needs a missing event becomes null.
    """
    kept: dict[tuple[str, str], list[Footfall]] = {}
    for event in sorted(found, key=lambda f: f.time):
        chain = kept.setdefault((event.side, event.event), [])
        if chain and event.time - chain[-1].time < LEAST_STRIDE_S:
            chain[-1] = max(chain[-1], event, key=lambda f: f.confidence)
        else:
            chain.append(event)
    whole = sorted((f for chain in kept.values() for f in chain), key=lambda f: f.time)
    short = _too_short(whole)
    return [event for event in whole if event not in short]


def _too_short(events: list[Footfall]) -> set[Footfall]:
    """Find events that end a swing or stance much shorter than the usual one."""
    phases: dict[str, list[tuple[float, Footfall]]] = {}
    for side in SIDES:
        for before, after in pairwise(e for e in events if e.side == side):
            if before.event != after.event:
                lasted = after.time - before.time
                phases.setdefault(after.event, []).append((lasted, after))
    return {
        event
        for phase in phases.values()
        for lasted, event in phase
        if lasted < _SHORT_SHARE * float(np.median([t for t, _ in phase]))
    }


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
            "frame": int(track.frame[_nearest(track.time, event.time)]),
            "time_s": event.time,
            "time_sd_s": event.sd,
            "confidence": event.confidence,
        }
        for track, events in found
        for event in events
    ]
    return pl.DataFrame(rows, schema=EVENTS.empty().schema)


def _nearest(time: Array, moment: float) -> int:
    """Give the sample nearest to a moment."""
    after = int(np.searchsorted(time[1:-1], moment)) + 1
    return after - int(moment - time[after - 1] < time[after] - moment)
