// A picture and its heat map in one place: how much of each is seen, and the depth under the pointer.

const STEP = 0.02; // of the picture's side, with an arrow key
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Comparison {
  constructor(figure, split, output) {
    this.figure = figure;
    this.output = output;
    this.place = [0.5, 0.5];
    this.depth = null;
    this.addresses = [];
    [this.picture, this.heat] = figure.querySelectorAll("img");
    this.cross = figure.querySelector("#cross");
    const slide = () => figure.style.setProperty("--split", `${split.value}%`);
    split.addEventListener("input", slide);
    slide();
    for (const name of ["pointermove", "pointerdown"]) {
      figure.addEventListener(name, (event) => {
        const box = this.heat.getBoundingClientRect();
        this.read((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
      });
    }
    figure.addEventListener("keydown", (event) => {
      if (!(event.key in STEPS)) return;
      event.preventDefault();
      const [right, down] = STEPS[event.key];
      this.read(this.place[0] + right * STEP, this.place[1] + down * STEP);
    });
  }

  /** Shows a picture with its heat map; of a kind that the browser does not show, the heat map alone. */
  async show(picture, heat, depth) {
    this.addresses.forEach((address) => URL.revokeObjectURL(address));
    this.addresses = [picture, heat].map((blob) => URL.createObjectURL(blob));
    [this.picture.src, this.heat.src] = this.addresses;
    const canBeSeen = await this.picture.decode().then(() => true, () => false);
    await this.heat.decode();
    this.picture.hidden = !canBeSeen;
    this.figure.classList.toggle("alone", !canBeSeen);
    this.heat.style.clipPath = canBeSeen ? "" : "none";
    this.depth = depth;
    this.cross.hidden = true;
    this.output.textContent = "";
    this.figure.setAttribute("aria-label", "your picture, and over it the heat map of its depth: bright is near");
  }

  /** Tells the depth at a point, in shares of width and height. */
  read(x, y) {
    if (this.depth === null) return;
    this.place = [x, y].map((share) => Math.min(1, Math.max(0, share)));
    const { value, nearerThan } = this.depth.at(...this.place);
    this.output.textContent = `nearer than ${Math.round(100 * nearerThan)} % of the picture (value ${value.toFixed(2)})`;
    this.cross.hidden = false;
    this.cross.style.left = `${100 * this.place[0]}%`;
    this.cross.style.top = `${100 * this.place[1]}%`;
  }
}
