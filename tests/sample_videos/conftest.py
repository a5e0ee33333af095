from collections.abc import Callable, Iterator

import pytest

pytest.importorskip("moderngl", reason="needs the extra 'render'")
pytest.importorskip("skimage", reason="needs the extra 'render'")

import moderngl

from sample_videos.renderer import Renderer


@pytest.fixture
def make_renderer() -> Iterator[Callable[[int, int], Renderer]]:
    """Open renderers, or skip the test where there is no OpenGL through EGL."""
    opened: list[Renderer] = []

    def make(width_px: int, height_px: int) -> Renderer:
        try:
            opened.append(Renderer(width_px, height_px))
        except (moderngl.Error, OSError) as error:
            pytest.skip(f"no off-screen OpenGL (EGL) on this machine: {error}")
        return opened[-1]

    yield make
    for renderer in opened:
        renderer.close()
