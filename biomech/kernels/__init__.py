"""Numpy in, numpy out: no tables, time on axis 0."""
