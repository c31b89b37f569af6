// Distances that a viewer knows: points in the picture with their metres, from which a fixed camera learns the rest.

import { asSentence, ask, change, refusal } from "./server.js";
import { placeOf } from "./stage.js";

const stage = document.getElementById("stage");
const begin = document.getElementById("distances_begin");
const panel = document.getElementById("distances");
const list = document.getElementById("distances_list");
const use = document.getElementById("distances_use");
const word = document.getElementById("distances_word");
const known = document.getElementById("distances_known");
let points = []; // as they were clicked: { at, shown, metres, row, mark }

/** Whether a click in the picture means a point. */
export function isTaking() {
  return !panel.hidden;
}

/** A point of the picture, which is `shown` at another place where it is shown beside its depth. */
export function add(at, shown) {
  const [row, field, remove, mark] = ["li", "input", "button", "span"].map((name) => document.createElement(name));
  Object.assign(field, { type: "number", min: "0.01", step: "any", inputMode: "decimal" });
  const point = { at, shown, field, row, mark };
  remove.type = "button";
  remove.textContent = "Remove";
  remove.addEventListener("click", () => drop(point));
  field.addEventListener("input", enable);
  field.addEventListener("keydown", ({ key }) => key === "Enter" && !use.disabled && use.click());
  mark.className = "mark";
  row.append(field, " m ", remove);
  list.append(row);
  stage.append(mark);
  points.push(point);
  number();
  field.focus({ preventScroll: true });
}

function drop(point) {
  points = points.filter((one) => one !== point);
  point.row.remove();
  point.mark.remove();
  number();
}

/** Each has its number, in the list and in the picture. */
function number() {
  points.forEach((point, place) => {
    point.mark.textContent = place + 1;
    point.field.setAttribute("aria-label", `metres to point ${place + 1}`);
  });
  list.dataset.none = String(points.length === 0);
  place();
  enable();
}

function place() {
  for (const { shown, mark } of points) {
    const [left, top] = placeOf(shown);
    mark.style.left = `${left}px`;
    mark.style.top = `${top}px`;
  }
}

function enable() {
  const all = points.map(({ field }) => Number(field.value));
  use.disabled = all.length === 0 || all.some((metres) => !(metres > 0));
}

function open(isOpen) {
  panel.hidden = !isOpen;
  begin.setAttribute("aria-expanded", String(isOpen));
  for (const { mark } of points) mark.hidden = !isOpen;
  stage.classList.toggle("takes", isOpen);
  if (isOpen) load();
}

/** Shows what the server knows. */
async function load() {
  const answer = await ask("api/metres").catch(() => null);
  if (answer?.ok) show(await answer.json());
}

function show({ points: count, error }) {
  known.hidden = count === 0;
  if (count === 0) return;
  const within = error === null ? "; a third would show how accurate they are" : `, which predict each other within ${Math.round(error * 100)} %`;
  word.textContent = `Metres are known from ${count === 1 ? "1 distance" : `${count} distances`}${within}.`;
}

async function learn() {
  word.textContent = "";
  const given = points.map(({ at, field }) => [...at, Number(field.value)]);
  const answer = await change("api/metres", { points: given }, "PUT").catch(() => null);
  if (answer === null) word.textContent = "The server does not answer. Try again.";
  else if (answer.ok) show(await answer.json());
  else word.textContent = asSentence(await refusal(answer));
}

async function forget() {
  const answer = await ask("api/metres", { method: "DELETE" }).catch(() => null);
  if (!answer?.ok) return;
  for (const point of points) drop(point);
  word.textContent = "";
  show(await answer.json());
}

async function keep() {
  const answer = await ask("api/metres/file").catch(() => null);
  if (!answer?.ok) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = "camera.metres";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

begin.addEventListener("click", () => open(panel.hidden));
use.addEventListener("click", learn);
document.getElementById("distances_forget").addEventListener("click", forget);
document.getElementById("distances_keep").addEventListener("click", keep);
new ResizeObserver(place).observe(stage);
