import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { bytesOf, pack, packageFile, qudao } from "../places.mjs";

const bundle = bytesOf(pack.bundles[pack.sample]);
const { input } = pack.cases.find(({ bundle }) => bundle === pack.sample);
const { Engine, load, QudaoError, Session, version } = qudao;
const engine = await load(bundle);

/** Runs `action`, which must throw a QudaoError, and gives it. */
function refusal(action) {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof QudaoError, error.stack);
    assert.equal(error.name, "QudaoError");
    assert.equal(error.code, error.faults[0].code);
    for (const fault of error.faults) assert.deepEqual(Object.keys(fault), ["code", "path", "value", "message", "help"]);
    return error;
  }
  assert.fail("nothing was thrown");
}

const withQuantity = (quantity) => ({ ...input, order: { ...input.order, lines: [{ ...input.order.lines[0], quantity }] } });

test("the version is that of the crate", () => {
  assert.match(version(), /^\d+\.\d+\.\d+$/);
  assert.equal(engine.policy.engine, version());
  assert.equal(engine.quote(input).engine, version());
});

test("a catalogue is found by words of the product and of every category it lies in", () => {
  const { parents, categories } = engine.policy;
  const [inner, outer] = Object.entries(parents.categories).find(([inner]) => Object.values(parents.categories).includes(inner));
  assert.ok(categories[inner] && categories[outer]);
  const ask = (find) => engine.catalog({ dealer: input.dealer, now: input.now, find, limit: 200 });
  const within = (category) => category && (category === outer || within(parents.categories[category]));
  const all = ask("").items.concat(engine.catalog({ dealer: input.dealer, now: input.now, offset: 200, limit: 200 }).items);
  assert.equal(all.length, ask("").total);
  const found = new Set(ask(categories[outer].zh).items.map(({ sku }) => sku));
  const inside = all.filter(({ category }) => within(category));
  assert.ok(inside.some(({ category }) => parents.categories[category] === inner));
  for (const { sku } of inside) assert.ok(found.has(sku), sku);
});

test("quote and quoteBytes are one answer", () => {
  assert.deepEqual(JSON.parse(new TextDecoder().decode(engine.quoteBytes(input))), engine.quote(input));
});

test("what is not data is refused with its place, before the engine is asked", () => {
  const strange = [
    ["NUMBER_INVALID", NaN, Infinity],
    ["NUMBER_RANGE", 2n ** 64n],
    ["SHAPE_WRONG", () => 1, Symbol("x"), new Map(), new Date(), Promise.resolve(1), /x/, new Uint8Array(4)],
    ["TEXT_INVALID", "\ud800"],
  ];
  for (const [code, ...values] of strange)
    for (const value of values) {
      const error = refusal(() => engine.quote(withQuantity(value)));
      assert.equal(error.code, code);
      assert.equal(error.path, "order.lines[0].quantity");
    }
  const both = refusal(() => engine.quote({ ...withQuantity(NaN), now: NaN }));
  assert.deepEqual(both.faults.map(({ path }) => path).sort(), ["now", "order.lines[0].quantity"]);
});

test("a fraction never becomes money or a quantity", () => {
  const error = refusal(() => engine.quote(withQuantity(0.1 + 0.2)));
  assert.equal(error.path, "order.lines[0].quantity");
  refusal(() => engine.quote(withQuantity(1e21)));
});

test("whole numbers, big integers and text are one quantity", () => {
  const [one, two, three] = [2, 2n, "2"].map((quantity) => engine.quote(withQuantity(quantity)));
  assert.deepEqual(two, one);
  assert.deepEqual(three, one);
});

test("circles, depth, size and exceptions of the input are errors, and the engine goes on", () => {
  const circle = { ...input };
  circle.order = circle;
  assert.equal(refusal(() => engine.quote(circle)).code, "LIMIT_EXCEEDED");
  const deep = Array.from({ length: 100_000 }).reduce((inner) => [inner], []);
  assert.equal(refusal(() => engine.quote({ order: deep })).code, "LIMIT_EXCEEDED");
  assert.equal(refusal(() => engine.quote({ order: new Array(2 ** 32 - 1) })).code, "LIMIT_EXCEEDED");
  assert.equal(refusal(() => engine.quote({ order: "x".repeat(20_000_000) })).code, "LIMIT_EXCEEDED");
  assert.equal(refusal(() => engine.quote({ order: { ...new Array(400_000).fill(0) } })).code, "LIMIT_EXCEEDED");
  const proxy = new Proxy({}, { ownKeys: () => { throw new Error("mine"); } });
  const thrown = refusal(() => engine.quote({ order: proxy }));
  assert.equal(thrown.code, "INPUT_UNREADABLE");
  assert.equal(thrown.cause.message, "mine");
  const { proxy: revoked, revoke } = Proxy.revocable([], {});
  revoke();
  assert.equal(refusal(() => engine.quote(revoked)).code, "INPUT_UNREADABLE");
  engine.quote(input);
});

test("unknown keys, wrong types and nothing at all are errors of the engine", () => {
  for (const wrong of [undefined, null, 1, "order", [], {}, { ...input, ordr: 1 }, { ...input, order: null }, JSON.parse('{"__proto__": 1}')])
    for (const method of ["quote", "quoteBytes", "catalog", "verify", "explain", "hints", "session"]) refusal(() => engine[method](wrong));
});

test("an optional field may be spelled out as undefined", () => {
  const spelled = { ...input, order: { ...input.order, attributes: undefined } };
  assert.deepEqual(engine.quote(spelled), engine.quote(input));
});

test("a session answers as a fresh quote does, and survives what it refuses", () => {
  const session = engine.session({ dealer: input.dealer, now: input.now, source: input.order.source });
  for (const { sku, quantity, unit } of input.order.lines) if (unit === undefined) session.set(sku, quantity);
  const order = session.order();
  assert.deepEqual(order.lines.map(({ sku }) => sku), input.order.lines.filter(({ unit }) => unit === undefined).map(({ sku }) => sku), "in the order in which they were set");
  assert.deepEqual(session.quote(), engine.quote({ ...input, order }));
  for (const quantity of [0.5, NaN, "many", null, {}, -1]) refusal(() => session.set(input.order.lines[0].sku, quantity));
  refusal(() => session.set(7, 1));
  refusal(() => session.explain(undefined));
  assert.deepEqual(session.order(), order);
  session.clear();
  assert.deepEqual(session.quote().lines, []);
});

test("the hints of a cart are those of its order, and each gives what it says", () => {
  const session = engine.session({ dealer: input.dealer, now: input.now, source: input.order.source });
  for (const { sku, quantity, unit } of input.order.lines) if (unit === undefined) session.set(sku, quantity);
  const order = session.order();
  const hints = engine.hints({ ...input, order });
  assert.deepEqual(session.hints(), hints);
  assert.equal(typeof hints.complete, "boolean");
  for (const { change, totals } of hints.hints) {
    const raised = (change.lines ?? []).map(({ line, sku, unit, quantity }) => ({ id: line, sku, unit, quantity }));
    const lines = [...order.lines.filter(({ id }) => raised.every((line) => line.id !== id)), ...raised];
    const decline = change.decline ? [change.decline] : [];
    assert.deepEqual(engine.quote({ ...input, order: { ...order, lines, decline } }).totals, totals);
  }
  assert.equal(session.hints({ language: "en" }).hints.length, hints.hints.length);
  for (const wrong of [{ language: "fr" }, { coupon: "A" }, { coupons: "A" }]) refusal(() => session.hints(wrong));
});

test("a return of all takes back what the order added", () => {
  const quote = engine.quote(input);
  const back = engine.returnPreview({ ...input, lines: quote.lines.map(({ id, quantity }) => ({ line: id, quantity })), language: "zh" });
  assert.deepEqual(back.rebates.map(({ program, clawback }) => [program, clawback]), quote.rebates.map(({ program, delta }) => [program, delta]));
  assert.ok(back.lines.every(({ text }) => text.endsWith("。")));
  assert.equal(refusal(() => engine.returnPreview({ ...input, lines: [{ line: "nothing", quantity: 1 }] })).code, "LINE_UNKNOWN");
  for (const wrong of [undefined, input, { ...input, lines: {} }]) refusal(() => engine.returnPreview(wrong));
});

test("plans of redemption are orders with so much to redeem", () => {
  const { plans } = engine.redemptionPlans({ ...input, until: "2027-06-01T00:00:00+08:00" });
  assert.ok(plans.length > 0);
  for (const { redeem, payable } of plans) assert.equal(engine.quote({ ...input, order: { ...input.order, redeem } }).totals.payable, payable);
  for (const wrong of [undefined, input, { ...input, until: "soon" }]) refusal(() => engine.redemptionPlans(wrong));
  const session = engine.session({ dealer: input.dealer, now: input.now });
  for (const { sku, quantity, unit } of input.order.lines) if (unit === undefined) session.set(sku, quantity);
  session.redeem("max");
  const until = "2027-06-01T00:00:00+08:00";
  assert.deepEqual(session.redemptionPlans({ until }), engine.redemptionPlans({ dealer: input.dealer, now: input.now, order: session.order(), until }));
  for (const wrong of [undefined, {}, { until, lines: [] }]) refusal(() => session.redemptionPlans(wrong));
});

test("coupons are entered beside the lines, and what is refused leaves them as they were", () => {
  const session = engine.session({ dealer: input.dealer, now: input.now });
  session.set(input.order.lines[0].sku, 1);
  session.enter({ coupons: ["B", "A"] });
  assert.deepEqual(session.quote().coupons, [{ code: "B", effect: "unknown", rules: [] }, { code: "A", effect: "unknown", rules: [] }]);
  assert.equal(refusal(() => session.enter({ coupons: ["A", "A"] })).path, "coupons[1]");
  assert.equal(refusal(() => session.enter({ gifts: { nobody: ["NO-SUCH"] } })).code, "SKU_UNKNOWN");
  for (const wrong of [undefined, [], { coupon: "A" }, { coupons: "A" }]) refusal(() => session.enter(wrong));
  assert.deepEqual(session.order().coupons, ["B", "A"]);
  session.enter({});
  assert.deepEqual(session.quote().coupons, []);
});

test("a session redeems; hashes of answers before it stay those of the order they are for", () => {
  const facts = { dealer: { ...input.dealer, lots: [{ id: "L", balance: "5.00", issued: 0 }] }, now: input.now };
  const session = engine.session(facts);
  session.set(input.order.lines[0].sku, 1);
  const [before, without] = [session.quote(), session.order()];
  session.redeem("max");
  const [after, order] = [session.quote(), session.order()];
  assert.equal(order.redeem, "max");
  for (const [answer, asked] of [[before, without], [after, order]]) {
    const { inputs_hash, result_hash } = engine.quote({ ...facts, order: asked });
    assert.deepEqual([answer.inputs_hash, answer.result_hash], [inputs_hash, result_hash]);
  }
  assert.notEqual(before.inputs_hash, after.inputs_hash);
  assert.equal(refusal(() => session.redeem("-1.00")).code, "NUMBER_RANGE");
  assert.equal(session.order().redeem, "max");
  session.redeem(null);
  assert.equal(session.order().redeem, undefined);
});

test("freeing is harmless twice, and whatever follows says so", async () => {
  const own = await load(bundle);
  const session = own.session({ dealer: input.dealer, now: input.now });
  own.free();
  own.free();
  assert.equal(refusal(() => own.quote(input)).code, "FREED");
  assert.deepEqual(session.quote().lines, [], "a session holds the policy by itself");
  session[Symbol.dispose]();
  assert.equal(refusal(() => session.clear()).code, "FREED");
});

test("objects are made by load and session only", () => {
  assert.throws(() => new Engine(), TypeError);
  assert.throws(() => new Session(), TypeError);
});

test("after a trap an instance answers nothing, another does", async () => {
  const { Inside } = await import(pathToFileURL(packageFile("common.js")));
  let dropped = false;
  const ask = (door) => {
    if (door === "policy") return "{}";
    throw new WebAssembly.RuntimeError("unreachable");
  };
  const glue = { Door: { Policy: "policy" }, __wbg_set_wasm: () => (dropped = true) };
  const own = new Engine(new Inside({ glue, trap: undefined }, { ask, free: assert.fail }));
  assert.equal(refusal(() => own.quote(input)).code, "ENGINE_TRAP");
  assert.ok(dropped);
  assert.equal(refusal(() => own.catalog(input)).code, "ENGINE_TRAP");
  own.free();
  engine.quote(input);
});

test("sources: bytes of every kind, a promise of them, a response, a file", async () => {
  const padded = new Uint8Array(bundle.length + 7);
  padded.set(bundle, 7);
  const file = new URL(`data:application/octet-stream;base64,${Buffer.from(bundle).toString("base64")}`);
  for (const source of [bundle, bundle.slice().buffer, padded.subarray(7), Promise.resolve(bundle), new Response(bundle), file, file.href]) {
    const own = await load(source);
    assert.equal(own.policy.bundle, engine.policy.bundle);
    own.free();
  }
});

test("sources that are none are refused", async () => {
  const wasm = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const codes = [
    [undefined, "SOURCE_INVALID"],
    [null, "SOURCE_INVALID"],
    [{}, "SOURCE_INVALID"],
    [new ArrayBuffer(2 ** 30), "SOURCE_INVALID"],
    [new Response("no", { status: 404 }), "SOURCE_FETCH"],
    ["./policy.qudao", "SOURCE_FETCH"],
    [new URL("file:///nowhere.qudao"), "SOURCE_FETCH"],
    [wasm, "BUNDLE_MISSING"],
    [new WebAssembly.Module(wasm), "BUNDLE_MISSING"],
    [wasm.subarray(0, 6), "MODULE_INVALID"],
    [withSection("qudao.bundle"), "ENGINE_VERSION"],
  ];
  for (const [source, code] of codes) await assert.rejects(load(source), (error) => error instanceof QudaoError && error.code === code, code);
  for (const broken of [new Uint8Array(), new Uint8Array(100), bundle.subarray(0, bundle.length - 1), bundle.map((byte, index) => (index === 40 ? byte ^ 1 : byte))])
    await assert.rejects(load(broken), (error) => error instanceof QudaoError && error.code.startsWith("BUNDLE_"));
});

/** An empty module with one empty custom section. */
function withSection(name) {
  return Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, name.length + 1, name.length, ...new TextEncoder().encode(name));
}
