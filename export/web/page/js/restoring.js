// One picture through a model's `restore` signature: channels, tiles, and the time they take.

import { isGray, rgbaOf, toCanvas, toChannels } from "./pixels.js";
import * as status from "./status.js";
import { restore } from "./tiles.js";

/**
 * Restores a canvas.
 *
 * model: see models.js; signature: which restores; tensors: what its file says of its inputs.
 * inputs: the controls of what the model takes beside the picture.
 * engine: has opened the model.
 * signal: of an AbortController.
 *
 * Gives {before, after, faded, times}: canvases, the first as the model saw it; whether a colored
 * picture became gray; milliseconds of each tile.
 */
export async function restored(canvas, { model, signature, tensors }, inputs, engine, signal) {
  const { width, height } = canvas;
  const { inputs: takes, outputs: gives } = model.signatures.restore;
  const channels = takes.image.shape.at(-1);
  const rgba = rgbaOf(canvas);
  const gray = isGray(rgba);
  const planes = { image: toChannels(rgba, channels) };
  if (inputs.masked) planes.mask = inputs.mask();
  const numbers = inputs.numbers(tensors);
  const times = [];
  const run = async (given) => {
    const { outputs, milliseconds } = await engine.run(signature, { ...given, ...numbers });
    times.push(milliseconds);
    return outputs.image;
  };
  const progress = (done, total) =>
    status.progress(`${model.run}: tile ${done} of ${total}`, done / total);
  const spec = { ...model, side: tensors.image.shape[1], whole: tensors.whole?.shape };
  const made = await restore(planes, { width, height }, spec, run, { progress, signal });
  const seen = channels === 1 && !gray;
  return {
    before: seen ? toCanvas({ ...planes.image, width, height }) : canvas,
    after: toCanvas(made, gray && channels === 3),
    faded: seen && gives.image.shape.at(-1) === 1,
    times,
  };
}
