import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { consumers, pack } from "../places.mjs";
import { start } from "./workerd.mjs";

test("the Workers runtime answers with the native bytes", async (t) => {
  const { origin, stop } = await start(join(consumers, "edge"));
  t.after(stop);
  const answer = await (await fetch(origin, { method: "POST", body: JSON.stringify(pack) })).json();
  assert.deepEqual(answer.differing, []);
  assert.equal(answer.count, pack.cases.length);
  assert.deepEqual(answer.oneFile.differing, [], "with engine and policy in one module");
  assert.ok(answer.oneFile.count > 0);
  assert.equal(answer.compiled, "COMPILE_REFUSED", "bytes are not compiled here, and the error says so");
});
