// Restores a picture of any size in overlapping tiles: zoo/models/tiles.py, for tiles of a fixed side.

/**
 * Runs `run` over every tile and blends what it gives.
 *
 * planes: {name: {pixels, channels}}, pixels of 8 bits, each `width` times `height`.
 * size: {width, height}.
 * spec: {side, stride, overlap, scale} of the model; {whole: [1, height, width, channels]} of one
 * that is told of the whole picture, reduced, and of each tile's place in it.
 * run: async ({name: Float32Array [side, side, channels]}) => Float32Array of one tile.
 * options: progress(done, total) after each tile; an AbortSignal as `signal`.
 *
 * Gives {pixels, channels, width, height}, `scale` times as large.
 */
export async function restore(planes, { width, height }, spec, run, options = {}) {
  const { progress = () => {}, signal } = options;
  const { scale } = spec;
  const rows = axis(height, spec);
  const columns = axis(width, spec);
  const total = rows.starts.length * columns.starts.length;
  const outWidth = columns.length * scale;
  const seen = spec.whole && { whole: reduced(planes.image, width, height, spec.whole) };
  let band, result, channels;
  let done = 0;
  progress(0, total);
  for (let i = 0; i < rows.starts.length; i++) {
    const top = rows.starts[i];
    for (let j = 0; j < columns.starts.length; j++) {
      const inputs = { ...seen };
      for (const [name, plane] of Object.entries(planes)) {
        inputs[name] = cut(plane, width, height, columns.starts[j], top, spec.side);
      }
      if (seen) {
        const left = columns.starts[j];
        const ends = [top, left, top + spec.side, left + spec.side];
        inputs.box = Float32Array.from(ends, (end, k) => end / (k % 2 ? width : height));
      }
      const tile = await run(inputs);
      signal?.throwIfAborted();
      channels ??= tile.length / (spec.side * scale) ** 2;
      band ??= new Float32Array(spec.side * scale * outWidth * channels);
      result ??= new Uint8ClampedArray(width * scale * height * scale * channels);
      const left = columns.starts[j] * scale;
      add(band, tile, rows.weights[i], columns.weights[j], left, outWidth, channels);
      progress(++done, total);
    }
    // Rows above the next tile's top are final; the others wait for its share.
    const last = i + 1 === rows.starts.length;
    const ready = (last ? spec.side : rows.starts[i + 1] - top) * scale;
    const kept = width * scale * channels;
    for (let y = 0; y < Math.min(ready, (height - top) * scale); y++) {
      const from = y * outWidth * channels;
      for (let x = 0, to = (top * scale + y) * kept; x < kept; x++) {
        result[to + x] = band[from + x] * 255; // rounds and cuts to 0 to 255
      }
    }
    band.copyWithin(0, ready * outWidth * channels);
    band.fill(0, band.length - ready * outWidth * channels);
  }
  return { pixels: result, channels, width: width * scale, height: height * scale };
}

/**
 * Where tiles start along one side, and weights that sum to one at every pixel.
 *
 * A picture shorter than a tile is one tile, mirrored to fill it.
 */
export function axis(pixels, { side, stride, overlap, scale }) {
  const length = Math.max(Math.ceil(pixels / stride) * stride, side);
  // Tiles have a fixed side here: where it is short, they share less.
  const shared = Math.min(overlap, Math.floor(side / 2 / stride) * stride);
  const step = Math.max(side - shared, stride);
  const starts = [];
  for (let start = 0; start < length - side; start += step) starts.push(start);
  starts.push(length - side);
  const ramps = starts.map((start) => ramp(start, length, side, shared, scale));
  const total = new Float64Array(length * scale);
  starts.forEach((start, i) => ramps[i].forEach((w, k) => (total[start * scale + k] += w)));
  const weights = starts.map((start, i) =>
    Float32Array.from(ramps[i], (w, k) => w / total[start * scale + k]),
  );
  return { length, starts, weights };
}

/** Zero for a quarter of the overlap, a slope for half of it, then one. */
function ramp(start, length, side, overlap, scale) {
  const size = side * scale;
  const slope = Math.max((overlap * scale) / 2, 0.5); // some weight everywhere without overlap
  const rise = (k) => Math.min(1, Math.max(0, (k + 0.5 - slope / 2) / slope));
  return Float64Array.from({ length: size }, (_, k) => {
    const before = start === 0 ? 1 : rise(k);
    const after = start + side === length ? 1 : rise(size - 1 - k);
    return Math.min(before, after);
  });
}

/** A tile in [0, 1]; beyond the picture's edges it is mirrored. */
function cut({ pixels, channels }, width, height, left, top, side) {
  const tile = new Float32Array(side * side * channels);
  for (let y = 0, to = 0; y < side; y++) {
    const row = mirrored(top + y, height) * width;
    for (let x = 0; x < side; x++) {
      const from = (row + mirrored(left + x, width)) * channels;
      for (let c = 0; c < channels; c++) tile[to++] = pixels[from + c] / 255;
    }
  }
  return tile;
}

/** A picture made smaller, in [0, 1]: bilinear, with antialiasing. */
export function reduced({ pixels, channels }, width, height, [, rows, columns]) {
  const [down, across] = [shares(height, rows), shares(width, columns)];
  const small = new Float32Array(rows * columns * channels);
  down.forEach((row, y) => {
    const sums = new Float64Array(width * channels);
    for (const [from, share] of row) {
      const line = from * width * channels;
      for (let x = 0; x < sums.length; x++) sums[x] += share * pixels[line + x];
    }
    across.forEach((column, x) => {
      for (let c = 0; c < channels; c++) {
        const level = column.reduce((sum, [from, share]) => sum + share * sums[from * channels + c], 0);
        small[(y * columns + x) * channels + c] = level / 255;
      }
    });
  });
  return small;
}

/** Of which of `length` pixels each of `count` is made, and how much of it each is. */
function shares(length, count) {
  const ratio = length / count;
  return Array.from({ length: count }, (_, i) => {
    const place = Math.min(Math.max((i + 0.5) * ratio - 0.5, 0), length - 1);
    const near = Array.from({ length }, (_, k) => [k, 1 - Math.abs(place - k) / Math.max(ratio, 1)])
      .filter(([, share]) => share > 0);
    const sum = near.reduce((total, [, share]) => total + share, 0);
    return near.map(([k, share]) => [k, share / sum]);
  });
}

function mirrored(i, length) {
  const k = i % (2 * length);
  return k < length ? k : 2 * length - 1 - k;
}

function add(band, tile, rows, columns, left, outWidth, channels) {
  for (let y = 0, from = 0; y < rows.length; y++) {
    let to = (y * outWidth + left) * channels;
    for (let x = 0; x < columns.length; x++) {
      const weight = Math.fround(rows[y] * columns[x]);
      for (let c = 0; c < channels; c++) band[to++] += weight * tile[from++];
    }
  }
}
