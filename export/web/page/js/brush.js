// Painting on a canvas by mouse, finger, pen or keyboard.

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Paints on a canvas.
 *
 * Arrow keys move the brush (with Shift by more), and Space held down paints.
 *
 * diameter: of the brush, in pixels of the canvas.
 * erasing: whether it takes paint away.
 * onstroke: called after each stroke.
 */
export class Brush {
  diameter = 24;
  erasing = false;
  onstroke = () => {};
  #painting = false;

  constructor(canvas, cursor, color) {
    this.canvas = canvas;
    this.cursor = cursor;
    this.color = color;
    this.resize(canvas.width, canvas.height);
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.#begin(this.#place(event));
    });
    canvas.addEventListener("pointermove", (event) => {
      for (const part of event.getCoalescedEvents?.() ?? [event]) this.#go(this.#place(part));
    });
    for (const name of ["pointerup", "pointercancel", "blur"]) {
      canvas.addEventListener(name, () => this.#end());
    }
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("keyup", (event) => event.key === " " && this.#end());
  }

  /** Gives the canvas another size, empty. */
  resize(width, height) {
    Object.assign(this.canvas, { width, height });
    this.at = [width / 2, height / 2];
    this.#show();
  }

  clear() {
    this.resize(this.canvas.width, this.canvas.height);
  }

  #key(event) {
    const step = ARROWS[event.key];
    if (step) {
      const far = (this.diameter / 2) * (event.shiftKey ? 4 : 1);
      const { width, height } = this.canvas;
      const [x, y] = [this.at[0] + far * step[0], this.at[1] + far * step[1]];
      this.#go([Math.min(width, Math.max(0, x)), Math.min(height, Math.max(0, y))]);
    } else if (event.key !== " ") return;
    else if (!this.#painting) this.#begin(this.at);
    event.preventDefault(); // the page would scroll
  }

  #begin(place) {
    this.#painting = true;
    this.at = place;
    this.#go(place);
  }

  #go(place) {
    if (this.#painting) {
      const context = this.canvas.getContext("2d", { willReadFrequently: true });
      context.globalCompositeOperation = this.erasing ? "destination-out" : "source-over";
      context.strokeStyle = this.color;
      context.lineCap = context.lineJoin = "round";
      context.lineWidth = this.diameter;
      context.beginPath();
      context.moveTo(...this.at);
      context.lineTo(...place);
      context.stroke();
    }
    this.at = place;
    this.#show();
  }

  #end() {
    if (this.#painting) this.onstroke();
    this.#painting = false;
  }

  #place({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    const zoom = this.canvas.width / box.width;
    return [(clientX - box.left) * zoom, (clientY - box.top) * zoom];
  }

  #show() {
    const { width, height } = this.canvas;
    this.cursor.style.left = `${(100 * this.at[0]) / width}%`;
    this.cursor.style.top = `${(100 * this.at[1]) / height}%`;
    this.cursor.style.width = `${(100 * this.diameter) / width}%`;
  }
}
