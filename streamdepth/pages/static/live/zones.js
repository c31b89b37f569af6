// Zones of the picture: drawn by a viewer, watched by the server, and how it stands with each.

import { pointOfPicture } from "./controls.js";
import { asSentence, ask, change, refusal } from "./server.js";
import { placeOf, pointOf } from "./stage.js";

const ASK_EVERY_MS = 1000;
const CLOSE_PX = 12; // a click so near the first corner closes a zone
const MOST_CORNERS = 64;
const SVG = "http://www.w3.org/2000/svg";
const WORDS = { absent: "nothing there", coming: "something comes", present: "something there", leaving: "it leaves" };

const stage = document.getElementById("stage");
const begin = document.getElementById("zones_begin");
const panel = document.getElementById("zones");
const list = document.getElementById("zones_list");
const draws = document.getElementById("zones_draw");
const word = document.getElementById("zones_word");
const form = document.getElementById("zones_form");
const fields = Object.fromEntries(["name", "kind", "distance", "unit", "seconds"].map((name) => [name, form[name]]));
const shapes = document.createElementNS(SVG, "svg");

let watchedZones = { zone: [], states: [] };
let corners = null; // of a zone that is being drawn
let timer = null;

shapes.id = "zones_shapes";
shapes.setAttribute("viewBox", "0 0 1 1");
shapes.setAttribute("preserveAspectRatio", "none");
shapes.setAttribute("aria-hidden", "true");
stage.append(shapes);

/** Where the whole picture is on what is shown: once, twice beside itself, or nowhere flat. */
function halves() {
  const [left, right] = [pointOfPicture([0.25, 0.5]), pointOfPicture([0.75, 0.5])];
  const isAt = (point, x) => point !== null && Math.abs(point[0] - x) < 1e-6;
  if (isAt(left, 0.25) && isAt(right, 0.75)) return [[0, 1]];
  return isAt(left, 0.5) && isAt(right, 0.5) ? [[0, 0.5], [0.5, 0.5]] : [];
}

function draw() {
  if (panel.hidden) return;
  const [left, top] = placeOf([0, 0]);
  const [right, bottom] = placeOf([1, 1]);
  if (!(right > left)) return; // nothing is shown yet
  for (const [name, value] of Object.entries({ left, top, width: right - left, height: bottom - top })) {
    shapes.style[name] = `${value}px`;
  }
  shapes.replaceChildren(...halves().flatMap((half) => [...watchedZones.zone.map((zone) => shape(zone, half)), ...drawn(half)]));
}

function shape(zone, half) {
  const polygon = line("polygon", zone.polygon, half);
  const states = watchedZones.states.filter((state) => state.zone === zone.name);
  const isThere = states.some(({ state }) => state === "present" || state === "leaving");
  polygon.dataset.state = isThere ? "there" : states.some(({ unseen }) => unseen) ? "unseen" : "empty";
  return polygon;
}

function drawn(half) {
  return corners === null ? [] : [line("polyline", corners, half)];
}

function line(kind, points, [from, width]) {
  const element = document.createElementNS(SVG, kind);
  element.setAttribute("points", points.map(([x, y]) => `${from + x * width},${y}`).join(" "));
  return element;
}

function showList() {
  const zones = watchedZones.zone;
  const isListed = list.children.length === zones.length && zones.every(({ name }, at) => nameIn(list.children[at]) === name);
  if (!isListed) list.replaceChildren(...zones.map(row)); // only then: what is pressed or has the focus stays
  for (const [at, zone] of zones.entries()) {
    const states = watchedZones.states.filter((one) => one.zone === zone.name);
    list.children[at].lastElementChild.textContent = states.map(wordsOf).join("; ") || "new";
  }
  list.dataset.none = String(zones.length === 0);
}

function row(zone) {
  const item = document.createElement("li");
  const [name, remove, state] = ["b", "button", "span"].map((kind) => document.createElement(kind));
  name.textContent = zone.name;
  state.className = "fine";
  remove.type = "button";
  remove.textContent = "Remove";
  remove.setAttribute("aria-label", `remove ${zone.name}`);
  remove.addEventListener("click", () => put(watchedZones.zone.filter((one) => one.name !== zone.name)));
  item.append(name, remove, state);
  return item;
}

function nameIn(item) {
  return item.firstElementChild.textContent;
}

function wordsOf({ what, state, unseen, nearest }) {
  if (unseen) return `${what}: ${unseen}`;
  return `${what}: ${WORDS[state]}${nearest === null ? "" : ` (${nearest.toPrecision(2)})`}`;
}

async function look() {
  const answer = await ask("api/zones").catch(() => null);
  if (panel.hidden || !answer?.ok) return;
  take(await answer.json());
}

function take(table) {
  watchedZones = table;
  showList();
  draw();
}

/** Have the server watch these; whether it does. */
async function put(zone) {
  const { learn, absorb } = watchedZones;
  const answer = await change("api/zones", { zone, learn, absorb }, "PUT").catch(() => null);
  if (answer === null) word.textContent = "The server does not answer. Try again.";
  else if (!answer.ok) word.textContent = asSentence(await refusal(answer));
  else {
    take(await answer.json());
    word.textContent = watchedZones.kept ? "" : "Kept until this run ends: --zones FILE keeps them for longer.";
  }
  return answer?.ok === true;
}

function open(isOpen) {
  panel.hidden = !isOpen;
  shapes.toggleAttribute("hidden", !isOpen);
  begin.setAttribute("aria-expanded", String(isOpen));
  clearInterval(timer);
  stopDrawing();
  if (!isOpen) return;
  timer = setInterval(look, ASK_EVERY_MS);
  look();
}

function startDrawing() {
  corners = [];
  form.hidden = true;
  stage.classList.add("takes");
  word.textContent = "Click the corners of the zone; the first one again closes it.";
  draw();
}

function stopDrawing() {
  corners = null;
  form.hidden = true;
  stage.classList.remove("takes");
  word.textContent = "";
  draw();
}

/** A click in the picture is a corner, or closes the zone. */
function click(event) {
  if (corners === null || !form.hidden) return;
  event.stopPropagation();
  const shown = pointOf(event);
  const point = shown && pointOfPicture(shown);
  if (point === null) return;
  if (corners.length >= 3 && isFirst(shown)) return close();
  corners.push(point.map((share) => Math.round(share * 1e4) / 1e4));
  if (corners.length === 1) firstAt = shown;
  if (corners.length === MOST_CORNERS) close();
  draw();
}

let firstAt = null; // where the first corner was clicked

function isFirst(shown) {
  const [there, here] = [placeOf(firstAt), placeOf(shown)];
  return Math.hypot(there[0] - here[0], there[1] - here[1]) <= CLOSE_PX;
}

function close() {
  corners.push(corners[0]);
  draw();
  stage.classList.remove("takes");
  word.textContent = "";
  form.hidden = false;
  fields.name.value = `zone ${watchedZones.zone.length + 1}`;
  fields.name.select();
}

async function save(event) {
  event.preventDefault();
  const rule = { [fields.unit.value]: Number(fields.distance.value), seconds: Number(fields.seconds.value) };
  const zone = { name: fields.name.value.trim(), polygon: corners.slice(0, -1), [fields.kind.value]: rule };
  if (await put([...watchedZones.zone, zone])) {
    const said = word.textContent;
    stopDrawing();
    word.textContent = said;
  }
}

begin.addEventListener("click", () => open(panel.hidden));
draws.addEventListener("click", startDrawing);
form.addEventListener("submit", save);
document.getElementById("zones_cancel").addEventListener("click", stopDrawing);
stage.addEventListener("click", click, { capture: true }); // before what a click means otherwise
panel.addEventListener("keydown", (event) => event.stopPropagation()); // letters are of the name, not of the page
new ResizeObserver(draw).observe(stage);
