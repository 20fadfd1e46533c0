// One picture through a model's `detect` signature: where it is not like the good ones.

import { contextOf, drawn, imageToCanvas, isGray, rgbaOf, toCanvas, toChannels } from "./pixels.js";
import { reduced } from "./tiles.js";

const GLOW = [255, 32, 0];

/**
 * Looks for defects in a canvas; see `restored` in restoring.js for the arguments.
 *
 * Gives {before, after, faded, times, verdict}: the picture, the same glowing where it is hot, and
 * a line about its score.
 */
export async function detected(canvas, { signature, tensors }, inputs, engine, signal) {
  const { width, height } = canvas;
  const { shape } = tensors.image;
  const rgba = rgbaOf(canvas);
  const plane = toChannels(rgba, shape.at(-1));
  const image = reduced(plane, width, height, shape);
  const { outputs, milliseconds } = await engine.run(signature, { image });
  signal.throwIfAborted();
  const faded = shape.at(-1) === 1 && !isGray(rgba);
  const before = faded ? toCanvas({ ...plane, width, height }) : canvas;
  const score = outputs.score[0].toFixed(3);
  const verdict = outputs.defective[0] > 0.5 ? "not like the good ones" : "like the good ones";
  return {
    before,
    after: glowing(before, imageToCanvas(outputs.heat, [...shape.slice(1, 3), 1])),
    faded,
    times: [milliseconds],
    verdict: `${verdict}, score ${score}`,
  };
}

/** A picture that glows where it is hot, as zoo/detection/pictures.py has it. */
function glowing(picture, heat) {
  const shown = drawn(picture);
  const { width, height } = shown;
  const hot = drawn(heat, width, height, true);
  const shares = rgbaOf(hot);
  const context = contextOf(shown);
  const image = context.getImageData(0, 0, width, height);
  for (let i = 0; i < image.data.length; i += 4) {
    const share = 0.75 * Math.max(0, (2 * shares[i]) / 255 - 1); // a half is usual for good ones
    for (let c = 0; c < 3; c++) image.data[i + c] += share * (GLOW[c] - image.data[i + c]);
  }
  context.putImageData(image, 0, 0);
  return shown;
}
