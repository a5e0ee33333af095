"""Draw people and things off screen with OpenGL, with labels in the same pass.

Works on software (Mesa's llvmpipe) and on graphics cards alike, through EGL, without a
display. A `Renderer` owns one context and belongs to the process that made it.

Pixels: x to the right, y down, the centre of the first pixel at (0.5, 0.5).
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import moderngl
import numpy as np
from numpy.typing import NDArray

from biomech.synthetic.camera import Camera
from biomech.synthetic.figure import BONE_INDEX
from sample_videos import shaders
from sample_videos.body import Hand
from sample_videos.people import Look
from sample_videos.skin import Skin
from sample_videos.textures import LAYERS, texture_layers
from sample_videos.things import Shape, Thing, copies, linear, shapes

Array = NDArray[np.float64]
Floats = NDArray[np.float32]

#: What is nearer or farther than this is not drawn, in metres.
NEAR_M, FAR_M = 0.15, 400.0
_FEET = [
    BONE_INDEX[f"{side}_{part}"]
    for side in ("left", "right")
    for part in ("foot", "toes")
]
#: Edge of the shadow map in pixels, and half the side of the square it covers.
_SHADOW_PX, _SHADOW_REACH_M = 1024, 5.0


class View(NamedTuple):
    """A pinhole camera: where it is, how it is turned, and its picture.

    Attributes
    ----------
    position_m
        Centre of projection, (3,).
    rotation
        World to camera, (3, 3): rows point right, down and forward.
    focal_px
        Focal length in pixels.
    width_px, height_px
        Size of the picture; the optical axis goes through its middle.
    """

    position_m: Array
    rotation: Array
    focal_px: float
    width_px: int
    height_px: int

    @classmethod
    def of(cls, camera: Camera, frame: int = 0) -> "View":
        """Take one frame of a camera of `biomech.synthetic`."""
        positions = np.atleast_2d(np.asarray(camera.position_m, float))
        rotations = camera.rotations
        return cls(
            positions[min(frame, len(positions) - 1)],
            rotations[min(frame, len(rotations) - 1)],
            camera.focal_px,
            camera.width_px,
            camera.height_px,
        )

    def clip(self) -> Array:
        """Return the matrix (4, 4) from the world to OpenGL's clip space."""
        x = 2 * self.focal_px / self.width_px
        y = 2 * self.focal_px / self.height_px
        span = FAR_M - NEAR_M
        lens = np.array(
            [
                [x, 0, 0, 0],
                [0, -y, 0, 0],
                [0, 0, (FAR_M + NEAR_M) / span, -2 * FAR_M * NEAR_M / span],
                [0, 0, 1, 0],
            ]
        )
        outside = np.eye(4)
        outside[:3, :3] = self.rotation
        outside[:3, 3] = -self.rotation @ self.position_m
        product: Array = lens @ outside
        return product


def _rgb(red: float, green: float, blue: float) -> Callable[[], Floats]:
    """Make a default for a field that holds an array of three."""
    return lambda: np.array([red, green, blue], np.float32)


@dataclass(frozen=True)
class Light:
    """Sun or lamps, sky and air. Colours are display colours times a strength."""

    sun_direction: Floats = field(default_factory=_rgb(0.3, 0.8, 0.5))
    sun: Floats = field(default_factory=_rgb(1.6, 1.5, 1.35))
    sky: Floats = field(default_factory=_rgb(0.55, 0.62, 0.72))
    bounce: Floats = field(default_factory=_rgb(0.28, 0.27, 0.22))
    lamp: Floats = field(default_factory=_rgb(0.0, 0.0, 0.0))
    lamp_direction: Floats = field(default_factory=_rgb(0.0, 0.6, -0.8))
    shadow_depth: float = 0.9
    exposure: float = 0.62
    fog: Floats = field(default_factory=_rgb(0.7, 0.76, 0.82))
    fog_density: float = 0.002
    zenith: tuple[float, float, float] = (0.25, 0.45, 0.75)
    horizon: tuple[float, float, float] = (0.72, 0.80, 0.88)
    clouds: tuple[float, float, float] = (0.93, 0.93, 0.94)
    cloud_cover: float = 0.5


class Actor(NamedTuple):
    """A person in a picture: mesh, colours, pose of the bones, state of the hands."""

    skin: Skin
    look: Look
    bones: Array
    hand: Hand = "open"


class Picture(NamedTuple):
    """What was drawn: RGB, whose pixel it is (0 nobody), distance along the axis."""

    image: NDArray[np.uint8]
    person: NDArray[np.uint8]
    depth_m: Floats


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
        self._skins: dict[tuple[int, Hand], Any] = {}
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
        self, view: View, light: Light, things: list[Thing], actors: list[Actor]
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
        """
        with self._gl:
            self._gl.gc()
            return self._drawn(view, light, things, actors)

    def _drawn(
        self, view: View, light: Light, things: list[Thing], actors: list[Actor]
    ) -> Picture:
        crowd = [(actor, _posed(actor)) for actor in actors]
        instances = self._instances(things)
        sun_clip = self._draw_shadows(view, light, things, crowd)
        clip = view.clip()
        self._frame.use()
        self._frame.clear(0.0, 0.0, 0.0, 0.0)
        self._textures.use(0)
        self._shadow_map.use(1)
        self._light(view, light, clip, sun_clip, crowd)
        for number, (actor, bones) in enumerate(crowd, start=1):
            self._dress(actor, number)
            self._bones("person", bones)
            self._mesh(actor)[0].render()
        for name, (array, _), count in instances:
            array.render(instances=count, vertices=self._shapes[name].size // 32)
        self._sky.render(moderngl.TRIANGLES)
        return self._read()

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

    def _read(self) -> Picture:
        shape = (self.height_px, self.width_px)
        image = np.frombuffer(self._colour.read(), np.uint8).reshape(*shape, 4)
        person = np.frombuffer(self._person.read(alignment=1), np.uint8).reshape(shape)
        depth = np.frombuffer(self._depth.read(alignment=1), np.float32).reshape(shape)
        span = FAR_M - NEAR_M
        away = 2 * FAR_M * NEAR_M / (FAR_M + NEAR_M - (2 * depth[::-1] - 1) * span)
        return Picture(image[::-1, :, :3], person[::-1], away.astype(np.float32))

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
        self, view: View, light: Light, things: list[Thing], crowd: list[Any]
    ) -> Array:
        """Fill the shadow map around the people; returns world to shadow map."""
        self._shadow_frame.use()
        self._shadow_frame.clear(depth=1.0)
        centre = _middle(view, crowd)
        reach = max(_SHADOW_REACH_M, 2.0 + _spread(centre, crowd))
        sun_clip = _sun_clip(light.sun_direction, centre, reach)
        if light.shadow_depth <= 0.0:
            return sun_clip
        self._set("person_shadow", clip=sun_clip.T)
        self._set("thing_shadow", clip=sun_clip.T)
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
        return sun_clip

    def _light(
        self, view: View, light: Light, clip: Array, sun_clip: Array, crowd: list[Any]
    ) -> None:
        sun = light.sun_direction / np.linalg.norm(light.sun_direction)
        contacts = _contacts(crowd)
        blank = np.zeros((shaders.MAX_CONTACTS - len(contacts), 4))
        values = {
            "clip": clip.T,
            "sun_clip": sun_clip.T,
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
            "contacts": np.concatenate([contacts, blank]),
            "n_contacts": len(contacts),
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


def _feet(crowd: list[Any]) -> Array:
    """Return where the feet of all people are, (feet, 3)."""
    if not crowd:
        return np.zeros((0, 3))
    return np.concatenate([actor.bones[_FEET, :3, 3] for actor, _ in crowd])


def _contacts(crowd: list[Any]) -> Array:
    """Return the darkest spots under feet: place and radius, (spots, 4)."""
    feet = _feet(crowd)[: shaders.MAX_CONTACTS]
    low = feet * np.array([1.0, 0.3, 1.0])
    return np.column_stack([low, np.full(len(low), 0.13)])


def _middle(view: View, crowd: list[Any]) -> Array:
    """Return the ground under the people, or in front of the camera."""
    if crowd:
        middle = _feet(crowd).mean(axis=0)
    else:
        middle = view.position_m + 5.0 * view.rotation[2]
    return np.array([middle[0], 0.9, middle[2]])


def _spread(centre: Array, crowd: list[Any]) -> float:
    feet = _feet(crowd)
    if not len(feet):
        return 0.0
    return float(np.linalg.norm((feet - centre)[:, [0, 2]], axis=1).max())


def _sun_clip(sun_direction: Floats, centre: Array, reach_m: float) -> Array:
    """Look from the sun on a square around the people."""
    sun = np.asarray(sun_direction, float)
    sun = sun / np.linalg.norm(sun)
    aside = np.cross(sun, [0.0, 0.0, 1.0] if abs(sun[2]) < 0.9 else [1.0, 0.0, 0.0])
    aside /= np.linalg.norm(aside)
    turn = np.array([aside, np.cross(sun, aside), -sun])
    matrix = np.eye(4)
    matrix[:3, :3] = turn / np.array([[reach_m], [reach_m], [40.0]])
    matrix[:3, 3] = -matrix[:3, :3] @ centre
    return matrix
