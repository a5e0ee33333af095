"""Strides: from one contact of a foot to its next, with everything in between."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.body import SIDES, mean_of
from biomech.schema import EVENTS, POSES, STRIDES, TRACK, Events, Poses, Strides
from biomech.steps.locomotion import FOOT_POINTS, WINDOW_S, Locomotion, tracks_of
from biomech.steps.swings import foot_points, steady_speed

Array = NDArray[np.float64]

_SIDE = [*TRACK, "side"]
#: A longer time between two contacts is a pause, not a stride (crutches: up to 2.5 s).
MAX_STRIDE_S = 3.0
#: Over the median of a track; a missed contact of both feet makes 2.
USUAL = (0.6, 1.5)
#: Shares of the stance at which a foot is looked at: contact, for strides that the clip
#: cuts right after it, then the part in which the whole foot rests on the ground.
_LOOKS = np.concatenate([[0.0], np.linspace(0.1, 0.5, 9)])
#: Stance as a share of the stride, where the toe-off was not seen (walking; Perry &
#: Burnfield 2010).
_STANCE_SHARE = 0.6
#: A stride is measured in space if its foot was seen in this share of it.
_LEAST_COVERAGE = 0.8
#: Share of a stride that may be unsteady: turning, starting, stopping.
_MAX_UNSTEADY = 0.2


def strides(
    events: Events, poses: Poses | None = None, /, *, cutoff_hz: float = 8.0
) -> Strides:
    """Pair events into strides and measure them.

    A stride begins and ends with an initial contact of the same foot. What does not lie
    inside (a toe-off after the end, a step whose first contact is missing) is null.

    Parameters
    ----------
    events
        An `events` table from `gait_events` or `running_events`, or from elsewhere.
    poses
        The `poses` table the events come from, for lengths; without it only times.
    cutoff_hz
        Cut-off of the low-pass filter for positions, in Hz.

    Returns
    -------
    A `strides` table. In seconds: ``toe_off_s, opposite_toe_off_s,
    opposite_contact_s`` (clock times), ``stride_time_s, stance_time_s, swing_time_s,
    step_time_s`` (from the contact of the other foot to the end),
    ``double_support_time_s`` (both phases together), ``single_support_time_s`` (of
    this foot), ``flight_time_s`` (running: from toe-off to the contact of the other
    foot), and ``start_sd_s, end_sd_s, toe_off_sd_s`` of the events. With `poses`,
    in its unit: ``stride_length_m, step_length_m`` (of the step that ends the stride),
    ``speed_m_s, step_width_m`` (3D only), ``foot_clearance_m`` (toes at their fastest,
    above the flat foot) and ``coverage_ratio`` (share of samples measured). Lengths are
    null where less than 80 % was measured.

    Raises
    ------
    SchemaError
        If `events` or `poses` is not such a table.

    Notes
    -----
    A stride of more than 3 s is a pause and left out; so is one with two contacts of
    the other foot in it, because a contact of this foot was missed, and one that lasts
    less than 0.6 or more than 1.5 of the median of its track. With `poses`, strides in
    which the person turns, starts or stops are left out too, and those in which the
    foot was lost for so long that a contact may be missing, unless they last as long as
    strides without a hole. A foot lies where
    it rests from 10 to 50 % of its stance, which is surer than where it is at the
    moment of contact; on a treadmill the way of the belt is added.
    """
    EVENTS.check(events)
    table = _temporal(events)
    if poses is None:
        return table
    POSES.check(poses)
    parts = [
        _spatial(track, mine)
        for track in tracks_of(poses, cutoff_hz=cutoff_hz)
        if not (mine := _of(table, track)).is_empty()
    ]
    return _numbered(pl.concat(parts, how="diagonal") if parts else table)


def _of(table: Strides, track: Locomotion) -> Strides:
    same = (pl.col("clip_id") == track.clip_id, pl.col("track_id") == track.track_id)
    return table.filter(*same)


def _temporal(events: Events) -> Strides:
    """Pair contacts, and find what the other foot does between them."""
    steps = events.filter(pl.col("event").is_in(["initial_contact", "toe_off"]))
    steps = steps.with_columns(pl.col("side").cast(STRIDES.columns["side"].dtype))
    contacts = _of_event(steps, "initial_contact")
    toe_offs = _of_event(steps, "toe_off")
    flip = pl.col("side").replace({"left": "right", "right": "left"})
    pairs = contacts.with_columns(
        pl.col("time_s", "time_sd_s", "confidence")
        .shift(-1)
        .over(_SIDE)
        .name.prefix("end_")
    ).rename(
        {
            "time_s": "start_s",
            "time_sd_s": "start_sd_s",
            "end_time_s": "end_s",
            "end_time_sd_s": "end_sd_s",
        }
    )
    pairs = pairs.filter(pl.col("end_s") - pl.col("start_s") <= MAX_STRIDE_S)
    pairs = _next(pairs, toe_offs, "toe_off", after="start_s")
    pairs = _next(
        pairs, toe_offs.with_columns(flip), "opposite_toe_off", after="start_s"
    )
    other = contacts.with_columns(flip)
    pairs = _next(pairs, other, "opposite_contact", after="start_s")
    pairs = _next(pairs, other, "second_contact", after="opposite_contact_s")
    # Two contacts of the other foot: one of this foot was missed in between.
    pairs = pairs.filter(pl.col("second_contact_s").is_null())
    return _numbered(_usual(pairs.select(*_SIDE, *_times())))


def _usual(pairs: pl.DataFrame) -> pl.DataFrame:
    """Drop strides much longer or shorter than the others of their track."""
    share = pl.col("stride_time_s") / pl.col("stride_time_s").median().over(TRACK)
    return pairs.filter(share.is_between(*USUAL))


def _of_event(steps: Events, event: str) -> Events:
    chosen = steps.filter(pl.col("event").cast(pl.String) == event)
    return chosen.select(
        *_SIDE,
        pl.col("time_s", "time_sd_s", "confidence").cast(pl.Float64),
    ).sort(*_SIDE, "time_s")


def _next(pairs: pl.DataFrame, found: Events, name: str, *, after: str) -> pl.DataFrame:
    """Attach the next event of a kind, null if it comes after the end of the stride."""
    right = found.select(
        *_SIDE,
        pl.col("time_s").alias(f"{name}_s"),
        pl.col("time_sd_s").alias(f"{name}_sd_s"),
    ).sort(f"{name}_s")
    has = pairs.filter(pl.col(after).is_not_null()).sort(after)
    rest = pairs.filter(pl.col(after).is_null())
    joined = has.join_asof(
        right,
        left_on=after,
        right_on=f"{name}_s",
        by=_SIDE,
        strategy="forward",
        allow_exact_matches=False,
        coalesce=False,
        check_sortedness=False,
    )
    inside = pl.col(f"{name}_s") < pl.col("end_s")
    columns = [f"{name}_s", f"{name}_sd_s"]
    joined = joined.with_columns(
        pl.when(inside).then(c).otherwise(None).alias(c) for c in columns
    )
    return pl.concat([joined, rest], how="diagonal")


def _times() -> list[pl.Expr]:
    start, end, off = pl.col("start_s"), pl.col("end_s"), pl.col("toe_off_s")
    other_off, other_on = pl.col("opposite_toe_off_s"), pl.col("opposite_contact_s")
    early = other_off - start
    late = off - other_on
    supported = (early > 0) & (late > 0) & (other_off < other_on)
    return [
        start,
        end,
        off,
        other_off,
        other_on,
        (end - start).alias("stride_time_s"),
        (off - start).alias("stance_time_s"),
        (end - off).alias("swing_time_s"),
        (end - other_on).alias("step_time_s"),
        pl.when(supported).then(early + late).alias("double_support_time_s"),
        pl.when(off < other_on).then(other_on - off).alias("flight_time_s"),
        pl.when(other_off < other_on)
        .then(other_on - other_off)
        .alias("single_support_time_s"),
        pl.col("start_sd_s"),
        pl.col("end_sd_s"),
        pl.col("toe_off_sd_s"),
        pl.min_horizontal("confidence", "end_confidence").alias("stride_confidence"),
    ]


def _numbered(table: pl.DataFrame) -> Strides:
    ordered = table.sort(*_SIDE, "start_s")
    number = pl.int_range(pl.len(), dtype=pl.Int32).over(_SIDE).alias("stride_id")
    first = [*_SIDE, "stride_id", "start_s", "end_s"]
    return ordered.with_columns(number).select(*first, pl.exclude(first))


def _spatial(track: Locomotion, table: Strides) -> Strides:
    """Measure one track's strides in space."""
    ground = _Ground(track, table)
    table = ground.unbroken(ground.steady(table))
    parts = [
        ground.measured(side, mine)
        for side in SIDES
        if not (mine := table.filter(pl.col("side") == side)).is_empty()
    ]
    return pl.concat(parts, how="diagonal") if parts else table


class _Ground:
    """Positions of the feet on the ground, whether it moves or not."""

    def __init__(self, track: Locomotion, table: Strides) -> None:
        self.track = track
        self.table = table
        self.unit = track.unit
        self.belt = self._belt()
        self.unsteady = _widened(np.isnan(steady_speed(track)), track)

    def _belt(self) -> float:
        """Refine the velocity of the ground: that of feet which stand on it."""
        if not self.track.moving_ground:
            return 0.0
        slips = []
        for side in SIDES:
            mine = self.table.filter(pl.col("side") == side)
            for name in foot_points(self.track, side, ("heel", "ankle")):
                times = self._look_times(mine["start_s"].to_numpy(), self._stance(mine))
                slips.append(self._at(self.track.forward(name), times).ravel())
        slip = np.concatenate(slips) if slips else np.zeros(0)
        slip = slip[np.isfinite(slip)]
        drift = float(np.median(slip)) if len(slip) else 0.0
        return float(np.median(self.track.ground)) + drift

    def _stance(self, mine: Strides) -> Array:
        stance = mine["stance_time_s"].to_numpy().astype(float)
        return np.where(
            np.isnan(stance), _STANCE_SHARE * mine["stride_time_s"].to_numpy(), stance
        )

    @staticmethod
    def _look_times(contact: Array, stance: Array) -> Array:
        return contact[:, None] + _LOOKS * stance[:, None]

    def _at(self, values: Array, times: Array) -> Array:
        """Read a series at any times; NaN outside the clip."""
        clock = self.track.time
        return np.asarray(np.interp(times, clock, values, left=np.nan, right=np.nan))

    def _spots(self, side: str, contact: Array, stance: Array) -> Array:
        """Give where a foot is after each contact, shape (strides, looks, dims)."""
        names = foot_points(self.track, side, FOOT_POINTS)[:1]
        times = self._look_times(contact, stance)
        spots = np.full((*times.shape, self.track.dims), np.nan)
        for name in names:
            for axis in range(self.track.dims):
                spots[..., axis] = self._at(self.track.points[name][:, axis], times)
        carried = self.belt * (times - self.track.time[0])
        way = carried[..., None] * np.nanmedian(self.track.heading, axis=0)
        return np.asarray(spots - way)

    def measured(self, side: str, mine: Strides) -> Strides:
        """Add lengths, speed, width and clearance to the strides of one side."""
        start, end = mine["start_s"].to_numpy(), mine["end_s"].to_numpy()
        other = mine["opposite_contact_s"].to_numpy().astype(float)
        stance = self._stance(mine)
        flip = "right" if side == "left" else "left"
        here, there = self._spots(side, start, stance), self._spots(side, end, stance)
        between = self._spots(flip, other, stance)
        stride, step = _moved(here, there), _moved(between, there)
        heading = self._heading(start, end)
        usable = self._share(self._seen(side), start, end) >= _LEAST_COVERAGE
        length = np.where(usable, _along(stride, heading), np.nan)
        unit = self.unit
        columns = {
            f"stride_length_{unit}": length,
            f"step_length_{unit}": np.where(usable, _along(step, heading), np.nan),
            f"speed_{unit}_s": length / (end - start),
            f"foot_clearance_{unit}": self._clearance(side, mine, stance),
            "coverage_ratio": self._share(self._seen(side), start, end),
        }
        if self.track.dims == 3:
            columns["step_width_m"] = np.where(usable, _across(step, heading), np.nan)
        return mine.with_columns(
            pl.Series(name, values, nan_to_null=True)
            for name, values in columns.items()
        )

    def _heading(self, start: Array, end: Array) -> Array:
        times = np.linspace(start, end, 11)
        parts = [
            mean_of(list(self._at(self.track.heading[:, a], times)))
            for a in range(self.track.dims)
        ]
        heading = np.stack(parts, axis=1)
        length: Array = np.linalg.norm(heading, axis=1, keepdims=True)
        return np.asarray(heading / np.where(length > 0, length, np.nan))

    def _seen(self, side: str) -> Array:
        names = foot_points(self.track, side, FOOT_POINTS)
        seen = np.mean([self.track.measured[n] for n in names], axis=0)
        return np.asarray(seen, dtype=float)

    def _share(self, values: Array, start: Array, end: Array) -> Array:
        """Average a series over each stride."""
        times = np.linspace(start, end, 51)
        share: Array = self._at(values, times).mean(axis=0)
        return share

    def steady(self, table: Strides) -> Strides:
        """Keep the strides in which the person neither turns, starts nor stops."""
        start, end = table["start_s"].to_numpy(), table["end_s"].to_numpy()
        share = self._share(self.unsteady, start, end)
        return table.filter(np.nan_to_num(share, nan=1.0) <= _MAX_UNSTEADY)

    def unbroken(self, table: Strides) -> Strides:
        """Drop strides in which a foot was lost, unless they last as long as others.

        A hole may hide a contact, and with it that one stride is two.
        """
        start, end = table["start_s"].to_numpy(), table["end_s"].to_numpy()
        lost = np.zeros(table.height, dtype=bool)
        for side in SIDES:
            own = (table["side"].cast(pl.String) == side).to_numpy()
            hidden = np.isnan(self.track.foot(side)[:, 0]).astype(float)
            lost |= own & (np.nan_to_num(self._share(hidden, start, end), nan=1.0) > 0)
        whole = table.filter(~pl.Series(lost))["stride_time_s"].median()
        share = pl.col("stride_time_s") / pl.lit(whole, dtype=pl.Float64)
        return table.filter(
            ~pl.Series(lost) | share.is_between(*USUAL).fill_null(value=False)
        )

    def _clearance(self, side: str, mine: Strides, stance: Array) -> Array:
        """Give the height of the toes when they pass fastest, above the flat foot."""
        names = foot_points(self.track, side, ("big_toe",))
        if not names:
            return np.full(mine.height, np.nan)
        height = self.track.points[names[0]][:, 1]
        start, end = mine["start_s"].to_numpy(), mine["end_s"].to_numpy()
        flat = self._at(height, self._look_times(start, stance))
        times = np.linspace(start + stance, end, 41)
        pace = self._at(self.track.forward(names[0]), times)
        at = np.argmax(np.nan_to_num(pace, nan=-np.inf), axis=0)
        swing = np.take_along_axis(self._at(height, times), at[None], axis=0)[0]
        clearance: Array = swing - flat[:, 1:].mean(axis=1)
        return clearance


def _widened(unsteady: NDArray[np.bool_], track: Locomotion) -> Array:
    """Count what the mean speed around a turn blurs as turning too."""
    frames = round(WINDOW_S / 4 * track.rate_hz)
    near = np.convolve(unsteady, np.ones(2 * frames + 1), mode="full")
    return np.asarray(near[frames : frames + len(unsteady)] > 0.5, dtype=float)


def _moved(before: Array, after: Array) -> Array:
    """Give the way between two places, from looks at equal times after contact."""
    ways = after - before
    flat = ways[:, 1:]
    seen = np.isfinite(flat).all(axis=2).sum(axis=1)[:, None]
    mean = np.nansum(np.where(np.isfinite(flat), flat, 0.0), axis=1) / np.maximum(
        seen, 1
    )
    return np.asarray(np.where(seen > 0, mean, ways[:, 0]))


def _along(step: Array, heading: Array) -> Array:
    return np.asarray(np.einsum("sd,sd->s", step, heading))


def _across(step: Array, heading: Array) -> Array:
    return np.abs(step[:, 0] * heading[:, 2] - step[:, 2] * heading[:, 0])
