"""Cards of repeated movements: squats, lunges, push-ups, any periodic signal."""

from biomech.definitions.card import Definition

_ESCAMILLA = "Escamilla 2001, doi:10.1097/00005768-200101000-00020"
_WILK = "Wilk 2021, doi:10.1007/s40279-021-01465-2"
_AN_HOUR = (0.0, 3600.0)
_EDGE = "a tenth of the largest speed is passed"

CARDS = (
    Definition(
        metric="repetition_count",
        title="Complete repetitions",
        unit="",
        meaning="How many complete repetitions were seen.",
        formula="number of rows of the repetitions table",
        source="own definition",
    ),
    Definition(
        metric="repetition_time",
        plausible=_AN_HOUR,
        title="Time of a repetition",
        unit="s",
        meaning="How long going down, holding and coming up take together.",
        formula=f"end_s - start_s, both where {_EDGE}",
        source="own definition",
    ),
    Definition(
        metric="lowering_time",
        plausible=_AN_HOUR,
        title="Lowering time",
        unit="s",
        meaning="How long the way down takes (the eccentric phase).",
        formula=f"from where {_EDGE} on the way down to where it is passed again",
        source=_WILK,
    ),
    Definition(
        metric="repetition_hold",
        plausible=_AN_HOUR,
        title="Hold at the deepest point",
        unit="s",
        meaning="How long the body stays down between the way down and the way up.",
        formula="repetition_time - lowering_time - raising_time",
        source=_WILK,
        error="a squat without any hold has 0.1 s, the slow turn",
    ),
    Definition(
        metric="raising_time",
        plausible=_AN_HOUR,
        title="Raising time",
        unit="s",
        meaning="How long the way up takes (the concentric phase).",
        formula=f"from where {_EDGE} on the way up to where it is passed again",
        source=_WILK,
    ),
    Definition(
        metric="repetition_pause",
        plausible=_AN_HOUR,
        title="Pause between repetitions",
        unit="s",
        meaning="How long the body rests between one repetition and the next.",
        formula="repetition_start of the next minus repetition_end of this one",
        source=_WILK,
    ),
    Definition(
        metric="repetition_depth",
        title="Depth of the repetitions",
        unit="deg",
        meaning="The largest joint flexion reached, for a squat that of the knee.",
        formula="signal at deepest",
        source=_ESCAMILLA,
        sign="0 is straight",
        view="sagittal",
        error="systematic offsets of joint centres add about 5 degrees",
    ),
    Definition(
        metric="repetition_range",
        title="Range of the repetitions",
        unit="deg",
        meaning="How far the joint moved between start and deepest point.",
        formula="signal at deepest minus signal at repetition_start",
        source=_ESCAMILLA,
        view="sagittal",
    ),
    Definition(
        metric="repetition_depth_cv",
        title="Evenness of the depth",
        unit="pct",
        meaning="How much the depth varies from one repetition to the next.",
        formula="100 × standard deviation / mean of the depth",
        source="own definition",
        needs="at least three repetitions",
    ),
    Definition(
        metric="repetition_symmetry",
        title="Left-right difference of the depth",
        unit="deg",
        meaning="How much deeper the right joint bends than the left one.",
        formula="right minus left signal at deepest",
        source="own definition",
        sign="positive when the right side bends more",
        error="an oblique camera alone makes differences of 15 degrees",
        needs="both sides visible",
    ),
    Definition(
        metric="repetition_odd_count",
        title="Odd repetitions",
        unit="",
        meaning="How many repetitions differ clearly from the others in depth or time.",
        formula="robust z-score of depth or time above 3.5 (Iglewicz & Hoaglin 1993)",
        source="Iglewicz & Hoaglin 1993, ASQC Quality Press",
        needs="at least four repetitions",
    ),
)
