// The latent page: a code that is moved by hand, and the image that it decodes to.

import { Engine } from "./engine.js";
import { Levels } from "./levels.js";
import { choose, Desk, open } from "./opening.js";
import { drawn } from "./pixels.js";
import { Pad } from "./pad.js";
import { Plane } from "./plane.js";
import { Sliders } from "./sliders.js";
import { exported, listen } from "./sources.js";
import { Space } from "./space.js";
import * as status from "./status.js";
import { show as thumbnails } from "./thumbnails.js";
import { Walk } from "./walk.js";

const DRAWS = 8;

const find = (id) => document.getElementById(id);
const engine = new Engine();
const desk = new Desk();
const plane = new Plane(find("plane"), go);
const sliders = new Sliders(find("sliders"), go);
const levels = new Levels(find("levels"), go);
const walk = new Walk(find("walk"), go);
const pad = new Pad(find("pad"), find("cursor"), (canvas) => desk.do(() => arrive(canvas)));
let models, model, space;
let code; // where the page is
let shown = Promise.resolve(); // the decoding of it

async function start() {
  status.ready();
  models = await choose(({ signatures }) => "decode" in signatures && "encode" in signatures);
  if (!models.size) throw new Error("No model here has latents. Add one: --web --run=NAME.");
  find("model").addEventListener("change", () => desk.do(select));
  find("cancel").addEventListener("click", () => desk.cancel());
  find("center").addEventListener("click", () => go(space.center));
  find("random").addEventListener("click", () => desk.do(draw));
  find("wipe").addEventListener("click", () => pad.clear());
  for (const side of ["from", "to"]) {
    find(side).addEventListener("click", () => walk.set(side, { canvas: find("image"), code }));
  }
  listen((given) => desk.do(async () => arrive((await given())?.image)), document.body);
  document.querySelector("main").inert = false;
  await desk.do(select);
}

async function select(signal) {
  space = null; // until the model is open
  model = models.get(find("model").value);
  const names = ["decode", "encode", "sample"].filter((name) => name in model.signatures);
  await open(engine, model, names, signal);
  space = new Space(engine, model);
  const { latents, width, height } = space;
  find("hint").textContent = `${latents.mean.length} latents, images of ${width}×${height} pixels`;
  plane.declare(latents);
  sliders.declare(latents);
  levels.declare(latents);
  pad.declare(space);
  const seen = model.example ? await examples() : [];
  await go(seen[0]?.code ?? space.center);
  find("seen").hidden = !seen.length;
  thumbnails(find("examples"), seen, go);
  const made = await draw();
  const [from, to] = seen.length > 1 ? seen : made;
  walk.declare(space, from, to);
  status.progress("");
  plane.map(space).catch(status.fail);
}

/** Moves to a code, and shows its image once the one before is there. */
function go(to) {
  const here = space;
  if (!here) return;
  code = to;
  plane.show(code);
  sliders.show(code);
  levels.show(code);
  shown = shown.then(async () => {
    if (code !== to || space !== here) return; // moved on since
    const { canvas, milliseconds } = await here.decode(to);
    const { width, height } = canvas;
    Object.assign(find("image"), { width, height }).getContext("2d").drawImage(canvas, 0, 0);
    status.figures({ time: `${status.duration(milliseconds)} an image` });
  });
  return (shown = shown.catch(status.fail));
}

/** Goes to where a picture lies. */
async function arrive(image) {
  if (image) await go(await space.encode(drawn(image, space.width, space.height)));
}

/** Pictures that the model makes up: [{canvas, code}]. */
async function draw() {
  const made = [];
  for (let i = 0; i < DRAWS; i++) made.push(await space.draw());
  thumbnails(find("samples"), made, go);
  return made;
}

/** Real pictures that were exported with the model, side by side in one file. */
async function examples() {
  const strip = await exported(model.example.image);
  const seen = [];
  for (let x = 0; x < strip.width; x += space.width) {
    const canvas = drawn(await createImageBitmap(strip, x, 0, space.width, space.height));
    seen.push({ canvas, code: await space.encode(canvas) });
  }
  return seen;
}

start().catch(status.fail);
