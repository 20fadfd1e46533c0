// The page's side of the worker in which models run.

const base = new URL("../", import.meta.url).href;

/** Opens models and runs their signatures, one call after the other. */
export class Engine {
  #calls = new Map();
  #worker = null;
  #last = 0;

  /** Whether what was opened is still there: a worker that stopped has lost it. */
  get alive() {
    return Boolean(this.#worker);
  }

  /**
   * Compiles a model's files.
   *
   * files: [{bytes, signatures}], see models.js. Gives {backend, threads}.
   */
  open(files) {
    const backend = new URLSearchParams(location.search).get("backend") ?? "";
    return this.#ask({ open: { files, backend } });
  }

  /** Runs a signature on {name: Float32Array}: gives {outputs, milliseconds}. */
  run(signature, inputs) {
    return this.#ask({ signature, inputs });
  }

  #ask(message) {
    this.#worker ??= this.#start();
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...message });
    });
  }

  #start() {
    // A worker of a blob inherits this page's Content-Security-Policy; one of a file would not.
    const source = `const base = ${JSON.stringify(base)}; importScripts(base + "js/worker.js");`;
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const worker = new Worker(url);
    worker.onmessage = ({ data: { id, answer, error } }) => {
      const { resolve, reject } = this.#calls.get(id);
      this.#calls.delete(id);
      if (error === undefined) resolve(answer);
      else reject(new Error(`LiteRT.js could not run this model: ${error}`));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      for (const { reject } of this.#calls.values()) {
        reject(new Error(`the model stopped: ${event.message ?? "its worker did not start"}`));
      }
      this.#calls.clear();
      worker.terminate();
      this.#worker = null; // the next call starts afresh
    };
    return worker;
  }
}
