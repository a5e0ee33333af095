"""Cards of going over the ground, whatever the activity."""

from biomech.definitions.card import Definition

_NEEDS = "four or more ground points; ankles; one second in view"
_SPEED = (
    "speed of the foot point on the ground after a Rauch-Tung-Striebel smoother of "
    "0.6 Hz; speeds above 12 m/s and accelerations above 8 m/s² left out"
)
_SOURCE = "Hartley & Zisserman 2004, Multiple View Geometry, section 4.1"

CARDS = (
    Definition(
        metric="distance_covered",
        plausible=(0.0, 60_000.0),
        title="Distance covered",
        unit="m",
        meaning="How far the person went over the ground while in view.",
        formula=f"integral over time of the {_SPEED}; what noise adds is taken off, "
        "and all of it while standing",
        source=_SOURCE,
        needs=_NEEDS,
        error="eight players before a panning camera: at most 2 %",
        peers="sums of raw steps, as of some trackers, are always too long",
    ),
    Definition(
        metric="mean_speed",
        plausible=(0.0, 12.0),
        title="Mean speed over the ground",
        unit="m_s",
        meaning="The distance covered over the time in view.",
        formula="distance_covered / time in view",
        source=_SOURCE,
        needs=_NEEDS,
        error="as of distance_covered",
    ),
    Definition(
        metric="top_speed",
        plausible=(0.0, 12.0),
        title="Top speed over the ground",
        unit="m_s",
        meaning="The fastest half second over the ground.",
        formula=f"largest mean over 0.5 s of the {_SPEED}",
        source=_SOURCE,
        needs=_NEEDS,
        error="eight players before a panning camera: 0.03 to 0.11 m/s too fast",
        peers="GPS systems give the fastest sample, which noise makes larger",
    ),
)
