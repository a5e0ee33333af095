"""Daylight and lamps."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def _rgb(red: float, green: float, blue: float) -> Callable[[], Floats]:
    """Make a default for a field that holds an array of three."""
    return lambda: np.array([red, green, blue], np.float32)


@dataclass(frozen=True)
class Light:
    """Sun or lamps, sky and air. Colours are display colours times a strength."""

    sun_direction: Floats = field(default_factory=_rgb(0.3, 0.8, 0.5))
    sun: Floats = field(default_factory=_rgb(1.6, 1.5, 1.35))
    sky: Floats = field(default_factory=_rgb(0.55, 0.62, 0.72))
    bounce: Floats = field(default_factory=_rgb(0.28, 0.27, 0.22))
    lamp: Floats = field(default_factory=_rgb(0.0, 0.0, 0.0))
    lamp_direction: Floats = field(default_factory=_rgb(0.0, 0.6, -0.8))
    shadow_depth: float = 0.9
    exposure: float = 0.62
    fog: Floats = field(default_factory=_rgb(0.7, 0.76, 0.82))
    fog_density: float = 0.002
    zenith: tuple[float, float, float] = (0.25, 0.45, 0.75)
    horizon: tuple[float, float, float] = (0.72, 0.80, 0.88)
    clouds: tuple[float, float, float] = (0.93, 0.93, 0.94)
    cloud_cover: float = 0.5


def direction(azimuth_deg: float, elevation_deg: float) -> Floats:
    """Return the unit vector towards a light; azimuth 0 is +X, 90 is +Z."""
    azimuth, elevation = np.radians([azimuth_deg, elevation_deg])
    flat = np.cos(elevation)
    return np.array(
        [flat * np.cos(azimuth), np.sin(elevation), flat * np.sin(azimuth)], np.float32
    )


def sunny(*, azimuth_deg: float = 60.0, elevation_deg: float = 50.0) -> Light:
    """Clear sky; the lower the sun, the warmer and weaker it is."""
    high = float(np.clip(elevation_deg / 40.0, 0.25, 1.0))
    sun = 2.1 * high**0.5 * np.array([1.0, 0.80 + 0.15 * high, 0.60 + 0.28 * high])
    return Light(
        sun_direction=direction(azimuth_deg, elevation_deg),
        sun=sun.astype(np.float32),
        sky=np.array([0.50, 0.58, 0.70], np.float32),
        bounce=np.array([0.30, 0.30, 0.24], np.float32),
        shadow_depth=0.92,
        cloud_cover=0.35,
    )


def overcast(*, azimuth_deg: float = 60.0) -> Light:
    """Cloudy: light from everywhere, hardly a shadow."""
    return Light(
        sun_direction=direction(azimuth_deg, 65.0),
        sun=np.array([0.55, 0.55, 0.56], np.float32),
        sky=np.array([1.00, 1.03, 1.08], np.float32),
        bounce=np.array([0.38, 0.38, 0.36], np.float32),
        shadow_depth=0.5,
        zenith=(0.66, 0.70, 0.75),
        horizon=(0.82, 0.84, 0.86),
        clouds=(0.90, 0.91, 0.92),
        cloud_cover=0.75,
        fog=np.array([0.75, 0.78, 0.80], np.float32),
    )


def indoor(*, azimuth_deg: float = 60.0, warmth: float = 0.0) -> Light:
    """Lamps at the ceiling and a bright side.

    Parameters
    ----------
    azimuth_deg
        Where the bright side is.
    warmth
        -1 is bluish, 1 is yellowish.
    """
    tint = np.array([1.0 + 0.08 * warmth, 1.0, 1.0 - 0.12 * warmth])
    return Light(
        sun_direction=direction(azimuth_deg, 72.0),
        sun=(0.85 * tint).astype(np.float32),
        sky=(0.78 * tint).astype(np.float32),
        bounce=(0.42 * tint).astype(np.float32),
        lamp=(0.30 * tint).astype(np.float32),
        lamp_direction=direction(azimuth_deg + 40.0, 25.0),
        shadow_depth=0.6,
        fog_density=0.0,
    )


def any_outdoor(rng: np.random.Generator) -> Light:
    """Draw a daylight: mostly sun, some clouds, now and then a low sun."""
    azimuth = float(rng.uniform(0.0, 360.0))
    if rng.random() < 0.35:
        light = overcast(azimuth_deg=azimuth)
    else:
        low = rng.random() < 0.2
        elevation = float(rng.uniform(12.0, 25.0) if low else rng.uniform(28.0, 75.0))
        light = sunny(azimuth_deg=azimuth, elevation_deg=elevation)
    return _varied(light, rng)


def any_indoor(rng: np.random.Generator) -> Light:
    """Draw lamps: neutral to warm, from any side."""
    warmth = float(rng.normal(0.2, 0.4))
    light = indoor(azimuth_deg=float(rng.uniform(0.0, 360.0)), warmth=warmth)
    return _varied(light, rng)


def _varied(light: Light, rng: np.random.Generator) -> Light:
    return replace(
        light,
        exposure=light.exposure * float(np.exp(rng.normal(0.0, 0.16))),
        sky=light.sky * np.float32(np.exp(rng.normal(0.0, 0.12))),
        cloud_cover=float(rng.uniform(0.2, 0.7)),
        fog_density=light.fog_density * float(rng.uniform(0.3, 3.0)),
    )
