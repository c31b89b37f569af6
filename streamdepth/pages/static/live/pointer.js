// What is under the pointer: asked for again while it rests there, since the scene goes on.

import { placeOf, pointOf } from "./stage.js";

const ASK_EVERY_MS = 250;
const TOUCHED_MS = 8000; // so long a point stays that a finger has touched
const LATE_MS = 1500; // an answer about what was asked for before is none

const stage = document.getElementById("stage");
const line = document.getElementById("pointer");
const cross = document.getElementById("cross");

/**
 * Reads depth at a point by `ask`, which takes shares of the picture's width and height; `pointIn` says which point of
 * the picture is at one of what is shown, if any, and `onClick` gets those of what is shown that are clicked.
 */
export class Pointer {
  constructor(ask, pointIn, onClick) {
    [this.ask, this.pointIn] = [ask, pointIn];
    stage.addEventListener("click", (event) => {
      const shown = pointOf(event);
      if (shown !== null) onClick(shown);
    });
    this.at = null;
    this.until = Infinity;
    this.heardAt = 0;
    for (const name of ["pointermove", "pointerdown"]) stage.addEventListener(name, (event) => this.point(event));
    stage.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType !== "touch") this.leave(); // a finger leaves as soon as it has pointed
    });
    setInterval(() => this.look(), ASK_EVERY_MS);
  }

  point(event) {
    const first = this.at === null;
    this.at = this.in(event);
    this.shown = pointOf(event);
    if (this.at === null) return this.leave();
    const touched = event.pointerType === "touch";
    this.until = touched ? performance.now() + TOUCHED_MS : Infinity;
    cross.hidden = !touched;
    this.place();
    if (first || touched) this.look();
    return null;
  }

  in(event) {
    const shown = pointOf(event);
    return shown && this.pointIn(shown);
  }

  look() {
    if (this.at === null) return;
    const now = performance.now();
    if (now > this.until) return this.leave();
    if (now - this.heardAt > LATE_MS) line.value = "";
    this.place();
    this.ask(...this.at);
  }

  place() {
    if (cross.hidden) return;
    const [left, top] = placeOf(this.shown);
    cross.style.left = `${left}px`;
    cross.style.top = `${top}px`;
  }

  /** Shows the server's answer for a point. */
  show(answer) {
    if (this.at === null) return;
    this.heardAt = performance.now();
    line.value = answer.depth === null ? "" : inWords(answer);
    line.classList.toggle("long", answer.metres === null);
  }

  /** Nothing is pointed at any more, or nobody answers. */
  leave() {
    this.at = null;
    line.value = "";
    cross.hidden = true;
  }
}

function inWords(answer) {
  const nearer = `nearer than ${Math.round(answer.nearer_than * 100)} %`;
  if (answer.metres === null) return `no metres: ${answer.withheld}; ${nearer}`;
  const depth = `${nearer} (value ${answer.depth.toPrecision(3)})`;
  if (answer.metres === undefined) return depth; // of a camera whose distances are not known
  const within = answer.within === undefined ? "" : ` (within ${Math.round(answer.within * 100)} %)`;
  return `${answer.metres.toPrecision(3)} m${within}, ${depth}`;
}
