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

test("a slice is the same bytes from the package and the command, and answers its dealer like the whole", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "qudao-slice-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const whole = await qudao.load(readFileSync(file));
  for (const { dealer } of new Map(sample.map(({ input }) => [input.dealer.id, input])).values()) {
    const bytes = whole.slice({ dealer });
    const [facts, native] = [join(folder, "facts.json"), join(folder, "slice.bundle")];
    writeFileSync(facts, JSON.stringify(dealer));
    execFileSync(command, ["slice", join(root, "examples/haofeng"), "--dealer", facts, "-o", native]);
    assert.deepEqual(bytes, new Uint8Array(readFileSync(native)));
    const own = sample.filter(({ input }) => ["id", "grade", "region", "channel"].every((key) => input.dealer[key] === dealer[key]));
    using(await qudao.load(bytes), (slice) => {
      assert.equal(slice.policy.slice_for, dealer.id);
      assert.deepEqual(differingFrom(slice, own), []);
      assert.throws(() => slice.catalog({ dealer: { ...dealer, id: "X" }, now: own[0].input.now }), { code: "SLICE_FOREIGN", path: "dealer.id" });
    });
  }
  assert.equal(whole.policy.slice_for, null);
  assert.throws(() => whole.slice({}), { code: "KEY_MISSING", path: "dealer" });
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
