"""Draw people and things off screen with OpenGL, with labels in the same pass.

Works on software (Mesa's llvmpipe) and on graphics cards alike, through EGL, without a
display. A `Renderer` owns one context and belongs to the process that made it.

Pixels: x to the right, y down, the centre of the first pixel at (0.5, 0.5).
"""

import os
from typing import Any, NamedTuple, Self

import moderngl
import numpy as np
from numpy.typing import NDArray

from sample_videos import shaders
from sample_videos.body import Hands
from sample_videos.lights import Light
from sample_videos.people import Look
from sample_videos.shadows import contacts, feet_of, sun_clip
from sample_videos.skin import Skin
from sample_videos.textures import LAYERS, texture_layers
from sample_videos.things import Shape, Thing, copies, linear, shapes
from sample_videos.view import FAR_M, NEAR_M, View

Array = NDArray[np.float64]
Floats = NDArray[np.float32]

#: Edge of the shadow map in pixels.
_SHADOW_PX = 1024


class Actor(NamedTuple):
    """A person in a picture: mesh, colours, pose of the bones, state of the hands."""

    skin: Skin
    look: Look
    bones: Array
    hand: Hands = "open"


class Picture(NamedTuple):
    """What was drawn: RGB, whose pixel it is (0 nobody), distance along the axis."""

    image: NDArray[np.uint8]
    person: NDArray[np.uint8]
    depth_m: Floats


class Window(NamedTuple):
    """A part of a picture, half-open, in pixels from the upper left corner."""

    left: int
    top: int
    right: int
    bottom: int


class Renderer:
    """An off-screen OpenGL context that draws pictures of one size."""

    def __init__(self, width_px: int, height_px: int) -> None:
        self.width_px, self.height_px = width_px, height_px
        # One thread each, so that many processes share the cores fairly.
        os.environ.setdefault("LP_NUM_THREADS", "1")
        backend: Any = "egl"  # the stub of moderngl wants a dict here
        self._gl = moderngl.create_context(standalone=True, backend=backend)
        # Dead objects wait for `draw`: freed later, they could hit another context.
        self._gl.gc_mode = "context_gc"
        self._gl.enable(moderngl.DEPTH_TEST)
        self._programs = _programs(self._gl)
        self._make_targets()
        layers = texture_layers()
        size = (layers.shape[2], layers.shape[1], len(layers))
        self._textures = self._gl.texture_array(size, 3, layers.tobytes())
        self._textures.build_mipmaps()
        self._textures.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        self._shapes = {
            name: self._gl.buffer(rows.tobytes()) for name, rows in shapes().items()
        }
        corners = self._gl.buffer(
            np.array([-1, -1, 3, -1, -1, 3], np.float32).tobytes()
        )
        self._sky = self._gl.vertex_array(
            self._programs["sky"], [(corners, "2f", "corner")]
        )
        self._skins: dict[tuple[int, Hands], Any] = {}
        self._set("sky", textures=0, cloud_layer=float(LAYERS["clouds"]))
        for name in ("thing", "person"):
            self._set(name, textures=0, shadow_map=1)
        self._set("thing_shadow", textures=0)
        self._set(
            "person", clouds=float(LAYERS["clouds"]), weave=float(LAYERS["weave"])
        )

    def __enter__(self) -> Self:
        """Keep the context for a block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the context back."""
        self.close()

    def close(self) -> None:
        """Give the context back."""
        self._gl.release()

    def draw(
        self,
        view: View,
        light: Light,
        things: list[Thing],
        actors: list[Actor],
        *,
        focus: Array | None = None,
        window: Window | None = None,
    ) -> Picture:
        """Draw one picture.

        Parameters
        ----------
        view
            The camera; its size must be the renderer's.
        light
            Sun, sky, air.
        things, actors
            What is there. The n-th actor has the number n + 1 in `Picture.person`.
        focus
            Places around which shadows fall, (points, 3); by default the actors' feet.
        window
            The part of the picture to draw; all of it by default.
        """
        whole = Window(0, 0, self.width_px, self.height_px)
        with self._gl:
            self._gl.gc()
            if focus is None:
                focus = feet_of([actor.bones for actor in actors])
            from_sun = sun_clip(light.sun_direction, view, focus)
            crowd = [(actor, _posed(actor)) for actor in actors]
            if light.shadow_depth > 0.0:
                self._draw_shadows(from_sun, things, crowd)
            part = whole if window is None else window
            self._draw_colours(
                view, light, things, crowd, from_sun=from_sun, window=part
            )
            return self._read(part)

    def _draw_colours(
        self,
        view: View,
        light: Light,
        things: list[Thing],
        crowd: list[Any],
        *,
        from_sun: Array,
        window: Window,
    ) -> None:
        """Fill a window of the picture."""
        instances = self._instances(things)
        clip = view.clip()
        self._frame.use()
        self._frame.scissor = self._from_below(window)
        self._frame.clear(0.0, 0.0, 0.0, 0.0)
        self._textures.use(0)
        self._shadow_map.use(1)
        self._light(view, light, clip, from_sun, crowd)
        for number, (actor, bones) in enumerate(crowd, start=1):
            self._dress(actor, number)
            self._bones("person", bones)
            self._mesh(actor)[0].render()
        for name, (array, _), count in instances:
            array.render(instances=count, vertices=self._shapes[name].size // 32)
        self._sky.render(moderngl.TRIANGLES)

    def _make_targets(self) -> None:
        size = (self.width_px, self.height_px)
        self._colour = self._gl.texture(size, 4)
        self._person = self._gl.texture(size, 1)
        self._depth = self._gl.depth_texture(size)
        self._frame = self._gl.framebuffer([self._colour, self._person], self._depth)
        self._shadow_map = self._gl.depth_texture((_SHADOW_PX, _SHADOW_PX))
        self._shadow_map.compare_func = "<="
        self._shadow_map.filter = (moderngl.LINEAR, moderngl.LINEAR)
        self._shadow_frame = self._gl.framebuffer(depth_attachment=self._shadow_map)

    def _from_below(self, window: Window) -> tuple[int, int, int, int]:
        """Return left, bottom, width and height, counted from the lower left corner."""
        left, top, right, bottom = window
        return left, self.height_px - bottom, right - left, bottom - top

    def _read(self, window: Window) -> Picture:
        part = self._from_below(window)
        shape = (part[3], part[2])

        def read(attachment: int, components: int, dtype: str) -> NDArray[Any]:
            data = self._frame.read(
                part, components, attachment=attachment, alignment=1, dtype=dtype
            )
            kind = np.float32 if dtype == "f4" else np.uint8
            return np.frombuffer(data, kind).reshape(*shape, components)[::-1]

        image, person, depth = read(0, 3, "f1"), read(1, 1, "f1"), read(-1, 1, "f4")
        span = FAR_M - NEAR_M
        away = 2 * FAR_M * NEAR_M / (FAR_M + NEAR_M - (2 * depth[..., 0] - 1) * span)
        return Picture(image, person[..., 0], away.astype(np.float32))

    def _set(self, program: str, **values: Any) -> None:
        """Set uniforms that the compiler has kept."""
        uniforms = self._programs[program]
        for name, value in values.items():
            if name not in uniforms:
                continue
            if isinstance(value, np.ndarray):
                uniforms[name].write(np.ascontiguousarray(value, np.float32).tobytes())
            else:
                uniforms[name].value = value

    def _bones(self, program: str, bones: Array) -> None:
        columns = np.zeros((shaders.MAX_BONES, 4, 4), np.float32)
        columns[: len(bones)] = bones.transpose(0, 2, 1)
        self._set(program, bones=columns)

    def _mesh(self, actor: Actor) -> Any:
        """Upload a skin once, as arrays for the picture and for the shadow."""
        key = (id(actor.skin), actor.hand)
        if key not in self._skins:
            vertices = self._gl.buffer(actor.skin.vertices.tobytes())
            index = self._gl.buffer(actor.skin.triangles[actor.hand].tobytes())
            names = ["position", "normal", "skin", "bone_index", "bone_weight"]
            layout = [(vertices, "3f 3f 2f 4f 4f", *names)]
            shadow = [(vertices, "3f 20x 4f 4f", "position", *names[3:])]
            arrays = [
                self._gl.vertex_array(self._programs[program], content, index)
                for program, content in (("person", layout), ("person_shadow", shadow))
            ]
            self._skins[key] = (*arrays, actor.skin)  # the skin keeps its id alive
        return self._skins[key]

    def _instances(self, things: list[Thing]) -> list[tuple[Shape, Any, int]]:
        """Upload all things, shape by shape; those with shadows come first."""
        found = []
        for name, vertices in self._shapes.items():
            alike = [thing for thing in things if thing.shape == name]
            if not alike:
                continue
            buffer = self._gl.buffer(copies(alike).tobytes())
            per_copy = [f"model_{i}" for i in range(4)] + ["paint", "finish"]
            content = [
                (vertices, "3f 3f 2f", "position", "normal", "uv"),
                (buffer, "4f 4f 4f 4f 4f 4f/i", *per_copy),
            ]
            array = self._gl.vertex_array(self._programs["thing"], content)
            found.append((name, (array, buffer), len(alike)))
        return found

    def _draw_shadows(
        self, from_sun: Array, things: list[Thing], crowd: list[Any]
    ) -> None:
        """Fill the shadow map."""
        self._shadow_frame.use()
        self._shadow_frame.clear(depth=1.0)
        self._set("person_shadow", clip=from_sun.T)
        self._set("thing_shadow", clip=from_sun.T)
        for actor, bones in crowd:
            self._bones("person_shadow", bones)
            self._mesh(actor)[1].render()
        self._textures.use(0)
        casting = [thing for thing in things if thing.shadow]
        for name, (_, buffer), count in self._instances(casting):
            per_copy = [f"model_{i}" for i in range(4)] + ["paint", "finish"]
            content = [
                (self._shapes[name], "3f 12x 2f", "position", "uv"),
                (buffer, "4f 4f 4f 4f 4f 4f/i", *per_copy),
            ]
            array = self._gl.vertex_array(self._programs["thing_shadow"], content)
            array.render(instances=count, vertices=self._shapes[name].size // 32)

    def _light(
        self, view: View, light: Light, clip: Array, from_sun: Array, crowd: list[Any]
    ) -> None:
        sun = light.sun_direction / np.linalg.norm(light.sun_direction)
        feet = feet_of([actor.bones for actor, _ in crowd])
        spots = contacts(feet, shaders.MAX_CONTACTS)
        blank = np.zeros((shaders.MAX_CONTACTS - len(spots), 4))
        values = {
            "clip": clip.T,
            "sun_clip": from_sun.T,
            "eye": view.position_m,
            "sun_direction": sun,
            "sun_colour": light.sun,
            "sky_light": light.sky,
            "ground_light": light.bounce,
            "lamp_direction": light.lamp_direction,
            "lamp_colour": light.lamp,
            "fog_colour": light.fog,
            "fog_density": light.fog_density,
            "shadow_depth": light.shadow_depth,
            "exposure": light.exposure,
            "contacts": np.concatenate([spots, blank]),
            "n_contacts": len(spots),
        }
        for name in ("thing", "person"):
            self._set(name, **values)
        self._set(
            "sky",
            unclip=np.linalg.inv(clip).T,
            eye=view.position_m,
            sun_direction=sun,
            zenith=light.zenith,
            horizon=light.horizon,
            cloud_colour=light.clouds,
            cloud_cover=light.cloud_cover,
        )

    def _dress(self, actor: Actor, number: int) -> None:
        look, skin = actor.look, actor.skin
        scale = skin.figure.height_m / 1.75
        self._set(
            "person",
            colours=linear(look.colours),
            accents=linear(look.accents),
            patterns=list(look.patterns),
            head_centre=skin.head_centre,
            head_scale=scale,
            sock_top=skin.ankle_m + look.sock_m,
            sole_top=skin.ground_m + 0.022,
            chest=(skin.chest_height_m, skin.half_breadth_m),
            number=look.number_layers(),
            sock_colour=linear(look.sock_colour),
            lip_colour=linear(look.lip_colour),
            iris_colour=linear(look.iris_colour),
            beard=look.beard,
            eye_at=(0.0315, 0.033),
            mouth_at=(0.0, -0.036),
            phase=look.phase,
            fabric=look.fabric,
            person=number / 255.0,
        )


def _programs(gl: Any) -> dict[str, Any]:
    sources = {
        "thing": (shaders.THING_VERTEX, shaders.THING_FRAGMENT),
        "person": (shaders.PERSON_VERTEX, shaders.PERSON_FRAGMENT),
        "thing_shadow": (shaders.THING_VERTEX, shaders.THING_SHADOW_FRAGMENT),
        "person_shadow": (shaders.PERSON_VERTEX, shaders.SHADOW_FRAGMENT),
        "sky": (shaders.SKY_VERTEX, shaders.SKY_FRAGMENT),
    }
    return {
        name: gl.program(vertex_shader=vertex.strip(), fragment_shader=fragment.strip())
        for name, (vertex, fragment) in sources.items()
    }


def _posed(actor: Actor) -> Array:
    """Return the matrices that carry the bind pose into the pose, (bones, 4, 4)."""
    matrices: Array = actor.bones @ actor.skin.unbind
    return matrices
