// The page of a stream: plays it by WHEP, says in words what is wrong, and comes back by itself.

import { follow } from "/static/controls.js";
import { ask } from "/static/server.js";

const RETRY_MS = 1500;
const AGAIN_MS = 200; // after a viewing that played: whoever hung up may already be back
const CONNECT_MS = 8000;
const SILENT_MS = 3000; // without a figure, of which one comes a second: the line is dead, whatever the browser says
const GATHER_MS = 300; // the server finds us by our first packet; waiting for every candidate is not worth more

const video = document.getElementById("video");
const word = document.getElementById("word");
const figures = document.getElementById("figures");
const pointer = document.getElementById("pointer");

const WORDS = {
  starting: "the first picture is on its way",
  frozen: "the picture stands still: nothing new comes from the source",
  away: "the source is away; it is being tried again",
};

function say(text) {
  if (word.textContent !== text) word.textContent = text;
}

/** Why an answer was no, in words. */
async function refusal(response) {
  if (response.status === 401) return "the token is missing or wrong: open the address that streamdepth printed";
  const body = await response.json().catch(() => ({}));
  return body.error ?? `the server answered ${response.status}`;
}

function gathered(connection) {
  if (connection.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    setTimeout(resolve, GATHER_MS);
    connection.addEventListener("icegatheringstatechange", () => {
      if (connection.iceGatheringState === "complete") resolve();
    });
  });
}

/** One viewing, from offer to hanging up. `onEnd` is called once, with words or nothing. */
class Viewing {
  constructor({ onFigures, onDepth, onEnd }) {
    this.handlers = { onFigures, onDepth };
    this.onEnd = onEnd;
    this.location = null;
    this.ended = false;
    this.played = false;
    this.heardAt = performance.now();
  }

  async start() {
    const servers = await ask("/api/ice-servers");
    if (!servers.ok) return this.end(await refusal(servers));
    this.connection = new RTCPeerConnection({ iceServers: await servers.json() });
    this.connection.addTransceiver("video", { direction: "recvonly" });
    this.connection.addEventListener("track", ({ track }) => { video.srcObject = new MediaStream([track]); });
    this.connection.addEventListener("connectionstatechange", () => this.onState());
    this.channel = this.connection.createDataChannel("stats", { ordered: false, maxRetransmits: 0 });
    this.channel.addEventListener("message", ({ data }) => this.onMessage(JSON.parse(data)));
    this.channel.addEventListener("close", () => this.end("the server hung up"));
    this.watchdog = setInterval(() => this.look(), 500);
    await this.connection.setLocalDescription();
    await gathered(this.connection);
    const response = await ask("/whep", {
      method: "POST",
      headers: { "Content-Type": "application/sdp" },
      body: this.connection.localDescription.sdp,
    });
    if (response.status !== 201) return this.end(await refusal(response));
    this.location = response.headers.get("Location");
    if (this.ended) return this.hangUp();
    await this.connection.setRemoteDescription({ type: "answer", sdp: await response.text() });
    this.heardAt = performance.now();
  }

  onState() {
    const state = this.connection.connectionState;
    if (state === "connected") {
      this.heardAt = performance.now();
      this.played = true;
    }
    if (state === "failed" || state === "closed") this.end("the connection was lost");
  }

  onMessage(message) {
    this.heardAt = performance.now();
    if ("depth at" in message) this.handlers.onDepth(message);
    else this.handlers.onFigures(message);
  }

  look() {
    const patience = this.connection.connectionState === "connected" ? SILENT_MS : CONNECT_MS;
    if (performance.now() - this.heardAt > patience) this.end("the server does not answer");
  }

  askDepth(x, y) {
    if (this.channel?.readyState === "open") this.channel.send(JSON.stringify({ "depth at": [x, y] }));
  }

  hangUp() {
    if (this.location) ask(this.location, { method: "DELETE", keepalive: true }).catch(() => {});
    this.location = null;
  }

  end(words) {
    if (this.ended) return;
    this.ended = true;
    clearInterval(this.watchdog);
    this.hangUp();
    this.connection?.close();
    this.onEnd(words);
  }
}

function showFigures(told) {
  say(WORDS[told.condition.split(" ")[0]] ?? (told.condition === "live" ? "" : told.condition));
  follow(told.look);
  const encoder = told.encoders.find((lane) => lane.codec === told.codec);
  figures.value = [
    `${told.rate.toFixed(1)} depth maps/s`,
    `${told.latency_ms} ms`,
    `${told.dropped} dropped`,
    encoder ? `${encoder.width}x${encoder.height} ${encoder.codec}, ${(encoder.bit_rate / 1e6).toFixed(1)} Mb/s` : "",
  ].filter(Boolean).join(", ");
}

function showDepth(told) {
  if (told.depth === null) return;
  pointer.value = `depth ${told.depth.toPrecision(3)}, nearer than ${Math.round(told.nearer_than * 100)} %`;
}

/** Where in the picture the pointer is, in shares of its size; null beside it. */
function pointOf(event) {
  const box = video.getBoundingClientRect();
  const scale = Math.min(box.width / video.videoWidth, box.height / video.videoHeight);
  const x = (event.clientX - box.left - box.width / 2) / (video.videoWidth * scale) + 0.5;
  const y = (event.clientY - box.top - box.height / 2) / (video.videoHeight * scale) + 0.5;
  return x >= 0 && x <= 1 && y >= 0 && y <= 1 ? [x, y] : null;
}

let viewing = null;

function play() {
  viewing = new Viewing({
    onFigures: showFigures,
    onDepth: showDepth,
    onEnd: (words) => {
      say(words);
      setTimeout(play, viewing.played ? AGAIN_MS : RETRY_MS);
    },
  });
  viewing.start().catch(() => viewing.end("the server does not answer"));
}

let asking = false;
video.addEventListener("pointermove", (event) => {
  const point = pointOf(event);
  if (point === null || asking || viewing === null) return;
  asking = true;
  setTimeout(() => { asking = false; }, 100);
  viewing.askDepth(...point);
});
video.addEventListener("pointerleave", () => { pointer.value = ""; });
video.addEventListener("playing", () => say(""));
window.addEventListener("pagehide", () => viewing?.hangUp());
window.addEventListener("pageshow", (event) => { if (event.persisted) viewing?.end("connecting"); });
window.addEventListener("hashchange", () => viewing?.end("connecting"));

play();
