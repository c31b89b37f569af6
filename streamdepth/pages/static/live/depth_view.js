// Draws a stream that carries depth, as this viewer likes: flat, as a relief, as points.

import { contextOf, newTexture, Program, Target } from "./gl.js";
import { Orbit } from "./orbit.js";
import { CELLS, COVER, ENLARGED, FLAT, SPACE, SURFACE } from "./shaders.js";

const CELL = 2; // pixels that each value of the map takes in each direction
const MOST_DESCRIPTIONS = 60;
const FIELD = 0.42; // tangent of half the angle of view upwards that a picture is taken to have
const MOST_GRID = 480; // columns of points
const TEARS = { relief: 0.06, points: 0.12 };
const MOST_BLUR = 0.018; // of the picture's width
const SPACE_LAYOUTS = ["relief", "points"];
const MOST_PIXELS = 2; // of the canvas for one of the page
const SLOW_MS = 60; // between two drawings of a scene that sways: then it moves with the pictures only
const BEHIND = 0.6; // how light the surface is that is stretched behind what is torn

export class DepthView {
  /** `look` is read at each drawing; `onLost` is called once where the device cannot draw any more. */
  constructor(canvas, stage, onLost) {
    const gl = this.gl = contextOf(canvas);
    [this.canvas, this.stage] = [canvas, stage];
    this.descriptions = []; // by timestamp, the newest last
    this.video = newTexture(gl);
    this.tableTexture = newTexture(gl, gl.NEAREST);
    this.cells = new Target(gl);
    this.depth = new Target(gl);
    this.programs = {
      cells: new Program(gl, COVER, CELLS),
      enlarged: new Program(gl, COVER, ENLARGED),
      flat: new Program(gl, COVER, FLAT),
      space: new Program(gl, SPACE, SURFACE),
    };
    this.indices = gl.createBuffer();
    this.grid = [0, 0];
    this.look = null;
    this.facts = null; // of the picture that is shown
    this.pictures = 0;
    this.fence = null;
    this.isSlow = false;
    this.drawnAt = 0;
    this.orbit = new Orbit(stage, () => this.redraw());
    canvas.addEventListener("webglcontextlost", onLost, { once: true });
  }

  /** Adds a description of where depth is and what grey means, from a timestamp on. */
  learn(description) {
    this.descriptions = [...this.descriptions, description].slice(-MOST_DESCRIPTIONS);
    if (this.facts === null) this.redraw();
  }

  /** How it is drawn from now on, with its table of colours. */
  set(look, table) {
    const { gl } = this;
    this.look = look;
    this.orbit.isOn = SPACE_LAYOUTS.includes(look.layout);
    gl.bindTexture(gl.TEXTURE_2D, this.tableTexture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(table.buffer));
    this.redraw();
  }

  /**
   * A new picture of the video, with its timestamp where the browser gives it; whether it was drawn.
   *
   * One that comes while the last is still being drawn is left out: what is not drawn in time is not drawn late.
   */
  show(video, timestamp) {
    const { gl } = this;
    if (this.isBusy()) return false;
    gl.bindTexture(gl.TEXTURE_2D, this.video);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, video);
    this.size = [video.videoWidth, video.videoHeight];
    this.timestamp = timestamp;
    this.pictures += 1;
    return this.draw();
  }

  /** The description that applies to the picture of a timestamp: the last for it or for one before. */
  factsAt(timestamp) {
    const before = this.descriptions.filter(({ stamp }) => timestamp === undefined || ((timestamp - stamp.rtp) | 0) >= 0);
    return before.at(-1) ?? this.descriptions[0] ?? null;
  }

  /** The colour picture's width and height. */
  get shape() {
    return this.facts?.colour ?? [0, 0];
  }

  /** Depth at a point of the picture, from the farthest (0) to the nearest (1); null where there is none. */
  at(point) {
    return this.depth.read(point);
  }

  isBusy() {
    const { gl } = this;
    return gl.isContextLost() || (this.fence && gl.getSyncParameter(this.fence, gl.SYNC_STATUS) !== gl.SIGNALED);
  }

  /** Draw anew, once, before the next picture of the screen. */
  redraw() {
    if (this.waits || !this.size) return;
    this.waits = true;
    requestAnimationFrame((now) => {
      this.waits = false;
      this.isSlow = this.isBusy() || now - this.drawnAt > SLOW_MS;
      this.drawnAt = now;
      if (this.isBusy()) this.redraw();
      else this.draw();
    });
  }

  draw() {
    const { gl } = this;
    const facts = this.facts = this.factsAt(this.timestamp);
    if (facts === null || this.look === null || !this.size) return false;
    const [width, height] = this.size;
    const [left, top, wide, high] = facts.box;
    const colour = [facts.colour[0] / width, facts.colour[1] / height];
    const common = { video: this.video, colour };
    const grid = [wide / CELL, high / CELL];
    this.cells.begin(grid);
    this.cover("cells", { ...common, box: [left / width, top / height, wide / width, high / height] });
    this.depth.begin(facts.colour);
    this.cover("enlarged", { ...common, cells: this.cells.texture, grid, inner: facts.inner, sharp: this.look.refine });
    const shading = this.shading(common);
    if (SPACE_LAYOUTS.includes(this.look.layout)) this.drawInSpace(shading);
    else this.drawFlat(shading);
    gl.deleteSync(this.fence);
    this.fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    if (this.orbit.sways && !this.isSlow) this.redraw();
    return true;
  }

  shading(common) {
    const { look } = this;
    const [width, height] = this.shape;
    const alpha = { depth: 1, picture: 0 }[look.layout] ?? look.alpha;
    return {
      ...common,
      depth: this.depth.texture,
      table: this.tableTexture,
      pixel: [1 / width, 1 / height],
      alpha,
      fog: look.fog,
      blur: look.blur * MOST_BLUR * width,
      focus: look.focus ?? 1,
      isolated: look.isolates && look.focus !== null ? look.focus : -1,
      tolerance: look.tolerance,
    };
  }

  drawFlat(shading) {
    const [width, height] = this.shape;
    const beside = this.look.layout === "side-by-side";
    this.begin(beside ? 2 * width : width, height);
    this.cover("flat", { ...shading, beside, flipped: true });
  }

  drawInSpace(shading) {
    const { gl, look } = this;
    const scale = Math.min(MOST_PIXELS, devicePixelRatio);
    this.begin(Math.round(this.stage.clientWidth * scale), Math.round(this.stage.clientHeight * scale));
    const [wide, high] = [gl.drawingBufferWidth, gl.drawingBufferHeight];
    const shape = this.shape[0] / this.shape[1];
    const field = [FIELD * shape, FIELD];
    const fits = Math.max(1, shape / (wide / high)); // the whole picture is seen, whatever the shape of the canvas
    const disparity = this.disparity();
    const pivot = 1 / (disparity[0] + 0.45 * disparity[1]);
    const grid = this.gridFor(this.shape);
    gl.clearColor(0.035, 0.035, 0.045, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.DEPTH_TEST);
    const points = look.layout === "points";
    const scene = {
      ...shading,
      grid,
      seen: this.orbit.matrix(performance.now(), pivot, [(FIELD * fits * wide) / high, FIELD * fits]),
      field,
      disparity,
      pointSize: (1.35 * shape * high) / fits / grid[0],
      farthest: look.cut_beyond === null ? -1 : 1 - look.cut_beyond,
      round: points,
    };
    const surface = (values) => {
      this.programs.space.use({ ...scene, ...values });
      if (points) gl.drawArrays(gl.POINTS, 0, grid[0] * grid[1]);
      else gl.drawElements(gl.TRIANGLES, 6 * (grid[0] - 1) * (grid[1] - 1), gl.UNSIGNED_INT, 0);
    };
    if (!points) {
      gl.enable(gl.POLYGON_OFFSET_FILL);
      gl.polygonOffset(1, 1);
      surface({ tears: Infinity, light: BEHIND });
      gl.disable(gl.POLYGON_OFFSET_FILL);
    }
    surface({ tears: TEARS[look.layout], light: 1 });
    gl.disable(gl.DEPTH_TEST);
  }

  /** 1 / distance = the first + the second * nearness, in units of the nearest; of the true distances where they are known. */
  disparity() {
    const { metres, range: [low, high], nearer } = this.facts;
    const [near, far] = nearer === "larger" ? [high, low] : [low, high];
    if (metres) {
      const [least, most] = [far, near].map((value) => Math.max(1e-3, metres[0] * value + metres[1]));
      return [Math.max(least / most, 0.02), 1 - Math.max(least / most, 0.02)];
    }
    const farthest = 1 / this.look.deep;
    return [farthest, 1 - farthest];
  }

  begin(width, height) {
    const { gl, canvas } = this;
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, width, height);
  }

  cover(name, values) {
    this.programs[name].use({ flipped: false, ...values });
    this.gl.drawArrays(this.gl.TRIANGLES, 0, 3);
  }

  /** Columns and rows of points, with the triangles between them. */
  gridFor([width, height]) {
    const { gl } = this;
    const columns = Math.min(MOST_GRID, width);
    const rows = Math.max(2, Math.round((columns * height) / width));
    if (columns === this.grid[0] && rows === this.grid[1]) return this.grid;
    const corners = new Uint32Array(6 * (columns - 1) * (rows - 1));
    let place = 0;
    for (let row = 0; row + 1 < rows; row++) {
      for (let column = 0; column + 1 < columns; column++) {
        const one = row * columns + column;
        corners.set([one, one + columns, one + 1, one + 1, one + columns, one + columns + 1], place);
        place += 6;
      }
    }
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.indices);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, corners, gl.STATIC_DRAW);
    this.grid = [columns, rows];
    return this.grid;
  }
}
