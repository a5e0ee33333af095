"""Cards that running and jumping share: times on and off the ground."""

from biomech.definitions.card import Definition

CARDS = (
    Definition(
        metric="contact_time",
        plausible=(0.05, 1.5),
        title="Ground contact time",
        unit="s",
        meaning="How long the foot (running) or both feet (drop jump) stay on the "
        "ground.",
        formula="running: toe_off - initial_contact of one foot; drop jump: take_off "
        "minus the landing before it",
        source="Morin 2005, doi:10.1123/jab.21.2.167; "
        "Flanagan & Comyns 2008, doi:10.1519/SSC.0b013e318187e25b",
        needs="60 frames/s or more",
    ),
    Definition(
        metric="flight_time",
        plausible=(-0.1, 1.3),
        title="Flight time",
        unit="s",
        meaning="How long no foot touches the ground.",
        formula="running: next opposite initial_contact - toe_off; jump: landing - "
        "take_off",
        source="Morin 2005, doi:10.1123/jab.21.2.167; "
        "Bosco 1983, doi:10.1007/BF00422166",
        sign="running: negative when the steps overlap, as in walking",
        needs="60 frames/s or more",
    ),
)
