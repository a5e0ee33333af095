"""Draw the moments of a clip, again and again only what changes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from biomech.synthetic.camera import Camera
from biomech.synthetic.motion import Motion
from sample_videos.clip import Clip
from sample_videos.implements import held
from sample_videos.renderer import Actor, Picture, Renderer, Window
from sample_videos.shadows import feet_of
from sample_videos.skin import skin
from sample_videos.things import Thing
from sample_videos.view import View

Array = NDArray[np.float64]

#: How far skin, clothes and hair may reach beyond keypoints, in metres.
_AROUND_M = 0.30


class Stage:
    """A clip in front of a renderer.

    As long as the camera stands still, the empty place is drawn once; later pictures
    draw only the window that holds people, what they hold, and their shadows.
    """

    def __init__(
        self,
        renderer: Renderer,
        clip: Clip,
        motions: Sequence[Motion],
        camera: Camera,
    ) -> None:
        self._renderer, self._clip = renderer, clip
        self._motions, self._camera = motions, camera
        self._skins = [skin(p.figure, p.build, p.outfit) for p in clip.cast]
        every = [bones for motion in motions for bones in motion.bones[::8]]
        self._focus = feet_of(every)
        self._empty: Picture | None = None
        if np.ndim(camera.position_m) == np.ndim(camera.target_m) == 1:
            self._empty = renderer.draw(
                View.of(camera),
                clip.scene.light,
                clip.scene.things,
                [],
                focus=self._focus,
            )

    def picture(self, frame: int, moment: int) -> Picture:
        """Draw one moment of a frame; moments count the frames of the motions."""
        clip = self._clip
        actors = [
            Actor(body, person.look, motion.bones[moment], clip.hands)
            for body, person, motion in zip(
                self._skins, clip.cast, self._motions, strict=True
            )
        ]
        moving = clip.things(float(self._motions[0].time_s[moment]))
        for motion in self._motions:
            moving += held(motion.points, moment)
        view = View.of(self._camera, frame)
        window = None
        if self._empty is not None:
            window = self._window(self._places(moment, moving))
        part = self._renderer.draw(
            view,
            clip.scene.light,
            [*clip.scene.things, *moving],
            actors,
            focus=self._focus,
            window=window,
        )
        return part if window is None else self._completed(part, window)

    def _places(self, moment: int, moving: Sequence[Thing]) -> Array:
        """Collect points that enclose all that moves, (points, 3)."""
        bones = [motion.bones[moment, :, :3, 3] for motion in self._motions]
        points = [
            np.stack([values[moment] for values in motion.points.values()])
            for motion in self._motions
        ]
        corners = (
            np.stack(np.meshgrid([-1, 1], [-1, 1], [-1, 1]), -1).reshape(-1, 3) / 2
        )
        boxes = [
            thing.place[:3, 3] + corners @ thing.place[:3, :3].T for thing in moving
        ]
        found = np.concatenate([*bones, *points, *boxes])
        return np.asarray(found[np.isfinite(found).all(axis=1)], np.float64)

    def _window(self, places: Array) -> Window | None:
        """Enclose places and their shadows on the floor; None if some are behind."""
        sun = np.asarray(self._clip.scene.light.sun_direction, float)
        shadows = places - places[:, 1:2] / sun[1] * sun
        points = np.concatenate([places, shadows])
        pixels, depth = self._camera.project(points[None])
        if depth.min() < 0.5:
            return None
        margin = _AROUND_M * self._camera.focal_px / depth[0][:, None]
        low = np.floor((pixels[0] - margin).min(axis=0))
        high = np.ceil((pixels[0] + margin).max(axis=0))
        size = self._camera.size_px
        left, top = (int(v) for v in np.clip(low, 0, np.array(size) - 1))
        right, bottom = (int(v) for v in np.clip(high, 1, size))
        return Window(left, top, max(right, left + 1), max(bottom, top + 1))

    def _completed(self, part: Picture, window: Window) -> Picture:
        """Put what was drawn into the empty place."""
        empty = self._empty or part
        rows, columns = (
            slice(window.top, window.bottom),
            slice(window.left, window.right),
        )
        image, person = empty.image.copy(), empty.person.copy()
        depth_m = empty.depth_m.copy()
        image[rows, columns], person[rows, columns] = part.image, part.person
        depth_m[rows, columns] = part.depth_m
        return Picture(image, person, depth_m)
