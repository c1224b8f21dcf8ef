import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { consumers, packageFile } from "../places.mjs";

const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** Runs a tool of tests/package.json in the consumers' folder; fails with what it printed. */
async function tool(path, ...options) {
  try {
    return (await run(process.execPath, [path, ...options], { cwd: consumers })).stdout;
  } catch ({ stdout, stderr }) {
    assert.fail(stdout + stderr);
  }
}

const tsc = require.resolve("typescript/bin/tsc");

test("a strict TypeScript project for browsers compiles", () => tool(tsc, "--project", "."));

test("one for Node alone, without the types of browsers, compiles", () => {
  const types = join(require.resolve("@types/node/package.json"), "../..");
  return tool(tsc, "--project", ".", "--lib", "es2022", "--types", "node", "--typeRoots", types);
});

test("publint finds nothing", async () => {
  const { messages, pkg } = await publint({ pkgDir: packageFile(""), strict: true });
  assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), []);
});

test("types are right for every way to resolve them", async () => {
  const attw = join(require.resolve("@arethetypeswrong/cli/package.json"), "../dist/index.js");
  const packed = readdirSync(consumers).find((name) => name.endsWith(".tgz"));
  // ESM only by intent, `require` of it works from Node 20.19; subpaths are invisible to node10 by its nature; a wasm file has no types.
  await tool(attw, packed, "--no-definitely-typed", "--profile", "node16", "--ignore-rules", "cjs-resolves-to-esm", "--exclude-entrypoints", "engine.wasm");
});
