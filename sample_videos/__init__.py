"""Rendered athletes: short clips whose true motion is known, and how they are made.

The clips lie beside this file: ``<clip>.mp4`` with ``<clip>.truth.parquet`` and
``<clip>.events.parquet``; ``job.toml`` tells `biomech run` who does what in them.
``python -m sample_videos.render`` rebuilds everything from a seed, and
`sample_videos.dataset.render_images` draws labelled pictures for training; both need
the extra ``render`` (moderngl, scikit-image).
"""
