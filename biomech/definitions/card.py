"""The form of a definition card."""

from dataclasses import dataclass

from biomech.units import label_of


@dataclass(frozen=True)
class Definition:
    """What one metric means.

    Attributes
    ----------
    metric
        Its id in the `metrics` table.
    title
        Its name in plain words, for a coach.
    unit
        A unit suffix of `biomech.units.UNITS`; empty for counts.
    meaning
        One or two plain sentences: what it says about the movement.
    formula
        How it is computed, with event and column names.
    sign
        Zero and positive direction; empty where there is nothing to say.
    view
        What the camera must see: ``"any"``, ``"sagittal"``, ``"frontal"``,
        ``"down the line"``, ``"face on"`` or ``"3D"``.
    needs
        What else it needs: feet, scale, frame rate, number of cycles.
    source
        The publication, with DOI where there is one.
    error
        The published or measured error, with its origin; empty if unknown.
    peers
        How other tools define it, where they differ.
    plausible
        Lowest and highest value that a body can reach, in the unit of the card; a
        value outside is an error of detection and is refused.
    """

    metric: str
    title: str
    unit: str
    meaning: str
    formula: str
    source: str
    sign: str = ""
    view: str = "any"
    needs: str = ""
    error: str = ""
    peers: str = ""
    plausible: tuple[float, float] | None = None

    def __str__(self) -> str:
        """Lay the card out as text."""
        unit = label_of(self.unit) or "no unit"
        rows = (
            ("", self.meaning),
            ("computed", self.formula),
            ("sign", self.sign),
            ("camera", self.view),
            ("needs", self.needs),
            ("error", self.error),
            ("elsewhere", self.peers),
            ("plausible", self._range()),
            ("source", self.source),
        )
        body = (
            f"{label + ': ' if label else ''}{text}" for label, text in rows if text
        )
        return "\n".join((f"{self.title} ({self.metric}), {unit}", *body))

    def _range(self) -> str:
        """Write the plausible range, empty where there is none."""
        if self.plausible is None:
            return ""
        low, high = self.plausible
        return f"{low:g} to {high:g}; values outside are refused"
