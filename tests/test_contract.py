"""What every public table function promises, tried on all of them."""

import inspect
import re

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import biomech as bm
from biomech.synthetic import Camera, to_poses, walker

#: Arguments that a function cannot do without.
NEEDED = {
    "body_scale": {"height_m": 1.75},
    "to_metres": {"height_m": 1.75},
    "resample": {"rate_hz": 50.0},
}
#: What the first argument is called -> what it holds.
TABLES = (
    *("poses", "poses_raw", "signals", "signal", "events", "cycles", "table"),
    *("positions", "speeds"),
)
#: These return other things than one table, or keep what they are given on purpose.
OTHERS = {"to_array", "keypoints_of", "cleaning", "lowpass", "to_pandas", "to_xarray"}

FUNCTIONS = sorted(
    name
    for name in bm.__all__
    if inspect.isfunction(getattr(bm, name))
    and next(iter(inspect.signature(getattr(bm, name)).parameters), "") in TABLES
    and name not in OTHERS
    and not name.startswith("write_")
)


#: These look at each frame alone.
TIMELESS = {"mask_low_confidence", "to_long"}
ALONG_TIME = [
    name
    for name in FUNCTIONS
    if next(iter(inspect.signature(getattr(bm, name)).parameters))
    in ("poses", "poses_raw", "signals", "signal")
    and name not in TIMELESS
]


@pytest.fixture(scope="module")
def tables():
    camera = Camera(
        position_m=(2.0, 1.0, 8.0), target_m=(2.0, 1.0, 0.0), focal_px=1100.0
    )
    poses = to_poses(walker(duration_s=4.0, rate_hz=50.0), camera=camera)
    signals = bm.joint_angles(poses)
    events = bm.gait_events(poses)
    strides = bm.strides(events, poses)
    cycles = bm.cycles(signals, strides)
    court = [(0.0, -2.0), (4.0, -2.0), (4.0, 2.0), (0.0, 2.0)]
    seen = camera.project([[(x, 0.0, y) for x, y in court]]).pixels[0]
    rows = np.hstack([seen, court])
    points = pl.DataFrame(rows, ["x_px", "y_px", "x_m", "y_m"], orient="row")
    positions = bm.ground_positions(poses, points)
    return {
        "poses": poses,
        "poses_raw": poses,
        "signals": signals,
        "signal": signals,
        "events": events,
        "strides": strides,
        "cycles": cycles,
        "table": poses,
        "points": points,
        "positions": positions,
        "speeds": bm.ground_speed(positions),
    }


def call(name, tables, first=None):
    function = getattr(bm, name)
    parameters = list(inspect.signature(function).parameters.values())
    kind = parameters[0].name
    table = tables[kind] if first is None else first
    more = [
        tables[p.name]
        for p in parameters[1:]
        if p.kind is p.POSITIONAL_ONLY and p.default is p.empty
    ]
    return function(table, *more, **NEEDED.get(name, {}))


def kind_of(name):
    return next(iter(inspect.signature(getattr(bm, name)).parameters))


def test_there_are_functions_to_try():
    assert len(FUNCTIONS) > 25


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_wrong_table_is_refused(name, tables):
    with pytest.raises(bm.SchemaError, match=r"not a|missing"):
        call(name, tables, pl.DataFrame({"x": [1.0]}))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_lazy_table_is_refused(name, tables):
    with pytest.raises(bm.SchemaError, match="LazyFrame"):
        call(name, tables, tables[kind_of(name)].lazy())


@pytest.mark.parametrize("name", ALONG_TIME)
def test_time_that_stands_still_is_refused(name, tables):
    still = pl.when(pl.col("frame") == 50).then(49 / 50).otherwise(pl.col("time_s"))
    table = tables[kind_of(name)].with_columns(time_s=still)

    with pytest.raises(bm.SchemaError, match=r"'time_s' does not grow .* frame 50"):
        call(name, tables, table)


@pytest.mark.parametrize("name", ALONG_TIME)
@pytest.mark.parametrize("rows", [1, 2, 20])
def test_a_body_without_size_gives_no_number_out_of_range(name, rows, tables):
    table = tables[kind_of(name)].head(rows)
    points = [c for c in table.columns if c.endswith("_px")]

    result = call(
        name, tables, table.with_columns(pl.lit(0.0).alias(c) for c in points)
    )

    numbers = result.select(pl.selectors.float())
    assert not numbers.select(pl.any_horizontal(~pl.all().is_finite()).any()).item()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_input_stays_as_it_was(name, tables):
    before = tables[kind_of(name)].clone()

    call(name, tables)

    assert_frame_equal(tables[kind_of(name)], before)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_rows_are_welcome(name, tables):
    result = call(name, tables, tables[kind_of(name)].clear())

    assert result.is_empty()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_shuffled_rows_give_the_same_table(name, tables):
    table = tables[kind_of(name)]

    straight = call(name, tables)
    shuffled = call(name, tables, table.sample(fraction=1.0, shuffle=True, seed=4))

    assert_frame_equal(straight, shuffled, check_row_order=False, abs_tol=1e-9)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_results_hold_null_and_never_nan(name, tables):
    result = call(name, tables)

    floats = result.select(pl.selectors.float())
    assert (
        floats.is_empty()
        or not floats.select(pl.any_horizontal(pl.all().is_nan()).any()).item()
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_parameter_is_documented(name):
    function = getattr(bm, name)
    text = inspect.getdoc(function) or ""

    missing = [
        parameter
        for parameter in inspect.signature(function).parameters
        if not re.search(rf"^(.*\b|){parameter}\b", text, flags=re.MULTILINE)
    ]
    assert missing == []
    assert "Returns\n-------" in text
