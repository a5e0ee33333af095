"""Where the mass of a body is, segment by segment, and its centre in every frame."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from biomech.arrays import PoseArray, to_array
from biomech.blocks import by_time, series_of
from biomech.body import mean_of, point_of
from biomech.errors import ConfigError
from biomech.schema import POSES, Poses, Signals

Array = NDArray[np.float64]
Sex = Literal["male", "female", "unknown"]

#: Hand beyond the wrist over forearm length: 0.04 over 0.146 body heights.
HAND_OVER_FOREARM = 0.274
#: Least share of mass that must be seen.
LEAST_MASS = 0.85


class Segment(NamedTuple):
    """Mass as a share of the body and centre of mass as a share of the length.

    The centre is counted from ``near`` to ``far``; both numbers are for males and
    females. Paired segments are listed once, their mass is that of one side.
    """

    near: str
    far: str
    mass: tuple[float, float]
    centre: tuple[float, float]
    paired: bool = True


#: de Leva (1996), table 4, with the endpoints that its numbers belong to: joint centres
#: throughout, the trunk from the middle of the shoulders to the middle of the hips.
#: Two segments are adapted to keypoints. The head's centre is taken between the ears
#: (de Leva: 0.60 from vertex to the middle of the jaw angles, which is there); the
#: hand's beyond the wrist along the forearm.
SEGMENTS: dict[str, Segment] = {
    "head": Segment("mid_ear", "mid_ear", (0.0694, 0.0668), (0.0, 0.0), paired=False),
    "trunk": Segment(
        "mid_shoulder", "mid_hip", (0.4346, 0.4257), (0.4310, 0.3782), paired=False
    ),
    "upper_arm": Segment("shoulder", "elbow", (0.0271, 0.0255), (0.5772, 0.5754)),
    "forearm": Segment("elbow", "wrist", (0.0162, 0.0138), (0.4574, 0.4559)),
    "hand": Segment("wrist", "hand", (0.0061, 0.0056), (1.0, 1.0)),
    "thigh": Segment("hip", "knee", (0.1416, 0.1478), (0.4095, 0.3612)),
    "shank": Segment("knee", "ankle", (0.0433, 0.0481), (0.4395, 0.4352)),
    "foot": Segment("heel", "big_toe", (0.0137, 0.0129), (0.4415, 0.4014)),
}


def centre_of_mass(poses: Poses, /, *, sex: Sex = "unknown") -> Signals:
    """Find the centre of mass of the whole body in every frame.

    Parameters
    ----------
    poses
        A `poses` table: pixels, or metres in two or three dimensions.
    sex
        Whose segments: ``"male"``, ``"female"``, or the mean of both.

    Returns
    -------
    A `signals` table, sorted by clip, track and frame: ``centre_of_mass_x_<unit>, _y_
    [, _z_]`` in the axes of the poses, and ``mass_seen_pct``. The centre is null where
    less than 85 % of the mass is seen.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table.
    ConfigError
        If ``sex`` is unknown.

    Notes
    -----
    Sum of segment masses times their centres, over the mass that is seen. Without feet
    their mass is put at the ankles; a head without ears at the nose. Tables differ: the
    one of Dempster, with lighter thighs, moves the result by 1 to 2 cm.

    References
    ----------
    de Leva (1996), J Biomech 29:1223, doi 10.1016/0021-9290(95)00178-6.

    Examples
    --------
    >>> from biomech.synthetic import pendulum
    >>> centre_of_mass(pendulum(n_frames=1))["mass_seen_pct"].round(1).item()
    93.2
    """
    POSES.check(poses)
    weights = {"male": (1.0, 0.0), "female": (0.0, 1.0), "unknown": (0.5, 0.5)}
    if sex not in weights:
        msg = f"unknown sex {sex!r}; known are {sorted(weights)}"
        raise ConfigError(msg)
    array = to_array(by_time(poses)[0])
    n, _, dims = array.xyz.shape
    moment, seen, total = np.zeros((n, dims)), np.zeros(n), 0.0
    for segment in SEGMENTS.values():
        mass = float(np.dot(weights[sex], segment.mass))
        share = float(np.dot(weights[sex], segment.centre))
        for side in ("left_", "right_") if segment.paired else ("",):
            near, far = _ends(array, segment, side)
            centre = near + share * (far - near)
            there = np.asarray(np.isfinite(centre).all(axis=1))
            moment += np.where(there[:, None], mass * centre, 0.0)
            seen += there * mass
            total += mass
    with np.errstate(invalid="ignore", divide="ignore"):
        position = moment / seen[:, None]
    position[seen < LEAST_MASS * total] = np.nan
    names = [f"centre_of_mass_{axis}_{array.unit}" for axis in "xyz"[:dims]]
    block = np.column_stack([position, 100 * seen / total])
    return array.frames.with_columns(series_of(block, [*names, "mass_seen_pct"]))


def _ends(array: PoseArray, segment: Segment, side: str) -> tuple[Array, Array]:
    """Find both ends of a segment, with stand-ins for what skeletons lack."""
    near = point_of(array, side + segment.near)
    far = point_of(array, side + segment.far)
    if segment.far == "hand":
        wrist, elbow = point_of(array, f"{side}wrist"), point_of(array, f"{side}elbow")
        far = wrist + HAND_OVER_FOREARM * (wrist - elbow)
    elif segment.near == "heel":
        ankle = point_of(array, f"{side}ankle")
        whole = np.isfinite(near + far)
        near, far = np.where(whole, near, ankle), np.where(whole, far, ankle)
    elif segment.near == "mid_ear":
        ears = mean_of(point_of(array, f"{s}_ear") for s in ("left", "right"))
        near = far = np.where(np.isfinite(ears), ears, point_of(array, "nose"))
    return near, far
