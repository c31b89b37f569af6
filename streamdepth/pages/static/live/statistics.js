// Figures that only the page can know: how old its picture is when it is seen, and how the line does.

const KEPT_MS = 5000; // figures are of the last seconds
const MOST_SEEN = 600;
const CLOCK_KEPT_MS = 60_000; // two clocks drift apart by less than a few milliseconds in that time
const TICKS_PER_MS = 90; // of RTP timestamps of video (RFC 3551)

/** What the server's clock shows, by the answer that took the shortest way (as NTP does, RFC 5905). */
export class ServerClock {
  #samples = [];

  /** The server answered at its time `clockMs` what was asked here at `sentAt`; `now` and that are of this page. */
  answered(sentAt, clockMs, now) {
    const roundTrip = now - sentAt;
    this.#samples = this.#samples.filter((sample) => now - sample.now < CLOCK_KEPT_MS);
    this.#samples.push({ now, roundTrip, ahead: clockMs - (sentAt + now) / 2 });
  }

  get #best() {
    return this.#samples.reduce((best, one) => (best && best.roundTrip <= one.roundTrip ? best : one), null);
  }

  /** Milliseconds there and back, at best; null before the first answer. */
  get roundTrip() {
    return this.#best?.roundTrip ?? null;
  }

  /** The server's time when this page's is `ms`; null while that is not known. */
  at(ms) {
    return this.#best === null ? null : this.#best.ahead + ms;
  }
}

/** From the capture of a picture to its being seen here, by its RTP timestamp, which says when it was captured. */
export class Latency {
  #clock;
  #stamp = null;
  #seen = [];

  constructor(clock) {
    this.#clock = clock;
  }

  /** The server tells which moment of its clock one timestamp stands for; all others follow from it. */
  learn(stamp) {
    this.#stamp = stamp;
  }

  /** A picture will be seen; `metadata` as requestVideoFrameCallback gives it. Not every browser tells the timestamp. */
  see({ rtpTimestamp, expectedDisplayTime }) {
    const shownAt = this.#clock.at(expectedDisplayTime);
    if (rtpTimestamp === undefined || this.#stamp === null || shownAt === null) return;
    const ticks = (rtpTimestamp - this.#stamp.rtp) | 0; // timestamps begin anew after 2^32
    const capturedAt = this.#stamp.captured_ms + ticks / TICKS_PER_MS;
    this.#seen.push({ at: expectedDisplayTime, ms: shownAt - capturedAt });
    if (this.#seen.length > MOST_SEEN) this.#seen.shift();
  }

  /** Median and 95th percentile over the last seconds, in milliseconds; null where nothing is known. */
  percentiles(now) {
    this.#seen = this.#seen.filter((one) => now - one.at < KEPT_MS);
    if (this.#seen.length === 0) return null;
    const sorted = this.#seen.map((one) => one.ms).sort((a, b) => a - b);
    const rank = (share) => sorted[Math.round((sorted.length - 1) * share)];
    return { p50: rank(0.5), p95: rank(0.95) };
  }
}

/** What the browser counts of one connection, as rates over the last seconds. */
export class Line {
  #connection;
  #counts = [];

  constructor(connection) {
    this.#connection = connection;
  }

  /** Reads the counters; null before anything was received, and where there is no connection. */
  async figures() {
    if (this.#connection === null) return null;
    const report = await this.#connection.getStats();
    const all = [...report.values()];
    const video = all.find((one) => one.type === "inbound-rtp" && one.kind === "video");
    if (video === undefined) return null;
    this.#counts = this.#counts.filter((one) => video.timestamp - one.timestamp < KEPT_MS);
    this.#counts.push(video);
    const first = this.#counts[0];
    const since = (name) => (video[name] ?? 0) - (first[name] ?? 0);
    const seconds = since("timestamp") / 1000;
    const pair = all.find((one) => one.type === "candidate-pair" && one.nominated && one.state === "succeeded");
    const packets = since("packetsReceived") + since("packetsLost");
    return {
      pictures: seconds > 0 ? since("framesDecoded") / seconds : null,
      bits: seconds > 0 ? (since("bytesReceived") * 8) / seconds : null,
      lostShare: packets > 0 ? Math.max(0, since("packetsLost")) / packets : 0,
      lost: video.packetsLost ?? 0,
      dropped: video.framesDropped ?? 0,
      freezes: video.freezeCount,
      buffered: since("jitterBufferEmittedCount") > 0
        ? (since("jitterBufferDelay") / since("jitterBufferEmittedCount")) * 1000
        : null,
      relayed: report.get(pair?.remoteCandidateId)?.candidateType === "relay"
        || report.get(pair?.localCandidateId)?.candidateType === "relay",
    };
  }
}
