// The restoration page: a picture goes in, a model's `restore` signature runs over its tiles, or its
// `detect` signature over all of it.

import { Compare } from "./compare.js";
import { detected } from "./detecting.js";
import { Engine } from "./engine.js";
import { Inputs } from "./inputs.js";
import { forTiles } from "./models.js";
import { choose, Desk, open } from "./opening.js";
import { drawn, mixed } from "./pixels.js";
import { restored } from "./restoring.js";
import { exported, listen } from "./sources.js";
import * as status from "./status.js";

const MEGAPIXELS = 16; // of a result; phones hold no more on a canvas

const find = (id) => document.getElementById(id);
const engine = new Engine();
const desk = new Desk();
const compare = new Compare(find("view"));
const inputs = new Inputs();
let models, model, opened, picture, made, result;

async function start() {
  status.ready();
  models = await choose(({ signatures }) => "restore" in signatures || "detect" in signatures);
  if (!models.size) return location.replace("latents.html");
  find("model").addEventListener("change", () => desk.do(select));
  find("restore").addEventListener("click", () => desk.do(run));
  find("cancel").addEventListener("click", () => desk.cancel());
  find("again").addEventListener("click", () => paint());
  find("further").addEventListener("click", further);
  find("strength").addEventListener("input", blend);
  find("download").addEventListener("click", save);
  find("zoom").addEventListener("click", zoom);
  find("example").addEventListener("click", () => desk.do(example));
  find("drop").addEventListener("click", () => find("file").click());
  listen((given) => desk.do((signal) => take(given, signal)), find("stage"));
  document.querySelector("main").inert = false;
  await desk.do(select);
}

async function select(signal) {
  model = models.get(find("model").value);
  status.note("");
  const { inputs: takes, outputs: gives } = asked();
  inputs.declare(takes, () => picture && desk.do(run));
  find("example").hidden = !model.example;
  find("restore").textContent = detects() ? "Look" : inputs.masked ? "Fill in" : "Restore";
  find("hint").textContent = `${takes.image.meaning} → ${Object.values(gives)[0].meaning}`;
  if (picture) place(picture.image, picture.name); // another scale, another size
  await ready(signal);
  if (picture && !inputs.masked) await run(signal);
}

/** What the page asks of the model: its restoration, or its search for defects. */
function asked() {
  return model.signatures.restore ?? model.signatures.detect;
}

function detects() {
  return !("restore" in model.signatures);
}

/** Opens the model, unless it is open. */
async function ready(signal) {
  if (opened?.model === model && engine.alive) return;
  const signature = detects() ? "detect" : forTiles(model);
  const tensors = await open(engine, model, [signature], signal);
  opened = { model, signature, tensors: tensors[signature].inputs };
}

async function take(given, signal) {
  const found = await given();
  if (!found) return;
  signal.throwIfAborted();
  place(found.image, found.name);
  if (inputs.masked) await ready(signal);
  else await run(signal);
}

async function example(signal) {
  const [image, mask] = await Promise.all(
    ["image", "mask"].map((name) => model.example[name] && exported(model.example[name])),
  );
  signal.throwIfAborted();
  place(image, "example", mask && drawn(mask));
  await ready(signal);
  if (!inputs.masked || mask) await run(signal);
}

/** Puts a picture on the stage, made smaller where its result would be too large. */
function place(image, name, mask = null) {
  const most = Math.sqrt((MEGAPIXELS * 1e6) / (image.width * image.height)) / model.scale;
  const [width, height] = [image.width, image.height].map((n) => Math.floor(n * Math.min(1, most)));
  const canvas = most < 1 ? drawn(image, width, height) : drawn(image);
  picture = { canvas, image, name: name.replace(/\.[^.]*$/, "") };
  inputs.fit(canvas.width, canvas.height, mask);
  find("restore").disabled = false;
  find("stage").classList.remove("empty");
  const shrunk = `Reduced from ${image.width}×${image.height} to ${width}×${height} pixels.`;
  status.note(most < 1 ? shrunk : "");
  paint();
}

/** Shows the picture as it was given, with the brush where the model takes a mask. */
function paint() {
  made = result = null;
  compare.show(picture.canvas);
  find("view").classList.toggle("painting", inputs.masked);
  buttons();
}

/** Makes the result the picture, for another model to go on with. */
function further() {
  place(drawn(result), `${picture.name}_${model.run}.png`);
  status.tell("The result is the picture now: choose the next model.");
  find("model").focus();
}

async function run(signal) {
  if (!picture) return;
  await ready(signal);
  const started = performance.now();
  const answer = detects() ? detected : restored;
  made = await answer(picture.canvas, opened, inputs, engine, signal);
  const { after, faded, times, verdict } = made;
  const all = status.duration(performance.now() - started);
  const each = status.duration(times.sort((a, b) => a - b)[times.length >> 1]);
  blend();
  find("view").classList.remove("painting");
  buttons();
  status.figures({ time: `${all}: ${times.length} × ${each} a tile` });
  if (faded) status.note("This model is for gray: the color is gone.");
  if (verdict) status.note(verdict);
  status.tell(verdict ?? `Done: ${after.width} by ${after.height} pixels.`);
}

/** Shows the answer, or as much of it as is wanted where the model's pictures can be mixed. */
function blend() {
  const { before, after } = made;
  const strength = mixable() ? find("strength").value / 100 : 1;
  result = mixed(before, after, strength);
  compare.show(before, result, compare.slider.value);
  buttons();
}

/** Whether the model's pictures are of the kind of those given to it. */
function mixable() {
  if (detects()) return true;
  const { inputs: takes, outputs: gives } = asked();
  const alike = takes.image.shape.at(-1) === gives.image.shape.at(-1);
  return model.scale === 1 && alike && Object.keys(takes).length === 1;
}

function buttons() {
  for (const id of ["download", "zoom"]) find(id).disabled = !result;
  find("blend").hidden = !(result && mixable());
  find("again").hidden = !(result && inputs.masked);
  find("further").hidden = !result || detects();
  find("brush").disabled = Boolean(result);
}

function zoom() {
  const whole = find("stage").classList.toggle("actual");
  find("zoom").setAttribute("aria-pressed", whole);
}

function save() {
  result.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${picture.name}_${model.run}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  });
}

start().catch(status.fail);
