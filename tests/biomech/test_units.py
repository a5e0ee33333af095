import pytest

import biomech as bm
from biomech.units import UNITS, label_of


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("left_knee_x_px", "px"),
        ("left_knee_flexion_deg", "deg"),
        ("left_knee_flexion_deg_s", "deg_s"),
        ("wrist_acceleration_m_s2", "m_s2"),
        ("cadence_spm", "spm"),
        ("n_frames", ""),
        ("frame", None),
        ("class", None),
    ],
)
def test_the_longest_suffix_is_the_unit(name, unit):
    assert bm.unit_of(name) == unit


def test_every_unit_can_be_written_for_people():
    assert all(isinstance(label_of(unit), str) for unit in UNITS)
    assert label_of("deg_s2") == "°/s²"


def test_an_unknown_unit_is_refused():
    with pytest.raises(bm.UnitError, match="unknown unit 'furlong'"):
        label_of("furlong")
