// Runs models off the main thread. A classic script, since LiteRT.js loads its own by
// importScripts; `base`, the page's folder, is set by engine.js.

const WASM = base + "litert/wasm/";
const AGREE = 1 / 255; // how far a GPU may be from WebAssembly
let litert; // a promise of the library
let compiled = {}; // signature -> {runner, quantized}

/** Loads LiteRT.js once: with threads where the page is isolated from others. */
async function load() {
  const library = await import(base + "litert/core.js");
  const place = () => {
    self.Module = {
      locateFile: (file) => WASM + file,
      mainScriptUrlOrBlob: WASM + "litert_wasm_threaded_internal.js",
    };
  };
  place();
  try {
    await library.loadLiteRt(WASM, { threads: self.crossOriginIsolated });
  } catch (error) {
    if (!self.crossOriginIsolated) throw error;
    place();
    await library.loadLiteRt(WASM); // an old browser: isolated, but without relaxed SIMD
  }
  return library;
}

/**
 * Compiles files for one backend, or for the faster one that can be trusted.
 *
 * files: [{bytes, signatures}], of which signatures say how each tensor is quantized.
 * backend: "wasm", "webgpu" or "".
 */
async function open({ files, backend }) {
  litert ??= load();
  const library = await litert.catch((error) => {
    litert = undefined;
    throw error;
  });
  for (const { model } of Object.values(compiled)) model.delete();
  compiled = {};
  const used = new Set();
  for (const file of files) {
    const model = await best(library, file, backend);
    used.add(model.options.accelerator);
    for (const [name, tensors] of Object.entries(file.signatures)) {
      compiled[name] = { model, runner: model.signatures[name], tensors };
    }
  }
  const threads = library.getGlobalLiteRt().liteRtWasm.getThreadCount();
  return { backend: used.has("webgpu") ? "webgpu" : "wasm", threads };
}

async function best(library, file, backend) {
  const compile = (accelerator) =>
    library.loadAndCompile(file.bytes, { accelerator, gpuOptions: { precision: "fp32" } });
  if (!library.getWebGpuDevice() || backend === "wasm") return compile("wasm");
  const gpu = await compile("webgpu").catch(() => null);
  if (backend === "webgpu" && gpu) return gpu;
  const cpu = await compile("wasm");
  if (gpu?.isFullyAccelerated && (await wins(library, gpu, cpu, file).catch(() => false))) {
    cpu.delete();
    return gpu;
  }
  gpu?.delete();
  return cpu;
}

/** Whether the GPU gives the same images as WebAssembly, and sooner: drivers differ. */
async function wins(library, gpu, cpu, file) {
  const [name, tensors] = Object.entries(file.signatures)[0];
  const given = {};
  for (const { name: input, shape } of cpu.signatures[name].getInputDetails()) {
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    given[input] = values.map((_, i) => (i * 0.618) % 1);
  }
  const tried = [];
  for (const model of [cpu, gpu]) {
    await run(library, model.signatures[name], tensors, given); // the first is slow
    tried.push(await run(library, model.signatures[name], tensors, given));
  }
  const [a, b] = tried;
  const same = Object.entries(a.outputs).every(([key, values]) =>
    values.every((value, i) => Math.abs(value - b.outputs[key][i]) <= AGREE),
  );
  return same && b.milliseconds < a.milliseconds;
}

/** Real numbers in, real numbers out: {name: Float32Array}, whatever the file stores. */
async function run(library, runner, tensors, inputs) {
  const started = performance.now();
  const given = {};
  for (const { name, shape } of runner.getInputDetails()) {
    const values = quantized(inputs[name], tensors.inputs[name]);
    given[name] = library.Tensor.fromTypedArray(values, [...shape]);
  }
  const outputs = {};
  try {
    const results = await runner.run(given);
    for (const [name, tensor] of Object.entries(results)) {
      outputs[name] = real(await tensor.data(), tensors.outputs[name]);
      tensor.delete();
    }
  } finally {
    for (const tensor of Object.values(given)) tensor.delete();
  }
  return { outputs, milliseconds: performance.now() - started };
}

function quantized(values, { dtype, scale, zero_point: zero }) {
  if (dtype === "float32") return values;
  return Uint8Array.from(values, (x) => Math.min(255, Math.max(0, Math.round(x / scale + zero))));
}

function real(values, { dtype, scale, zero_point: zero }) {
  if (dtype === "float32") return values;
  return Float32Array.from(values, (x) => scale * (x - zero));
}

async function answer({ id, open: files, signature, inputs }) {
  try {
    const { runner, tensors } = compiled[signature] ?? {};
    const answer = files ? await open(files) : await run(await litert, runner, tensors, inputs);
    self.postMessage({ id, answer });
  } catch (error) {
    self.postMessage({ id, error: String(error?.message ?? error) });
  }
}

let queue = Promise.resolve(); // a model must not be closed while a GPU still runs it
self.onmessage = ({ data }) => {
  queue = queue.then(() => answer(data));
};
