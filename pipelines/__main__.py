"""Lets ``python -m pipelines`` do what ``biomech`` does."""

from pipelines.cli import main

main()
