// Two latents as a plane to drag in, with a map of what they decode to behind.

const REACH = 3; // standard deviations to either side
const SIDE = 15; // images of the map, along a side
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** The plane of a model with two latents; hidden for others. */
export class Plane {
  constructor(box, go) {
    this.panel = box.closest("section");
    this.box = box;
    this.canvas = box.querySelector("canvas");
    this.dot = box.querySelector("div");
    this.go = go;
    box.addEventListener("pointerdown", (event) => {
      box.setPointerCapture(event.pointerId);
      this.#drag(event);
    });
    box.addEventListener("pointermove", (event) => {
      if (box.hasPointerCapture(event.pointerId)) this.#drag(event);
    });
    box.addEventListener("keydown", (event) => this.#key(event));
  }

  declare(latents) {
    this.latents = latents;
    this.panel.hidden = latents.mean.length !== 2;
  }

  show(code) {
    if (this.panel.hidden) return;
    this.code = code;
    const { mean, stddev } = this.latents;
    const [x, y] = [0, 1].map((i) => (code[i] - mean[i]) / stddev[i] / REACH);
    const share = (at) => `${50 + 50 * Math.min(1, Math.max(-1, at))}%`;
    this.dot.style.left = share(x);
    this.dot.style.top = share(-y);
    const said = `z1 ${code[0].toFixed(2)}, z2 ${code[1].toFixed(2)}`;
    this.box.setAttribute("aria-valuetext", said);
    this.box.setAttribute("aria-valuenow", code[0].toFixed(2));
  }

  /** Decodes the map, image by image, until another model takes the plane. */
  async map(space) {
    if (this.panel.hidden) return;
    const { width, height } = space;
    Object.assign(this.canvas, { width: SIDE * width, height: SIDE * height });
    for (let row = 0; row < SIDE; row++) {
      for (let column = 0; column < SIDE && this.latents === space.latents; column++) {
        const at = (i) => (2 * (i + 0.5)) / SIDE - 1;
        const { canvas } = await space.decode(this.#code(at(column), -at(row)));
        this.canvas.getContext("2d").drawImage(canvas, column * width, row * height);
      }
    }
  }

  #drag({ clientX, clientY }) {
    const { left, top, width, height } = this.box.getBoundingClientRect();
    const share = (at) => Math.min(1, Math.max(-1, at));
    const [x, y] = [(2 * (clientX - left)) / width - 1, 1 - (2 * (clientY - top)) / height];
    this.go(this.#code(share(x), share(y)));
  }

  #key(event) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const far = event.shiftKey ? 0.5 : 0.1;
    this.go(this.code.map((value, i) => value + far * step[i] * this.latents.stddev[i]));
  }

  /** The code at a place of the plane, -1 to 1 to the right and upward. */
  #code(x, y) {
    const { mean, stddev } = this.latents;
    return Float32Array.of(mean[0] + REACH * x * stddev[0], mean[1] + REACH * y * stddev[1]);
  }
}
