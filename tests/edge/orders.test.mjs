import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { units } from "../../www/edge/money.mjs";
import { ask, engine, findBlocked, findLines, findRedeemable, newId, prepare, signIn, withCredit } from "./client.mjs";
import { startDemo } from "./workerd.mjs";

const digits = engine.policy.digits;
let server, dealers;
before(async () => {
  server = await startDemo();
  dealers = (await ask(server.origin, "/api/dealers")).value;
});
after(() => server?.stop());

/** A server of its own, for tests that count everything a dealer did. */
async function fresh(t) {
  const own = await startDemo();
  t.after(own.stop);
  return own;
}

const exposure = ({ credit }) => ["receivable", "delivered", "open_orders"].reduce((sum, key) => sum + units(credit[key] ?? "0", digits), 0n) - units(credit.prepaid ?? "0", digits);

test("dealers are listed with their names and nothing confidential", () => {
  assert.ok(dealers.length > 0);
  for (const dealer of dealers) {
    assert.deepEqual(Object.keys(dealer).filter((key) => !["id", "name", "traits"].includes(key)), []);
    assert.ok(dealer.name.zh && dealer.name.en, dealer.id);
  }
});

test("without a session nothing is answered; with one, only the dealer's own", async () => {
  for (const path of ["/api/facts", "/api/orders", "/api/orders/some-order"]) {
    const { status, value } = await ask(server.origin, path);
    assert.deepEqual([status, value.code], [401, "SIGNED_OUT"], path);
  }
  const { status, value } = await ask(server.origin, "/api/orders", { body: {} });
  assert.deepEqual([status, value.code], [401, "SIGNED_OUT"]);
  const unknown = await ask(server.origin, "/api/sign-in", { body: { dealer: "nobody" } });
  assert.deepEqual([unknown.status, unknown.value.code, unknown.value.path], [404, "DEALER_UNKNOWN", "dealer"]);
  const [a, b] = await Promise.all(dealers.slice(0, 2).map(({ id }) => signIn(server.origin, id)));
  const known = await a.facts();
  assert.equal(known.facts.id, dealers[0].id);
  assert.equal(known.bundle, engine.policy.bundle);
  const { body } = prepare(known, findLines(known).good);
  assert.equal((await a.submit(body)).status, 200);
  assert.equal((await a.order(body.client_order_id)).status, 200);
  assert.equal((await b.order(body.client_order_id)).status, 404, "another dealer's order does not exist");
});

test("what a dealer declines, and when and how it is delivered, are part of the order", async () => {
  const { dealer, known, found } = await withCredit(server.origin);
  const [{ rule }] = prepare(known, found.good).quote.rules.filter(({ outcome }) => outcome === "applied");
  const tomorrow = new Date(known.now + 2 * 86_400_000).toISOString().slice(0, 10);
  const { quote, body } = prepare(known, found.good, { decline: [rule], deliver: tomorrow, delivery: "pick_up", fulfilled_by: known.facts.id });
  assert.equal(quote.rules.find((one) => one.rule === rule).by, "declined");
  const { status, value } = await dealer.submit(body);
  assert.deepEqual([status, value.verdict, value.quote.result_hash], [200, "accept", quote.result_hash]);
});

test("accept: stored, listed, and its exposure and volume count from then on", async () => {
  const { dealer, known, found } = await withCredit(server.origin);
  const { quote, body } = prepare(known, found.good);
  const { status, value } = await dealer.submit(body);
  assert.deepEqual([status, value.verdict, value.reasons], [200, "accept", []]);
  assert.equal(value.quote.result_hash, quote.result_hash, "although time and facts differ");
  const after = await dealer.facts();
  assert.equal(exposure(after.facts) - exposure(known.facts), units(quote.totals.payable, digits));
  for (const { program, period, qualifier, volume } of quote.rebates.filter(({ volume }) => /[1-9]/.test(volume.cart))) {
    const open = ({ facts }) => facts.volumes?.find((known) => known.program === program && known.period === period)?.open?.[qualifier] ?? "0";
    assert.equal(units(String(open(after)), 6) - units(String(open(known)), 6), units(volume.cart, 6), program);
  }
  const { orders } = (await dealer.ask("/api/orders")).value;
  assert.deepEqual(
    orders.filter((order) => order.client_order_id === body.client_order_id).map(({ verdict, payable, lines, currency }) => ({ verdict, payable, lines, currency })),
    [{ verdict: "accept", payable: quote.totals.payable, lines: 1, currency: engine.policy.currency }]);
});

test("lots of rebate pay for orders, and none is used twice, however many orders come at once", async (t) => {
  const own = await fresh(t);
  const dealer = await signIn(own.origin, "H001");
  const known = await dealer.facts();
  const held = ({ facts }) => facts.lots.map(({ balance }) => units(balance, digits)).reduce((sum, balance) => sum + balance, 0n);
  const lines = findRedeemable(known);
  const { quote, body } = prepare(known, lines, { redeem: "max" });
  const { value } = await dealer.submit(body);
  assert.deepEqual([value.verdict, value.quote.claims], ["accept", quote.claims]);
  const after = await dealer.facts();
  assert.equal(held(known) - held(after), units(quote.totals.redeemed, digits));
  assert.equal(exposure(after.facts) - exposure(known.facts), units(quote.totals.payable, digits), "credit counts what is left to pay");

  // The same rest of the lots is claimed by many orders at once; each that stands was decided on what the others left.
  const orders = Array.from({ length: 8 }, () => prepare(after, lines, { redeem: "max" }).body);
  const decided = await Promise.all(orders.map((order) => dealer.submit(order)));
  const standing = decided.filter(({ value }) => value.verdict === "accept" || value.verdict === "route");
  const used = standing.reduce((sum, { value }) => sum + units(value.quote.totals.redeemed, digits), 0n);
  const last = await dealer.facts();
  assert.equal(held(after) - held(last), used);
  assert.ok(last.facts.lots.every(({ balance }) => units(balance, digits) >= 0n));
  const again = await dealer.submit(orders[0]);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.equal(held(await dealer.facts()), held(last), "asked again, nothing is used again");
});

test("accept_with_changes: a stale claim counts for nothing until it is sent again with the server's result", async () => {
  const { dealer, known, found } = await withCredit(server.origin);
  const { quote, body } = prepare(known, found.good);
  const stale = { ...body, claimed: { result_hash: "0".repeat(64), payable: "0.01", lines: [{ id: quote.lines[0].id, net: "0.01" }] } };
  const { value } = await dealer.submit(stale);
  assert.equal(value.verdict, "accept_with_changes");
  assert.deepEqual(value.reasons.filter(({ code }) => code === "CHANGED_TOTAL"), [{ code: "CHANGED_TOTAL", yours: "0.01", mine: quote.totals.payable }]);
  assert.deepEqual(value.reasons.filter(({ code }) => code === "CHANGED_LINE"), [{ code: "CHANGED_LINE", line: quote.lines[0].id, yours: "0.01", mine: quote.lines[0].net }]);
  assert.equal(exposure((await dealer.facts()).facts), exposure(known.facts), "no credit is used");
  const { orders } = (await dealer.ask("/api/orders")).value;
  assert.ok(!orders.some((order) => order.client_order_id === stale.client_order_id), "it is no order");
  const again = { client_order_id: newId(), order: body.order, claimed: { result_hash: value.quote.result_hash } };
  assert.equal((await dealer.submit(again)).value.verdict, "accept");
});

test("route: over the credit limit it waits for approval, says how to pass, and its exposure counts", async (t) => {
  const { origin } = await fresh(t);
  const { dealer, known, found } = await withCredit(origin);
  let factor = 2;
  while (!found.codes(found.times(factor)).includes("CREDIT_LIMIT")) factor *= 2;
  const { quote, body } = prepare(known, found.times(factor));
  const { value } = await dealer.submit(body);
  assert.equal(value.verdict, "route");
  const [reason] = value.reasons;
  assert.equal(reason.code, "CREDIT_LIMIT");
  assert.match(reason.text.zh, /\p{Script=Han}/u);
  assert.match(reason.text.en, /[a-z]/);
  const guard = value.quote.guards[reason.guard];
  assert.equal(units(guard.prepay, digits), exposure(known.facts) + units(quote.totals.payable, digits) - units(guard.limit, digits));
  assert.equal(exposure((await dealer.facts()).facts) - exposure(known.facts), units(quote.totals.payable, digits));
});

test("reject: a block says why, and nothing counts", async () => {
  const dealer = await signIn(server.origin, dealers[0].id);
  const known = await dealer.facts();
  const { body } = prepare(known, findBlocked(known));
  const { value } = await dealer.submit(body);
  assert.equal(value.verdict, "reject");
  assert.match(value.reasons[0].code, /^QTY_/);
  assert.ok(value.reasons[0].text.zh && value.reasons[0].text.en);
  assert.deepEqual((await dealer.facts()).facts.credit, known.facts.credit);
  assert.equal((await dealer.order(body.client_order_id)).value.verdict, "reject", "the decision is kept for the record");
});

test("the order's source is the server's word", async () => {
  const { dealer, known, found } = await withCredit(server.origin);
  const { body } = prepare(known, found.good);
  const { status, value } = await dealer.submit({ ...body, order: { ...body.order, source: "counter" } });
  assert.deepEqual([status, value.code, value.path], [400, "UNKNOWN_FIELD", "order.source"]);
  await dealer.submit(body);
  assert.equal((await dealer.order(body.client_order_id)).value.order.source, "portal");
});

test("sent twice with the same id: one order, the same answer, however the JSON is written", async () => {
  const { dealer, known, found } = await withCredit(server.origin);
  const { body } = prepare(known, found.good);
  const first = await dealer.submit(body);
  const second = await dealer.submit(JSON.stringify(Object.fromEntries(Object.entries(body).reverse()), null, 2));
  assert.equal(second.text, first.text);
  assert.equal(second.headers.get("idempotency-replayed"), "true");
  const other = await dealer.submit({ ...body, order: { ...body.order, lines: found.times(2) } });
  assert.deepEqual([other.status, other.value.code, other.value.path], [409, "CLIENT_ORDER_ID_REUSED", "client_order_id"]);
});

test("sent fifty times at once: one order", async (t) => {
  const { origin } = await fresh(t);
  const { dealer, known, found } = await withCredit(origin);
  const { body, quote } = prepare(known, found.good);
  const answers = await Promise.all(Array.from({ length: 50 }, () => dealer.submit(body)));
  assert.deepEqual([...new Set(answers.map(({ text }) => text))].length, 1);
  assert.equal(answers.filter(({ headers }) => headers.has("idempotency-replayed")).length, 49);
  assert.equal((await dealer.ask("/api/orders")).value.orders.length, 1);
  assert.equal(exposure((await dealer.facts()).facts) - exposure(known.facts), units(quote.totals.payable, digits));
});

test("thirty orders at once never use more credit than there is", async (t) => {
  const { origin } = await fresh(t);
  const { dealer, known, found } = await withCredit(origin);
  let most = 1;
  while (!found.codes(found.times(most * 2)).includes("CREDIT_LIMIT")) most *= 2;
  const lines = found.times(Math.max(1, Math.floor(most / 4)));
  const answers = await Promise.all(Array.from({ length: 30 }, () => dealer.submit(prepare(known, lines).body)));
  const accepted = answers.filter(({ value }) => value.verdict === "accept");
  const routed = answers.filter(({ value }) => value.verdict === "route");
  assert.equal(accepted.length + routed.length, 30, "every claim still holds although the facts have moved on");
  assert.ok(accepted.length >= 4 && routed.length > 0);
  const used = accepted.reduce((sum, { value }) => sum + units(value.quote.totals.payable, digits), exposure(known.facts));
  assert.ok(used <= units(known.facts.credit.limit, digits), "what was accepted fits the limit");
  const one = units(accepted[0].value.quote.totals.payable, digits);
  assert.ok(used + one > units(known.facts.credit.limit, digits), "and no order was turned away that still fitted");
});

test("any decision replays bit for bit from its record", async () => {
  const { dealer, known, found } = await withCredit(server.origin);
  for (const lines of [found.good, findBlocked(known)]) {
    const { body } = prepare(known, lines);
    const { value: answer } = await dealer.submit(body);
    const { order, replay } = (await dealer.order(body.client_order_id)).value;
    assert.deepEqual([replay.bundle, replay.engine, replay.claimed], [engine.policy.bundle, engine.policy.engine, body.claimed]);
    const again = engine.verify({ order, dealer: replay.dealer, now: replay.now, claimed: replay.claimed });
    assert.deepEqual(again.quote, answer.quote);
    assert.equal(again.verdict, answer.verdict);
    assert.deepEqual([again.quote.inputs_hash, again.quote.result_hash], [replay.inputs_hash, replay.result_hash]);
  }
});

test("what the engine refuses is answered with every fault and stored nowhere", async () => {
  const { dealer, known, found } = await withCredit(server.origin);
  const { body } = prepare(known, found.good);
  const cases = [
    [[{ sku: "NO-SUCH-SKU", quantity: 1 }], "order.lines[0].sku"],
    [[{ ...found.good[0], price: "1.00" }], "order.lines[0].price"],
    [[{ ...found.good[0], quantity: "1e3" }], "order.lines[0].quantity"],
    [[{ ...found.good[0], quantity: 0.5 }], "order.lines[0].quantity"],
    [[{ ...found.good[0], quantity: "-1" }], "order.lines[0].quantity"],
    [[{ ...found.good[0], quantity: "１" }], "order.lines[0].quantity"],
  ];
  for (const [lines, path] of cases) {
    const { status, value } = await dealer.submit({ ...body, client_order_id: newId(), order: { schema: 1, lines } });
    assert.equal(status, 422, path);
    assert.equal(value.path, path);
    assert.ok(value.code && value.message && value.faults.length > 0);
  }
  const claim = await dealer.submit({ ...body, client_order_id: newId(), claimed: { result_hash: 7 } });
  assert.equal(claim.status, 422);
});

test("a loop is stopped", async (t) => {
  const { origin } = await fresh(t);
  const { dealer, known, found } = await withCredit(origin);
  const { body } = prepare(known, found.good);
  const statuses = new Set();
  for (let round = 0; round < 13; round++) {
    const answers = await Promise.all(Array.from({ length: 10 }, () => dealer.submit({ ...body, client_order_id: newId() })));
    for (const { status, value } of answers) statuses.add(`${status} ${value.code ?? ""}`);
  }
  assert.deepEqual(statuses, new Set(["200 ", "429 TOO_MANY"]));
});

test("killed in the middle and started again: every answered order is there, and none is there twice", async (t) => {
  const first = await startDemo();
  t.after(() => rmSync(first.state, { recursive: true, force: true }));
  const { dealer, known, found } = await withCredit(first.origin);
  const bodies = Array.from({ length: 60 }, () => prepare(known, found.good).body);
  const answered = new Map();
  let gone;
  await Promise.all(bodies.map(async (body, index) => {
    if (index >= 10) await new Promise((resolve) => setTimeout(resolve, index));
    try {
      answered.set(body.client_order_id, (await dealer.submit(body)).text);
      if (answered.size === 25) gone = first.kill();
    } catch { /* the connection broke: unknown, like a lost answer */ }
  }));
  await gone;
  assert.ok(answered.size >= 25);

  const second = await startDemo({ state: first.state });
  t.after(second.stop);
  const back = await signIn(second.origin, known.facts.id);
  for (const [id, text] of answered) {
    const { status, value } = await back.order(id);
    assert.equal(status, 200, "an answered order is not lost");
    assert.equal(value.number, JSON.parse(text).number);
  }
  for (const body of bodies) assert.equal((await back.submit(body)).status, 200);
  const { orders } = (await back.ask("/api/orders")).value;
  assert.deepEqual(new Set(orders.map((order) => order.client_order_id)), new Set(bodies.map((body) => body.client_order_id)));
  const sum = orders.reduce((all, { payable }) => all + units(payable, digits), 0n);
  assert.equal(exposure((await back.facts()).facts) - exposure(known.facts), sum, "each order uses credit once");
});
