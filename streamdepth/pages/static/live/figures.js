// The figures of a viewing: one line always, and all of them in a panel for who wants to know.

import { ask } from "/static/live/server.js";

const line = document.getElementById("figures");
const panel = document.getElementById("details");
const list = document.getElementById("all-figures");
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

/** Shows what the server told and what this page knows of its viewing. */
export async function showFigures(told, viewing) {
  const received = await viewing.line.figures().catch(() => null);
  if (viewing.ended) return;
  const seen = viewing.latency.percentiles(performance.now());
  line.value = [
    `${told.rate.toFixed(1)} depth maps/s`,
    received?.pictures != null ? `${received.pictures.toFixed(0)} pictures/s` : "",
    seen ? `${ms(seen.p50)} behind, p95 ${ms(seen.p95)}` : `${told.latency_ms} ms on the server`,
    received?.bits != null ? speed(received.bits) : "",
    received?.lostShare > 0 ? `${percent(received.lostShare)} lost` : "",
  ].filter(Boolean).join(", ");
  if (!panel.hidden) await showAll(told, viewing, received, seen);
}

async function showAll(told, viewing, received, seen) {
  if (about === null) about = await ask("/api/state").then((answer) => answer.json()).catch(() => null);
  const encoder = told.encoders.find((lane) => lane.codec === told.codec);
  const rows = [
    ["Capture to screen", seen && `${ms(seen.p50)}, p95 ${ms(seen.p95)}`],
    ["On the server", `${told.latency_ms} ms`],
    ["One inference", told.model_ms != null && `${told.model_ms} ms`],
    ["Round trip", viewing.clock.roundTrip !== null && ms(viewing.clock.roundTrip)],
    ["Jitter buffer", received?.buffered != null && ms(received.buffered)],
    ["Depth maps", `${told.rate.toFixed(1)}/s, ${told.dropped} pictures dropped`],
    ["Not sent to you", told["dropped for you"] != null && `${told["dropped for you"]}`],
    ["Shown here", received?.pictures != null && `${received.pictures.toFixed(1)}/s, ${received.dropped} dropped`],
    ["Freezes", received?.freezes > 0 && `${received.freezes}`],
    ["Received", received?.bits != null && `${speed(received.bits)}${received.relayed ? " by relay" : ""}`],
    ["Lost", received && `${percent(received.lostShare)}, ${received.lost} packets in all`],
    ["Encoder", encoder && `${told.codec} ${encoder.width}x${encoder.height} at ${speed(encoder.bit_rate)}`],
    ["Encoding", encoder && `${ms(encoder.encode_seconds * 1000)}, once for ${sharers(encoder.viewers)}`],
    ["Source", sourceOf(told)],
    ["Network", about?.model && `${about.model.name}, ${about.engine} ${about.precision}`],
  ];
  if (!viewing.ended) list.replaceChildren(...rows.filter(([, text]) => text).flatMap(asRow));
}

/** Who gets the same packets; media servers count, viewers of another codec do not. */
function sharers(count) {
  return count === 1 ? "you" : `all ${count}`;
}

function sourceOf(told) {
  const age = told.age_ms === null ? "" : `, last picture ${(told.age_ms / 1000).toFixed(1)} s ago`;
  return `${told.condition}${told.condition === "live" ? "" : age}`;
}

function asRow([name, text]) {
  const [term, value] = ["dt", "dd"].map((kind) => document.createElement(kind));
  term.textContent = name;
  value.textContent = text;
  return [term, value];
}
