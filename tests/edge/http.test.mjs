import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { demo, root } from "../places.mjs";
import { ask, newId, signIn } from "./client.mjs";
import { startDemo } from "./workerd.mjs";

let server, dealer;
before(async () => {
  server = await startDemo();
  const [{ id }] = (await ask(server.origin, "/api/dealers")).value;
  dealer = await signIn(server.origin, id);
});
after(() => server?.stop());

const CSP = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const order = () => ({ client_order_id: newId(), order: { lines: [] }, claimed: { result_hash: "0" } });

test("every answer carries the security headers", async () => {
  for (const [path, options] of [["/"], ["/app.js"], ["/none"], ["/api/dealers"], ["/api/none"], ["/api/facts"], ["/api/slice"], ["/api/sign-in", { body: "{" }]]) {
    const { headers } = await ask(server.origin, path, options);
    assert.equal(headers.get("content-security-policy"), CSP, path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.equal(headers.get("cache-control"), path.startsWith("/api/") ? "no-store" : path === "/none" ? "no-store" : "no-cache", path);
  }
});

test("files have the right media type, and are sent again only when they changed", async () => {
  const types = { html: "text/html; charset=utf-8", css: "text/css; charset=utf-8", js: "text/javascript; charset=utf-8", wasm: "application/wasm", svg: "image/svg+xml", webmanifest: "application/manifest+json" };
  const files = ["index.html", "style.css", "app.js", "icon.svg", "manifest.webmanifest", "qudao/browser.js", "qudao/engine.wasm"];
  for (const file of files) {
    const { status, headers } = await ask(server.origin, `/${file}`);
    assert.deepEqual([status, headers.get("content-type")], [200, types[file.split(".").at(-1)]], file);
    const again = await ask(server.origin, `/${file}`, { headers: { "if-none-match": headers.get("etag") } });
    assert.deepEqual([again.status, again.text], [304, ""], file);
  }
  assert.equal((await ask(server.origin, "/")).text, readFileSync(join(demo, "public/index.html"), "utf8"));
  assert.equal((await ask(server.origin, "/app.js", { method: "HEAD" })).status, 200);
  assert.equal((await ask(server.origin, "/app.js", { method: "DELETE" })).value.code, "METHOD");
});

test("nothing outside the page's folder can be named", async () => {
  const status = (path) => new Promise((resolve, reject) => {
    // Raw, because every client cleans paths before they leave.
    const socket = connect(new URL(server.origin).port, "127.0.0.1", () => socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`));
    socket.once("data", (data) => resolve(Number(String(data).split(" ")[1]))).once("error", reject);
  });
  for (const path of ["/../edge.capnp", "/%2e%2e/edge.capnp", "/..%2fedge.capnp", "/qudao/../../edge.capnp", "/.%2e/worker.mjs", "//edge.capnp", "/\\..\\edge.capnp", "/qudao", "/qudao/", "/state/x.sqlite", "/worker.mjs", "/.git/config", "/app.js%00.html"]) {
    assert.notEqual(await status(path), 200, path);
  }
});

test("wrong paths and methods are named", async () => {
  const unknown = await ask(server.origin, "/api/nothing");
  assert.deepEqual([unknown.status, unknown.value.code], [404, "NOT_FOUND"]);
  for (const [path, method, allow] of [["/api/facts", "POST", "GET"], ["/api/slice", "POST", "GET"], ["/api/orders", "PUT", "GET, POST"], ["/api/sign-in", "GET", "POST"], ["/api/dealers", "PATCH", "GET"]]) {
    const { status, headers, value } = await ask(server.origin, path, { method });
    assert.deepEqual([status, value.code, headers.get("allow")], [405, "METHOD", allow], path);
  }
});

test("a body that is no JSON object of a known shape is refused with code and path", async () => {
  const refused = async (status, code, path, options) => {
    const answer = await dealer.ask("/api/orders", options);
    assert.deepEqual([answer.status, answer.value.code, answer.value.path], [status, code, path]);
  };
  await refused(415, "CONTENT_TYPE", undefined, { body: order(), headers: { "content-type": "text/plain" } });
  await refused(415, "CONTENT_TYPE", undefined, { body: order(), headers: { "content-type": "application/json; charset=gbk" } });
  await refused(400, "JSON", undefined, { body: "{" });
  await refused(400, "JSON", undefined, { body: "" });
  await refused(400, "JSON", undefined, { body: new Uint8Array([0x22, 0xff, 0x22]) });
  await refused(400, "SCHEMA", "", { body: "[]" });
  await refused(400, "SCHEMA", "", { body: "null" });
  await refused(400, "SCHEMA", undefined, { body: `${"[".repeat(30_000)}${"]".repeat(30_000)}` });
  await refused(400, "UNKNOWN_FIELD", "now", { body: { ...order(), now: 1 } });
  await refused(400, "UNKNOWN_FIELD", "order.price", { body: { ...order(), order: { lines: [], price: "1.00" } } });
  await refused(400, "UNKNOWN_FIELD", "claimed.verdict", { body: { ...order(), claimed: { result_hash: "0", verdict: "accept" } } });
  await refused(400, "UNKNOWN_FIELD", "__proto__", { body: '{"__proto__": {}, "client_order_id": "12345678"}' });
  await refused(400, "MISSING_FIELD", "claimed", { body: { client_order_id: newId(), order: { lines: [] } } });
  await refused(400, "MISSING_FIELD", "order.lines", { body: { ...order(), order: {} } });
  await refused(400, "SCHEMA", "order", { body: { ...order(), order: "BCD-520" } });
  for (const id of ["short", "with space in it", 12345678, "x".repeat(65)]) await refused(400, "SCHEMA", "client_order_id", { body: { ...order(), client_order_id: id } });
});

test("a body over 64 KB is refused, said to be or not", async () => {
  const large = JSON.stringify({ ...order(), client_order_id: "x".repeat(65_536) });
  assert.equal((await dealer.ask("/api/orders", { body: large })).value.code, "TOO_LARGE");
  const stream = new Blob([large]).stream();
  const response = await fetch(`${server.origin}/api/orders`, { method: "POST", body: stream, duplex: "half", headers: { cookie: dealer.cookie, "content-type": "application/json" } });
  assert.deepEqual([response.status, (await response.json()).code], [413, "TOO_LARGE"]);
});

test("a page of another host is refused", async () => {
  const origins = { "https://elsewhere.example": 403, null: 403, [server.origin]: 422 };
  for (const [origin, expected] of Object.entries(origins)) {
    const { status } = await dealer.ask("/api/orders", { body: { ...order(), order: { schema: 1, lines: [{ sku: "NO-SUCH-SKU", quantity: 1 }] } }, headers: { origin } });
    assert.equal(status, expected, origin);
  }
});

test("what the service worker keeps is the whole page", () => {
  const files = readFileSync(join(root, "www/public/sw.js"), "utf8").match(/FILES = \[([^\]]*)\]/)[1].match(/"[^"]+"/g).map((text) => JSON.parse(text));
  const own = readdirSync(join(demo, "public")).filter((name) => !["sw.js", "index.html", "qudao"].includes(name) && !name.endsWith(".map"));
  for (const name of own) assert.ok(files.includes(name), name);
  for (const name of files.filter((name) => name !== "./")) readFileSync(join(demo, "public", name));
});
