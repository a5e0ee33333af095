"""Elementary rotations and their decomposition, in degrees, vectorised over frames."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def rotation(axis: int, angle_deg: ArrayLike, /) -> Array:
    """Rotate about a coordinate axis by the right-hand rule.

    Parameters
    ----------
    axis
        0 for X, 1 for Y, 2 for Z.
    angle_deg
        Degrees, any shape.

    Returns
    -------
    Rotation matrices, shape (..., 3, 3).

    Examples
    --------
    >>> (rotation(2, 90.0) @ [1.0, 0.0, 0.0]).round(6).tolist()
    [0.0, 1.0, 0.0]
    """
    radians = np.radians(np.asarray(angle_deg, float))
    c, s = np.cos(radians), np.sin(radians)
    i, j = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.zeros((*radians.shape, 3, 3))
    matrix[..., axis, axis] = 1.0
    matrix[..., i, i] = matrix[..., j, j] = c
    matrix[..., j, i], matrix[..., i, j] = s, -s
    return matrix


def decompose(matrix: Array, order: tuple[int, int, int], /) -> Array:
    """Split rotations into three body-fixed turns about different axes.

    Parameters
    ----------
    matrix
        Rotation matrices, shape (..., 3, 3).
    order
        The three axes, all different, as in ``rotation(order[0], a) @ ...``.

    Returns
    -------
    Degrees, shape (..., 3); the middle one is within -90 to 90.

    Notes
    -----
    Cardan angles for a sequence i-j-k of parity e (1 if even, -1 if odd): with
    ``R = Ri(a) Rj(b) Rk(c)``, ``R[i, k] = e sin b``, ``R[j, k] = -e sin a cos b``,
    ``R[k, k] = cos a cos b``, ``R[i, j] = -e cos b sin c``, ``R[i, i] = cos b cos c``.
    """
    i, j, k = order
    parity = 1.0 if (j - i) % 3 == 1 else -1.0
    middle = np.arcsin(np.clip(parity * matrix[..., i, k], -1.0, 1.0))
    first = np.arctan2(-parity * matrix[..., j, k], matrix[..., k, k])
    last = np.arctan2(-parity * matrix[..., i, j], matrix[..., i, i])
    degrees: Array = np.degrees(np.stack([first, middle, last], axis=-1))
    return degrees


def unit(vectors: ArrayLike, /) -> Array:
    """Scale vectors along the last axis to length one."""
    vectors = np.asarray(vectors, float)
    scaled: Array = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return scaled


def axes(x: Array, y: Array, z: Array, /) -> Array:
    """Make rotation matrices whose columns are three unit vectors."""
    matrix: Array = np.stack(np.broadcast_arrays(x, y, z), axis=-1)
    return matrix


def about(axis: Array, angle_deg: ArrayLike, /) -> Array:
    """Rotate about any unit vector (Rodrigues).

    Parameters
    ----------
    axis
        Unit vectors, shape (..., 3).
    angle_deg
        Degrees, broadcast against the leading axes.

    Returns
    -------
    Rotation matrices, shape (..., 3, 3).
    """
    radians = np.radians(np.asarray(angle_deg, float))[..., None, None]
    x, y, z = np.moveaxis(np.asarray(axis, float), -1, 0)
    zero = np.zeros_like(x)
    cross = np.stack(
        [
            np.stack([zero, -z, y], -1),
            np.stack([z, zero, -x], -1),
            np.stack([-y, x, zero], -1),
        ],
        -2,
    )
    turned: Array = (
        np.eye(3) + np.sin(radians) * cross + (1 - np.cos(radians)) * (cross @ cross)
    )
    return turned
