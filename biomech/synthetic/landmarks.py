"""Points on the figure: the keypoints of HALPE-26, contact points and the palm."""

import numpy as np
from numpy.typing import NDArray

from biomech.errors import SkeletonError, did_you_mean
from biomech.skeletons import HALPE26
from biomech.synthetic.figure import BONE_INDEX, Figure

Array = NDArray[np.float64]

# Site: (bone, x, y, z) from the bone's origin as fractions of body height. Head: ear
# canal and eye 7.4 % below the vertex, head 11.2 % long (Drillis and Contini; Winter
# 2009, figure 4.1 gives chin and vertex). Sides in z are for the right.
_MIDDLE = {
    "nose": ("head", 0.066, 0.000, 0.0),
    "head_top": ("head", 0.004, 0.084, 0.0),
    "chin": ("head", 0.050, -0.040, 0.0),
    "neck": ("neck", 0.012, -0.012, 0.0),
    "mid_hip": ("pelvis", 0.0, 0.0, 0.0),
}
_PAIRED = {
    "eye": ("head", 0.047, 0.019, 0.018),
    "ear": ("head", 0.000, 0.010, 0.044),
    "shoulder": ("upper_arm", 0.0, 0.0, 0.0),
    "elbow": ("forearm", 0.0, 0.0, 0.0),
    "wrist": ("hand", 0.0, 0.0, 0.0),
    "hip": ("thigh", 0.0, 0.0, 0.0),
    "knee": ("shank", 0.0, 0.0, 0.0),
    "ankle": ("foot", 0.0, 0.0, 0.0),
    "palm": ("hand", 0.012, -0.050, 0.0),
}
#: Fingertips, heel, toes and the three contact points of the sole scale with the hand
#: and the foot: (bone, along the foot from the heel as a fraction of its length, height
#: above the sole and sideways as fractions of body height).
_FOOT = {
    "heel": ("foot", 0.02, 0.011, 0.0),
    "big_toe": ("toes", 0.97, 0.011, -0.010),
    "small_toe": ("toes", 0.80, 0.011, 0.024),
    "heel_sole": ("foot", 0.06, 0.0, 0.0),
    "ball_sole": ("foot", 0.70, 0.0, 0.0),
    "toe_sole": ("toes", 0.97, 0.0, -0.006),
}
#: Where the ankle and the ball of the foot lie between heel and toe tip.
ANKLE_ALONG_FOOT, BALL_ALONG_FOOT = 0.25, 0.70
#: Height of the ball of the foot above the sole, as a fraction of body height.
BALL_HEIGHT = 0.012


def sites(person: Figure, /) -> dict[str, tuple[str, Array]]:
    """List all points of the figure that a bone carries.

    Parameters
    ----------
    person
        The figure.

    Returns
    -------
    For each name the bone and the point in the bone's frame, metres. Besides the
    keypoints of HALPE-26: ``chin``, and on each side ``palm``, ``fingertip``,
    ``heel_sole``, ``ball_sole`` and ``toe_sole``.
    """
    h = person.height_m
    found = {name: (bone, h * np.array(at)) for name, (bone, *at) in _MIDDLE.items()}
    for side, sign in (("left", -1.0), ("right", 1.0)):
        mirror = np.array([1.0, 1.0, sign])
        for name, (bone, *at) in _PAIRED.items():
            on = bone if bone == "head" else f"{side}_{bone}"
            found[f"{side}_{name}"] = (on, h * mirror * at)
        found[f"{side}_fingertip"] = (f"{side}_hand", np.array([0, -person.hand_m, 0]))
        for name, (bone, along, up, out) in _FOOT.items():
            start = {"foot": ANKLE_ALONG_FOOT, "toes": BALL_ALONG_FOOT}[bone]
            drop = {"foot": person.ankle_height_m, "toes": BALL_HEIGHT * h}[bone]
            local = np.array([(along - start) * person.foot_m, up * h - drop, out * h])
            found[f"{side}_{name}"] = (f"{side}_{bone}", mirror * local)
    return found


def points(person: Figure, bones: Array, names: tuple[str, ...], /) -> Array:
    """Place named points of a posed figure.

    Parameters
    ----------
    person
        The figure.
    bones
        Bone frames, shape (frames, bones, 4, 4), from `bone_frames`.
    names
        Names from `sites`.

    Returns
    -------
    Metres in the world, shape (frames, names, 3).

    Raises
    ------
    SkeletonError
        If a name is unknown.
    """
    known = sites(person)
    for name in names:
        if name not in known:
            msg = f"the figure has no point {name!r}{did_you_mean(name, known)}"
            raise SkeletonError(msg)
    index = [BONE_INDEX[known[name][0]] for name in names]
    local = np.array([known[name][1] for name in names])
    carriers = bones[:, index]
    turned = np.einsum("fkij,kj->fki", carriers[..., :3, :3], local)
    placed: Array = turned + carriers[..., :3, 3]
    return placed


def keypoints(person: Figure, bones: Array, /) -> Array:
    """Place the keypoints of HALPE-26 on a posed figure.

    Parameters
    ----------
    person
        The figure.
    bones
        Bone frames, shape (frames, bones, 4, 4), from `bone_frames`.

    Returns
    -------
    Metres in the world, shape (frames, 26, 3), in the order of ``HALPE26.keypoints``.

    Examples
    --------
    >>> from biomech.synthetic import bone_frames, figure
    >>> person = figure(height_m=2.0)
    >>> head_top = keypoints(person, bone_frames(person, {}))[0, 17]
    >>> round(float(head_top[1]), 2)
    2.0
    """
    return points(person, bones, HALPE26.keypoints)
