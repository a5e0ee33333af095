"""Who is who from frame to frame."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from biomech.errors import ConfigError, VideoError
from pipelines.models.protocol import Detections
from pipelines.models.quiet import import_ultralytics

Ids = NDArray[np.int32]

#: The number of a detection that belongs to nobody.
UNTRACKED = -1


class Tracker:
    """BoT-SORT as ultralytics has it, in seconds instead of frames.

    A tracker follows the people of one clip; make a new one for the next, and numbers
    begin again at 1.

    Parameters
    ----------
    rate_hz
        Pictures per second, from the timestamps; for slow motion, the rate at which it
        was filmed.
    lost_s
        How long a person may be hidden and still be the same, in seconds.

    Raises
    ------
    ConfigError
        If a value is not positive.

    Notes
    -----
    Chosen by measurement on three real clips (people crossing one by one, a street
    walk, basketball under a panning camera), each with two detectors, 300 to 600
    pictures. Fewer numbers for the same people are better:

    ======================  ===================  ===========================
    tracker                 CPU-ms per picture   numbers given, six runs
    ======================  ===================  ===========================
    ByteTrack               0.13 to 0.38         12, 12, 13, 8, 41, 14 = 100
    BoT-SORT                0.13 to 0.36         12, 9, 13, 7, 34, 12 = 87
    BoT-SORT, camera motion 2.3 to 9.3           11, 8, 13, 7, 30, 12 = 81
    ======================  ===================  ===========================

    BoT-SORT follows width and height of a box on their own, which suits people who
    raise their arms. Estimating the camera's motion costs up to a fifth of the whole
    job and needs the pictures again; it is off.

    References
    ----------
    Zhang et al. 2022, ByteTrack, doi:10.1007/978-3-031-20047-2_1. Aharon et al. 2022,
    BoT-SORT, arXiv:2206.14651.
    """

    def __init__(self, *, rate_hz: float, lost_s: float = 1.0) -> None:
        if not (rate_hz > 0 and lost_s > 0):
            msg = f"rate_hz is {rate_hz} and lost_s is {lost_s}; both must be above 0"
            raise ConfigError(msg)
        self._rate_hz = rate_hz
        self._n_lost = max(1, round(lost_s * rate_hz))
        self._time_s: float | None = None
        self._tracker = _bot_sort(n_lost=self._n_lost)

    def update(self, detections: Detections, time_s: float, /) -> Ids:
        """Recognise the people of the next picture.

        Parameters
        ----------
        detections
            The people of one picture.
        time_s
            Its time. Pictures that are missing before it count as pictures without
            people, so that a hidden person moves on at the right speed.

        Returns
        -------
        One number per detection: 1, 2, ... for a person, -1 for a detection that
        belongs to nobody: too uncertain, or seen for the first time (a person counts
        from the second picture on, except in the first picture of a clip).

        Raises
        ------
        VideoError
            If the time does not go forward.
        """
        for _ in range(self._n_missing(time_s)):
            self._tracker.update(_Boxes(np.empty((0, 4)), np.empty(0)))
        self._time_s = time_s
        boxes = _Boxes.from_corners(detections.boxes, detections.scores)
        ids = np.full(len(detections), UNTRACKED, np.int32)
        rows = self._tracker.update(boxes)
        if len(rows):
            ids[rows[:, -1].astype(int)] = rows[:, 4]
        return ids

    def _n_missing(self, time_s: float) -> int:
        """Count the pictures that should have been between the last one and this."""
        if self._time_s is None:
            return 0
        step_s = time_s - self._time_s
        if not step_s > 0:
            msg = f"a picture at {time_s} s follows one at {self._time_s} s"
            raise VideoError(msg)
        # Two pictures after its time a lost person is gone for good.
        return min(round(step_s * self._rate_hz) - 1, self._n_lost + 2)


class _Boxes:
    """Boxes in the form that trackers of ultralytics read."""

    def __init__(self, xywh: NDArray[Any], conf: NDArray[Any]) -> None:
        self.xywh = xywh
        self.conf = conf
        self.cls = np.zeros(len(conf), np.float32)

    @classmethod
    def from_corners(cls, corners: NDArray[Any], scores: NDArray[Any]) -> "_Boxes":
        """Describe boxes by their middle and size."""
        low, high = corners[:, :2], corners[:, 2:]
        return cls(np.concatenate([(low + high) / 2, high - low], axis=1), scores)

    def __len__(self) -> int:
        """Count the boxes."""
        return len(self.conf)

    def __getitem__(self, chosen: NDArray[Any]) -> "_Boxes":
        """Choose some of the boxes."""
        return _Boxes(self.xywh[chosen], self.conf[chosen])


def _bot_sort(*, n_lost: int) -> Any:
    """Make a tracker with the shipped settings, without camera motion."""
    import_ultralytics()
    from ultralytics.trackers.bot_sort import BOTSORT
    from ultralytics.utils import ROOT, YAML, IterableSimpleNamespace

    shipped = YAML.load(ROOT / "cfg" / "trackers" / "botsort.yaml")
    ours = {"track_buffer": n_lost, "gmc_method": "none", "with_reid": False}
    return BOTSORT(IterableSimpleNamespace(**{**shipped, **ours}))
