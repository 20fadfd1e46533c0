// Drives a real browser for pytest: takes JavaScript on stdin, one JSON a line, and runs it.
//
// In: {code, values, options}; `code` is the body of an async function of (page, values), and
// where `options` of a context are given, the page is a new one. Out: {value} or {error}.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const LONGEST = 300_000; // milliseconds; what hangs would hang the tests

const [modules, name, launch] = process.argv.slice(2);
const playwright = createRequire(`${modules}/`)("playwright-core");
const browser = await playwright[name].launch(JSON.parse(launch));
const AsyncFunction = (async () => {}).constructor;
let context, page;

for await (const line of createInterface({ input: process.stdin })) {
  const { code, values, options } = JSON.parse(line);
  const late = setTimeout(() => process.exit(1), LONGEST);
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
  clearTimeout(late);
}
await browser.close();
