"""Clips of golf, baseball and tennis."""

from dataclasses import replace
from functools import partial
from typing import Literal

from biomech.synthetic.baseball import baseball_swing as swing_a_bat
from biomech.synthetic.golf import golf_swing
from biomech.synthetic.serve import tennis_serve as serve
from sample_videos import lights
from sample_videos.clip import Clip, alone
from sample_videos.clips.cameras import close_up
from sample_videos.clips.casting import Take


def golf_down_the_line(take: Take) -> Clip:
    """Somebody swings a driver, seen from behind along the target line."""
    who = take.someone(7)
    motion = partial(
        golf_swing,
        tempo_ratio=take.around(3.0, 0.6),
        downswing_s=take.around(0.27, 0.04),
        plane_slope_deg=take.around(54.0, 5.0),
        plane_direction_deg=take.around(0.0, 6.0),
        handedness="left" if take.one_of(0.0, 1.0, 0.0) else "right",
        person=who.figure,
        still_s=take.around(0.5, 0.2),
        duration_s=3.2,
    )
    return Clip(
        name="golf_down_the_line",
        activity="golf",
        view="sagittal",
        athlete="Golfer",
        rate_hz=60.0,
        motions=partial(alone, motion),
        cast=[who],
        hands="fist",
        camera=close_up(
            take,
            azimuth_deg=180.0,
            distance_m=4.4,
            reach_m=2.55,
            size_px=(540, 640),
            eye_m=1.15,
            middle_m=1.0,
            middle_z_m=0.30,
        ),
        scene=take.place(
            "driving_range", 2, lights.sunny(azimuth_deg=150, elevation_deg=45)
        ),
        blurred=True,
    )


def golf_face_on(take: Take) -> Clip:
    """Somebody swings in the same way, seen from the front."""
    return replace(
        golf_down_the_line(take),
        name="golf_face_on",
        view="frontal",
        camera=close_up(
            take,
            azimuth_deg=90.0,
            distance_m=4.6,
            reach_m=2.55,
            size_px=(540, 640),
            eye_m=1.15,
            middle_m=1.0,
        ),
        scene=take.place(
            "driving_range", 5, lights.sunny(azimuth_deg=60, elevation_deg=50)
        ),
    )


def baseball_swing(take: Take) -> Clip:
    """Somebody hits a pitched ball, seen from the open side."""
    who = take.someone(8)
    if take.chance is None:
        uniform = who.outfit._replace(leg_length=0.93, sleeve=0.5, hair="cap")
        who = who._replace(outfit=uniform)
    motion = partial(
        swing_a_bat,
        plane_slope_deg=take.around(32.0, 5.0),
        pitch_speed_m_s=take.around(34.0, 4.0),
        handedness="left" if take.one_of(0.0, 1.0, 0.0) else "right",
        person=who.figure,
        contact_s=take.around(1.6, 0.2),
        duration_s=3.0,
        start_m=(0.0, 0.0, -0.95),
    )
    return Clip(
        name="baseball_swing",
        activity="baseball",
        view="frontal",
        athlete="Batter",
        rate_hz=60.0,
        motions=partial(alone, motion),
        cast=[who],
        hands="fist",
        camera=close_up(
            take,
            azimuth_deg=80.0,
            distance_m=5.6,
            reach_m=2.55,
            size_px=(640, 540),
            eye_m=1.25,
            middle_m=1.0,
            middle_z_m=-0.95,
        ),
        scene=take.place("diamond", 2, lights.sunny(azimuth_deg=70, elevation_deg=50)),
        blurred=True,
    )


def tennis_serve(take: Take) -> Clip:
    """Somebody serves from the baseline, seen from the side."""
    who = take.someone(9)
    handed: Literal["left", "right"] = "left" if take.one_of(0.0, 1.0, 0.0) else "right"
    motion = partial(
        serve,
        plane_slope_deg=take.around(84.0, 3.0),
        handedness=handed,
        person=who.figure,
        contact_s=take.around(2.1, 0.2),
        duration_s=3.2,
        start_m=(-0.35, 0.0, 0.5),
    )
    return Clip(
        name="tennis_serve",
        activity="tennis",
        view="sagittal",
        athlete="Server",
        rate_hz=60.0,
        motions=partial(alone, motion),
        cast=[who],
        hands="right_fist" if handed == "right" else "left_fist",
        camera=close_up(
            take,
            azimuth_deg=95.0,
            distance_m=6.2,
            reach_m=3.7,
            size_px=(540, 720),
            eye_m=1.3,
            middle_m=1.55,
            middle_x_m=-0.2,
            middle_z_m=0.5,
        ),
        scene=take.place(
            "tennis_court", 1, lights.sunny(azimuth_deg=60, elevation_deg=52)
        ),
        blurred=True,
    )
