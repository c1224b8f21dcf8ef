import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { bytesOf, command, consumers, differingFrom, pack, packageFile, qudao, root } from "../places.mjs";

const file = join(consumers, "policy.wasm");
const sample = pack.cases.filter(({ bundle }) => bundle === pack.sample);

test("one module with engine and policy answers as engine and bundle do", async () => {
  assert.ok(sample.length > 0);
  for (const source of [readFileSync(file), new WebAssembly.Module(readFileSync(file)), pathToFileURL(file), new Response(readFileSync(file))]) {
    using(await qudao.load(source), (engine) => assert.deepEqual(differingFrom(engine, sample), []));
  }
});

test("its identity is that of the bundle", async () => {
  const [one, two] = [await qudao.load(readFileSync(file)), await qudao.load(bytesOf(pack.bundles[pack.sample]))];
  assert.deepEqual(one.policy, two.policy);
});

test("one changed price changes it", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "qudao-policy-"));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(join(root, "examples/haofeng"), folder, { recursive: true });
  raiseFirstPrice(folder);
  const changed = join(folder, "changed.wasm");
  execFileSync(command, ["build", folder, "--engine", packageFile("engine.wasm"), "--wasm", changed]);
  const [before, after] = [await qudao.load(readFileSync(file)), await qudao.load(readFileSync(changed))];
  assert.notEqual(after.policy.bundle, before.policy.bundle);
});

function raiseFirstPrice(folder) {
  const table = join(folder, "prices", readdirSync(join(folder, "prices")).sort()[0]);
  const [header, first, ...rest] = readFileSync(table, "utf8").split("\n");
  const cells = first.split(",");
  const price = header.replace(/^\ufeff/, "").trim().split(",").indexOf("price");
  cells[price] = `1${cells[price]}`;
  writeFileSync(table, [header, cells.join(), ...rest].join("\n"));
}

function using(engine, work) {
  work(engine);
  engine.free();
}
