import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { packageFile } from "../places.mjs";

test("the engine keeps to 90 KB as servers send it", () => {
  const bytes = brotliCompressSync(readFileSync(packageFile("engine.wasm"))).length;
  assert.ok(bytes <= 90_000, `${bytes} bytes after brotli`);
});
