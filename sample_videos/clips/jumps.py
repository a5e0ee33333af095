"""Clips of jumps and squats."""

from functools import partial

from biomech.synthetic.jump import counter_movement_jump as leap
from biomech.synthetic.squat import squat
from sample_videos import lights
from sample_videos.clip import Clip, alone
from sample_videos.clips.cameras import close_up
from sample_videos.clips.casting import Take


def counter_movement_jump(take: Take) -> Clip:
    """Somebody does a counter-movement jump with an arm swing, in a laboratory."""
    who = take.someone(5)
    motion = partial(
        leap,
        jump_height_m=take.around(0.36, 0.12),
        depth_m=take.around(0.30, 0.06) * who.figure.height_m / 1.75,
        person=who.figure,
        quiet_s=take.around(0.7, 0.2),
        duration_s=3.2,
        arm_swing_ratio=take.one_of(1.0, 0.0, 1.0),
        heading_deg=take.around(0.0, 20.0),
    )
    return Clip(
        name="counter_movement_jump",
        activity="jump",
        view="sagittal",
        athlete="Jumper",
        rate_hz=120.0,
        motions=partial(alone, motion),
        cast=[who],
        camera=close_up(
            take,
            azimuth_deg=take.one_of(90.0, 0.0, 270.0, 45.0),
            distance_m=4.2,
            reach_m=3.3,
            size_px=(480, 640),
            eye_m=1.1,
            middle_m=1.28,
        ),
        scene=take.place("laboratory", 4, lights.indoor(azimuth_deg=120, warmth=0.3)),
    )


def squats(take: Take) -> Clip:
    """Somebody squats three times in a gym, seen from the side and slightly ahead."""
    who = take.someone(6)
    motion = partial(
        squat,
        n_repetitions=3,
        peak_knee_deg=take.around(102.0, 14.0),
        repetition_s=take.around(2.2, 0.4),
        pause_s=0.45,
        person=who.figure,
        heading_deg=take.around(0.0, 15.0),
    )
    return Clip(
        name="squats",
        activity="squat",
        view="sagittal",
        athlete="Lifter",
        rate_hz=30.0,
        motions=partial(alone, motion),
        cast=[who],
        camera=close_up(
            take,
            azimuth_deg=take.one_of(84.0, 0.0, 45.0, 270.0),
            distance_m=4.2,
            reach_m=2.25,
            middle_m=0.92,
            middle_x_m=0.1,
        ),
        scene=take.place("gym", 3, lights.indoor(azimuth_deg=30, warmth=0.2)),
    )
