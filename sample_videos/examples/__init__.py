"""Examples for analysts: a small season, and the notebook that reads it."""
