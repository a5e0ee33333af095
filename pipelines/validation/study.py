"""What a study of one recording gives: rows of errors, in the words of the tables."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from biomech.schema import Events, Metrics, Poses
from pipelines.validation.measure import TOLERANCE_S, recorded_hz
from pipelines.validation.tables import MADE

Row = dict[str, Any]


class Study(NamedTuple):
    """One recording, measured.

    Attributes
    ----------
    about
        Name, activity, rate, duration, height and truth, for the list of recordings.
    events, metrics
        Rows of the tables of errors.
    """

    about: tuple[str, ...]
    events: list[Row]
    metrics: list[Row]

    @property
    def is_made(self) -> bool:
        """Whether the recording was made in the computer."""
        return self.about[-1] == MADE


@dataclass(frozen=True)
class Recording:
    """What all rows of one recording share.

    Attributes
    ----------
    name
        Folder and file.
    activity
        ``"jump"``, ``"squat"``, ``"throw"`` or ``"golf"``.
    rate_hz, duration_s
        Of the recording.
    truth
        Where the truth comes from.
    """

    name: str
    activity: str
    rate_hz: float
    duration_s: float
    truth: str

    @classmethod
    def of(
        cls, poses: Poses, /, *, name: str, activity: str, truth: str
    ) -> "Recording":
        """Describe a recording by its poses, which are of one track."""
        time = poses["time_s"].to_numpy()
        return cls(name, activity, recorded_hz(poses), float(time[-1] - time[0]), truth)

    def study(self, events: list[Row], metrics: list[Row], /) -> Study:
        """Put rows together."""
        about = (self.name, self.activity, f"{self.rate_hz:.0f}")
        return Study(
            (*about, f"{self.duration_s:.1f}", "", self.truth), events, metrics
        )

    def event(self, condition: str, name: str, true_s: float, found: Events, /) -> Row:
        """Compare a true event with the nearest one of that name that was found."""
        own = found.filter(pl.col("event").cast(pl.String) == name)
        away = own["time_s"].to_numpy() - true_s
        nearest = int(np.argmin(np.abs(away))) if len(away) else -1
        is_matched = nearest >= 0 and abs(away[nearest]) <= TOLERANCE_S
        sd_s = own["time_sd_s"][nearest] if is_matched else None
        return self._key(condition) | {
            "event": name,
            "side": "",
            "source": self.truth,
            "kind": "matched" if is_matched else "missed",
            "true_s": true_s,
            "error_ms": 1000 * float(away[nearest]) if is_matched else None,
            "sd_ms": None if sd_s is None else 1000 * sd_s,
        }

    def metric(self, condition: str, name: str, true: float, found: Metrics, /) -> Row:
        """Compare a true value with a row of a metrics table."""
        own = found.filter(metric=name).row(0, named=True)
        is_told = own["value"] is not None and own["low"] is not None
        return self.value(condition, name, true, own["value"]) | {
            "inside": bool(own["low"] <= true <= own["high"]) if is_told else None,
            "grade": own["grade"],
            "reason": own["reason"],
        }

    def value(
        self, condition: str, name: str, true: float, value: float | None, /
    ) -> Row:
        """Compare a true value with a measured one."""
        return self._key(condition) | {
            "metric": name,
            "side": None,
            "true": true,
            "error": None if value is None else value - true,
            "inside": None,
            "grade": None,
            "reason": None,
        }

    def _key(self, condition: str) -> Row:
        return {
            "trial": self.name,
            "laboratory": self.name.partition("/")[0],
            "activity": self.activity,
            "condition": condition,
            "recorded_hz": self.rate_hz,
        }
