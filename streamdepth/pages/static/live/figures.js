// The figures of a viewing: in plain words always, and all of them in a panel for who wants to know.

import { ask } from "./server.js";

const line = document.getElementById("figures");
const panel = document.getElementById("details");
const list = document.getElementById("all-figures");
const LAGS_MS = 1000; // from here on a viewer sees that the picture is late
let about = null; // the network and the machine's runtime, which do not change while a server runs

const ms = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
const speed = (bits) => (bits < 1e6 ? `${Math.round(bits / 1e3)} kb/s` : `${(bits / 1e6).toFixed(1)} Mb/s`);
const percent = (share) => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

/** Nothing is known any more. */
export function showNone() {
  line.value = "";
  list.replaceChildren();
  about = null;
}

/** Shows the server's state and what this page knows of its viewing. */
export async function showFigures(state, viewing) {
  const received = await viewing.line.figures().catch(() => null);
  if (viewing.ended) return;
  const seen = viewing.latency.percentiles(performance.now());
  line.value = inWords(state, received, seen);
  if (!panel.hidden) await showAll(state, viewing, received, seen);
}

/** "30 pictures"; fewer than one have a decimal, since "0 pictures" looks as if nothing came. */
export function perSecond(rate) {
  const number = rate.toFixed(rate < 0.95 ? 1 : 0);
  return `${number} ${number === "1" ? "picture" : "pictures"}`;
}

/** How it goes, for who only wants to watch. */
function inWords(state, received, seen) {
  if (state.condition !== "live") return state.condition.startsWith("away") ? "no picture" : state.condition.split(" ")[0];
  const behind = seen?.p50 ?? state.latency_ms;
  return [
    "live",
    received?.pictures != null ? `${perSecond(received.pictures)} a second` : "",
    behind >= LAGS_MS ? `${(behind / 1000).toFixed(1)} s late` : "",
    received?.lostShare > 0.01 ? "the line loses pictures" : "",
    isBroken(state.promise) ? `${percent(state.promise.recent_share)} of pictures in time` : "",
  ].filter(Boolean).join(", ");
}

async function showAll(state, viewing, received, seen) {
  if (about === null) about = await ask("api/state").then((answer) => answer.json()).catch(() => null);
  const encoder = state.encoders.find((lane) => lane.codec === state.codec);
  const rows = [
    ["From camera to screen", seen && ms(seen.p50)],
    ["95 of 100 pictures within", seen && ms(seen.p95)],
    ["Of that, on the server", `${state.latency_ms} ms`],
    ["To find depth in a picture", state.model_ms != null && `${state.model_ms} ms`],
    ["To the server and back", viewing.clock.roundTrip !== null && ms(viewing.clock.roundTrip)],
    ["Waits to play evenly", received?.buffered != null && ms(received.buffered)],
    ["Promised", state.promise && promised(state.promise)],
    ["In time", state.promise?.share != null && inTime(state.promise)],
    ["Depth maps", state.rate > 0 && `${state.rate} a second`],
    ["Pictures without depth", `${state.dropped}`],
    ["Pictures not sent to you", state["dropped for you"] != null && `${state["dropped for you"]}`],
    ["Shown here", received?.pictures != null && `${received.pictures.toFixed(1)} a second`],
    ["Not shown in time", received && `${received.dropped}`],
    ["Stood still", received?.freezes > 0 && `${received.freezes} times`],
    ["Received", received?.bits != null && `${speed(received.bits)}${received.relayed ? " by relay" : ""}`],
    ["Lost on the way", received && `${percent(received.lostShare)}, ${received.lost} in all`],
    ["Sent as", encoder && `${state.codec} ${encoder.width}x${encoder.height}`],
    ["At most", encoder && speed(encoder.bit_rate)],
    ["To encode a picture", encoder && `${ms(encoder.encode_seconds * 1000)}, once for ${sharers(encoder.viewers)}`],
    ["Source", sourceOf(state)],
    ["Network", about?.model && `${about.model.name}, ${about.engine} ${about.precision}`],
  ];
  if (!viewing.ended) list.replaceChildren(...rows.filter(([, text]) => text).flatMap(asRow));
}

/** Whether fewer pictures are in time, of the last seconds, than was promised. */
const isBroken = (promise) => promise?.recent_share != null && promise.recent_share < promise.promised_share;

function promised(promise) {
  const latency = promise.target_latency_ms !== null ? ms(promise.target_latency_ms) : "";
  const rate = promise.target_fps !== null ? `${promise.target_fps} pictures a second` : "";
  return [latency, rate].filter(Boolean).join(", ");
}

function inTime(promise) {
  const rung = promise.rungs[promise.rung];
  const every = rung.interval > 1 ? `, one of ${rung.interval} pictures` : "";
  return `${percent(promise.share)} of pictures; now ${rung.model} at ${rung.size}${every}`;
}

/** Who gets the same packets; media servers count, viewers of another codec do not. */
function sharers(count) {
  return count === 1 ? "you" : `all ${count}`;
}

function sourceOf(state) {
  const age = state.age_ms === null ? "" : `, last picture ${(state.age_ms / 1000).toFixed(1)} s ago`;
  return `${state.condition}${state.condition === "live" ? "" : age}`;
}

function asRow([name, text]) {
  const [term, value] = ["dt", "dd"].map((kind) => document.createElement(kind));
  term.textContent = name;
  value.textContent = text;
  return [term, value];
}
