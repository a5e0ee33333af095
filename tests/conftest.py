"""Fixtures: real data beside the checkout, and tables with known answers."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

ROOT = Path(__file__).resolve().parent.parent
_SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """Find a real file under ../shared, or skip the test and say which is missing."""

    def find(name: str) -> Path:
        path = _SHARED / name
        if not path.exists():
            pytest.skip(f"real data not present: ../shared/{name}")
        return path

    return find


@pytest.fixture
def frames() -> pl.DataFrame:
    """Three frames of one track, 10 per second: the key columns only."""
    return pl.DataFrame(
        {
            "clip_id": ["a", "a", "a"],
            "track_id": [1, 1, 1],
            "frame": [0, 1, 2],
            "time_s": [0.0, 0.1, 0.2],
        },
        schema_overrides={"track_id": pl.Int32, "frame": pl.Int32},
    )
