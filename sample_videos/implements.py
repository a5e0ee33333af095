"""Clubs, bats, rackets, balls and treadmills, placed by the points of a motion."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sample_videos.scenery import box
from sample_videos.things import Thing, between, placed

Array = NDArray[np.float64]
Points = Mapping[str, Array]

#: Height of a treadmill's belt above the floor, in metres.
BELT_HEIGHT_M = 0.20
_BELT_M, _MARK_EVERY_M = 1.60, 0.40


def held(points: Points, frame: int) -> list[Thing]:
    """Draw what a motion holds in one frame, and its ball.

    Parameters
    ----------
    points
        Points by name, shape (frames, 3): pairs of ``grip`` and ``club_head``,
        ``bat_knob`` and ``bat_tip``, ``racket_grip`` and ``racket_head``; ``ball``.
    frame
        Which frame.
    """
    at = {name: values[frame] for name, values in points.items()}
    hands = (at["left_wrist"] + at["right_wrist"]) / 2
    things: list[Thing] = []
    if "club_head" in at:
        things += _club(at["grip"], at["club_head"])
    if "bat_tip" in at:
        things += _bat(at["bat_knob"], at["bat_tip"])
    if "racket_head" in at:
        things += _racket(at["racket_grip"], at["racket_head"], hands)
    if "ball" in at and np.isfinite(at["ball"]).all():
        things += _ball(at["ball"], points)
    return things


def _club(grip: Array, head: Array) -> list[Thing]:
    """Draw a driver: rubber grip, steel shaft, dark head across the shaft's end."""
    along = (head - grip) / np.linalg.norm(head - grip)
    rubber = between(grip - 0.10 * along, grip + 0.18 * along, 0.013)
    shaft = between(grip + 0.18 * along, head, 0.0065)
    toe = np.cross(along, [0.0, 1.0, 0.0])
    toe = np.cross(toe / max(float(np.linalg.norm(toe)), 1e-6), along)
    matrix = np.eye(4)
    matrix[:3, :3] = np.column_stack([np.cross(toe, along), along, toe]) * [
        0.10,
        0.06,
        0.11,
    ]
    matrix[:3, 3] = head
    return [
        Thing("cylinder", rubber, (0.10, 0.10, 0.10)),
        Thing("cylinder", shaft, (0.75, 0.76, 0.78), gloss=0.5),
        Thing("sphere", matrix, (0.13, 0.13, 0.15), gloss=0.4),
    ]


def _bat(knob: Array, tip: Array) -> list[Thing]:
    """Draw a wooden bat, thin at the knob and thick at the barrel."""
    along = tip - knob
    wood = (0.66, 0.49, 0.30)
    stations = ((0.0, 0.36, 0.0125), (0.36, 0.55, 0.019), (0.55, 0.70, 0.026))
    things = [
        Thing(
            "cylinder", between(knob + a * along, knob + b * along, r), wood, gloss=0.15
        )
        for a, b, r in (*stations, (0.70, 0.985, 0.032))
    ]
    things.append(Thing("sphere", placed(knob, 0.048), wood))
    things.append(Thing("sphere", placed(tip - 0.015 * along, 0.064), wood))
    return things


def _racket(grip: Array, head: Array, hands: Array) -> list[Thing]:
    """Draw a racket; ``head`` is the middle of its strings."""
    along = (head - grip) / np.linalg.norm(head - grip)
    across = np.cross(along, hands - grip)
    if np.linalg.norm(across) < 1e-3:
        across = np.cross(along, [0.3, 1.0, 0.2])
    across /= np.linalg.norm(across)
    frame = np.eye(4)
    frame[:3, :3] = np.column_stack([across, along, np.cross(across, along)]) * [
        0.27,
        0.34,
        0.5,
    ]
    frame[:3, 3] = head
    strings = frame @ np.diag([0.92, 0.92, 0.004, 1.0])
    throat = head - 0.17 * along
    handle = between(grip - 0.09 * along, grip + 0.10 * along, 0.017)
    return [
        Thing("ring", frame, (0.72, 0.16, 0.15), gloss=0.2),
        Thing(
            "sphere", strings, (0.82, 0.82, 0.74), "strings", (8.0, 8.0), kind="cutout"
        ),
        Thing(
            "cylinder", between(grip + 0.10 * along, throat, 0.012), (0.72, 0.16, 0.15)
        ),
        Thing("cylinder", handle, (0.12, 0.12, 0.12)),
    ]


def _ball(centre: Array, points: Points) -> list[Thing]:
    """Draw the ball that goes with the implement."""
    if "club_head" in points:
        return [Thing("sphere", placed(centre, 0.043), (0.95, 0.95, 0.95))]
    if "racket_head" in points:
        return [Thing("sphere", placed(centre, 0.067), (0.80, 0.86, 0.25))]
    if "bat_tip" in points:
        return [Thing("sphere", placed(centre, 0.074), (0.93, 0.92, 0.90))]
    return [Thing("sphere", placed(centre, 0.22), (0.92, 0.92, 0.92))]


def treadmill(time_s: float, speed_m_s: float) -> list[Thing]:
    """Draw a treadmill along X whose belt moves backwards under a runner.

    Parameters
    ----------
    time_s
        Time of the frame.
    speed_m_s
        Speed of the belt.
    """
    black, grey = (0.10, 0.10, 0.11), (0.45, 0.46, 0.48)
    top = BELT_HEIGHT_M
    deck = box((0.0, top - 0.08, 0.0), (2.0, 0.15, 0.60), black)
    things = [deck]
    for side in (-1.0, 1.0):
        rail = box((0.0, top - 0.05, side * 0.36), (2.05, 0.14, 0.12), grey)
        post = between((0.92, top, side * 0.36), (1.08, top + 1.1, side * 0.36), 0.03)
        bar = between(
            (1.06, top + 0.95, side * 0.36), (0.60, top + 0.92, side * 0.36), 0.02
        )
        things += [rail, Thing("cylinder", post, grey), Thing("cylinder", bar, black)]
    things.append(box((1.10, top + 1.15, 0.0), (0.10, 0.26, 0.78), black))
    start = -speed_m_s * time_s % _MARK_EVERY_M
    for x in np.arange(start - _BELT_M / 2, _BELT_M / 2, _MARK_EVERY_M):
        mark = box((x, top - 0.004, 0.0), (0.04, 0.004, 0.50), (0.35, 0.35, 0.36))
        things.append(mark)
    return things
