// Drives a real Chromium for pytest: takes JavaScript on stdin, one JSON a line, and runs it.
//
// In: {code, values, options}; `code` is the body of an async function of (page, values), and
// where `options` of a context are given, the page is a new one. Out: {value} or {error}.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const LONGEST = 300_000; // milliseconds; what hangs would hang the tests

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
    const late = setTimeout(() => process.exit(1), LONGEST);
    const value = await new AsyncFunction("page", "values", code)(page, values);
    clearTimeout(late);
    console.log(JSON.stringify({ value: value ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error.stack ?? error) }));
  }
}
await browser.close();
