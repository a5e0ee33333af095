import numpy as np
import pytest

from sample_videos.textures import LAYERS, SIZE_PX, noise, texture_layers


def test_noise_has_mean_zero_and_deviation_one():
    image = noise(np.random.default_rng(0), roughness=1.0)

    assert image.mean() == pytest.approx(0.0, abs=1e-5)
    assert image.std() == pytest.approx(1.0, abs=1e-5)


def test_noise_continues_across_its_edges():
    image = noise(np.random.default_rng(0), roughness=1.5)

    across_the_edge = np.abs(image[:, 0] - image[:, -1]).mean()
    inside = np.abs(np.diff(image, axis=1)).mean()
    assert across_the_edge < 1.5 * inside


def test_stretched_noise_is_longer_along_the_first_axis():
    image = noise(np.random.default_rng(0), roughness=1.0, stretch=4.0)

    down, across = (np.abs(np.diff(image, axis=axis)).mean() for axis in (0, 1))
    assert down < 0.6 * across


def test_every_layer_is_there_and_repeats_by_seed():
    layers = texture_layers(seed=1)

    assert layers.shape == (len(LAYERS), SIZE_PX, SIZE_PX, 3)
    np.testing.assert_array_equal(layers, texture_layers(seed=1))


@pytest.mark.parametrize("name", ["plain", "grass", "concrete", "granules", "weave"])
def test_surfaces_have_a_mean_of_one_half(name):
    assert texture_layers()[LAYERS[name]].mean() / 255 == pytest.approx(0.5, abs=0.03)
