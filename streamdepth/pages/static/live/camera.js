// "Use my camera": sends a camera of this device by WHIP, where the stream's source is what browsers send.

import { keyOf } from "../asking.js";
import { ask, AWAY, begunBy, gathered, refusal } from "./server.js";

const ASK_AGAIN_MS = 1500;
const PASSES = [429, ...AWAY];
const REFUSED_FOR_MS = 10_000; // a camera of this page that the server still holds is gone by then
const CONNECT_MS = 10_000;
const SILENT_MS = 5000; // without a report from the server, of which one comes a second
const MOST_BITS = 4_000_000; // a second
const START_KILOBITS = 2000;
const COUNT_BYTES = ["transport", "candidate-pair"]; // not every browser counts in both
const REMEMBERED = keyOf("camera"); // which camera this tab sends: it goes on after a reload

const bar = document.getElementById("camera");
const button = document.getElementById("camera_use");
const which = document.getElementById("camera_which");
const line = document.getElementById("camera_word");

let source = null; // what the server says of its source, where browsers send that
let isKnown = false; // whether the server has said what its source is
let isAway = false; // whether it said that nobody sends
let sender = null; // a Sender while a camera is wanted
let chosen = ""; // the value of a choice, also before the browser lists it

/** What to say on the picture while the source is away; null where that is not ours to say. */
export function waiting(reason) {
  if (source === null) return null;
  if (sender !== null) return "the camera is connecting";
  return `the camera is away${reason ? `, ${reason}` : ""}: use yours here`;
}

/** Called with how the source is, where that is known: a large button asks for a camera while nobody sends one. */
export function heed(condition) {
  isAway = condition === "starting" || condition.startsWith("away");
  invite();
}

/** The server is gone; the next one may have another source. */
export function forget() {
  isKnown = isAway = false;
  invite();
}

const PROBLEMS = {
  NotAllowedError: "this page may not use the camera: allow it beside the address of the page, then try again",
  NotFoundError: "there is no camera on this device",
  NotReadableError: "another program holds the camera: close it there, then try again",
  OverconstrainedError: "this camera is not there any more: choose another one",
};
const NO_WEBRTC = "this browser has no WebRTC, by which a camera is sent: turn it on in its settings, or take another browser";
const INSECURE = "browsers give cameras to secure pages only: open https:// instead (streamdepth takes --cert and --key, "
  + "streamdepth serve a proxy before it), or the page on this machine as http://localhost";

/** What is asked of the browser: the chosen camera, in the size and rate that the run wants. */
function wanted() {
  const video = { width: { ideal: source.width }, height: { ideal: source.height }, frameRate: { ideal: rate() } };
  const [kind, value] = chosen.split("=");
  if (kind === "facing") video.facingMode = { ideal: value };
  if (kind === "id") video.deviceId = { exact: value };
  return { video, audio: false };
}

function rate() {
  const [count, seconds = 1] = (source.rate ?? "30").split("/").map(Number);
  return count / seconds;
}

/** An answer by which Chromium starts at a bit rate that suits the size, instead of finding it in half a minute. */
function quickly(answer) {
  return answer.replace(/^(a=fmtp:\d+ )(?=.*packetization-mode)/gm, `$1x-google-start-bitrate=${START_KILOBITS};`);
}

/** Shows the cameras that there are; a phone has front and back, whatever else it calls them. */
async function listCameras() {
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
  const turns = matchMedia("(pointer: coarse)").matches && navigator.mediaDevices.getSupportedConstraints().facingMode;
  const choices = turns
    ? [new Option("Back camera", "facing=environment"), new Option("Front camera", "facing=user")]
    : cameras.filter(({ deviceId }) => deviceId).map(({ label, deviceId }) => new Option(label, `id=${deviceId}`));
  which.replaceChildren(...choices);
  if (choices.some(({ value }) => value === chosen)) which.value = chosen;
  else if (turns) chosen = which.value;
  which.hidden = choices.length < 2 || (turns && cameras.length < 2);
}

/** Sends one camera until it is stopped; connects again by itself. */
class Sender {
  constructor() {
    this.stream = null;
    this.connection = null;
    this.location = null;
    this.refusedSince = null;
    this.stopped = false;
  }

  async start(resumed) {
    this.refusedSince = resumed ? performance.now() : null;
    if (!("RTCPeerConnection" in window)) return stop(NO_WEBRTC);
    if (!navigator.mediaDevices?.getUserMedia) return stop(INSECURE);
    try {
      this.stream = await navigator.mediaDevices.getUserMedia(wanted());
    } catch (error) {
      return this.stopped || stop(PROBLEMS[error.name] ?? `the camera does not start: ${error.message}`);
    }
    if (this.stopped) return this.close();
    const [track] = this.stream.getVideoTracks();
    track.contentHint = "motion";
    track.addEventListener("ended", () => { if (!this.stopped) stop("the camera was taken away"); });
    listCameras().catch(() => {});
    return this.connect();
  }

  async connect() {
    say("the camera is connecting");
    try {
      const refused = await this.offer();
      if (refused) this.onRefusal(refused);
    } catch {
      this.again("the server does not answer");
    }
  }

  /** One try; gives the answer that was no. */
  async offer() {
    const servers = await ask("api/ice-servers");
    if (!servers.ok) return servers;
    const connection = this.connection = new RTCPeerConnection({ iceServers: await servers.json() });
    const encodings = [{ maxBitrate: MOST_BITS }];
    connection.addTransceiver(this.stream.getVideoTracks()[0], {
      direction: "sendonly", streams: [this.stream], sendEncodings: encodings,
    });
    connection.addEventListener("connectionstatechange", () => this.onState(connection));
    await connection.setLocalDescription();
    await gathered(connection);
    if (this.stopped) return null;
    const response = await ask("whip", {
      method: "POST",
      headers: { "Content-Type": "application/sdp" },
      body: connection.localDescription.sdp,
    });
    if (response.status !== 201) return response;
    this.location = begunBy(response);
    if (this.stopped) return this.hangUp();
    await connection.setRemoteDescription({ type: "answer", sdp: quickly(await response.text()) });
    // The connection itself does not say that the other side hung up.
    const secure = connection.getSenders()[0].transport;
    secure?.addEventListener("statechange", () => {
      if (secure.state === "closed") this.onLoss(connection, "the server hung up");
    });
    this.watch(connection);
    return null;
  }

  async onRefusal(response) {
    const words = await refusal(response);
    if (this.stopped) return;
    const now = performance.now();
    const mayBeOurs = response.status === 409 && this.refusedSince !== null;
    if (PASSES.includes(response.status) || (mayBeOurs && now - this.refusedSince < REFUSED_FOR_MS)) this.again(words);
    else stop(words);
  }

  onState(connection) {
    if (connection !== this.connection || this.stopped) return;
    if (connection.connectionState === "connected") {
      this.heardAt = performance.now();
      this.refusedSince = null;
      say("your camera is being sent");
    }
    if (connection.connectionState === "failed") this.onLoss(connection, "the connection was lost");
  }

  onLoss(connection, words) {
    if (connection === this.connection) this.again(words);
  }

  /** Notices a dead line, whatever the browser says of it. */
  watch(connection) {
    this.heardAt = performance.now();
    let before = 0;
    clearInterval(this.watchdog);
    this.watchdog = setInterval(async () => {
      const counts = [...(await connection.getStats()).values()]
        .filter(({ type, bytesReceived }) => COUNT_BYTES.includes(type) && bytesReceived !== undefined);
      const received = counts.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);
      if (received > before || counts.length === 0) [before, this.heardAt] = [received, performance.now()];
      const patience = connection.connectionState === "connected" ? SILENT_MS : CONNECT_MS;
      if (performance.now() - this.heardAt > patience) {
        const isOpen = connection.connectionState === "connected";
        this.onLoss(connection, isOpen ? "the server does not answer" : "WebRTC does not come through (is UDP blocked?)");
      }
    }, 500);
  }

  again(words) {
    if (this.stopped) return;
    this.hangUp();
    this.refusedSince ??= performance.now();
    say(`${words}; it is tried again`);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { if (!this.stopped) this.connect(); }, ASK_AGAIN_MS);
  }

  hangUp() {
    clearInterval(this.watchdog);
    if (this.location) ask(this.location, { method: "DELETE", keepalive: true }).catch(() => {});
    this.location = null;
    this.connection?.close();
    this.connection = null;
    return null;
  }

  close() {
    this.stopped = true;
    clearTimeout(this.timer);
    this.hangUp();
    for (const track of this.stream?.getTracks() ?? []) track.stop();
  }
}

function say(words) {
  line.value = words;
}

/** Where nobody sends a camera, to send one is what there is to do: the button is large. */
function invite() {
  const invites = source !== null && sender === null && isAway;
  document.body.classList.toggle("invites", invites);
  button.classList.toggle("first", invites);
}

function start(resumed = false) {
  sender = new Sender();
  button.textContent = "Stop my camera";
  sessionStorage.setItem(REMEMBERED, chosen);
  invite();
  sender.start(resumed);
}

function stop(words = "") {
  sender?.close();
  sender = null;
  button.textContent = "Use my camera";
  sessionStorage.removeItem(REMEMBERED);
  say(words);
  invite();
}

/** Called when the server answers: shows the button where its source is what browsers send. */
export async function begin() {
  if (isKnown) return null;
  isKnown = true;
  const state = await ask("api/state").then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
  if (state === null) {
    isKnown = false;
    return null;
  }
  if (sender !== null) return null;
  source = state.source?.kind === "browser" ? state.source : null;
  bar.hidden = source === null;
  heed(state.condition);
  if (source === null) return null;
  if (navigator.mediaDevices) await listCameras().catch(() => {});
  const remembered = sessionStorage.getItem(REMEMBERED);
  if (remembered === null || sender !== null) return null;
  which.value = chosen = remembered;
  return start(true);
}

button.addEventListener("click", () => (sender === null ? start() : stop()));
which.addEventListener("change", () => {
  chosen = which.value;
  if (sender === null) return;
  stop();
  start(true);
});
navigator.mediaDevices?.addEventListener?.("devicechange", () => listCameras().catch(() => {}));
window.addEventListener("pagehide", () => sender?.hangUp());
window.addEventListener("pageshow", (event) => { if (event.persisted) sender?.again("connecting"); });
