"""The page's tile loop is that of zoo/models/tiles.py. (Node runs it; no browser is needed.)"""

import json
import subprocess

import numpy as np
import pytest

from export.mobile.tiles import reduced
from export.web import page_folder
from tests.export.web.browsers import require_node
from zoo.models import tiles

SCRIPT = """
const [url, given] = process.argv.slice(1);
const { axis, restore } = await import(url);
const { sizes, spec } = JSON.parse(given);
const axes = sizes.map((size) => {
  const { length, starts, weights } = axis(size, spec);
  return { length, starts, weights: weights.map((w) => [...w]) };
});
const [height, width] = sizes;
const pixels = Uint8Array.from({ length: height * width * 3 }, (_, i) => (i * 37) % 256);
const enlarged = async ({ image }) => {  // each pixel repeated, as a model of this scale might
  const { side, scale } = spec;
  const out = new Float32Array((side * scale) ** 2 * 3);
  for (let i = 0; i < out.length; i++) {
    const y = Math.floor(i / 3 / side / scale / scale);
    const x = Math.floor((Math.floor(i / 3) % (side * scale)) / scale);
    out[i] = image[(y * side + x) * 3 + (i % 3)];
  }
  return out;
};
const planes = { image: { pixels, channels: 3 } };
const result = await restore(planes, { width, height }, spec, enlarged);
console.log(JSON.stringify({ axes, pixels: [...pixels], result: [...result.pixels] }));
"""


SEEN = """
const [url, given] = process.argv.slice(1);
const { restore } = await import(url);
const { sizes, spec, pixels } = JSON.parse(given);
const [height, width] = sizes;
const seen = [];
const run = async (inputs) => {
  seen.push({ whole: [...inputs.whole], box: [...inputs.box] });
  return inputs.image;
};
await restore({ image: { pixels, channels: 1 } }, { width, height }, spec, run);
console.log(JSON.stringify(seen));
"""


def run(sizes, **spec):
    return in_node(SCRIPT, sizes=sizes, spec=spec)


def in_node(script, **given):
    require_node()
    url = (page_folder.ROOT / "page/js/tiles.js").as_uri()
    command = ["node", "--input-type=module", "-e", script, url, json.dumps(given)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


@pytest.mark.parametrize(
    ("stride", "overlap", "scale"), [(4, 16, 1), (1, 6, 3), (8, 64, 1), (8, 32, 2), (1, 0, 1)]
)
def test_tiles_and_weights_are_those_of_python(stride, overlap, scale):
    sizes = [150, 203]
    done = run(sizes, side=64, stride=stride, overlap=overlap, scale=scale)
    for size, got in zip(sizes, done["axes"], strict=True):
        length = -(-size // stride) * stride
        # Tiles of a fixed side overlap by half of it at most; Python would make larger ones.
        want = tiles._Axis(length, 64, min(overlap, 32), stride, scale)
        assert (got["length"], got["starts"]) == (length, want.starts)
        np.testing.assert_allclose(got["weights"], want.weights, atol=1e-7)


@pytest.mark.parametrize("overlap", [0, 16])
@pytest.mark.parametrize("sizes", [[20, 150], [9, 5], [130, 64]])
def test_a_picture_of_any_size_comes_back_without_a_seam(sizes, overlap):
    done = run(sizes, side=64, stride=4, overlap=overlap, scale=2)
    pixels = np.array(done["pixels"]).reshape(*sizes, 3)
    enlarged = pixels.repeat(2, axis=0).repeat(2, axis=1)
    assert np.array_equal(np.array(done["result"]).reshape(enlarged.shape), enlarged)


def test_every_tile_is_told_of_the_whole_and_of_its_place(photograph):
    gray = photograph[:100, :150, :1]
    spec = {"side": 64, "stride": 1, "overlap": 0, "scale": 1, "whole": [1, 24, 32, 1]}
    pixels = gray.ravel().tolist()
    seen = in_node(SEEN, sizes=[100, 150], spec=spec, pixels=pixels)
    expected = reduced(gray, 24, 32).ravel() / 255
    for tile in seen:
        np.testing.assert_allclose(tile["whole"], expected, atol=0.51 / 255)
    starts = [(top, left) for top in (0, 36) for left in (0, 64, 86)]
    ends = [[t / 100, x / 150, (t + 64) / 100, (x + 64) / 150] for t, x in starts]
    np.testing.assert_allclose([tile["box"] for tile in seen], ends, atol=1e-6)
