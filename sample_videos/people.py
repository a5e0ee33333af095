"""Who is in the picture: bodies, clothes and colours, drawn from a seed."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, NamedTuple, TypedDict, Unpack

import numpy as np

from biomech.synthetic.figure import Figure, figure
from sample_videos.body import Build
from sample_videos.clothing import LEGWEAR, SHIRT, SHOES, SKIN, SOLE, Hair, Outfit
from sample_videos.skin import Skin, skin
from sample_videos.textures import LAYERS
from sample_videos.things import Colour

_N_MATERIALS = 8

#: Skin from the lightest to the darkest tone (a ten-step scale after Monk 2019).
SKIN_TONES: tuple[Colour, ...] = (
    (0.92, 0.80, 0.72),
    (0.90, 0.76, 0.66),
    (0.87, 0.71, 0.59),
    (0.84, 0.66, 0.53),
    (0.76, 0.57, 0.43),
    (0.65, 0.46, 0.33),
    (0.53, 0.36, 0.25),
    (0.42, 0.28, 0.20),
    (0.33, 0.22, 0.16),
    (0.25, 0.17, 0.13),
)
#: Hair: black, dark brown, brown, light brown, blond, red, grey.
HAIR_COLOURS: tuple[Colour, ...] = (
    (0.07, 0.06, 0.06),
    (0.14, 0.10, 0.08),
    (0.25, 0.17, 0.11),
    (0.40, 0.28, 0.18),
    (0.68, 0.54, 0.34),
    (0.42, 0.20, 0.11),
    (0.55, 0.54, 0.53),
)
#: Sportswear: neutrals first, then what shops sell.
NEUTRALS: tuple[Colour, ...] = (
    (0.09, 0.09, 0.10),
    (0.14, 0.15, 0.20),
    (0.28, 0.28, 0.30),
    (0.50, 0.50, 0.51),
    (0.78, 0.78, 0.78),
    (0.92, 0.92, 0.91),
)
KIT_COLOURS: tuple[Colour, ...] = (
    (0.12, 0.20, 0.45),
    (0.16, 0.36, 0.65),
    (0.45, 0.65, 0.82),
    (0.66, 0.12, 0.14),
    (0.42, 0.10, 0.15),
    (0.12, 0.34, 0.22),
    (0.36, 0.52, 0.28),
    (0.85, 0.72, 0.20),
    (0.85, 0.42, 0.14),
    (0.36, 0.22, 0.46),
    (0.74, 0.45, 0.55),
    (0.15, 0.48, 0.50),
    (0.72, 0.64, 0.50),
    (0.48, 0.36, 0.26),
)


class Kit(TypedDict, total=False):
    """Colours of clothes, the pattern of the shirt (see `Look`) and its number."""

    shirt: Colour
    legwear: Colour
    shoes: Colour
    socks: Colour
    accent: Colour
    pattern: int
    number: int


_PARTS: dict[int, Literal["shirt", "legwear", "shoes"]] = {
    SHIRT: "shirt",
    LEGWEAR: "legwear",
    SHOES: "shoes",
}


@dataclass(frozen=True)
class Look:
    """Colours and prints of one person, by material.

    Attributes
    ----------
    colours, accents
        Display colours of the materials and of their patterns.
    patterns
        Per material 0 plain, 1 hoops, 2 stripes, 3 side panels, 4 yoke, 5 chest band,
        6 camouflage, 7 sash.
    number
        Shirt number, 0 to 99, or -1 for none.
    sock_m
        Height of the socks above the ankle joint.
    beard, fabric
        Strength of beard and of folds, 0 to 1.
    """

    colours: tuple[Colour, ...]
    accents: tuple[Colour, ...]
    patterns: tuple[int, ...]
    sock_colour: Colour
    lip_colour: Colour
    iris_colour: Colour
    phase: tuple[float, float, float]
    sock_m: float = 0.05
    beard: float = 0.0
    fabric: float = 0.12
    number: int = -1

    def number_layers(self) -> tuple[float, float]:
        """Return the texture layers of the two digits, or -1 for no number."""
        if self.number < 0:
            return (-1.0, -1.0)
        tens, ones = divmod(self.number, 10)
        return float(LAYERS[f"digit_{tens}"]), float(LAYERS[f"digit_{ones}"])

    def dressed(self, **kit: Unpack[Kit]) -> "Look":
        """Return the same person in given colours, plain where nothing else is said."""
        colours, accents = list(self.colours), list(self.accents)
        for material, part in _PARTS.items():
            if part in kit:
                colours[material] = kit[part]
        accent = kit.get("accent", NEUTRALS[0])
        accents[SHIRT] = accents[LEGWEAR] = accent
        patterns = list(self.patterns)
        patterns[SHIRT], patterns[LEGWEAR] = kit.get("pattern", 0), 0
        return replace(
            self,
            colours=tuple(colours),
            accents=tuple(accents),
            patterns=tuple(patterns),
            sock_colour=kit.get("socks", self.sock_colour),
            number=kit.get("number", -1),
        )

    def bared(self, *, chest: bool, feet: bool) -> "Look":
        """Return the same person without shirt or shoes, as far as colours go."""
        colours, patterns = list(self.colours), list(self.patterns)
        tone = colours[SKIN]
        bare = [SHIRT] * chest + [SHOES, SOLE] * feet
        for material in bare:
            colours[material] = tone
            patterns[material] = 0
        return replace(
            self,
            colours=tuple(colours),
            patterns=tuple(patterns),
            sock_colour=tone if feet else self.sock_colour,
            number=-1 if chest else self.number,
        )


class Person(NamedTuple):
    """Everything that does not change while a person moves."""

    number: int
    figure: Figure
    build: Build
    outfit: Outfit
    look: Look


def person(seed: int) -> Person:
    """Draw a person; the same seed always gives the same person.

    Parameters
    ----------
    seed
        Number of the person.
    """
    rng = np.random.default_rng((20_251, seed))
    female = bool(rng.random() < 0.45)
    height_m = float(np.clip(rng.normal(1.65 if female else 1.78, 0.07), 1.45, 2.05))
    base = figure(height_m=height_m, sex="female" if female else "male")
    lengths = {
        name: getattr(base, name) * float(np.clip(rng.normal(1.0, 0.025), 0.94, 1.06))
        for name in ("shoulder_width_m", "hip_width_m", "upper_arm_m", "forearm_m")
    }
    build = Build(
        girth=float(np.clip(rng.normal(1.0, 0.10), 0.86, 1.35)),
        muscle=float(np.clip(rng.normal(1.0, 0.06), 0.88, 1.15)),
        bust=float(np.clip(rng.normal(1.0, 0.10), 0.8, 1.25)),
        head=float(np.clip(rng.normal(1.0, 0.015), 0.97, 1.03)),
    )
    sized = figure(height_m=height_m, sex=base.sex, lengths_m=lengths)
    return Person(
        seed, sized, build, _outfit(rng, female=female), look(rng, female=female)
    )


def look(rng: np.random.Generator, *, female: bool = False) -> Look:
    """Draw colours and prints."""
    tone = SKIN_TONES[rng.integers(len(SKIN_TONES))]
    dark = sum(tone) < 1.6
    natural = HAIR_COLOURS[: 3 if dark else len(HAIR_COLOURS)]
    hair = natural[rng.integers(len(natural))]
    colours = [tone, kit_colour(rng), kit_colour(rng, neutral=0.65)]
    colours += [kit_colour(rng, neutral=0.7), hair, kit_colour(rng)]
    colours += [(0.85, 0.85, 0.84) if rng.random() < 0.6 else (0.15, 0.15, 0.15), tone]
    accents = tuple(kit_colour(rng) for _ in range(_N_MATERIALS))
    prints = rng.choice(8, p=[0.55, 0.09, 0.05, 0.08, 0.08, 0.07, 0.04, 0.04])
    sides = 3 if rng.random() < 0.15 else 0
    red = np.array(tone) * [0.88, 0.62, 0.62]
    return Look(
        colours=tuple(colours),
        accents=accents,
        patterns=(0, int(prints), sides, int(rng.random() < 0.6), 0, 0, 0, 0),
        sock_colour=NEUTRALS[rng.choice([0, 3, 5])],
        lip_colour=(float(red[0]), float(red[1]), float(red[2])),
        iris_colour=(0.12, 0.08, 0.05)
        if dark or rng.random() < 0.6
        else (0.2, 0.3, 0.4),
        phase=tuple(rng.random(3)),
        sock_m=float(rng.choice([0.03, 0.08, 0.16, 0.30], p=[0.45, 0.30, 0.15, 0.10])),
        beard=0.0 if female or rng.random() < 0.6 else float(rng.uniform(0.2, 0.8)),
        fabric=float(rng.uniform(0.06, 0.16)),
        number=int(rng.integers(1, 99)) if rng.random() < 0.12 else -1,
    )


def kit_colour(rng: np.random.Generator, *, neutral: float = 0.5) -> Colour:
    """Draw the colour of a piece of sportswear.

    Parameters
    ----------
    rng
        Source of chance.
    neutral
        Share of black, white, grey and navy.
    """
    palette = NEUTRALS if rng.random() < neutral else KIT_COLOURS
    colour = np.array(palette[rng.integers(len(palette))])
    varied = np.clip(
        colour * rng.normal(1.0, 0.08) + rng.normal(0.0, 0.02, 3), 0.03, 0.96
    )
    return (float(varied[0]), float(varied[1]), float(varied[2]))


def _outfit(rng: np.random.Generator, *, female: bool) -> Outfit:
    sleeves = [0.0, 0.35, 0.5, 0.65, 1.9]
    hair: list[Hair] = (
        ["bob", "long", "ponytail", "ponytail", "bun", "cap", "short"]
        if female
        else ["short", "short", "short", "short", "bald", "cap", "bob"]
    )
    tight = bool(rng.random() < (0.5 if female else 0.25))
    length = float(rng.choice([0.18, 0.28, 0.40, 0.47, 0.80, 0.97]))
    sleeve = float(rng.choice(sleeves, p=[0.15, 0.2, 0.35, 0.12, 0.18]))
    shirt_m = float(rng.uniform(0.005, 0.008) if tight else rng.uniform(0.009, 0.015))
    leg_m = float(rng.uniform(0.004, 0.007) if tight else rng.uniform(0.008, 0.013))
    tucked = bool(rng.random() < 0.35)
    return Outfit(
        sleeve=sleeve,
        shirt_hem=0.09 if tucked else float(rng.uniform(-0.12, 0.01)),
        shirt_loose_m=shirt_m if tucked else max(shirt_m, leg_m + 0.004),
        leg_length=length,
        leg_loose_m=leg_m,
        collar=float(rng.uniform(0.92, 1.2)),
        hair=hair[rng.integers(len(hair))],
    )


def skin_of(number: int, coarseness: float = 1.0) -> Skin:
    """Build the mesh of the person of a number, or give it again."""
    return skin_for(person(number), coarseness)


def skin_for(someone: Person, coarseness: float = 1.0) -> Skin:
    """Build a person's mesh, or give it again (a quarter of a second when new)."""
    return _skin(someone.figure, someone.build, someone.outfit, coarseness)


@lru_cache(maxsize=512)
def _skin(figure: Figure, build: Build, outfit: Outfit, coarseness: float) -> Skin:
    return skin(figure, build, outfit, coarseness=coarseness)
