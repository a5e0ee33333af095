"""The OpenGL programs: people, things, sky and the shadow of both.

Light is linear; colours are turned into display values at the end of each fragment.
The people program reads two bones per vertex more than most meshes need (four), so
that shoulders and hips bend smoothly.

References
----------
Narkowicz (2016), "ACES filmic tone mapping curve" (the fit used by `shown`).
Reeves, Salesin & Cook (1987), "Rendering antialiased shadows with depth maps",
doi:10.1145/37402.37435.
"""

#: How many bones a figure may have.
MAX_BONES = 32
#: How many feet may touch the ground in one picture.
MAX_CONTACTS = 40

_LIGHT = f"""
#version 330
uniform sampler2DShadow shadow_map;
uniform sampler2DArray textures;
uniform mat4 sun_clip;
uniform vec3 sun_direction, sun_colour, sky_light, ground_light, fog_colour, eye;
uniform vec3 lamp_direction, lamp_colour;
uniform float fog_density, shadow_depth, exposure;
uniform vec4 contacts[{MAX_CONTACTS}];
uniform int n_contacts;

float sunlit(vec3 place, vec3 normal) {{
  vec4 at = sun_clip * vec4(place + normal * 0.012, 1.0);
  vec3 map = at.xyz * 0.5 + 0.5;
  if (any(lessThan(map, vec3(0.0))) || any(greaterThan(map, vec3(1.0)))) return 1.0;
  float light = 0.0;
  for (int i = -1; i <= 1; i += 2)
    for (int j = -1; j <= 1; j += 2)
      light += texture(shadow_map, vec3(map.xy + vec2(i, j) * 0.0007, map.z - 0.0015));
  return mix(1.0, light * 0.25, shadow_depth);
}}

float open_sky(vec3 place) {{
  float open = 1.0;
  for (int i = 0; i < n_contacts; i++) {{
    vec3 away = place - contacts[i].xyz;
    open *= 1.0 - 0.55 * exp(-dot(away, away) / (contacts[i].w * contacts[i].w));
  }}
  return open;
}}

vec3 shown(vec3 light) {{
  vec3 x = light * exposure;
  x = (x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14);
  return pow(clamp(x, 0.0, 1.0), vec3(1.0 / 2.2));
}}

vec3 lit(vec3 colour, vec3 normal, vec3 place, float wrap, float gloss, float open) {{
  float facing = dot(normal, sun_direction);
  float diffuse = max((facing + wrap) / (1.0 + wrap), 0.0);
  float sun = diffuse > 0.0 ? sunlit(place, normal) : 0.0;
  vec3 ambient = mix(ground_light, sky_light, normal.y * 0.5 + 0.5) * open;
  vec3 lamp = lamp_colour * max(dot(normal, lamp_direction) * 0.7 + 0.3, 0.0) * open;
  vec3 view = normalize(eye - place);
  vec3 halfway = normalize(view + sun_direction);
  float rim = pow(1.0 - max(dot(normal, view), 0.0), 4.0);
  vec3 shine = gloss * (sun_colour * sun * pow(max(dot(normal, halfway), 0.0), 28.0)
    + sky_light * rim * 0.35);
  vec3 light = colour * (ambient + lamp + sun_colour * diffuse * sun) + shine;
  float fog = 1.0 - exp(-length(eye - place) * fog_density);
  return shown(mix(light, fog_colour, fog));
}}
"""

THING_VERTEX = """
#version 330
uniform mat4 clip;
in vec3 position, normal; in vec2 uv;
in vec4 model_0, model_1, model_2, model_3, paint, finish;
out vec3 place, facing; out vec2 at; flat out vec4 tint, look;
void main() {
  mat4 model = mat4(model_0, model_1, model_2, model_3);
  vec4 world = model * vec4(position, 1.0);
  place = world.xyz;
  facing = transpose(inverse(mat3(model))) * normal;
  at = uv * finish.xy; tint = paint; look = finish;
  gl_Position = clip * world;
}
"""

#: tint = colour and texture layer; look = tiling (2), gloss, kind:
#: 0 a solid, 1 a cut-out (leaves, nets), 2 the ground, 3 a light.
THING_FRAGMENT = (
    _LIGHT
    + """
in vec3 place, facing; in vec2 at; flat in vec4 tint, look;
layout(location = 0) out vec4 shade; layout(location = 1) out float who;
void main() {
  vec3 grain = texture(textures, vec3(at, tint.w)).rgb;
  int kind = int(look.w + 0.5);
  if (kind == 1 && grain.g < 0.42) discard;
  float open = 1.0;
  if (kind == 2) {
    grain *= 0.6 + 0.8 * texture(textures, vec3(at * 0.137 + 0.31, tint.w)).g;
    open = open_sky(place);
  }
  vec3 colour = tint.rgb * grain * 2.0;
  vec3 normal = normalize(facing);
  if (dot(normal, eye - place) < 0.0) normal = -normal;
  shade = vec4(kind == 3 ? shown(colour)
    : lit(colour * mix(1.0, open, 0.7), normal, place, 0.0, look.z, open), 1.0);
  who = 0.0;
}
"""
)

THING_SHADOW_FRAGMENT = """
#version 330
uniform sampler2DArray textures;
in vec2 at; flat in vec4 tint, look;
void main() {
  if (look.w > 0.5 && look.w < 1.5)
    if (texture(textures, vec3(at, tint.w)).g < 0.42) discard;
}
"""

PERSON_VERTEX = f"""
#version 330
uniform mat4 clip;
uniform mat4 bones[{MAX_BONES}];
in vec3 position, normal; in vec2 skin; in vec4 bone_index, bone_weight;
out vec3 place, facing, rest; flat out int material; out float open;
void main() {{
  mat4 pose = bones[int(bone_index.x)] * bone_weight.x
    + bones[int(bone_index.y)] * bone_weight.y
    + bones[int(bone_index.z)] * bone_weight.z
    + bones[int(bone_index.w)] * bone_weight.w;
  vec4 world = pose * vec4(position, 1.0);
  place = world.xyz; facing = mat3(pose) * normal; rest = position;
  material = int(skin.x + 0.5); open = skin.y;
  gl_Position = clip * world;
}}
"""

#: Materials: 0 skin, 1 shirt, 2 legwear, 3 shoes, 4 hair, 5 cap, 6 sole, 7 glove.
N_MATERIALS = 8

PERSON_FRAGMENT = (
    _LIGHT
    + f"""
in vec3 place, facing, rest; flat in int material; in float open;
layout(location = 0) out vec4 shade; layout(location = 1) out float who;
uniform vec3 colours[{N_MATERIALS}], accents[{N_MATERIALS}];
uniform int patterns[{N_MATERIALS}];
uniform vec3 head_centre, sock_colour, lip_colour, iris_colour, phase;
uniform vec2 eye_at, mouth_at, chest, number;
uniform float head_scale, sock_top, beard, person, fabric, sole_top, clouds, weave;

vec3 cloth(int k) {{
  vec3 colour = colours[k], accent = accents[k];
  float side = abs(rest.z);
  bool second = false;
  if (patterns[k] == 1) second = fract(rest.y * 9.0 + phase.x) < 0.5;
  if (patterns[k] == 2) second = fract(rest.z * 11.0 + 0.25) < 0.5;
  if (patterns[k] == 3) second = (k == 1 ? side > chest.y * 0.78
    : abs(side - 0.02) > 0.125 && abs(rest.x) < 0.035);
  if (patterns[k] == 4) second = rest.y > chest.x + 0.09;
  if (patterns[k] == 5) second = abs(rest.y - chest.x - 0.02) < 0.045;
  if (patterns[k] == 6) second =
    texture(textures, vec3(rest.zy * 1.4 + rest.x * 0.6, clouds)).g > 0.52;
  if (patterns[k] == 7) second = abs(rest.y - chest.x - rest.z * 0.8) < 0.05;
  if (second) colour = accent;
  if (k == 1 && number.x >= 0.0 && side < 0.11) {{
    float s = rest.x < 0.0 ? rest.z : -rest.z;
    vec2 at = vec2(fract(s / 0.11 + 1.0), (chest.x + 0.10 - rest.y) / 0.19);
    float digit = s < 0.0 ? number.x : number.y;
    if (at.y > 0.0 && at.y < 1.0)
      colour = mix(colour, accents[k], texture(textures, vec3(at, digit)).g);
  }}
  return colour * (0.9 + 0.2 * texture(textures, vec3(rest.zy * 9.0, weave)).g);
}}

vec3 skin_colour(vec3 colour) {{
  vec3 h = (rest - head_centre) / head_scale;
  if (abs(h.y) > 0.2 || abs(h.z) > 0.12) {{
    if (rest.y < sock_top) return sock_colour;
    return colour;
  }}
  if (h.x < 0.03) return colour;
  float cheek = exp(-dot(vec2(abs(h.z) - 0.045, h.y + 0.035) / 0.025,
    vec2(abs(h.z) - 0.045, h.y + 0.035) / 0.025));
  colour = mix(colour, colour * vec3(1.08, 0.82, 0.8), 0.5 * cheek);
  vec2 e = vec2(abs(h.z) - eye_at.x, h.y - eye_at.y);
  float socket = exp(-dot(e / vec2(0.024, 0.018), e / vec2(0.024, 0.018)));
  colour *= 1.0 - 0.3 * socket;
  if (dot(e / vec2(0.0135, 0.0055), e / vec2(0.0135, 0.0055)) < 1.0)
    colour = length(e) < 0.006 ? iris_colour : colour * 0.4 + vec3(0.22);
  vec2 b = vec2(abs(h.z) - eye_at.x, h.y - eye_at.y - 0.019 + 3.0 * e.x * e.x);
  if (abs(b.x) < 0.019 && abs(b.y) < 0.0038) colour = mix(colour, colours[4], 0.8);
  vec2 m = vec2(h.z, h.y - mouth_at.y);
  vec2 l = m / vec2(0.025, 0.0085);
  float lips = smoothstep(1.2, 0.8, dot(l, l));
  colour = mix(colour, lip_colour, 0.8 * lips);
  if (abs(m.y) < 0.0013 && abs(m.x) < 0.022) colour *= 0.55;
  float jaw = smoothstep(-0.045, -0.06, h.y + 0.3 * max(abs(h.z) - 0.045, 0.0));
  colour = mix(colour, colours[4], beard * jaw * (1.0 - lips));
  return colour;
}}

void main() {{
  vec3 normal = normalize(facing);
  if (dot(normal, eye - place) < 0.0) normal = -normal;
  vec3 colour = colours[material];
  float wrap = 0.0, gloss = 0.03, shut = open;
  if (material == 0) {{ colour = skin_colour(colour); wrap = 0.25; gloss = 0.10; }}
  else if (material == 1 || material == 2) {{
    colour = cloth(material);
    vec3 q = rest * vec3(31.0, 17.0, 27.0) + phase * 6.0;
    vec3 fold = vec3(sin(q.y + 2.0 * sin(q.z)), 0.0, sin(q.y * 1.3 + 2.0 * sin(q.x)));
    normal = normalize(normal + fabric * fold);
  }}
  else if (material == 3) {{
    gloss = 0.08;
    if (rest.y < sole_top) colour = colours[6];
    else if (patterns[3] > 0 && fract(rest.x * 22.0 + rest.y * 15.0) < 0.3)
      colour = accents[3];
  }}
  else if (material == 4) {{
    vec3 strand = sin(rest * vec3(90.0, 20.0, 170.0) + phase * 6.0);
    colour *= 0.85 + 0.15 * strand.z; gloss = 0.12;
  }}
  shade = vec4(lit(colour * mix(1.0, shut, 0.25), normal, place, wrap, gloss,
    mix(0.35, 1.0, shut)), 1.0);
  who = person;
}}
"""
)

SHADOW_FRAGMENT = "#version 330\nvoid main() {}\n"

SKY_VERTEX = """
#version 330
in vec2 corner; out vec2 screen;
void main() { screen = corner; gl_Position = vec4(corner, 0.99999, 1.0); }
"""

SKY_FRAGMENT = """
#version 330
uniform sampler2DArray textures;
uniform mat4 unclip; uniform vec3 eye, zenith, horizon, cloud_colour, sun_direction;
uniform float cloud_cover, cloud_layer;
in vec2 screen;
layout(location = 0) out vec4 shade; layout(location = 1) out float who;
void main() {
  vec4 far = unclip * vec4(screen, 1.0, 1.0);
  vec3 ray = normalize(far.xyz / far.w - eye);
  float up = max(ray.y, 0.0);
  vec3 colour = mix(horizon, zenith, pow(up, 0.55));
  vec2 at = ray.xz / (up + 0.25) * 0.22;
  float cloud = texture(textures, vec3(at, cloud_layer)).g;
  cloud = smoothstep(1.0 - cloud_cover, 1.25 - cloud_cover, cloud);
  cloud *= smoothstep(0.0, 0.12, up);
  colour = mix(colour, cloud_colour, cloud);
  colour += 0.25 * pow(max(dot(ray, sun_direction), 0.0), 60.0);
  shade = vec4(clamp(colour, 0.0, 1.0), 1.0); who = 0.0;
}
"""
