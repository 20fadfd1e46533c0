// Pictures as the browser has them (canvases, RGBA) and as models take them (gray or RGB).

/** A canvas of this size. */
export function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

/** A canvas's context, for pixels that are read back. */
export function contextOf(canvas) {
  return canvas.getContext("2d", { willReadFrequently: true });
}

/** Decodes a picture's file, upright as the camera meant it. */
export async function decode(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    const name = file.name ? `“${file.name}”` : "This file";
    // Some browsers know the type of a phone's pictures, and few can decode them.
    const isHeic = /\.hei[cf]$/i.test(file.name ?? "") || /^image\/hei[cf]/.test(file.type);
    throw new Error(
      isHeic
        ? `${name} is HEIC, which this browser cannot read: save it as JPEG, and take that.`
        : `${name} cannot be read as a picture. PNG, JPEG, WebP and GIF work.`,
    );
  }
}

/** Draws a picture on white, at its own size, or cut in its middle or squeezed to fill another. */
export function drawn(image, width = image.width, height = image.height, squeeze = false) {
  const canvas = canvasOf(width, height);
  const context = contextOf(canvas);
  context.fillStyle = "white"; // what shows through
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  const zoom = Math.max(width / image.width, height / image.height);
  const [w, h] = [image.width * zoom, image.height * zoom];
  if (squeeze) context.drawImage(image, 0, 0, width, height);
  else context.drawImage(image, (width - w) / 2, (height - h) / 2, w, h);
  return canvas;
}

/** One canvas over another of its size: at strength 0 the lower, at 1 the upper one. */
export function mixed(lower, upper, strength) {
  if (strength === 1) return upper;
  const canvas = drawn(lower);
  const context = contextOf(canvas);
  context.globalAlpha = strength;
  context.drawImage(upper, 0, 0);
  return canvas;
}

/** A canvas's pixels as RGBA. */
export function rgbaOf(canvas) {
  return contextOf(canvas).getImageData(0, 0, canvas.width, canvas.height).data;
}

/** RGBA to `channels`: 3 as they are, 1 by BT.601 luma, as the zoo does it. */
export function toChannels(rgba, channels) {
  const pixels = new Uint8ClampedArray((rgba.length / 4) * channels);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += channels) {
    if (channels === 1) pixels[to] = luma(rgba, from);
    else for (let c = 0; c < 3; c++) pixels[to + c] = rgba[from + c];
  }
  return { pixels, channels };
}

/** Whether a picture has no color at all. */
export function isGray(rgba) {
  for (let i = 0; i < rgba.length; i += 4) {
    if (rgba[i] !== rgba[i + 1] || rgba[i] !== rgba[i + 2]) return false;
  }
  return true;
}

/** Gray or RGB pixels of 8 bits on a canvas; `gray` takes the color away. */
export function toCanvas({ pixels, channels, width, height }, gray = false) {
  const image = new ImageData(width, height);
  const rgba = image.data;
  for (let from = 0, to = 0; to < rgba.length; from += channels, to += 4) {
    const value = channels === 3 && gray ? luma(pixels, from) : pixels[from];
    for (let c = 0; c < 3; c++) rgba[to + c] = channels === 3 && !gray ? pixels[from + c] : value;
    rgba[to + 3] = 255;
  }
  const canvas = canvasOf(width, height);
  contextOf(canvas).putImageData(image, 0, 0);
  return canvas;
}

/** A model's image, Float32Array in [0, 1], on a canvas. */
export function imageToCanvas(values, [height, width, channels]) {
  return toCanvas({ pixels: Uint8ClampedArray.from(values, (x) => x * 255), channels, width, height });
}

/** A canvas as a model's image: Float32Array [height, width, channels] in [0, 1]. */
export function canvasToImage(canvas, channels) {
  return Float32Array.from(toChannels(rgbaOf(canvas), channels).pixels, (x) => x / 255);
}

function luma(pixels, at) {
  return 0.299 * pixels[at] + 0.587 * pixels[at + 1] + 0.114 * pixels[at + 2];
}
