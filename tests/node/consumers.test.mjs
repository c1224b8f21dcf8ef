import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { consumers, pack, qudao } from "../places.mjs";

for (const program of ["quote.mjs", "quote.cjs"]) {
  test(`${program} answers with the native bytes`, () => {
    const answer = JSON.parse(execFileSync(process.execPath, [program], { cwd: consumers, encoding: "utf8" }));
    assert.deepEqual(answer, { version: qudao.version(), count: pack.cases.length, differing: [] });
  });
}
