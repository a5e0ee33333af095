"""Which sport a swing belongs to, as far as the body and its implement show it."""

import numpy as np
import polars as pl

from biomech.arrays import PoseArray, keypoints_of, to_array
from biomech.blocks import each_track
from biomech.body import SIDES, stature_of
from biomech.kernels.geometry import distance
from biomech.schema import POSES, Poses
from biomech.swing.events import swing_events, swings
from biomech.swing.scene import IMPLEMENTS

_BODY = {
    f"{side}_{joint}"
    for side in SIDES
    for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
}
_SPORT_OF = {"club": "golf", "bat": "baseball", "racket": "tennis"}
#: Wrists of one grip are this near, in body heights, nine tenths of the time from
#: address to impact: 0.05 to 0.09 in golf swings made, filmed and real, above 0.14 in
#: serves, throws, walking and running.
_ONE_GRIP_BH = 0.11


def sport_of(poses: Poses, /) -> str | None:
    """Tell the sport of the swings of any track.

    A club, bat or racket tells it by its points. Without one golf shows in the body:
    both hands on one grip go through all eight events. A batter holds one grip as well
    but shows no address, and throws, serves and strokes look alike: name the sport.

    Parameters
    ----------
    poses
        A `poses` table, cleaned.

    Returns
    -------
    ``"golf"``, ``"baseball"`` or ``"tennis"``; None if nothing tells.

    Raises
    ------
    SchemaError
        If `poses` is no poses table.
    """
    POSES.check(poses)
    keypoints = keypoints_of(poses)
    for name, sport in _SPORT_OF.items():
        if set(IMPLEMENTS[name]) <= set(keypoints) and _is_seen(poses, name):
            return sport
    if not set(keypoints) >= _BODY:
        return None
    golf = swings(swing_events(poses)).filter("is_complete")
    for key, part in each_track(poses):
        mine = golf.filter(clip_id=key[0], track_id=key[1])
        if mine.height and _in_one_grip(to_array(part), mine):
            return "golf"
    return None


def _is_seen(poses: Poses, implement: str) -> bool:
    array = to_array(poses)
    return all(np.isfinite(array.point(p)).any() for p in IMPLEMENTS[implement])


def _in_one_grip(array: PoseArray, golf: pl.DataFrame) -> bool:
    """Tell whether the wrists stay together in any of the swings."""
    apart = distance(array.point("left_wrist"), array.point("right_wrist"))
    time, near = array.time_s, _ONE_GRIP_BH * stature_of(array)
    for start_s, end_s in golf.select("address_s", "impact_s").iter_rows():
        during = apart[(time >= start_s) & (time <= end_s)]
        if np.nanpercentile(during, 90) <= near:
            return True
    return False
