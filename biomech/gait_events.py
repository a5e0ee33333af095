"""When the feet touch the ground and leave it in walking."""

from typing import Literal

from biomech.errors import ConfigError, did_you_mean
from biomech.schema import POSES, Events, Poses
from biomech.steps.cues import Cue
from biomech.steps.footfalls import Cues, events_table, footfalls
from biomech.steps.locomotion import FOOT_POINTS, tracks_of

Detector = Literal["consensus", "ground_speed", "zeni", "foot_velocity"]

#: Detector -> event -> its cues. Levels, delays and spreads are means over the
#: laboratories named in the notes of `gait_events`. Toes alone tell toe-off: heel and
#: ankle move ahead before, the more so the slower one walks.
CUES: dict[str, Cues] = {
    "consensus": {
        "initial_contact": (
            Cue("forward", FOOT_POINTS, 1.0, 0.040, 0.015),
            Cue("forward", ("heel",), 0.25, -0.003, 0.015),
            Cue("forward", ("ankle",), 0.42, 0.005, 0.015),
        ),
        "toe_off": (
            Cue("forward", ("big_toe",), 1.0, 0.002, 0.016),
            Cue("forward", ("big_toe",), 1.5, -0.021, 0.016),
        ),
    },
    "ground_speed": {
        "initial_contact": (Cue("forward", ("heel",), 0.25, 0.0, 0.015),),
        "toe_off": (Cue("forward", ("big_toe",), 1.0, 0.0, 0.016),),
    },
    "zeni": {
        "initial_contact": (Cue("relative", ("heel",), 0.0, 0.0, 0.016),),
        "toe_off": (Cue("relative", ("big_toe",), 0.0, 0.0, 0.016),),
    },
    "foot_velocity": {
        "initial_contact": (Cue("vertical", ("heel", "big_toe"), 0.0, 0.0, 0.02),),
        "toe_off": (Cue("vertical", ("heel", "big_toe"), 0.0, 0.0, 0.02),),
    },
}
#: What to look at where the skeleton has no heel or no toes.
_ANKLE_CUES: Cues = {
    "initial_contact": (
        Cue("forward", ("ankle",), 1.0, 0.041, 0.015),
        Cue("forward", ("ankle",), 0.42, 0.005, 0.015),
    ),
    "toe_off": (
        Cue("forward", ("ankle",), 1.0, 0.045, 0.018),
        Cue("forward", ("ankle",), 1.55, 0.002, 0.018),
    ),
}


def gait_events(
    poses: Poses, /, *, detector: Detector = "consensus", cutoff_hz: float = 8.0
) -> Events:
    """Find initial contacts and toe-offs of both feet in walking.

    Works on pixels and metres, in the plane and in space, overground and on a
    treadmill, in both directions. The steps of starting, stopping and turning round
    are left out. Skeletons without heel or toes are read by the ankle: its forward
    speed passes 1.0 and 0.42 walking speeds around contact, 1.0 and 1.55 around
    toe-off.

    Parameters
    ----------
    poses
        A `poses` table; gaps up to 0.15 s are interpolated.
    detector
        ``"consensus"`` averages the cues of `CUES`, each weighted by the inverse of its
        variance; low speeds that the noise of a resting foot reaches do not count.
        ``"ground_speed"``: contact when the heel, toe-off when the toes pass a share of
        the walking speed. ``"zeni"``: heel furthest before, toes furthest behind the
        hips. ``"foot_velocity"``: fastest fall and rise of the foot.
    cutoff_hz
        Cut-off of the zero-lag low-pass filter, in Hz; at most a quarter of the frame
        rate is used.

    Returns
    -------
    An `events` table of ``initial_contact`` and ``toe_off`` with side, sub-frame
    ``time_s``, ``time_sd_s`` (method and keypoint noise) and ``confidence`` (visibility
    of the foot times agreement of the cues). Empty where nobody walks in the direction
    of the picture.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table.
    ConfigError
        If there is no such detector.

    Notes
    -----
    A foot swings where its forward speed peaks above 1.3 walking speeds; around each
    swing one toe-off and one contact are placed, so that the events of a foot
    alternate. Nothing is inserted: an event that cannot be seen is missing. Of two
    equal events within 0.35 s the more confident is kept.

    Error in ms against force plates (20 N) and laboratory events: 15 walks of nine
    laboratories, 107 events, 60 to 150 Hz, 0.95 to 1.4 m/s, keypoints from markers in
    3D, F1 within 100 ms (``tests/validation/test_gait_events.py`` repeats thirteen):

    ================= ================= ================= =======
    detector          contact MAE, bias toe-off MAE, bias F1
    ================= ================= ================= =======
    consensus         12, +1            13, 0             1.00
    its ankle proxies 12, +1            14, -1            1.00
    ground_speed      12, +5            14, -3            1.00
    zeni              43, -42           14, 0             1.00
    foot_velocity     12, +1            18, -10           1.00
    ================= ================= ================= =======

    Against the time after which the curves of the foot repeat, single strides are off
    by 2 ms, those between plates by 8 and those between marks of laboratories by 14: a
    stride time cannot be told better than that (`biomech validate`).

    Much of this is the truth: against plates whose force rises at once the contact is
    off by 8 ms (21 contacts), against events that laboratories marked by 12, and
    against forces that were smoothed, which pass 20 N some 20 ms early, by 21. Levels
    and delays are means over the laboratories without smoothed forces; set by the
    others alone, each laboratory has errors of 12 and 15 ms. The mean error of one
    laboratory scatters by 7 ms at contact and, since toe markers sit differently, by 15
    ms at toe-off. With 7 px of noise on 800 px at 60 frames/s events scatter by another
    5 ms if it is white and 7 ms if it lasts for 0.1 s, those of ``foot_velocity`` by 20
    ms and more.

    Nothing slower than 0.95 m/s was measured. An exact synthetic walker at 0.4 to 2 m/s
    is met within 20 ms, but the toe-offs of ankle proxies come 20 ms early at 0.8 m/s
    and 120 ms early at 0.4 m/s, because the ankle moves ahead while the foot rolls over
    the toes. Detectors other than the consensus are as published, with their bias.

    References
    ----------
    Zeni, Richards, Higginson (2008), doi:10.1016/j.gaitpost.2007.07.007.
    O'Connor, Thorpe, O'Malley, Vaughan (2007), doi:10.1016/j.gaitpost.2006.05.016.
    """
    POSES.check(poses)
    if detector not in CUES:
        msg = f"unknown detector {detector!r}" + did_you_mean(detector, CUES)
        raise ConfigError(msg)
    return events_table(
        (track, footfalls(track, CUES[detector], ankle=_ANKLE_CUES))
        for track in tracks_of(poses, cutoff_hz=cutoff_hz)
    )
