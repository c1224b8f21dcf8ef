// Coupons, gifts, limits and budgets at the edge: what orders use up is booked with them, and never more than there is.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { units } from "../../www/edge/money.mjs";
import { approved, gifts, outsider, special, stageOffers } from "../offers.mjs";
import { newId, signIn, withCredit } from "./client.mjs";
import { startDemo } from "./workerd.mjs";

let offers;
before(async () => {
  offers = await stageOffers();
});
after(() => offers?.remove());

async function open(t) {
  const server = await startDemo({ staged: offers.folder });
  t.after(server.stop);
  const { dealer, known } = await withCredit(server.origin);
  return { server, dealer, known, lines: offers.roomy(known) };
}

/** An order with what is entered beside its lines, and the claim of a page that has these facts. */
function prepare({ facts, now }, lines, entered) {
  const order = { schema: 1, lines, ...entered };
  const quote = offers.engine.quote({ order: { ...order, source: "portal" }, dealer: facts, now });
  const claimed = { result_hash: quote.result_hash, payable: quote.totals.payable, lines: quote.lines.map(({ id, net }) => ({ id, net })) };
  return { quote, body: { client_order_id: newId(), order, claimed } };
}

const stands = ({ value }) => value.verdict === "accept" || value.verdict === "route";
const digits = 2;
const claimed = (answers, id) => answers.flatMap(({ value }) => value.quote.claims).filter((claim) => claim.budget === id || claim.promotion === id);

test("twenty orders at once never spend more than the budget, and the rest of it is given", async (t) => {
  const { dealer, known, lines } = await open(t);
  const bodies = Array.from({ length: 20 }, () => prepare(known, lines, { coupons: ["LAUNCH-2026"] }).body);
  const answers = await Promise.all(bodies.map((body) => dealer.submit(body)));
  const orders = answers.filter(stands);
  assert.equal(orders.length, 3, "three times 300.00 of 1000.00");
  for (const { value } of answers.filter((answer) => !stands(answer))) assert.equal(value.verdict, "accept_with_changes");
  assert.equal(claimed(orders, "launch").reduce((sum, { amount }) => sum + units(amount, digits), 0n), 90_000n);
  let facts = await dealer.facts();
  assert.equal(facts.facts.budgets.launch.used, "900.00");

  const rest = prepare(facts, lines, { coupons: ["LAUNCH-2026"] });
  assert.deepEqual(rest.quote.claims, [{ kind: "budget", budget: "launch", amount: "100.00", version: facts.facts.budgets.launch.version }]);
  const first = await dealer.submit(rest.body);
  assert.ok(stands(first));
  assert.equal((await dealer.submit(rest.body)).text, first.text, "sent again, it is the same order");
  facts = await dealer.facts();
  assert.equal(facts.facts.budgets.launch.used, "1000.00");
  const { quote } = prepare(facts, lines, { coupons: ["LAUNCH-2026"] });
  assert.equal(quote.coupons[0].effect, "blocked");
  assert.deepEqual(quote.rules.find(({ rule }) => rule === "launch"), {
    rule: "launch", outcome: "blocked", by: "budget", budget: "launch", left: "0.00", amount: "1000.00",
  });
});

test("a limit per dealer holds for orders at once", async (t) => {
  const { dealer, known, lines } = await open(t);
  const bodies = Array.from({ length: 10 }, () => prepare(known, lines, { coupons: ["WELCOME"] }).body);
  const answers = await Promise.all(bodies.map((body) => dealer.submit(body)));
  assert.equal(answers.filter(stands).length, 2);
  assert.deepEqual((await dealer.facts()).facts.usage, { welcome: { dealer: 2, total: 2 } });
});

test("a dealer is told of the use of its own promotions only", async (t) => {
  const { server, dealer, known, lines } = await open(t);
  assert.notEqual(known.facts.id, outsider);
  assert.ok(stands(await dealer.submit(prepare(known, lines, { coupons: ["MOST", "WELCOME"] }).body)));
  assert.deepEqual((await dealer.facts()).facts.usage, { most: { dealer: 1, total: 1 }, welcome: { dealer: 1, total: 1 } });
  const other = await (await signIn(server.origin, outsider)).facts();
  assert.deepEqual(other.facts.usage, { welcome: { dealer: 0, total: 1 } });
});

test("gifts are in the order that stands, as chosen; a gift that nobody gives is refused with its place", async (t) => {
  const { dealer, known, lines } = await open(t);
  const { body } = prepare(known, lines, { gifts: { gift: [gifts[1]] } });
  const { value } = await dealer.submit(body);
  assert.deepEqual(value.quote.gifts.map(({ promotion, sku, chosen }) => [promotion, sku, chosen]), [["gift", gifts[1], "order"]]);
  const { order } = (await dealer.order(body.client_order_id)).value;
  assert.deepEqual(order.gifts, body.order.gifts);
  const wrong = await dealer.submit({ ...body, client_order_id: newId(), order: { ...body.order, gifts: { gift: ["NO-SUCH"] } } });
  assert.deepEqual([wrong.status, wrong.value.code, wrong.value.path], [422, "SKU_UNKNOWN", "order.gifts.gift[0]"]);
});

test("a special price lasts for what is left of its registration, whoever asks at once", async (t) => {
  const { server, dealer, known, lines } = await open(t);
  const ship_to = { customer: special.customer };
  const taken = (answers) => answers.flatMap(({ value }) => value.quote.claims).filter(({ kind }) => kind === "registration");
  const sum = (claims) => claims.reduce((sum, { quantity }) => sum + Number(quantity), 0);
  const bodies = Array.from({ length: 5 }, () => prepare(known, lines, { ship_to }).body);
  const booked = taken((await Promise.all(bodies.map((body) => dealer.submit(body)))).filter(stands));
  let { facts, now } = await dealer.facts();
  assert.equal(Number(facts.registrations[0].used), sum(booked));
  assert.deepEqual(Object.values(facts.registrations[0].periods), [facts.registrations[0].used]);
  for (let round = 0; round < 10 && sum(booked) < special.limit; round++) {
    const answer = await dealer.submit(prepare({ facts, now }, lines, { ship_to }).body);
    assert.ok(stands(answer));
    booked.push(...taken([answer]));
    ({ facts, now } = await dealer.facts());
  }
  assert.equal(sum(booked), special.limit);
  const { quote } = prepare({ facts, now }, lines, { ship_to });
  assert.deepEqual(taken([{ value: { quote } }]), []);
  assert.equal(quote.registrations[0].left, "0");
  const other = await (await signIn(server.origin, outsider)).facts();
  assert.equal(other.facts.registrations[0].used, String(special.limit), "the registration is everybody's");
});

test("what was approved is given once, and an order cannot bring its own", async (t) => {
  const { dealer, known, lines } = await open(t);
  const named = lines.map((line) => ({ ...line, id: approved.line }));
  assert.deepEqual(known.facts.adjustments, [approved]);
  const bodies = [1, 2].map(() => prepare(known, named, {}).body);
  const answers = await Promise.all(bodies.map((body) => dealer.submit(body)));
  assert.deepEqual(answers.map(stands).sort(), [false, true]);
  assert.deepEqual(answers.find(stands).value.quote.approved.map(({ outcome, saving }) => [outcome, saving]), [["applied", "1.00"]]);
  const { facts } = await dealer.facts();
  assert.deepEqual(facts.adjustments, []);
  const { body } = prepare(known, named, {});
  const brought = await dealer.submit({ ...body, order: { ...body.order, adjustments: [approved] } });
  assert.equal(brought.status, 400);
});
