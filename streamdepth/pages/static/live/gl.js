// WebGL2 as far as it is needed here: programs, textures, targets.

/** A context, or null; `wanted` are its attributes. */
export function contextOf(canvas, wanted = {}) {
  return canvas.getContext("webgl2", { alpha: false, antialias: false, preserveDrawingBuffer: true, ...wanted });
}

/** Whether this device draws with a graphics processor; without one the page would take the time of its viewer. */
export function drawsFast() {
  const gl = contextOf(document.createElement("canvas"), { failIfMajorPerformanceCaveat: true });
  if (gl === null) return false;
  const debug = gl.getExtension("WEBGL_debug_renderer_info");
  const renderer = gl.getParameter(debug ? debug.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  return !/swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer);
}

/** Whether it can draw at all. */
export function canDraw() {
  return contextOf(document.createElement("canvas")) !== null;
}

/** A program with its uniforms by name; `use` sets some of them: numbers, arrays, booleans, textures. */
export class Program {
  constructor(gl, vertex, fragment) {
    this.gl = gl;
    this.program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(this.program, shader);
    }
    gl.linkProgram(this.program);
    if (!gl.getProgramParameter(this.program, gl.LINK_STATUS) && !gl.isContextLost()) {
      const logs = gl.getAttachedShaders(this.program).map((shader) => gl.getShaderInfoLog(shader));
      throw new Error(`the picture cannot be drawn here: ${[gl.getProgramInfoLog(this.program), ...logs].join(" ")}`);
    }
    const count = gl.getProgramParameter(this.program, gl.ACTIVE_UNIFORMS) ?? 0;
    const active = Array.from({ length: count }, (_, number) => gl.getActiveUniform(this.program, number));
    this.uniforms = new Map(active.map((one) => [one.name, { ...typed(one), place: gl.getUniformLocation(this.program, one.name) }]));
  }

  use(values) {
    const { gl } = this;
    gl.useProgram(this.program);
    let unit = 0;
    for (const [name, { type, place }] of this.uniforms) {
      const value = values[name];
      if (value === undefined) continue;
      if (type === gl.SAMPLER_2D) {
        gl.activeTexture(gl.TEXTURE0 + unit);
        gl.bindTexture(gl.TEXTURE_2D, value);
        gl.uniform1i(place, unit++);
      } else if (type === gl.FLOAT) gl.uniform1f(place, value);
      else if (type === gl.BOOL || type === gl.INT) gl.uniform1i(place, Number(value));
      else if (type === gl.INT_VEC2) gl.uniform2iv(place, value);
      else if (type === gl.FLOAT_VEC2) gl.uniform2fv(place, value);
      else if (type === gl.FLOAT_VEC4) gl.uniform4fv(place, value);
      else if (type === gl.FLOAT_MAT4) gl.uniformMatrix4fv(place, false, value);
    }
  }
}

function typed({ type }) {
  return { type };
}

/** A texture without an image. */
export function newTexture(gl, filter = gl.LINEAR) {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  for (const [name, value] of [
    [gl.TEXTURE_MIN_FILTER, filter],
    [gl.TEXTURE_MAG_FILTER, filter],
    [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE],
    [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
  ]) gl.texParameteri(gl.TEXTURE_2D, name, value);
  return texture;
}

/** Something to draw values into that are read later: of 16 bits where the device has them. */
export class Target {
  constructor(gl) {
    this.gl = gl;
    this.isFine = gl.getExtension("EXT_color_buffer_float") !== null;
    this.texture = newTexture(gl);
    this.buffer = gl.createFramebuffer();
    this.size = [0, 0];
  }

  /** Everything is drawn into it from now on. */
  begin([width, height]) {
    const { gl } = this;
    if (width !== this.size[0] || height !== this.size[1]) {
      gl.bindTexture(gl.TEXTURE_2D, this.texture);
      const kinds = this.isFine ? [gl.RG16F, gl.RG, gl.HALF_FLOAT] : [gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE];
      gl.texImage2D(gl.TEXTURE_2D, 0, kinds[0], width, height, 0, kinds[1], kinds[2], null);
      this.size = [width, height];
    }
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.buffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.texture, 0);
    gl.viewport(0, 0, width, height);
  }

  /** The first value at a point in shares of its size; null where there is none. */
  read([x, y]) {
    const { gl } = this;
    if (this.size[0] === 0) return null;
    const place = [x, y].map((share, side) => Math.min(this.size[side] - 1, Math.floor(share * this.size[side])));
    const [values, kind] = this.isFine ? [new Float32Array(4), gl.FLOAT] : [new Uint8Array(4), gl.UNSIGNED_BYTE];
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.buffer);
    gl.readPixels(...place, 1, 1, gl.RGBA, kind, values);
    const [value, isThere] = this.isFine ? values : [...values].map((byte) => byte / 255);
    return isThere > 0.5 ? value : null;
  }
}
