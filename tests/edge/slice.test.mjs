// Each dealer's page gets a slice of the policy, and the whole policy is nowhere to be had.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { demo, qudao } from "../places.mjs";
import { ask, engine, signIn } from "./client.mjs";
import { startDemo } from "./workerd.mjs";

let server, ids;
before(async () => {
  server = await startDemo();
  ids = (await ask(server.origin, "/api/dealers")).value.map(({ id }) => id);
});
after(() => server?.stop());

const sliceOf = async (dealer, headers = {}) => {
  const response = await fetch(`${server.origin}/api/slice`, { headers: { cookie: dealer.cookie, ...headers } });
  return { status: response.status, headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) };
};

test("every dealer gets its own slice, which answers like the whole policy", async () => {
  const tags = new Set();
  for (const id of ids) {
    const dealer = await signIn(server.origin, id);
    const { facts, now, slice: tag } = await dealer.facts();
    const { status, headers, bytes } = await sliceOf(dealer);
    assert.deepEqual([status, headers.get("content-type"), headers.get("cache-control"), headers.get("etag")], [200, "application/octet-stream", "private, no-cache", tag]);
    assert.deepEqual(bytes, engine.slice({ dealer: facts }), id);
    tags.add(tag);
    const slice = await qudao.load(bytes);
    assert.equal(slice.policy.slice_for, id);
    const lines = engine.catalog({ dealer: facts, now, limit: 200 }).items.map(({ sku }, at) => ({ sku, quantity: (at * 7) % 40 + 1 }));
    for (const source of ["portal", "phone"]) {
      const input = { order: { schema: 1, source, lines }, dealer: facts, now };
      assert.deepEqual(slice.quoteBytes(input), engine.quoteBytes(input), id);
    }
    slice.free();
  }
  assert.equal(tags.size, ids.length);
});

test("a slice that is known is not sent again; one of another dealer is", async () => {
  const [one, two] = [await signIn(server.origin, ids[0]), await signIn(server.origin, ids[1])];
  const { headers } = await sliceOf(one);
  const again = await sliceOf(one, { "if-none-match": headers.get("etag") });
  assert.deepEqual([again.status, again.bytes.length, again.headers.get("etag")], [304, 0, headers.get("etag")]);
  assert.equal((await sliceOf(two, { "if-none-match": headers.get("etag") })).status, 200);
});

test("without signing in there is none, and it answers no other dealer", async () => {
  const { status, value } = await ask(server.origin, "/api/slice");
  assert.deepEqual([status, value.code], [401, "SIGNED_OUT"]);
  const [one, two] = [await signIn(server.origin, ids[0]), await signIn(server.origin, ids[1])];
  const slice = await qudao.load((await sliceOf(one)).bytes);
  const { facts, now } = await two.facts();
  assert.throws(() => slice.session({ dealer: facts, now }), { code: "SLICE_FOREIGN", path: "dealer.id" });
});

test("nothing that can be fetched holds the whole policy", async () => {
  assert.equal((await ask(server.origin, "/policy.wasm")).status, 404);
  // Ids long enough to be nothing else.
  const names = Object.keys({ ...engine.policy.promotions, ...engine.policy.programs }).filter((id) => id.length > 6).map((id) => Buffer.from(id));
  const holders = (bytes) => names.filter((name) => bytes.includes(name)).length;
  assert.equal(holders(readFileSync(join(demo, "policy.wasm"))), names.length, "the search finds them where they are");
  const files = readdirSync(join(demo, "public"), { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  const served = ["index.html", "app.js", "style.css", "sw.js", "common.js", "engine.wasm"];
  assert.deepEqual(served.filter((name) => !files.some((file) => file.name === name)), []);
  for (const { parentPath, name } of files) {
    const bytes = readFileSync(join(parentPath, name));
    assert.equal(holders(bytes), 0, name);
    if (name.endsWith(".wasm")) assert.equal(WebAssembly.Module.customSections(new WebAssembly.Module(bytes), "qudao.bundle").length, 0, name);
  }
});

test("the list of dealers says in words what a dealer is, before anybody has a policy", async () => {
  for (const { traits, name } of (await ask(server.origin, "/api/dealers")).value) {
    assert.ok(name.zh && name.en);
    assert.equal(traits.length, 3);
    for (const trait of traits.filter(Boolean)) assert.ok(trait.zh && trait.en);
  }
});
