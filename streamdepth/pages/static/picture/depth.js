// What the service answers in bytes: a depth map (NPY), and the colours of a heat map (PNG).

class Depth {
  constructor(values, width, height) {
    this.values = values;
    this.width = width;
    this.height = height;
    this.sorted = values.slice().sort();
  }

  /** The value at a point, in shares of width and height, and the share of all values below it. */
  at(x, y) {
    const column = Math.min(this.width - 1, Math.floor(x * this.width));
    const row = Math.min(this.height - 1, Math.floor(y * this.height));
    const value = this.values[row * this.width + column];
    let [low, high] = [0, this.sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sorted[middle] < value) low = middle + 1;
      else high = middle;
    }
    return { value, nearerThan: low / this.sorted.length };
  }
}

/** A file of NumPy (format 1.0) with float32 in two dimensions. */
export function readDepth(buffer) {
  const length = new DataView(buffer).getUint16(8, true);
  const head = new TextDecoder("latin1").decode(new Uint8Array(buffer, 10, length));
  const [, height, width] = head.match(/'shape': \((\d+), (\d+)\)/).map(Number);
  return new Depth(new Float32Array(buffer.slice(10 + length)), width, height);
}

/** The 256 colours of a PNG with a palette, as [red, green, blue]. */
export function readPalette(buffer) {
  const view = new DataView(buffer);
  for (let place = 8; place + 8 <= buffer.byteLength; place += 12 + view.getUint32(place)) {
    if (view.getUint32(place + 4) === 0x504c5445) {
      const bytes = new Uint8Array(buffer, place + 8, view.getUint32(place));
      return Array.from({ length: bytes.length / 3 }, (_, i) => [...bytes.slice(3 * i, 3 * i + 3)]);
    }
  }
  return [];
}
