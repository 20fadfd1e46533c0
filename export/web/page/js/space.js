// A model's latent space: codes to images and back, and draws from it.

import { canvasToImage, imageToCanvas } from "./pixels.js";

/** An opened model with `decode` and `encode`, and maybe `sample`. Images are canvases. */
export class Space {
  constructor(engine, { signatures, latents }) {
    this.engine = engine;
    this.signatures = signatures;
    // {mean, stddev}: where codes lie; {order}: which latents tell most, or {groups}: how many
    // each level has.
    this.latents = latents;
    [this.height, this.width, this.channels] = signatures.decode.outputs.image.shape.slice(1);
  }

  /** The middle of the space. */
  get center() {
    return Float32Array.from(this.latents.mean);
  }

  /** The image at a code: {canvas, milliseconds}. */
  async decode(code) {
    const [name] = Object.keys(this.signatures.decode.inputs);
    const { outputs, milliseconds } = await this.engine.run("decode", { [name]: code });
    return { canvas: this.#canvas(outputs.image), milliseconds };
  }

  /** Where an image lies: the first thing that `encode` gives, a latent or its mean. */
  async encode(canvas) {
    const image = canvasToImage(canvas, this.channels);
    const { outputs } = await this.engine.run("encode", { image });
    return outputs[Object.keys(this.signatures.encode.outputs)[0]];
  }

  /** An image that the model makes up, and where it lies: {canvas, code}. */
  async draw() {
    const { mean, stddev } = this.latents;
    if (!this.signatures.sample) {
      const code = Float32Array.from(mean, (m, i) => m + stddev[i] * normal());
      return { canvas: (await this.decode(code)).canvas, code };
    }
    const drawn = {};
    for (const [name, { shape, range }] of Object.entries(this.signatures.sample.inputs)) {
      const count = shape.slice(1).reduce((a, b) => a * b, 1);
      // Noise has no range; what has one is uniform, such as the choice of a component.
      const value = () => (range ? range[0] + Math.random() * (range[1] - range[0]) : normal());
      drawn[name] = Float32Array.from({ length: count }, value);
    }
    const { outputs } = await this.engine.run("sample", drawn);
    const canvas = this.#canvas(outputs.image);
    return { canvas, code: await this.encode(canvas) };
  }

  #canvas(values) {
    return imageToCanvas(values, [this.height, this.width, this.channels]);
  }
}

/** One draw from the standard normal distribution (Box and Muller 1958). */
function normal() {
  const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
  return radius * Math.cos(2 * Math.PI * Math.random());
}
