import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build as esbuild } from "esbuild";
import { build as vite } from "vite";
import { consumers, pack } from "../places.mjs";
import { launch, serve, STRICT } from "./chromium.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** What the page at `path` reports, and what it wrote to the console. */
async function visit(t, path, options) {
  const server = await serve(consumers, options);
  const page = await browser.newPage();
  t.after(async () => {
    await page.close();
    server.close();
  });
  const warnings = [];
  page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
  await page.goto(server.origin + path);
  return { report: JSON.parse(await page.locator("output[data-done]").textContent()), warnings };
}

function assertNative({ count, differing, oneFile }) {
  assert.deepEqual(differing, []);
  assert.equal(count, pack.cases.length);
  assert.deepEqual(oneFile.differing, [], "with engine and policy in one module");
  assert.ok(oneFile.count > 0);
}

test("Chromium answers with the native bytes under a strict policy, without a bundler", async (t) => {
  const { report, warnings } = await visit(t, "/page/plain.html");
  assertNative(report);
  assert.deepEqual(warnings, []);
});

test("a wrong media type of engine.wasm does no harm", async (t) => {
  const { report, warnings } = await visit(t, "/page/plain.html", { types: { ".wasm": "application/octet-stream" } });
  assertNative(report);
  assert.deepEqual(warnings, []);
});

test("a policy that forbids wasm is named with its cure", async (t) => {
  const { report } = await visit(t, "/page/plain.html", { policy: STRICT.replace("'wasm-unsafe-eval'", "") });
  assert.equal(report.code, "COMPILE_REFUSED");
  assert.match(report.message, /add 'wasm-unsafe-eval' to script-src/);
});

test("esbuild does not carry the file along: the inlined copy answers, with one warning", async (t) => {
  await esbuild({ absWorkingDir: consumers, entryPoints: ["page/main.js"], outdir: "esbuild", bundle: true, splitting: true, format: "esm", logLevel: "warning" });
  const { report, warnings } = await visit(t, "/page/esbuild.html");
  assertNative(report);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /inlined copy/);
});

test("Vite carries the file along", async (t) => {
  await vite({ root: join(consumers, "page"), base: "/vite/", logLevel: "error", build: { outDir: join(consumers, "vite"), emptyOutDir: true, modulePreload: { polyfill: false } } });
  const { report, warnings } = await visit(t, "/vite/index.html");
  assertNative(report);
  assert.deepEqual(warnings, []);
});
