"""When the feet touch the ground and leave it in running."""

from biomech.schema import POSES, Events, Poses
from biomech.steps.cues import Cue
from biomech.steps.footfalls import Cues, events_table, footfalls
from biomech.steps.locomotion import FOOT_POINTS, tracks_of

#: What tells contact and toe-off in running, by what the skeleton has: levels in
#: running speeds; see the notes of `running_events`.
CUES: Cues = {
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
_ANKLE_CUES: Cues = {
    "toe_off": (Cue("forward", ("ankle",), 0.50, 0.0, 0.016),),
    "initial_contact": (
        Cue("landing", ("ankle",), 0.06, 0.0, 0.02),
        Cue("forward", ("ankle",), 0.50, 0.0, 0.012),
    ),
}


def running_events(poses: Poses, /, *, cutoff_hz: float = 12.0) -> Events:
    """Find initial contacts and toe-offs of both feet in running.

    Works on pixels and metres, in the plane and in space, overground and on a
    treadmill, in both directions. Skeletons without heel or toes are read by the ankle.

    Parameters
    ----------
    poses
        A `poses` table; gaps up to 0.15 s are interpolated.
    cutoff_hz
        Cut-off of the zero-lag low-pass filter, in Hz; at most a quarter of the frame
        rate is used.

    Returns
    -------
    An `events` table of ``initial_contact`` and ``toe_off``, as from `gait_events`.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table.

    Notes
    -----
    Contact is the mean of two cues whose errors oppose each other: the lower of heel
    and toes stops falling (below 0.05 running speeds), which a heel strike shows early,
    and the foot has lost half of the running speed, which a heel strike shows late.
    Toe-off is the mean of three: foot, heel and toes pass 0.42, 0.60 and 0.15 running
    speeds forward. Levels were set between one heel striker on a force treadmill (58
    events at 3.9 m/s and 60 Hz: contact 9 ms late, toe-off 5 ms late, SD 8 ms) and an
    exact made runner. Made runners at 3.5 to 9.5 m/s who land on heel, midfoot or
    forefoot: contact 7 ms early to 6 ms late, toe-off 8 to 2 ms early, by the ankle 9
    to 2 and 11 to 0 ms early. At 2.5 m/s toe-off is 19 ms early, by the ankle 41 ms.
    With 4 px of noise on 800 px that lasts 0.1 s the SD is 1 to 13 ms. No public data
    with forces at 100 Hz or more was found. For a sprinter at 7 m/s without forces the
    contact lies 15 to 20 ms before the largest upward acceleration of the toes.

    Jerk-based rules of marker studies need less noise than keypoints have.

    References
    ----------
    Hreljac, Stergiou (2000), Med Biol Eng Comput 38:503.
    Handsaker, Forrester, Folland, Black, Allen (2016), J Biomech 49:4128.
    """
    POSES.check(poses)
    return events_table(
        (track, footfalls(track, CUES, ankle=_ANKLE_CUES, fixed_weights=True))
        for track in tracks_of(poses, cutoff_hz=cutoff_hz)
    )
