// Chooses a model and opens it: the select, the line about it, and the download.

import { download, filesOf, list } from "./models.js";
import * as status from "./status.js";

/**
 * Fills the select with the models that suit a page.
 *
 * suits: (model) => whether it has the signatures the page needs.
 * Gives the models by name; the address's #NAME is selected.
 */
export async function choose(suits) {
  const models = (await list()).filter(suits);
  const select = document.getElementById("model");
  select.replaceChildren(...models.map(({ run }) => new Option(run)));
  const wanted = decodeURIComponent(location.hash.slice(1));
  if (models.some(({ run }) => run === wanted)) select.value = wanted;
  return new Map(models.map((model) => [model.run, model]));
}

/**
 * Downloads a model's files for these signatures, and compiles them.
 *
 * Gives what the files say of each signature's tensors: {signature: {inputs, outputs}}.
 */
export async function open(engine, model, names, signal) {
  document.getElementById("about").textContent = model.about;
  history.replaceState(null, "", `#${encodeURIComponent(model.run)}`);
  const files = filesOf(model, names);
  for (const file of files) {
    const progress = (share) => status.progress(`Opening ${model.run}`, share);
    progress(0);
    file.content = await download(model, file, { progress, signal });
    signal.throwIfAborted();
  }
  status.progress(`Preparing ${model.run}`, 1);
  const found = await engine.open(
    files.map(({ content: bytes, signatures }) => ({ bytes, signatures })),
  );
  signal.throwIfAborted();
  status.opened(model, files, found);
  return Object.assign({}, ...files.map(({ signatures }) => signatures));
}

/** Runs one piece of work at a time: a new one cancels the one before; errors are shown. */
export class Desk {
  #now = null;

  async do(work) {
    this.cancel();
    const mine = (this.#now = new AbortController());
    status.clear();
    try {
      await work(mine.signal);
    } catch (error) {
      if (!mine.signal.aborted) status.fail(error);
    } finally {
      if (this.#now === mine) this.cancel();
    }
  }

  cancel() {
    this.#now?.abort();
    this.#now = null;
    status.progress("");
  }
}
