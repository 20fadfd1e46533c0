// What a restoring model takes beside the picture: a mask by brush, numbers by sliders.

import { Brush } from "./brush.js";
import { rgbaOf } from "./pixels.js";

const find = (id) => document.getElementById(id);

/** The controls of a model's other inputs, made from its declaration. */
export class Inputs {
  #sliders = new Map();
  #declared = {};

  constructor() {
    this.brush = new Brush(find("mask"), find("cursor"), "rgb(255 64 96)");
    find("diameter").addEventListener("input", () => this.#size());
    find("brush").addEventListener("change", () => {
      this.brush.erasing = find("erase").checked;
    });
    find("clear").addEventListener("click", () => this.brush.clear());
  }

  get masked() {
    return "mask" in this.#declared;
  }

  /** Shows the controls for {name: tensor}; `changed` is called when a number has changed. */
  declare(tensors, changed) {
    const { image, ...others } = tensors;
    this.#declared = others;
    this.#sliders.clear();
    find("brush").hidden = !this.masked;
    const rows = Object.entries(others).filter(([name]) => name !== "mask");
    find("sliders").replaceChildren(
      ...rows.map(([name, { range, meaning }]) => {
        const [low, high] = range;
        const slider = Object.assign(document.createElement("input"), { type: "range", min: low });
        Object.assign(slider, { max: high, step: (high - low) / 100, value: (low + high) / 2 });
        const shown = document.createElement("output");
        const show = () => (shown.textContent = Number(slider.value).toPrecision(3));
        slider.addEventListener("input", show);
        slider.addEventListener("change", changed);
        show();
        this.#sliders.set(name, slider);
        const row = document.createElement("label");
        row.append(`${name}: ${meaning}`, shown, slider);
        return row;
      }),
    );
  }

  /** Fits the brush to a picture; `mask`, where given, is painted already. */
  fit(width, height, mask = null) {
    this.brush.resize(width, height);
    this.#size();
    if (!mask) return;
    const context = find("mask").getContext("2d");
    const painted = context.createImageData(width, height);
    rgbaOf(mask).forEach((value, i) => {
      if (i % 4 === 0 && value > 127) painted.data.set([255, 64, 96, 255], i);
    });
    context.putImageData(painted, 0, 0);
  }

  /** The mask as {pixels, channels}, 255 where the model is to fill in. */
  mask() {
    const rgba = rgbaOf(find("mask"));
    const pixels = new Uint8Array(rgba.length / 4);
    for (let i = 0; i < pixels.length; i++) pixels[i] = rgba[4 * i + 3] > 127 ? 255 : 0;
    if (!pixels.includes(255)) throw new Error("Nothing is painted yet: paint over what is to go.");
    if (!pixels.includes(0)) throw new Error("All is painted over: leave something to go by.");
    return { pixels, channels: 1 };
  }

  /** The sliders' values, each over its whole tensor: {name: Float32Array}. */
  numbers(tensors) {
    const filled = ([name, slider]) => [
      name,
      new Float32Array(tensors[name].shape.reduce((a, b) => a * b, 1)).fill(slider.value),
    ];
    return Object.fromEntries([...this.#sliders].map(filled));
  }

  #size() {
    const { width, height } = find("mask");
    this.brush.diameter = Math.max(1, (find("diameter").value / 100) * Math.min(width, height));
    this.brush.cursor.style.width = `${(100 * this.brush.diameter) / width}%`;
  }
}
