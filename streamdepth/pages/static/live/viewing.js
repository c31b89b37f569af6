// One viewing of the stream by WHEP, from the offer to hanging up.

import { ask, AWAY, begunBy, gathered, refusal } from "./server.js";
import { Latency, Line, ServerClock } from "./statistics.js";

/** What a viewing ends with where the server said so itself. */
export const OVER = "the run has ended; this page goes on when another begins";

const CONNECT_MS = 8000;
const PING_MS = 400;
const SILENT_MS = 1600; // without a word or a picture, of which several come a second: the line is dead
const BUSY_MS = 300; // so late, this page itself did nothing, and cannot have heard anything
const SILENT_UNSEEN_MS = 5000; // the same for a page in the background, which browsers slow down
const PASSES = [409, 429, ...AWAY]; // no picture yet, many come at once, no place left: it will be otherwise by itself

async function whyNot(response) {
  const words = await refusal(response);
  return PASSES.includes(response.status) ? `${words}; this page tries again` : words;
}

/** Shows the stream of a content (`picture`, `depth`) in `video`; `onMeaning` hears how its depth is read. `onEnd` is called once, with words or nothing, or `onStranger` where a token is asked for. */
export class Viewing {
  constructor(video, content, { onServer, onStranger, onFigures, onDepth, onMeaning, onEnd }) {
    this.video = video;
    this.content = content;
    this.handlers = { onServer, onStranger, onFigures, onDepth, onMeaning, onEnd };
    this.clock = new ServerClock();
    this.latency = new Latency(this.clock);
    this.line = null;
    this.location = null;
    this.ended = false;
    this.played = false;
    this.noWay = false; // the server answered, and WebRTC did not come through all the same
    this.heardAt = this.lookedAt = performance.now();
  }

  async start() {
    const servers = await ask("api/ice-servers");
    if (servers.status === 401) return this.endAsStranger();
    if (!servers.ok) return this.endRefused(servers);
    this.handlers.onServer();
    if (!("RTCPeerConnection" in window)) return this.endUnconnected();
    this.connection = new RTCPeerConnection({ iceServers: await servers.json() });
    this.line = new Line(this.connection);
    this.connection.addTransceiver("video", { direction: "recvonly" });
    this.connection.addEventListener("track", ({ track }) => { this.video.srcObject = new MediaStream([track]); });
    this.connection.addEventListener("connectionstatechange", () => this.onState());
    this.channel = this.connection.createDataChannel("stats", { ordered: false, maxRetransmits: 0 });
    this.channel.addEventListener("open", () => this.ping());
    this.channel.addEventListener("message", ({ data }) => this.onMessage(JSON.parse(data)));
    this.channel.addEventListener("close", () => this.end("the server hung up; this page tries again"));
    this.watchdog = setInterval(() => this.look(), PING_MS);
    await this.connection.setLocalDescription();
    await gathered(this.connection);
    const response = await ask(`whep?content=${this.content}`, {
      method: "POST",
      headers: { "Content-Type": "application/sdp" },
      body: this.connection.localDescription.sdp,
    });
    if (response.status !== 201) return this.endRefused(response);
    this.location = begunBy(response);
    if (this.ended) return this.hangUp();
    const answer = await response.text();
    if (!answer.includes("a=candidate:")) return this.endUnconnected();
    await this.connection.setRemoteDescription({ type: "answer", sdp: answer });
    this.heardAt = performance.now();
  }

  onState() {
    const state = this.connection.connectionState;
    if (state === "connected") {
      this.heardAt = performance.now();
      this.played = true;
    }
    if (state === "failed" && !this.played) this.endUnconnected();
    else if (state === "failed" || state === "closed") this.end("the connection was lost; this page tries again");
  }

  onMessage(message) {
    this.heardAt = performance.now();
    if ("ended" in message) this.end(OVER);
    else if ("pong" in message) this.clock.answered(message.pong, message.clock_ms, this.heardAt);
    else if ("depth at" in message) this.handlers.onDepth(message);
    else if ("depth" in message) this.handlers.onMeaning(message.depth);
    else {
      if (message.stamp) this.latency.learn(message.stamp);
      this.handlers.onFigures(message);
    }
  }

  /** A picture is shown. */
  see(metadata) {
    this.heardAt = performance.now();
    this.latency.see(metadata);
  }

  look() {
    this.ping();
    this.excuse(performance.now());
    const silent = document.hidden ? SILENT_UNSEEN_MS : SILENT_MS;
    const patience = this.connection.connectionState === "connected" ? silent : CONNECT_MS;
    if (performance.now() - this.heardAt <= patience) return;
    if (this.location && !this.played) this.endUnconnected();
    else this.end("the server does not answer; this page tries again");
  }

  /** What was not heard while this page was busy is no silence. */
  excuse(now) {
    const late = now - this.lookedAt - PING_MS;
    if (late > BUSY_MS) this.heardAt = Math.min(now, this.heardAt + late);
    this.lookedAt = now;
  }

  endUnconnected() {
    this.noWay = true;
    this.end("WebRTC does not come through; this page tries again");
  }

  async endRefused(response) {
    this.end(await whyNot(response), response.status === 404 ? "absent" : "waiting");
  }

  endAsStranger() {
    if (this.ended) return;
    this.ended = true;
    this.handlers.onStranger();
  }

  ping() {
    this.send({ ping: performance.now() });
  }

  askDepth(x, y) {
    this.send({ "depth at": [x, y] });
  }

  send(message) {
    if (this.channel?.readyState === "open") this.channel.send(JSON.stringify(message));
  }

  hangUp() {
    if (this.location) ask(this.location, { method: "DELETE", keepalive: true }).catch(() => {});
    this.location = null;
  }

  /** `state`: the server does not answer any more (gone), refuses for now (waiting), or has no such stream (absent). */
  end(words, state = "gone") {
    if (this.ended) return;
    this.ended = true;
    clearInterval(this.watchdog);
    this.hangUp();
    this.connection?.close();
    this.handlers.onEnd(words, state);
  }
}
