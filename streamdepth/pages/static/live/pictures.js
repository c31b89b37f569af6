// The stream as single pictures over HTTP, for where WebRTC does not come through.

import { ask, addressWithToken } from "./server.js";
import { Latency, Line, ServerClock } from "./statistics.js";

const ASK_EVERY_MS = 1000;
const SLEPT_MS = 4000; // the server has hung up on who reads nothing for so long
const STILL_MS = 5000; // browsers do not say that such a stream has ended: what stands still so long is loaded again
const SAMPLED = [64, 36]; // pixels by which it is seen to stand still
const MOST_UNANSWERED = 3;

/** Shows them in `image`. `onFigures` is called once a second, `onEnd` once, with words. */
export class Pictures {
  constructor(image, { onFigures, onEnd }) {
    this.image = image;
    this.handlers = { onFigures, onEnd };
    this.clock = new ServerClock();
    this.latency = new Latency(this.clock);
    this.line = new Line(null);
    this.ended = false;
    this.unanswered = 0;
    this.askedAt = performance.now();
    this.broken = false; // the server had no place
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = SAMPLED;
    this.sample = canvas.getContext("2d", { willReadFrequently: true });
    image.onerror = () => { this.broken = true; };
    this.load();
    image.hidden = false;
    this.timer = setInterval(() => this.look(), ASK_EVERY_MS);
    this.look();
  }

  load() {
    this.broken = false;
    this.movedAt = performance.now();
    this.image.src = addressWithToken("stream.mjpg", Date.now());
  }

  async look() {
    const now = performance.now();
    if (this.isNew()) this.movedAt = now;
    if (this.broken || now - this.askedAt > SLEPT_MS || now - this.movedAt > STILL_MS) this.load();
    this.askedAt = now;
    const answer = await ask("api/state").catch(() => null);
    const state = answer?.ok ? await answer.json().catch(() => null) : null;
    if (this.ended) return;
    if (state) {
      this.unanswered = 0;
      this.handlers.onFigures(state);
    } else if (++this.unanswered >= MOST_UNANSWERED) {
      this.end("the server does not answer; this page tries again");
    }
  }

  /** Whether another picture is shown than a look before. */
  isNew() {
    if (!this.image.naturalWidth) return false;
    const [width, height] = SAMPLED;
    this.sample.drawImage(this.image, 0, 0, width, height);
    const before = this.seen;
    this.seen = this.sample.getImageData(0, 0, width, height).data.join();
    return this.seen !== before;
  }

  end(words) {
    if (this.ended) return;
    this.ended = true;
    clearInterval(this.timer);
    this.image.hidden = true;
    this.image.onerror = null;
    this.image.removeAttribute("src");
    this.handlers.onEnd(words);
  }
}
