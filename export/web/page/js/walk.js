// The straight way between the codes of two pictures.

const STOPS = 7; // pictures on the way

/** Two ends, a slider between them, and what lies on the way. */
export class Walk {
  constructor(box, go) {
    this.slider = box.querySelector("input");
    this.strip = box.querySelector(".strip");
    this.ends = { from: null, to: null };
    this.slider.addEventListener("input", () => go(this.#at(this.slider.value / 100)));
  }

  declare(space, from, to) {
    this.space = space;
    this.ends = { from, to };
    return this.#show();
  }

  /** Puts a picture {canvas, code} at an end, "from" or "to". */
  set(side, end) {
    this.ends[side] = end;
    return this.#show();
  }

  async #show() {
    const { width, height } = this.space;
    const mine = (this.shown = []);
    for (let i = 0; i < STOPS; i++) {
      const { canvas } = await this.space.decode(this.#at(i / (STOPS - 1)));
      mine.push(canvas);
    }
    if (this.shown !== mine) return; // an end has changed since
    const strip = Object.assign(this.strip, { width: STOPS * width, height });
    mine.forEach((canvas, i) => strip.getContext("2d").drawImage(canvas, i * width, 0));
  }

  #at(share) {
    const { from, to } = this.ends;
    return from.code.map((value, i) => (1 - share) * value + share * to.code[i]);
  }
}
