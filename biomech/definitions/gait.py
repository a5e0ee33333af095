"""Cards of walking."""

from biomech.definitions.card import Definition

_PERRY = "Perry & Burnfield 2010, Gait Analysis, 2nd edition"
_EVENTS = "initial_contact and toe_off of both feet"
_STENUM = "Stenum 2021, doi:10.1371/journal.pcbi.1008935"
_ROBINSON = "Robinson 1987, J Manipulative Physiol Ther 10:172"
_TIME_ERROR = (
    "events: mean absolute error 12 ms against force plates (15 walks, 9 "
    "laboratories); the shared part of one laboratory is 10 ms; with ankles alone "
    "(COCO-17) the same, but toe-off is 25 ms early at 0.8 m/s and 115 at 0.4 (made "
    "walker)"
)
_LENGTH_NEEDS = "scale; the person crosses the picture or walks on a treadmill"


def _symmetry(what: str, title: str) -> Definition:
    return Definition(
        metric=f"symmetry_{what}",
        title=f"Symmetry of {title}",
        unit="pct",
        meaning=f"How much longer the right {title} is than the left, as a share of "
        "their mean. Healthy adults stay within about 10 %.",
        formula=f"100 (right - left) / (0.5 (right + left)) of the mean {what}",
        sign="0 is symmetric, positive when the right is larger",
        needs="at least one stride of each side",
        source=_ROBINSON,
        peers="OpenCap gives 100 right / left instead, myogait an index of its own",
    )


def _score(joint: str, title: str) -> Definition:
    return Definition(
        metric=f"gait_variable_score_{joint}",
        title=f"Gait variable score, {title}",
        unit="deg",
        meaning=f"How far the mean {title} curve is from that of healthy adults, over "
        "the whole cycle. Within-group scatter of healthy adults is about 4 to 6 "
        "degrees.",
        formula="root mean square over the cycle of the mean curve minus the reference "
        "curve",
        sign="0 is the reference",
        view="sagittal",
        needs="joint angles; one complete stride",
        source="Baker 2009, doi:10.1016/j.gaitpost.2009.05.020",
        peers="clinical scores compare 9 curves in three planes against Plug-in-Gait",
    )


CARDS = (
    Definition(
        metric="cadence",
        plausible=(30.0, 170.0),
        title="Cadence",
        unit="spm",
        meaning="How many steps a minute the person takes. Adults walk with 100 to "
        "130.",
        formula="120 / mean time between equal events of a foot, contacts and toe-offs",
        source=_PERRY,
        needs=_EVENTS,
        error="MAE 0.9 steps/min in space and 1.0 in pictures, against plates and "
        "laboratory events of one to four strides",
        peers="OpenCap and Plug-in-Gait use the same formula per side",
    ),
    Definition(
        metric="stride_time",
        plausible=(0.35, 4.0),
        title="Stride time",
        unit="s",
        meaning="From one contact of a foot to the next contact of the same foot.",
        formula="initial_contact to next initial_contact of the same side",
        source=_PERRY,
        needs=_EVENTS,
        error="MAE 7 ms per stride between plates, 14 ms between marked events, 3D",
    ),
    Definition(
        metric="step_time",
        plausible=(0.15, 2.5),
        title="Step time",
        unit="s",
        meaning="From the contact of the other foot to the contact of this one.",
        formula="opposite initial_contact to the initial_contact of the side named",
        source=_PERRY,
        needs=_EVENTS,
        error="Stenum 2021: 20 ms per step from video",
    ),
    Definition(
        metric="stance_time",
        plausible=(0.05, 3.0),
        title="Stance time",
        unit="s",
        meaning="How long a foot is on the ground in each stride.",
        formula="initial_contact to toe_off of the same side",
        source=_PERRY,
        needs=_EVENTS + "; 24 frames/s",
        error=_TIME_ERROR,
    ),
    Definition(
        metric="swing_time",
        plausible=(0.1, 1.5),
        title="Swing time",
        unit="s",
        meaning="How long a foot is in the air in each stride.",
        formula="toe_off to next initial_contact of the same side",
        source=_PERRY,
        needs=_EVENTS + "; 24 frames/s",
        error=_TIME_ERROR,
    ),
    Definition(
        metric="double_support",
        plausible=(0.0, 80.0),
        title="Double support",
        unit="pct",
        meaning="The share of a stride in which both feet are on the ground: about 20 "
        "to 24 % at a usual speed, more when slow or unsure.",
        formula="100 ((opposite toe_off - initial_contact) + (toe_off - opposite "
        "initial_contact)) / stride_time",
        source=_PERRY,
        needs=_EVENTS + "; 24 frames/s",
        error=_TIME_ERROR + "; twice that in two phases",
        peers="Plug-in-Gait gives seconds; OpenCap stance minus opposite swing",
    ),
    Definition(
        metric="single_support",
        plausible=(5.0, 60.0),
        title="Single support",
        unit="pct",
        meaning="The share of a stride in which this foot alone carries the body: "
        "about 38 to 40 % for each side.",
        formula="100 (opposite initial_contact - opposite toe_off) / stride_time",
        source=_PERRY,
        needs=_EVENTS + "; 24 frames/s",
        error=_TIME_ERROR,
        peers="OpenCap gives 100 minus double support, both limbs together",
    ),
    Definition(
        metric="stride_length",
        plausible=(0.1, 6.0),
        title="Stride length",
        unit="m",
        meaning="How far a foot goes from one contact to its next.",
        formula="way of the resting heel (10 to 50 % of stance) along the heading, "
        "plus the way of a treadmill belt",
        source=_STENUM,
        view="sagittal",
        needs=_LENGTH_NEEDS,
        error="MAE 0.8 cm on ten strides of three laboratories (Plug-in-Gait), 3D",
    ),
    Definition(
        metric="step_length",
        plausible=(0.05, 3.2),
        title="Step length",
        unit="m",
        meaning="How far this foot lands in front of the other one.",
        formula="resting heel of this side minus that of the other side before, along "
        "the heading",
        source=_STENUM,
        view="sagittal",
        needs=_LENGTH_NEEDS,
        error="MAE 0.7 cm on the same strides; Stenum 2021: 4.9 cm per step from video",
        peers="many tools take the distance of the ankles at the moment of contact",
    ),
    Definition(
        metric="step_width",
        title="Step width",
        unit="m",
        meaning="How far apart the feet land sideways.",
        formula="distance of successive resting heels across the heading",
        source="Winter 1990, doi:10.1093/ptj/70.6.340",
        view="3D",
        needs="three dimensions in metres",
        peers="Plug-in-Gait gives 5 cm more, because it takes the toes",
    ),
    Definition(
        metric="speed",
        plausible=(0.0, 13.0),
        title="Speed",
        unit="m_s",
        meaning="How fast the person goes over the ground.",
        formula="mean of stride length / stride time (running: mean speed of the hips "
        "over whole strides)",
        source=_STENUM,
        view="sagittal",
        needs=_LENGTH_NEEDS,
        error="MAE 0.011 m/s on the same strides; Stenum 2021: within 0.10 m/s from "
        "video",
    ),
    Definition(
        metric="stride_time_cv",
        title="Variability of stride time",
        unit="pct",
        meaning="How regular the strides are; healthy adults have 1 to 3 %.",
        formula="100 standard deviation / mean of stride_time; left and right strides "
        "are compared with the mean of their own side",
        source="Hausdorff 2005, doi:10.1186/1743-0003-2-19",
        needs="at least five strides; fifty for a clinical statement",
    ),
    Definition(
        metric="foot_clearance",
        plausible=(0.0, 0.5),
        title="Foot clearance",
        unit="m",
        meaning="How high the toes pass over the ground in mid-swing.",
        formula="height of the big toe at its fastest forward speed minus its mean "
        "height in flat stance",
        source="Winter 1992, doi:10.1093/ptj/72.1.45",
        view="sagittal",
        needs="toes; scale",
        error="a proxy: the marker is not the tip of the shoe",
    ),
    _symmetry("step_time", "step time"),
    _symmetry("step_length", "step length"),
    _symmetry("stance_time", "stance time"),
    _symmetry("swing_time", "swing time"),
    _score("hip", "hip flexion"),
    _score("knee", "knee flexion"),
    _score("ankle", "ankle dorsiflexion"),
)
