// Drives a real Chromium for pytest: takes JavaScript on stdin, one JSON a line, and runs it.
//
// In: {code, values, options}; `code` is the body of an async function of (page, values), or of
// (page, values) in a new context where `options` are given. Out: {value} or {error}.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [modules, executablePath, ...extra] = process.argv.slice(2);
const { chromium } = createRequire(`${modules}/`)("playwright-core");
const args = ["--disable-quic", "--no-first-run", "--disable-background-networking"];
args.push("--no-sandbox", "--disable-component-update", "--disable-sync", ...extra);
const browser = await chromium.launch({ executablePath, args });
const AsyncFunction = (async () => {}).constructor;
let context, page;

for await (const line of createInterface({ input: process.stdin })) {
  const { code, values, options } = JSON.parse(line);
  try {
    if (options) {
      await context?.close();
      context = await browser.newContext(options);
      page = await context.newPage();
    }
    const value = await new AsyncFunction("page", "values", code)(page, values);
    console.log(JSON.stringify({ value: value ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error.stack ?? error) }));
  }
}
await browser.close();
