"""Train pose networks: the shipped one from renders, a user's from labelled pictures.

`render_pictures` draws labelled pictures, `train` learns from them from scratch; the
shipped ``biomech-s1`` was made by these two (`python -m pipelines.training`).
`fine_tune` adapts a network to a user's own data set (`biomech train`).
"""
