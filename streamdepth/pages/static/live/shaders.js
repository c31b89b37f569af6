// What the viewer's graphics processor runs: from a picture of colour above and depth below to what is shown.

const HEAD = `#version 300 es
precision highp float;
precision highp int;
`;

/** Covers all with one triangle; (0, 0) of `at` is the upper left corner of textures, and of the canvas where it is flipped. */
export const COVER = `${HEAD}
uniform bool flipped;
out vec2 at;
void main() {
  vec2 corner = vec2(gl_VertexID == 1 ? 3. : -1., gl_VertexID == 2 ? 3. : -1.);
  at = corner * .5 + .5;
  if (flipped) at.y = 1. - at.y;
  gl_Position = vec4(corner, 0., 1.);
}`;

/** Each value of the map, of the pixels that it takes in the video: at their middle the filter gives their mean. */
export const CELLS = `${HEAD}
uniform sampler2D video;
uniform vec4 box;
in vec2 at;
out vec4 depth;
void main() {
  float grey = dot(texture(video, box.xy + at * box.zw).rgb, vec3(.299, .587, .114));
  depth = vec4(grey, 1., 0., 1.);
}`;

const PICTURE = `
uniform sampler2D video;
uniform vec2 colour;
vec3 picture(vec2 at) {
  return texture(video, clamp(at, .001, .999) * colour).rgb;
}`;

/** Depth in the size of the picture: smooth, or with the edges of the picture (joint bilateral upsampling). */
export const ENLARGED = `${HEAD}${PICTURE}
uniform sampler2D cells;
uniform vec2 grid;
uniform vec4 inner;
uniform bool sharp;
in vec2 at;
out vec4 depth;

vec4 catmull(float x) {
  float y = x * x, z = y * x;
  return vec4(-.5 * z + y - .5 * x, 1.5 * z - 2.5 * y + 1., -1.5 * z + 2. * y + .5 * x, .5 * z - .5 * y);
}

void main() {
  vec2 inside = (at - inner.xy) / inner.zw;
  bool isThere = all(greaterThanEqual(inside, vec2(0.))) && all(lessThanEqual(inside, vec2(1.)));
  vec2 place = inside * grid - .5, base = floor(place), part = place - base;
  vec4 across = catmull(part.x), down = catmull(part.y);
  vec3 here = picture(at);
  float sum = 0., weights = 0.;
  for (int y = 0; y < 4; y++) for (int x = 0; x < 4; x++) {
    vec2 step = vec2(x, y) - 1.;
    ivec2 cell = ivec2(clamp(base + step, vec2(0.), grid - 1.));
    float value = texelFetch(cells, cell, 0).r;
    float weight = across[x] * down[y];
    if (sharp) {
      vec3 unlike = picture(inner.xy + (vec2(cell) + .5) / grid * inner.zw) - here;
      vec2 away = step - part;
      weight = exp(-dot(away, away) * .6 - dot(unlike, unlike) * 70.) + 1e-6;
    }
    sum += weight * value;
    weights += weight;
  }
  depth = vec4(clamp(sum / weights, 0., 1.), isThere ? 1. : 0., 0., 1.);
}`;

/** How a point of the picture is shown; the same flat and in space. */
const SHADED = `${PICTURE}
uniform sampler2D depth, table;
uniform vec2 pixel;
uniform float alpha, fog, blur, focus, isolated, tolerance;

const int TAPS = 48;

/** The radius in pixels to which a point spreads that is out of focus. */
float spreadOf(float near) {
  return blur * clamp((abs(near - focus) - .03) * 2.2, 0., 1.);
}

vec3 focused(vec2 at, float near) {
  float own = spreadOf(near), weights = 1. / max(own * own, 1.);
  vec3 sum = picture(at) * weights;
  for (int tap = 0; tap < TAPS; tap++) {
    float share = (float(tap) + .5) / float(TAPS), radius = sqrt(share) * blur, turn = float(tap) * 2.399963;
    vec2 there = at + vec2(cos(turn), sin(turn)) * radius * pixel;
    float other = texture(depth, there).r, spread = spreadOf(other);
    if (other < near) spread = min(spread, own);  // what is behind does not spill over what stands before it
    float weight = smoothstep(-1., 1., spread - radius) / max(spread * spread, 1.) * blur * blur / float(TAPS);
    sum += picture(there) * weight;
    weights += weight;
  }
  return sum / weights;
}

vec3 shaded(vec2 at, float share) {
  vec2 sampled = texture(depth, at).rg;
  float near = sampled.r;
  vec3 shown = blur > 0. ? focused(at, near) : picture(at);
  if (sampled.g < .5) return share < 1. ? shown : vec3(0.);
  shown = mix(shown, texture(table, vec2((near * 255. + .5) / 256., .5)).rgb, share);
  shown = mix(shown, vec3(.78, .82, .86), fog * pow(1. - near, 1.5));
  if (isolated >= 0.) {
    float kept = 1. - smoothstep(tolerance, tolerance * 1.4 + .02, abs(near - isolated));
    shown = mix(vec3(dot(shown, vec3(.25))), shown, kept);
  }
  return shown;
}`;

/** Flat: depth over the picture, or beside it. */
export const FLAT = `${HEAD}${SHADED}
uniform bool beside;
in vec2 at;
out vec4 shown;
void main() {
  if (!beside) shown = vec4(shaded(at, alpha), 1.);
  else if (at.x < .5) shown = vec4(shaded(vec2(at.x * 2., at.y), 0.), 1.);
  else shown = vec4(shaded(vec2(at.x * 2. - 1., at.y), 1.), 1.);
}`;

/** In space: each point of a grid where it is by its depth, seen by a camera that can be moved. */
export const SPACE = `${HEAD}
uniform sampler2D depth;
uniform ivec2 grid;
uniform mat4 seen;
uniform vec2 field;
uniform vec2 disparity;
uniform float pointSize;
out vec2 at;
out float torn;

float inverseAt(vec2 place) {
  return disparity.x + disparity.y * texture(depth, place).r;
}

void main() {
  ivec2 cell = ivec2(gl_VertexID % grid.x, gl_VertexID / grid.x);
  at = (vec2(cell) + .5) / vec2(grid);
  float inverse = inverseAt(at), distance = 1. / inverse;
  vec2 ray = vec2(at.x * 2. - 1., 1. - at.y * 2.) * field;
  gl_Position = seen * vec4(ray * distance, -distance, 1.);
  gl_PointSize = clamp(pointSize * distance / gl_Position.w, 1., 32.);
  torn = 0.;
  for (int side = 0; side < 4; side++) {
    vec2 step = (side < 2 ? vec2(1., 0.) : vec2(0., 1.)) * (side % 2 == 0 ? 1. : -1.) / vec2(grid);
    float apart = abs(inverseAt(at + step) - inverse);
    torn = max(torn, min(apart / inverse, 2. * apart / disparity.y));  // a few levels of grey are what a codec does
  }
}`;

/** Its surface, torn where near hides far, or its points. */
export const SURFACE = `${HEAD}${SHADED}
uniform float tears, farthest, light;
uniform bool round;
in vec2 at;
in float torn;
out vec4 shown;
void main() {
  vec2 sampled = texture(depth, at).rg;
  if (torn > tears || sampled.r < farthest || sampled.g < .5) discard;
  if (round && length(gl_PointCoord - .5) > .5) discard;
  shown = vec4(shaded(at, alpha) * light, 1.);
}`;
