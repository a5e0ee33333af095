"""When the feet touch the ground and leave it in running."""

from collections.abc import Iterator

from biomech.schema import POSES, Events, Poses
from biomech.steps.cues import Cue, Event
from biomech.steps.footfalls import Footfall, events_table, in_order, place
from biomech.steps.locomotion import FOOT_POINTS, SIDES, Locomotion, tracks_of

#: What tells contact and toe-off in running, by what the skeleton has: levels in
#: running speeds; see the notes of `running_events`.
CUES: dict[Event, tuple[Cue, ...]] = {
    "toe_off": (
        Cue("forward", FOOT_POINTS, 0.42, 0.0, 0.012),
        Cue("forward", ("heel",), 0.60, 0.0, 0.012),
        Cue("forward", ("big_toe",), 0.15, 0.0, 0.012),
    ),
    "initial_contact": (
        Cue("landing", ("heel", "big_toe"), 0.05, 0.0, 0.012),
        Cue("forward", FOOT_POINTS, 0.50, 0.0, 0.012),
    ),
}
_ANKLE_CUES: dict[Event, tuple[Cue, ...]] = {
    "toe_off": (Cue("forward", ("ankle",), 0.50, 0.0, 0.016),),
    "initial_contact": (
        Cue("landing", ("ankle",), 0.06, 0.0, 0.02),
        Cue("forward", ("ankle",), 0.50, 0.0, 0.012),
    ),
}
_EVENTS: tuple[Event, ...] = ("toe_off", "initial_contact")


def running_events(poses: Poses, /, *, cutoff_hz: float = 12.0) -> Events:
    """Find initial contacts and toe-offs of both feet in running.

    XX
    """
    POSES.check(poses)
    return events_table(
        (track, in_order(_events(track)))
        for track in tracks_of(poses, cutoff_hz=cutoff_hz)
    )


def _events(track: Locomotion) -> Iterator[Footfall]:
    for side in SIDES:
        whole = all(f"{side}_{p}" in track.points for p in FOOT_POINTS)
        if not whole and f"{side}_ankle" not in track.points:
            continue
        cues = CUES if whole else _ANKLE_CUES
        for event in _EVENTS:
            yield from place(track, side, event, cues[event])
