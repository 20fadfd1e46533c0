// What can be opened here: models.json, each model's signatures.json, and its files.

/**
 * Reads the index and every model's signatures.
 *
 * Gives [{run, folder, about, example, latents, signatures, files, ...}]: an entry of models.json
 * with the model's signatures.json on top.
 */
export async function list() {
  const { models } = await json("models.json");
  return Promise.all(
    models.map(async (entry) => ({ ...entry, ...(await json(`${entry.folder}/signatures.json`)) })),
  );
}

/** The signature that restores tiles: one that is told of the whole picture beside them, if any. */
export function forTiles({ signatures }) {
  return "restore_part" in signatures ? "restore_part" : "restore";
}

/** The files that hold these signatures: [{path, format, bytes, sha256, signatures}]. */
export function filesOf({ run, files }, names) {
  const chosen = files.map((file) => ({
    ...file,
    signatures: Object.fromEntries(names.filter((n) => n in file.signatures).map((n) => [n, file.signatures[n]])),
  }));
  const held = chosen.filter(({ signatures }) => Object.keys(signatures).length);
  const lacking = names.filter((name) => !held.some(({ signatures }) => name in signatures));
  if (lacking.length) throw new Error(`${run} has no file with the signature ${lacking[0]}`);
  return held;
}

/** Downloads a file and compares it with its SHA-256; `progress` gets shares from 0 to 1. */
export async function download(model, file, { progress, signal }) {
  const path = `${model.folder}/${file.path}`;
  const response = await get(path, { signal });
  const bytes = new Uint8Array(file.bytes);
  let filled = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    if (filled + value.length > bytes.length) throw broken(path);
    bytes.set(value, filled);
    filled += value.length;
    progress(filled / bytes.length);
  }
  // Browsers hide the hash from pages that come over plain http from another machine.
  const hash = crypto.subtle && hex(await crypto.subtle.digest("SHA-256", bytes));
  if (filled < bytes.length || (hash && hash !== file.sha256)) throw broken(path);
  return bytes;
}

function broken(path) {
  return new Error(`${path} is broken: it is not the file that was exported. Export it again.`);
}

async function json(path) {
  const response = await get(path);
  return response.json().catch(() => {
    throw new Error(`${path} is broken: it is no JSON. Export it again.`);
  });
}

async function get(path, options) {
  const response = await fetch(path, options).catch(() => null);
  if (!response?.ok) throw new Error(`${path} cannot be read: ${response?.status ?? "no answer"}`);
  return response;
}

function hex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
