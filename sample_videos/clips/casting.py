"""Takes of a clip: the shipped one, and others like it with other people."""

import itertools
from dataclasses import dataclass, field

import numpy as np

from biomech.synthetic.figure import Figure
from sample_videos.lights import Light
from sample_videos.people import Kit, Person, look, person
from sample_videos.scenes import SCENES, Scene

#: Numbers of the people of the shipped clips; in no training or held-out range.
_SHIPPED_PEOPLE = 50_000


#: What the people of the shipped clips wear, by their number.
_KITS: dict[int, Kit] = {
    1: {"shirt": (0.80, 0.82, 0.84), "legwear": (0.15, 0.17, 0.20)},
    2: {"shirt": (0.70, 0.16, 0.15), "legwear": (0.12, 0.12, 0.14)},
    3: {"shirt": (0.24, 0.34, 0.50), "legwear": (0.30, 0.30, 0.32)},
    4: {"shirt": (0.78, 0.80, 0.80), "legwear": (0.13, 0.20, 0.36)},
    5: {"shirt": (0.30, 0.42, 0.34), "legwear": (0.16, 0.16, 0.18)},
    6: {"shirt": (0.62, 0.40, 0.46), "legwear": (0.14, 0.14, 0.17)},
    7: {
        "shirt": (0.86, 0.86, 0.84),
        "legwear": (0.26, 0.30, 0.38),
        "shoes": (0.80, 0.80, 0.78),
    },
    8: {"shirt": (0.88, 0.88, 0.86), "legwear": (0.80, 0.80, 0.79), "number": 27},
    9: {"shirt": (0.86, 0.88, 0.88), "legwear": (0.20, 0.26, 0.40)},
}


@dataclass(frozen=True)
class Take:
    """What differs between takes of a clip; without chance it is the shipped one.

    With `same_cast`, motion and camera vary by chance, people and places do not.
    """

    chance: np.random.Generator | None = None
    people: range = field(default_factory=lambda: range(1))
    same_cast: bool = False

    def around(self, value: float, spread: float) -> float:
        """Return a value, varied uniformly by up to the spread."""
        if self.chance is None:
            return value
        return value + spread * float(self.chance.uniform(-1.0, 1.0))

    def one_of(self, value: float, *others: float) -> float:
        """Return a value, or one of some others."""
        if self.chance is None:
            return value
        return float(self.chance.choice([value, *others]))

    def someone(self, number: int) -> Person:
        """Cast somebody for a role."""
        if self.chance is None or self.same_cast:
            shipped = person(_SHIPPED_PEOPLE + number)
            kit = _KITS.get(number, {})
            return shipped._replace(look=shipped.look.dressed(**kit))
        other = person(int(self.chance.choice(self.people)))
        if self.chance.random() < 0.5:
            female = other.figure.sex == "female"
            other = other._replace(look=look(self.chance, female=female))
        return other

    def player(self, number: int, figure: Figure) -> Person:
        """Dress a figure that a motion brings along."""
        shipped = self.chance is None or self.same_cast
        first = _SHIPPED_PEOPLE + 100 if shipped else self.people.start
        numbers = itertools.count(first + 3 * number)
        alike = (someone for someone in map(person, numbers))
        found = next(p for p in alike if p.figure.sex == figure.sex)
        return found._replace(figure=figure)

    def place(self, name: str, number: int, light: Light | None = None) -> Scene:
        """Choose a place, with the shipped light or any other."""
        if self.chance is None or self.same_cast:
            scene = SCENES[name](np.random.default_rng(number))
            return scene if light is None else scene._replace(light=light)
        return SCENES[name](self.chance)
