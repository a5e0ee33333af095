"""Colours that mean the same everywhere: on video, in curves, on pages."""

#: Sides of the body, from the palette of Okabe and Ito (2008), which people with any
#: kind of colour vision can tell apart.
LEFT = "#0072B2"
RIGHT = "#D55E00"
#: What belongs to neither side, on a picture.
MIDDLE = "#F0E442"
