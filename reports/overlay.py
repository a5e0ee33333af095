"""Skeletons and paths drawn on the frames of a video."""

import cv2
import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import to_array
from biomech.schema import Poses
from biomech.skeletons import limbs_of
from reports.style import LEFT, MIDDLE, RIGHT

Image = NDArray[np.uint8]
Array = NDArray[np.float64]
Colour = tuple[int, int, int]

#: Points whose path is drawn: the ends of the limbs and of what they hold.
TRACED = (
    *("left_wrist", "right_wrist", "left_ankle", "right_ankle"),
    *("club_head", "bat_tip", "racket_head", "ball"),
)
#: Points seen less surely than this are drawn faintly, as are those that were filled
#: in and have no confidence.
_SURE = 0.5
#: How much of the picture shows through what is drawn faintly.
_FAINTNESS = 0.65
#: Height of a picture in which lines are one pixel wide.
_LINE_HEIGHT_PX = 360
#: Bits behind the point in the coordinates that OpenCV draws.
_SHIFT = 4
#: Coordinates further out than this many pixels are not drawn.
_FAR_PX = 20_000.0
_DARK: Colour = (30, 30, 30)
_WHITE: Colour = (255, 255, 255)


class Overlay:
    """Draws the people of one clip on its frames.

    Left is drawn in one colour, right in another, the middle in a third, whatever way
    a person faces. Limbs whose ends were not seen surely are faint; missing points are
    not drawn at all.

    Parameters
    ----------
    poses
        A `poses` table in pixels of one clip, any number of tracks.
    trace_s
        Length of the path drawn behind hands, feet and implements, in seconds; 0 for
        none.
    scale
        Size of the frames that will be drawn on, over that of the video.
    """

    def __init__(
        self, poses: Poses, /, *, trace_s: float = 0.5, scale: float = 1.0
    ) -> None:
        pose = to_array(poses.sort("track_id", "frame"))
        self._xy = pose.xyz[..., :2] * scale
        self._is_sure = np.nan_to_num(pose.confidence) >= _SURE
        self._track = pose.frames["track_id"].to_numpy()
        self._trace_start = _trace_starts(pose.frames, trace_s)
        self._rows = _rows_by_frame(pose.frames["frame"].to_numpy())
        index = {name: i for i, name in enumerate(pose.keypoints)}
        self._limbs = [
            (index[a], index[b], _colour(a, b)) for a, b in limbs_of(pose.keypoints)
        ]
        self._traced = [(index[n], _colour(n)) for n in TRACED if n in index]
        self._has_many = np.unique(self._track).size > 1

    def draw(self, image: Image, frame: int, /) -> Image:
        """Draw everybody who is in a frame.

        Parameters
        ----------
        image
            Blue, green, red; it is left as it is.
        frame
            Its number in the video.

        Returns
        -------
        A new image.
        """
        drawn = image.copy()
        rows = self._rows.get(frame, ())
        width = max(1, round(image.shape[0] / _LINE_HEIGHT_PX))
        for row in rows:
            self._draw_faint(drawn, row, width)
        if len(rows):
            drawn = cv2.addWeighted(image, _FAINTNESS, drawn, 1 - _FAINTNESS, 0.0)
        for row in rows:
            self._draw_sure(drawn, row, width)
        return drawn

    def _draw_faint(self, image: Image, row: int, width: int) -> None:
        """Draw the paths behind a person and the limbs that are not certain."""
        for point, colour in self._traced:
            path = self._xy[self._trace_start[row] : row + 1, point]
            _lines(image, np.stack([path[:-1], path[1:]], axis=1), colour, width)
        for a, b, colour in self._limbs:
            if not (self._is_sure[row, a] and self._is_sure[row, b]):
                _lines(image, self._xy[row, [a, b]][None], colour, width)

    def _draw_sure(self, image: Image, row: int, width: int) -> None:
        """Draw the limbs that are certain, on a dark rim that any ground shows."""
        sure = [
            (self._xy[row, [a, b]][None], colour)
            for a, b, colour in self._limbs
            if self._is_sure[row, a] and self._is_sure[row, b]
        ]
        for ends, _ in sure:
            _lines(image, ends, _DARK, width + 2)
        for ends, colour in sure:
            _lines(image, ends, colour, width)
        _dots(image, self._xy[row][self._is_sure[row]], width)
        if self._has_many:
            _label(image, self._xy[row], str(self._track[row]), width)


def _rows_by_frame(frames: NDArray[np.int64]) -> dict[int, NDArray[np.intp]]:
    """Find the rows of every frame."""
    if not frames.size:
        return {}
    order = np.argsort(frames, kind="stable")
    numbers, starts = np.unique(frames[order], return_index=True)
    return dict(zip(numbers.tolist(), np.split(order, starts[1:]), strict=True))


def _trace_starts(keys: pl.DataFrame, trace_s: float) -> NDArray[np.int64]:
    """Find the row at which the path behind each row begins, within its track."""
    numbered = keys.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    past = numbered.select("track_id", since=pl.col("time_s") - trace_s)
    starts = past.join_asof(
        numbered.select("track_id", "time_s", "row"),
        left_on="since",
        right_on="time_s",
        by="track_id",
        strategy="forward",
        check_sortedness=False,
    )
    return starts["row"].to_numpy()


def _colour(*names: str) -> Colour:
    """Choose the colour of a point or limb by its side."""
    sides = {name.split("_")[0] for name in names}
    hexadecimal = LEFT if sides == {"left"} else RIGHT if sides == {"right"} else MIDDLE
    red, green, blue = bytes.fromhex(hexadecimal.lstrip("#"))
    return blue, green, red


def _lines(image: Image, ends: Array, colour: Colour, width: int) -> None:
    """Draw straight lines, shape (lines, 2, 2), leaving out those with no end."""
    with np.errstate(invalid="ignore"):
        drawable = (np.abs(ends) < _FAR_PX).all(axis=(1, 2))
    points = np.round(ends[drawable] * 2**_SHIFT).astype(np.int32)
    cv2.polylines(
        image,
        list(points),
        isClosed=False,
        color=colour,
        thickness=width,
        lineType=cv2.LINE_AA,
        shift=_SHIFT,
    )


def _dots(image: Image, points: Array, width: int) -> None:
    """Draw a small light dot on each point."""
    with np.errstate(invalid="ignore"):
        drawable = points[(np.abs(points) < _FAR_PX).all(axis=1)]
    radius = round(0.9 * width * 2**_SHIFT)
    for x, y in np.round(drawable * 2**_SHIFT).astype(int).tolist():
        cv2.circle(image, (x, y), radius, _WHITE, -1, cv2.LINE_AA, _SHIFT)


def _label(image: Image, points: Array, text: str, width: int) -> None:
    """Write the number of a track above the highest point of a person."""
    seen = points[np.isfinite(points).all(axis=1)]
    if not seen.size or np.abs(seen).max() > _FAR_PX:
        return
    x, y = seen[np.argmin(seen[:, 1])]
    place = (round(x), round(y) - 4 * width)
    for colour, thickness in ((_DARK, width + 2), (_WHITE, width)):
        cv2.putText(
            image,
            text,
            place,
            cv2.FONT_HERSHEY_SIMPLEX,
            0.45 * width,
            colour,
            thickness,
            cv2.LINE_AA,
        )


def fitted(image: Image, /, *, max_height_px: int) -> Image:
    """Shrink a picture that is too high for a page.

    Parameters
    ----------
    image
        Blue, green, red.
    max_height_px
        Greatest height.

    Returns
    -------
    The picture, no higher than that, of the same shape.
    """
    height, width = image.shape[:2]
    if height <= max_height_px:
        return image
    size = (round(width * max_height_px / height), max_height_px)
    shrunk: Image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return shrunk
