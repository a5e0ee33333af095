"""Cards of running."""

from typing import Any

from biomech.definitions.card import Definition

_EVENTS = "initial_contact and toe_off of both feet"
_MORIN = "Morin 2005, doi:10.1123/jab.21.2.167"
_FOLLAND = "Folland 2017, doi:10.1249/MSS.0000000000001245"
_TIME_ERROR = (
    "events within 3 to 8 ms of a force treadmill (58 events at 3.9 m/s, 60 Hz) and of "
    "an exact synthetic runner"
)


def _at_contact(metric: str, title: str, **text: Any) -> Definition:
    return Definition(
        metric=metric,
        title=title,
        unit="deg",
        view="sagittal",
        needs="a camera square to the running direction",
        **text,
    )


CARDS = (
    Definition(
        metric="duty_factor",
        plausible=(0.1, 0.5),
        title="Duty factor",
        unit="ratio",
        meaning="The share of a stride that a foot is on the ground. Below 0.5 there "
        "are flights: running. Sprinters reach 0.2.",
        formula="contact time / stride_time of the same foot",
        source="Alexander 1992, Exploring Biomechanics",
        needs=_EVENTS + "; 50 frames/s",
        error=_TIME_ERROR,
    ),
    Definition(
        metric="step_frequency",
        plausible=(100.0, 340.0),
        title="Step frequency",
        unit="spm",
        meaning="How many steps a minute the runner takes, about 160 to 190 in "
        "distance running.",
        formula="120 / mean time between equal events of a foot, contacts and toe-offs",
        source=_FOLLAND,
        needs=_EVENTS,
    ),
    Definition(
        metric="vertical_oscillation",
        plausible=(0.01, 0.3),
        title="Vertical oscillation",
        unit="m",
        meaning="How far the body goes up and down in each step.",
        formula="highest minus lowest centre of mass (hips, if the body is not seen "
        "whole) from one contact to the next",
        source=_FOLLAND,
        needs="scale",
        peers="watches give the movement of the wrist or chest",
    ),
    Definition(
        metric="overstride",
        title="Overstride",
        unit="m",
        meaning="How far before the body the foot lands. Landing far in front brakes.",
        formula="ankle minus centre of mass (hips, if the body is not seen whole) "
        "along the heading at initial_contact",
        sign="positive in front of the body",
        source="Lieberman 2015, doi:10.1242/jeb.125500",
        view="sagittal",
        needs="scale",
        peers="some tools take the heel or the toes",
    ),
    _at_contact(
        "trunk_lean_at_contact",
        "Trunk lean at contact",
        meaning="How far the trunk leans forward when the foot touches.",
        formula="middle of hips to middle of shoulders against the vertical, at "
        "initial_contact",
        sign="positive forward",
        source=_FOLLAND,
    ),
    _at_contact(
        "shin_angle_at_contact",
        "Shin angle at contact",
        meaning="How the shin stands when the foot touches: upright is near 0.",
        formula="knee to ankle against the vertical, at initial_contact",
        sign="positive with the ankle in front of the knee",
        source=_FOLLAND,
    ),
    _at_contact(
        "foot_strike_angle",
        "Foot strike angle",
        meaning="Whether heel or forefoot touches first: above 8 degrees a heel "
        "strike, below -1.6 a forefoot strike, between them midfoot.",
        formula="heel to big toe against the ground at initial_contact, minus the same "
        "from 20 to 45 % of the contact, when the foot lies flat",
        error="too large for runners whose heel never touches the ground",
        sign="positive with the toes up",
        source="Altman & Davis 2012, doi:10.1016/j.gaitpost.2011.09.104",
    ),
    Definition(
        metric="vertical_stiffness",
        plausible=(0.0, 400.0),
        title="Vertical stiffness",
        unit="kn_m",
        meaning="How hard the spring is that the body bounces on, straight down.",
        formula="F / dy with F = m g (pi/2) (tf/tc + 1), dy = F tc² / (m pi²) - g tc² "
        "/ 8",
        source=_MORIN,
        needs="body mass; 100 frames/s",
        error="10 % in contact time gives 20 %",
    ),
    Definition(
        metric="leg_stiffness",
        plausible=(0.0, 100.0),
        title="Leg stiffness",
        unit="kn_m",
        meaning="How hard the leg is as a spring along its length.",
        formula="F / dL with dL = L - sqrt(L² - (v tc/2)²) + dy, L the length of thigh "
        "and shank and ankle height (0.53 of body height)",
        source=_MORIN,
        needs="body mass, scale; 100 frames/s",
        error="10 % in contact time gives 20 %",
    ),
    Definition(
        metric="symmetry_contact_time",
        title="Symmetry of contact time",
        unit="pct",
        meaning="How much longer the right foot is on the ground than the left.",
        formula="100 (right - left) / (0.5 (right + left)) of the mean contact_time",
        sign="positive when the right is longer",
        source="Robinson 1987, J Manipulative Physiol Ther 10:172",
        needs="at least one stride of each side",
    ),
)
