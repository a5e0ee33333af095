"""Where the cameras of the clips stand."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from biomech.synthetic.camera import Camera
from sample_videos.clips.casting import Take

Array = NDArray[np.float64]


def past_the_camera(
    take: Take, *, distance_m: float, width_m: float, height_m: float = 1.25
) -> Callable[[Array], Camera]:
    """Film from the right of somebody who moves along X."""
    distance = distance_m * take.around(1.0, 0.12)
    focal_px = take.around(960.0, 60.0) * distance / width_m
    yaw = np.radians(take.around(0.0, 12.0))
    eye = np.array([np.sin(yaw) * distance, height_m, np.cos(yaw) * distance])
    eye[1] = take.around(height_m, 0.3)
    target = (take.around(0.0, 0.3), take.around(0.95, 0.1), 0.0)
    camera = Camera(eye, target, focal_px, 960, 540, take.around(0.0, 1.5))
    return lambda _time_s: camera


def close_up(
    take: Take,
    *,
    azimuth_deg: float,
    distance_m: float,
    reach_m: float,
    size_px: tuple[int, int] = (640, 480),
    eye_m: float = 1.2,
    middle_m: float = 0.95,
    middle_x_m: float = 0.0,
    middle_z_m: float = 0.0,
) -> Callable[[Array], Camera]:
    """Film somebody who stays in place, `reach_m` of height filling the picture.

    Azimuth 0 is in front (+X), 90 from the right (+Z).
    """
    azimuth = np.radians(take.around(azimuth_deg, 15.0))
    distance = take.around(distance_m, 0.12 * distance_m)
    focal_px = size_px[1] * distance / (reach_m * take.around(1.0, 0.08))
    eye = np.array(
        [
            middle_x_m + distance * np.cos(azimuth),
            take.around(eye_m, 0.25),
            middle_z_m + distance * np.sin(azimuth),
        ]
    )
    target = np.array([middle_x_m, middle_m, middle_z_m])
    target += [take.around(0.0, 0.1), take.around(0.0, 0.06), take.around(0.0, 0.1)]
    camera = Camera(eye, target, focal_px, *size_px, take.around(0.0, 1.5))
    return lambda _time_s: camera
