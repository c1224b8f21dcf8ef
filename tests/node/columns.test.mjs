import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { bytesOf, pack, qudao } from "../places.mjs";

const bundle = bytesOf(pack.bundles[pack.sample]);
const { input } = pack.cases.find(({ bundle, input }) => bundle === pack.sample && input.order.lines.length > 1);
const engine = await qudao.load(bundle);
const canonical = (question) => new TextDecoder().decode(engine.quoteBytes(question));
const [first, second] = input.order.lines;
const ordered = (lines, more) => ({ ...input, order: { ...input.order, lines, ...more } });

/** What a call throws, or gives. */
function outcome(call) {
  try {
    return JSON.stringify(call());
  } catch (error) {
    assert.ok(error instanceof qudao.QudaoError, error.stack);
    return error.faults;
  }
}

test("however an order is written, the object is the canonical text", () => {
  class Line {
    sku = first.sku;
    quantity = 3;
  }
  const orders = [
    ordered([]),
    ordered([first, second, first]),
    ordered([{ ...first, id: "mine|台" }, { ...first, id: "10" }, { ...second, id: "9" }]),
    ordered([{ sku: first.sku, quantity: "007" }, { quantity: 2n, sku: second.sku }]),
    ordered([Object.freeze({ ...first, unit: undefined, id: undefined }), { ...second, unit: null }]),
    ordered([new Line(), Object.assign(Object.create(null), second)]),
    ordered([first], { attributes: { note: "line\nfeed \\n back\\slash \"quoted\" \u0001 渠道", "key\n\\": "" } }),
    ordered(Array.from({ length: 500 }, (_, index) => ({ sku: first.sku, quantity: index + 1, id: `line ${index}` }))),
  ];
  for (const order of orders) {
    assert.equal(JSON.stringify(engine.quote(order)), canonical(order));
    assert.deepEqual(engine.quote(order), JSON.parse(canonical(order)));
    assert.deepEqual(structuredClone(engine.quote(order)), JSON.parse(canonical(order)));
  }
});

test("however an order is wrong, both ways say the same", () => {
  const lines = [
    { sku: "no such\nthing", quantity: 1 },
    { sku: "no such\\thing", quantity: 1 },
    { sku: "", quantity: "" },
    { ...first, quantity: "1.5.5" },
    { ...first, quantity: -1 },
    { ...first, quantity: 0 },
    { ...first, quantity: "99999999999999999999" },
    { ...first, quantity: "1\n2" },
    { ...first, unit: "no such" },
    { ...first, unit: "" },
    { ...first, id: "" },
    { ...first, id: " x" },
    { ...first, color: "red" },
    { quantity: 1 },
    { sku: first.sku },
    { sku: 5, quantity: 1 },
    "text",
    null,
    [],
  ];
  const orders = [...lines.map((line) => ordered([first, line])), ordered({}), ordered("none"), ordered([{ ...first, id: "x" }, { ...second, id: "x" }])];
  for (const order of orders) {
    const refused = outcome(() => engine.quoteBytes(order));
    assert.ok(Array.isArray(refused), JSON.stringify(order.order.lines));
    assert.deepEqual(outcome(() => engine.quote(order)), refused);
    // The same order, its lines read one by one.
    const slow = ordered(Array.isArray(order.order.lines) ? order.order.lines.map((line) => (line && typeof line === "object" && !Array.isArray(line) ? Object.assign(Object.create(null), line) : line)) : order.order.lines);
    assert.deepEqual(outcome(() => engine.quote(slow)), refused);
  }
});

test("hashes are computed when read, once, and are those of their own answer", () => {
  const { inputs_hash, result_hash } = JSON.parse(canonical(input));
  const quote = engine.quote(input);
  engine.quote(ordered([first]));
  assert.deepEqual([quote.result_hash, quote.inputs_hash], [result_hash, inputs_hash]);
  assert.deepEqual(Object.keys(quote).slice(-2), ["inputs_hash", "result_hash"]);
  quote.result_hash = "mine";
  assert.equal(quote.result_hash, "mine");
  const frozen = Object.freeze(engine.quote(input));
  assert.deepEqual([frozen.result_hash, frozen.inputs_hash], [result_hash, inputs_hash]);
  for (const copy of [{ ...frozen }, structuredClone(frozen)]) {
    assert.deepEqual(copy, JSON.parse(canonical(input)));
    assert.deepEqual(Reflect.ownKeys(copy), Object.keys(frozen));
  }
});

test("a quote that nobody has any more is garbage at once, not when the whole heap is searched", () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc");
  const used = () => (gc({ type: "minor" }), process.memoryUsage().heapUsed);
  const price = (times) => {
    for (let time = 0; time < times; time++) engine.quote(input);
  };
  price(50);
  gc();
  const before = used();
  for (let round = 0; round < 10; round++) {
    price(20);
    used();
  }
  const grown = (used() - before) / 200;
  const size = JSON.stringify(engine.quote(input)).length;
  assert.ok(grown < size / 4, `${Math.round(grown)} bytes of each quote are left, of ${size}`);
});

test("a session's answers are those of a fresh engine, before and after further edits", () => {
  const { order, dealer, now } = input;
  const session = engine.session({ dealer, now, source: order.source });
  const lines = [first, second].map(({ sku, quantity }) => ({ sku, quantity }));
  const fresh = (lines) => JSON.parse(canonical({ order: { schema: 1, source: order.source, lines }, dealer, now }));
  for (const { sku, quantity } of lines) session.set(sku, quantity);
  const whole = session.quote();
  session.set(first.sku, 1);
  const edited = [{ sku: first.sku, quantity: 1 }, lines[1]];
  assert.deepEqual(session.totals(), fresh(edited).totals);
  const changes = session.changes();
  session.clear();
  assert.deepEqual(session.totals(), fresh([]).totals);
  assert.deepEqual(whole, fresh(lines));
  const after = fresh(edited);
  const { removed, lines: changed, ...rest } = changes;
  const { lines: all, ...expected } = after;
  assert.deepEqual(rest, expected);
  assert.deepEqual(removed, []);
  for (const line of changed) assert.deepEqual(line, all.find(({ id }) => id === line.id));
  assert.deepEqual(session.changes().removed.sort(), all.map(({ id }) => id).sort());
});
