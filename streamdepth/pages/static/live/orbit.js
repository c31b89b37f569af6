// Where a scene in space is looked at from: turned by dragging, nearer by the wheel or two fingers.

const MOST_TURN = [1.1, 0.8]; // radians to the sides, up and down: beyond, only the back of what was seen is left
const TURN = 0.006; // radians a pixel
const KEY_TURN = 0.08;
const BEGINNING = 1.07; // a little nearer than the picture was taken from: its edges are not seen while it sways
const SWAY = 0.13; // radians
const SWAY_MS = 5200;

export class Orbit {
  constructor(stage, onChange) {
    this.onChange = onChange;
    this.isOn = false;
    this.pointers = new Map();
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.reset();
    stage.addEventListener("pointerdown", (event) => this.down(event, stage));
    stage.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) stage.addEventListener(name, ({ pointerId }) => this.pointers.delete(pointerId));
    stage.addEventListener("wheel", (event) => {
      if (!this.isOn) return;
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * 0.001));
    }, { passive: false });
    stage.addEventListener("dblclick", () => this.isOn && this.reset());
  }

  reset() {
    [this.across, this.up, this.nearer] = [0, 0, BEGINNING];
    this.isTouched = false;
    this.onChange();
  }

  /** Whether it moves by itself, until it is touched: depth is seen by what moves before what. */
  get sways() {
    return this.isOn && !this.isTouched && !this.still;
  }

  down(event, stage) {
    if (!this.isOn) return;
    stage.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
  }

  move(event) {
    const last = this.pointers.get(event.pointerId);
    if (!this.isOn || last === undefined) return;
    const before = this.spread();
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.pointers.size === 1) this.turn((event.clientX - last[0]) * TURN, (event.clientY - last[1]) * TURN);
    else if (before > 0) this.zoom(this.spread() / before);
  }

  spread() {
    const [one, other] = [...this.pointers.values()];
    return other ? Math.hypot(one[0] - other[0], one[1] - other[1]) : 0;
  }

  turn(across, up) {
    const kept = (value, most) => Math.min(most, Math.max(-most, value));
    this.across = kept(this.across + across, MOST_TURN[0]);
    this.up = kept(this.up + up, MOST_TURN[1]);
    this.isTouched = true;
    this.onChange();
  }

  zoom(factor) {
    this.nearer = Math.min(4, Math.max(0.4, this.nearer * factor));
    this.isTouched = true;
    this.onChange();
  }

  /** Turn by an arrow key; whether it was one. */
  key(name) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (!this.isOn || !(name in steps)) return false;
    this.turn(...steps[name].map((one) => one * KEY_TURN));
    return true;
  }

  /** The angles at a moment, in radians. */
  at(now) {
    if (!this.sways) return [this.across, this.up];
    const turn = (now / SWAY_MS) * 2 * Math.PI;
    return [SWAY * Math.sin(turn), SWAY * 0.35 * Math.cos(turn)];
  }

  /**
   * Column-major: what the camera sees of points whose camera looks along -z, turned about a point `pivot` before it.
   * `field` is the tangent of half the angle of view across and up.
   */
  matrix(now, pivot, [wide, high]) {
    const [across, up] = this.at(now);
    const [ca, sa, cu, su] = [Math.cos(across), Math.sin(across), Math.cos(up), Math.sin(up)];
    const [near, far] = [0.02, 200];
    // Turned about the pivot, first across and then up, then moved so that it is `pivot / nearer` away.
    const turned = [
      [ca, 0, sa, sa * pivot],
      [su * sa, cu, -su * ca, -su * ca * pivot],
      [-cu * sa, su, cu * ca, cu * ca * pivot - pivot / this.nearer],
    ];
    const [depth, shift] = [-(far + near) / (far - near), (-2 * far * near) / (far - near)];
    const rows = [
      turned[0].map((one) => one / wide),
      turned[1].map((one) => one / high),
      turned[2].map((one, column) => one * depth + (column === 3 ? shift : 0)),
      turned[2].map((one) => -one),
    ];
    return new Float32Array([0, 1, 2, 3].flatMap((column) => rows.map((row) => row[column])));
  }
}
