// What a page tells: an error, a hint, progress, and the figures below the picture.

const find = (id) => document.getElementById(id);

/** Shows an error until the next action begins. */
export function fail(error) {
  find("message").textContent = error?.message ?? String(error);
  find("message").hidden = false;
}

/** Takes an old error away. */
export function clear() {
  find("message").hidden = true;
}

/** A remark of no alarm, such as what was done to a picture; "" takes it away. */
export function note(text) {
  find("note").textContent = text;
}

/** The bar: what is going on and how much of it is done, 0 to 1; no text hides it. */
export function progress(text, share = 0) {
  const box = find("progress");
  const began = box.hidden && text;
  box.hidden = !text;
  if (!text) return;
  box.querySelector("progress").value = share;
  box.querySelector("span").textContent = text;
  // A screen reader hears every quarter, not every tile.
  const quarter = Math.floor(share * 4);
  if (began || quarter !== progress.told) tell(text);
  progress.told = quarter;
}

/** Says a line to a screen reader alone. */
export function tell(text) {
  find("spoken").textContent = text;
}

/** Fills in the figures: {model, size, backend, time}, those that are given. */
export function figures(given) {
  for (const [name, text] of Object.entries(given)) find(`figure-${name}`).textContent = text;
}

/** The figures of a model that has been opened. */
export function opened(model, files, { backend, threads }) {
  const formats = [...new Set(files.map((file) => file.format))].join(", ");
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const many = threads > 1 ? `, ${threads} threads` : "";
  figures({
    model: model.run,
    size: `${(bytes / 1e6).toFixed(2)} MB, ${formats.replaceAll("_", " ")}`,
    backend: backend === "webgpu" ? "WebGPU" : `WebAssembly${many}`,
    time: "–",
  });
}

/** Milliseconds, as a person reads them. */
export function duration(milliseconds) {
  if (milliseconds >= 9950) return `${Math.round(milliseconds / 1000)} s`;
  if (milliseconds >= 995) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${milliseconds.toFixed(milliseconds < 9.95 ? 1 : 0)} ms`;
}

/** Ends the page's start: raises where the browser lacks what models need. */
export function ready() {
  document.body.dataset.ready = ""; // hides the line for browsers that ran nothing of this
  if (typeof WebAssembly !== "object") {
    throw new Error(
      "This browser has no WebAssembly, without which no model runs. " +
        "Switch it on (some private modes switch it off), or use a newer browser.",
    );
  }
}
