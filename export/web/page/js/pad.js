// A pad to draw on, white on black: what is drawn is encoded at the end of each stroke.

import { Brush } from "./brush.js";
import { canvasOf, contextOf } from "./pixels.js";

const ZOOM = 10; // pixels of the pad for one of the image

/** The pad, for models of gray images; `drawn` gets what is drawn, on black. */
export class Pad {
  constructor(canvas, cursor, drawn) {
    this.panel = canvas.closest("section");
    this.brush = new Brush(canvas, cursor, "white");
    this.brush.onstroke = () => drawn(this.#onBlack());
  }

  declare({ width, height, channels }) {
    this.panel.hidden = channels !== 1;
    this.brush.diameter = (ZOOM * Math.min(width, height)) / 12;
    this.brush.resize(ZOOM * width, ZOOM * height);
  }

  clear() {
    this.brush.clear();
  }

  #onBlack() {
    const { width, height } = this.brush.canvas;
    const canvas = canvasOf(width, height);
    contextOf(canvas).fillRect(0, 0, width, height);
    contextOf(canvas).drawImage(this.brush.canvas, 0, 0);
    return canvas;
  }
}
