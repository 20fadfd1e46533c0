// Takes the pictures of README: node export/web/screenshots.mjs http://localhost:8000/
// Both pages on a desktop and on a phone, with what the models really make of the examples.

import { chromium } from "playwright-core";

const FOLDER = new URL("../../.github/pictures/web/", import.meta.url).pathname;
const DESKTOP = { viewport: { width: 1280, height: 800 }, colorScheme: "light" };
const WINDOW = { viewport: { width: 940, height: 640 }, colorScheme: "light" };
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" };

const [address, executablePath = "/usr/bin/chromium"] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });

async function restored(name, options, model) {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(`${address}#${model}`);
  await page.click("#example");
  await page.waitForFunction(
    () => document.querySelector("#view.compared") && document.getElementById("progress").hidden,
  );
  await page.mouse.move(0, 0);
  await page.screenshot({ path: `${FOLDER}${name}.png` });
}

async function explored(name, options, model, from) {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(`${address}latents.html#${model}`);
  await page.waitForSelector("#samples button");
  await page.waitForTimeout(5000); // the map behind the plane
  await page.locator(from).evaluate((element) => scrollTo(0, element.offsetTop - 12));
  await page.screenshot({ path: `${FOLDER}${name}.png` });
}

await restored("restore", WINDOW, "sr_x4");
await restored("restore_phone", PHONE, "complete");
await explored("latents", DESKTOP, "vae_mnist_2d", "header");
await explored("latents_phone", PHONE, "beta_vae_chairs", ".image");
await browser.close();
